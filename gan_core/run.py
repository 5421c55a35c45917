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

import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar

from gan_core import race
from gan_core.actor import Actor
from gan_core.config import TrainConfig
from gan_core.messages import Message
from gan_core.recording import Kept, Recording, Tape
from gan_core.snapshot import PAUSED, PLAYING, STOPPED, Snapshot
from gan_core.training import GANTrainer
from gan_core.twin import Twin, twin_of

T = TypeVar("T")
_N_CONFIGS = 100  # of the past that a run remembers


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
        self._actor = Actor(
            config, schedule=schedule, hurry=hurry, share=share, make_trainer=make_trainer,
            slice_seconds=slice_seconds, unread_seconds=unread_seconds,
        )  # fmt: skip
        self._actor.post(self._rebuild)

    # ---- what anybody can ask for, from any thread and without waiting ----

    @property
    def trainer(self) -> GANTrainer | None:
        """See the class."""
        return self._actor.bench.trainer

    @property
    def recording(self) -> Recording:
        """See the class."""
        return self._actor.bench.recording

    @property
    def ghost(self) -> Recording | None:
        """See the class."""
        return self._actor.bench.ghost

    @property
    def twin(self) -> Twin | None:
        """See the class."""
        return self._actor.bench.twin

    @property
    def state(self) -> str:
        """See the class."""
        return self._actor.state

    @property
    def message(self) -> str:
        """See the class."""
        return self._actor.message

    @property
    def latest(self) -> Snapshot | None:
        """See the class."""
        return self._actor.latest

    @property
    def version(self) -> int:
        """See the class."""
        return self._actor.version

    @property
    def scheduled(self) -> bool:
        """Whether a slice is in the queue or at work."""
        return self._actor.scheduled

    def play(self) -> None:
        """Train until paused."""
        actor = self._actor
        actor.see()  # whoever presses Play is there

        def command(_: GANTrainer) -> None:
            actor.state, actor.message = PLAYING, ""
            if self.twin:
                self.twin.go_on()
            self._actor.pace.start()

        self._actor.tell(command)

    def pause(self) -> None:
        """Stop training; nothing is lost."""

        def command(_: GANTrainer) -> None:
            self._actor.state, self._actor.message, self._actor.steps_due = PAUSED, "", 0

        self._actor.tell(command)

    def step(self, n: int = 1) -> None:
        """Pause, then do exactly n steps."""
        if n < 1:
            raise ValueError(f"n = {n} is not possible: choose a whole number of steps, at least 1")

        def command(_: GANTrainer) -> None:
            self._actor.state, self._actor.message = PAUSED, ""
            self._actor.steps_due += n

        self._actor.tell(command)

    def set_speed(self, steps_per_second: float) -> None:
        """Cap the speed of play; 0 takes the cap off."""
        self._actor.pace.limit = max(float(steps_per_second), 0.0)
        self._actor.pace.start()
        self._actor.tell(lambda _: None)  # nothing changes for the trainer, but those who watch see it

    @property
    def speed(self) -> float:
        """The cap on the speed of play, steps per second; 0 = none."""
        return self._actor.pace.limit

    def update(self, *, of_twin: bool = False, **changes: Any) -> TrainConfig:
        """Change live fields of the running trainer, or of its twin's; returns the new config.

        Raises:
            ValueError: a value out of range, at once and in the caller's thread.
        """
        if of_twin and self.twin:
            twin = self.twin
            twin.config = twin.config.replace(**changes)
            self.twin_configs.append(twin.config)
            self._actor.tell(lambda _: twin.update(changes))
            return twin.config
        self.config = self.config.replace(**changes)
        self.configs.append(self.config)
        self._actor.tell(lambda trainer: trainer.update(**changes))
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
                self._actor.bench.twin = None
        self.config = config or self.config
        self.configs.append(self.config)
        self._actor.post(self._rebuild)

    def start_twin(self, **differing: Any) -> TrainConfig:
        """Start again from step 0 beside a twin with the same seed, in which these settings differ; returns its config.

        Raises:
            ValueError: they do not go together, at once and in the caller's thread.
        """
        config = twin_of(self.config, differing)
        self.twin_configs.append(config)

        def command() -> None:
            self._actor.bench.twin, self._actor.bench.ghost = Twin(config), None
            self._rebuild()

        self._actor.post(command)
        return config

    def end_twin(self) -> None:
        """Go on alone; the twin's film stays, as the ghost."""
        self._actor.tell(lambda _: self._actor.bench.end_twin())

    def keep_ghost(self) -> None:
        """Keep the film of this training, to compare the next ones with it."""
        self._actor.tell(lambda _: self._actor.bench.keep_ghost())

    def set_ghost(self, ghost: Recording | None) -> None:
        """Compare with this recording; with none for None."""
        self._actor.tell(lambda _: setattr(self._actor.bench, "ghost", ghost))

    def branch(self, step: int) -> TrainConfig:
        """Go on differently from the nearest state that is kept up to this step, exactly as the training was there: its
        weights, its optimizers, its random numbers. The training until now becomes the ghost. Paused; returns the
        settings of then."""
        start = self.recording.nearest_start(step)
        self.config = start.config if start else self.recording.config
        self.configs.append(self.config)
        self._actor.post(partial(self._actor.stand, self._actor.bench.branch, start, self.config))
        return self.config

    def come_back(self, start: Kept | None) -> None:
        """Stand, paused, where a run stood that was lost, and say so."""

        def command() -> None:
            if start:
                self._actor.stand(self._actor.bench.open, Tape(Recording(start.config), start))
            self._actor.message = Message(
                "Its process ended unexpectedly, so this training goes on from step {step}. Press Play.",
                step=start.step if start else 0,
            )

        self._actor.post(command)

    def open(self, tape: Tape) -> TrainConfig:
        """Stand, paused, at the end of a tape, which can be looked at without training, and goes on exactly as it would
        have; returns its settings. The training until now is gone, its twin too; the ghost stays."""
        self.config = tape.end.config
        self.configs.append(self.config)
        self._actor.post(partial(self._actor.stand, self._actor.bench.open, tape))
        return self.config

    def tape(self) -> Future[Tape]:
        """The recording until now and the state of now, for a file; the training goes on. See `ask`."""
        return self.ask(lambda _: self._actor.bench.tape())

    def snapshot(self) -> Snapshot | None:
        """The latest snapshot, and a request for the next one; None while the trainer is being built."""
        return self._actor.snapshot()

    def listen(self, listener: Callable[[], object]) -> Callable[[], None]:
        """Call this, from the worker's thread, whenever there is a new snapshot; it must not wait, nor raise.

        Returns:
            what ends that.
        """
        return self._actor.listen(listener)

    @property
    def rate(self) -> float:
        """Steps per second of late; 0 while it stands still."""
        return self._actor.pace.rate

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
        return self._actor.ask(question)

    def settle(self, timeout: float = 30.0) -> Snapshot:
        """Wait until all commands posted so far, and their steps, are done; returns a fresh snapshot. For notebooks
        and tests: a server's script thread should never wait.

        Raises:
            TimeoutError: it took longer than `timeout` seconds.
            RuntimeError: there is no trainer, see `why_stopped`.
        """
        deadline = time.monotonic() + timeout
        while True:
            answer = self.ask(lambda trainer: None if self._actor.steps_due else self._actor.publish())
            try:
                snapshot = answer.result(max(deadline - time.monotonic(), 0.001))
            except TimeoutError:
                raise TimeoutError(f"The run did not settle within {timeout:g} seconds") from None
            if snapshot:
                return snapshot

    def release(self) -> None:
        """Free the memory, as soon as no slice is at work, and cancel what was asked. The run does nothing more."""
        self._actor.close()

    def _rebuild(self) -> None:
        self._actor.rebuild(self.config)
