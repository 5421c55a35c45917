"""Where a training starts, and the units of the data."""

import numpy as np
import pytest
import torch

from gan_core.distributions import DISTRIBUTIONS
from gan_core.training import GANTrainer
from tests.gan_core.experiments import SMALL, trained

# ---- starts and pictures ----


def test_wide_start_covers_the_data():
    config = SMALL.replace(width=32, target="three_modes")
    narrow, wide = (GANTrainer(config.replace(wide_start=w)).sample(512) for w in (False, True))
    assert wide.mean() == pytest.approx(0, abs=0.4)
    assert wide.std() == pytest.approx(6.25**0.5, rel=0.15)  # of three modes at -3, 0, 3
    assert narrow.std() < 1


def test_spread_start_lets_d_see_the_whole_window():
    kinks = {}
    for spread in (False, True):
        weight, bias = GANTrainer(SMALL.replace(width=512, spread_start=spread)).discriminator.layers[0]
        kinks[spread] = (-bias / weight[:, 0]).abs()
    assert (kinks[True] <= 5.001).all()  # the window of two_modes is [-5, 5]
    assert kinks[True].median().item() == pytest.approx(2.5, abs=0.5)
    assert kinks[False].median().item() == pytest.approx(1, abs=0.3)


def test_samples_for_a_picture_are_steady():
    trainer = trained(3)
    assert trainer.sample(512).shape == (512, 1)
    np.testing.assert_array_equal(trainer.sample(20), trainer.sample(512)[:20])
    before, real = trainer.sample(512), trainer.problem.real.copy()
    trainer.step()
    assert np.abs(trainer.sample(512) - before).max() < 0.1  # the same latents, a slightly other G
    np.testing.assert_array_equal(trainer.problem.real, real)


# ---- the units of the data ----


@pytest.mark.parametrize("key", ["line", "two_blobs", "grid_25_published", "ring_8", "comb"])
def test_wide_start_covers_the_data_whatever_its_unit(key):
    x, target = GANTrainer(SMALL.replace(width=32, target=key, wide_start=True)).sample(512), DISTRIBUTIONS[key]
    real = target.sample(10_000, np.random.default_rng(0))
    np.testing.assert_allclose(x.mean(0), real.mean(0), atol=0.4 * real.std(0).max())
    np.testing.assert_allclose(x.std(0), real.std(0), rtol=0.25)


@pytest.mark.parametrize("key", ["line", "grid_25_published"])
def test_spread_start_covers_the_window_whatever_its_unit(key):
    """Some point of each neuron's kink w x + b = 0 lies in the window [-2.5, 2.5]² that the network sees."""
    weight, bias = GANTrainer(SMALL.replace(width=512, target=key)).discriminator.layers[0]
    reach = bias.abs() / weight.abs().sum(1)
    assert reach.max() <= 2.501
    assert reach.median().item() == pytest.approx(1, abs=0.3)


@pytest.mark.parametrize("packing", [1, 2])
@pytest.mark.parametrize("key", ["line", "comb"])
def test_generate_and_judge_speak_the_units_of_the_data(key, packing):
    trainer = trained(3, SMALL.replace(target=key, packing=packing, ema_decay=0.9))
    target, z = trainer.target, trainer.fixed_latents(20)
    x = trainer.generate(z)
    scaled = (x - torch.from_numpy(target.center).float()) / torch.from_numpy(target.unit).float()
    torch.testing.assert_close(scaled, trainer.shown_generator(z), atol=1e-5, rtol=0)
    torch.testing.assert_close(trainer.judge(x), trainer.discriminator(torch.cat([scaled] * packing, 1)))
    real = next(trainer.real_batches).numpy() * target.unit + target.center
    assert np.all(real > np.array(target.bounds)[:, 0])
    assert np.all(real < np.array(target.bounds)[:, 1])
    assert np.all(real.std(0) > np.diff(target.bounds)[:, 0] / 20)
