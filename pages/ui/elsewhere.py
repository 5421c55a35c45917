"""What all studios share whose runs live in other processes: a call goes to the process whose number its key begins with."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar

from gan_core import RunGone
from pages.ui import asking
from pages.ui.relay import WorkerDied

T = TypeVar("T")


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
        return self.callee(number_of(key)).call(do, key, *args, **named)

    async def acall(self, key: str, do: Callable[..., T], *args: Any, **named: Any) -> T:
        """See `studio.Studio`."""
        return await self.callee(number_of(key)).acall(do, key, *args, **named)

    def __contains__(self, run_id: str) -> bool:
        try:
            return self.call(run_id, asking.lives)
        except (RunGone, WorkerDied):
            return False


def number_of(key: str) -> int:
    """Of the process that this key names.

    Raises:
        RunGone: it names none.
    """
    number = key.partition("-")[0]
    if not (number.isascii() and number.isdecimal() and len(number) < 4):
        raise RunGone
    return int(number)
