"""Everything numerical about a small GAN, usable from a notebook and free of any user interface.

>>> from gan_core import GANTrainer, TrainConfig
>>> trainer = GANTrainer(TrainConfig(target="two_modes", seed=1))
>>> record = trainer.step()
>>> trainer.evaluate().jsd  # nats

The names below are imported on first use: a page that does not train need not wait seconds for PyTorch.
"""

import importlib
from typing import Any

_HOME = {
    "DISTRIBUTIONS": "distributions",
    "Distribution": "distributions",
    "LOSSES": "losses",
    "GANLoss": "losses",
    "PRESETS": "presets",
    "Preset": "presets",
    "Run": "run",
    "Runner": "runner",
    "RunnerFull": "runner",
    "RunGone": "runner",
    "Snapshot": "snapshot",
    "GANTrainer": "training",
    "StepRecord": "training",
    "TrainConfig": "config",
    "TrainingDiverged": "training",
    "load": "saving",
    "save": "saving",
}

__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'gan_core' has no attribute {name!r}")
    return getattr(importlib.import_module(f"gan_core.{_HOME[name]}"), name)
