"""Penalties on the slope of D, against closed forms."""

import pytest
import torch

from gan_core.penalties import flatness_penalty, gradient_norms, gradient_penalty


def batches(n=64, dim=2):
    rng = torch.Generator().manual_seed(0)
    real, fake = torch.randn(2, n, dim, generator=rng, dtype=torch.float64)
    return real, fake + 3, torch.rand(n, 1, generator=rng, dtype=torch.float64)


@pytest.mark.parametrize(("weight", "expected"), [([0.6, -0.8], 0.0), ([3.0, 4.0], 16.0), ([0.0, 0.0], 1.0)])
def test_gradient_penalty_of_a_linear_discriminator(weight, expected):
    """(|w| - 1)². Were the norm taken over the whole batch, 64 unit slopes would give (8 - 1)² = 49."""
    w = torch.tensor(weight, dtype=torch.float64)[:, None]
    assert gradient_penalty(lambda x: x @ w + 5, *batches()).item() == pytest.approx(expected, abs=1e-12)


def test_gradient_penalty_looks_between_real_and_fake():
    """D = |x|²/2 has the slope |x|, so the penalty tells where it was taken: at mix real + (1 - mix) fake."""
    real, fake, mix = batches()
    at = mix * real + (1 - mix) * fake
    expected = (at.norm(dim=1) - 1).square().mean().item()
    penalty = gradient_penalty(lambda x: x.square().sum(1, keepdim=True) / 2, real, fake, mix)
    assert penalty.item() == pytest.approx(expected, abs=1e-12)


def test_gradient_norms_are_per_sample():
    x = torch.tensor([[3.0, 4.0], [0.0, 2.0], [1.0, 0.0]])
    norms = gradient_norms(lambda x: x.square().sum(1, keepdim=True) / 2, x)
    assert norms.tolist() == pytest.approx([5, 2, 1])


@pytest.mark.parametrize("weight", [[0.6, -0.8], [3.0, 4.0], [0.0, 0.0]])
def test_r1_of_a_linear_discriminator(weight):
    w = torch.tensor(weight, dtype=torch.float64)[:, None]
    assert flatness_penalty(lambda x: x @ w - 1, batches()[0]).item() == pytest.approx(
        w.square().sum().item() / 2, abs=1e-12
    )


def test_r1_is_a_mean_over_the_batch():
    real, _, _ = batches()
    expected = real.square().sum(1).mean().item() / 2
    assert flatness_penalty(lambda x: x.square().sum(1, keepdim=True) / 2, real).item() == pytest.approx(
        expected, abs=1e-12
    )


def test_penalties_can_be_learnt_from():
    """For D = w x: d/dw (|w| - 1)² = 2 (|w| - 1) sign(w), and d/dw w²/2 = w."""
    real, fake, mix = batches(dim=1)
    w = torch.tensor([[-3.0]], dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(gradient_penalty(lambda x: x @ w, real, fake, mix), w)
    assert slope.item() == pytest.approx(-4, abs=1e-9)
    (slope,) = torch.autograd.grad(flatness_penalty(lambda x: x @ w, real), w)
    assert slope.item() == pytest.approx(-3, abs=1e-9)
