"""The diffusion model: its noise, its gradient, and its sampler on targets whose best denoiser is known."""

import itertools

import numpy as np
import pytest
import torch

from gan_core.distributions import DISTRIBUTIONS
from gan_core.lessons import diffusion
from gan_core.lessons.diffusion import DiffusionModel, Schedule

RING = DISTRIBUTIONS["ring_8"]


def test_the_kept_signal_is_the_product_of_what_each_step_leaves():
    kept = diffusion.kept_signal()
    beta = np.linspace(1e-4, 0.02, 1000)
    assert len(kept) == diffusion.N_TIMES + 1
    assert kept[0] == 1
    np.testing.assert_allclose(kept[1:].numpy(), np.cumprod(1 - beta), rtol=1e-12)
    assert 1 - float(kept[-1]) == pytest.approx(0.99996, abs=1e-5)
    assert round(float(kept[-1]) ** -0.5) == 157  # as the lesson says


def test_noise_keeps_the_variance_of_data_that_has_variance_one():
    rng = torch.Generator().manual_seed(0)
    x, noise = (torch.randn(50_000, 2, generator=rng) for _ in range(2))
    for t in (0, 100, 500, 1000):
        kept = diffusion.kept_signal().float()[t].expand(len(x))
        noisy = diffusion.add_noise(x, noise, kept)
        assert noisy.var().item() == pytest.approx(1, abs=0.02)
        assert (noisy * x).mean().item() == pytest.approx(float(kept[0]) ** 0.5, abs=0.02)


def test_times_are_told_apart():
    t = torch.arange(0, 1001, 50).float()
    seen = diffusion.with_time(torch.zeros(len(t), 2), t)[:, 2:]
    assert seen.shape == (21, diffusion.SIZES[0] - 2)
    apart = torch.cdist(seen, seen) + 9 * torch.eye(len(t))
    assert apart.min() > 0.3


def test_one_step_follows_the_gradient_of_the_squared_error():
    """By autograd, on the batch that the step has drawn."""
    model, twin = (DiffusionModel(RING, 3, Schedule(steps=100, batch_size=64)) for _ in range(2))
    loss = model.step()
    flat = twin.network.flat.clone().requires_grad_()
    x = torch.from_numpy(RING.sample(64, np.random.default_rng(3))).float()
    x = (x - twin.sampler.center) / twin.sampler.unit
    t = torch.randint(1, 1001, (64,), generator=twin.rng)
    noise = torch.randn(64, 2, generator=twin.rng)
    kept = diffusion.kept_signal().float()[t]
    noisy = kept.sqrt()[:, None] * x + (1 - kept).sqrt()[:, None] * noise
    expected = (twin.network.by_autograd(diffusion.with_time(noisy, t.float()), flat) - noise).square().mean()
    expected.backward()
    assert loss == pytest.approx(expected.item(), rel=1e-5)
    torch.testing.assert_close(model.network.gradient, flat.grad, rtol=1e-3, atol=1e-6)


def test_the_same_seed_gives_the_same_model():
    one, two, other = (DiffusionModel(RING, seed, Schedule(steps=50, batch_size=32)) for seed in (1, 1, 2))
    losses = [[model.step() for _ in range(20)] for model in (one, two, other)]
    assert losses[0] == losses[1] != losses[2]
    np.testing.assert_array_equal(one.sampler.sample(50, 5, 0), two.sampler.sample(50, 5, 0))


def test_the_average_follows_the_weights():
    model = DiffusionModel(RING, 1, Schedule(steps=100, batch_size=32, ema=0.5))
    before = model.sampler.network.flat.clone()
    model.step()
    decay = min(0.5, 2 / 11)
    torch.testing.assert_close(model.sampler.network.flat, decay * before + (1 - decay) * model.network.flat)


@pytest.mark.parametrize("passes", [1, 2, 5, 50, 1000])
def test_the_stops_of_a_sampler(passes):
    stops = diffusion.times(passes)
    assert (stops[0], stops[-1], len(stops)) == (1000, 0, passes + 1)
    assert all(a > b for a, b in itertools.pairwise(stops))


def perfect(mean, scale):
    """The best denoiser of N(mean, scale²) in each coordinate: E[noise | x, t], in closed form."""
    kept = diffusion.kept_signal().float()

    def network(inputs):
        x = inputs[:, :2]
        angle = torch.atan2(inputs[:, 2], inputs[:, 2 + 8])  # of the lowest frequency: a quarter turn for 1000
        t = (angle / (torch.pi / 2) * 1000).round().long()
        a = kept[t][:, None]
        return (1 - a).sqrt() * (x - a.sqrt() * mean) / (a * scale**2 + 1 - a)

    return network


def test_the_best_denoiser_of_a_gaussian_gives_that_gaussian():
    mean, scale = torch.tensor([0.7, -0.4]), 0.5
    *_, last = diffusion.denoise(perfect(mean, scale), 20_000, 200, 0)
    np.testing.assert_allclose(last.mean(0), mean, atol=0.03)
    np.testing.assert_allclose(last.std(0), scale, rtol=0.03)


def test_more_passes_come_nearer():
    mean, scale = torch.tensor([0.7, -0.4]), 0.3
    errors = []
    for passes in (2, 5, 20, 100):
        *_, last = diffusion.denoise(perfect(mean, scale), 5000, passes, 0)
        errors.append(abs(float(last.std(0).mean()) - scale))
    assert errors[0] > errors[-1]
    assert errors[-1] < 0.02


def test_a_point_mass_is_reached_in_one_pass():
    """Whatever the noise, the best denoiser of a point knows the point."""
    mean = torch.tensor([0.3, 0.9])
    first, last = diffusion.denoise(perfect(mean, 0.0), 100, 1, 0)
    assert first.std() > 0.5
    np.testing.assert_allclose(last, mean.expand(100, 2), atol=1e-2)
