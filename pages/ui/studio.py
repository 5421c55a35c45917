"""Where the runs live: in this process, or in processes of their own, so that they use all cores. Pages and the line need
not know which: they call the functions of `asking` and `commands`, and the studio carries each call to where its run is.

    run_id = studio().begin(config)
    studio().call(run_id, commands.change, {"lr_d": 1e-3})

The environment variable GAN_WORKERS says how many processes there may be: 0 = none, the runs live here. GAN_CLUSTER names a
Ray cluster, whose machines have the runs of all web servers that it serves.
"""

import contextlib
import functools
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar

from gan_core import RunGone, TrainConfig
from pages.ui import asking, census, feed, processes, stopping
from pages.ui.looks import View
from pages.ui.relay import WorkerDied

T = TypeVar("T")


class Channel(Protocol):
    """Where the frames of one run come from."""

    async def frame(self, have: int, view: View) -> tuple[int, bytes]:
        """The latest version that is another one than `have`, and its frame; waits for it."""
        ...


class Studio(Protocol):
    """The runs of all visitors, wherever they are."""

    def begin(self, config: TrainConfig) -> str:
        """A new paused run; see `Runner.create`."""
        ...

    def place(self, do: Callable[..., T], *args: Any) -> T:
        """What `do(*args)` gives where the next run would live: the key, with the prefix of that process, of something else
        that trains there."""
        ...

    def submit(self, key: str, do: Callable[..., Any], *args: Any, **named: Any) -> Future[Any]:
        """What `do(key, *args)` gives, or raises, where the run is that this key opens; what a future holds that it gives.
        `do`, a function of a module, and all that comes and goes must be what pickle can send.

        Raises:
            RunGone: there is no such run.
        """
        ...

    def call(self, key: str, do: Callable[..., T], *args: Any, **named: Any) -> T:
        """As `submit`, and waits for it."""
        ...

    async def acall(self, key: str, do: Callable[..., T], *args: Any, **named: Any) -> T:
        """As `submit`, for an event loop."""
        ...

    def everywhere(self, do: Callable[..., Any], *args: Any) -> Mapping[str, Future[Any]]:
        """As `submit`, without a key, in each process in which there are runs, or soon will be: its name -> what it gives."""
        ...

    def watch(self, run_id: str, *, watching: bool = False) -> contextlib.AbstractAsyncContextManager[Channel]:
        """Inside, this is where frames come from, and the watcher counts as a visitor of the run, perhaps as one who only
        watches.

        Raises:
            RunGone: the run was released.
        """
        ...

    def __contains__(self, run_id: str) -> bool: ...

    def waits(self, run_id: str, config: TrainConfig) -> bool:
        """Whether this run waits for its visitor to come back to this server, with these settings.

        Raises:
            RunGone: there is none.
        """
        ...

    def keep(self, folder: str) -> Mapping[str, Future[int]]:
        """Write the recordings of the runs that end with this server: process -> how many, see `census.keep`."""
        ...

    def shutdown(self) -> None:
        """Release all runs that end with this server."""
        ...


class Here:
    """The runs live in this process."""

    def begin(self, config: TrainConfig) -> str:
        """See `Studio`."""
        return asking.begin(config)

    def place(self, do: Callable[..., T], *args: Any) -> T:
        """See `Studio`."""
        return do(*args)

    def submit(self, key: str, do: Callable[..., Any], *args: Any, **named: Any) -> Future[Any]:
        """See `Studio`."""
        found = do(key, *args, **named)
        if isinstance(found, Future):
            return found
        answer: Future[Any] = Future()
        answer.set_result(found)
        return answer

    def call(self, key: str, do: Callable[..., T], *args: Any, **named: Any) -> T:
        """See `Studio`."""
        return self.submit(key, do, *args, **named).result()

    async def acall(self, key: str, do: Callable[..., T], *args: Any, **named: Any) -> T:
        """See `Studio`."""
        return do(key, *args, **named)

    def everywhere(self, do: Callable[..., Any], *args: Any) -> Mapping[str, Future[Any]]:
        """See `Studio`."""
        answer: Future[Any] = Future()
        try:
            answer.set_result(do(*args))
        except Exception as error:
            answer.set_exception(error)
        return {"server": answer}

    @contextlib.asynccontextmanager
    async def watch(self, run_id: str, *, watching: bool = False) -> AsyncIterator[Channel]:
        """See `Studio`."""
        with feed.CHANNELS.watch(run_id, feed.runner().run(run_id), watching=watching) as channel:
            yield channel

    def __contains__(self, run_id: str) -> bool:
        return run_id in feed.runner()

    def waits(self, run_id: str, config: TrainConfig) -> bool:
        """See `Studio`."""
        return asking.waits(run_id, config)

    def keep(self, folder: str) -> Mapping[str, Future[int]]:
        """See `Studio`."""
        return self.everywhere(census.keep, folder)

    def shutdown(self) -> None:
        """See `Studio`."""
        feed.runner().shutdown()


_making = threading.Lock()


def studio() -> Studio:
    """The one of this server."""
    with _making:  # of the threads that ask first, one makes it
        return _made()


@functools.cache
def _made() -> Studio:
    made: Studio = Here()
    if processes.cluster():
        from pages.ui.cluster.studio import Cluster

        made = Cluster(processes.cluster())
    elif processes.allowed():
        from pages.ui.workers import Workers

        made = Workers(processes.allowed())
    stopping.before_the_end(functools.partial(_close, made))
    return made


def _close(made: Studio) -> None:
    """Keep what is to be kept, and end."""
    stopping.keep(made.keep)
    made.shutdown()


def copy_of(run_id: str, begin: Callable[[TrainConfig], str], patience: float) -> tuple[str, TrainConfig]:
    """A new run that stands, paused, where this one is now, and its settings; this one trains on.

    Args:
        begin: makes the new one. patience: seconds.
    Raises:
        RunnerFull, TimeoutError, CancelledError, RuntimeError: there is none.
    """
    tape = studio().submit(run_id, asking.tape).result(patience)
    copy = begin(tape.end.config)
    return copy, studio().call(copy, asking.open_tape, tape)


def deserted(run_ids: Sequence[str], config: TrainConfig) -> str | None:
    """The first of these runs that lives, has this config, and waits for its visitor to come back."""
    for run_id in run_ids:
        with contextlib.suppress(RunGone, WorkerDied):
            if studio().waits(run_id, config):
                return run_id
    return None
