"""The rulers of published tables, against closed forms and by brute force."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from gan_core.distributions import DISTRIBUTIONS
from gan_core.lessons import metrics

RING = DISTRIBUTIONS["ring_8"]
RNG = np.random.default_rng


def test_the_inception_score_of_known_probabilities():
    assert metrics.inception_score(np.eye(8)) == pytest.approx(8)
    assert metrics.inception_score(np.tile(np.eye(8), (50, 1))) == pytest.approx(8)  # the same eight, again and again
    assert metrics.inception_score(np.eye(8)[[3] * 20]) == pytest.approx(1)
    assert metrics.inception_score(np.full((20, 8), 1 / 8)) == pytest.approx(1)
    p = np.array([[0.9, 0.1], [0.2, 0.8]])
    m = p.mean(0)
    assert metrics.inception_score(p) == pytest.approx(np.exp(np.mean(np.sum(p * np.log(p / m), 1))))


@pytest.mark.parametrize("key", ["ring_8", "uneven_ring"])
def test_class_probabilities_are_those_of_bayes(key):
    target = DISTRIBUTIONS[key]
    x = RNG(0).uniform(-2.5, 2.5, (200, 2))
    p = metrics.class_probabilities(x, target)
    density = np.exp(-np.sum((x[:, None] - target.modes) ** 2, 2) / (2 * 0.1**2)) / (2 * np.pi * 0.1**2)
    total = np.exp(target.log_prob(x))
    usual = total > 1e-200
    np.testing.assert_allclose(p[usual], (target.weights * density)[usual] / total[usual, None], rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(p.sum(1), 1)


@pytest.mark.parametrize("k", [1, 3, 10])
def test_land_is_what_brute_force_finds(k):
    points, x = RNG(0).normal(size=(150, 2)), 1.5 * RNG(1).normal(size=(400, 2))
    radius = np.sort(cdist(points, points), 1)[:, k]
    expected = (cdist(x, points) <= radius).any(1)
    assert 0.2 < expected.mean() < 0.98
    np.testing.assert_array_equal(metrics.Manifold(points, k).contains(x), expected)


def test_land_contains_its_samples_and_nothing_far_away():
    points = RNG(0).normal(size=(100, 2))
    manifold = metrics.Manifold(points, 3)
    assert manifold.contains(points).all()
    assert not manifold.contains(points + 100).any()


def test_repeated_samples_have_no_land():
    repeated = np.repeat(RNG(0).normal(size=(8, 2)), 20, axis=0)
    manifold = metrics.Manifold(repeated, 3)
    np.testing.assert_array_equal(manifold.radii, 0)
    assert not manifold.contains(repeated + 1e-6).any()


def test_the_raster_asks_for_the_middles_of_its_cells():
    manifold = metrics.Manifold(RNG(0).normal(size=(60, 2)), 2)
    land = metrics.raster(manifold, ((-2, 2), (-1, 3)), 8)
    assert land[5, 2] == manifold.contains(np.array([[-2 + 5.5 / 2, -1 + 2.5 / 2]]))[0]
    x = -2 + (np.arange(8) + 0.5) / 2
    y = -1 + (np.arange(8) + 0.5) / 2
    expected = [[manifold.contains(np.array([[a, b]]))[0] for b in y] for a in x]
    np.testing.assert_array_equal(land, expected)


def test_copying_counts_pairs():
    train, held_out, fakes = (RNG(i).normal(size=(n, 2)) for i, n in enumerate((40, 30, 25)))
    to_fake, to_held_out = (cdist(x, train).min(1) for x in (fakes, held_out))
    expected = np.mean(to_fake[:, None] < to_held_out)
    assert metrics.copying(fakes, train, held_out) == pytest.approx(expected)


def test_copying_of_new_samples_copies_and_strangers():
    train, held_out, new = (RING.sample(2000, RNG(i)) for i in range(3))
    assert metrics.copying(new, train, held_out) == pytest.approx(
        0.5, abs=4 * (1 / 6000) ** 0.5
    )  # Mann-Whitney's spread
    assert metrics.copying(train[:500], train, held_out) == 1
    assert metrics.copying(new + 10, train, held_out) == 0


def test_neurons_are_always_the_same_and_tell_places_apart():
    x = RING.modes
    np.testing.assert_array_equal(metrics.neurons(x), metrics.neurons(x))
    assert metrics.neurons(x).shape == (8, metrics.N_NEURONS)
    assert np.abs(metrics.neurons(x)).max() <= 1
    assert cdist(metrics.neurons(x), metrics.neurons(x))[np.triu_indices(8, 1)].min() > 2


def test_a_world_has_as_many_samples_of_both_kinds_and_the_outliers_one_asks_for():
    plain, strewn = metrics.world(RING, 500, 3), metrics.world(RING, 500, 3, 20)
    assert plain.train.shape == plain.held_out.shape == (500, 2)
    np.testing.assert_array_equal(plain.train, strewn.train)
    np.testing.assert_array_equal(plain.held_out[20:], strewn.held_out[20:])
    assert (plain.held_out[:20] != strewn.held_out[:20]).all()
    assert np.abs(strewn.held_out).max() <= 2.6
    assert not (plain.train[:, None] == plain.held_out).all(2).any()
