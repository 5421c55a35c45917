"""Distances between distributions in nats, their estimators, and how low an estimate can go.

Cell masses are 1-D arrays that sum to 1. Merging cells or points can only lower KL and JSD
(data-processing inequality), so every value computed here is honest as "at least".
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import rel_entr, xlogy

Array = NDArray[np.float64]

LOG2 = float(np.log(2))
HIGH_QUALITY_RADIUS = 3  # standard deviations around a mode, as in Srivastava et al. (2017), VEEGAN
_NEGLIGIBLE = 1e-290  # below this, halving a mass underflows and the JSD of denormals turns into inf


def checked_masses(p: Array, q: Array) -> tuple[Array, Array]:
    """Both as float64, with masses too small to be halved counted as none.

    Raises:
        ValueError: shapes differ, or masses are negative or do not sum to 1.
    """
    p, q = np.asarray(p, dtype=np.float64), np.asarray(q, dtype=np.float64)
    if p.shape != q.shape:
        raise ValueError(f"p has {p.shape} cells and q has {q.shape}; both need the same cells")
    for name, mass in (("p", p), ("q", q)):
        total = mass.sum()
        if not (np.all(mass >= 0) and abs(total - 1) < 1e-6):
            raise ValueError(f"{name} sums to {total:.6g}; masses must be >= 0 and sum to 1")
    return np.where(p < _NEGLIGIBLE, 0, p), np.where(q < _NEGLIGIBLE, 0, q)


def kl_divergence(p: Array, q: Array) -> float:
    """KL(p || q) = sum p log(p/q) in nats, range [0, inf]; inf where q misses mass of p.

    Args:
        p, q: (B,) cell masses.
    Raises:
        ValueError: shapes differ, or masses are negative or do not sum to 1.
    """
    return max(float(rel_entr(*checked_masses(p, q)).sum()), 0.0)


def js_divergence(p: Array, q: Array) -> float:
    """Jensen-Shannon divergence ½KL(p||m) + ½KL(q||m), m = (p+q)/2, in nats, range [0, log 2] (Lin, 1991).

    Args:
        p, q: (B,) cell masses.
    Raises:
        ValueError: shapes differ, or masses are negative or do not sum to 1.
    """
    p, q = checked_masses(p, q)
    m = (p + q) / 2
    return float(np.clip((rel_entr(p, m).sum() + rel_entr(q, m).sum()) / 2, 0, LOG2))


def js_divergence_debiased(p: Array, q_hat: Array, n: float) -> float:
    """JSD of exact masses p against a histogram q_hat of n samples, first-order bias removed; nats.

    The plug-in value is too high by (1/8n) sum_{q_i>0} p_i(1-q_i)/m_i (second-order Taylor term, from
    d²JSD/dq² = p/(4 m q)). Needs about n >= 20 samples per cell. May be slightly negative at the null.

    Args:
        p: (B,) exact masses. q_hat: (B,) counts / n. n: number of samples behind q_hat, an effective one if p is
            a sample too.
    """
    p, q_hat = np.asarray(p, dtype=np.float64), np.asarray(q_hat, dtype=np.float64)
    seen = q_hat > 0
    m = (p[seen] + q_hat[seen]) / 2
    return js_divergence(p, q_hat) - float(np.sum(p[seen] * (1 - q_hat[seen]) / m)) / (8 * n)


def js_noise_floor(n_cells: int, n: int) -> float:
    """What the plug-in JSD reads on average when p_g = p_data: (B-1)/(8n) nats, for B equal cells and n samples."""
    return (n_cells - 1) / (8 * n)


def kl_noise_floor(n_cells: int, n: int) -> float:
    """What the plug-in KL (either way) reads on average when p_g = p_data: (B-1)/(2n) nats."""
    return (n_cells - 1) / (2 * n)


def ruler_of_share(share: float) -> float:
    """JSD(p, q) where q is p restricted to a part with this share of its mass in (0, 1], and rescaled; nats."""
    return LOG2 + (share * np.log(share) - (1 + share) * np.log1p(share)) / 2


def ruler(k: int, n_modes: int) -> float:
    """JSD in nats if exactly k of K equal, disjoint modes are present and perfect; ruler(K, K) = 0.

    log 2 + ½[r log r - (1+r) log(1+r)], r = k/K.

    Raises:
        ValueError: not 0 <= k <= K.
    """
    if not 0 <= k <= n_modes or n_modes < 1:
        raise ValueError(f"k = {k} of K = {n_modes}; k must lie between 0 and K, K >= 1")
    r = k / n_modes
    return float(LOG2 + (xlogy(r, r) - xlogy(1 + r, 1 + r)) / 2)


# shells around a mode in standard deviations; those from 3 on are "not high quality", and hold little enough of p_data
# that fakes far from everything are not taken for it
SHELLS = np.array([0, 0.5, 0.85, 1.2, 1.55, 1.9, 2.3, 3.0, 3.8, 5.0])
NEAR_SHELLS = 7  # within 3 standard deviations
SECTORS = 12


def sigma_cell_mass(weights: Array) -> Array:
    """Exact masses of the sigma-cells, modes x shells x sectors, of 2D Gaussian modes; (K, 10, 12), summing to 1.

    Exact up to the overlap of modes: below 1e-5 where they are 6 standard deviations apart.

    Args:
        weights: (K,) masses of the modes.
    """
    beyond = np.append(np.exp(-(SHELLS**2) / 2), 0)  # of a Rayleigh distribution
    shells = np.repeat((beyond[:-1] - beyond[1:])[:, None] / SECTORS, SECTORS, axis=1)
    return np.asarray(weights)[:, None, None] * shells


def sigma_cell_index(x: NDArray[np.float32], modes: Array, scale: float) -> NDArray[np.int64]:
    """Number of each sample's sigma-cell: nearest mode, distance from it in standard deviations, direction; (n,).

    Cells as fine as the modes themselves see a mode that is missing, too narrow, too wide or off its place.

    Args:
        x: (n, 2) samples. modes: (K, 2). scale: the modes' standard deviation.
    """
    x, c = np.asarray(x), np.asarray(modes, dtype=np.float32)
    # in parts that are too small for NumPy's BLAS to wake a second thread, which costs ten times as much as it gains
    parts = np.array_split(x, len(x) * len(c) // 2**16 + 1)
    nearest = np.concatenate([(part @ (-2 * c.T) + (c * c).sum(1)).argmin(1) for part in parts])
    right, up = np.ascontiguousarray((x - c.take(nearest, 0)).T)
    with np.errstate(over="ignore"):  # infinitely far is far
        squared = right * right + up * up
    shell = np.full(len(x), len(SHELLS) - 1, dtype=np.int8)
    for edge in SHELLS[1:]:  # nine comparisons take half the time of a search
        shell -= squared < np.float32((edge * scale) ** 2)
    # thirds of quadrants: the direction needs no arcus tangent
    width, height = np.abs(right), np.abs(up)
    third = (height > width * np.float32(3**-0.5)).astype(np.int8) + (height > width * np.float32(3**0.5))
    direction = 6 * (up > 0) + 3 * (right > 0) + third
    return (nearest * len(SHELLS) + shell) * SECTORS + direction


def sigma_cell_histogram(x: NDArray[np.float32], modes: Array, scale: float) -> Array:
    """Share of samples (n, 2) per sigma-cell, (K, 10, 12); see `sigma_cell_index`."""
    n_cells = len(modes) * len(SHELLS) * SECTORS
    counts = np.bincount(sigma_cell_index(x, modes, scale), minlength=n_cells)
    return counts.reshape(len(modes), -1, SECTORS) / len(x)


def high_quality_shares(cells: Array) -> Array:
    """Share of the samples within 3 standard deviations of each mode, (K,), from their `sigma_cell_histogram`."""
    return np.asarray(cells)[:, :NEAR_SHELLS].sum((1, 2))


def summed_by_cell(cell: NDArray[np.integer], weights: Array, n_cells: int = 0) -> Array:
    """Sum of the weights in each of n_cells cells, more if a number of a cell is larger.

    Args:
        cell: (n,) cell of each weight, from 0. weights: (n,).
    """
    return np.bincount(cell, weights, n_cells).astype(np.float64, copy=False)  # NumPy types it as plain counts


def with_rest(grid: Array) -> Array:
    """Cell masses of a window as one vector, with what lies outside of it as the last cell: (n * m + 1,)."""
    grid = np.asarray(grid, dtype=np.float64)
    outside = 1 - grid.sum()
    return np.append(grid.ravel(), outside if outside > 1e-12 else 0.0)  # less is rounding


def grid_histogram(x: NDArray[np.float32], bounds: tuple[tuple[float, float], ...], n: int) -> Array:
    """Share of 2D samples (m, 2) in each of n x n cells of the window; what lies outside is in none. (n, n)."""
    low, high = np.array(bounds, dtype=np.float32).T
    cell = np.floor((np.asarray(x) - low) / (high - low) * n)
    inside = ((cell >= 0) & (cell < n)).all(1)
    index = cell[inside].astype(np.int64)
    return np.bincount(index[:, 0] * n + index[:, 1], minlength=n * n).reshape(n, n) / len(x)
