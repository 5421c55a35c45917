"""What a map says: counts of runs, and nothing else."""

import dataclasses
import math

import pytest

from gan_core import TrainConfig
from gan_core.config import SETTINGS
from gan_core.lessons import map_reading
from gan_core.lessons.map_reading import BLOWN_UP, D_AHEAD, DRAW, G_AHEAD, plan_of, read_map, winner
from gan_core.map_plan import Axis, Plan
from gan_core.settings_map import SettingsMap
from tests.gan_core.test_settings_map import made_up

TWO_RATES = Plan(TrainConfig(), Axis("lr_g", (1e-3, 2e-3, 4e-3)), Axis("lr_d", (1e-3, 2e-3, 4e-3)), seeds=(1, 2))


def some_map(plan=TWO_RATES, good=(), runs=None):
    """Runs of a plan, of which these are good."""
    numbers = range(plan.n_runs) if runs is None else runs
    return SettingsMap(plan, tuple(made_up(run, plan, jsd=0.02 if run in good else 0.4) for run in numbers))


@pytest.mark.parametrize("target", ["skewed", "ring_8"])
@pytest.mark.parametrize("x", map_reading.AXES)
def test_every_axis_has_eight_values_of_the_live_pages_sliders(x, target):
    y = "lr_g" if x != "lr_g" else "lr_d"
    plan = plan_of(target, x, y)
    assert plan.shape == (8, 8, 1)
    for run in range(plan.n_runs):
        config = plan.config(run)
        assert config.lr_decay_steps == plan.steps
        for name in (x, y, "lr_decay_steps", "width", "batch_size"):
            assert getattr(config, name) in SETTINGS[name].options


def test_one_s_own_maps_are_known():
    for plan in (
        plan_of("two_modes"),
        plan_of("comb", "dropout", "lr_d", seed=4, instance_noise=0.2),
        plan_of("moons"),
    ):
        assert map_reading.is_own(plan)
        assert not map_reading.is_own(dataclasses.replace(plan, seeds=(1, 2)))
        assert not map_reading.is_own(dataclasses.replace(plan, steps=4000))
        assert not map_reading.is_own(dataclasses.replace(plan, base=plan.base.replace(width=16)))
        assert not map_reading.is_own(dataclasses.replace(plan, x=Axis("width", (16, 32))))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"jsd": 0.1, "d_real": 0.9, "d_fake": 0.1}, DRAW),
        ({"jsd": 0.11, "d_real": 0.65, "d_fake": 0.5}, D_AHEAD),
        ({"jsd": 0.6, "d_real": 0.55, "d_fake": 0.5}, G_AHEAD),
        ({"jsd": 0.6, "d_real": 0.2, "d_fake": 0.8}, G_AHEAD),
        ({"jsd": 0.01, "diverged_at": 7}, BLOWN_UP),
        ({"jsd": 0.6, "d_real": math.nan, "d_fake": math.nan}, ""),
        ({"jsd": 0.05, "d_real": math.nan, "d_fake": math.nan}, DRAW),
    ],
)
def test_who_won(changes, expected):
    assert winner(made_up(0, **changes), 0.1) == expected


def test_lines_count_the_runs_on_them():
    # rows are lr_d, columns lr_g; runs 0 to 8 are of the first seed
    found = some_map(good=(0, 3, 6, 7, 8, 9, 15))
    reading = read_map(found)
    assert (reading.converged, reading.runs) == (7, 18)
    assert [(line.value, line.converged, line.runs) for line in reading.columns] == [
        (1e-3, 5, 6),
        (2e-3, 1, 6),
        (4e-3, 1, 6),
    ]
    assert [(line.value, line.converged, line.runs) for line in reading.rows] == [
        (1e-3, 2, 6),
        (2e-3, 1, 6),
        (4e-3, 4, 6),
    ]
    # a row of the diagonals: by lr_d / lr_g
    assert [(round(line.value, 6), line.converged, line.runs) for line in reading.paces] == [
        (0.25, 0, 2), (0.5, 0, 4), (1, 3, 6), (2, 2, 4), (4, 2, 2),
    ]  # fmt: skip
    assert reading.pace(4).share == 1
    assert reading.pace(3.6).value == pytest.approx(4)
    assert reading.pace(8) is None
    assert (reading.sometimes, reading.cells) == (3, 9)
    assert reading.winners == {DRAW: 7, G_AHEAD: 11}
    assert reading.best.jsd == 0.02


def test_the_other_way_round_the_paces_are_the_same():
    turned = dataclasses.replace(TWO_RATES, x=TWO_RATES.y, y=TWO_RATES.x)
    good = [run for run in range(18) if TWO_RATES.config(run).lr_d >= 2 * TWO_RATES.config(run).lr_g]
    good_turned = [run for run in range(18) if turned.config(run).lr_d >= 2 * turned.config(run).lr_g]
    one, other = (read_map(some_map(plan, g)).paces for plan, g in ((TWO_RATES, good), (turned, good_turned)))
    assert [(round(a.value, 6), a.converged, a.runs) for a in one] == [
        (round(b.value, 6), b.converged, b.runs) for b in other
    ]


@pytest.mark.parametrize(
    "plan",
    [
        dataclasses.replace(TWO_RATES, x=Axis("dropout", (0.0, 0.5))),
        dataclasses.replace(TWO_RATES, x=Axis("lr_g", (1e-3, 2e-3, 8e-3))),
        dataclasses.replace(TWO_RATES, x=Axis("lr_g", (1e-3, 3e-3, 9e-3))),
        dataclasses.replace(TWO_RATES, x=Axis("lr_g", (0.0, 3e-3))),
    ],
)
def test_without_one_ratio_from_value_to_value_there_are_no_paces(plan):
    assert read_map(some_map(plan)).paces == ()


def test_a_map_without_runs_says_nothing():
    reading = read_map(some_map(runs=()))
    assert (reading.converged, reading.runs, reading.best, reading.cells, dict(reading.winners)) == (0, 0, None, 0, {})
    assert math.isnan(reading.columns[0].share)
