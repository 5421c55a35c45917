"""The rulers of published tables, on clouds in the plane: Fréchet distance, inception score, precision and recall, copying.

What a network does for images stands here in the plane: the class of a point is its mode, its features are its coordinates,
or 64 neurons that nobody trained. So the truth is known, and the numbers are comparable within this lesson only.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree
from scipy.special import rel_entr, softmax
from scipy.stats import mannwhitneyu

from gan_core import counts, divergences, threads
from gan_core.distributions import Distribution
from gan_core.frechet import Moments, frechet_distance, moments
from gan_core.messages import Message

Array = NDArray[np.float64]

N_NEURONS = 64
_WORLD = 2  # begins the seeds of real samples; fakes have others
_N_REFERENCE = 20_000  # real samples behind the moments of the Fréchet distance

# ---- inception score ----


def class_probabilities(x: Array, target: Distribution) -> Array:
    """p(mode | x), (n, K), for points (n, 2) of a mixture of equally wide, round Gaussians: what a perfect classifier says."""
    assert target.modes is not None
    squared = np.sum((x[:, None] - target.modes) ** 2, 2)
    return softmax(np.log(target.weights) - squared / (2 * target.mode_scale**2), axis=1)


def inception_score(p: Array) -> float:
    """exp(E[KL(p(y|x) || p(y))]), range [1, K], for class probabilities (n, K) (Salimans et al., 2016, section 4)."""
    return float(np.exp(rel_entr(p, p.mean(0)).sum(1).mean()))


# ---- features ----


def neurons(x: Array) -> Array:
    """64 features (n, 64) of points (n, 2): one layer of tanh neurons with fixed random weights."""
    rng = np.random.default_rng(0)
    weight, bias = 1.5 * rng.standard_normal((2, N_NEURONS)), rng.uniform(-3, 3, N_NEURONS)
    return np.tanh(x[:, :1] * weight[0] + x[:, 1:] * weight[1] + bias)  # a matrix product would take all cores


# ---- precision and recall ----


class Manifold:
    """The union of balls around samples, each as large as the way to the sample's k-th neighbour.

    Kynkäänniemi et al. (2019), Improved Precision and Recall Metric for Assessing Generative Models, eq. 1: precision is
    the share of fakes inside the balls of the data, recall the share of the data inside the balls of the fakes.

    Attributes:
        points: (n, d). radii: (n,), 0 where k others lie on the same spot.
    """

    def __init__(self, points: Array, k: int):
        """Args: samples (n, d), n > k; k, at least 1."""
        self.points = points
        self.radii = np.asarray(KDTree(points).query(points, k=[k + 1])[0])[:, 0]  # the nearest one is the point itself

    def contains(self, x: Array) -> NDArray[np.bool_]:
        """Whether each of (m, d) lies in a ball, rims included."""
        inside = np.zeros(len(x), dtype=bool)
        for found in KDTree(x).query_ball_point(self.points, self.radii):
            inside[found] = True
        return inside


def raster(manifold: Manifold, bounds: Sequence[tuple[float, float]], n: int) -> NDArray[np.bool_]:
    """Which of n x n cells of a window have their middle in the manifold; (n, n), first index x, second y."""
    x, y = ((np.arange(n) + 0.5) / n * (high - low) + low for low, high in bounds)
    return manifold.contains(np.stack(np.meshgrid(x, y, indexing="ij"), -1).reshape(-1, 2)).reshape(n, n)


# ---- copying ----


def copying(fakes: Array, train: Array, held_out: Array) -> float:
    """How often a fake is nearer to the training set than held-out data is; ½ if nothing is copied, 1 if all is.

    The statistic of Mann and Whitney on distances to the nearest training sample, divided by the number of pairs (Meehan
    et al., 2020, A Non-Parametric Test to Detect Data-Copying in Generative Models, section 3, before they divide the
    space into cells).

    Args:
        fakes, train, held_out: (n, d) each, of any n.
    """
    tree = KDTree(train)
    to_fake, to_held_out = (np.atleast_1d(tree.query(x)[0]) for x in (fakes, held_out))
    return float(mannwhitneyu(to_held_out, to_fake).statistic) / (len(to_fake) * len(to_held_out))


# ---- all of them ----


@dataclass(frozen=True)
class World:
    """What fakes are measured against.

    Attributes:
        target: with separated modes. train, held_out: (n, 2) real samples that the generator has, and has not, seen.
        k: the neighbour that says how large a ball is.
    """

    target: Distribution
    train: Array
    held_out: Array
    k: int

    @functools.cached_property
    def manifold(self) -> Manifold:
        """The balls around held-out data."""
        return Manifold(self.held_out, self.k)


def world(target: Distribution, n: int, k: int, n_outliers: int = 0) -> World:
    """A World with n real samples of either kind, the same at every call.

    Args:
        n_outliers: how many of the held-out samples are strewn over the whole window instead.
    """
    threads.use_one()
    rng = np.random.default_rng([_WORLD, n])
    train, held_out = target.sample(n, rng), target.sample(n, rng)
    low, high = np.array(target.bounds).T
    held_out[:n_outliers] = rng.uniform(low, high, (n_outliers, 2))
    return World(target, train, held_out, k)


@functools.lru_cache(maxsize=4)
def _moments_of(target: Distribution, features: Callable[[Array], Array] | None) -> Moments:
    x = target.sample(_N_REFERENCE, np.random.default_rng([_WORLD, _N_REFERENCE]))
    return moments((x if features is None else features(x)).astype(np.float64))


def _frechet(fakes: Array, w: World) -> float:
    return frechet_distance(*moments(fakes), *_moments_of(w.target, None))


def _frechet_of_neurons(fakes: Array, w: World) -> float:
    return frechet_distance(*moments(neurons(fakes)), *_moments_of(w.target, neurons))


def _inception(fakes: Array, w: World) -> float:
    return inception_score(class_probabilities(fakes, w.target))


def _precision(fakes: Array, w: World) -> float:
    return float(w.manifold.contains(fakes).mean())


def _recall(fakes: Array, w: World) -> float:
    return float(Manifold(fakes, w.k).contains(w.held_out).mean())


def _copying(fakes: Array, w: World) -> float:
    return copying(fakes, w.train, w.held_out)


def _jsd(fakes: Array, w: World) -> float:
    assert w.target.modes is not None
    cells = divergences.sigma_cell_histogram(fakes.astype(np.float32), w.target.modes, w.target.mode_scale)
    exact = divergences.sigma_cell_mass(w.target.weights)
    return counts.jsd_of_counts(exact.ravel(), cells.ravel(), len(fakes))


@dataclass(frozen=True)
class Ruler:
    """A number that says how good fakes are.

    Attributes:
        measure: (n, 2) fakes and a World -> the number. good: which readings count as good; "middle": what perfect
            fakes read, neither more nor less.
        digits: after the point, on screen.
    """

    key: str
    name: str
    measure: Callable[[Array, World], float]
    good: Literal["low", "high", "middle"]
    digits: int


RULERS: dict[str, Ruler] = {
    r.key: r
    for r in (
        Ruler("fid", Message("FID, of x"), _frechet, "low", 3),
        Ruler("fid_neurons", Message("FID, of neurons"), _frechet_of_neurons, "low", 2),
        Ruler("inception", Message("Inception score"), _inception, "high", 2),
        Ruler("precision", Message("Precision"), _precision, "high", 3),
        Ruler("recall", Message("Recall"), _recall, "high", 3),
        Ruler("copying", Message("Copying"), _copying, "middle", 2),
        Ruler("jsd", Message("JSD"), _jsd, "low", 3),
    )
}
