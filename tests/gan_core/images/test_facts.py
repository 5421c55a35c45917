"""The one sentence that sums up a GAN on images."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from gan_core.config import TrainConfig
from gan_core.diagnosis import diagnose
from gan_core.images.facts import image_facts
from gan_core.losses import LOSSES
from gan_core.training import GANTrainer
from tests.gan_core.images.test_metrics import FINE

STEPS = np.arange(0, 510, 10.0)
STEADY = {"step": STEPS, "frechet": np.full(51, np.nan), "d_loss": np.full(51, 1.3), "g_loss": np.full(51, 0.7)}
NINE = {"shares": np.r_[np.full(9, 1 / 9), 0]}
HALF = {"d_real": 0.52, "d_held_out": 0.5, "d_fake": 0.49}
RAGGED = {"frechet": 45.0}


@pytest.mark.parametrize(
    ("key", "changes", "history", "config"),
    [
        ("image_very_good", {}, {}, {}),
        ("image_very_good", HALF, {}, {}),
        ("image_good", {"class_jsd": 0.011}, {}, {}),
        ("image_good", {"frechet": 8.1}, {}, {}),
        ("image_good", {"frechet": 30.0}, {}, {}),
        ("image_rough", {"frechet": 30.1}, {}, {}),
        ("image_rough", {"frechet": 59.9} | HALF, {}, {}),
        ("image_rough", {"frechet": 60.1, "d_real": np.nan, "d_fake": np.nan, "proven": np.nan}, {}, {"loss": "hinge"}),
        ("image_unsure", {"confidence": 0.74}, {}, {}),
        ("missing", NINE, {}, {}),
        ("missing", NINE | {"confidence": 0.74}, {}, {}),
        ("missing_score", NINE | {"d_real": np.nan, "d_fake": np.nan, "proven": np.nan}, {}, {"loss": "hinge"}),
        ("blind", NINE | HALF, {}, {}),
        ("blind", {"frechet": 60.1} | HALF, {}, {}),
        ("alike", {"spread": 0.01} | NINE, {}, {}),
        ("exploded", {}, {"d_loss": np.full(51, 1e20)}, {}),
        ("starved", {"d_real": 1.0, "d_fake": 0.001} | RAGGED, {}, {"loss": "minimax"}),
        ("d_wins", {"d_real": 0.95, "d_fake": 0.05} | RAGGED, {}, {}),
        ("fooled", {"d_real": 0.4, "d_fake": 0.7} | RAGGED, {}, {}),
        ("frozen", RAGGED, {}, {"lr_g": 0.0}),
        ("still", RAGGED, {"frechet": np.full(51, 45.0)}, {}),
        ("circling", RAGGED, {"frechet": 50 + 15 * np.sin(STEPS / 20)}, {}),
        ("approaching", RAGGED, {"frechet": 200 - STEPS / 4}, {}),
    ],
)
def test_each_fault_is_named(key, changes, history, config):
    settings = TrainConfig(target="digits", latent_dim=8, **config)
    game = SimpleNamespace(step_count=500, config=settings, loss=LOSSES[settings.loss])
    found = diagnose(image_facts(game, dataclasses.replace(FINE, **changes), STEADY | history))
    assert found.key == key, found.sentence
    assert "nan" not in found.sentence


@pytest.mark.slow
def test_a_g_that_outruns_d_makes_one_image(mnist_dir):
    """After 300 steps D takes all fakes, which are one and the same, for real."""
    trainer = GANTrainer(
        TrainConfig(target="mnist", latent_dim=32, batch_size=64, lr_g=2e-3, lr_d=1e-5, architecture="fast")
    )
    for _ in range(300):
        trainer.step()
    assert trainer.evaluate().d_fake > 0.9
    assert trainer.problem.diagnose(trainer, trainer.evaluate(), trainer.history.arrays()).key == "alike"
