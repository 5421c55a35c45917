"""From a notebook: whatever PyTorch's default type and grad mode are, and lists where arrays are."""

import contextlib

import numpy as np
import pytest
import torch

from gan_core import GANTrainer, TrainConfig, divergences, theory
from gan_core.images.classifier import WEIGHTS, read, train

SMALL = TrainConfig(width=16, depth=2, batch_size=32)
CONFIGS = {
    "line": SMALL,
    "every setting": SMALL.replace(r1_gamma=0.1, dropout=0.3, instance_noise=0.2, ema_decay=0.9, spread_start=True,
                                   wide_start=True, latent="uniform", latent_dim=3),
    "plane": SMALL.replace(target="ring_8", latent_dim=2, packing=2),
    "Wasserstein": SMALL.replace(loss="wasserstein_gp", gp_weight=1.0),
    "images": TrainConfig(target="digits", architecture="tiny", latent_dim=16, r1_gamma=0.1, batch_size=32),
}  # fmt: skip


@contextlib.contextmanager
def float64_by_default():
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(torch.float32)


MODES = {"float64 by default": float64_by_default, "without gradients": torch.no_grad, "with them": torch.enable_grad}


def trained(config):
    trainer = GANTrainer(config)
    steps = [trainer.step() for _ in range(3)]
    evaluation = trainer.evaluate()
    scalars = [float(getattr(evaluation, name)) for name in trainer.problem.scalars]
    return steps, trainer.generator.flat.clone(), trainer.discriminator.flat.clone(), trainer.sample(8), scalars


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("config", CONFIGS)
def test_training_is_the_same_bit_for_bit_in_every_mode(config, mode):
    expected = trained(CONFIGS[config])
    with MODES[mode]():
        found = trained(CONFIGS[config])
    assert found[0] == expected[0]
    for a, b in zip(found[1:4], expected[1:4], strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(found[4], expected[4])


@pytest.mark.parametrize("mode", MODES)
def test_the_classifier_is_the_same_in_every_mode(mode):
    rng = torch.Generator().manual_seed(0)
    images = torch.randint(256, (256, 28, 28), generator=rng, dtype=torch.uint8)
    labels = torch.arange(256) % 10
    expected = train(images, labels, seed=0, epochs=1).state_dict()
    with MODES[mode]():
        found = train(images, labels, seed=0, epochs=1).state_dict()
        shipped = read(WEIGHTS).state_dict()
    for name, value in expected.items():
        assert torch.equal(found[name], value)
        assert shipped[name].dtype == torch.float32


P, Q, D = [0.5, 0.3, 0.2], [0.4, 0.4, 0.2], [0.6, 0.4, 0.5]
CALLS = {
    "KL": lambda p, q, d: divergences.kl_divergence(p, q),
    "JSD": lambda p, q, d: divergences.js_divergence(p, q),
    "JSD, debiased": lambda p, q, d: divergences.js_divergence_debiased(p, q, 100),
    "V": theory.value_function,
    "D*": lambda p, q, d: theory.optimal_discriminator(p, q),
    "C": lambda p, q, d: theory.generator_criterion(p, q),
    "bound": theory.discriminator_bound,
    "bound of samples": lambda p, q, d: theory.discriminator_bound_sampled(d, q),
    "gap": theory.bound_gap,
    "with rest": lambda p, q, d: divergences.with_rest([p[:2], q[:2]] if isinstance(p, list) else np.array([p[:2], q[:2]])),
    "sigma-cells": lambda p, q, d: divergences.sigma_cell_mass(p),
}  # fmt: skip


@pytest.mark.parametrize("call", CALLS)
def test_lists_are_as_good_as_arrays(call):
    np.testing.assert_array_equal(CALLS[call](P, Q, D), CALLS[call](*(np.array(v) for v in (P, Q, D))))


def test_samples_and_modes_may_be_lists():
    x, modes, bounds = [[0.1, 0.2], [1.9, 2.0]], [[0.0, 0.0], [2.0, 2.0]], ((-1, 3), (-1, 3))
    cells = divergences.sigma_cell_histogram(x, modes, 0.5)
    np.testing.assert_array_equal(cells, divergences.sigma_cell_histogram(np.array(x), np.array(modes), 0.5))
    np.testing.assert_array_equal(divergences.high_quality_shares(cells.tolist()), [0.5, 0.5])
    np.testing.assert_array_equal(
        divergences.grid_histogram(x, bounds, 4), divergences.grid_histogram(np.array(x), bounds, 4)
    )
