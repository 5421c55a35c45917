"""What the estimators of a divergence read when the truth is known: p_g = p_data, or p_data with a stated flaw.

Divergences in nats. Counts of n samples on cells are drawn as one multinomial vector, which is the same distribution
and takes microseconds.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import rel_entr
from scipy.stats import binom, gaussian_kde

from gan_core import counts, divergences
from gan_core.cells import covered_modes
from gan_core.distributions import Distribution

Array = NDArray[np.float64]

# ---- the noise floor ----


def equal_width_edges(target: Distribution, n_cells: int) -> Array:
    """(B+1,) edges of equal cells over the window of a 1D target."""
    return np.linspace(*target.bounds[0], n_cells + 1)


def square_cells(target: Distribution, per_side: int) -> Array:
    """Exact masses of a 2D target in per_side² square cells, and of the rest of the plane: (per_side² + 1,)."""
    return divergences.with_rest(target.grid_mass(*(np.linspace(*b, per_side + 1) for b in target.bounds)))


@dataclass(frozen=True)
class NullReadings:
    """Readings of the JSD between a distribution and samples of itself; the truth is 0.

    Attributes:
        shares: (B,) the histogram of the first draw. plug_in, debiased: (repeats,) nats.
    """

    shares: Array
    plug_in: Array
    debiased: Array


def null_readings(p: Array, n: int, repeats: int, seed: int) -> NullReadings:
    """Draw n perfect fakes `repeats` times, count them in cells, and read the JSD against the exact masses p (B,)."""
    drawn = np.random.default_rng(seed).multinomial(n, p / p.sum(), size=repeats) / n
    return NullReadings(
        drawn[0],
        np.array([divergences.js_divergence(p, q) for q in drawn]),
        np.array([divergences.js_divergence_debiased(p, q, n) for q in drawn]),
    )


def expected_reading(p: Array, n: int) -> float:
    """What the plug-in JSD reads on average when p_g = p_data: exact for any n and any masses p (B,).

    The JSD is a sum over cells, and the count of one cell is binomial. `divergences.js_noise_floor`, (B-1)/(8n), is
    its limit for many samples per cell; a cell so rare that it mostly stays empty adds less.
    """
    p = np.sort(np.asarray(p, dtype=np.float64)[np.asarray(p) > 0])
    total = 0.0
    for block in np.array_split(p[:, None], min(len(p), 12)):  # alike in size, hence in the counts worth a look
        width = 9 * np.sqrt(n * block[-1, 0]) + 12
        low = np.maximum(np.floor(n * block[:1] - width), 0)
        k = np.arange(low[0, 0], min(n, np.ceil(n * block[-1, 0] + width)) + 1)
        q = k / n
        m = (block + q) / 2
        total += float(np.sum(binom.pmf(k, n, block) * (rel_entr(block, m) + rel_entr(q, m)))) / 2
    return total


# ---- kernel density estimates ----


@dataclass(frozen=True)
class KernelReading:
    """A kernel density estimate of perfect fakes, compared in two ways.

    Attributes:
        x: (B,) cell centres. p_data, smoothed, estimate: (B,) densities: the data, the data convolved with the kernel,
            and the estimate from samples.
        raw: JSD of the estimate against p_data. matched: against p_data smoothed alike.
    """

    x: Array
    p_data: Array
    smoothed: Array
    estimate: Array
    raw: float
    matched: float


def rule_of_thumb(samples: Array) -> float:
    """The bandwidth that scipy.stats.gaussian_kde takes by default for (n,) samples: std n^(-1/5) (Scott, 1992)."""
    return float(gaussian_kde(samples).covariance[0, 0] ** 0.5)


def kernel_reading(target: Distribution, samples: Array, bandwidth: float, n_cells: int = 240) -> KernelReading:
    """Compare scipy's estimate from perfect fakes with the data, and with the data smoothed by the same kernel.

    Args:
        target: a 1D mixture of equally wide Gaussians. samples: (n,) of it. bandwidth: std of the kernel, > 0.
    """
    low, high = target.bounds[0]
    edges = np.linspace(low - 1, high + 1, n_cells + 1)  # room for the kernel's tails
    x = (edges[:-1] + edges[1:]) / 2
    estimate = gaussian_kde(samples, bandwidth / samples.std(ddof=1))(x)
    p_data, smoothed = (_mixture_density(target, x, h) for h in (0.0, bandwidth))
    p, s, e = (d / d.sum() for d in (p_data, smoothed, estimate))
    return KernelReading(
        x, p_data, smoothed, estimate, divergences.js_divergence(p, e), divergences.js_divergence(s, e)
    )


def _mixture_density(target: Distribution, x: Array, bandwidth: float) -> Array:
    """Density (B,) of the 1D Gaussian mixture, convolved with N(0, bandwidth²)."""
    assert target.modes is not None
    scale = np.hypot(target.mode_scale, bandwidth)
    bells = np.exp(-(((x[:, None] - target.modes[:, 0]) / scale) ** 2) / 2) / (scale * np.sqrt(2 * np.pi))
    return bells @ target.weights


def smoothing_bias(target: Distribution, n: int, per_side: int = 200) -> float:
    """What a comparison of scipy's default estimate from n perfect 2D fakes with the data reads, were n samples without
    noise: JSD(p_data, p_data * N(0, h² Cov)), h = n^(-1/6) (Scott).

    Args:
        target: a 2D mixture of equally wide, round Gaussians whose covariance is a multiple of the identity.
    """
    modes = target.modes
    assert modes is not None
    spread = target.weights @ (modes**2) - (target.weights @ modes) ** 2 + target.mode_scale**2
    scale = np.hypot(target.mode_scale, n ** (-1 / 6) * np.sqrt(spread))  # (2,)
    (low, high), _ = target.bounds
    x = np.linspace(1.5 * low, 1.5 * high, per_side)

    def masses(widths: Array) -> Array:
        across, up = (np.exp(-(((x[:, None] - modes[:, i]) / widths[i]) ** 2) / 2) for i in (0, 1))
        grid = (across * target.weights) @ up.T
        return (grid / grid.sum()).ravel()

    return divergences.js_divergence(masses(np.full(2, target.mode_scale)), masses(scale))


# ---- modes and quality ----


def flawed_samples(target: Distribution, n: int, kept: int, width: float, seed: int) -> NDArray[np.float32]:
    """(n, 2) fakes that sit on `kept` of the target's modes, each `width` times as wide as it should be.

    Args:
        target: with separated modes. kept: 1 to K. width: > 0; 1 is right.
    """
    assert target.modes is not None
    rng = np.random.default_rng(seed)
    which = rng.integers(kept, size=n)
    return (target.modes[which] + width * target.mode_scale * rng.standard_normal((n, 2))).astype(np.float32)


def high_quality_share(width: float | Array, radius: float = 3.0) -> float | Array:
    """Share of a 2D Gaussian, `width` times too wide, within `radius` right standard deviations of its centre:
    1 - exp(-radius²/(2 width²)); 98.89 % for a perfect one. Also for an array of widths.
    """
    return 1 - np.exp(-((radius / np.asarray(width)) ** 2) / 2)


def width_for_share(share: float, radius: float = 3.0) -> float:
    """The inverse of `high_quality_share`, for a share in (0, 1)."""
    return float(radius / np.sqrt(-2 * np.log1p(-share)))


def flawed_jsd(n_modes: int, kept: int, width: float) -> float:
    """The exact JSD by sigma-cells of `flawed_samples`, before any sampling; `divergences.ruler` for width 1."""
    right = divergences.sigma_cell_mass(np.full(n_modes, 1 / n_modes))
    beyond = np.append(np.exp(-((divergences.SHELLS / width) ** 2) / 2), 0.0)
    shells = (beyond[:-1] - beyond[1:])[:, None] / divergences.SECTORS
    wrong = np.zeros_like(right)
    wrong[:kept] = shells / kept
    return divergences.js_divergence(right.ravel(), wrong.ravel())


@dataclass(frozen=True)
class Scores:
    """What tables print of n fakes, and what they do not.

    Attributes:
        modes: modes with at least a quarter of their fair share within 3 standard deviations, and a peak there.
        high_quality: share of fakes within 3 standard deviations of a mode. jsd: by sigma-cells, de-biased.
    """

    modes: int
    high_quality: float
    jsd: float


def scores(samples: NDArray[np.float32], target: Distribution) -> Scores:
    """Score (n, 2) samples against a target with separated modes, by one histogram of sigma-cells."""
    assert target.modes is not None
    cells = divergences.sigma_cell_histogram(samples, target.modes, target.mode_scale)
    near = divergences.high_quality_shares(cells)
    exact = divergences.sigma_cell_mass(target.weights)
    jsd = counts.jsd_of_counts(exact.ravel(), cells.ravel(), len(samples))
    return Scores(int(covered_modes(cells, target.weights).sum()), float(near.sum()), jsd)
