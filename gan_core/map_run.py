"""A map of settings in training: an actor beside the runs, which takes turns with them."""

import sys
import threading
import time
from collections.abc import Callable, Iterator

from gan_core.mailbox import Mailbox
from gan_core.map_plan import Plan
from gan_core.messages import Message
from gan_core.settings_map import Progress, train


class MapRun:
    """Trains a map for as long as somebody looks.

    Args:
        plan: of the map.
        schedule: puts a turn at the end of a queue, see `turns.Turns.put`.
        slice_seconds: of one turn, about.
        patience: seconds after the last look in which it trains on; then it waits for the next one.

    Attributes:
        progress: the latest; None before the first run is made. problem: why it has stopped, or "".
        done: whether all runs are finished.
    """

    def __init__(
        self,
        plan: Plan,
        schedule: Callable[[Callable[[], None]], object],
        *,
        slice_seconds: float = 0.02,
        patience: float = 10.0,
    ):
        self.plan = plan
        self.progress: Progress | None = None
        self.problem = ""
        self.done = False
        self._closed = False
        self._patience = patience
        self._training: Iterator[Progress] | None = train(plan, slice_seconds=slice_seconds)
        self._seen_at = time.monotonic()
        self._mailbox = Mailbox(schedule, self._turn)

    def look(self) -> Progress | None:
        """The latest progress; it trains on."""
        self._seen_at = time.monotonic()
        if self._goes_on:
            self._mailbox.schedule()
        return self.progress

    @property
    def alone(self) -> float:
        """Seconds since somebody has looked."""
        return time.monotonic() - self._seen_at

    def close(self) -> None:
        """Stop, and forget what it has trained."""
        self._closed = True
        if self._mailbox.close():
            self._training = None

    @property
    def _goes_on(self) -> bool:
        return not (self.done or self.problem or self._closed)

    def _turn(self) -> None:
        """One slice of training. For whoever serves the queue."""
        if self._training is not None and self._goes_on:
            try:
                self.progress = next(self._training)
            except StopIteration:
                self.done = True
            except Exception as error:  # it must not take the worker, and so all runs, with it
                threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread())))
                self.problem = Message(
                    "The map stopped by an unexpected {kind}: {error}", kind=type(error).__name__, error=error
                )
        if self._mailbox.end_turn() or not self._goes_on:
            self._training = None  # sixty-four trainers
        elif self.alone < self._patience:
            self._mailbox.schedule()
