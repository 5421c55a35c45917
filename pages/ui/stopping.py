"""The end of the server: lines close so that browsers come back, recordings are kept, processes end.

On SIGTERM uvicorn closes all sockets with code 1012, "service restart", after which browsers open them anew; what is
here comes after that. The environment variable GAN_KEEP names a folder for the recordings of the runs that have visitors.
"""

import asyncio
import contextlib
import logging
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import Future
from types import FrameType
from typing import Any

LONGEST = 10.0  # seconds that keeping may take
_log = logging.getLogger(__name__)
_last: list[Callable[[], object]] = []
_waits: set[asyncio.Timeout] = set()


def before_the_end(do: Callable[[], object]) -> None:
    """Do this when the server stops; it may take seconds."""
    _last.append(do)


@contextlib.asynccontextmanager
async def lifespan(app: object) -> AsyncIterator[None]:
    """While the server serves; for `st.App`."""
    _listen(asyncio.get_running_loop())
    yield
    await asyncio.to_thread(_end)


def _end() -> None:
    while _last:
        try:
            _last.pop()()
        except Exception:
            _log.exception("the server did not stop as it should")


# ---- requests that wait ----


@contextlib.asynccontextmanager
async def patience(seconds: float) -> AsyncIterator[None]:
    """Inside, one waits for so long, or until the server is to stop.

    Raises:
        TimeoutError: after that.
    """
    async with asyncio.timeout(seconds) as wait:
        _waits.add(wait)
        try:
            yield
        finally:
            _waits.discard(wait)


def let_go() -> None:
    """End all waits, so that nobody holds up the end of the server."""
    for wait in _waits:
        with contextlib.suppress(RuntimeError):  # it ends already
            wait.reschedule(asyncio.get_running_loop().time())


def _listen(loop: asyncio.AbstractEventLoop) -> None:
    """Hear of SIGTERM as soon as the server does, who then waits for all requests before it says so."""
    with contextlib.suppress(ValueError):  # not the main thread: somebody else's server, who stops it otherwise
        before = signal.getsignal(signal.SIGTERM)
        if not callable(before):
            return

        def heard(number: int, frame: FrameType | None) -> None:
            with contextlib.suppress(RuntimeError):  # the server has ended
                loop.call_soon_threadsafe(let_go)
            before(number, frame)

        signal.signal(signal.SIGTERM, heard)


# ---- recordings ----


def keep(ask: Callable[[str], Mapping[str, Future[Any]]]) -> None:
    """Keep the recordings, if they are to be kept; problems are logged, in a line.

    Args:
        ask: folder -> process -> how many recordings it has written there, or an OSError.
    """
    folder = os.environ.get("GAN_KEEP", "")
    if not folder:
        return
    last, kept, problems = time.monotonic() + LONGEST, 0, []
    for answer in ask(os.path.abspath(folder)).values():
        try:
            kept += answer.result(max(last - time.monotonic(), 0))
        except Exception as error:
            problems.append(str(error) or type(error).__name__)
    if problems:
        _log.error("not all recordings could be kept in %s: %s", folder, problems[0])
    else:
        _log.warning("recordings kept in %s: %d", folder, kept)
