"""Forward and backward through networks of images, against autograd."""

import copy

import pytest
import torch

from tests.gan_core.images.examples import (
    discriminator,
    every_architecture,
    generator,
    images,
    latents,
    seeded,
    statistics,
)


@every_architecture
@pytest.mark.parametrize("weights", [True, False])
@pytest.mark.parametrize("inputs", [True, False])
@pytest.mark.parametrize("make", [generator, discriminator])
def test_backward_is_autograd(key, make, weights, inputs):
    network = make(key)
    plain = copy.deepcopy(network.module).train()
    x = latents() if make is generator else images(key)
    by_hand = x.clone().requires_grad_(True)
    expected = plain(by_hand)
    slope = torch.randn(expected.shape, generator=seeded(2))
    expected.backward(slope)

    output, tape = network.record(x)
    torch.testing.assert_close(output, expected.detach())
    assert not output.requires_grad
    network.gradient.fill_(7)
    found = network.backward(tape, slope, weights=weights, inputs=inputs)
    if inputs:
        torch.testing.assert_close(found, by_hand.grad)
    else:
        assert found is None
    n = sum(p.numel() for p in plain.parameters())
    if weights:
        by_weights = torch.cat([p.grad.flatten() for p in plain.parameters()])
        torch.testing.assert_close(network.gradient[:n], by_weights)
    else:
        assert (network.gradient == 7).all()
    assert all(p.grad is None for p in network.module.parameters())


@every_architecture
def test_gradients_of_statistics_are_zero(key):
    g = generator(key)
    output, tape = g.record(latents())
    g.backward(tape, torch.ones_like(output))
    start = statistics(g)[1]
    assert (g.gradient[start:] == 0).all()
    assert g.gradient[:start].abs().max() > 0


@every_architecture
def test_a_tape_leaves_the_input_alone(key):
    x = images(key)
    discriminator(key).record(x)
    assert not x.requires_grad
    assert x.grad is None


@every_architecture
@pytest.mark.parametrize("make", [generator, discriminator])
def test_by_autograd_is_the_network(key, make):
    network = make(key)
    x = latents() if make is generator else images(key)
    if make is generator:
        network.record(x)  # statistics that are not those of the start
    torch.testing.assert_close(network.by_autograd(x, network.flat), network(x))
    doubled = network.flat * 1.1
    other = network.by_autograd(x, doubled)
    network.flat.copy_(doubled) if make is discriminator else network.flat[: statistics(network)[1]].mul_(1.1)
    torch.testing.assert_close(other, network(x))


@every_architecture
def test_a_penalty_reaches_the_weights(key):
    """The gradient by the weights of the slope of D by its input, against plain double back-propagation."""
    d, x = discriminator(key), images(key, 4).requires_grad_(True)
    flat = d.flat.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(d.by_autograd(x, flat).sum(), x, create_graph=True)
    (found,) = torch.autograd.grad(slope.square().sum(), flat)
    plain = copy.deepcopy(d.module)
    (slope,) = torch.autograd.grad(plain(x).sum(), x, create_graph=True)
    parameters = list(plain.parameters())
    by_weights = torch.autograd.grad(slope.square().sum(), parameters, allow_unused=True)
    expected = [torch.zeros_like(p) if g is None else g for p, g in zip(parameters, by_weights, strict=True)]
    torch.testing.assert_close(found, torch.cat([g.flatten() for g in expected]))
    assert found.abs().max() > 0
