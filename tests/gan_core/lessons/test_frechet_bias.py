"""What the Fréchet distance reads of few fakes: theory, simulation, and real digits."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

from gan_core.frechet import frechet_distance, moments
from gan_core.lessons import frechet_bias

FEATURES = frechet_bias.features()
OURS = FEATURES["classifier"].variances


def test_the_rule_for_independent_features():
    for d, n in ((2, 50), (64, 1000), (7, 200)):
        expected = d / n + d * (d + 1) / (4 * (n - 1))
        assert frechet_bias.bias_rule(np.ones(d), n) == pytest.approx(expected)
        assert frechet_bias.bias_rule(np.full(d, 9.0), n) == pytest.approx(9 * expected)  # in squared units of x


def test_the_rule_in_one_dimension_is_that_of_a_standard_deviation():
    """E[(s - 1)²] for the standard deviation s of n samples of N(0, 1), by quadrature over the law of chi."""
    from scipy.stats import chi

    n = 400
    s = chi(n - 1, scale=(n - 1) ** -0.5)
    assert frechet_bias.bias_rule(np.ones(1), n) == pytest.approx(1 / n + s.expect(lambda x: (x - 1) ** 2), rel=0.01)


def test_the_second_order_of_the_distance():
    """Where the covariance is off by a small E, the distance is the sum of E_ij² / (λ_i + λ_j) / 2."""
    rng = np.random.default_rng(0)
    values = np.array([3.0, 1.0, 0.3])
    e = rng.normal(size=(3, 3))
    e = 1e-3 * (e + e.T)
    expected = np.sum(e**2 / np.add.outer(values, values)) / 2
    s = np.diag(values)
    exact = np.trace(2 * s + e - 2 * sqrtm(s @ (s + e)).real)
    assert frechet_distance(np.zeros(3), s, np.zeros(3), s + e) == pytest.approx(exact, rel=1e-3)
    assert exact == pytest.approx(expected, rel=5e-3)


@pytest.mark.parametrize("key", FEATURES)
def test_draws_of_the_moments_read_what_samples_read(key):
    variances, n = FEATURES[key].variances, 400
    drawn = frechet_bias.readings(variances, n, 60, 0)
    rng, zero = np.random.default_rng(1), np.zeros(len(variances))
    sampled = [
        frechet_distance(
            *moments(rng.standard_normal((n, len(variances))) * np.sqrt(variances)), zero, np.diag(variances)
        )
        for _ in range(60)
    ]
    error = np.hypot(drawn.std(), np.std(sampled)) / 60**0.5
    assert abs(drawn.mean() - np.mean(sampled)) < 4 * error
    assert drawn.std() == pytest.approx(np.std(sampled), rel=0.5)


@pytest.mark.parametrize("key", FEATURES)
@pytest.mark.parametrize("n", [1000, 10_000])
def test_the_rule_is_what_perfect_fakes_read(key, n):
    variances = FEATURES[key].variances
    drawn = frechet_bias.readings(variances, n, 100, 0)
    assert frechet_bias.bias_rule(variances, n) == pytest.approx(drawn.mean(), abs=4 * drawn.std() / 10, rel=0.02)


def test_the_numbers_of_the_text():
    means = {n: frechet_bias.readings(OURS, n, 20, 0).mean() for n in (1000, 10_000)}
    assert f"{means[1000]:.2f} {means[10_000] + 0.5:.2f}" == "1.04 0.60"
    assert f"{frechet_bias.bias_rule(OURS, 1000):.2f}" == "1.06"
    assert len(OURS) * (len(OURS) + 1) // 2 > 1000
    assert frechet_bias.bias_rule(np.ones(64), 2000) == pytest.approx(
        0.5 + frechet_bias.bias_rule(np.ones(64), 10_000), rel=0.1
    )


def test_the_line_over_one_over_n():
    found = frechet_bias.extrapolate(OURS, 10_000, 0.5, 0)
    np.testing.assert_array_equal(found.sizes, [10_000, 5000, 3333, 2500, 2000])
    slope, intercept = np.polyfit([0.0001, 0.0002, 0.0003, 0.0004, 0.0005], found.values, 1)
    assert (found.slope, found.intercept) == pytest.approx((slope, intercept))
    assert (np.diff(found.values) > 0).all()


@pytest.mark.parametrize(("n", "truth", "low", "high"), [(10_000, 0.5, 0.42, 0.58), (500, 0.0, -0.8, -0.05)])
def test_the_line_hits_the_truth_of_many_fakes_and_misses_that_of_few(n, truth, low, high):
    assert low < np.mean([frechet_bias.extrapolate(OURS, n, truth, seed).intercept for seed in range(12)]) < high


def test_real_digits_read_a_little_more_than_the_rule_says(mnist_dir):
    """Sets of 1,000 training images, against all of them, as the text has it."""
    from gan_core.images import classifier
    from gan_core.images import data as image_data
    from gan_core.images.data import to_range

    pixels = image_data.load("mnist").train.flatten(1)
    judge = classifier.load()
    features = np.concatenate([judge.probabilities_and_features(to_range(p))[1].numpy() for p in pixels.split(5000)])
    own, rng = moments(features), np.random.default_rng(0)
    read = np.mean(
        [frechet_distance(*moments(features[rng.permutation(len(features))[:1000]]), *own) for _ in range(300)]
    )
    assert f"{read:.2f}" == "1.10"
    assert read == pytest.approx(frechet_bias.bias_rule(OURS, 1000), rel=0.06)
