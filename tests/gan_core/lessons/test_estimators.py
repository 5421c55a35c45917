"""Readings of a divergence against exact expectations, closed forms and each other."""

import itertools
import math

import numpy as np
import pytest

from gan_core import divergences
from gan_core.distributions import DISTRIBUTIONS
from gan_core.lessons import estimators
from gan_core.plane_evaluation import mode_scores

TWO_MODES, RING = DISTRIBUTIONS["two_modes"], DISTRIBUTIONS["ring_8"]


def two_modes_in(n_cells):
    return TWO_MODES.cell_mass(estimators.equal_width_edges(TWO_MODES, n_cells))


# ---- the noise floor ----


@pytest.mark.parametrize("p", [[0.5, 0.5], [0.2, 0.3, 0.5], [0.9, 0.1, 0.0]])
def test_expected_reading_by_enumeration(p):
    """Over all ways in which six samples can fall into the cells."""
    n, total = 6, 0.0
    for counts in itertools.product(range(n + 1), repeat=len(p)):
        if sum(counts) == n:
            ways = math.factorial(n) / math.prod(math.factorial(c) for c in counts)
            chance = ways * math.prod(m**c for m, c in zip(p, counts, strict=True))
            total += chance * divergences.js_divergence(np.array(p), np.array(counts) / n)
    assert estimators.expected_reading(np.array(p), n) == pytest.approx(total, abs=1e-12)


@pytest.mark.parametrize(("n_cells", "n"), [(10, 2000), (50, 20_000), (200, 100_000)])
def test_equal_cells_with_many_samples_follow_the_law(n_cells, n):
    equal = np.full(n_cells, 1 / n_cells)
    law = divergences.js_noise_floor(n_cells, n)
    assert estimators.expected_reading(equal, n) == pytest.approx(law, rel=0.02)
    readings = estimators.null_readings(equal, n, 50, seed=3)
    assert abs(readings.plug_in.mean() - law) < 3 * readings.plug_in.std() / math.sqrt(50)
    assert abs(readings.debiased.mean()) < 3 * readings.debiased.std() / math.sqrt(50)


@pytest.mark.parametrize(
    ("p", "n", "expected"),
    [
        (two_modes_in(50), 1000, 0.0048),
        (two_modes_in(100), 1000, 0.0093),
        (two_modes_in(200), 5000, 0.0040),
        (estimators.square_cells(RING, 32), 5000, 0.0048),
        (divergences.sigma_cell_mass(RING.weights).ravel(), 20_000, 0.00539),
    ],
)
def test_the_mean_of_fifty_draws_is_the_expected_one(p, n, expected):
    readings = estimators.null_readings(p, n, 50, seed=0)
    exact = estimators.expected_reading(p, n)
    assert exact == pytest.approx(expected, abs=6e-5)
    assert abs(readings.plug_in.mean() - exact) < 4 * readings.plug_in.std() / math.sqrt(50)
    assert abs(readings.debiased.mean()) < 0.5 * exact
    assert readings.shares.sum() == pytest.approx(1)


def test_square_cells_hold_all_mass():
    p = estimators.square_cells(RING, 16)
    assert p.shape == (257,)
    assert p.sum() == pytest.approx(1, abs=1e-12)


# ---- kernel density estimates ----


@pytest.mark.parametrize(("n", "raw"), [(1000, 0.030), (5000, 0.012)])
def test_the_rule_of_thumb_reads_a_difference_where_there_is_none(n, raw):
    found = []
    for seed in range(3):
        samples = TWO_MODES.sample(n, np.random.default_rng(seed))[:, 0]
        bandwidth = estimators.rule_of_thumb(samples)
        assert bandwidth == pytest.approx(samples.std(ddof=1) * n**-0.2)
        reading = estimators.kernel_reading(TWO_MODES, samples, bandwidth)
        assert reading.matched < 0.001
        found.append(reading.raw)
        silverman = estimators.kernel_reading(TWO_MODES, samples, bandwidth * 0.75**-0.2)
        assert silverman.raw == pytest.approx({1000: 0.0353, 5000: 0.0143}[n], abs=0.004)
    assert np.mean(found) == pytest.approx(raw, abs=0.003)


def test_kernel_estimate_is_the_sum_of_its_kernels():
    samples = TWO_MODES.sample(50, np.random.default_rng(0))[:, 0]
    reading = estimators.kernel_reading(TWO_MODES, samples, 0.3)
    by_hand = np.exp(-(((reading.x[:, None] - samples) / 0.3) ** 2) / 2).mean(1) / (0.3 * math.sqrt(2 * math.pi))
    np.testing.assert_allclose(reading.estimate, by_hand, rtol=1e-10)
    np.testing.assert_allclose(reading.p_data, np.exp(TWO_MODES.log_prob(reading.x[:, None])), rtol=1e-10)
    many = TWO_MODES.sample(200_000, np.random.default_rng(1))[:, 0]
    np.testing.assert_allclose(estimators.kernel_reading(TWO_MODES, many, 0.3).estimate, reading.smoothed, atol=0.004)


def test_in_the_plane_the_rule_of_thumb_reads_half_of_the_worst():
    assert estimators.smoothing_bias(RING, 5000) == pytest.approx(0.385, abs=0.001)
    assert estimators.smoothing_bias(RING, 1000) == pytest.approx(0.458, abs=0.001)


def test_smoothing_bias_by_monte_carlo():
    """E_p and E_q of log 2p/(p+q) and log 2q/(p+q), from samples of both."""
    rng = np.random.default_rng(0)
    x = RING.sample(20_000, rng)
    h = 5000 ** (-1 / 6) * math.sqrt(2 + 0.01)  # each coordinate of a ring of radius 2 has variance 2, and its sigma²
    y = x + h * rng.standard_normal(x.shape)

    def log_densities(at):
        squares = ((at[:, None] - RING.modes) ** 2).sum(-1)
        return [np.log(np.exp(-squares / (2 * v)).mean(1) / (2 * math.pi * v) + 1e-300) for v in (0.01, 0.01 + h**2)]

    jsd = 0.0
    for i, at in enumerate((x, y)):
        p = log_densities(at)
        jsd += 0.5 * np.mean(p[i] - np.logaddexp(*p)) + 0.5 * math.log(2)
    assert estimators.smoothing_bias(RING, 5000) == pytest.approx(jsd, abs=0.005)


def test_smoothing_bias_does_not_depend_on_the_grid():
    assert estimators.smoothing_bias(RING, 5000) == pytest.approx(estimators.smoothing_bias(RING, 5000, 500), abs=1e-4)


# ---- modes and quality ----


def test_perfect_fakes_reach_the_ceiling_and_no_more():
    assert estimators.high_quality_share(1.0) == pytest.approx(0.98889, abs=1e-5)
    assert estimators.high_quality_share(0.5) == pytest.approx(1, abs=1e-7)
    assert estimators.width_for_share(0.996) == pytest.approx(0.9028, abs=1e-4)
    assert estimators.high_quality_share(estimators.width_for_share(0.7)) == pytest.approx(0.7)


@pytest.mark.parametrize("kept", [1, 4, 7, 8])
def test_right_modes_of_which_some_are_missing_are_on_the_ruler(kept):
    assert estimators.flawed_jsd(8, kept, 1.0) == pytest.approx(divergences.ruler(kept, 8), abs=1e-12)


@pytest.mark.parametrize("kept", [1, 5, 8])
@pytest.mark.parametrize("width", [0.5, 1.0, 1.6])
def test_scores_of_samples_agree_with_closed_forms(kept, width):
    fakes = estimators.flawed_samples(RING, 20_000, kept, width, seed=1)
    found = estimators.scores(fakes, RING)
    share = estimators.high_quality_share(width)
    assert found.modes == kept
    assert found.high_quality == pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / 20_000) + 1e-4)
    assert found.jsd == pytest.approx(estimators.flawed_jsd(8, kept, width), abs=0.0045)  # 3 s.d.
    published = mode_scores(fakes, RING)
    assert (published.modes, published.high_quality) == (found.modes, pytest.approx(found.high_quality))


def test_exact_error_of_width_as_computed_for_the_plane():
    """JSD of N(0, s²) against N(0, 1) in the plane is .0712 at s = 1.5 and .1733 at s = .5; cells see nearly all of it."""
    assert 0.067 < estimators.flawed_jsd(8, 8, 1.5) < 0.0712
    assert 0.164 < estimators.flawed_jsd(8, 8, 0.5) < 0.1733
