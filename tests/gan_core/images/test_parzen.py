"""Parzen windows on cases with a known density, and the shipped table against the published ones."""

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import norm

from gan_core.images import parzen
from gan_core.images.parzen import SIGMAS, Score, log_densities, score


def test_widths():
    assert len(SIGMAS) == 10
    assert SIGMAS[0] == pytest.approx(0.1)
    assert SIGMAS[-1] == pytest.approx(1)
    np.testing.assert_allclose(np.diff(np.log(SIGMAS)), np.log(10) / 9)


@pytest.mark.parametrize("d", [1, 2, 784])
def test_one_sample_is_a_gaussian(d):
    rng = np.random.default_rng(0)
    sample, points = rng.random((1, d)), rng.random((5, d))
    for sigma, found in zip((0.2, 1.0), log_densities(points, sample, (0.2, 1.0)), strict=True):
        expected = norm(sample, sigma).logpdf(points).sum(1)
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def test_two_samples_are_a_mixture():
    x = np.linspace(-3, 3, 7)[:, None]
    ((found),) = log_densities(x, np.array([[-1.0], [2.0]]), [0.5])
    expected = np.log((norm(-1, 0.5).pdf(x[:, 0]) + norm(2, 0.5).pdf(x[:, 0])) / 2)
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_far_points_do_not_underflow():
    (found,) = log_densities(np.array([[100.0]]), np.array([[0.0], [1.0]]), [0.1])
    expected = logsumexp([norm(0, 0.1).logpdf(100), norm(1, 0.1).logpdf(100)]) - np.log(2)
    assert found[0] == pytest.approx(expected, rel=1e-12)


def test_chunks_change_nothing(monkeypatch):
    rng = np.random.default_rng(1)
    points, samples = rng.random((23, 4)), rng.random((9, 4))
    whole = log_densities(points, samples, SIGMAS)
    monkeypatch.setattr(parzen, "_CHUNK", 5)
    np.testing.assert_allclose(log_densities(points, samples, SIGMAS), whole, rtol=1e-12)
    assert whole.shape == (10, 23)


@pytest.mark.parametrize("true", [0, 4, 9])
def test_validation_finds_the_true_width(true):
    """Samples that are the centres of the very mixture the images come from."""
    rng = np.random.default_rng(2)
    centers = rng.normal(0, 30, (40, 12))

    def images(n):
        return centers[rng.integers(40, size=n)] + SIGMAS[true] * rng.normal(size=(n, 12))

    found = score(centers, images(400), images(400))
    assert found.sigma == SIGMAS[true]
    assert found.n == 40
    # far apart, the mixture's entropy is that of a Gaussian and of the choice of a centre
    entropy = np.log(40) + 12 / 2 * np.log(2 * np.pi * np.e * SIGMAS[true] ** 2)
    assert found.log_likelihood == pytest.approx(-entropy, abs=4 * found.standard_error)
    assert found.standard_error == pytest.approx(np.sqrt(12 / 2 / 400), rel=0.2)


# ---- the shipped table ----


def test_published_values():
    published = {
        name: (bar["log_likelihood"], bar["standard_error"]) for name, bar in parzen.load()["published"].items()
    }
    assert published == {
        "DBN": (138, 2), "Stacked CAE": (121, 1.6), "Deep GSN": (214, 1.1), "Adversarial nets": (225, 2),
    }  # fmt: skip
    assert "Table 1" in parzen.load()["source"]


def test_the_ruler_prefers_blurry_averages():
    """The reason why this table is history: centroids beat real images, and the number of samples decides."""
    measured = {name: Score(**fields) for name, fields in parzen.load()["measured"].items()}
    real = [measured[f"real_{n}"] for n in (1000, 2000, 10_000)]
    assert [s.n for s in real] == [1000, 2000, 10_000]
    assert real[0].log_likelihood < real[1].log_likelihood < real[2].log_likelihood
    assert real[2].log_likelihood == pytest.approx(243, abs=7)  # Theis et al. (2016), Table 1: 243
    assert measured["k_means"].log_likelihood > real[2].log_likelihood + 10
    assert all(min(abs(s.sigma - sigma) for sigma in SIGMAS) < 1e-4 for s in real)


def test_table_can_be_recomputed(mnist_dir):
    """A thousand real images as the model, on the first thousand test images, with the shipped width."""
    from gan_core.images import data as image_data

    images = image_data.load("mnist")
    if not images.is_mnist:
        pytest.skip("these are other images than MNIST")
    train, test = (pixels.numpy() / 255 for pixels in images.pixels(28))
    shipped = Score(**parzen.load()["measured"]["real_1000"])
    (found,) = log_densities(test[::20], train[:1000], [shipped.sigma])
    assert found.mean() == pytest.approx(shipped.log_likelihood, abs=4 * found.std() / np.sqrt(len(found)))
