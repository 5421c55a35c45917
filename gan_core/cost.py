"""What a turn of a training costs, estimated before it begins, and the nearest experiment that a budget allows.

A server trains in turns and looks at the clock between two steps only, so the longest step is how long everybody else
may have to wait. The ranges of `TrainConfig` are for notebooks; what a server refuses, it says with a value that goes.
"""

import contextlib
import functools
import itertools
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from gan_core.batches import BATCHES_PER_DRAW
from gan_core.config import DEFAULT_CONFIG, SETTINGS, TrainConfig
from gan_core.images.networks import ARCHITECTURES
from gan_core.line_evaluation import N_SAMPLED
from gan_core.losses import LOSSES
from gan_core.messages import Message
from gan_core.own_targets import lookup
from gan_core.penalties import PENALTIES
from gan_core.plane_evaluation import N_JUDGED, N_OPPONENT, N_SAMPLED_2D

# one core of a common server, measured and fitted by `python -m benchmarks.cost`
SECONDS_PER_MULTIPLY_ADD = 2.8e-11
SECONDS_PER_UNIT = 5e-9  # an activation and its share of the bookkeeping
SECONDS_PER_DRAW = 1e-8  # a number of a batch
SECONDS_AT_LEAST = 0.004

LOWERABLE = ("batch_size", "width", "depth", "d_steps", "latent_dim", "packing")  # settings that a cost grows with
_PENALTY_PASSES = 7  # through D, for a gradient that is differentiated once more
_NORM_PASSES = 12  # through a square layer, in n³ multiply-adds, for its spectral norm
_DROPOUT_VISITS = 6  # to a unit: drawing its mask is what costs
_COPIES = 15  # of all weights: networks, gradients, average, the memories of Adam, two checkpoints
_IMAGE_ROWS = 1500  # through each network for a measurement of images and a picture
_LINE_ROWS = 1500  # through each network for the curves of a line, without sampling
_VIEW_ROWS = 5000  # of a plane


class TooDear(ValueError):
    """An experiment beyond a budget; its argument is the `Message` that names the setting to lower."""


@dataclass(frozen=True)
class Work:
    """What one row costs in one pass through a network: multiply-adds, and units, the numbers that its weights lead to;
    and how many parameters it has."""

    multiply_adds: int
    units: int
    parameters: int


@dataclass(frozen=True)
class Cost:
    """Of the longest turn of a training: drawing batches, a step, a measurement, a picture.

    Attributes:
        seconds: on one core. megabytes: at most at a time.
    """

    seconds: float
    megabytes: float


@dataclass(frozen=True)
class Budget:
    """What a server allows one turn of one visitor."""

    seconds: float = 1.0
    megabytes: float = 256.0

    def share(self, cost: Cost) -> float:
        """How much of it this takes; more than 1 is too much."""
        return max(cost.seconds / self.seconds, cost.megabytes / self.megabytes)

    def allows(self, cost: Cost) -> bool:
        """Whether this is within it."""
        return self.share(cost) <= 1


def work_of(config: TrainConfig) -> tuple[Work, Work]:
    """Generator and discriminator; a packed D has a row per pack."""
    if config.kind == "images":
        return _work_of_images(config.architecture, config.latent_dim)
    dim = lookup(config.target).dim
    hidden = [config.width] * config.depth
    return _work_of_mlp([config.latent_dim, *hidden, dim]), _work_of_mlp([dim * config.packing, *hidden, 1])


def _work_of_mlp(sizes: list[int]) -> Work:
    weights = sum(m * n for m, n in itertools.pairwise(sizes))
    return Work(weights, sum(sizes[1:]), weights + sum(sizes[1:]))


@functools.lru_cache(maxsize=256)
def _work_of_images(architecture: str, latent_dim: int) -> tuple[Work, Work]:
    """Counted on networks without memory."""
    found = ARCHITECTURES[architecture]
    with torch.device("meta"):
        generator, discriminator = found.generator(latent_dim), found.discriminator()
        inputs = torch.empty(2, latent_dim), torch.empty(2, found.side**2)
    return _count(generator, inputs[0]), _count(discriminator, inputs[1])


def _count(module: nn.Module, x: torch.Tensor) -> Work:
    units = []
    for layer in module.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            layer.register_forward_hook(lambda _, args, y: units.append(y.numel()))
    with FlopCounterMode(display=False) as counter:
        module(x)
    parameters = sum(p.numel() for p in module.parameters())
    return Work(counter.get_total_flops() // 2 // len(x), sum(units) // len(x), parameters)


def visits(config: TrainConfig) -> tuple[float, float, float]:
    """Multiply-adds, visits to units and random numbers of the longest turn: what its seconds are made of."""
    g, d = work_of(config)
    rows_g, rows_d = _rows(config)
    dropped = 2 * config.d_steps * _packs(config) * (_DROPOUT_VISITS if config.dropout else 0)
    norms = config.d_steps * (config.depth - 1) * config.width**3 * _NORM_PASSES if config.spectral_limit else 0
    return (
        rows_g * g.multiply_adds + rows_d * d.multiply_adds + (0 if config.kind == "images" else norms),
        rows_g * g.units + (rows_d + dropped) * d.units,
        BATCHES_PER_DRAW * config.batch_size * (config.latent_dim + _dim(config)),
    )


def estimate(config: TrainConfig) -> Cost:
    """What the longest turn of this training costs, within a factor of about two."""
    g, d = work_of(config)
    multiply_adds, units, drawn = visits(config)
    seconds = multiply_adds * SECONDS_PER_MULTIPLY_ADD + units * SECONDS_PER_UNIT + drawn * SECONDS_PER_DRAW
    kept = 2 * (config.batch_size * g.units + 2 * _packs(config) * d.units * (1 + 2 * len(_penalties(config))))
    numbers = _COPIES * (g.parameters + d.parameters) + drawn + kept
    return Cost(SECONDS_AT_LEAST + seconds, 4e-6 * numbers)


def _rows(config: TrainConfig) -> tuple[int, int]:
    """Rows times passes through G and D, a pass back counting as one or two, in a step, a measurement and a picture."""
    n, packs = config.batch_size, _packs(config)
    paired = packs if LOSSES[config.loss].paired else 0
    step_g = (config.d_steps + 3) * n  # fakes for D; forth and back
    # D's batch of reals and fakes forth and back; for G forth and back; penalties
    step_d = config.d_steps * packs * (6 + _PENALTY_PASSES * len(_penalties(config))) + 2 * packs + paired
    line = _LINE_ROWS + (N_SAMPLED if config.latent_dim > 1 else 0)
    plane = (N_SAMPLED_2D + _VIEW_ROWS, N_OPPONENT, 2 * N_JUDGED + _VIEW_ROWS)
    seen = {"line": (line, line, 1000), "images": (_IMAGE_ROWS, 0, _IMAGE_ROWS)}
    seen_g, met, seen_d = seen.get(config.kind, plane)
    return step_g + seen_g + (met if config.averages else 0), step_d + seen_d


def _packs(config: TrainConfig) -> int:
    return config.batch_size if config.kind == "images" else config.batch_size // config.packing


def _dim(config: TrainConfig) -> int:
    """Random numbers behind a real sample."""
    return 1 if config.kind == "images" else lookup(config.target).dim


def _penalties(config: TrainConfig) -> list[str]:
    loss = LOSSES[config.loss]
    return [p.weight for p in PENALTIES.values() if getattr(config, p.weight) and p.belongs_to(loss)]


def fit(config: TrainConfig, budget: Budget, moved: str = "") -> tuple[TrainConfig, list[Message]]:
    """The experiment itself if the budget allows it, otherwise the nearest one that it allows, with a sentence about
    each setting that had to be lowered.

    Args:
        moved: the setting that somebody has just changed: it is the one to lower if that is enough.
    """
    asked, cost, lowered = config, estimate(config), []
    if moved in LOWERABLE and not budget.allows(cost) and _largest(asked, moved, asked, budget):
        config, lowered = config.replace(**{moved: _lowest(moved)}), [moved]
    for fallback in (_default, _lowest):
        while not budget.allows(estimate(config)):
            field = _dearest(config, fallback, budget)
            if field is None:
                break
            config = config.replace(**{field: fallback(field)})
            lowered += [field] if field not in lowered else []
    for field in lowered:  # as high again as they may be
        config = _largest(config, field, asked, budget) or config
    lowered = [field for field in lowered if getattr(config, field) != getattr(asked, field)]
    return config, [
        Message(
            "{name} = {value} asks too much of this server: with the other settings, a step would take about "
            "{seconds:.2g} s (at most {most_seconds:g} s) and {megabytes:.0f} MB (at most {most_megabytes:g} MB). Lower "
            "it to {nearest}, the largest value on offer that goes.",
            name=field, value=getattr(asked, field), nearest=getattr(config, field), seconds=cost.seconds,
            megabytes=cost.megabytes, most_seconds=budget.seconds, most_megabytes=budget.megabytes,
        )
        for field in lowered
    ]  # fmt: skip


def check(config: TrainConfig, budget: Budget, moved: str = "") -> None:
    """Refuse what the budget does not allow.

    Raises:
        TooDear: with the sentence of `fit` about the first setting to lower.
    """
    problems = fit(config, budget, moved)[1]
    if problems:
        raise TooDear(problems[0])


def _default(field: str) -> int:
    return getattr(DEFAULT_CONFIG, field)


def _lowest(field: str) -> int:
    return int(SETTINGS[field].options[0])


def _dearest(config: TrainConfig, fallback: Callable[[str], int], budget: Budget) -> str | None:
    """The setting that saves most where it falls back; None if none can."""
    shares = {}
    for field in LOWERABLE:
        if fallback(field) < getattr(config, field):
            with contextlib.suppress(ValueError):  # a batch that is no multiple of the packing
                shares[field] = budget.share(estimate(config.replace(**{field: fallback(field)})))
    return min(shares, key=shares.__getitem__, default=None)


def _largest(config: TrainConfig, field: str, asked: TrainConfig, budget: Budget) -> TrainConfig | None:
    """The config with the largest value of a field that the budget allows: the asked one, or a lower one on offer."""
    for value in sorted({*map(int, SETTINGS[field].options), getattr(asked, field)}, reverse=True):
        if value <= getattr(asked, field):
            with contextlib.suppress(ValueError):
                lower = config.replace(**{field: value})
                if budget.allows(estimate(lower)):
                    return lower
    return None
