"""Limits on D's weights: against the singular values of NumPy, and what they promise of D's slope."""

import numpy as np
import pytest
import torch

from gan_core.config import TrainConfig
from gan_core.constraints import CONSTRAINTS, constrain, slope_bound, spectral_norm
from gan_core.networks import ACTIVATIONS, MLP
from gan_core.penalties import gradient_norms
from gan_core.training import GANTrainer
from tests.gan_core.experiments import SMALL


def network(activation="leaky_relu", seed=0):
    d = MLP([2, 16, 16, 1], activation, torch.Generator().manual_seed(seed))
    d.flat.mul_(4)
    return d


@pytest.mark.parametrize("shape", [(1, 7), (7, 1), (1, 1), (5, 9), (9, 5), (16, 16)])
def test_spectral_norm_is_the_largest_singular_value(shape):
    weight = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    assert spectral_norm(weight).item() == pytest.approx(np.linalg.norm(weight.double().numpy(), 2), rel=1e-5)
    assert spectral_norm(torch.zeros(shape)).item() == 0


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_nowhere_is_d_steeper_than_the_product_of_its_norms(activation):
    for seed in range(5):
        d = network(activation, seed)
        x = 3 * torch.randn(2000, 2, generator=torch.Generator().manual_seed(seed))
        steepest = gradient_norms(lambda x, d=d: d.by_autograd(x, d.flat), x).max().item()
        assert 0 < steepest <= slope_bound(d) * (1 + 1e-5)


def test_a_spectral_limit_shrinks_what_is_above_it_and_nothing_else():
    d = network()
    with torch.no_grad():
        d.layers[1][0].mul_(0.01)  # already small
    before = [(w.clone(), b.clone()) for w, b in d.layers]
    CONSTRAINTS["spectral_limit"].shrink(d, 0.7)
    norms = [np.linalg.norm(w.numpy(), 2) for w, _ in d.layers]
    assert norms[0] == pytest.approx(0.7, rel=1e-5)
    assert norms[2] == pytest.approx(0.7, rel=1e-5)
    assert torch.equal(d.layers[1][0], before[1][0])
    for (w, b), (old_w, old_b) in zip(d.layers, before, strict=True):
        torch.testing.assert_close(w * (old_w.norm() / w.norm()), old_w)  # the same directions
        assert torch.equal(b, old_b)


def test_a_clip_is_a_clamp():
    d = network()
    expected = d.flat.clamp(-0.1, 0.1)
    assert not torch.equal(d.flat, expected)
    CONSTRAINTS["weight_clip"].shrink(d, 0.1)
    assert torch.equal(d.flat, expected)


@pytest.mark.parametrize("loss", ["non_saturating", "wasserstein_gp"])
def test_limits_hold_after_every_step_of_a_training(loss):
    config = SMALL.replace(loss=loss, gp_weight=0.0, lr_d=0.05)
    free, clipped, normed = (
        GANTrainer(config.replace(**c)) for c in ({}, {"weight_clip": 0.05}, {"spectral_limit": 1.0})
    )
    for _ in range(20):
        for trainer in (free, clipped, normed):
            trainer.step()
        assert clipped.discriminator.flat.abs().max() <= 0.05
        assert slope_bound(normed.discriminator) <= 1 + 1e-5
    assert slope_bound(free.discriminator) > 2
    assert free.discriminator.flat.abs().max() > 0.05


def test_a_limit_can_be_moved_while_it_runs_and_0_is_off():
    free, limited = GANTrainer(SMALL), GANTrainer(SMALL)
    limited.update(spectral_limit=0.5)
    limited.step_discriminator()
    assert slope_bound(limited.discriminator) <= 0.125 * (1 + 1e-5)
    limited.update(spectral_limit=0.0)
    free.step_discriminator()
    for _ in range(30):
        limited.step_discriminator()
    assert slope_bound(limited.discriminator) > 0.125
    assert slope_bound(free.discriminator) > 0.5


def test_the_networks_of_images_know_no_limits():
    trainer = GANTrainer(
        TrainConfig(target="digits", architecture="tiny", latent_dim=8, batch_size=16, weight_clip=0.01)
    )
    trainer.step_discriminator()
    assert trainer.discriminator.flat.abs().max() > 0.01


def test_a_network_that_cannot_be_limited_is_refused():
    images = GANTrainer(TrainConfig(target="digits", architecture="tiny", latent_dim=8, batch_size=16))
    with pytest.raises(ValueError, match=r"weight_clip = 0\.1 is for discriminators of plain layers"):
        constrain(images.discriminator, TrainConfig(weight_clip=0.1))
