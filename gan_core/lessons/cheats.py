"""Fakes that please one ruler and not another, and who catches whom."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gan_core.distributions import Distribution
from gan_core.lessons.metrics import RULERS, World
from gan_core.messages import Message

Array = NDArray[np.float64]
Maker = Callable[[int, World, np.random.Generator], Array]

N_HONEST = 20  # draws of perfect fakes that a verdict is measured by
_FAKE, _PERFECT = 3, 4  # begin the seeds; real samples have others
CLEAR = 4.0  # standard deviations of these from which on a reading is no accident


def honest(n: int, world: World, rng: np.random.Generator) -> Array:
    """Perfect fakes: new samples of the data's own distribution, (n, 2)."""
    return world.target.sample(n, rng)


def _on_modes(which: NDArray[np.intp], width: float, target: Distribution, rng: np.random.Generator) -> Array:
    assert target.modes is not None
    return target.modes[which] + width * target.mode_scale * rng.standard_normal((len(which), 2))


def _one_point_each(n: int, world: World, rng: np.random.Generator) -> Array:
    return _on_modes(rng.integers(len(world.target.weights), size=n), 0.0, world.target, rng)


def _every_second(n: int, world: World, rng: np.random.Generator) -> Array:
    return _on_modes(2 * rng.integers(len(world.target.weights) // 2, size=n), 1.0, world.target, rng)


def _uneven(n: int, world: World, rng: np.random.Generator) -> Array:
    weights = np.where(np.arange(len(world.target.weights)) % 2, 4.0, 1.0)
    return _on_modes(rng.choice(len(weights), n, p=weights / weights.sum()), 1.0, world.target, rng)


def _wide(n: int, world: World, rng: np.random.Generator) -> Array:
    return _on_modes(rng.integers(len(world.target.weights), size=n), 2.0, world.target, rng)


def _moved(n: int, world: World, rng: np.random.Generator) -> Array:
    return honest(n, world, rng) + np.array([3 * world.target.mode_scale, 0.0])


def _lump(n: int, world: World, rng: np.random.Generator) -> Array:
    target = world.target
    assert target.modes is not None
    mean = target.weights @ target.modes
    across = (target.modes - mean).T * target.weights @ (target.modes - mean)
    return rng.multivariate_normal(mean, across + target.mode_scale**2 * np.eye(2), n)


def _copies(n: int, world: World, rng: np.random.Generator) -> Array:
    return rng.permutation(world.train)[:n]


@dataclass(frozen=True)
class Cheat:
    """A generator with a fault; `make` gives n of its fakes, (n, 2)."""

    key: str
    name: str
    make: Maker


CHEATS: dict[str, Cheat] = {
    c.key: c
    for c in (
        Cheat("one_point", Message("One perfect point per mode"), _one_point_each),
        Cheat("every_second", Message("Every second mode is missing"), _every_second),
        Cheat("uneven", Message("Modes in the proportion 1 : 4"), _uneven),
        Cheat("wide", Message("Modes twice as wide"), _wide),
        Cheat("moved", Message("All moved by 3 σ"), _moved),
        Cheat("lump", Message("One lump with the right mean and covariance"), _lump),
        Cheat("copies", Message("Copies of training samples"), _copies),
    )
}


def fakes(cheat: str, share: float, n: int, world: World, seed: int) -> Array:
    """n fakes (n, 2), of which this share cheats and the others are perfect.

    Args:
        cheat: key of CHEATS. share: 0 to 1. seed: fixes the draw.
    """
    rng = np.random.default_rng([_FAKE, seed, list(CHEATS).index(cheat)])
    n_cheating = round(share * n)
    return np.concatenate([CHEATS[cheat].make(n_cheating, world, rng), honest(n - n_cheating, world, rng)])


@dataclass(frozen=True)
class Verdict:
    """One ruler on one set of fakes.

    Attributes:
        reading: the number. usual: mean of what perfect fakes read. score: how many of their standard deviations the
            reading is worse than that; negative if it is better.
    """

    reading: float
    usual: float
    score: float

    @property
    def caught(self) -> bool:
        """Whether the ruler tells these fakes from perfect ones, to their disadvantage."""
        return self.score > CLEAR

    @property
    def flattered(self) -> bool:
        """Whether the ruler takes them for better than the data itself."""
        return self.score < -CLEAR


def verdicts(world: World) -> dict[str, dict[str, Verdict]]:
    """What every ruler says of every cheat, all of whose fakes cheat: cheat -> ruler -> Verdict.

    As many fakes as there are training samples. A bit more than a second for 2,000.
    """
    n = len(world.train)
    perfect = [honest(n, world, np.random.default_rng([_PERFECT, seed])) for seed in range(N_HONEST)]
    cheating = {key: fakes(key, 1.0, n, world, 0) for key in CHEATS}
    table: dict[str, dict[str, Verdict]] = {key: {} for key in CHEATS}
    for name, ruler in RULERS.items():
        usual = np.array([ruler.measure(x, world) for x in perfect])
        for key, x in cheating.items():
            reading = ruler.measure(x, world)
            above = float((reading - usual.mean()) / usual.std(ddof=1))
            score = {"low": above, "high": -above, "middle": abs(above)}[ruler.good]
            table[key][name] = Verdict(reading, float(usual.mean()), score)
    return table
