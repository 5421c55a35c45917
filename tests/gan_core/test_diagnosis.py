"""The one sentence that sums an evaluation up."""

import dataclasses
import math

import pytest

from gan_core.evaluation import (
    diagnose,
)
from gan_core.losses import LOSSES
from tests.gan_core.measuring import NON_SATURATING, measure

GOOD = {"covered": (True, True), "jsd": 0.01, "d_real": 0.5, "d_fake": 0.5, "proven": 0.0}
APART = {**GOOD, "jsd": 0.3}


@pytest.mark.parametrize(
    ("key", "step", "numbers", "loss"),
    [
        ("start", 0, APART, "non_saturating"),
        ("half_but_missing", 100, {**APART, "covered": (True, False)}, "non_saturating"),
        ("missing", 100, {**APART, "covered": (True, False), "d_real": 0.8}, "non_saturating"),
        ("missing", 100, {**APART, "covered": (True, False), "d_real": math.nan, "d_fake": math.nan}, "hinge"),
        ("half_but_apart", 100, APART, "non_saturating"),
        ("half_but_apart", 100, {**APART, "d_real": 0.54, "d_fake": 0.46, "covered": ()}, "non_saturating"),
        ("converged", 100, GOOD, "non_saturating"),
        ("converged", 100, {**GOOD, "d_real": math.nan, "d_fake": math.nan}, "wasserstein_gp"),
        ("fooled", 100, {**APART, "d_real": 0.4, "d_fake": 0.6}, "non_saturating"),
        ("d_wins", 100, {**APART, "d_real": 0.9, "d_fake": 0.1}, "non_saturating"),
        ("saturated", 100, {**APART, "d_real": 0.9, "d_fake": 0.1}, "minimax"),
        ("approaching", 100, {**APART, "d_real": 0.7, "d_fake": 0.3}, "non_saturating"),
        ("approaching", 100, {**APART, "d_real": 0.9, "d_fake": 0.3}, "minimax"),
        ("approaching", 100, {**APART, "d_real": math.nan, "d_fake": math.nan}, "hinge"),
    ],
)
def test_diagnosis(key, step, numbers, loss):
    evaluation = dataclasses.replace(measure(), **numbers)
    diagnosis = diagnose(step, evaluation, LOSSES[loss])
    assert diagnosis.key == key
    assert diagnosis.values["jsd"] == numbers["jsd"]
    assert diagnosis.values["missing"] == numbers["covered"].count(False)
    assert diagnosis.values["modes"] == len(numbers["covered"])


def test_one_half_is_never_taken_for_convergence():
    """D undecided everywhere while one of two modes is missing: the first thing the lesson warns of."""
    e = measure(generator=lambda z: 2 + z / 2)
    assert (e.d_real, e.d_fake) == pytest.approx((0.5, 0.5))
    assert diagnose(100, e, NON_SATURATING).key == "half_but_missing"
