"""The nearest images of a pool, against brute force."""

import time

import numpy as np
import pytest

from gan_core.images import data as image_data
from gan_core.images import neighbours
from gan_core.images.neighbours import nearest

RNG = np.random.default_rng


@pytest.mark.parametrize("count", [1, 7, 30])
def test_nearest_against_brute_force(monkeypatch, count):
    rng = RNG(0)
    pool = rng.integers(256, size=(103, 20), dtype=np.uint8)
    images = rng.integers(256, size=(9, 20), dtype=np.uint8)
    monkeypatch.setattr(neighbours, "_BLOCK", 10)
    index, distance = nearest(images, pool, count)
    exact = np.linalg.norm((images[:, None].astype(float) - pool) / 255, axis=2)
    order = exact.argsort(1)[:, :count]
    np.testing.assert_array_equal(index, order)
    np.testing.assert_allclose(distance, np.take_along_axis(exact, order, 1), rtol=1e-5)


def test_nearest_of_generated_images():
    """The same pictures as floats in [-1, 1]."""
    rng = RNG(1)
    pool = rng.integers(256, size=(50, 196), dtype=np.uint8)
    images = rng.integers(256, size=(4, 196), dtype=np.uint8)
    found = nearest(images.astype(np.float32) / 127.5 - 1, pool, 3)
    for a, b in zip(found, nearest(images, pool, 3), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5)


def test_a_copy_is_found_at_distance_zero():
    pool = image_data.load("digits").pixels(28)[0].numpy()
    index, distance = nearest(pool[[3, 700]], pool, 2)
    assert index[:, 0].tolist() == [3, 700]
    assert distance[:, 0].tolist() == [0, 0]
    assert np.all(distance[:, 1] > 0)


def test_one_pixel_from_black_to_white_is_distance_one():
    pool = np.zeros((3, 784), dtype=np.uint8)
    pool[1, 5] = 255
    index, distance = nearest(pool[:1], pool, 3)
    assert sorted(distance[0].tolist()) == [0, 0, 1]
    assert index[0, 2] == 1


def test_nearest_is_quick():
    pool = RNG(2).integers(256, size=(60_000, 784), dtype=np.uint8)
    start = time.process_time()
    nearest(pool[:1], pool, 8)
    assert time.process_time() - start < 0.5
