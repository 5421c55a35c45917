"""Frames of the runs in this process, packed once per version, language and choice of view, for all who watch.

Works in an event loop: the server's, or that of a process of runs; see `line` and `studio` for what carries them.
"""

import asyncio
import contextlib
import functools
import secrets
from typing import Any

from gan_core import Run, Runner, Snapshot
from pages.ui.board import pack
from pages.ui.looks import View
from pages.ui.stage_frames import frame
from pages.ui.text import speaking

FRAMES = 16  # of one version, for different views, that are kept
_prefix = ""  # of the keys of this process's runs


@functools.cache
def runner() -> Runner:
    """The one runner of this process; all its runs share its threads."""
    return Runner(prefix=_prefix)


def settle_in(prefix: str) -> None:
    """The keys of this process's runs begin so."""
    global _prefix
    _prefix = prefix


def new_key() -> str:
    """A key that nobody can guess, of something that lives in this process."""
    return _prefix + secrets.token_urlsafe(16)


class Channel:
    """One run, and those who wait for its next frame."""

    def __init__(self, run: Run):
        """Called in the event loop in which they wait."""
        self.run = run
        self.watchers = 0
        self._bell = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._frames: dict[View, tuple[int, bytes]] = {}
        self._stop = run.listen(self._ring)

    def close(self) -> None:
        """Nobody waits any more."""
        self._stop()

    async def frame(self, have: int, view: View) -> tuple[int, bytes]:
        """The latest version that is another one than `have`, and its frame; waits for it."""
        while True:
            bell = self._bell
            snapshot = self.run.snapshot()
            version = snapshot.version if snapshot else self.run.version if self.run.why_stopped else 0
            if version not in (0, have):
                return version, self._packed(version, snapshot, view)
            await bell.wait()

    def _ring(self) -> None:
        """In the worker's thread: there is something new."""
        with contextlib.suppress(RuntimeError):  # the event loop has ended
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        self._bell.set()
        self._bell = asyncio.Event()

    def _packed(self, version: int, snapshot: Snapshot | None, view: View) -> bytes:
        kept = self._frames.get(view)
        if kept is None or kept[0] != version:
            fresh = [(v, kept) for v, kept in self._frames.items() if kept[0] == version]
            self._frames = dict(fresh[1 - FRAMES :])  # those who look back ask for one after the other
            with speaking(view.language):
                kept = self._frames[view] = version, pack(frame(self.run, snapshot, view))
        return kept[1]


class Channels:
    """The channels that somebody watches, by run."""

    def __init__(self) -> None:
        self._open: dict[str, Channel] = {}

    @contextlib.contextmanager
    def watch(self, run_id: str, run: Run, *, visits: bool = True, watching: bool = False) -> Any:
        """Inside, this is the run's channel.

        Args:
            visits: whether the watcher counts as a visitor of the run; watching: as one who only watches.
        Raises:
            RunGone: the run was released.
        """
        if visits:
            runner().attach(run_id, watching=watching)
        channel = self._open.get(run_id)
        if channel is None:
            channel = self._open[run_id] = Channel(run)
        channel.watchers += 1
        try:
            yield channel
        finally:
            if visits:
                runner().detach(run_id, watching=watching)
            channel.watchers -= 1
            if not channel.watchers and self._open.get(run_id) is channel:
                channel.close()
                del self._open[run_id]

    def __len__(self) -> int:
        return len(self._open)


CHANNELS = Channels()


async def next_frame(run_id: str, have: int, view: View) -> tuple[int, bytes]:
    """See `Channel.frame`."""
    with CHANNELS.watch(run_id, runner().run(run_id), visits=False) as channel:
        return await channel.frame(have, view)
