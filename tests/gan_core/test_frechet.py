"""The Fréchet distance, on Gaussians whose distance is known."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

from gan_core.frechet import frechet_distance, moments

RNG = np.random.default_rng


def random_gaussian(d, seed, rank=None):
    rng = RNG(seed)
    a = rng.normal(size=(d, rank or d))
    return rng.normal(size=d), a @ a.T


def test_frechet_of_diagonal_gaussians():
    mean1, mean2 = np.array([0.0, 1.0, -2.0]), np.array([3.0, 1.0, 0.0])
    sd1, sd2 = np.array([1.0, 2.0, 0.0]), np.array([2.0, 0.5, 3.0])
    expected = np.sum((mean1 - mean2) ** 2) + np.sum((sd1 - sd2) ** 2)
    assert frechet_distance(mean1, np.diag(sd1**2), mean2, np.diag(sd2**2)) == pytest.approx(expected, abs=1e-6)


def test_frechet_in_one_dimension():
    """Heusel et al.'s formula is then (m1 - m2)² + (s1 - s2)²."""
    assert frechet_distance(np.array([2.0]), np.array([[9.0]]), np.array([-1.0]), np.array([[1.0]])) == pytest.approx(
        13
    )


@pytest.mark.parametrize("rank", [None, 3])
def test_frechet_of_equal_gaussians_is_zero(rank):
    mean, cov = random_gaussian(20, 0, rank)
    assert 0 <= frechet_distance(mean, cov, mean, cov) < 1e-5


def test_frechet_is_symmetric_and_moves_with_the_mean():
    (m1, c1), (m2, c2) = random_gaussian(16, 1), random_gaussian(16, 2, rank=5)
    found = frechet_distance(m1, c1, m2, c2)
    assert found == pytest.approx(frechet_distance(m2, c2, m1, c1), rel=1e-6)
    same_place = frechet_distance(m1, c1, m1, c2)
    assert found - same_place == pytest.approx(np.sum((m1 - m2) ** 2))


def test_frechet_against_the_matrix_root():
    (m1, c1), (m2, c2) = random_gaussian(8, 3), random_gaussian(8, 4)
    expected = np.sum((m1 - m2) ** 2) + np.trace(c1 + c2 - 2 * sqrtm(c1 @ c2).real)
    assert frechet_distance(m1, c1, m2, c2) == pytest.approx(expected, rel=1e-8)


def test_moments():
    x = RNG(0).normal(size=(50, 4)).astype(np.float32)
    mean, cov = moments(x)
    np.testing.assert_allclose(mean, x.mean(0), atol=1e-6)
    np.testing.assert_allclose(cov, np.cov(x.T.astype(np.float64)), atol=1e-12)
