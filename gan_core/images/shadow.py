"""A flat shadow of clouds of images, in which their JSD can be counted: never more than the true one.

Whatever is done alike to both clouds can only lower their JSD (data-processing inequality); what remains is a sampling
error, which is stated.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.ndimage import gaussian_filter

from gan_core import divergences

Array = NDArray[np.float64]
Bounds = tuple[tuple[float, float], tuple[float, float]]

N_EVALUATED = 1000  # fakes whose shadow is counted
N_POINTS = 300  # drawn one by one
N_STRIPS = 12  # of the window, and cells in a strip
N_PICTURE = 40  # cells per side of the picture
INSIDE = 0.995  # of the data lie in the window
_NULL_DRAWS = 400


class Shadow:
    """One fixed map of images to the plane, and cells of the plane with the masses of p_data.

    The map is the two directions in which the classifier's features tell the digits apart best (Fisher, 1936), so that
    digits show as islands. Whatever is done alike to both clouds can only lower their JSD (data-processing
    inequality). The cells are 12 upright strips of the window with 12 cells each, all of the same mass, and the rest.
    """

    def __init__(self, features: NDArray[np.float32], labels: NDArray[np.int64]):
        """Args: features (n, 64) and labels (n,) of the training images."""
        self.axes = fisher_directions(features, labels)  # (64, 2)
        plane = self.project(features)
        margin = (1 - INSIDE) / 4
        low, high = np.quantile(plane, [margin, 1 - margin], axis=0)
        self.bounds: Bounds = ((float(low[0]), float(high[0])), (float(low[1]), float(high[1])))
        inside = plane[self._inside(plane)]
        inner = np.arange(1, N_STRIPS) / N_STRIPS
        self._strips = np.quantile(inside[:, 0], inner)  # (11,)
        strip = np.searchsorted(self._strips, inside[:, 0])
        self._cells = np.stack([np.quantile(inside[strip == i, 1], inner) for i in range(N_STRIPS)])  # (12, 11)
        self.p = self.histogram(plane)
        self.density = self.smooth(plane)
        self.points = plane[:N_POINTS]
        # p is a sample too: its error adds to that of the fakes
        self._n = 1 / (1 / N_EVALUATED + 1 / len(plane))
        rng = np.random.default_rng(0)
        real = rng.multinomial(len(plane), self.p, size=_NULL_DRAWS) / len(plane)
        fake = rng.multinomial(N_EVALUATED, self.p, size=_NULL_DRAWS) / N_EVALUATED
        null = [divergences.js_divergence_debiased(p, q, self._n) for p, q in zip(real, fake, strict=True)]
        self.floor = float(np.quantile(null, 0.95))

    def project(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, 64) features -> (n, 2)."""
        return features @ self.axes

    def _inside(self, plane: NDArray[np.float32]) -> NDArray[np.bool_]:
        low, high = np.array(self.bounds).T
        return ((plane >= low) & (plane <= high)).all(1)

    def histogram(self, plane: NDArray[np.float32]) -> Array:
        """Shares of points (n, 2) in the cells, the rest last; (145,)."""
        inside = self._inside(plane)
        x, y = plane[inside].T
        strip = np.searchsorted(self._strips, x)
        cell = (y[:, None] > self._cells[strip]).sum(1)
        counts = np.bincount(strip * N_STRIPS + cell, minlength=N_STRIPS**2)
        return np.append(counts, np.count_nonzero(~inside)) / len(plane)

    def smooth(self, plane: NDArray[np.float32]) -> NDArray[np.float32]:
        """Density of points (n, 2) on the window, smoothed by a Gaussian as wide as a cell; (40, 40)."""
        area = np.prod([(high - low) / N_PICTURE for low, high in self.bounds])
        counts = divergences.grid_histogram(plane, self.bounds, N_PICTURE)
        return gaussian_filter(counts / area, 1.0, mode="constant").astype(np.float32)

    def jsd(self, plane: NDArray[np.float32]) -> float:
        """De-biased JSD of the data's shadow and that of 1,000 fakes (n, 2), at least 0; nats."""
        return max(divergences.js_divergence_debiased(self.p, self.histogram(plane), self._n), 0.0)


def fisher_directions(features: NDArray[np.float32], labels: NDArray[np.int64]) -> NDArray[np.float32]:
    """The two directions with the largest variance between classes for that within them (Fisher, 1936); (d, 2).

    Within a class, the projections have variance 1 on average.

    Args:
        features: (n, d). labels: (n,).
    """
    within, between = scatter(features, labels)
    d = len(within)
    ridge = 1e-3 * np.trace(within) / d  # a little variance for features that never fire
    # the ratio a'Ba / a'Wa is largest for the solutions of B a = λ W a with the largest λ; they come in ascending order
    _, ascending = eigh(between, within + ridge * np.eye(d), subset_by_index=[d - 2, d - 1])
    directions = ascending[:, ::-1]
    largest = np.abs(directions).argmax(
        0
    )  # the sign of an eigenvector is arbitrary: let its largest number be positive
    return (directions * np.sign(directions[largest, [0, 1]])).astype(np.float32)


def scatter(features: NDArray[np.float32], labels: NDArray[np.int64]) -> tuple[Array, Array]:
    """Covariance (d, d) of the features around the means of their classes, and that of these means."""
    x = features.astype(np.float64) - features.mean(0, dtype=np.float64)
    classes, index, counts = np.unique(labels, return_inverse=True, return_counts=True)
    means = np.stack([x[labels == c].mean(0) for c in classes])  # (classes, d)
    inner = x - means[index]
    return inner.T @ inner / len(x), means.T * (counts / len(x)) @ means
