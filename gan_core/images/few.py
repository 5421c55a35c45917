"""What happens to D when there are few training images, and what helps: trainings on the first n images, measured on others.

The curves and fakes of `TABLE` are made by `python -m scripts.few_examples` and shipped; `follow` gives the same trainings anew.
A G that repeats training images is shipped in place of its fakes: they would be pictures of MNIST, nearly as it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from gan_core import threads
from gan_core.config import TrainConfig
from gan_core.images import data
from gan_core.images.augment import Augment, Controller
from gan_core.images.data import to_range
from gan_core.images.neighbours import nearest
from gan_core.images.networks import ARCHITECTURES, ModuleNetwork
from gan_core.images.problem import ImageProblem, Pixels, as_pixels
from gan_core.latents import draw_fixed_latents
from gan_core.presets import FAST
from gan_core.training import GANTrainer

Array = NDArray[np.float64]

TABLE = Path(__file__).parent / "weights" / "few_examples.npz"
RECIPE = FAST.replace(architecture="tiny", dropout=0.0)
STEPS, STRIDE = 5000, 200  # of the shipped curves
N_SHOWN = 30  # fakes of each training in a picture
N_JUDGED = 500  # training images, held-out images and fakes that D judges
N_COMPARED = 300  # fakes, and held-out images, whose nearest training image is looked up

EXAMPLES = (100, 500, 1500, 60_000)
COLUMNS = ("step", "d_train", "d_held_out", "d_fake", "r_t", "p", "frechet")


@dataclass(frozen=True)
class Attempt:
    """One training: how many images, and what is done against learning them by heart.

    Attributes:
        examples: of the training set, the first. dropout: in D. r1_gamma: of the R1 penalty.
        augment: "none"; "fixed": every image at every step; "adaptive": as often as `Controller` says.
    """

    examples: int
    dropout: float = 0.0
    r1_gamma: float = 0.0
    augment: str = "none"

    def config(self, target: str = "mnist") -> TrainConfig:
        """Its settings."""
        return RECIPE.replace(target=target, dropout=self.dropout, r1_gamma=self.r1_gamma)


@dataclass(frozen=True)
class Reading:
    """D, measured; no dropout, no augmentation.

    Attributes:
        step: of training.
        d_train, d_held_out, d_fake: D's mean on up to 500 of the images that it learns from, on images that it never saw,
            and on fakes.
        r_t: E[sign logit] on the training images of the last batches, as D sees them in training.
        p: probability of augmentation. frechet: see `metrics.ImageEvaluation`, to all images of the set.
    """

    step: int
    d_train: float
    d_held_out: float
    d_fake: float
    r_t: float
    p: float
    frechet: float


class Progress(NamedTuple):
    """What there is to see of a training.

    Attributes:
        step: of it. last: its last reading. curves: see `Training.curves`. fakes: (30, side, side).
    """

    step: int
    last: Reading
    curves: dict[str, Array]
    fakes: Pixels


class Training:
    """A GAN that gets few examples, with the controller of its augmentation.

    Attributes:
        trainer: the `GANTrainer`. problem: its `ImageProblem`.
        readings: of every `stride` steps, from step 0 on.
    """

    def __init__(self, attempt: Attempt, target: str = "mnist", stride: int = STRIDE):
        """Args: attempt; target: a key of `data.IMAGE_TARGETS`; stride: steps between two readings."""
        threads.use_one()
        config = attempt.config(target)
        side = ARCHITECTURES[config.architecture].side
        self._adaptive = attempt.augment == "adaptive"
        self.augment = None if attempt.augment == "none" else Augment(side, 0.0 if self._adaptive else 1.0)
        self.problem = ImageProblem(config, attempt.examples, self.augment)
        self.trainer = GANTrainer(config, self.problem)
        self.trainer.history.stride = 10**9  # its curves are `read`
        self._controller = Controller()
        self._stride = stride
        self.readings = [self.read()]

    def step(self) -> None:
        """One step of both players; then the controller hears what D now says of the images of the step."""
        self.trainer.step()
        p = self._controller.hear(self.trainer.discriminator.in_training(self.trainer.real_batches.last))
        if self._adaptive and self.augment:
            self.augment.p = p
        if self.trainer.step_count % self._stride == 0:
            self.readings.append(self.read())

    def curves(self) -> dict[str, Array]:
        """The readings as COLUMNS -> (rows,) values."""
        return {name: np.array([getattr(r, name) for r in self.readings], dtype=np.float64) for name in COLUMNS}

    def read(self) -> Reading:
        """Measure; leaves the training as it is."""
        trainer, problem = self.trainer, self.problem
        fakes = trainer.oppose(trainer.fixed_latents(N_JUDGED))
        d_train, d_held_out, d_fake = (
            float(trainer.judge(x).double().sigmoid().mean())
            for x in (to_range(problem.train[:N_JUDGED]), to_range(problem.held_out[:N_JUDGED]), fakes)
        )
        return Reading(
            trainer.step_count, d_train, d_held_out, d_fake, self._controller.r_t,
            self.augment.p if self.augment else 0.0, trainer.evaluate().frechet,
        )  # fmt: skip

    def fakes(self, n: int = N_SHOWN) -> Pixels:
        """(n, side, side) fakes of always the same latents."""
        return as_pictures(self.trainer.generate(self.trainer.fixed_latents(n)))

    def progress(self) -> Progress:
        """What there is to see of it."""
        return Progress(self.trainer.step_count, self.readings[-1], self.curves(), self.fakes())

    def nearness(self) -> tuple[float, float]:
        """How near fakes, and images that nobody trained on, lie to the training images: the median distance to the nearest,
        L2 over pixels from 0 to 1. Fakes much nearer than the others are copies."""
        fakes = self.trainer.generate(self.trainer.fixed_latents(N_COMPARED))
        others = to_range(self.problem.held_out[:N_COMPARED])
        near = (nearest(x.numpy(), self.problem.train.numpy(), 1)[1] for x in (fakes, others))
        a, b = (float(np.median(distances)) for distances in near)
        return a, b


# one at a time, so that it is seen what each of them does
REMEDIES: dict[str, dict[str, Any]] = {
    "nothing": {}, "dropout": {"dropout": 0.5}, "r1": {"r1_gamma": 1.0}, "fixed": {"augment": "fixed"},
    "adaptive": {"augment": "adaptive"},
}  # fmt: skip


def attempts() -> Iterator[Attempt]:
    """All trainings of the table: every remedy with every number of examples."""
    return (Attempt(n, **remedy) for n in EXAMPLES for remedy in REMEDIES.values())


# those whose fakes do not lie half as far from their training images as real digits that nobody trained on
COPYING = (Attempt(100), Attempt(500))


@dataclass(frozen=True)
class Course:
    """What the table holds of a training.

    Attributes:
        curves: COLUMNS -> (rows,) values. fakes: (30, 14, 14) at the end.
        near_fakes, near_others: see `Training.nearness`, at the end.
        floor: what the Fréchet distance reads for real images.
        generator: (n_parameters,) weights of the shown G at the end, in half precision; None where the fakes are shipped.
    """

    curves: dict[str, Array]
    fakes: Pixels
    near_fakes: float
    near_others: float
    floor: float
    generator: NDArray[np.float16] | None = None


def follow(attempt: Attempt, steps: int = STEPS, stride: int = STRIDE, target: str = "mnist") -> Course:
    """Train, and measure every `stride` steps."""
    training = Training(attempt, target, stride)
    for _ in range(steps):
        training.step()
    floor = training.trainer.evaluate().frechet_floor
    generator = training.trainer.shown_generator.flat.half().numpy() if attempt in COPYING else None
    return Course(training.curves(), training.fakes(), *training.nearness(), floor, generator)


def drawn(generator: NDArray[np.float16]) -> Pixels:
    """The fakes of a G that is shipped, (30, 14, 14): those of the latents of `Training.fakes`."""
    network = ModuleNetwork(ARCHITECTURES[RECIPE.architecture].generator(RECIPE.latent_dim), torch.Generator())
    network.flat.copy_(torch.from_numpy(generator))
    return as_pictures(network(draw_fixed_latents(RECIPE)[:N_SHOWN]))


def originals(fakes: Pixels, examples: int, target: str = "mnist") -> Pixels:
    """Of the first so many training images, the one that resembles each of the fakes (n, side, side) most; like the fakes.

    Raises:
        ImagesMissing, BadImageFile: see `data.load`.
    """
    pool = data.load(target).pixels(fakes.shape[-1])[0][:examples].numpy()
    index, _ = nearest(fakes.reshape(len(fakes), -1), pool, 1)
    return pool[index[:, 0]].reshape(fakes.shape)


def as_pictures(x: torch.Tensor) -> Pixels:
    """Rows in [-1, 1], (n, side²), as (n, side, side)."""
    side = ARCHITECTURES[RECIPE.architecture].side
    return as_pixels(x).reshape(-1, side, side)


def seen(target: str, n: int, p: float, seed: int) -> Pixels:
    """n training images, and each of them as D may see it, (2 n, side, side), augmented with probability p."""
    side = ARCHITECTURES[RECIPE.architecture].side
    images = data.load(target).pixels(side)[0][:n]
    augment = Augment(side, p)
    augment.rng = torch.Generator().manual_seed(seed)
    return as_pictures(torch.cat([to_range(images), augment(to_range(images))]))


def save(courses: dict[Attempt, Course], file: Path = TABLE) -> None:
    """Write the table, in the order of `attempts`."""
    kept = [courses[attempt] for attempt in attempts()]
    np.savez_compressed(
        file,
        curves=np.array([[c.curves[name] for name in COLUMNS] for c in kept], dtype=np.float32),
        fakes=np.array([c.fakes for c in kept if c.generator is None], dtype=np.uint8),
        generators=np.array([c.generator for c in kept if c.generator is not None], dtype=np.float16),
        ends=np.array([[c.near_fakes, c.near_others, c.floor] for c in kept], dtype=np.float32),
    )


@lru_cache(maxsize=1)
def load() -> dict[Attempt, Course]:
    """The shipped table, read once."""
    return read(TABLE)


def read(file: Path) -> dict[Attempt, Course]:
    """The inverse of `save`."""
    with np.load(file, allow_pickle=False) as found:
        curves, fakes, generators, ends = (found[name] for name in ("curves", "fakes", "generators", "ends"))
    pictures, weights = iter(fakes), iter(generators)
    courses = {}
    for attempt, values, end in zip(attempts(), curves, ends, strict=True):
        generator = next(weights) if attempt in COPYING else None
        shown = next(pictures) if generator is None else drawn(generator)
        columns = dict(zip(COLUMNS, values.astype(np.float64), strict=True))
        near_fakes, near_others, floor = map(float, end)
        courses[attempt] = Course(columns, shown, near_fakes, near_others, floor, generator)
    return courses
