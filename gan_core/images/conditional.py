"""Digits to order: a conditional GAN on images with their labels, from scratch or from a trained start that is shipped."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from gan_core import threads
from gan_core.batches import BATCHES_PER_DRAW, Batches
from gan_core.conditional import ConditionalProblem, Course, Labelled, ordered, with_label
from gan_core.images import classifier, warm_starts
from gan_core.images import data as image_data
from gan_core.images.classifier import N_CLASSES
from gan_core.images.data import to_range
from gan_core.images.idx import SIDE
from gan_core.images.networks import Dropout
from gan_core.images.problem import Pixels, as_pixels
from gan_core.images.warm_starts import FOLDER
from gan_core.latents import draw_latents
from gan_core.presets import FAST
from gan_core.training import GANTrainer

RECIPE = FAST
CALM = RECIPE.replace(lr_g=5e-4, lr_d=5e-4)  # from the trained start on, whose learning rates had fallen
TRAINED = FOLDER / "conditional.safetensors"
_WIDTH = 128


def _body(n_inputs: int) -> nn.Module:
    """The fast start's generator."""
    return nn.Sequential(
        nn.Linear(n_inputs, 128, bias=False), nn.BatchNorm1d(128), nn.LeakyReLU(0.2),
        nn.Linear(128, 256, bias=False), nn.BatchNorm1d(256), nn.LeakyReLU(0.2), nn.Linear(256, SIDE**2), nn.Tanh(),
    )  # fmt: skip


def _features() -> nn.Module:
    """The fast start's discriminator, without its last layer."""
    return nn.Sequential(
        nn.Linear(SIDE**2, 256), nn.LeakyReLU(0.2), Dropout(), nn.Linear(256, _WIDTH), nn.LeakyReLU(0.2), Dropout(),
    )  # fmt: skip


@lru_cache(maxsize=2)
def labelled(target: str = "mnist") -> Labelled:
    """The images of a key of `data.IMAGE_TARGETS` with their labels; see `data.load` for the errors."""
    images = image_data.load(target)
    judge = classifier.for_images(images)
    train, held_out = images.pixels(SIDE)

    def batches(size: int, rng: np.random.Generator) -> Batches:
        def draw(rng: np.random.Generator) -> Sequence[Tensor]:
            return list(torch.from_numpy(rng.integers(len(train), size=(BATCHES_PER_DRAW, size))))

        return Batches(rng, draw, lambda rows: with_label(to_range(train[rows]), images.train_labels[rows], N_CLASSES))

    n = min(len(held_out), 5000)
    return Labelled(
        key=images.key, shares=np.bincount(images.train_labels.numpy(), minlength=N_CLASSES) / len(train),
        batches=batches, held_out=to_range(held_out[:n]), held_out_labels=images.test_labels[:n],
        judge=lambda x: judge.probabilities_and_features(x)[0].argmax(1),
        generator=_body, features=_features, width=_WIDTH,
        center=torch.zeros(SIDE**2), unit=torch.ones(SIDE**2),
    )  # fmt: skip


def trainer(target: str = "mnist", *, trained: bool = False) -> GANTrainer:
    """A conditional GAN on digits.

    Args:
        target: a key of `data.IMAGE_TARGETS`. trained: from the shipped start, made by `python -m scripts.train_conditional` on
            MNIST; else from random weights.
    Raises:
        ValueError: the shipped file is damaged. See `data.load` for the other errors.
    """
    threads.use_one()
    config = (CALM if trained else RECIPE).replace(target=target)
    made = GANTrainer(config, ConditionalProblem(config, labelled(target)))
    if trained:
        made.resume(_start().resumed())
    return made


@lru_cache(maxsize=1)
def _start() -> warm_starts.WarmStart:
    problem = ConditionalProblem(RECIPE, labelled("digits"))  # networks alike for all images
    rng = torch.Generator()
    return warm_starts.read(TRAINED, (problem.generator(rng), problem.discriminator(rng)))


def styles(n: int, seed: int) -> Tensor:
    """n latents, (n, latent_dim): how a digit is written, whichever it is."""
    return draw_latents(RECIPE.latent, n, RECIPE.latent_dim, torch.Generator().manual_seed(seed))


def write(gan: GANTrainer, z: Tensor, labels: Tensor) -> Pixels:
    """Digits to order, (n, 28, 28); see `conditional.ordered`."""
    return as_pixels(ordered(gan, z, labels)).reshape(-1, SIDE, SIDE)


def table(gan: GANTrainer, n_styles: int = 6) -> Pixels:
    """Always the same styles, each for every digit in turn: (10 n_styles, 28, 28)."""
    z = styles(n_styles, 3).repeat_interleave(N_CLASSES, 0)
    return write(gan, z, torch.arange(N_CLASSES).repeat(n_styles))


def course(gan: GANTrainer) -> Course:
    """What there is to see of it; the fakes are its `table`."""
    return Course(gan.step_count, gan.last_evaluation[1], gan.history.arrays(), table(gan))


def slants(pixels: Pixels) -> NDArray[np.float64]:
    """How far the ink of images (n, side, side) leans to the right per pixel upwards, from its second moments; (n,)."""
    ink = pixels / pixels.sum((1, 2), keepdims=True).clip(1)
    y, x = np.mgrid[: pixels.shape[1], : pixels.shape[2]]
    dx, dy = (at - (ink * at).sum((1, 2), keepdims=True) for at in (x, y))
    return -(ink * dx * dy).sum((1, 2)) / (ink * dy * dy).sum((1, 2))


def shared_slant(gan: GANTrainer, n: int = 200) -> float:
    """Correlation over n latents between the slants of two digits that one latent draws; mean over all pairs of digits.

    1: a latent says how far every digit leans; 0: it says that of each digit anew.
    """
    z = styles(n, 9)
    found = np.corrcoef([slants(write(gan, z, torch.full((n,), k))) for k in range(N_CLASSES)])
    return float(found[np.triu_indices(N_CLASSES, 1)].mean())


def between(a: Tensor, b: Tensor, n: int) -> Tensor:
    """n points on the arc from one vector (d,) to another, both ends among them; (n, d).

    White (2016), Sampling Generative Networks, spherical interpolation: on a straight line the middle would be shorter than
    latents of many dimensions ever are.
    """
    t = torch.linspace(0, 1, n)[:, None]
    start, end = a / a.norm(), b / b.norm()
    angle = torch.acos((start @ end).clamp(-1, 1))
    if angle < 1e-3:
        return a + t * (b - a)
    direction = (torch.sin((1 - t) * angle) * start + torch.sin(t * angle) * end) / torch.sin(angle)
    return direction * ((1 - t) * a.norm() + t * b.norm())
