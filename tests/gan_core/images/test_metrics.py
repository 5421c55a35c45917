"""The yardsticks for images, on clouds and generators whose numbers are known in advance."""

import dataclasses
import math

import numpy as np
import pytest
import torch

from gan_core.divergences import LOG2, ruler
from gan_core.images import data as image_data
from gan_core.images.metrics import (
    IMAGE_SCALARS,
    ImageEvaluation,
    ImageEvaluator,
    class_shares,
    reference,
)
from gan_core.images.shadow import N_EVALUATED
from gan_core.latents import draw_latents
from gan_core.losses import LOSSES
from gan_core.theory import discriminator_bound_sampled

NON_SATURATING = LOSSES["non_saturating"]
RNG = np.random.default_rng


def test_class_shares():
    np.testing.assert_allclose(class_shares(np.array([0, 2, 2, 2]), 4), [0.25, 0, 0.75, 0])


# ---- the evaluator ----


def feed(images):
    """A "generator" that hands out these uint8 images (1000, d) in turn, whatever the latents."""
    position = 0

    def generator(z):
        nonlocal position
        position += len(z)
        return image_data.to_range(images[position - len(z) : position])

    return generator


def undecided(x):
    return torch.zeros(len(x), 1)


def measure(pixels, discriminator=undecided, loss=NON_SATURATING, key="digits", side=28):
    evaluator = ImageEvaluator(image_data.load(key), side, "normal", 16)
    return evaluator(feed(pixels), discriminator, loss)


def real(key="digits", side=28, keep=range(10), held_out=False):
    """1,000 real images with these labels from all over the set, repeated where there are fewer."""
    images = image_data.load(key)
    pixels = images.pixels(side)[held_out]
    labels = images.test_labels if held_out else images.train_labels
    chosen = torch.isin(labels, torch.tensor(list(keep))).nonzero()[:, 0]
    step = max(len(chosen) // N_EVALUATED, 1)
    return pixels[chosen[torch.arange(N_EVALUATED) * step % len(chosen)]]


def black(side=28):
    return torch.zeros(N_EVALUATED, side**2, dtype=torch.uint8)


@pytest.mark.parametrize("side", [28, 14])
def test_real_images_reach_every_floor(side):
    e = measure(real(side=side), side=side)
    assert e.class_jsd < 3 * e.class_floor
    assert e.modes == 10
    assert e.confidence > 0.97
    assert e.sure > 0.95
    assert e.frechet < e.frechet_floor
    assert e.shadow_jsd <= e.shadow_floor
    np.testing.assert_allclose(e.shares, e.true_shares, atol=0.03)


def test_true_shares_are_those_of_the_labels():
    images = image_data.load("digits")
    e = measure(black())
    np.testing.assert_allclose(e.true_shares, np.bincount(images.train_labels, minlength=10) / 1500)
    assert e.class_floor == pytest.approx(9 / 8000, rel=0.1)


def test_five_digits_of_ten():
    e = measure(real(keep=range(5)))
    assert e.modes == 5
    assert e.class_jsd == pytest.approx(ruler(5, 10), abs=0.02)
    assert e.class_kl_data_model == math.inf
    assert e.class_kl_model_data == pytest.approx(LOG2, abs=0.05)
    assert e.frechet > 10 * e.frechet_floor
    # nothing but the digits is wrong, and in the plane some islands overlap
    assert 0.3 * e.class_jsd < e.shadow_jsd <= e.class_jsd + e.shadow_floor


def test_confidence_alone_is_worth_nothing():
    """An empty image is a sure verdict; the other yardsticks are not fooled."""
    e = measure(black())
    assert e.confidence == pytest.approx(e.black_confidence)
    assert e.black_confidence > 0.9
    assert e.modes == 1
    assert e.class_jsd > 0.4
    assert e.frechet > 100
    assert e.shadow_jsd > 0.6


def test_better_images_are_nearer():
    noisy = [
        measure((real().float() + s * torch.randn(N_EVALUATED, 784, generator=torch.Generator().manual_seed(0)))
                .clamp(0, 255).byte())
        for s in (0, 60, 180)
    ]  # fmt: skip
    for name in ("frechet", "shadow_jsd"):
        a, b, c = (getattr(e, name) for e in noisy)
        assert a < b < c


def test_pictures_of_the_shadow():
    e = measure(real(keep=range(5)))
    assert e.shadow_data.shape == e.shadow_model.shape == (40, 40)
    assert e.shadow_data.dtype == e.shadow_model.dtype == np.float32
    assert e.shadow_points.shape == e.shadow_real.shape == (300, 2)
    (low, high), _ = e.shadow_bounds
    assert low < e.shadow_real[:, 0].mean() < high


def test_scalars_are_numbers():
    e = measure(real())
    assert all(math.isfinite(getattr(e, name)) for name in IMAGE_SCALARS)
    assert {"class_jsd", "frechet", "shadow_jsd", "proven", "modes"} <= set(IMAGE_SCALARS)


# ---- what D proves ----


def test_a_coin_toss_proves_nothing():
    e = measure(real())
    assert e.proven == pytest.approx(0, abs=1e-12)
    assert e.proven_error == pytest.approx(0, abs=1e-12)
    assert e.d_real == e.d_held_out == e.d_fake == 0.5


def test_what_d_proves_comes_from_held_out_images():
    """A D that knows the training images by heart proves no more than its opinion of new ones."""
    train, test = image_data.load("digits").pixels(28)
    known = {image.numpy().tobytes() for image in train}

    def memory(x):
        seen = [(image.numpy().tobytes() in known) for image in ((x + 1) * 127.5).round().byte()]
        return torch.where(torch.tensor(seen), 3.0, -1.0)[:, None]

    fakes = (test[torch.arange(N_EVALUATED) % len(test)].int() - 1).clamp(0, 255).byte()
    e = measure(fakes, memory)
    high, low = torch.tensor([3.0, -1.0]).double().sigmoid().tolist()
    assert e.d_real == pytest.approx(high)
    assert e.d_held_out == e.d_fake == pytest.approx(low)
    expected, error = discriminator_bound_sampled(np.full(297, low), np.full(500, low))
    assert e.proven == pytest.approx(expected)
    assert e.proven_error == pytest.approx(error, abs=1e-12)
    assert e.proven < 0


def test_brightness_tells_black_images_apart():
    e = measure(black(), lambda x: 1000 * (x.mean(1, keepdim=True) + 0.98))
    assert e.proven == pytest.approx(LOG2, abs=1e-3)
    assert e.proven <= LOG2
    assert e.d_real == pytest.approx(1, abs=1e-6)
    assert e.d_fake == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("key", [key for key, loss in LOSSES.items() if loss.output == "score"])
def test_scores_prove_nothing(key):
    e = measure(real(), loss=LOSSES[key])
    assert all(math.isnan(v) for v in (e.proven, e.proven_error, e.d_real, e.d_held_out, e.d_fake))


# ---- sharing and repeating ----


def test_the_same_latents_every_time():
    seen = []

    def generator(z):
        seen.append(z)
        return torch.zeros(len(z), 784)

    for _ in range(2):
        ImageEvaluator(image_data.load("digits"), 28, "uniform", 5)(generator, undecided, NON_SATURATING)
    first, second = torch.cat(seen).chunk(2)
    assert torch.equal(first, second)
    assert torch.equal(first, draw_latents("uniform", N_EVALUATED, 5, torch.Generator().manual_seed(0)))


def test_no_gradients_are_recorded():
    weight = torch.ones(1, requires_grad=True)
    e = ImageEvaluator(image_data.load("digits"), 28, "normal", 784)(
        lambda z: (z * weight).tanh(), lambda x: x[:, :1] * weight, NON_SATURATING
    )
    assert weight.grad is None
    assert 0 <= e.d_fake <= 1


def test_evaluators_share_what_is_known_about_the_reals():
    digits = image_data.load("digits")
    a, b = (ImageEvaluator(digits, 28, "normal", dim).reference for dim in (2, 3))
    assert a is b
    assert reference(digits, 14) is not a


def test_too_few_images_are_refused():
    digits = image_data.load("digits")
    few = dataclasses.replace(digits, train=digits.train[:999], train_labels=digits.train_labels[:999])
    with pytest.raises(ValueError, match="999 training images are too few"):
        ImageEvaluator(few, 28, "normal", 2)


def test_mnist(mnist_dir):
    """The floors that the charts draw, and held-out images within them."""
    if not image_data.load("mnist").is_mnist:
        pytest.skip("these are other images than MNIST")
    e = measure(real("mnist", held_out=True), key="mnist")
    assert e.true_shares[[1, 5]] == pytest.approx([0.1124, 0.0904], abs=1e-4)
    assert 0.5 < e.frechet_floor < 3
    assert e.shadow_floor <= 0.015
    assert e.frechet < 1.5 * e.frechet_floor
    assert e.shadow_jsd <= 1.5 * e.shadow_floor
    assert e.confidence > 0.98


# ---- classes ----

FINE = ImageEvaluation(
    class_jsd=0.004, class_kl_data_model=0.01, class_kl_model_data=0.01, class_floor=0.001, shares=np.full(10, 0.1),
    true_shares=np.full(10, 0.1), confidence=0.95, black_confidence=0.99, sure=0.9, frechet=5.0, frechet_floor=1.5, shadow_jsd=0.02,
    shadow_floor=0.005, shadow_data=np.zeros((40, 40), np.float32), shadow_model=np.zeros((40, 40), np.float32),
    shadow_bounds=((0, 1), (0, 1)), shadow_points=np.zeros((300, 2), np.float32),
    shadow_real=np.zeros((300, 2), np.float32), proven=0.1, proven_error=0.01, d_real=0.6, d_held_out=0.6, d_fake=0.4,
    spread=1.0,
)  # fmt: skip


def test_a_class_counts_from_one_percent():
    shares = np.r_[np.full(8, 0.98 / 8), 0.0101, 0.0099]
    assert dataclasses.replace(FINE, shares=shares).modes == 9
