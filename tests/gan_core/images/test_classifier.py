"""The judge of digits: what it can do, what it refuses, and that training it is fixed by a seed."""

import dataclasses

import pytest
import torch
from safetensors.torch import load_file, save_file

from gan_core.images import classifier
from gan_core.images import data as image_data
from gan_core.images.classifier import WEIGHTS, Classifier, for_images, load, read, train
from gan_core.images.data import to_range


def accuracy(key, side):
    images = image_data.load(key)
    probabilities, _ = for_images(images).probabilities_and_features(to_range(images.pixels(side)[1]))
    return float((probabilities.argmax(1) == images.test_labels).float().mean())


# ---- what it can do ----


@pytest.mark.parametrize("side", [28, 14])
def test_offline_digits(side):
    assert accuracy("digits", side) >= 0.98


@pytest.mark.parametrize("side", [28, 14])
def test_mnist(mnist_dir, side):
    images = image_data.load("mnist")
    if not images.is_mnist:
        pytest.skip("these are other images than MNIST")
    assert len(images.test) == 10_000
    assert accuracy("mnist", side) >= 0.99


def test_shapes():
    model = load()
    x = torch.rand(7, 784) * 2 - 1
    assert sum(p.numel() for p in model.parameters()) == 114_314
    assert model.features(x).shape == (7, 64)
    assert model.features(x).min() >= 0
    assert model(x).shape == (7, 10)


def test_small_images_are_enlarged_by_repeating_pixels():
    small = torch.rand(3, 196) * 2 - 1
    large = small.view(3, 14, 14).repeat_interleave(2, 1).repeat_interleave(2, 2).flatten(1)
    torch.testing.assert_close(load()(small), load()(large))


def test_probabilities_and_features_in_chunks():
    x = torch.rand(601, 784) * 2 - 1
    probabilities, features = load().probabilities_and_features(x)
    torch.testing.assert_close(probabilities, load()(x).softmax(1), atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(features, load().features(x), atol=1e-4, rtol=1e-4)
    assert not probabilities.requires_grad


@pytest.mark.parametrize("shape", [(5, 28, 28), (5, 783), (784,)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match=r"\(n, 784\) or \(n, 196\)"):
        load()(torch.zeros(shape))


# ---- the file ----


def test_shipped_file():
    assert WEIGHTS.stat().st_size < 300_000
    assert {value.dtype for value in load_file(WEIGHTS).values()} == {torch.float16}
    assert load() is load()
    assert all(not p.requires_grad for p in load().parameters())


def changed(**changes):
    """The shipped tensors; a change to None leaves one out."""
    return {name: value for name, value in (load_file(WEIGHTS) | changes).items() if value is not None}


BAD = {
    "missing": changed(**{"hidden.bias": None}),
    "unknown": changed(**{"more.bias": torch.zeros(64)}),
    "shape": changed(**{"hidden.bias": torch.zeros(63)}),
    "nan": changed(**{"hidden.bias": torch.full((64,), torch.nan)}),
    "infinity": changed(**{"output.bias": torch.full((10,), -torch.inf)}),
    "integers": changed(**{"output.bias": torch.zeros(10, dtype=torch.int64)}),
}


@pytest.mark.parametrize("tensors", [pytest.param(tensors, id=key) for key, tensors in BAD.items()])
def test_bad_tensors_are_refused(tmp_path, tensors):
    save_file(tensors, tmp_path / "bad.safetensors")
    with pytest.raises(ValueError, match=r"bad\.safetensors cannot be used"):
        read(tmp_path / "bad.safetensors")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a pickle?", WEIGHTS.read_bytes()[:-1]])
def test_bad_bytes_are_refused(tmp_path, content):
    (tmp_path / "bad.safetensors").write_bytes(content)
    with pytest.raises(ValueError, match=r"bad\.safetensors cannot be used"):
        read(tmp_path / "bad.safetensors")


def test_missing_file_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"none\.safetensors cannot be used"):
        read(tmp_path / "none.safetensors")


# ---- training ----


def bars(n):
    """Ten classes that are easy to tell: a bright bar at one of ten heights, in noise."""
    rng = torch.Generator().manual_seed(5)
    labels = torch.arange(n) % 10
    images = torch.randint(60, (n, 28, 28), generator=rng, dtype=torch.uint8)
    for image, label in zip(images, labels, strict=True):
        image[4 + 2 * int(label) : 6 + 2 * int(label), 6:22] = 250
    return images, labels


def test_training_learns_and_scales_the_features():
    images, labels = bars(1280)
    model = train(images, labels, seed=0, epochs=8)
    probabilities, features = model.probabilities_and_features(to_range(images.flatten(1)))
    assert (probabilities.argmax(1) == labels).float().mean() > 0.9
    assert features.var(0).mean() == pytest.approx(classifier._VARIANCE, rel=1e-3)


def test_a_seed_fixes_the_training():
    images, labels = bars(256)
    state = torch.random.get_rng_state()
    models = [train(images, labels, seed=seed, epochs=1).state_dict() for seed in (1, 1, 2)]
    assert torch.equal(torch.random.get_rng_state(), state)
    assert all(torch.equal(value, models[1][name]) for name, value in models[0].items())
    assert not torch.equal(models[0]["hidden.weight"], models[2]["hidden.weight"])


def test_a_handful_of_images_is_enough():
    model = train(*bars(12), seed=0, epochs=1)
    assert all(p.isfinite().all() for p in model.parameters())


def test_other_images_get_their_own_judge_once(monkeypatch):
    calls = []
    monkeypatch.setattr(classifier, "train", lambda *args, **kwargs: calls.append(args) or Classifier())
    other = dataclasses.replace(image_data.load("digits"), key="mnist")
    assert for_images(other) is for_images(other)
    assert len(calls) == 1
    assert calls[0][0] is other.train
    assert for_images(other) is not load()


def test_shipped_judge_of_handwritten_digits():
    digits = image_data.load("digits")
    assert for_images(digits) is load()
    assert for_images(dataclasses.replace(digits, key="mnist", is_mnist=True)) is load()
