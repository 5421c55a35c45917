"""What measurements and pictures may ask of a GAN in training, whatever trains it."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from gan_core.config import TrainConfig
from gan_core.losses import GANLoss


class Game(Protocol):
    """A GAN at one moment; `training.GANTrainer` is one.

    Attributes:
        config: its settings now. loss: their loss. step_count: finished steps.
    """

    config: TrainConfig
    loss: GANLoss
    step_count: int

    def fixed_latents(self, n: int) -> Tensor:
        """The first n <= 512 latents behind every picture, (n, latent_dim)."""
        ...

    def generate(self, z: Tensor) -> Tensor:
        """G(z) in the units of the data: (n, latent_dim) -> (n, dim)."""
        ...

    def judge(self, x: Tensor) -> Tensor:
        """D's raw output, (n, 1), for x (n, dim) in the units of the data."""
        ...

    def arrows(self, z: Tensor) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """G(z) and -dL_G/dx at it, both (n, dim), in units of the data."""
        ...
