"""A run: one trainer as an actor, commands in and snapshots out.

All work on the trainer is done in slices, one turn of the run after another, in whichever thread calls `Run.slice`. A
run puts at most one slice into the queue of its runner. Everybody else only posts commands and reads the latest
snapshot, and never waits for a training step.

That is also why training needs no locks: the trainer, the state and the steps that are due change in slices only, and
what a reader gets is a frozen object that a newer one replaces.

    queue = deque()
    run = Run(TrainConfig(), schedule=queue.append)
    run.step(10)
    while queue:
        queue.popleft()()
    run.snapshot().evaluation.jsd
"""

import copy
import dataclasses
import math
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar

from gan_core import race
from gan_core.config import TrainConfig
from gan_core.mailbox import Mailbox
from gan_core.messages import Message
from gan_core.pace import Pace, Shots
from gan_core.recording import Kept, Recording, Tape
from gan_core.snapshot import PAUSED, PLAYING, STOPPED, Snapshot, take_snapshot
from gan_core.training import GANTrainer, TrainingDiverged
from gan_core.twin import Twin, twin_of

T = TypeVar("T")
_N_CONFIGS = 100  # of the past that a run remembers
_UNSEEN = 0.15  # of the time that snapshots may take, those that nobody but the recording wants may take so much


class Run:
    """One trainer, built and trained in turns, paused at first.

    Args:
        name: what others call it.
        schedule: puts a slice of the run, a function, at the end of a queue. A RuntimeError says that it is closed for ever.
        hurry: asks for a slice that waits in the queue to come next.
        share: the part of a thread's time that the run has now: with less, its snapshots are rarer.
        make_trainer: builds the trainer from a config, in a slice.
        slice_seconds: how long one turn trains.
        unread_seconds: a run that nobody has looked at for so long is paused.

    Attributes:
        config: the settings, including changes that are still on their way to the trainer. configs: these, and the ones
            before; twin_configs: those of twins.
        trainer: for the thread that is at work on the slice, see `ask`; None until it is built, or if it cannot be.
        state: "playing", "paused" or "stopped" (by an error). message: why, if it stopped or paused by itself.
        latest: the latest snapshot; None without a trainer. version: grows with every snapshot and every failure.
        recording: the film of this training. ghost: that of an earlier one, to compare with; None without.
        twin: a second training that goes along with this one; None without.
    """

    def __init__(
        self,
        config: TrainConfig,
        *,
        name: str = "",
        schedule: Callable[[Callable[[], None]], object],
        hurry: Callable[[Callable[[], None]], object] = lambda turn: None,
        share: Callable[[], float] = lambda: 1.0,
        make_trainer: Callable[[TrainConfig], GANTrainer] = GANTrainer,
        slice_seconds: float = 0.02,
        unread_seconds: float = 1800.0,
    ):
        self.name = name
        self.config = config
        self.configs = deque([config], maxlen=_N_CONFIGS)
        self.twin_configs: deque[TrainConfig] = deque(maxlen=_N_CONFIGS)
        self.slice_seconds = slice_seconds
        self.unread_seconds = unread_seconds
        self._make_trainer = make_trainer
        self.trainer: GANTrainer | None = None
        self.state, self.message = PAUSED, ""
        self.latest: Snapshot | None = None
        self._pace = Pace(slice_seconds)
        self._steps_due = 0
        self.version = 0
        self._watched = True  # somebody has read the last snapshot and wants the next
        self._stale = True  # the run has moved on since the last snapshot
        self._last_read = time.monotonic()
        self._shots = Shots()
        self.recording = Recording(config)
        self.ghost: Recording | None = None
        self.twin: Twin | None = None
        self._listeners: tuple[Callable[[], object], ...] = ()
        self._share = share
        self._mailbox = Mailbox(schedule, self.slice, hurry)
        self._mailbox.post(partial(self._rebuild, None))

    # ---- what anybody can ask for, from any thread and without waiting ----

    def play(self) -> None:
        """Train until paused."""
        self._last_read = time.monotonic()  # whoever presses Play is there

        def command(_: GANTrainer) -> None:
            self.state, self.message = PLAYING, ""
            if self.twin:
                self.twin.go_on()
            self._pace.start()

        self._tell(command)

    def pause(self) -> None:
        """Stop training; nothing is lost."""

        def command(_: GANTrainer) -> None:
            self.state, self.message, self._steps_due = PAUSED, "", 0

        self._tell(command)

    def step(self, n: int = 1) -> None:
        """Pause, then do exactly n steps."""
        if n < 1:
            raise ValueError(f"n = {n} is not possible: choose a whole number of steps, at least 1")

        def command(_: GANTrainer) -> None:
            self.state, self.message = PAUSED, ""
            self._steps_due += n

        self._tell(command)

    def set_speed(self, steps_per_second: float) -> None:
        """Cap the speed of play; 0 takes the cap off."""
        self._pace.limit = max(float(steps_per_second), 0.0)
        self._pace.start()
        self._tell(lambda _: None)  # nothing changes for the trainer, but those who watch see it

    @property
    def speed(self) -> float:
        """The cap on the speed of play, steps per second; 0 = none."""
        return self._pace.limit

    def update(self, *, of_twin: bool = False, **changes: Any) -> TrainConfig:
        """Change live fields of the running trainer, or of its twin's; returns the new config.

        Raises:
            ValueError: a value out of range, at once and in the caller's thread.
        """
        if of_twin and self.twin:
            twin = self.twin
            twin.config = twin.config.replace(**changes)
            self.twin_configs.append(twin.config)
            self._tell(lambda _: twin.update(changes))
            return twin.config
        self.config = self.config.replace(**changes)
        self.configs.append(self.config)
        self._tell(lambda trainer: trainer.update(**changes))
        return self.config

    def reset(self, config: TrainConfig | None = None) -> None:
        """Start again from step 0, with the same config (hence the same history) or a new one; a playing run plays
        on. A twin starts again, too, and keeps what is different about it, as far as that goes with the new config."""
        if config and self.twin:
            try:
                differing = {
                    name: theirs for name, (_, theirs) in race.differing(self.config, self.twin.config).items()
                }
                self.twin.config = twin_of(config, differing)
            except ValueError:
                self.twin = None
        self.config = config or self.config
        self.configs.append(self.config)
        self._mailbox.post(partial(self._rebuild, None))

    def start_twin(self, **differing: Any) -> TrainConfig:
        """Start again from step 0 beside a twin with the same seed, in which these settings differ; returns its config.

        Raises:
            ValueError: they do not go together, at once and in the caller's thread.
        """
        config = twin_of(self.config, differing)
        self.twin_configs.append(config)

        def command() -> None:
            self.twin, self.ghost = Twin(config), None
            self._rebuild(None)

        self._mailbox.post(command)
        return config

    def end_twin(self) -> None:
        """Go on alone; the twin's film stays, as the ghost."""

        def command(_: GANTrainer) -> None:
            if twin := self.twin:
                self.twin, self.ghost = None, twin.recording

        self._tell(command)

    def keep_ghost(self) -> None:
        """Keep the film of this training, to compare the next ones with it."""
        self._tell(lambda trainer: self._become_ghost())

    def drop_ghost(self) -> None:
        """Forget the ghost."""
        self._tell(lambda trainer: setattr(self, "ghost", None))

    def branch(self, step: int) -> TrainConfig:
        """Go on differently from the nearest state that is kept up to this step, exactly as the training was there: its
        weights, its optimizers, its random numbers. The training until now becomes the ghost. Paused; returns the
        settings of then."""
        start = self.recording.nearest_start(step)
        self.config = start.config if start else self.recording.config
        self.configs.append(self.config)
        self._mailbox.post(partial(self._rebuild, start, branch=self.config))
        return self.config

    def open(self, tape: Tape) -> TrainConfig:
        """Stand, paused, at the end of a tape, which can be looked at without training, and goes on exactly as it would
        have; returns its settings. The training until now is gone, its twin too; the ghost stays."""
        self.config = tape.end.config
        self.configs.append(self.config)
        self._mailbox.post(partial(self._open, tape))
        return self.config

    def tape(self) -> Future[Tape]:
        """The recording until now and the state of now, for a file; the training goes on. See `ask`."""

        def question(trainer: GANTrainer) -> Tape:
            self.recording.add(self._look(trainer), whatever=True)
            return Tape(copy.copy(self.recording), Kept(trainer.step_count, trainer.state(), trainer.config))

        return self.ask(question)

    def set_ghost(self, ghost: Recording) -> None:
        """Compare with this recording."""
        self._tell(lambda trainer: setattr(self, "ghost", ghost))

    def snapshot(self) -> Snapshot | None:
        """The latest snapshot, and a request for the next one; None while the trainer is being built."""
        self._last_read = time.monotonic()
        self._watched = True
        if self._stale:  # a run that stands still makes no slices of its own
            self._mailbox.schedule()
        return self.latest

    def listen(self, listener: Callable[[], object]) -> Callable[[], None]:
        """Call this, from the worker's thread, whenever there is a new snapshot; it must not wait, nor raise.

        Returns:
            what ends that.
        """
        self._listeners = (*self._listeners, listener)

        def end() -> None:
            self._listeners = tuple(other for other in self._listeners if other is not listener)

        return end

    @property
    def why_stopped(self) -> str:
        """The error that has stopped the run, or ""; if its trainer could not be built, there is no snapshot until a
        reset."""
        return self.message if self.state == STOPPED else ""

    def ask(self, question: Callable[[GANTrainer], T]) -> Future[T]:
        """What `question` makes of the trainer as it is between two slices, in the worker's thread; for what nobody
        wants to see all the time. It must leave the trainer as it is.

        The future also holds an exception of the question, or a RuntimeError if there is no trainer, see
        `why_stopped`. It is cancelled if the run is released first.
        """

        def of_trainer() -> T:
            if self.trainer is None:
                raise RuntimeError(self.message)
            return question(self.trainer)

        return self._mailbox.ask(of_trainer)

    def settle(self, timeout: float = 30.0) -> Snapshot:
        """Wait until all commands posted so far, and their steps, are done; returns a fresh snapshot. For notebooks
        and tests: a server's script thread should never wait.

        Raises:
            TimeoutError: it took longer than `timeout` seconds.
            RuntimeError: there is no trainer, see `why_stopped`.
        """
        deadline = time.monotonic() + timeout
        while True:
            answer = self.ask(lambda trainer: None if self._steps_due else self._publish(trainer))
            try:
                snapshot = answer.result(max(deadline - time.monotonic(), 0.001))
            except TimeoutError:
                raise TimeoutError(f"The run did not settle within {timeout:g} seconds") from None
            if snapshot:
                return snapshot

    def release(self) -> None:
        """Free the memory, as soon as no slice is at work, and cancel what was asked. The run does nothing more."""
        if self._mailbox.close():
            self._forget()

    def _tell(self, command: Callable[[GANTrainer], object]) -> None:
        """Post a command for the trainer; without one there is nothing to command."""
        self._mailbox.post(lambda: command(self.trainer) if self.trainer else None)

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
            self._film()
            # whoever commands wants to see the effect at once
            if (
                self.trainer
                and self._wanted
                and (commanded or not self._at_work or self._shots.wait(self._share()) <= 0)
            ):
                self._publish(self.trainer)
        except Exception as error:  # a bug in one run must not take the worker, and so all other runs, with it
            self._stop(error)
        if self._mailbox.end_turn():
            self._forget()
        else:
            self._queue_again()

    def _queue_again(self) -> None:
        """Ask for the next turn, now or when its step is due, if there is anything to do."""
        if self._mailbox or self._steps_due:
            self._mailbox.schedule()
        elif self.state == PLAYING:
            wait = self._pace.wait()
            if self._wanted:  # the last step is not shown yet
                wait = min(wait, self._shots.wait(self._share()))
            if wait <= 0.001:
                self._mailbox.schedule()
            else:
                timer = threading.Timer(wait, self._mailbox.schedule)
                timer.daemon = True
                timer.start()

    def _train(self) -> None:
        """Train for one slice, as far as steps are due."""
        if self.trainer is None or not (self._steps_due or self.state == PLAYING):
            self._pace.rest()
            return
        start = time.monotonic()
        if start - self._last_read > self.unread_seconds:
            self.state, self._steps_due, self._stale = PAUSED, 0, True
            self.message = Message(
                "Paused, because nobody has looked for {minutes:.0f} minutes. Press Play to go on.",
                minutes=self.unread_seconds / 60,
            )
            return
        first, end = self.trainer.step_count, start + self.slice_seconds
        while self._take_step():
            self.trainer.step()
            if self.twin:
                self.twin.step()
            if time.monotonic() >= end or self._mailbox:
                break
        steps = self.trainer.step_count - first
        self._pace.measure(steps)
        self._stale |= steps > 0

    @property
    def _wanted(self) -> bool:
        """Whether somebody waits for a snapshot, and there is something new to show."""
        return self._stale and self._watched

    @property
    def _at_work(self) -> bool:
        return self.state == PLAYING or self._steps_due > 0

    def _take_step(self) -> bool:
        """Whether a step is due; if so, it counts as done."""
        if self._steps_due:
            self._steps_due -= 1
            return True
        return self.state == PLAYING and self._pace.take_step()

    def _rebuild(self, start: Kept | None, *, branch: TrainConfig | None = None) -> None:
        """A new trainer, from step 0 with the settings of now, or from a state with those of a branch."""
        before = self.recording
        if branch:
            self._become_ghost()
            self.twin = None
        config = branch or self.config
        self.trainer, self.recording = None, Recording(config)
        self.trainer = self._make_trainer(config)
        if self.twin:
            self.twin.build(self._make_trainer)
        if branch:
            first = self.trainer.step_count  # 0, or where a warm start stands
            self.recording = before.until(start.step if start else first)
            if start:
                self.trainer.resume(start.state.with_history(self.recording.curves))
        self._steps_due, self.message, self._stale = 0, "", True
        if branch or self.state == STOPPED:
            self.state = PAUSED
        if not self.recording.moments:  # from the very beginning, though a run that plays trains on in this slice
            self.recording.add(self._look(self.trainer))

    def _open(self, tape: Tape) -> None:
        recording, end = tape
        self.twin, self.trainer = None, None
        trainer = self._make_trainer(end.config)
        trainer.resume(end.state)
        self.trainer, self.recording = trainer, copy.copy(recording)
        self.state, self.message, self._steps_due, self._stale = PAUSED, "", 0, True

    def _become_ghost(self) -> None:
        """The film of this training, with its present moment, is the ghost from now on."""
        if self.trainer:
            self.recording.add(self._look(self.trainer), whatever=True)
        self.ghost = self.recording

    def _film(self) -> None:
        """Let the recording have what it wants and nobody else has asked for."""
        trainer = self.trainer
        if trainer is None:
            return
        if self.recording.wants_state(trainer.step_count):
            self.recording.keep(trainer.state(), trainer.config)
        if self._at_work and self.recording.wants(trainer.step_count) and self._shots.wait(_UNSEEN, math.inf) <= 0:
            with self._shots:
                self.recording.add(self._look(trainer))
                self._look_at_twin()

    def _stop(self, error: Exception) -> None:
        if isinstance(error, TrainingDiverged):
            self.recording.note_break(error.step)
        known = error.args and isinstance(error.args[0], Message)
        unknown = Message("Training stopped by an unexpected {kind}: {error}", kind=type(error).__name__, error=error)
        self.state, self.message, self._steps_due = STOPPED, error.args[0] if known else unknown, 0
        if self.trainer is None:
            self.latest, self.version = None, self.version + 1
            self._tell_listeners()
            return
        try:
            self._publish(self.trainer)
        except Exception:  # what cannot be measured can still be reset
            self.version += 1
            if self.latest:
                self.latest = dataclasses.replace(
                    self.latest, version=self.version, state=STOPPED, message=self.message, steps_per_second=0.0
                )
        self._tell_listeners()

    def _forget(self) -> None:
        self.trainer = self.latest = None

    def _publish(self, trainer: GANTrainer) -> Snapshot:
        with self._shots:
            snapshot = self._look(trainer)
            self.recording.add(snapshot)
            self._look_at_twin()
        self._watched = self._stale = False
        self.version, self.latest = snapshot.version, snapshot
        self._tell_listeners()
        return snapshot

    def _look(self, trainer: GANTrainer) -> Snapshot:
        return take_snapshot(trainer, self.version + 1, self.state, self.message, self._pace.rate)

    def _look_at_twin(self) -> None:
        if self.twin:
            self.twin.publish(self.version + 1, self.state, self._pace.rate)

    def _tell_listeners(self) -> None:
        for listener in self._listeners:
            listener()
