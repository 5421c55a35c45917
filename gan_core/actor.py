"""The turns of a run: commands are carried out and its training goes on for a slice, in the worker's thread."""

import dataclasses
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from gan_core.config import TrainConfig
from gan_core.mailbox import Mailbox
from gan_core.messages import Message, why_stopped
from gan_core.pace import Pace
from gan_core.snapshot import PAUSED, PLAYING, STOPPED, Snapshot, take_snapshot
from gan_core.training import GANTrainer
from gan_core.workbench import Workbench

T = TypeVar("T")


class Actor:
    """What trains, takes snapshots, and stops by itself if something is wrong.

    Args:
        schedule, hurry, share, make_trainer, slice_seconds, unread_seconds: see `run.Run`.

    Attributes:
        bench: what it works on.
        state: "playing", "paused" or "stopped" (by an error). message: why, if it stopped or paused by itself.
        steps_due: to be done before it pauses.
        latest: the latest snapshot; None without a trainer. version: grows with every snapshot and every failure.
        pace: how fast it goes, and may go.
    """

    def __init__(
        self,
        config: TrainConfig,
        *,
        schedule: Callable[[Callable[[], None]], object],
        hurry: Callable[[Callable[[], None]], object],
        share: Callable[[], float],
        make_trainer: Callable[[TrainConfig], GANTrainer],
        slice_seconds: float,
        unread_seconds: float,
    ):
        self.slice_seconds, self.unread_seconds = slice_seconds, unread_seconds
        self.state, self.message = PAUSED, ""
        self.steps_due = 0
        self.latest: Snapshot | None = None
        self.version = 0
        self.pace = Pace(slice_seconds)
        self.bench = Workbench(config, make_trainer, self._look)
        self._watched = True  # somebody has read the last snapshot and wants the next
        self._stale = True  # the run has moved on since the last snapshot
        self._last_read = time.monotonic()
        self._listeners: tuple[Callable[[], object], ...] = ()
        self._share = share
        self._mailbox = Mailbox(schedule, self.slice, hurry)

    # ---- from any thread ----

    def post(self, command: Callable[[], object]) -> None:
        """Carry this out in the next turn."""
        self._mailbox.post(command)

    def tell(self, command: Callable[[GANTrainer], object]) -> None:
        """As `post`, for the trainer; without one there is nothing to command."""
        self.post(lambda: command(self.bench.trainer) if self.bench.trainer else None)

    def ask(self, question: Callable[[GANTrainer], T]) -> Future[T]:
        """See `run.Run.ask`."""

        def of_trainer() -> T:
            if self.bench.trainer is None:
                raise RuntimeError(self.message)
            return question(self.bench.trainer)

        return self._mailbox.ask(of_trainer)

    def see(self) -> None:
        """Somebody is there."""
        self._last_read = time.monotonic()

    def snapshot(self) -> Snapshot | None:
        """See `run.Run.snapshot`."""
        self.see()
        self._watched = True
        if self._stale:  # a run that stands still makes no slices of its own
            self._mailbox.schedule()
        return self.latest

    def listen(self, listener: Callable[[], object]) -> Callable[[], None]:
        """See `run.Run.listen`."""
        self._listeners = (*self._listeners, listener)

        def end() -> None:
            self._listeners = tuple(other for other in self._listeners if other is not listener)

        return end

    def close(self) -> None:
        """See `run.Run.release`."""
        if self._mailbox.close():
            self._forget()

    @property
    def scheduled(self) -> bool:
        """Whether a slice is in the queue or at work."""
        return self._mailbox.scheduled

    # ---- in the worker's thread ----

    def slice(self) -> None:
        """One turn: the commands, then training for about `slice_seconds`. For whoever serves the queue."""
        try:
            commanded = self._mailbox.carry_out()
            self._stale |= commanded
            self._train()
            unseen = self._at_work and not self._wanted  # what somebody waits for will be in the recording as well
            self.bench.film(self.version + 1, self.state, self.pace.rate, self._share() if unseen else 0.0)
            # whoever commands wants to see the effect at once
            if (
                self.bench.trainer
                and self._wanted
                and (commanded or not self._at_work or self.bench.shots.wait(self._share()) <= 0)
            ):
                self.publish()
        except Exception as error:  # a bug in one run must not take the worker, and so all other runs, with it
            self._stop(error)
        if self._mailbox.end_turn():
            self._forget()
        else:
            self._queue_again()

    def _queue_again(self) -> None:
        """Ask for the next turn, now or when its step is due, if there is anything to do."""
        if self._mailbox or self.steps_due:
            self._mailbox.schedule()
        elif self.state == PLAYING:
            wait = self.pace.wait()
            if self._wanted:  # the last step is not shown yet
                wait = min(wait, self.bench.shots.wait(self._share()))
            if wait <= 0.001:
                self._mailbox.schedule()
            else:
                timer = threading.Timer(wait, self._mailbox.schedule)
                timer.daemon = True
                timer.start()

    def _train(self) -> None:
        """Train for one slice, as far as steps are due."""
        if self.bench.trainer is None or not (self.steps_due or self.state == PLAYING):
            self.pace.rest()
            return
        start = time.monotonic()
        if start - self._last_read > self.unread_seconds:
            self.state, self.steps_due, self._stale = PAUSED, 0, True
            self.message = Message(
                "Paused, because nobody has looked for {minutes:.0f} minutes. Press Play to go on.",
                minutes=self.unread_seconds / 60,
            )
            return
        first, end = self.bench.trainer.step_count, start + self.slice_seconds
        while self._take_step():
            self.bench.step()
            if time.monotonic() >= end or self._mailbox:
                break
        steps = self.bench.trainer.step_count - first
        self.pace.measure(steps)
        self._stale |= steps > 0

    @property
    def _wanted(self) -> bool:
        """Whether somebody waits for a snapshot, and there is something new to show."""
        return self._stale and self._watched

    @property
    def _at_work(self) -> bool:
        return self.state == PLAYING or self.steps_due > 0

    def _take_step(self) -> bool:
        """Whether a step is due; if so, it counts as done."""
        if self.steps_due:
            self.steps_due -= 1
            return True
        return self.state == PLAYING and self.pace.take_step()

    def rebuild(self, config: TrainConfig) -> None:
        """A new trainer with these settings, at step 0. In a turn."""
        self.steps_due, self.message, self._stale = 0, "", True
        if self.state == STOPPED:
            self.state = PAUSED
        self.bench.build(config)

    def stand(self, there: Callable[..., None], *args: Any) -> None:
        """Let another trainer stand there, paused. In a turn."""
        there(*args)
        self.state, self.message, self.steps_due, self._stale = PAUSED, "", 0, True

    def _stop(self, error: Exception) -> None:
        self.bench.note(error)
        self.state, self.message, self.steps_due = STOPPED, why_stopped(error), 0
        if self.bench.trainer is None:
            self.latest, self.version = None, self.version + 1
            self._tell_listeners()
            return
        try:
            self.publish()
        except Exception:  # what cannot be measured can still be reset
            self.version += 1
            if self.latest:
                self.latest = dataclasses.replace(
                    self.latest, version=self.version, state=STOPPED, message=self.message, steps_per_second=0.0
                )
        self._tell_listeners()

    def _forget(self) -> None:
        self.latest = None
        self.bench.forget()

    def publish(self) -> Snapshot:
        """Take a snapshot. In a turn."""
        snapshot = self.bench.publish(self.version + 1, self.state, self.pace.rate)
        self._watched = self._stale = False
        self.version, self.latest = snapshot.version, snapshot
        self._tell_listeners()
        return snapshot

    def _look(self, trainer: GANTrainer) -> Snapshot:
        return take_snapshot(trainer, self.version + 1, self.state, self.message, self.pace.rate)

    def _tell_listeners(self) -> None:
        for listener in self._listeners:
            listener()
