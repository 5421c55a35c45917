"""Batch norm: the batch's statistics in training, the running ones in pictures."""

import math

import torch

from gan_core.training import Adam
from tests.gan_core.images.examples import every_architecture, generator, latents, norms, statistics, with_batch_norm


@with_batch_norm
def test_training_uses_the_batchs_statistics_and_showing_the_running_ones(key):
    g = generator(key)
    z = latents(64)
    one = g(z[:1])
    torch.testing.assert_close(g(z)[:1], one, rtol=1e-4, atol=1e-5)  # what else is shown does not matter
    trained = g.record(z)[0]
    assert not torch.allclose(trained[:1], g.record(z[:2])[0][:1], atol=1e-2)  # what else is in the batch does
    for _ in range(150):  # the running statistics come to those of the batch, but for n / (n - 1) in the variances
        g.record(z)
    torch.testing.assert_close(g(z), trained, rtol=0, atol=0.05)


@with_batch_norm
def test_running_statistics_move_a_tenth_of_the_way(key):
    g = generator(key)
    z = latents(64)
    norm, before = norms(g.module)[0], []
    norm.register_forward_hook(lambda m, i, out: before.append(i[0].detach()))
    start = norm.running_mean.clone(), norm.running_var.clone()
    g.record(z)
    x = before[0] if before[0].dim() == 2 else before[0].transpose(0, 1).flatten(1).t()
    torch.testing.assert_close(norm.running_mean, 0.9 * start[0] + 0.1 * x.mean(0))
    torch.testing.assert_close(norm.running_var, 0.9 * start[1] + 0.1 * x.var(0))


@every_architecture
def test_fakes_for_d_are_those_of_training_and_change_nothing(key):
    g = generator(key)
    z, before = latents(), g.flat.clone()
    x = g.in_training(z)
    assert torch.equal(g.flat, before)
    assert not x.requires_grad
    assert torch.equal(x, g.record(z)[0])
    assert torch.equal(g.flat, before) != bool(norms(g.module))  # now they have moved


@with_batch_norm
def test_a_step_of_adam_leaves_statistics_alone(key):
    g = generator(key)
    adam = Adam(g, 0.5, 0.999)
    for _ in range(3):
        output, tape = g.record(latents())
        g.backward(tape, torch.ones_like(output))
        before = g.flat.clone()
        adam.step(g, 0.01)
        moving, start = statistics(g)
        assert torch.equal(moving, before[start:])
        assert not torch.equal(g.flat[:start], before[:start])
    assert math.isfinite(g.flat.sum().item())
