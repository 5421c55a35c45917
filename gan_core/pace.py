"""How fast a run goes: when its next step is due, and when its next snapshot is."""

import time


class Pace:
    """How fast a run may play, and how fast it does.

    Args:
        slice_seconds: how long one turn of the run lasts, about.

    Attributes:
        limit: steps per second, 0 = as fast as it gets.
        rate: steps per second, smoothed over about a second.
    """

    def __init__(self, slice_seconds: float):
        self.limit = self.rate = 0.0
        self._slice_seconds = slice_seconds
        self._next_step_at = self._measured_at = 0.0

    def start(self) -> None:
        """A step is due now."""
        self._next_step_at = time.monotonic()

    def wait(self) -> float:
        """Seconds until a step is due; 0 or less if one is."""
        return self._next_step_at - time.monotonic() if self.limit else 0.0

    def take_step(self) -> bool:
        """Whether a step is due; if so, it counts as done."""
        limit, now = self.limit, time.monotonic()  # another thread may take the limit off meanwhile
        if limit and now < self._next_step_at:
            return False
        if limit:  # a run that could not keep up does not race afterwards
            self._next_step_at = max(self._next_step_at + 1 / limit, now - self._slice_seconds)
        return True

    def measure(self, steps: int) -> None:
        """So many steps were done since the last call."""
        now = time.monotonic()
        since = now - (self._measured_at or now - self._slice_seconds)
        self._measured_at = now
        self.rate += min(since, 1.0) * (steps / max(since, 1e-6) - self.rate)

    def rest(self) -> None:
        """The run stands still."""
        self.rate = self._measured_at = 0.0


class Shots:
    """When the next snapshot of a run that is at work is due: taking them may take a share of its time, no more."""

    SHARE = 0.12
    SOONEST, LATEST = 0.05, 0.5  # seconds from one to the next

    def __init__(self) -> None:
        self._begun = self._taken = -1e9
        self._seconds = 0.0  # that one takes, smoothed

    def __enter__(self) -> None:
        self._begun = time.monotonic()

    def __exit__(self, *_: object) -> None:
        self._taken = time.monotonic()
        self._seconds += 0.2 * (self._taken - self._begun - self._seconds)

    def wait(self, share: float = 1.0, latest: float = LATEST) -> float:
        """Seconds until one is due; 0 or less if one is.

        Args:
            share: of a thread's time that the run has.
            latest: seconds from one to the next at which it is due whatever it takes.
        """
        pause = min(max(self._seconds / (self.SHARE * share), self.SOONEST), latest)
        return self._taken + pause - time.monotonic()
