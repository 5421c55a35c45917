"""A GAN on images of handwritten digits: the same trainer as everywhere, on other networks and other yardsticks."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from gan_core.batches import BATCHES_PER_DRAW, Batches
from gan_core.config import TrainConfig
from gan_core.diagnosis import Diagnosis, diagnose
from gan_core.facts import History
from gan_core.game import Game
from gan_core.images import data, warm_starts
from gan_core.images.augment import Augment
from gan_core.images.data import to_range
from gan_core.images.facts import image_facts
from gan_core.images.metrics import IMAGE_SCALARS, ImageEvaluation, ImageEvaluator
from gan_core.images.networks import ARCHITECTURES, ModuleNetwork
from gan_core.keeping import KEPT_ONCE
from gan_core.latents import draw_fixed_latents, draw_latent_batches

Pixels = NDArray[np.uint8]

N_FAKES, N_REALS = 64, 32  # images in a picture


@dataclass(frozen=True)
class Fakes:
    """Fakes from always the same latents at some step.

    Attributes:
        pixels: (64, side, side), 0 = paper, 255 = ink. opinions: (64,) D of each; nan for scores.
    """

    step: int
    pixels: Pixels
    opinions: NDArray[np.float32]


@dataclass(frozen=True)
class ImageView:
    """What a GAN on images looks like.

    Attributes:
        fakes: those of now.
        reals: (32, side, side) images that were not trained on. real_opinions: (32,) D of each; nan for scores.
    """

    fakes: Fakes
    reals: Pixels = field(metadata=KEPT_ONCE)
    real_opinions: NDArray[np.float32]


class ImageProblem:
    """A set of images, see `data.load`, with the networks of `ARCHITECTURES`; see `Problem`. Samples are flat rows in
    [-1, 1], for the networks and for everybody else.

    The settings of the small networks mean nothing here: width, depth, activations, wide and spread start, packing.

    Attributes:
        target: the `data.ImageSet`. architecture: the `ImageArchitecture`.
        real: (32, side, side) uint8 images that were not trained on.
        train, held_out: (n, side²) uint8 images that D gets, and that it never gets.
        augment: see `__init__`.
    """

    scalars = IMAGE_SCALARS
    gradients = False
    max_age = math.inf  # a measurement costs as much as ten steps
    packing = 1
    by_hand = False
    quick_average = True
    light_checkpoints = True  # whole ones of the note's network would be 36 MB, twice

    def __init__(self, config: TrainConfig, examples: int | None = None, augment: Augment | None = None):
        """Args: config: with a target of images. examples: how many training images D gets, the first; None: all.
        augment: what D sees them through, and the fakes."""
        self.config = config
        self.augment = augment
        self.architecture = ARCHITECTURES[config.architecture]
        side = self.architecture.side
        self.target = data.load(config.target)
        train, self.held_out = self.target.pixels(side)  # (n, side²) uint8
        self.train = train[:examples]
        self.real = self.held_out[:N_REALS].numpy().reshape(-1, side, side)
        self._evaluator = ImageEvaluator(self.target, side, config.latent, config.latent_dim)
        self.stride = self.architecture.stride

    def generator(self, rng: torch.Generator) -> ModuleNetwork:
        """See `Problem`."""
        return ModuleNetwork(self.architecture.generator(self.config.latent_dim), rng)

    def discriminator(self, rng: torch.Generator) -> ModuleNetwork:
        """See `Problem`."""
        module = self.architecture.discriminator()
        if self.augment:
            self.augment.rng = rng
            module = nn.Sequential(self.augment, module)
        return ModuleNetwork(module, rng, self.config.dropout)

    def widen(self, generator: Any, rng: np.random.Generator, torch_rng: torch.Generator) -> None:
        """Not for images: tanh holds them in their range."""

    def real_batches(self, rng: np.random.Generator) -> Batches:
        """See `Problem`."""

        def draw(rng: np.random.Generator) -> Sequence[Tensor]:  # the numbers of the images: they would be 30 MB
            size = BATCHES_PER_DRAW, self.config.batch_size
            return list(torch.from_numpy(rng.integers(len(self.train), size=size)))

        return Batches(rng, draw, lambda rows: to_range(self.train[rows]))

    def latent_batches(self, rng: torch.Generator) -> Batches:
        """See `Problem`."""
        return draw_latent_batches(self.config, rng)

    def fixed_latents(self) -> Tensor:
        """See `Problem`."""
        return draw_fixed_latents(self.config)

    def real_samples(self, n: int) -> Tensor:
        """See `Problem`."""
        return to_range(self.held_out[:n])

    def to_data(self, x: Tensor) -> Tensor:
        """See `Problem`."""
        return x

    def to_network(self, x: Tensor) -> Tensor:
        """See `Problem`."""
        return x

    def slope_to_data(self, by_x: Tensor) -> Tensor:
        """See `Problem`."""
        return by_x

    def start(self) -> Any:
        """See `Problem`."""
        if self.config.warm_start == "none":
            return None
        return warm_starts.load(self.config.warm_start).state(self.config)

    def evaluate(self, game: Game) -> ImageEvaluation:
        """See `Problem`."""
        opponent = game.oppose if game.config.averages else None
        return self._evaluator(game.generate, game.judge, game.loss, opponent=opponent, conditions=game.conditions())

    def diagnose(self, game: Game, evaluation: ImageEvaluation, history: History) -> Diagnosis:
        """See `Problem`."""
        return diagnose(image_facts(game, evaluation, history))

    def view(self, game: Game, evaluation: ImageEvaluation) -> ImageView:
        """See `Problem`."""
        reals = torch.from_numpy(self.real.reshape(len(self.real), -1))
        return ImageView(self._fakes(game), self.real, opinions(game, to_range(reals)))

    def _fakes(self, game: Game) -> Fakes:
        x = game.generate(game.fixed_latents(N_FAKES))
        side = self.architecture.side
        return Fakes(game.step_count, as_pixels(x).reshape(-1, side, side), opinions(game, x))


def opinions(game: Game, x: Tensor) -> NDArray[np.float32]:
    """D of images (n, side²) in [-1, 1], (n,); nan for scores."""
    d = game.loss.probability(game.judge(x)[:, 0])
    return (torch.full((len(x),), torch.nan, dtype=torch.float32) if d is None else d).numpy()


def as_pixels(x: Tensor) -> Pixels:
    """The inverse of `to_range`, rounded."""
    return ((x + 1) * 127.5).round().clamp(0, 255).to(torch.uint8).numpy()


def latent_walk(game: Game, waypoints: Tensor, frames: int) -> Pixels:
    """Images along a walk in the latent space, (m * frames, side, side) for m legs between waypoints (m + 1, latent_dim).

    Normal latents are joined by arcs (White, 2016, Sampling Generative Networks): a straight line would cut through
    the middle, where no latent of many dimensions ever lies. Uniform ones, and opposite ones, between which no arc is
    the shortest, are joined by straight lines. The last waypoint itself is left to the next walk.
    """
    t = torch.linspace(0, 1, frames + 1, dtype=torch.float32)[:-1, None]  # (frames, 1)
    legs = []
    for a, b in itertools.pairwise(waypoints):
        start, end = (v / v.norm().clamp_min(1e-9) for v in (a, b))
        angle = torch.acos((start @ end).clamp(-1, 1))
        if game.config.latent == "uniform" or not 1e-3 < angle < math.pi - 1e-3:
            legs.append(a + t * (b - a))
        else:
            direction = (torch.sin((1 - t) * angle) * start + torch.sin(t * angle) * end) / torch.sin(angle)
            legs.append(direction * ((1 - t) * a.norm() + t * b.norm()))
    side = ARCHITECTURES[game.config.architecture].side
    return as_pixels(game.generate(torch.cat(legs))).reshape(-1, side, side)
