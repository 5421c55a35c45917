"""Police and forger against the closed forms of the theory, and arrows against finite differences."""

import numpy as np
import pytest
import torch
from scipy.special import expit, ndtr
from scipy.stats import norm

from gan_core import theory
from gan_core.lessons import bells, the_game
from gan_core.lessons.bells import CENTRES
from gan_core.losses import LOSSES

TABLE = [(0.5, -1.325672, 0.5987), (1, -1.163451, 0.6915), (2, -0.712633, 0.8413), (4, -0.120854, 0.9772)]


@pytest.mark.parametrize(("shift", "value", "accuracy"), TABLE)
def test_the_right_threshold_and_steepness_reach_the_best_value(shift, value, accuracy):
    j = the_game.judge(shift, 1, the_game.logistic_logits(CENTRES, shift / 2, -shift))
    assert j.value == pytest.approx(value, abs=1e-5)
    assert j.best == pytest.approx(value, abs=1e-5)
    assert j.missing == pytest.approx(0, abs=1e-9)
    assert j.accuracy == pytest.approx(accuracy, abs=1e-4)
    assert j.accuracy == pytest.approx(ndtr(shift / 2), abs=1e-5)
    assert j.d_real + j.d_fake == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("threshold", [-2.0, 0.0, 3.0])
@pytest.mark.parametrize("steepness", [-3.0, -1.0, 0.5, 2.0])
def test_no_d_beats_the_best_and_what_it_misses_is_the_gap_of_the_theory(threshold, steepness):
    logits = the_game.logistic_logits(CENTRES, threshold, steepness)
    j = the_game.judge(2, 1, logits)
    assert j.value == pytest.approx(j.real + j.fake)
    assert j.missing > 0
    p, q = np.exp(bells.normal_log_masses(0, 1)), np.exp(bells.normal_log_masses(2, 1))
    d = np.clip(expit(logits), 1e-300, 1 - 1e-16)
    assert j.missing == pytest.approx(2 * theory.bound_gap(p, q, d), rel=1e-3)
    assert j.proven + j.missing / 2 == pytest.approx(j.jsd)


def test_lazy_police_prove_nothing_whatever_the_fakes_are():
    for mean, scale in ((0, 1), (2, 1), (5, 0.3)):
        j = the_game.judge(mean, scale, np.zeros_like(CENTRES))
        assert j.value == pytest.approx(-np.log(4))
        assert j.proven == pytest.approx(0, abs=1e-12)
        assert (j.accuracy, j.d_real, j.d_fake) == pytest.approx((0.5, 0.5, 0.5))


def test_perfect_fakes_leave_even_the_best_d_a_coin_toss():
    logits = the_game.best_logits(CENTRES, 0, 1)
    np.testing.assert_allclose(logits, 0, atol=1e-12)
    assert the_game.judge(0, 1, logits).best == pytest.approx(-1.386294, abs=1e-6)


def test_best_logits_are_the_log_ratio_of_the_densities():
    expected = bells.normal_log_masses(0, 1) - bells.normal_log_masses(1.5, 0.6)
    np.testing.assert_allclose(the_game.best_logits(CENTRES, 1.5, 0.6), expected, atol=1e-6)


def test_arrows_are_autograd_of_the_minimax_loss():
    x = torch.linspace(-3, 5, 33, dtype=torch.float64, requires_grad=True)
    mean, scale = 1.5, 0.7
    logits = np.log(scale) + ((x - mean) / scale) ** 2 / 2 - x**2 / 2
    (slope,) = torch.autograd.grad(LOSSES["minimax"].g.fake.value(logits, 0.0).sum(), x)
    np.testing.assert_allclose(the_game.arrows(x.detach().numpy(), mean, scale), -slope.numpy(), atol=1e-12)


@pytest.mark.parametrize(("mean", "scale"), [(2.0, 1.0), (1.0, 0.5), (-3.0, 2.0)])
def test_a_learning_step_descends_the_best_value(mean, scale):
    def best(m, s):
        return the_game.judge(m, s, np.zeros_like(CENTRES)).best

    h = 1e-4
    by_mean = (best(mean + h, scale) - best(mean - h, scale)) / (2 * h)
    by_scale = (best(mean, scale + h) - best(mean, scale - h)) / (2 * h)
    new_mean, new_scale = the_game.learning_step(mean, scale)
    assert new_mean - mean == pytest.approx(-by_mean, abs=1e-5)
    assert new_scale - scale == pytest.approx(-by_scale, abs=1e-5)


def test_a_learning_step_agrees_with_the_slopes_of_the_shifted_bells():
    assert 2 - the_game.learning_step(2, 1)[0] == pytest.approx(bells.generator_slopes(2)[0], abs=1e-6)
    assert bells.generator_slopes(2)[0] == pytest.approx(0.450, abs=5e-4)


def test_steps_end_at_the_data():
    mean, scale = 2.5, 0.7
    for _ in range(100):
        mean, scale = the_game.learning_step(mean, scale, 0.5)
    assert (mean, scale) == pytest.approx((0, 1), abs=1e-3)


def test_notes_are_quantiles():
    x = the_game.notes(1, 2, 40)
    assert x.shape == (40,)
    np.testing.assert_allclose(ndtr((x - 1) / 2), (np.arange(40) + 0.5) / 40)


def test_density_is_that_of_scipy():
    x = np.linspace(-5, 5, 11)
    np.testing.assert_allclose(the_game.density(x, 1, 0.4), norm.pdf(x, 1, 0.4))
