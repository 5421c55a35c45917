"""Everything numerical about a small GAN, usable from a notebook and free of any user interface.

>>> from gan_core import GANTrainer, TrainConfig
>>> trainer = GANTrainer(TrainConfig(target="two_modes", seed=1))
>>> record = trainer.step()
>>> trainer.evaluate().jsd  # nats
"""

from gan_core.distributions import DISTRIBUTIONS, Distribution
from gan_core.losses import LOSSES, GANLoss
from gan_core.presets import PRESETS, Preset
from gan_core.runner import RunGone, Runner, RunnerFull, Snapshot
from gan_core.training import GANTrainer, StepRecord, TrainConfig, TrainingDiverged

__all__ = [
    "DISTRIBUTIONS",
    "LOSSES",
    "PRESETS",
    "Distribution",
    "GANLoss",
    "GANTrainer",
    "Preset",
    "RunGone",
    "Runner",
    "RunnerFull",
    "Snapshot",
    "StepRecord",
    "TrainConfig",
    "TrainingDiverged",
]
