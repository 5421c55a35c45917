"""The frames of runs that live elsewhere, each of which travels once for all who wait for the same."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

from pages.ui.looks import View

AGAIN = 0.2  # seconds from one attempt to reach a process that has ended to the next


class WorkerDied(RuntimeError):
    """The process has ended before it could answer."""


class Relay:
    """The frames of one run, see `studio.Channel`.

    Args:
        run_id: of the run. ask: run, version, view -> the first frame of another version. come_back: run -> be its visitor
            again, once another process has taken the place of the one that ended.
    """

    def __init__(
        self,
        run_id: str,
        ask: Callable[[str, int, View], Coroutine[Any, Any, tuple[int, bytes]]],
        come_back: Callable[[str], Coroutine[Any, Any, None]],
    ):
        self._run_id, self._ask, self._come_back = run_id, ask, come_back
        self._asked: dict[tuple[int, View], asyncio.Task[tuple[int, bytes]]] = {}
        self._waiting: dict[tuple[int, View], int] = {}

    @property
    def is_asked(self) -> bool:
        """Whether somebody waits."""
        return bool(self._asked)

    async def frame(self, have: int, view: View) -> tuple[int, bytes]:
        """See `studio.Channel`."""
        while True:
            try:
                return await self._shared(have, view)
            except WorkerDied:
                await self._until_it_is_back()

    async def _until_it_is_back(self) -> None:
        while True:
            await asyncio.sleep(AGAIN)
            with contextlib.suppress(WorkerDied):
                return await self._come_back(self._run_id)

    async def _shared(self, have: int, view: View) -> tuple[int, bytes]:
        asked = have, view
        task = self._asked.get(asked)
        if task is None:
            task = self._asked[asked] = asyncio.create_task(self._ask(self._run_id, have, view))
            task.add_done_callback(lambda done: self._forget(asked, done))
        self._waiting[asked] = self._waiting.get(asked, 0) + 1
        try:
            return await asyncio.shield(task)
        finally:
            self._waiting[asked] -= 1
            if not self._waiting[asked]:
                del self._waiting[asked]
                self._asked.pop(asked, None)  # at once: whoever asks next must not wait for what is cancelled
                task.cancel()

    def _forget(self, asked: tuple[int, View], task: "asyncio.Task[Any]") -> None:
        if self._asked.get(asked) is task:
            del self._asked[asked]
        if not task.cancelled():
            task.exception()  # whoever waits has it


class Relays:
    """Those of all runs that somebody watches. Args: see `Relay`."""

    def __init__(
        self,
        ask: Callable[[str, int, View], Coroutine[Any, Any, tuple[int, bytes]]],
        come_back: Callable[[str], Coroutine[Any, Any, None]],
    ):
        self._ask, self._come_back = ask, come_back
        self._open: dict[str, Relay] = {}

    def of(self, run_id: str) -> Relay:
        """The relay of this run."""
        if run_id not in self._open:
            self._open = {other: relay for other, relay in self._open.items() if relay.is_asked}
            self._open[run_id] = Relay(run_id, self._ask, self._come_back)
        return self._open[run_id]
