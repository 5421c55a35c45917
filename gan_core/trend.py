"""Which way a curve of a history goes: what may be said of motion, and how sure one can be of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

FEWEST = 8  # rows, below which nothing is said of motion
SURE = 3.0  # standard errors that a slope has to differ from 0
TURNS = 4  # times that a curve has to cross its own trend to swing about it


@dataclass(frozen=True)
class Trend:
    """Motion of one figure, in its unit. nan, or False, where the history is too short to tell.

    Attributes:
        slope, error: of its last rows, per 1,000 steps, and the standard error of that.
        low, high: what it swings between over the second half of the history, as its 10th and 90th percentile.
        swings: whether there it goes up and down by more than it gets on.
        change: the most by which it differs between its last rows.
    """

    slope: float = np.nan
    error: float = np.nan
    low: float = np.nan
    high: float = np.nan
    swings: bool = False
    change: float = np.nan

    @property
    def falls(self) -> bool:
        """Whether it is certain that the figure goes down."""
        return self.slope < -SURE * self.error  # False for nan


def trend(steps: Array, values: Array) -> Trend:
    """How a figure moves.

    Args:
        steps, values: (n,) rows of a history, oldest first; those that are not finite are left out.
    """
    finite = np.isfinite(values)
    steps, values = steps[finite], values[finite]
    if len(values) < FEWEST:
        return Trend()
    recent = slice(-max(FEWEST, len(values) // 4), None)
    slope, error, _ = _line(steps[recent], values[recent])
    late = slice(len(values) // 2, None)
    low, high = np.quantile(values[late], (0.1, 0.9))
    swings = False
    if len(values[late]) >= FEWEST:
        through, _, rest = _line(steps[late], values[late])
        turns = np.count_nonzero(np.diff(np.sign(rest)))
        progress = abs(through) * np.ptp(steps[late]) / 1000
        swings = bool(turns >= TURNS and np.ptp(np.quantile(rest, (0.1, 0.9))) > progress)
    return Trend(slope, error, float(low), float(high), swings, float(np.ptp(values[recent])))


def _line(steps: Array, values: Array) -> tuple[float, float, Array]:
    """Slope of the least-squares line per 1,000 steps, its standard error, and what is left.

    What is left is no white noise: neighbouring rows are alike. With a correlation r between neighbours, n rows are
    worth n(1 - r)/(1 + r) independent ones.
    """
    x = (steps - steps.mean()) / 1000
    slope = float(x @ values / (x @ x))
    rest = values - values.mean() - slope * x
    power = float(rest @ rest)
    r = float(np.clip(rest[1:] @ rest[:-1] / power, 0, 0.95)) if power > 0 else 0.0
    worth = max(len(x) * (1 - r) / (1 + r) - 2, 0.5)
    return slope, float(np.sqrt(power / worth / (x @ x))), rest
