"""What the Fréchet distance reads from n fakes when the truth is known: the data's features are a Gaussian, and so are the fakes'.

Its own assumption holds to the letter here, and it still reads too much (Bińkowski et al., 2018, Demystifying MMD GANs;
Chong and Forsyth, 2020, Effectively Unbiased FID and Inception Score and where to find them). In squared units of the features.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import wishart

from gan_core import threads
from gan_core.frechet import frechet_distance, moments
from gan_core.messages import Message

Array = NDArray[np.float64]

CLASSIFIER = Path(__file__).parent / "weights" / "classifier_features.npy"  # by scripts/feature_moments.py
SIZES = (200, 500, 1000, 2000, 5000, 10_000, 20_000)  # fakes, of a curve
_PARTS = 5  # into which one set is cut, at most


@dataclass(frozen=True)
class Features:
    """Features of the data: a Gaussian, seen along its principal axes. Turning and moving it changes no distance.

    Attributes:
        variances: (d,), all positive; a feature that never changes says nothing and is left out.
    """

    key: str
    name: str
    variances: Array


def features() -> dict[str, Features]:
    """The choices, by key: so many independent features of variance 1, and those that our classifier has of handwriting."""
    white = (
        (2, Message("2 independent ones")),
        (16, Message("16 independent ones")),
        (64, Message("64 independent ones")),
    )
    ours = np.load(CLASSIFIER).astype(np.float64)
    return {f.key: f for f in (*(Features(f"white_{d}", name, np.ones(d)) for d, name in white),
                               Features("classifier", Message("Those of our classifier"), ours))}  # fmt: skip


def bias_rule(variances: Array, n: int) -> float:
    """What n perfect fakes read on average, up to terms of 1/n²: Σ λ_i/n + Σ_ij (1 + δ_ij) λ_i λ_j / (λ_i + λ_j) / (2(n-1)).

    The first term is the error of the mean. The second is that of the covariance: where it is off by a small E, the
    distance is Σ_ij E_ij² / (λ_i + λ_j) / 2 to second order, and E_ij of n samples of a Gaussian has the variance
    (1 + δ_ij) λ_i λ_j / (n - 1). For d features of variance 1 it is d/n + d(d + 1)/(4(n - 1)).

    Args:
        variances: (d,), λ. n: number of fakes, at least 2.
    """
    share = np.outer(variances, variances) / np.add.outer(variances, variances)
    return float(variances.sum() / n + (share.sum() + share.trace()) / (2 * (n - 1)))


def readings(variances: Array, n: int, repeats: int, seed: int) -> Array:
    """(repeats,) distances of n perfect fakes each, drawn anew, to the exact Gaussian.

    Mean and covariance of n samples of a Gaussian are independent, a Gaussian and a Wishart matrix: drawn directly,
    since that takes no longer for many fakes than for few.

    Args:
        variances: (d,). n: number of fakes, more than d.
    """
    threads.use_one()
    rng = np.random.default_rng(seed)
    d, exact, zero = len(variances), np.diag(variances), np.zeros(len(variances))
    means = rng.standard_normal((repeats, d)) * np.sqrt(variances / n)
    covs = wishart(n - 1, exact / (n - 1)).rvs(repeats, rng).reshape(repeats, d, d)
    return np.array([frechet_distance(m, s, zero, exact) for m, s in zip(means, covs, strict=True)])


@dataclass(frozen=True)
class Extrapolation:
    """Readings of one set of fakes, whole and cut into 2, 3, 4 and 5 parts, and the straight line through them.

    Attributes:
        sizes: (5,) fakes in a part. values: (5,) what the parts read on average. slope, intercept: of value over 1/size;
            the intercept is the reading of infinitely many.
    """

    sizes: NDArray[np.int64]
    values: Array
    slope: float
    intercept: float


def extrapolate(variances: Array, n: int, truth: float, seed: int) -> Extrapolation:
    """Draw n fakes, read all and parts of them, and follow the line to 1/size = 0.

    The idea is that of Chong and Forsyth (2020), section 3, who draw parts at random; cutting makes the most of each set.

    Args:
        variances: (d,), of the data's features. n: number of fakes; a fifth of them should be more than d.
        truth: the true distance: the fakes are moved by sqrt(truth) along the first axis.
    """
    threads.use_one()
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, len(variances))) * np.sqrt(variances)
    x[:, 0] += np.sqrt(truth)
    exact, zero = np.diag(variances), np.zeros(len(variances))
    parts = np.arange(1, _PARTS + 1)
    values = np.array(
        [np.mean([frechet_distance(*moments(p), zero, exact) for p in np.array_split(x, k)]) for k in parts]
    )
    slope, intercept = np.polyfit(parts / n, values, 1)
    return Extrapolation(n // parts, values, float(slope), float(intercept))
