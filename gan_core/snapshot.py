"""What a run shows of its trainer: one immutable picture per step that somebody looks at."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gan_core.config import TrainConfig
from gan_core.evaluation import Diagnosis, Evaluation, diagnose
from gan_core.images.metrics import ImageEvaluation, diagnose_images
from gan_core.images.problem import ImageTrainer, ViewImages
from gan_core.plane_view import View2D, view_2d
from gan_core.training import GANTrainer

N_SHOWN = 300  # samples in a snapshot
PLAYING, PAUSED, STOPPED = "playing", "paused", "stopped"


@dataclass(frozen=True)
class Snapshot:
    """An immutable picture of a run at one step; a newer one replaces it.

    Attributes:
        version: grows with every snapshot of a run.
        state: "playing", "paused" or "stopped" (by an error).
        message: why it stopped or paused by itself, else "".
        steps_per_second: of the recent past, 0 when not playing.
        real, samples: (n, dim) fixed samples of p_data, and samples of G from fixed latents; of images, see `view`.
        history: column name -> (rows,) values, see `GANTrainer.history`.
        marks: (step, text) of live changes.
        view: what a GAN in 2D or on images looks like; None in 1D, where the evaluation holds the curves.
    """

    version: int
    step: int
    state: str
    message: str
    config: TrainConfig
    steps_per_second: float
    evaluation: Evaluation | ImageEvaluation
    diagnosis: Diagnosis
    real: np.ndarray
    samples: np.ndarray
    history: Mapping[str, np.ndarray]
    marks: tuple[tuple[int, str], ...]
    view: View2D | ViewImages | None


def shown_evaluation(trainer: GANTrainer, playing: bool, rate: float) -> Evaluation | ImageEvaluation:
    """The evaluation for a snapshot: of this step, or, while the run plays, the last one of its history as long as
    that is young enough.

    Args:
        rate: steps per second, from which the age of the last one follows.
    """
    step, last = trainer.last_evaluation
    age = (trainer.step_count - step) / max(rate, 1e-9)  # seconds
    return last if playing and age < _max_age(trainer) else trainer.evaluate()


def _max_age(trainer: GANTrainer) -> float:
    """Seconds that an evaluation may be old while the run plays."""
    if isinstance(trainer, ImageTrainer):
        return math.inf  # it costs as much as ten steps: those of the history must do
    return 0.2 if trainer.config.dim > 1 else 0.0  # in 2D it costs as much as two steps


def take_snapshot(trainer: GANTrainer, version: int, state: str, message: str, rate: float) -> Snapshot:
    """A picture of the trainer as it is between two steps.

    Args:
        rate: steps per second of the recent past.
    """
    images, playing = isinstance(trainer, ImageTrainer), state == PLAYING
    evaluation = shown_evaluation(trainer, playing, rate)
    return Snapshot(
        version=version,
        step=trainer.step_count,
        state=state,
        message=message,
        config=trainer.config,
        steps_per_second=rate if playing else 0.0,
        evaluation=evaluation,
        diagnosis=(diagnose_images if images else diagnose)(trainer.step_count, evaluation, trainer.loss),
        real=trainer.real[:N_SHOWN],
        samples=np.empty((0, 0)) if images else trainer.sample(N_SHOWN),
        history=trainer.history.arrays(),
        marks=tuple(trainer.marks),
        view=trainer.view() if images else view_2d(trainer, evaluation) if trainer.config.dim == 2 else None,
    )
