"""What all studios share whose runs live in other processes: a call goes to the process whose number its key begins with."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar

from gan_core import RunGone
from pages.ui import asking
from pages.ui.relay import AGAIN, WorkerDied

T = TypeVar("T")
PATIENCE = 20.0  # seconds that a page waits for the process that takes the place of one that has ended
# number of a process that has ended -> when somebody last stopped waiting for another one
_given_up: dict[int | None, float] = {}


class Callee(Protocol):
    """A process that does what it is asked."""

    def submit(self, do: Callable[..., T], *args: Any, **named: Any) -> Future[T]:
        """Let it do this; the future may hold a `WorkerDied`."""
        ...

    def call(self, do: Callable[..., T], *args: Any, **named: Any) -> T:
        """As `submit`, and waits for it."""
        ...

    async def acall(self, do: Callable[..., T], *args: Any, **named: Any) -> T:
        """As `submit`, for an event loop; whoever stops waiting takes the call back."""
        ...


class Elsewhere:
    """A part of a `studio.Studio`: what is asked of one run."""

    def callee(self, number: int) -> Callee:
        """The process of this number.

        Raises:
            RunGone: there is none.
        """
        raise NotImplementedError

    def submit(self, key: str, do: Callable[..., Any], *args: Any, **named: Any) -> Future[Any]:
        """See `studio.Studio`."""
        return self.callee(number_of(key)).submit(do, key, *args, **named)

    def call(self, key: str, do: Callable[..., T], *args: Any, **named: Any) -> T:
        """See `studio.Studio`."""
        number = number_of(key)
        return patiently(number, lambda: self.callee(number).call(do, key, *args, **named))

    async def acall(self, key: str, do: Callable[..., T], *args: Any, **named: Any) -> T:
        """See `studio.Studio`."""
        return await self.callee(number_of(key)).acall(do, key, *args, **named)

    def __contains__(self, run_id: str) -> bool:
        try:
            return self.call(run_id, asking.lives)
        except (RunGone, WorkerDied):
            return False


def patiently(whom: int | None, do: Callable[[], T]) -> T:
    """What this gives; once more if its process has ended, which takes what was done with it, and another takes its place.
    Where none has come, whoever asks next is told at once.

    Args:
        whom: number of the process; None for any.
    Raises:
        WorkerDied: none has within PATIENCE seconds.
    """
    last = time.monotonic() + PATIENCE
    while True:
        try:
            found = do()
        except WorkerDied:
            now = time.monotonic()
            if now > last:
                _given_up[whom] = now
            if now < _given_up.get(whom, -PATIENCE) + PATIENCE:
                raise
            time.sleep(AGAIN)
        else:
            _given_up.pop(whom, None)
            return found


def number_of(key: str) -> int:
    """Of the process that this key names.

    Raises:
        RunGone: it names none.
    """
    number = key.partition("-")[0]
    if not (number.isascii() and number.isdecimal() and len(number) < 4):
        raise RunGone
    return int(number)
