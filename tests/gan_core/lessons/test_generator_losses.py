"""The two losses of G: values, slopes and where they lead."""

import numpy as np
import pytest
import torch

from gan_core.lessons import bells, generator_losses


@pytest.mark.parametrize("d", [0.01, 0.2, 0.5, 0.99])
def test_slopes_by_the_logit(d):
    s = generator_losses.slopes_at(d)
    assert (s.minimax, s.non_saturating) == pytest.approx((np.log(1 - d), -np.log(d)))
    assert (s.minimax_slope, s.non_saturating_slope) == pytest.approx((-d, -(1 - d)))
    assert s.ratio == pytest.approx((1 - d) / d)


def test_ratio_of_the_question():
    assert generator_losses.slopes_at(0.01).ratio == pytest.approx(99)
    assert generator_losses.slopes_at(0.5).ratio == pytest.approx(1)


@pytest.mark.parametrize(("loss", "formula"), [("minimax", lambda d: torch.log(1 - d)),
                                               ("non_saturating", lambda d: -torch.log(d))])  # fmt: skip
def test_terms_against_autograd(loss, formula):
    logits = torch.linspace(-4, 4, 9, dtype=torch.float64, requires_grad=True)
    expected = formula(torch.sigmoid(logits))
    (gradient,) = torch.autograd.grad(expected.sum(), logits)
    value, slope = generator_losses.generator_term(loss, logits.detach().numpy())
    np.testing.assert_allclose(value, expected.detach().numpy(), atol=1e-12)
    np.testing.assert_allclose(slope, gradient.numpy(), atol=1e-12)


def test_best_opinion_is_the_ratio_of_densities():
    x = np.linspace(-2, 5, 15)
    p, q = np.exp(-(x**2) / 2), np.exp(-((x - 3) ** 2) / 2)
    np.testing.assert_allclose(generator_losses.best_opinion(x, 3.0), p / (p + q))


@pytest.mark.parametrize("theta", [0.1, 1.0, 3.0, 6.0, 10.0])
def test_pulls_are_those_of_the_fine_cells(theta):
    np.testing.assert_allclose(generator_losses.pulls(theta), bells.generator_slopes(theta), rtol=1e-4)
    assert sum(generator_losses.pulls(theta)) == pytest.approx(theta)


def test_a_walk_takes_the_steps_of_the_pulls():
    saturating, non_saturating = generator_losses.walk(6.0, 0.1, 60)
    assert (len(saturating), saturating[0], non_saturating[0]) == (61, 6, 6)
    pull = bells.generator_slopes(6.0)
    assert pull == pytest.approx((0.01245, 5.98755), abs=1e-5)
    assert saturating[1] == pytest.approx(6 - 0.1 * pull[0])
    assert non_saturating[1] == pytest.approx(6 - 0.1 * pull[1])
    assert saturating[-1] > 5.8, "with a perfect D the saturating loss stands still"
    assert 0 < non_saturating[-1] < 0.5
