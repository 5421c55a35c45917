"""The way into an actor: commands wait for its next turn, and at most one turn waits in the queue."""

import threading
import time
import weakref
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")
_PATIENCE = 0.1  # seconds
_NOTHING_NEW = object()  # what a command returns that changes nothing


class Mailbox:
    """Commands from any thread, carried out in the order of their posting by whoever serves the queue.

    Args:
        schedule: puts a function without arguments at the end of a queue. A RuntimeError says that the queue is closed
            for ever.
        turn: what to put there: a function that calls `carry_out` and, at its end, `end_turn`. It is never called twice
            at a time.
        hurry: asks for a turn that waits in the queue to come next, for a command that somebody waits for; not again
            within a tenth of a second, so that whoever commands without end does not keep the others waiting.

    Attributes:
        scheduled: a turn is in the queue or at work.
    """

    def __init__(
        self,
        schedule: Callable[[Callable[[], None]], object],
        turn: Callable[[], None],
        hurry: Callable[[Callable[[], None]], object] = lambda turn: None,
    ):
        self._put_into_queue = schedule
        self._turn = turn
        self._hurry = hurry
        self._hurried_at = -1.0
        self._commands: deque[Callable[[], object]] = deque()
        self._lock = threading.Lock()  # guards the next three
        self.scheduled = self._closed = False
        self._answers: weakref.WeakSet[Future] = weakref.WeakSet()  # to questions on their way

    def __len__(self) -> int:
        """Number of commands that wait."""
        return len(self._commands)

    def post(self, command: Callable[[], object]) -> None:
        """Carry out this command in the next turn."""
        self._commands.append(command)
        self.schedule()
        now = time.monotonic()
        if now - self._hurried_at > _PATIENCE:
            self._hurried_at = now
            self._hurry(self._turn)

    def ask(self, question: Callable[[], T]) -> Future[T]:
        """What this question, which changes nothing, gives in the next turn, or its exception. The future is cancelled
        if the mailbox is closed first."""
        answer: Future[T] = Future()

        def command() -> object:
            if answer.set_running_or_notify_cancel():
                try:
                    answer.set_result(question())
                except Exception as error:
                    answer.set_exception(error)
            return _NOTHING_NEW

        with self._lock:
            self._answers.add(answer)
        self.post(command)
        if self._closed:
            answer.cancel()
        return answer

    def schedule(self) -> None:
        """Put one turn at the end of the queue, unless one is there."""
        with self._lock:
            if self.scheduled or self._closed:
                return
            self.scheduled = True
        try:
            self._put_into_queue(self._turn)
        except RuntimeError:  # the pool has shut down: the process is ending
            self._closed = True

    def carry_out(self) -> bool:
        """Do all that was posted; returns whether something may have changed."""
        changed = False
        while self._commands:
            changed |= self._commands.popleft()() is not _NOTHING_NEW
        return changed

    def end_turn(self) -> bool:
        """The turn is over; returns whether it was the last."""
        with self._lock:
            self.scheduled = False
            return self._closed

    def close(self) -> bool:
        """Cancel what was asked and take no more turns; returns whether none is left. Otherwise the one that is in the
        queue or at work is the last."""
        with self._lock:
            self._closed = True
            answers, last = list(self._answers), not self.scheduled
        for answer in answers:
            answer.cancel()
        return last
