"""Penalties against known values, PyTorch's binary cross-entropy, and a search for the cheapest verdict."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from gan_core.lessons import value_function


def test_a_coin_toss_costs_log_four():
    s = value_function.score(*value_function.verdicts(0))
    assert (s.real, s.fake) == pytest.approx((-np.log(2), -np.log(2)))
    assert (s.value, s.loss, s.loss_mean) == pytest.approx((-1.386294, 1.386294, 0.693147), abs=1e-6)


@pytest.mark.parametrize("wrong", ["", "real", "fake"])
@pytest.mark.parametrize("sure", [0, 0.5, 1])
def test_losses_are_those_of_pytorch(sure, wrong):
    d_real, d_fake = value_function.verdicts(sure, wrong)
    s = value_function.score(d_real, d_fake)
    real, fake = torch.tensor(d_real), torch.tensor(d_fake)
    sums = F.binary_cross_entropy(real, torch.ones(6).double()) + F.binary_cross_entropy(fake, torch.zeros(6).double())
    both = F.binary_cross_entropy(torch.cat([real, fake]), torch.cat([torch.ones(6), torch.zeros(6)]).double())
    assert s.loss == pytest.approx(sums.item())
    assert s.loss_mean == pytest.approx(both.item())
    assert s.value == pytest.approx(-s.loss)


def test_one_confident_error_is_dear_on_either_side():
    sure, real, fake = (value_function.score(*value_function.verdicts(1, w)) for w in ("", "real", "fake"))
    assert real.value == pytest.approx(fake.value)
    # one note in six goes from log 0.995 to log 0.01
    assert sure.value - real.value == pytest.approx(np.log(0.995 / 0.01) / 6)


def test_gaps_at_known_places():
    g = value_function.gaps(0.01)
    assert (g.subtraction, g.log, g.squared) == pytest.approx((0.99, 4.60517, 0.9801))
    g = value_function.gaps(1.0)
    assert (g.subtraction, g.log, g.squared) == (0, 0, 0)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.7, 0.95])
def test_the_cheapest_verdict_is_found_by_search(share):
    d = np.arange(1, 10_000) / 10_000
    costs, best = value_function.expected_gaps(d, share), value_function.best_verdicts(share)
    for name in ("subtraction", "log", "squared"):
        assert d[getattr(costs, name).argmin()] == pytest.approx(getattr(best, name), abs=1.1e-4)
        lowest = getattr(value_function.lowest_gaps(share), name)
        assert getattr(costs, name).min() == pytest.approx(lowest, abs=1e-4)


def test_logs():
    real, fake = value_function.logs([0.5, 0.25])
    np.testing.assert_allclose(real, [-0.693147, -1.386294], atol=1e-6)
    np.testing.assert_allclose(fake, [-0.693147, -0.287682], atol=1e-6)


def test_at_even_odds_every_verdict_costs_the_same_subtraction():
    costs = value_function.expected_gaps(np.linspace(0.1, 0.9, 9), 0.5)
    np.testing.assert_allclose(costs.subtraction, 0.5)
    assert np.isnan(value_function.best_verdicts(0.5).subtraction)
    assert value_function.best_verdicts(0.5).log == 0.5
