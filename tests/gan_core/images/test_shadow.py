"""The shadow of clouds of features, on islands whose divergence is known."""

import numpy as np
import pytest

from gan_core.divergences import LOG2, js_divergence
from gan_core.images.shadow import N_EVALUATED, Shadow, fisher_directions

RNG = np.random.default_rng


def islands(n, seed, d=8, shift=0.0):
    """Three far Gaussian islands with covariance I, all moved by `shift` standard deviations along the first axis."""
    rng = RNG(seed)
    labels = np.arange(n) % 3
    centers = np.zeros((3, d))
    centers[:, :2] = [[0, 0], [12, 0], [0, 12]]
    x = centers[labels] + rng.normal(size=(n, d))
    x[:, 0] += shift
    return x.astype(np.float32), labels


def test_fisher_directions_of_two_gaussians():
    """S^-1 (m1 - m2), as in every textbook."""
    rng = RNG(0)
    cov = np.array([[2.0, 1.2], [1.2, 1.0]])
    step = np.array([1.0, -1.0])
    labels = np.repeat([0, 1], 50_000)
    x = rng.multivariate_normal([0, 0], cov, size=100_000) + labels[:, None] * step
    first = fisher_directions(x.astype(np.float32), labels)[:, 0]
    expected = np.linalg.solve(cov, step)
    cosine = first @ expected / np.linalg.norm(first) / np.linalg.norm(expected)
    assert abs(cosine) == pytest.approx(1, abs=1e-3)


def test_fisher_directions_see_the_islands_and_nothing_else():
    x, labels = islands(30_000, 0)
    axes = fisher_directions(x, labels)
    assert np.abs(axes[2:]).max() < 0.02
    plane = x @ axes
    within = np.stack([plane[labels == k].var(0) for k in range(3)]).mean(0)
    np.testing.assert_allclose(within, 1, atol=0.02)


def test_features_that_never_fire_do_no_harm():
    x, labels = islands(3000, 0)
    axes = fisher_directions(np.c_[x, np.zeros(len(x), np.float32)], labels)
    assert np.isfinite(axes).all()


@pytest.fixture(scope="module")
def shadow():
    return Shadow(*islands(30_000, 0))


def test_cells_hold_equal_masses(shadow):
    assert shadow.p.shape == (145,)
    assert shadow.p.sum() == pytest.approx(1)
    assert shadow.p[-1] <= 0.005 + 1e-4
    np.testing.assert_allclose(shadow.p[:-1], shadow.p[:-1].mean(), rtol=0.02)


def test_density_integrates_to_what_the_window_holds(shadow):
    (x0, x1), (y0, y1) = shadow.bounds
    cell = (x1 - x0) * (y1 - y0) / 40**2
    assert shadow.density.shape == (40, 40)
    assert shadow.density.dtype == np.float32
    assert shadow.density.sum() * cell == pytest.approx(0.995, abs=0.01)  # smoothing carries some over the edge


def test_density_has_the_first_coordinate_first(shadow):
    (x0, x1), (y0, y1) = shadow.bounds
    spot = np.tile(np.array([x0 + 0.9 * (x1 - x0), y0 + 0.2 * (y1 - y0)], np.float32), (100, 1))
    i, j = np.unravel_index(shadow.smooth(spot).argmax(), (40, 40))
    assert (i, j) == (36, 8)


def test_floor_holds_for_fresh_data(shadow):
    found = [shadow.jsd(shadow.project(islands(N_EVALUATED, seed)[0])) for seed in range(1, 61)]
    assert shadow.floor <= 0.015
    assert np.mean(np.array(found) <= shadow.floor) > 0.85
    assert min(found) >= 0


def test_floor_of_a_small_set_counts_its_own_error():
    """With 1,500 images p itself is uncertain; the floor says so, and fresh data stay below it."""
    small = Shadow(*islands(1500, 0))
    found = [small.jsd(small.project(islands(N_EVALUATED, seed)[0])) for seed in range(1, 41)]
    assert small.floor <= 0.015
    assert np.mean(found) <= small.floor


@pytest.mark.parametrize("shift", [0.5, 1, 2])
def test_shadow_never_exceeds_the_true_jsd(shadow, shift):
    """Far islands all moved by t standard deviations have the JSD of N(0,1) and N(t,1): a sum of one-dimensional pieces."""
    grid = np.linspace(-12, 14, 4001)
    p, q = (np.exp(-((grid - m) ** 2) / 2) for m in (0, shift))
    jsd = js_divergence(p / p.sum(), q / q.sum())
    found = [shadow.jsd(shadow.project(islands(N_EVALUATED, seed, shift=shift)[0])) for seed in range(1, 11)]
    assert 0.5 * jsd < np.mean(found) <= jsd + shadow.floor


def test_shadow_of_something_else_reaches_log_2(shadow):
    assert shadow.jsd(np.full((N_EVALUATED, 2), 1e6, np.float32)) == pytest.approx(LOG2, abs=0.02)
