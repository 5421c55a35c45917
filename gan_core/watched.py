"""What trains beside the runs, and is no run: an actor that takes turns with them, for as long as somebody looks.

training = Watched(settings_map.train(plan), turns.put, turns.hurry)
training.ask(lambda progress: progress.step).result()
"""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any, Generic, Protocol, TypeVar

from gan_core.mailbox import Mailbox
from gan_core.messages import why_stopped


class Steps(Protocol):
    """What trains step by step."""

    def step(self) -> Any:
        """One step."""
        ...


S = TypeVar("S", bound=Steps)
T = TypeVar("T")
A = TypeVar("A")


def stepwise(make: Callable[[], S], steps: int, *, slice_seconds: float) -> Iterator[S]:
    """Make something that trains, and take so many steps of it, a slice of time between two yields; stop by not asking
    for the next. What is yielded is always the same, as it is then."""
    training = make()
    yield training
    end = time.monotonic() + slice_seconds
    for _ in range(steps):
        training.step()
        if time.monotonic() >= end:
            yield training
            end = time.monotonic() + slice_seconds
    yield training


class Watched(Generic[T]):
    """Trains for as long as somebody looks, and wants it to.

    Args:
        work: the training. Each next() is a turn, and gives what there is to see of it so far.
        schedule, hurry: see `mailbox.Mailbox`.
        patience: seconds after the last look in which it trains on; then it waits for the next one.

    Attributes:
        playing: whether it is to go on.
        latest: what there is to see, None at first. problem: why it has stopped, or "".
        done: whether the work is finished.
    """

    def __init__(
        self,
        work: Iterator[T],
        schedule: Callable[[Callable[[], None]], object],
        hurry: Callable[[Callable[[], None]], object] = lambda turn: None,
        *,
        patience: float = 10.0,
    ):
        self.playing = True
        self.latest: T | None = None
        self.problem = ""
        self.done = False
        self._closed = False
        self._patience = patience
        self._work: Iterator[T] | None = work
        self._seen_at = time.monotonic()
        self._mailbox = Mailbox(schedule, self._turn, hurry)

    def ask(self, question: Callable[[T | None], A]) -> Future[A]:
        """What this question makes of what there is to see, after the next turn. The future is cancelled if this is closed
        first."""
        self._seen_at = time.monotonic()
        return self._mailbox.ask(lambda: question(self.latest))

    @property
    def alone(self) -> float:
        """Seconds since somebody has looked."""
        return time.monotonic() - self._seen_at

    @property
    def goes_on(self) -> bool:
        """Whether there is more to train, and somebody looks and wants it."""
        return self.playing and not self._over and self.alone < self._patience

    def close(self) -> None:
        """Stop, and forget what it has trained."""
        self._closed = True
        if self._mailbox.close():
            self._work = None

    @property
    def _over(self) -> bool:
        return self.done or bool(self.problem) or self._closed

    def _turn(self) -> None:
        """One slice of training; then the questions. For whoever serves the queue."""
        if self.goes_on or (self.latest is None and not self._over):
            self._go_on()
        self._mailbox.carry_out()
        if self._mailbox.end_turn() or self._over:
            self._work = None  # of a map, sixty-four trainers
        elif self.goes_on:
            self._mailbox.schedule()

    def _go_on(self) -> None:
        assert self._work is not None
        try:
            self.latest = next(self._work)
        except StopIteration:
            self.done = True
        except Exception as error:  # it must not take the worker, and so all runs, with it
            self.problem = why_stopped(error)
            if self.problem not in error.args:  # nobody has foreseen it
                threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread())))
