"""What a D proves cell by cell, and the value of the game term by term."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from gan_core import theory
from gan_core.divergences import LOG2
from gan_core.lessons import bells, proofs
from gan_core.lessons.bells import CENTRES
from tests.gan_core.test_divergences import mass_vectors, properties

LOG_P = bells.normal_log_masses(0, 1)
LOG_Q = bells.normal_log_masses(1, 1)


@pytest.mark.parametrize(
    ("a", "b", "proven", "unproven"),
    [(0.5, -1, 0.111421, 0), (0.5, -0.5, 0.080030, 0.031391), (1, -2, 0.050652, 0.060770), (0, 1, -0.413311, 0.524732)],
)
def test_straight_lines_against_one_shift(a, b, proven, unproven):
    found = proofs.weigh(LOG_P, LOG_Q, a + b * CENTRES)
    assert (found.proven, found.unproven) == pytest.approx((proven, unproven), abs=2e-6)
    assert found.proven + found.unproven == pytest.approx(found.jsd, abs=1e-9)


def test_a_coin_toss_misses_the_whole_jsd():
    missed = proofs.unproven_by_cell(LOG_P, LOG_Q, np.zeros_like(CENTRES))
    assert missed.sum() == pytest.approx(0.111421, abs=1e-6)
    assert (missed >= 0).all()


@properties
@given(mass_vectors(2), st.lists(st.floats(-12, 12), min_size=12, max_size=12).map(np.array))
def test_the_cells_add_up_to_the_gap(pair, logits):
    p, q = (0.999 * m + 0.001 / len(m) for m in pair)
    logits = logits[: len(p)]
    missed = proofs.unproven_by_cell(np.log(p), np.log(q), logits)
    assert missed.sum() == pytest.approx(theory.bound_gap(p, q, expit(logits)), abs=1e-9)


def test_the_identity_survives_a_d_that_is_far_too_sure():
    found = proofs.weigh(LOG_P, bells.normal_log_masses(3, 2.5), 8 + 5 * CENTRES)
    assert np.isfinite(found.proven)
    assert found.proven + found.unproven == pytest.approx(found.jsd, abs=1e-6)


def test_three_times_more_reals():
    p, q = np.array([0.2, 0.5, 0.3]), np.array([0.6, 0.4, 0.0])
    real, fake, d_star = proofs.batch_shares(p, q, 0.75)
    np.testing.assert_allclose(d_star, 3 * p / (3 * p + q))
    np.testing.assert_allclose(d_star, real / (real + fake))
    np.testing.assert_allclose(proofs.batch_shares(p, q, 0.5)[2], p / (p + q))


@pytest.mark.parametrize(("theta", "value"), [(0, -1.386294), (1, -1.163451), (2, -0.712633), (6, -0.007698)])
def test_the_value_of_the_game_and_its_parts(theta, value):
    g = proofs.game_value(np.exp(LOG_P), np.exp(bells.normal_log_masses(theta, 1)))
    assert g.value == pytest.approx(value, abs=1e-6)
    assert g.real + g.fake == pytest.approx(g.value, abs=1e-9)
    assert g.coin + 2 * g.jsd == pytest.approx(g.value, abs=1e-12)
    assert (g.kl_data + g.kl_model) / 2 == pytest.approx(g.jsd, abs=1e-9)
    assert g.kl_data == pytest.approx(g.kl_model, abs=1e-6)  # two equal bells
    assert g.real == pytest.approx(g.kl_data - LOG2, abs=1e-12)
    p, q = np.exp(LOG_P), np.exp(bells.normal_log_masses(theta, 1))
    d_star = expit(LOG_P - bells.normal_log_masses(theta, 1))
    near = (p > 1e-250) & (d_star > 0)
    assert g.real == pytest.approx(float(p[near] @ np.log(d_star[near])), abs=1e-6)
    assert q.sum() == pytest.approx(1)


def test_the_two_terms_differ_for_unequal_bells():
    g = proofs.game_value(np.exp(LOG_P), np.exp(bells.normal_log_masses(2, 2)))
    assert abs(g.kl_data - g.kl_model) > 0.01
    assert (g.kl_data + g.kl_model) / 2 == pytest.approx(g.jsd, abs=1e-9)
