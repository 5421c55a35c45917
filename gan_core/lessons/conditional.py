"""The ring of eight modes, with the mode as the label: G is told which one to make."""

import itertools
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from gan_core import threads
from gan_core.batches import BATCHES_PER_DRAW, Batches
from gan_core.conditional import ConditionalProblem, Course, Labelled, ordered, with_label
from gan_core.config import TrainConfig
from gan_core.distributions import DISTRIBUTIONS
from gan_core.divergences import HIGH_QUALITY_RADIUS
from gan_core.latents import draw_latents
from gan_core.training import GANTrainer

TARGET = DISTRIBUTIONS["ring_8"]
RECIPE = TrainConfig(
    target="ring_8", latent_dim=2, batch_size=256, lr_g=2e-3, lr_d=8e-3, beta1=0.0, beta2=0.9, d_steps=1, ema_decay=0.99,
    lr_decay_steps=0,
)  # fmt: skip
STEPS = 1500  # after which every mode is what was ordered
_WIDTH = 64


def nearest_mode(x: NDArray[np.float64]) -> NDArray[np.int64]:
    """The mode within 3 standard deviations of points (n, 2), (n,); -1 where there is none."""
    assert TARGET.modes is not None
    distance = np.linalg.norm(x[:, None] - TARGET.modes, axis=-1) / TARGET.mode_scale
    return np.where(distance.min(1) <= HIGH_QUALITY_RADIUS, distance.argmin(1), -1)


@lru_cache(maxsize=1)
def labelled() -> Labelled:
    """The ring with its modes as labels, of which no two are nearer than 15 standard deviations."""
    assert TARGET.modes is not None
    modes = TARGET.modes
    center, unit = (torch.from_numpy(np.broadcast_to(a, (2,)).copy()).float() for a in (TARGET.center, TARGET.unit))

    def draw(n: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        x = TARGET.sample(n, rng)
        labels = np.linalg.norm(x[:, None] - modes, axis=-1).argmin(1)
        return (torch.from_numpy(x).float() - center) / unit, torch.from_numpy(labels)

    def batches(size: int, rng: np.random.Generator) -> Batches:
        return Batches(rng, lambda rng: with_label(*draw(BATCHES_PER_DRAW * size, rng), len(modes)).split(size))

    held_out, labels = draw(2000, np.random.default_rng(0))
    return Labelled(
        key="ring_8", shares=TARGET.weights, batches=batches, held_out=held_out, held_out_labels=labels,
        judge=lambda x: torch.from_numpy(nearest_mode((x * unit + center).double().numpy())),
        generator=lambda n: _mlp([n, _WIDTH, _WIDTH, 2]), features=lambda: nn.Sequential(*_mlp([2, _WIDTH, _WIDTH]), nn.LeakyReLU(0.2)),
        width=_WIDTH, center=center, unit=unit,
    )  # fmt: skip


def _mlp(sizes: list[int]) -> nn.Sequential:
    layers: list[nn.Module] = []
    for m, n in itertools.pairwise(sizes):
        layers += [nn.Linear(m, n), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers[:-1])


def trainer(seed: int = 1) -> GANTrainer:
    """A conditional GAN on the ring."""
    threads.use_one()
    config = RECIPE.replace(seed=seed)
    return GANTrainer(config, ConditionalProblem(config, labelled()))


def points(gan: GANTrainer, label: int, n: int, seed: int = 0) -> NDArray[np.float64]:
    """n fakes of one mode, (n, 2)."""
    z = draw_latents(gan.config.latent, n, gan.config.latent_dim, torch.Generator().manual_seed(seed))
    return ordered(gan, z, torch.full((n,), label)).double().numpy()


def course(gan: GANTrainer) -> Course:
    """What there is to see of it; of the fakes, 200 of every mode, (8, 200, 2)."""
    fakes = np.stack([points(gan, k, 200) for k in range(labelled().n_labels)])
    return Course(gan.step_count, gan.last_evaluation[1], gan.history.arrays(), fakes)
