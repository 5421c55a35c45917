"""What measurements and pictures may ask of a GAN in training, and what a kind of target has to offer."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan_core.batches import Batches
from gan_core.config import TrainConfig
from gan_core.diagnosis import Diagnosis
from gan_core.losses import GANLoss
from gan_core.networks import Network
from gan_core.optimum import Conditions


class Game(Protocol):
    """A GAN at one moment; `training.GANTrainer` is one.

    Attributes:
        config: its settings now. loss: their loss. step_count: finished steps.
        problem: its kind of target.
        generator, discriminator: the players.
    """

    config: TrainConfig
    loss: GANLoss
    step_count: int
    problem: "Problem"
    generator: Network
    discriminator: Network

    @property
    def shown_generator(self) -> Network:
        """The generator that pictures show."""
        ...

    def conditions(self) -> Conditions:
        """Under which D learns now."""
        ...

    def fixed_latents(self, n: int) -> Tensor:
        """The first n <= 512 latents behind every picture, (n, latent_dim)."""
        ...

    def generate(self, z: Tensor) -> Tensor:
        """G(z) in the units of the data, by the shown G: (n, latent_dim) -> (n, dim)."""
        ...

    def oppose(self, z: Tensor) -> Tensor:
        """G(z) in the units of the data, by the G that D plays against: (n, latent_dim) -> (n, dim)."""
        ...

    def judge(self, x: Tensor) -> Tensor:
        """D's raw output, (n, 1), for x (n, dim) in the units of the data; a packed D sees copies of x."""
        ...

    def judge_packs(self, x: Tensor) -> Tensor:
        """D's raw output, (n, 1), for packs x (n, packing * dim) in the units of the data."""
        ...


class Problem(Protocol):
    """A kind of target, with all that a trainer and its viewers need to know about it.

    Attributes:
        target: what G has to imitate.
        real: fixed samples of p_data for a picture; training draws fresh ones.
        scalars: figures of an evaluation that are worth a curve, by name.
        gradients: whether G's gradient norms are, too.
        stride: training steps between two rows of the history.
        max_age: seconds by which a measurement may lag behind a run that plays; inf: the last row of the history does.
        packing: samples that D judges together.
        by_hand: whether its networks do without autograd.
        quick_average: whether the averaged G has a short memory at first.
        light_checkpoints: whether a checkpoint holds the networks only, in half precision, since they are large.
    """

    target: Any
    real: NDArray[Any]
    scalars: tuple[str, ...]
    gradients: bool
    stride: int
    max_age: float
    packing: int
    by_hand: bool
    quick_average: bool
    light_checkpoints: bool

    def generator(self, rng: torch.Generator) -> Network:
        """A new generator, its weights drawn from rng."""
        ...

    def discriminator(self, rng: torch.Generator) -> Network:
        """A new discriminator, its weights and later its dropout masks drawn from rng."""
        ...

    def widen(self, generator: Network, rng: np.random.Generator, torch_rng: torch.Generator) -> None:
        """Let G start spread over the data, if that means anything here."""
        ...

    def real_batches(self, rng: np.random.Generator) -> Batches:
        """Real batches for D, (batch_size, dim), in the units of the networks."""
        ...

    def latent_batches(self, rng: torch.Generator) -> Batches:
        """Batches of z, (batch_size, latent_dim)."""
        ...

    def fixed_latents(self) -> Tensor:
        """(512, latent_dim) latents for pictures."""
        ...

    def real_samples(self, n: int) -> Tensor:
        """n fixed samples of p_data, (n, dim), in the units of the data."""
        ...

    def to_data(self, x: Tensor) -> Tensor:
        """Samples (n, dim) in the units of the networks -> in those of the data."""
        ...

    def to_network(self, x: Tensor) -> Tensor:
        """The inverse of `to_data`."""
        ...

    def slope_to_data(self, by_x: Tensor) -> Tensor:
        """Derivatives (n, dim) by a sample in the units of the networks -> by one in those of the data."""
        ...

    def start(self) -> Any:
        """The `training.State` to begin with, or None for random weights."""
        ...

    def evaluate(self, game: Game) -> Any:
        """Measure a GAN as it is now."""
        ...

    def diagnose(self, game: Game, evaluation: Any, history: Mapping[str, NDArray[np.float64]]) -> Diagnosis:
        """Sum up an evaluation, and the history (column name -> (rows,) values) that led to it."""
        ...

    def view(self, game: Game, evaluation: Any) -> Any:
        """What there is to see."""
        ...
