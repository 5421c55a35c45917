"""A GAN on images of handwritten digits: the same step as everywhere, on other networks and other yardsticks."""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan_core.config import TrainConfig
from gan_core.images import data as image_data
from gan_core.images import warm_starts
from gan_core.images.data import to_range
from gan_core.images.metrics import IMAGE_SCALARS, ImageEvaluation, ImageEvaluator
from gan_core.images.networks import ARCHITECTURES, Network
from gan_core.training import GANTrainer

Pixels = NDArray[np.uint8]

N_FAKES, N_REALS = 64, 32  # images in a picture
_ALBUM = 48  # pages


@dataclass(frozen=True)
class Page:
    """The same fakes at some step.

    Attributes:
        pixels: (64, side, side), 0 = paper, 255 = ink. opinions: (64,) D of each; nan for scores.
    """

    step: int
    pixels: Pixels
    opinions: NDArray[np.float32]


@dataclass(frozen=True)
class ViewImages:
    """What a GAN on images looks like.

    Attributes:
        fakes: always from the same latents.
        reals: (32, side, side) images that were not trained on. real_opinions: (32,) D of each; nan for scores.
        album: the fakes of earlier steps, oldest first.
    """

    fakes: Page
    reals: Pixels
    real_opinions: NDArray[np.float32]
    album: tuple[Page, ...]


class ImageTrainer(GANTrainer):
    """A `GANTrainer` whose target is a set of images, see `image_data.load`. Samples are flat rows in [-1, 1].

    The settings of the small networks mean nothing here: width, depth, activations, wide and spread start, packing.

    Attributes:
        target: the `image_data.ImageSet`.
        architecture: the `ImageArchitecture`.
        real: (32, side, side) uint8 images that were not trained on.
        album: the fakes of earlier steps, oldest first: the first ones, and then at even distances.
    """

    HISTORY_COLUMNS = warm_starts.COLUMNS

    def __init__(self, config: TrainConfig):
        self.album: tuple[Page, ...] = ()
        super().__init__(config)

    def _aim(self) -> None:
        c = self.config
        self.architecture = ARCHITECTURES[c.architecture]
        side = self.architecture.side
        self.target = image_data.load(c.target)
        self._train, self._test = self.target.pixels(side)  # (n, side²) uint8
        self.real = self._test[:N_REALS].numpy().reshape(-1, side, side)
        self._evaluator = ImageEvaluator(self.target, side, c.latent, c.latent_dim)
        self._stride = self._album_stride = self.architecture.stride

    def _start_wide(self) -> None:
        """Not for images: tanh holds them in their range."""

    def _packed(self, x: Tensor) -> Tensor:
        return x

    def _begin(self) -> None:
        if self.config.warm_start != "none":
            warm_starts.load(self.config.warm_start).put_into(self)

    def _new_generator(self) -> Network:
        return Network(self.architecture.generator(self.config.latent_dim), self._torch_rng)

    def _new_discriminator(self) -> Network:
        return Network(self.architecture.discriminator(), self._torch_rng, self.config.dropout)

    def _fakes(self, z: Tensor) -> Tensor:
        return self.generator.in_training(z)  # batch norm with the statistics of this batch, as when G learns

    def _memory(self) -> float:
        return min(self.config.ema_decay, (1 + self.step_count) / (10 + self.step_count))  # short while G moves far

    def _real_stream(self) -> Iterator[Tensor]:
        n = self.config.batch_size
        while True:  # a hundred batches of whole images would be 30 MB: draw their numbers only
            for rows in torch.from_numpy(self._rng.integers(len(self._train), size=(100, n))):
                yield to_range(self._train[rows])

    def generate(self, z: Tensor) -> Tensor:
        """G(z), (n, latent_dim) -> (n, side²) in [-1, 1], by the shown generator."""
        return self.shown_generator(z)

    def curves(self, evaluation: ImageEvaluation) -> dict[str, float]:
        """The columns of the history beside step and losses."""
        return {name: getattr(evaluation, name) for name in IMAGE_SCALARS}

    def judge(self, x: Tensor) -> Tensor:
        """D's raw output, (n, 1), for images (n, side²) in [-1, 1]."""
        return self.discriminator(x)

    def view(self) -> ViewImages:
        """What there is to see now."""
        fakes = self._page()
        reals = torch.from_numpy(self.real.reshape(len(self.real), -1))
        return ViewImages(fakes, self.real, self._opinions(to_range(reals)), self.album)

    def _page(self) -> Page:
        x = self.generate(self.fixed_latents(N_FAKES))
        side = self.architecture.side
        return Page(self.step_count, as_pixels(x).reshape(-1, side, side), self._opinions(x))

    def _opinions(self, x: Tensor) -> NDArray[np.float32]:
        d = self.loss.probability(self.judge(x)[:, 0])
        return (torch.full((len(x),), torch.nan) if d is None else d).numpy()

    def _record(self, d_loss: float, g_loss: float) -> None:
        super()._record(d_loss, g_loss)
        if not self.album or (self.step_count > self.album[-1].step and self.step_count % self._album_stride == 0):
            self.album = (*self.album, self._page())
        if len(self.album) > _ALBUM:
            self._album_stride *= 2
            self.album = (self.album[0], *(p for p in self.album[1:] if p.step % self._album_stride == 0))

    def _tensors(self) -> list[Tensor]:
        """What a checkpoint holds: the networks only, since Adam's memory would be twice as much again."""
        return [n.flat for n in (self.generator, self.discriminator, self._averaged)]

    def _checkpoint(self) -> tuple[int, list[Tensor]]:
        return self.step_count, [t.half() for t in self._tensors()]  # two of them would be 36 MB of the note's network

    def _restore(self, saved: list[Tensor]) -> None:
        super()._restore(saved)
        for optimizer in (self._g_optimizer, self._d_optimizer):  # what they remember may be what went wrong
            for tensor in optimizer.tensors:
                tensor.zero_()


def as_pixels(x: Tensor) -> Pixels:
    """The inverse of `to_range`, rounded."""
    return ((x + 1) * 127.5).round().clamp(0, 255).to(torch.uint8).numpy()


def make_trainer(config: TrainConfig) -> GANTrainer:
    """The trainer for a config's target.

    Raises:
        image_data.ImagesMissing: MNIST was asked for and is not on this machine.
    """
    return (ImageTrainer if config.target in image_data.IMAGE_TARGETS else GANTrainer)(config)


def latent_walk(trainer: ImageTrainer, waypoints: Tensor, frames: int) -> Pixels:
    """Images along a walk in the latent space, (m * frames, side, side) for m legs between waypoints (m + 1, latent_dim).

    Normal latents are joined by arcs (White, 2016, Sampling Generative Networks): a straight line would cut through
    the middle, where no latent of many dimensions ever lies. Uniform ones, and opposite ones, between which no arc is
    the shortest, are joined by straight lines. The last waypoint itself is left to the next walk.
    """
    t = torch.linspace(0, 1, frames + 1)[:-1, None]  # (frames, 1)
    legs = []
    for a, b in itertools.pairwise(waypoints):
        start, end = (v / v.norm().clamp_min(1e-9) for v in (a, b))
        angle = torch.acos((start @ end).clamp(-1, 1))
        if trainer.config.latent == "uniform" or not 1e-3 < angle < math.pi - 1e-3:
            legs.append(a + t * (b - a))
        else:
            direction = (torch.sin((1 - t) * angle) * start + torch.sin(t * angle) * end) / torch.sin(angle)
            legs.append(direction * ((1 - t) * a.norm() + t * b.norm()))
    side = trainer.architecture.side
    return as_pixels(trainer.generate(torch.cat(legs))).reshape(-1, side, side)
