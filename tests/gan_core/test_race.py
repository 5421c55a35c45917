"""Who was ahead when: read off the curves of two trainings, with values that one can count."""

import math

import numpy as np
import pytest

from gan_core.history import until
from gan_core.race import RULERS, Ruler, differing, lap
from gan_core.settings import KINDS
from tests.gan_core.experiments import SMALL, trained
from tests.gan_core.filming import KINDS as EXPERIMENTS

RULER = Ruler("jsd", (0.3, 0.2, 0.1))
CURVES = {
    "step": np.array([0.0, 20, 40, 60, 80]), "jsd": np.array([0.69, 0.25, 0.35, 0.15, np.nan]),
    "modes": np.array([0.0, 1, 1, 2, 2]),
}  # fmt: skip


def test_a_lap_is_what_the_curves_say():
    found = lap(CURVES, RULER, 60)
    assert found.reached == (20, 60, None)
    assert (found.step, found.value, found.modes) == (60, 0.15, 2.0)


@pytest.mark.parametrize(("step", "row"), [(0, 0), (19, 0), (20, 1), (59, 2), (10**9, 4)])
def test_one_compares_at_the_last_row_that_both_have(step, row):
    found = lap(CURVES, RULER, step)
    assert found.step == CURVES["step"][row]
    np.testing.assert_equal(found.value, CURVES["jsd"][row])
    assert found.modes == CURVES["modes"][row]


def test_a_goal_that_was_reached_and_lost_was_reached():
    assert lap(CURVES, RULER, 40).reached[0] == 20
    assert lap(CURVES, RULER, 40).value == 0.35


def test_a_value_that_is_the_goal_reaches_it():
    assert lap({"step": np.array([0.0]), "jsd": np.array([0.2])}, RULER, 0).reached == (0, 0, None)


@pytest.mark.parametrize("curves", [{}, {"step": np.array([]), "jsd": np.array([])}])
def test_without_curves_nobody_has_come_far(curves):
    found = lap(curves, RULER, 100)
    assert found.reached == (None, None, None)
    assert found.step == 0
    assert math.isnan(found.value)
    assert math.isnan(found.modes)


def test_where_modes_are_not_counted_there_is_none():
    found = lap({k: v for k, v in CURVES.items() if k != "modes"}, RULER, 60)
    assert math.isnan(found.modes)
    assert found.value == 0.15


def test_every_kind_has_a_ruler_that_its_history_keeps():
    assert RULERS.keys() == set(KINDS)
    for kind, config in EXPERIMENTS.items():
        ruler, history = RULERS[kind], trained(1, config).history.arrays()
        assert ruler.column in history
        assert "modes" in history
        assert list(ruler.goals) == sorted(ruler.goals, reverse=True)


def test_a_lap_of_a_training_is_the_first_row_below_the_goal():
    trainer = trained(200, SMALL.replace(lr_g=5e-3, lr_d=1e-2))
    curves = trainer.history.arrays()
    for goal in np.quantile(curves["jsd"], [0.2, 0.5, 0.9]):
        reached = lap(curves, Ruler("jsd", (float(goal),)), 200).reached[0]
        before = until(curves, reached - 1)["jsd"]
        assert (before > goal).all()
        assert curves["jsd"][curves["step"] == reached][0] <= goal


def test_only_what_differs_is_named():
    other = SMALL.replace(lr_g=5e-3, latent_dim=2)
    assert differing(SMALL, other) == {"lr_g": (1e-3, 5e-3), "latent_dim": (1, 2)}
    assert differing(other, SMALL) == {"lr_g": (5e-3, 1e-3), "latent_dim": (2, 1)}
    assert differing(SMALL, SMALL) == {}
