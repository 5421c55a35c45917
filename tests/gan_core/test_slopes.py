"""What G feels of D: arrows and gradients, against autograd."""

import math

import numpy as np
import pytest
import torch

from gan_core.losses import LOSSES
from gan_core.slopes import arrows, gradient_norms
from gan_core.training import GANTrainer
from tests.gan_core.experiments import SMALL, trained
from tests.gan_core.textbook import G_LOSSES


@pytest.mark.parametrize("packing", [1, 2])
@pytest.mark.parametrize("loss", list(LOSSES))
def test_arrows_are_autograd(loss, packing):
    """-dL_G/dx of each sample's own loss, in the units of the data, without dropout and noise."""
    config = SMALL.replace(
        target="line", loss=loss, packing=packing, latent_dim=2, ema_decay=0.9, dropout=0.5, instance_noise=0.5
    )
    trainer = trained(5, config)
    x, directions = arrows(trainer, trainer.fixed_latents(20))
    np.testing.assert_allclose(x, trainer.oppose(trainer.fixed_latents(20)), atol=1e-6)
    target, weights_ = trainer.target, trainer.discriminator.flat.double()
    assert (target.unit != 1).all()
    inputs = torch.from_numpy(x).double().requires_grad_(True)
    scaled = (inputs - torch.from_numpy(target.center)) / torch.from_numpy(target.unit)
    logits = trainer.discriminator.by_autograd(torch.cat([scaled] * packing, 1), weights_)
    reals = trainer.judge(trainer.problem.real_samples(len(x))).double()
    formula = G_LOSSES.get(loss, lambda fakes: LOSSES[loss].g(reals, fakes).value)
    total = len(x) * formula(logits)
    np.testing.assert_allclose(directions, -torch.autograd.grad(total, inputs)[0].numpy(), rtol=1e-4, atol=1e-5)
    assert np.abs(directions).max() > 0.01


def test_a_sure_d_starves_only_the_saturating_g():
    longest = {}
    for loss in ("minimax", "non_saturating"):
        trainer = GANTrainer(SMALL.replace(target="line", loss=loss, latent_dim=2))
        trainer.discriminator.layers[-1][1].fill_(-30)  # everything is fake
        longest[loss] = np.linalg.norm(arrows(trainer, trainer.fixed_latents(50))[1], axis=1).max()
        norms = gradient_norms(trainer)
        assert norms["grad_minimax"] < 1e-6
        assert norms["grad_non_saturating"] > 1e-3
    assert longest["minimax"] < 1e-6
    assert longest["non_saturating"] > 0.1


@pytest.mark.parametrize("packing", [1, 2])
@pytest.mark.parametrize("loss", ["non_saturating", "minimax"])
def test_gradient_norms_are_autograd(loss, packing):
    """On 256 fixed latents, whatever the selected loss, without dropout and noise."""
    config = SMALL.replace(
        target="line", loss=loss, packing=packing, latent_dim=2, ema_decay=0.9, dropout=0.5, instance_noise=0.5
    )
    trainer = trained(5, config)
    flat_g = trainer.generator.flat.clone().requires_grad_(True)
    fake = trainer.generator.by_autograd(trainer.fixed_latents(256), flat_g)
    logits = trainer.discriminator.by_autograd(fake.reshape(256 // packing, -1), trainer.discriminator.flat)
    norms = gradient_norms(trainer)
    assert list(norms) == ["grad_minimax", "grad_non_saturating"]
    for key in ("minimax", "non_saturating"):
        (gradient,) = torch.autograd.grad(G_LOSSES[key](logits), flat_g, retain_graph=True)
        assert norms[f"grad_{key}"] == pytest.approx(gradient.norm().item(), rel=1e-4)
    assert norms["grad_minimax"] != pytest.approx(norms["grad_non_saturating"], rel=0.01)


@pytest.mark.parametrize("loss", [key for key, loss in LOSSES.items() if loss.output != "logit"])
def test_without_a_logit_there_are_no_two_gradients_to_compare(loss):
    trainer = GANTrainer(SMALL.replace(loss=loss))
    assert all(math.isnan(norm) for norm in gradient_norms(trainer).values())
    assert np.isnan(trainer.history.arrays()["grad_minimax"]).all()
