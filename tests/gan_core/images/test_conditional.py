"""Digits to order, on the small digits that are always there; what the lesson says of the shipped weights."""

import itertools
import math
import re

import numpy as np
import pytest
import torch

from gan_core.images import conditional, warm_starts
from gan_core.images.data import to_range
from gan_core.presets import FAST
from pages.ui.text import TEXT


@pytest.fixture(scope="module")
def shipped():
    return conditional.trainer("digits", trained=True)


def test_real_batches_carry_their_own_labels():
    data = conditional.labelled("digits")
    batch = next(data.batches(64, np.random.default_rng(0)))
    images, labels = batch[:, :784], batch[:, 784:].argmax(1)
    pool = conditional.image_data.load("digits")
    rows = torch.cdist(images, to_range(pool.train.flatten(1))).argmin(1)
    assert (pool.train_labels[rows] == labels).all()
    assert data.shares.sum() == pytest.approx(1)


def test_from_random_weights_it_learns_to_listen():
    trainer = conditional.trainer("digits")
    before = trainer.evaluate().accuracy
    for _ in range(200):
        trainer.step()
    assert before < 0.2
    assert trainer.evaluate().accuracy > 0.25


def test_the_shipped_weights_draw_what_is_ordered(shipped):
    found = shipped.evaluate()
    assert found.accuracy == pytest.approx(0.97, abs=0.01)
    assert found.by_label.min() > 0.85
    assert shipped.step_count == 20_000
    assert conditional.TRAINED.stat().st_size < 1_000_000
    sevens = conditional.write(shipped, conditional.styles(32, 0), torch.full((32,), 7))
    assert sevens.shape == (32, 28, 28)
    assert len(np.unique(sevens, axis=0)) == 32


def test_what_the_lesson_says_of_variety_on_mnist(mnist_dir):
    found = conditional.trainer("mnist", trained=True).evaluate()
    assert found.spread == pytest.approx(1, abs=0.1)


def test_training_goes_on_from_the_shipped_start_without_a_jump(shipped):
    trainer = conditional.trainer("digits", trained=True)
    trainer.update(lr_g=1e-4)
    for _ in range(20):
        trainer.step()
    assert trainer.evaluate().accuracy > 0.9
    assert trainer.step_count == 20_020


def test_a_start_of_other_networks_is_refused():
    with pytest.raises(ValueError, match=re.escape("conditional.safetensors cannot be used")):
        warm_starts.read(conditional.TRAINED)  # as if it were the note's
    assert conditional.RECIPE == FAST


def test_a_walk_keeps_the_length_of_its_ends():
    a, b = conditional.styles(2, 5)
    way = conditional.between(a, b, 9)
    torch.testing.assert_close(way[[0, -1]], torch.stack([a, b]), atol=1e-5, rtol=0)
    angles = [math.acos(float(u @ v / u.norm() / v.norm())) for u, v in itertools.pairwise(way)]
    np.testing.assert_allclose(angles, angles[0], atol=1e-3)  # even steps on an arc
    np.testing.assert_allclose(way.norm(dim=1), np.linspace(a.norm().item(), b.norm().item(), 9), rtol=1e-5)
    torch.testing.assert_close(conditional.between(a, a, 3), a.expand(3, -1))


def test_the_walk_within_a_digit_stays_in_it(shipped):
    """What the lesson says: on the way from one z to another, nearly every image is still the digit."""
    stays = []
    judge = conditional.labelled("digits").judge
    for digit in range(10):
        for seed in range(10):
            a, b = conditional.styles(2, 100 + seed)
            images = conditional.write(shipped, conditional.between(a, b, 10), torch.full((10,), digit))
            stays.append((judge(to_range(torch.from_numpy(images).flatten(1))) == digit).double().mean())
    assert np.mean(stays) > 0.9


def test_the_slant_of_a_stroke_is_its_slope():
    """A stroke that leans by half a pixel for each pixel upwards, one that stands, one that leans to the left."""
    pixels = np.zeros((3, 28, 28), np.uint8)
    for y in range(4, 24, 2):
        pixels[0, y, 14 - (y - 14) // 2] = 255
        pixels[1, y, 14] = 255
        pixels[2, y, 14 + (y - 14) // 2] = 255
    np.testing.assert_allclose(conditional.slants(pixels), [0.5, 0, -0.5], atol=1e-9)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_prose_states_what_is_measured(language, shipped):
    prose = (TEXT / language / "draw_a_seven.md").read_text("utf-8")
    assert f"{shipped.step_count:,}" in prose
    assert f"{conditional.shared_slant(shipped):.2f}" in prose


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_training_from_random_weights_goes_as_the_prose_says(language, mnist_dir):
    trainer = conditional.trainer("mnist")
    prose = (TEXT / language / "draw_a_seven.md").read_text("utf-8")
    for steps, percent in ((400, 75), (2000, 83)):
        while trainer.step_count < steps:
            trainer.step()
        assert 100 * trainer.evaluate().accuracy == pytest.approx(percent, abs=5)
        assert f"{steps:,}" in prose
        assert re.search(rf"{percent}\s?%", prose)
