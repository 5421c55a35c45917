"""One step of the trainer against the textbook."""

import pytest
import torch
from torch import nn

from gan_core.losses import LOSSES
from gan_core.networks import MLP
from gan_core.training import Adam, GANTrainer, StepRecord
from tests.gan_core.experiments import SMALL, weights
from tests.gan_core.test_networks import MODULES
from tests.gan_core.textbook import D_LOSSES, Textbook, flat

VARIANTS = [
    *({"loss": loss} for loss in D_LOSSES),
    *({"loss": loss, "r1_gamma": 0.5} for loss in D_LOSSES),
    *({"g_activation": activation, "d_activation": activation} for activation in MODULES),
    {"loss": "wasserstein_gp", "gp_weight": 10.0, "latent_dim": 3},
    {"loss": "least_squares", "label_smoothing": 0.1},
    {"label_smoothing": 0.2, "beta1": 0.5, "beta2": 0.9},
    {"instance_noise": 0.5, "r1_gamma": 1.0, "latent": "uniform"},
    {"wide_start": True, "spread_start": False, "depth": 1},
    {"r2_gamma": 0.5, "instance_noise": 0.5},
    {"r1_gamma": 0.5, "r2_gamma": 2.0, "packing": 2},
    {"packing": 2},
    {"packing": 4, "loss": "wasserstein_gp", "target": "ring_8", "latent_dim": 2},
    {"packing": 2, "r1_gamma": 0.5, "instance_noise": 0.5, "target": "line"},
]


def assert_same_step(network, module):
    """Same gradient, same new weights, both to 1e-5; then level the module with the network.

    Adam divides a gradient by its size: where that is nothing but rounding noise, so is the step. There only the
    gradients are compared.
    """
    gradient = torch.cat([parameter.grad.flatten() for parameter in module.parameters()])
    torch.testing.assert_close(network.gradient, gradient, atol=1e-5, rtol=1e-5)
    sure = gradient.abs() > 1e-6
    assert sure.sum() >= 5
    torch.testing.assert_close(network.flat[sure], flat(module)[sure], atol=1e-5, rtol=0)
    nn.utils.vector_to_parameters(network.flat.clone(), module.parameters())


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: ",".join(map(str, v.values())))
def test_steps_are_those_of_the_textbook(variant):
    config = SMALL.replace(**{"target": "three_modes", **variant})
    trainer = GANTrainer(config)
    rng = torch.Generator().manual_seed(5)
    reals = 2 * torch.randn(4, 32, trainer.target.dim, generator=rng)
    zs = torch.randn(8, 32, config.latent_dim, generator=rng)
    trainer.real_batches, trainer.latent_batches = iter(reals), iter(zs)
    textbook = Textbook(trainer)
    for real, (z_for_d, z_for_g) in zip(reals, zs.split(2), strict=True):
        assert trainer.step_discriminator() == pytest.approx(textbook.step_discriminator(real, z_for_d), abs=1e-5)
        assert_same_step(trainer.discriminator, textbook.discriminator)
        assert trainer.step_generator() == pytest.approx(textbook.step_generator(z_for_g), abs=1e-5)
        assert_same_step(trainer.generator, textbook.generator)


@pytest.mark.parametrize("betas", [(0.0, 0.999), (0.5, 0.9), (0.9, 0.999)])
def test_adam_is_that_of_torch(betas):
    rng = torch.Generator().manual_seed(0)
    network = MLP([3, 4, 1], "relu", rng)
    parameter = nn.Parameter(network.flat.clone())
    ours, theirs = Adam(network, *betas), torch.optim.Adam([parameter], betas=betas)
    for lr in (0.01, 0.01, 0.003, 0.02):
        gradient = torch.randn(len(network.flat), generator=rng)
        network.gradient.copy_(gradient)
        parameter.grad = gradient
        theirs.param_groups[0]["lr"] = lr
        ours.step(network, lr)
        theirs.step()
        torch.testing.assert_close(network.flat, parameter.detach(), atol=1e-6, rtol=0)


@pytest.mark.parametrize("loss", list(LOSSES))
def test_each_player_leaves_the_other_alone(loss):
    trainer = GANTrainer(SMALL.replace(loss=loss, r1_gamma=0.1))
    g_before, d_before = weights(trainer)
    trainer.step_discriminator()
    g_after, d_after = weights(trainer)
    assert torch.equal(g_after, g_before)
    assert not torch.equal(d_after, d_before)
    trainer.step_generator()
    assert torch.equal(trainer.discriminator.flat, d_after)
    assert not torch.equal(trainer.generator.flat, g_after)


def test_a_step_is_some_of_d_and_one_of_g():
    config = SMALL.replace(d_steps=3, dropout=0.3)
    trainer, by_hand = GANTrainer(config), GANTrainer(config)
    record = trainer.step()
    d_loss = [by_hand.step_discriminator() for _ in range(3)][-1]
    assert record == StepRecord(1, d_loss, by_hand.step_generator())
    assert all(torch.equal(a, b) for a, b in zip(weights(trainer), weights(by_hand), strict=True))
    assert trainer.step_count == 1


def test_dropout_acts_in_training():
    plain, dropped = GANTrainer(SMALL), GANTrainer(SMALL.replace(dropout=0.5))
    assert torch.equal(plain.discriminator.flat, dropped.discriminator.flat)
    plain.step_discriminator()
    dropped.step_discriminator()
    assert not torch.equal(plain.discriminator.flat, dropped.discriminator.flat)
