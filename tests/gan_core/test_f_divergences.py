"""Every f-divergence: its conjugate, its best D, and the bound, against their definitions."""

import math

import numpy as np
import pytest
import torch

from gan_core.divergences import LOG2
from gan_core.f_divergences import F_DIVERGENCES
from gan_core.losses import LOSSES
from gan_core.theory import LOG4
from tests.gan_core.test_divergences import normal_masses
from tests.gan_core.test_losses import logits

every_divergence = pytest.mark.parametrize("f", list(F_DIVERGENCES.values()), ids=list(F_DIVERGENCES))
U = np.geomspace(1e-3, 1e3, 400)


@every_divergence
def test_f_is_convex_and_0_at_1(f):
    assert f.f(np.ones(1))[0] == pytest.approx(0, abs=1e-15)
    slopes = np.diff(f.f(U)) / np.diff(U)
    assert (np.diff(slopes) > 0).all()
    assert f.f(np.array([1e-12]))[0] == pytest.approx(f.at_zero, abs=2e-6) or f.at_zero == math.inf
    assert f.f(np.array([1e12]))[0] / 1e12 == pytest.approx(f.raised, abs=2e-6) or f.raised == math.inf


@every_divergence
def test_the_conjugate_is_the_conjugate(f):
    """f*(t) = sup_u (u t - f(u)) at t = g(v), by trying every u."""
    u = np.geomspace(1e-6, 1e6, 2_000_001)
    for v in (-1.5, -0.4, 0.0, 0.3, 1.2):
        v = torch.tensor([v], dtype=torch.float64)
        t = f.activation(v).item()
        assert f.conjugate(v).item() == pytest.approx((u * t - f.f(u)).max(), abs=1e-8)


@every_divergence
def test_the_best_raw_output_is_the_derivative_of_f(f):
    v = torch.from_numpy(f.best(np.log(U)))
    by_differences = (f.f(U * (1 + 1e-6)) - f.f(U * (1 - 1e-6))) / (2e-6 * U)
    np.testing.assert_allclose(f.activation(v).numpy(), by_differences, rtol=1e-5, atol=1e-7)
    # Young: u f'(u) - f*(f'(u)) = f(u)
    np.testing.assert_allclose(U * f.activation(v).numpy() - f.conjugate(v).numpy(), f.f(U), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("key", "expected"),
    [("kl", 0.5), ("reverse_kl", 0.5), ("pearson", math.e - 1), ("hellinger", 2 - 2 * math.exp(-1 / 8))],
)
def test_divergences_of_two_normals(key, expected):
    """N(0, 1) against N(1, 1): 1/2 both ways, e - 1, 2 - 2 exp(-1/8)."""
    p, q = normal_masses(), normal_masses(1)
    f = F_DIVERGENCES[key]
    assert f.of(p, q) == pytest.approx(expected, rel=1e-6)
    assert f.of(p, p) == pytest.approx(0, abs=1e-12)
    best = f.best(np.log(p / q))
    real, fake = f.contributions(best, best)
    assert p @ real + q @ fake == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("key", "missed", "strayed"),
    [("kl", math.inf, math.log(2)), ("reverse_kl", math.log(2), math.inf), ("pearson", math.inf, 1.0),
     ("hellinger", 2 - math.sqrt(2), 2 - math.sqrt(2))],
)  # fmt: skip
def test_what_one_side_alone_has_counts(key, missed, strayed):
    """Half of the data missed by all fakes; half of the fakes where there are no data."""
    both, one = np.array([0.5, 0.5]), np.array([1.0, 0.0])
    assert F_DIVERGENCES[key].of(both, one) == pytest.approx(missed)
    assert F_DIVERGENCES[key].of(one, both) == pytest.approx(strayed)


@every_divergence
def test_with_the_best_d_g_descends_the_divergence_itself(f):
    """q = N(theta, 1): the pull of G's loss through D* is the derivative of D_f(p || q) by theta."""
    x = np.linspace(-15, 23, 7601)
    for theta in (0.5, 1.0, 1.5):
        p, q = normal_masses(), normal_masses(theta)
        l = theta**2 / 2 - theta * x
        by_raw = LOSSES[f"f_{f.key}"].g.fake.slope(torch.from_numpy(f.best(l)), 0.0).numpy()
        by_log_ratio = (f.best(l + 1e-6) - f.best(l - 1e-6)) / 2e-6
        pull = q @ (by_raw * by_log_ratio * -theta)
        ahead, behind = (f.of(p, normal_masses(theta + e)) for e in (1e-3, -1e-3))
        assert pull == pytest.approx((ahead - behind) / 2e-3, rel=1e-3)


def test_the_minimax_loss_is_the_f_gan_of_the_jsd():
    """f(u) = u log u - (1 + u) log((1 + u)/2), g(v) = log 2 - softplus(-v), f*(t) = -log(2 - exp t): V + log 4 <= 2 JSD."""
    real, fake = logits(32, seed=1), logits(32, seed=2)
    t_real, t_fake = (LOG2 - torch.nn.functional.softplus(-v) for v in (real, fake))
    bound = t_real.mean() + torch.log(2 - t_fake.exp()).mean()
    loss = LOSSES["minimax"]
    assert loss.d(real, fake).value.item() == pytest.approx(LOG4 - bound.item(), abs=1e-12)
    assert loss.g(None, fake).value.item() == pytest.approx(torch.log(2 - t_fake.exp()).mean().item() - LOG2, abs=1e-12)


@every_divergence
def test_no_value_at_the_balance_is_minus_nothing(f):
    loss = LOSSES[f"f_{f.key}"]
    assert all(math.copysign(1, value) == 1 for value in (loss.d_equilibrium, loss.g_equilibrium) if value == 0)
