"""What is said of motion: only what a curve shows beyond its noise."""

import math

import numpy as np
import pytest

from gan_core.trend import FEWEST, trend

STEPS = np.arange(0, 2000, 20.0)


def alike_neighbours(rng, n=100, memory=0.7):
    """Noise without any trend whose neighbours resemble each other."""
    noise = rng.standard_normal(n)
    for i in range(1, n):
        noise[i] += memory * noise[i - 1]
    return noise


def test_a_line_has_its_slope():
    found = trend(STEPS, 1 - 0.3 * STEPS / 1000)
    assert found.slope == pytest.approx(-0.3)
    assert found.error == pytest.approx(0, abs=1e-9)
    assert found.falls
    assert not found.swings


def test_a_slope_in_white_noise_lies_within_its_error():
    rng = np.random.default_rng(0)
    found = [trend(STEPS, 1 - 0.3 * STEPS / 1000 + 0.01 * rng.standard_normal(100)) for _ in range(200)]
    z = np.array([(t.slope + 0.3) / t.error for t in found])
    assert np.mean(np.abs(z) < 3) > 0.95


def test_noise_is_hardly_ever_taken_for_a_fall():
    rng = np.random.default_rng(0)
    assert np.mean([trend(STEPS, alike_neighbours(rng)).falls for _ in range(400)]) < 0.05


def test_a_wave_swings_between_its_bounds():
    found = trend(STEPS, 0.4 + 0.1 * np.sin(STEPS / 50))
    assert found.swings
    assert (found.low, found.high) == pytest.approx((0.3, 0.5), abs=0.02)
    assert not trend(STEPS, 0.4 + 0.01 * np.sin(STEPS / 50) - 0.3 * STEPS / 2000).swings


def test_a_short_or_unknown_history_says_nothing():
    for values in (STEPS[: FEWEST - 1], np.full(100, math.nan)):
        found = trend(STEPS[: len(values)], values)
        assert math.isnan(found.slope)
        assert not found.falls
        assert not found.swings
    holes = np.where(np.arange(100) % 2, math.nan, -STEPS / 1000)
    assert trend(STEPS, holes).slope == pytest.approx(-1)
