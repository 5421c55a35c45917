"""A second training that goes along with a run step by step: the same seed, and a few settings that differ."""

from collections.abc import Callable, Mapping
from typing import Any

from gan_core.config import TrainConfig
from gan_core.messages import Message
from gan_core.recording import Recording
from gan_core.snapshot import STOPPED, Snapshot, take_snapshot
from gan_core.training import GANTrainer, TrainingDiverged


class Twin:
    """The other one of two trainings that are compared.

    Args:
        config: its settings, of the same target as the first one's.

    Attributes:
        config: including changes that are still on their way to the trainer.
        latest: its latest snapshot; None before the first. recording: its film.
        message: why it has stopped by itself, or "".
    """

    def __init__(self, config: TrainConfig):
        self.config = config
        self.latest: Snapshot | None = None
        self.message = ""
        self.recording = Recording(config)
        self._trainer: GANTrainer | None = None

    # ---- in the worker's thread ----

    def build(self, make_trainer: Callable[[TrainConfig], GANTrainer]) -> None:
        """Stand at step 0."""
        self.recording, self.message = Recording(self.config), ""
        self._trainer = make_trainer(self.config)

    def step(self) -> None:
        """One step; a twin that diverges stops alone."""
        if self._trainer is None or self.message:
            return
        try:
            self._trainer.step()
        except TrainingDiverged as error:
            self.message = error.args[0]
            self.recording.note_break(error.step)

    def go_on(self) -> None:
        """A twin that has stopped by itself tries again."""
        self.message = ""

    def update(self, changes: Mapping[str, Any]) -> None:
        """Carry out a live change that `config` has already."""
        if self._trainer:
            self._trainer.update(**changes)

    def publish(self, version: int, state: str, rate: float) -> None:
        """Take a snapshot and let the recording have it."""
        if self._trainer is None:
            return
        state = STOPPED if self.message else state
        self.latest = take_snapshot(self._trainer, version, state, self.message, rate)
        self.recording.add(self.latest)


def twin_of(config: TrainConfig, differing: Mapping[str, Any]) -> TrainConfig:
    """The settings of a twin: these, but for those that differ.

    Raises:
        ValueError: they do not go together, or it would train on another target or from another seed.
    """
    made = config.replace(**differing)
    if made.target != config.target or made.seed != config.seed:
        raise ValueError(Message("Twins share their target and their seed"))
    return made
