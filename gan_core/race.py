"""Two trainings beside each other: who was ahead when, and what differed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from gan_core.config import SETTINGS, TrainConfig
from gan_core.history import Curves


class Ruler(NamedTuple):
    """What a race is decided by.

    Attributes:
        column: of the history; small is good. goals: values to reach, the easiest first.
    """

    column: str
    goals: tuple[float, ...]


# kind of target -> ruler: JSD in nats; for images the Fréchet distance
RULERS: dict[str, Ruler] = {
    "line": Ruler("jsd", (0.1, 0.05, 0.02)),
    "plane": Ruler("jsd", (0.2, 0.1, 0.05)),
    "images": Ruler("frechet", (100.0, 60.0, 30.0)),
}


@dataclass(frozen=True)
class Lap:
    """One training in a race.

    Attributes:
        reached: per goal, the first step at which it was measured to be reached; None if it never was.
        step: of the last row of the history up to the step at which one compares. value, modes: there, the ruler's
            reading, and the number of modes or digits; nan without.
    """

    reached: tuple[int | None, ...]
    step: int
    value: float
    modes: float


def lap(curves: Curves, ruler: Ruler, step: int) -> Lap:
    """How far a training has come at a step.

    Args:
        curves: column -> (rows,) values, see `GANTrainer.history`; later rows count for the goals only.
    """
    steps, values = curves.get("step", np.empty(0)), curves.get(ruler.column, np.empty(0))
    if not len(values):
        return Lap((None,) * len(ruler.goals), 0, np.nan, np.nan)
    there = [np.flatnonzero(values <= goal) for goal in ruler.goals]
    reached = tuple(int(steps[rows[0]]) if len(rows) else None for rows in there)
    row = max(int(np.searchsorted(steps, step, side="right")) - 1, 0)
    modes = float(curves["modes"][row]) if "modes" in curves else np.nan
    return Lap(reached, int(steps[row]), float(values[row]), modes)


def differing(one: TrainConfig, other: TrainConfig) -> Mapping[str, tuple[Any, Any]]:
    """The settings that differ: field -> (value in one, value in the other)."""
    both = ((name, getattr(one, name), getattr(other, name)) for name in SETTINGS)
    return {name: (a, b) for name, a, b in both if a != b}
