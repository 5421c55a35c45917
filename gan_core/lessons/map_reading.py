"""What a map of settings says, in numbers that are true of the map at hand; and the maps that a lesson offers to train."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from gan_core.config import SETTINGS, TrainConfig, kind_of
from gan_core.facts import FAR
from gan_core.map_plan import Axis, Plan
from gan_core.settings_map import Outcome, SettingsMap

Array = NDArray[np.float64]

TARGET = "two_modes"  # of the maps that the lesson opens at once, with one of these:
SEEDS, SEED = (
    (1, 2, 3, 4),
    2,
)  # of the map without either; and with one, the seed whose map is the most like that of all
DROPOUTS, SMOOTHINGS = (0.3, 0.5), (0.2,)
STEPS = 2000
_RATES = tuple(SETTINGS["lr_g"].options[14:36:3])  # eight of them, each about twice the one before, up to 0.032
# settings that can be an axis -> the values on it, all of which the sliders of a live page have
AXES: Mapping[str, tuple[float, ...]] = MappingProxyType({
    "lr_g": _RATES,
    "lr_d": _RATES,
    "dropout": tuple(SETTINGS["dropout"].options[:15:2]),  # 0 to 0.7
    "label_smoothing": tuple(SETTINGS["label_smoothing"].options[:8]),  # 0 to 0.35
    "instance_noise": tuple(SETTINGS["instance_noise"].options[:8]),  # 0 to 0.7
    "r1_gamma": tuple(SETTINGS["r1_gamma"].options[:8]),  # 0 to 1
    "ema_decay": tuple(SETTINGS["ema_decay"].options),
    "d_steps": tuple(SETTINGS["d_steps"].options[:8]),
})  # fmt: skip
# small networks, so that sixty-four of them are trained within a minute of one core on a line, within two in the plane; all
# else is the recipe of the live page
BASES: Mapping[str, TrainConfig] = MappingProxyType(
    {
        "line": TrainConfig(width=32, batch_size=256, d_steps=1, lr_decay_steps=STEPS),
        "plane": TrainConfig("ring_8", latent_dim=2, width=64, batch_size=128, d_steps=1, lr_decay_steps=STEPS),
    }
)
# of a plane: such networks stay above 0.16 on the ring
THRESHOLDS: Mapping[str, float] = MappingProxyType({"line": FAR, "plane": 0.25})
SEES = 0.1  # D(real) - D(fake) from which on D tells data from fakes

DRAW, D_AHEAD, G_AHEAD, BLOWN_UP = "draw", "discriminator", "generator", "blown_up"


def plan_of(target: str, x: str = "lr_g", y: str = "lr_d", *, seed: int = SEED, **settings: float) -> Plan:
    """The plan of a map that is trained while one watches: 64 small GANs.

    Args:
        target: on a line or on a plane. x, y: two of AXES. settings: other fields of the config.
    Raises:
        ValueError: see `Plan` and `TrainConfig`.
    """
    kind = kind_of(target)
    base = BASES[kind].replace(target=target, **settings)
    return Plan(base, Axis(x, AXES[x]), Axis(y, AXES[y]), (seed,), STEPS, THRESHOLDS[kind])


def is_own(plan: Plan) -> bool:
    """Whether it is one that `plan_of` makes: small enough to be trained while one watches."""
    if len(plan.seeds) > 1 or any(AXES.get(axis.field) != axis.values for axis in (plan.x, plan.y)):
        return False
    free = {name: getattr(plan.base, name) for name in (*AXES, "seed")}
    own = plan_of(plan.base.target, plan.x.field, plan.y.field, seed=plan.seeds[0])
    return plan == replace(own, base=own.base.replace(**free))


def winner(outcome: Outcome, threshold: float) -> str:
    """Who won: DRAW if the run has converged, BLOWN_UP if it has diverged; otherwise D_AHEAD if D tells data from
    fakes, so that G is the one who fails, G_AHEAD if D sees next to nothing though p_g is wrong. "" where D has scores."""
    if outcome.diverged_at:
        return BLOWN_UP
    if outcome.jsd <= threshold:
        return DRAW
    lead = outcome.d_real - outcome.d_fake
    if math.isnan(lead):
        return ""
    return D_AHEAD if lead >= SEES else G_AHEAD


@dataclass(frozen=True)
class Line:
    """A line of cells through a map.

    Attributes:
        value: of the setting that is the same on it, or the ratio of the two learning rates.
        converged, runs: numbers of runs on it, all seeds together.
    """

    value: float
    converged: int
    runs: int

    @property
    def share(self) -> float:
        """Share that converges, in [0, 1]; nan without runs."""
        return self.converged / self.runs if self.runs else math.nan


@dataclass(frozen=True)
class MapReading:
    """What a map says.

    Attributes:
        converged, runs: numbers of runs, all seeds together.
        columns, rows: per value of the axes.
        paces: the diagonals, by ratio lr_d / lr_g from low to high; empty unless the axes are the two learning rates,
            with the same ratio from value to value.
        best: the run with the lowest JSD among those that have not diverged; None without one.
        winners: who won -> number of runs.
        sometimes: cells in which some seeds converge and others do not.
        cells: cells with at least one run.
    """

    converged: int
    runs: int
    columns: tuple[Line, ...]
    rows: tuple[Line, ...]
    paces: tuple[Line, ...]
    best: Outcome | None
    winners: Mapping[str, int]
    sometimes: int
    cells: int

    def pace(self, ratio: float) -> Line | None:
        """The diagonal on which lr_d is about so many times lr_g: within a fifth; None if there is none."""
        near = [line for line in self.paces if abs(math.log(line.value / ratio)) < math.log(1.2)]
        return near[0] if near else None


def read_map(found: SettingsMap) -> MapReading:
    """Read a map, complete or not."""
    converged, plan = found.converged, found.plan
    known = ~np.isnan(converged)
    good = known & (converged == 1)
    alive = [outcome for outcome in found.outcomes if not outcome.diverged_at]
    who = [winner(outcome, plan.threshold) for outcome in found.outcomes]
    share = found.share
    return MapReading(
        converged=int(good.sum()), runs=int(known.sum()),
        columns=tuple(_line(v, good[:, k], known[:, k]) for k, v in enumerate(plan.x.values)),
        rows=tuple(_line(v, good[k], known[k]) for k, v in enumerate(plan.y.values)),
        paces=_paces(plan, good, known),
        best=min(alive, key=lambda outcome: outcome.jsd, default=None),
        winners={name: who.count(name) for name in dict.fromkeys(who)},
        sometimes=int(((share > 0) & (share < 1)).sum()), cells=int((~np.isnan(share)).sum()),
    )  # fmt: skip


def _line(value: float, good: NDArray[np.bool_], known: NDArray[np.bool_]) -> Line:
    return Line(float(value), int(good.sum()), int(known.sum()))


def _paces(plan: Plan, good: NDArray[np.bool_], known: NDArray[np.bool_]) -> tuple[Line, ...]:
    fields = plan.x.field, plan.y.field
    if set(fields) != {"lr_g", "lr_d"} or not (on_x := _steps(plan.x)) or not (on_y := _steps(plan.y)):
        return ()
    if abs(on_x - on_y) > 0.02:
        return ()
    sign = 1 if fields == ("lr_g", "lr_d") else -1
    rows, columns, _ = plan.shape
    lines = []
    for k in range(1 - columns, rows):  # row - column
        on = [(row, row - k) for row in range(rows) if 0 <= row - k < columns]
        ratio = math.exp(sign * float(np.mean([math.log(plan.y.values[r] / plan.x.values[c]) for r, c in on])))
        at = tuple(zip(*on, strict=True))
        lines.append(_line(ratio, good[at], known[at]))
    return tuple(sorted(lines, key=lambda line: line.value))


def _steps(axis: Axis) -> float:
    """The logarithm of the ratio from value to value; 0 if it is not the same all along, up to rounding to two digits."""
    if len(axis.values) < 2 or min(axis.values) <= 0:
        return 0.0
    steps = np.diff(np.log(axis.values))
    return float(steps.mean()) if np.ptp(steps) < 0.1 else 0.0
