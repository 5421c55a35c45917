"""What a run shows of its trainer: one immutable picture per step that somebody looks at."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gan_core.config import TrainConfig
from gan_core.diagnosis import Diagnosis
from gan_core.state import Mark
from gan_core.training import GANTrainer

PLAYING, PAUSED, STOPPED = "playing", "paused", "stopped"


@dataclass(frozen=True)
class Snapshot:
    """An immutable picture of a run at one step; a newer one replaces it.

    Attributes:
        version: grows with every snapshot of a run.
        state: "playing", "paused" or "stopped" (by an error).
        message: why it stopped or paused by itself, else "".
        steps_per_second: of the recent past, 0 when not playing.
        history: column name -> (rows,) values, see `GANTrainer.history`.
        marks: the live changes, see `GANTrainer.marks`.
        evaluation, view: numbers and pictures, of the kinds that the config's `Problem` makes.
    """

    version: int
    step: int
    state: str
    message: str
    config: TrainConfig
    steps_per_second: float
    evaluation: Any
    diagnosis: Diagnosis
    history: Mapping[str, np.ndarray]
    marks: tuple[Mark, ...]
    view: Any


def shown_evaluation(trainer: GANTrainer, playing: bool, rate: float) -> Any:
    """The evaluation for a snapshot: of this step, or, while the run plays, the last one of its history as long as
    that is young enough.

    Args:
        rate: steps per second, from which the age of the last one follows.
    """
    step, last = trainer.last_evaluation
    age = (trainer.step_count - step) / max(rate, 1e-9)  # seconds
    return last if playing and age < trainer.problem.max_age else trainer.evaluate()


def take_snapshot(trainer: GANTrainer, version: int, state: str, message: str, rate: float) -> Snapshot:
    """A picture of the trainer as it is between two steps.

    Args:
        rate: steps per second of the recent past.
    """
    playing = state == PLAYING
    evaluation = shown_evaluation(trainer, playing, rate)
    history = trainer.history.arrays()
    return Snapshot(
        version=version,
        step=trainer.step_count,
        state=state,
        message=message,
        config=trainer.config,
        steps_per_second=rate if playing else 0.0,
        evaluation=evaluation,
        diagnosis=trainer.problem.diagnose(trainer, evaluation, history),
        history=history,
        marks=tuple(trainer.marks),
        view=trainer.view(evaluation),
    )
