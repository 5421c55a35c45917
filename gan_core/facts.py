"""What a diagnosis on a line or a plane is made of."""

import functools
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from gan_core import divergences
from gan_core.diagnosis import Facts
from gan_core.distributions import Distribution
from gan_core.evaluation import Evaluation
from gan_core.game import Game
from gan_core.losses import GANLoss
from gan_core.messages import Message
from gan_core.trend import trend

Array = NDArray[np.float64]
History = Mapping[str, Array]

FAR = 0.1  # JSD, nats
ALIKE = 0.03  # spread of the fakes, of that of the data; a perfect mode of eight has 0.07
SWING = 0.07  # of the JSD, nats
LATE_ROWS = 3  # of the history, in which a loss counts as late
_N_POINTS = 4000  # samples of p_g, and
_N_REAL = 20_000  # of p_data, behind their spreads


def toy_facts(game: Game, evaluation: Evaluation, history: History) -> Facts:
    """Of a GAN on a line or a plane.

    Args:
        evaluation: of now, or of a moment ago. history: see `GANTrainer.history`.
    """
    e, met, target = evaluation, evaluation.opponent, game.problem.target
    modes = met.covered if len(met.covered) > 1 else ()  # a single one is all or nothing
    x, weights = _points(e, target.dim)
    spread = _spread(x, weights) / _spread_of(target)
    return Facts(
        step=game.step_count, config=game.config, apart=met.jsd, distance=Message("JSD {jsd:.3f}", jsd=met.jsd),
        motion=trend(history["step"], history["opponent_jsd"]), swing=SWING, far=FAR, close=e.converged_at,
        accuracy=met.best_accuracy, accuracy_floor=e.best_accuracy_floor,
        modes=len(modes), missing=modes.count(False), parts=Message("modes"),
        d_real=e.d_real, d_fake=e.d_fake, proven=share(e.proven, e.provable),
        spread=spread, alike=ALIKE, width=_width(x, weights, target, spread), high_quality=met.high_quality, too_good=e.too_good,
        heard=heard(game.loss, e.d_fake, history), d_loss=late(history, "d_loss"), g_loss=late(history, "g_loss"),
    )  # fmt: skip


def share(proven: float, provable: float) -> float:
    """What part of `provable` is proven, in [0, 1]; nan if it is unknown, or if there is nothing to prove."""
    if not provable > 0 or math.isnan(proven):
        return math.nan
    return min(max(proven / provable, 0.0), 1.0)


def heard(loss: GANLoss, d_fake: float, history: History) -> float:
    """The share of G's gradient that its loss lets through, in [0, 1]; nan for scores.

    Where both gradients are in the history: the present norm under this loss, of the largest norm so far under either.
    Otherwise the slope of the loss by D's raw output, which D's mean opinion on fakes gives for a cross-entropy.
    """
    norms = [history.get(f"grad_{key}", np.empty(0)) for key in ("minimax", "non_saturating")]
    mine = history.get(f"grad_{loss.key}", np.empty(0))
    if len(mine) and math.isfinite(mine[-1]):
        largest = float(np.nanmax(np.concatenate(norms)))
        return float(mine[-1]) / largest if largest > 0 else 0.0
    if loss.output == "score":
        return math.nan
    return d_fake if loss.key == "minimax" else 1 - d_fake


def late(history: History, column: str) -> float:
    """The largest value, by size, in the last rows; nan without one."""
    values = history[column][-LATE_ROWS:]
    values = values[~np.isnan(values)]
    return float(values[np.abs(values).argmax()]) if len(values) else math.nan


def _points(evaluation: Any, dim: int) -> tuple[Array, Array]:
    """The p_g that D plays against as points (n, dim) with weights (n,)."""
    if dim == 1:
        return evaluation.x[:, None], evaluation.p_opponent / evaluation.p_opponent.sum()
    x = evaluation.opponent_samples[:_N_POINTS].astype(np.float64)
    return x, np.full(len(x), 1 / len(x))


def _spread(x: Array, weights: Array) -> float:
    """Standard deviation of points, all coordinates taken together."""
    return float(np.sqrt(weights @ ((x - weights @ x) ** 2).sum(1)))


@functools.lru_cache(maxsize=32)
def _spread_of(target: Distribution) -> float:
    """Of p_data inside its window, beyond which p_g is not told apart either."""
    if target.dim == 1:
        edges = np.linspace(*target.bounds[0], 1001)
        return _spread((edges[:-1, None] + edges[1:, None]) / 2, target.cell_mass(edges))
    x = target.sample(_N_REAL, np.random.default_rng(0))
    return _spread(x, np.full(len(x), 1 / len(x)))


def _width(x: Array, weights: Array, target: Distribution, spread: float) -> float:
    """How wide p_g is, of what it should be.

    With modes: the median distance of a sample from the middle of those that share its nearest mode, of that in a round
    Gaussian; it does not mind a shift, nor what little lies between the modes. Otherwise the whole spread on a line; on a
    plane nothing, since a curve has no width there.
    """
    if target.modes is None or len(target.modes) < 2 or (target.dim > 1 and not target.separated):
        return spread if target.dim == 1 else math.nan
    nearest = np.linalg.norm(x[:, None] - target.modes, axis=-1).argmin(1)
    mass = divergences.summed_by_cell(nearest, weights, len(target.modes))
    middles = np.stack([divergences.summed_by_cell(nearest, weights * column, len(mass)) for column in x.T], 1)
    middles /= np.where(mass > 0, mass, 1)[:, None]
    distance = np.linalg.norm(x - middles[nearest], axis=1)
    order = np.argsort(distance)
    median = float(np.interp(0.5, np.cumsum(weights[order]) - weights[order] / 2, distance[order]))
    of_a_normal = math.sqrt(2 * gammaincinv(target.dim / 2, 0.5))  # the median of a chi distribution
    return median / (of_a_normal * target.mode_scale)
