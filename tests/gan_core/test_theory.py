"""The closed forms of Goodfellow et al. (2014) on two Gaussians, and their identities on random masses."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from gan_core.divergences import LOG2, js_divergence
from gan_core.theory import (
    LOG4,
    bound_gap,
    discriminator_bound,
    discriminator_bound_sampled,
    generator_criterion,
    optimal_discriminator,
    value_function,
)
from tests.gan_core.test_divergences import SHIFTS, mass_vectors, normal_masses, properties

X = np.linspace(-15, 23, 7601)  # the cells of normal_masses
GAME_VALUES = (-1.325672, -1.163451, -0.712633, -0.332740, -0.120854, -0.007698, -0.000187)
BEST_ACCURACIES = (0.5987, 0.6915, 0.8413, 0.9332, 0.9772, 0.9987, 1.0000)

opinions = st.lists(st.floats(1e-6, 1 - 1e-6), min_size=12, max_size=12).map(np.array)


# ---- V ----


def test_value_of_a_coin_toss():
    p, q = normal_masses(), normal_masses(3)
    assert value_function(p, q, np.full_like(p, 0.5)) == pytest.approx(-1.386294, abs=1e-6)
    assert np.exp(LOG4) == pytest.approx(4, abs=1e-12)


def test_value_by_hand():
    p, q, d = np.array([0.25, 0.75]), np.array([0.5, 0.5]), np.array([0.2, 0.9])
    expected = 0.25 * np.log(0.2) + 0.75 * np.log(0.9) + 0.5 * np.log(0.8) + 0.5 * np.log(0.1)
    assert value_function(p, q, d) == pytest.approx(expected, abs=1e-12)


def test_value_is_zero_when_always_right_and_minus_infinity_when_surely_wrong():
    p, q = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    assert value_function(p, q, np.array([1.0, 0.0])) == 0
    assert value_function(p, q, np.array([1.0, 1.0])) == -np.inf
    assert value_function(p, q, np.array([0.0, 0.0])) == -np.inf


@properties
@given(mass_vectors(2), opinions)
def test_value_is_never_positive(pair, d):
    assert value_function(*pair, d[: len(pair[0])]) <= 0


@pytest.mark.parametrize(("shift", "value"), list(zip(SHIFTS, GAME_VALUES, strict=True)))
def test_value_of_the_game(shift, value):
    """Theorem 1: max_D V = -log 4 + 2 JSD."""
    p, q = normal_masses(), normal_masses(shift)
    d_star = np.clip(optimal_discriminator(p, q), 1e-16, 1 - 1e-16)  # beyond, doubles round it to a sure 0 or 1
    assert value_function(p, q, d_star) == pytest.approx(value, abs=2e-6)
    assert generator_criterion(p, q) == pytest.approx(value, abs=2e-6)


def test_range_of_the_game():
    p, q = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    assert generator_criterion(p, p) == -LOG4
    assert generator_criterion(p, q) == pytest.approx(0, abs=1e-15)


# ---- D* ----


@pytest.mark.parametrize("shift", SHIFTS)
def test_optimal_logit_of_two_gaussians(shift):
    """log p - log q = shift²/2 - shift x."""
    d_star = optimal_discriminator(normal_masses(), normal_masses(shift))
    np.testing.assert_allclose(d_star, expit(shift**2 / 2 - shift * X), rtol=1e-9)


@pytest.mark.parametrize("shift", SHIFTS)
def test_mean_opinions_of_the_optimum_add_up_to_one(shift):
    p, q = normal_masses(), normal_masses(shift)
    d_star = optimal_discriminator(p, q)
    assert p @ d_star + q @ d_star == pytest.approx(1, abs=1e-12)


def test_mean_opinions_by_number():
    p, q = normal_masses(), normal_masses(1)
    d_star = optimal_discriminator(p, q)
    assert p @ d_star == pytest.approx(0.6020, abs=5e-5)
    assert q @ d_star == pytest.approx(0.3980, abs=5e-5)


@pytest.mark.parametrize(("shift", "accuracy"), list(zip(SHIFTS, BEST_ACCURACIES, strict=True)))
def test_accuracy_of_the_optimum(shift, accuracy):
    """The best accuracy is (1 + TV)/2, reached by the threshold D* = 1/2."""
    p, q = normal_masses(), normal_masses(shift)
    d_star = optimal_discriminator(p, q)
    right = p[d_star > 0.5].sum() + q[d_star < 0.5].sum() + (p + q)[d_star == 0.5].sum() / 2
    assert right / 2 == pytest.approx(accuracy, abs=6e-5)
    assert right / 2 == pytest.approx((1 + np.abs(p - q).sum() / 2) / 2, abs=1e-9)


@properties
@given(mass_vectors(2), opinions)
def test_nobody_beats_the_optimum(pair, d):
    """Proposition 1; where neither p nor q has mass the opinion is undefined and does not matter."""
    d_star = optimal_discriminator(*pair)
    np.testing.assert_array_equal(np.isnan(d_star), pair[0] + pair[1] == 0)
    best = value_function(*pair, np.nan_to_num(d_star, nan=0.5))
    assert value_function(*pair, d[: len(d_star)]) <= best + 1e-12
    assert best == pytest.approx(generator_criterion(*pair), abs=1e-12)


def test_optimum_by_hand():
    p, q = np.array([0.5, 0.5, 0.0, 0.0]), np.array([0.0, 0.5, 0.5, 0.0])
    np.testing.assert_array_equal(optimal_discriminator(p, q), [1, 0.5, 0, np.nan])
    np.testing.assert_allclose(optimal_discriminator(p, q, prior=0.75), [1, 0.75, 0, np.nan])


def test_optimum_takes_densities_of_any_shape():
    p, q = np.array([[2.0, 4.0], [0.0, 6.0]]), np.array([[2.0, 1.0], [3.0, 0.0]])
    np.testing.assert_allclose(optimal_discriminator(p, q), [[0.5, 0.8], [0, 1]])


@properties
@given(mass_vectors(2), st.floats(0.05, 0.95), st.floats(-0.4, 0.4))
def test_optimum_with_another_share_of_reals(pair, prior, nudge):
    """It maximises prior E_p log D + (1 - prior) E_q log(1 - D)."""
    p, q = pair
    d_star = np.nan_to_num(optimal_discriminator(p, q, prior), nan=0.5)

    def value(d):
        return value_function(prior * p, (1 - prior) * q, d)

    assert prior * p @ d_star + (1 - prior) * q @ d_star == pytest.approx(prior, abs=1e-12)
    assert value(np.clip(d_star + nudge, 1e-9, 1 - 1e-9)) <= value(d_star) + 1e-12


# ---- what D proves, and what it does not ----


@pytest.mark.parametrize(
    ("a", "b", "proven", "gap"),
    [(0.5, -1, 0.111421, 0), (0.5, -0.5, 0.080030, 0.031391), (1, -2, 0.050652, 0.060770), (0, 1, -0.413311, 0.524732)],
)
def test_bound_and_gap_of_linear_logits(a, b, proven, gap):
    p, q = normal_masses(), normal_masses(1)
    d = expit(a + b * X)
    assert discriminator_bound(p, q, d) == pytest.approx(proven, abs=1e-6)
    assert bound_gap(p, q, d) == pytest.approx(gap, abs=1e-6)


@properties
@given(mass_vectors(2), opinions)
def test_truth_is_proven_plus_gap(pair, d):
    d = d[: len(pair[0])]
    gap = bound_gap(*pair, d)
    assert gap >= -1e-15
    assert discriminator_bound(*pair, d) + gap == pytest.approx(js_divergence(*pair), abs=1e-9)


@properties
@given(mass_vectors(2))
def test_the_optimum_proves_everything(pair):
    d_star = np.nan_to_num(optimal_discriminator(*pair), nan=0.5)
    assert bound_gap(*pair, d_star) == pytest.approx(0, abs=1e-15)
    assert discriminator_bound(*pair, d_star) == pytest.approx(js_divergence(*pair), abs=1e-12)


def test_one_half_proves_nothing_however_far_apart():
    p, q = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    half = np.full(2, 0.5)
    assert discriminator_bound(p, q, half) == pytest.approx(0, abs=1e-15)
    assert bound_gap(p, q, half) == pytest.approx(LOG2, abs=1e-15)


def opinions_of_the_optimum(n, rng):
    """D* on n samples each of p = N(0, 1) and q = N(1, 1), where its logit is 1/2 - x."""
    return expit(0.5 - rng.standard_normal(n)), expit(-0.5 - rng.standard_normal(n))


def test_a_coin_toss_proves_nothing_surely():
    proven, error = discriminator_bound_sampled(np.full(50, 0.5), np.full(70, 0.5))
    assert proven == pytest.approx(0, abs=1e-15)
    assert error == pytest.approx(0, abs=1e-15)


def test_bound_from_samples_by_hand():
    proven, error = discriminator_bound_sampled(np.array([0.5, 0.8]), np.array([0.1, 0.1, 0.4]))
    real, fake = np.log([0.5, 0.8]), np.log([0.9, 0.9, 0.6])
    assert proven == pytest.approx((real.mean() + fake.mean() + LOG4) / 2, abs=1e-12)
    assert error == pytest.approx((real.var() / 2 + fake.var() / 3) ** 0.5 / 2, abs=1e-12)


def test_bound_from_samples_finds_the_truth():
    proven, error = discriminator_bound_sampled(*opinions_of_the_optimum(200_000, np.random.default_rng(0)))
    assert proven == pytest.approx(0.111421, abs=4 * error)
    assert error < 1e-3


def test_standard_error_is_the_spread_of_repetitions():
    """200 of them: their standard deviation is uncertain by 5 %."""
    rng = np.random.default_rng(0)
    proven, errors = np.transpose(
        [discriminator_bound_sampled(*opinions_of_the_optimum(2000, rng)) for _ in range(200)]
    )
    assert proven.std() == pytest.approx(errors.mean(), rel=0.2)
    assert proven.mean() == pytest.approx(0.111421, abs=4 * errors.mean() / 200**0.5)
