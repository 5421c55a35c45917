"""A process in which runs live: it does what the web server asks of it, see `workers`.

Started as `python -m pages.ui.worker`, with the way back on its standard input. It ends with the web server.
"""

import asyncio
import contextlib
import importlib
import inspect
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from multiprocessing.connection import Client, Connection
from typing import Any

_SENDS_EVERY = 5.0  # seconds: what runs send of themselves


async def done(do: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> tuple[bool, Any]:
    """Whether that went well, and what it gives, or raises; what a future holds that it gives. It can travel."""
    try:
        found = do(*args, **named)
        if inspect.isawaitable(found):
            found = await found
        elif isinstance(found, Future):
            found = await _held_by(found)
        return True, found
    except Exception as error:
        try:
            pickle.dumps(error)
        except Exception:
            return False, RuntimeError(f"{type(error).__name__}: {error}")
        return False, error


async def _held_by(future: "Future[Any]") -> Any:
    """What it holds.

    Raises:
        RunGone: what was asked is gone, and the question with it.
    """
    try:
        return await asyncio.wrap_future(future)
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task and task.cancelling():  # whoever has asked is gone
            raise
        from gan_core import RunGone  # not above: it loads PyTorch

        raise RunGone from None


class Servant:
    """Does what it is asked in one event loop, and answers in any order."""

    def __init__(self, connection: Connection):
        self._connection = connection
        self._lock = threading.Lock()  # guards sending
        self._tasks: dict[int, asyncio.Task[None]] = {}

    async def serve(self) -> None:
        """Until the web server is gone."""
        loop, gone = asyncio.get_running_loop(), asyncio.Event()
        threading.Thread(target=self._listen, args=[loop, gone], daemon=True).start()
        sending = asyncio.create_task(self._send_keepsakes())
        await gone.wait()
        sending.cancel()

    def _listen(self, loop: asyncio.AbstractEventLoop, gone: asyncio.Event) -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                loop.call_soon_threadsafe(self._take, *pickle.loads(self._connection.recv_bytes()))
        loop.call_soon_threadsafe(gone.set)

    def _take(self, n: int, do: Callable[..., Any] | None, args: tuple[Any, ...], named: dict[str, Any]) -> None:
        if do is None:  # nobody waits any more
            if task := self._tasks.get(n):
                task.cancel()
            return
        self._tasks[n] = asyncio.create_task(self._answer(n, do, args, named))
        self._tasks[n].add_done_callback(lambda _: self._tasks.pop(n, None))

    async def _answer(self, n: int, do: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> None:
        good, value = await done(do, args, named)
        try:
            self._send((n, good, value))
        except Exception as error:  # it cannot travel
            self._send((n, False, RuntimeError(f"{type(error).__name__}: {error}")))

    async def _send_keepsakes(self) -> None:
        from pages.ui import beside, feed, keepsakes, tidying

        tidying.settle_down()
        told: set[str] = set()
        while True:
            await asyncio.sleep(_SENDS_EVERY)
            news, alive = keepsakes.keepsakes(), set(feed.runner().alone())
            if news or alive != told:
                self._send((None, alive, news))
            if beside.forget() or told - alive:
                await asyncio.to_thread(tidying.tidy)
            told = alive

    def _send(self, message: tuple[int | None, bool | set[str], Any]) -> None:
        data = pickle.dumps(message)
        with self._lock, contextlib.suppress(OSError):
            self._connection.send_bytes(data)


def main() -> None:
    """Serve until the web server is gone.

    Signals are for the web server: one that is sent to all, by a terminal or a service manager, must not end a run before
    the server has had its recording kept.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    port, key = sys.stdin.readline().split()
    # PyTorch takes seconds: while the server gets ready to call us
    threading.Thread(target=importlib.import_module, args=["pages.ui.feed"], daemon=True).start()
    with contextlib.suppress(EOFError, OSError):  # the server ended before it needed us
        connection = Client(("127.0.0.1", int(port)), authkey=bytes.fromhex(key))
        asyncio.run(Servant(connection).serve())
    os._exit(0)  # trainers may be at work


if __name__ == "__main__":
    main()
