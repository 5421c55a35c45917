"""What a run works on: the trainer, its film, and what it is compared with. Everything here happens in the worker's thread."""

import copy
import math
from collections.abc import Callable

from gan_core.config import TrainConfig
from gan_core.pace import Shots
from gan_core.recording import Kept, Recording, Tape
from gan_core.snapshot import Snapshot
from gan_core.training import GANTrainer, TrainingDiverged
from gan_core.twin import Twin

_UNSEEN = 0.15  # of the time that snapshots may take, those that nobody but the recording wants may take so much


class Workbench:
    """One training, its recording, a ghost and a twin.

    Args:
        config: of the training to come. make_trainer: builds a trainer. look: takes a snapshot of one.

    Attributes:
        trainer: None until it is built, or if it cannot be.
        recording: the film of this training. ghost: that of an earlier one, to compare with; None without.
        twin: a second training that goes along with this one; None without.
        shots: when the next snapshot is due.
    """

    def __init__(
        self,
        config: TrainConfig,
        make_trainer: Callable[[TrainConfig], GANTrainer],
        look: Callable[[GANTrainer], Snapshot],
    ):
        self._make_trainer, self._look = make_trainer, look
        self.trainer: GANTrainer | None = None
        self.recording = Recording(config)
        self.ghost: Recording | None = None
        self.twin: Twin | None = None
        self.shots = Shots()

    # ---- another training ----

    def build(self, config: TrainConfig) -> None:
        """A new trainer at step 0, and a new twin if there is one."""
        self.trainer, self.recording = None, Recording(config)
        self.trainer = self._make_trainer(config)
        if self.twin:
            self.twin.build(self._make_trainer)
        self.recording.add(self._look(self.trainer))  # the very beginning: a run that plays trains on at once

    def branch(self, start: Kept | None, config: TrainConfig) -> None:
        """The trainer as it was at a state, None for the beginning, with its settings of then. What it came to without the
        branch becomes the ghost, and the twin is gone."""
        self.keep_ghost()
        before, self.twin, self.trainer = self.recording, None, None
        trainer = self._make_trainer(config)
        self.recording = before.until(start.step if start else trainer.step_count)  # 0, or where a warm start stands
        if start:
            trainer.resume(start.state.with_history(self.recording.curves))
        self.trainer = trainer
        if not self.recording.moments:
            self.recording.add(self._look(trainer))

    def open(self, tape: Tape) -> None:
        """Stand at the end of a tape; the twin is gone."""
        recording, end = tape
        self.twin, self.trainer = None, None
        trainer = self._make_trainer(end.config)
        trainer.resume(end.state)
        self.trainer, self.recording = trainer, copy.copy(recording)

    # ---- as it goes on ----

    def step(self) -> None:
        """One step of the training, and of its twin."""
        assert self.trainer
        self.trainer.step()
        if self.twin:
            self.twin.step()

    def publish(self, version: int, state: str, rate: float) -> Snapshot:
        """A snapshot for those who watch; the twin takes one, too.

        Args:
            version, state, rate: see `Snapshot`; for the twin's.
        """
        assert self.trainer
        with self.shots:
            snapshot = self._look(self.trainer)
            self.recording.add(snapshot)
            if self.twin:
                self.twin.publish(version, state, rate)
        return snapshot

    def film(self, version: int, state: str, rate: float, share: float) -> None:
        """Let the recording have what it wants and nobody else has asked for; see `publish`.

        Args:
            share: of a thread's time that the run has; 0: no moments now.
        """
        trainer = self.trainer
        if trainer is None:
            return
        if self.recording.wants_state(trainer.step_count):
            self.recording.keep(trainer.state(), trainer.config)
        if share and self.recording.wants(trainer.step_count) and self.shots.wait(_UNSEEN * share, math.inf) <= 0:
            self.publish(version, state, rate)

    def note(self, error: Exception) -> None:
        """Something went wrong."""
        if isinstance(error, TrainingDiverged):
            self.recording.note_break(error.step)

    def tape(self) -> Tape:
        """The recording until now, and the state of now."""
        trainer = self.trainer
        assert trainer
        self.recording.add(self._look(trainer), whatever=True)
        return Tape(copy.copy(self.recording), Kept(trainer.step_count, trainer.state(), trainer.config))

    # ---- what it is compared with ----

    def keep_ghost(self) -> None:
        """The film of this training, with its present moment, is the ghost from now on."""
        if self.trainer:
            self.recording.add(self._look(self.trainer), whatever=True)
        self.ghost = self.recording

    def end_twin(self) -> None:
        """Go on alone; the twin's film stays, as the ghost."""
        if self.twin:
            self.ghost, self.twin = self.twin.recording, None

    def forget(self) -> None:
        """Free the memory of the trainer."""
        self.trainer = None
