"""Target distributions p_data that a GAN can learn, each with an exact density.

`DISTRIBUTIONS` is the registry: its keys are the menu, the link and the test parametrisation.
To add a distribution, add one record; the tests then check it. Visitors' own ones are in `own_targets`.
"""

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.special import logsumexp, ndtr

Array = NDArray[np.float64]

NETWORK_WINDOW = 2.5  # what a 2D network sees of the longer side of the window: [-2.5, 2.5]
NETWORK_WINDOW_1D = 5.0  # and of a 1D window in a unit of its own


@dataclass(frozen=True, eq=False)
class Distribution:
    """One target p_data.

    Attributes:
        key: registry key, stable snake_case.
        name: what a menu shows.
        summary: one line for a reader, with its formula.
        dim: dimension of x.
        bounds: (low, high) of every coordinate: the window in which it is drawn; holds all but ~1e-4 of the mass
            (heavy tails excepted).
        center, unit: (dim,); networks see (x - center) / unit, see `NETWORK_WINDOW`; 0 and 1 in 1D.
        own_units: whether every coordinate has a unit of its own, so that networks see all of them equally wide;
            otherwise the widest gives the unit of all.
        axes: (dim,) names of the coordinates.
        modes: (K, dim) centres of the modes of a mixture, or None where "modes" mean nothing.
        mode_scale: standard deviation of every mode (nan where there are no modes).
        weights: (K,) mass of each mode, summing to 1; empty where there are no modes.
    """

    key: str
    name: str
    summary: str
    dim: int
    bounds: tuple[tuple[float, float], ...]
    _sample: Callable[[int, np.random.Generator], Array]
    _log_prob: Callable[[Array], Array]
    _cdf: Callable[[Array], Array] | None = None
    _grid_mass: Callable[[Array, Array], Array] | None = None
    modes: Array | None = None
    mode_scale: float = np.nan
    weights: Array = field(default_factory=lambda: np.empty(0))
    own_units: bool = False
    axes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.axes:
            object.__setattr__(self, "axes", ("x",) if self.dim == 1 else ("x₁", "x₂"))

    def sample(self, n: int, rng: np.random.Generator) -> Array:
        """Draw n independent samples, shape (n, dim)."""
        return self._sample(n, rng)

    def log_prob(self, x: Array) -> Array:
        """Exact log density in nats at x of shape (n, dim); shape (n,), -inf outside the support.

        Raises:
            ValueError: x is not of shape (n, dim).
        """
        x = np.asarray(x, dtype=np.float64)
        if x.ndim != 2 or x.shape[1] != self.dim:
            raise ValueError(f"x has shape {x.shape}; {self.key} needs (n, {self.dim})")
        return self._log_prob(x)

    def cell_mass(self, edges: Array) -> Array:
        """Exact mass of the 1D cells between `edges` (B+1,); the end cells take the tails, so it sums to 1.

        Raises:
            ValueError: the distribution is not one-dimensional.
        """
        if self._cdf is None:
            raise ValueError(f"{self.key} has dim {self.dim}; cell_mass needs a one-dimensional target")
        cumulative = self._cdf(np.asarray(edges, dtype=np.float64)).copy()
        cumulative[0], cumulative[-1] = 0.0, 1.0
        return np.diff(cumulative)

    def grid_mass(self, x_edges: Array, y_edges: Array) -> Array:
        """Mass of the 2D cells between the edges (A+1,), (B+1,): (A, B). What lies outside is in none of them.

        Raises:
            ValueError: the distribution is not two-dimensional.
        """
        if self._grid_mass is None:
            raise ValueError(f"{self.key} has dim {self.dim}; grid_mass needs a two-dimensional target")
        return self._grid_mass(np.asarray(x_edges, dtype=np.float64), np.asarray(y_edges, dtype=np.float64))

    @functools.cached_property
    def separated(self) -> bool:
        """Whether the modes are equally wide 2D Gaussians, at least 6 standard deviations apart."""
        if self.dim != 2 or self.modes is None or not np.isfinite(self.mode_scale):
            return False
        apart = np.linalg.norm(self.modes[:, None] - self.modes[None], axis=-1)
        return bool((apart + 1e9 * np.eye(len(apart)) >= 6 * self.mode_scale).all())

    @property
    def center(self) -> Array:
        """See the class; (dim,)."""
        return np.mean(self.bounds, axis=1) if self.dim > 1 or self.own_units else np.zeros(1)

    @property
    def unit(self) -> Array:
        """See the class; (dim,)."""
        sides = np.diff(self.bounds)[:, 0]
        if self.own_units:
            return sides / (2 * (NETWORK_WINDOW if self.dim > 1 else NETWORK_WINDOW_1D))
        return np.full(self.dim, float(np.max(sides)) / (2 * NETWORK_WINDOW) if self.dim > 1 else 1.0)


def _mixture_1d(
    key: str,
    name: str,
    summary: str,
    components: Sequence[stats.distributions.rv_frozen],
    weights: Sequence[float] | None = None,
    *,
    bounds: tuple[float, float],
    has_modes: bool = True,
) -> Distribution:
    """A 1D mixture of frozen scipy.stats distributions, equal weights unless given."""
    w = np.full(len(components), 1 / len(components)) if weights is None else np.asarray(weights, dtype=np.float64)

    def sample(n: int, rng: np.random.Generator) -> Array:
        counts = rng.multinomial(n, w)
        parts = [c.rvs(size=k, random_state=rng) for c, k in zip(components, counts, strict=True)]
        return rng.permutation(np.concatenate(parts))[:, None]

    def log_prob(x: Array) -> Array:
        # SciPy's types say frozen distributions may be discrete, with no logpdf
        terms = np.stack([c.logpdf(x[:, 0]) for c in components])  # type: ignore[attr-defined]  # (K, n)
        return logsumexp(terms, axis=0, b=w[:, None])

    def cdf(x: Array) -> Array:
        return sum(wk * c.cdf(x) for wk, c in zip(w, components, strict=True))

    return Distribution(
        key=key,
        name=name,
        summary=summary,
        dim=1,
        bounds=(bounds,),
        _sample=sample,
        _log_prob=log_prob,
        _cdf=cdf,
        modes=np.array([[c.mean()] for c in components]) if has_modes else None,
        mode_scale=float(components[0].std()) if has_modes else np.nan,
        weights=w if has_modes else np.empty(0),
    )


def _normals(means: Sequence[float], scale: float) -> list[stats.distributions.rv_frozen]:
    return [stats.norm(m, scale) for m in means]


def gaussians_1d(
    key: str,
    name: str,
    summary: str,
    centers: ArrayLike,
    scales: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    bounds: tuple[float, float],
    has_modes: bool = True,
) -> Distribution:
    """A mixture of many 1D Gaussians: centers (K,), scales broadcast to (K,), equal weights unless given."""
    mu = np.asarray(centers, dtype=np.float64)
    sd = np.broadcast_to(np.asarray(scales, dtype=np.float64), mu.shape)
    w = np.full(len(mu), 1 / len(mu)) if weights is None else np.asarray(weights, dtype=np.float64)

    def sample(n: int, rng: np.random.Generator) -> Array:
        which = rng.choice(len(mu), n, p=w)
        return (mu[which] + sd[which] * rng.standard_normal(n))[:, None]

    def by_blocks(of: Callable[[Array], Array], x: Array) -> Array:
        """of((n, 1) points) -> (n,), in pieces that fit into memory."""
        return np.concatenate([of(b[:, None]) for b in np.array_split(x, max(1, len(x) * len(mu) // 2_000_000))])

    log_norm = np.log(w) - np.log(sd * math.sqrt(2 * np.pi))  # (K,)
    return Distribution(
        key=key,
        name=name,
        summary=summary,
        dim=1,
        bounds=(bounds,),
        _sample=sample,
        _log_prob=lambda x: by_blocks(lambda b: logsumexp(log_norm - 0.5 * ((b - mu) / sd) ** 2, axis=1), x[:, 0]),
        _cdf=lambda x: by_blocks(lambda b: ndtr((b - mu) / sd) @ w, x),
        modes=mu[:, None] if has_modes else None,
        mode_scale=float(sd[0]) if has_modes and np.ptp(sd) == 0 else np.nan,
        weights=w if has_modes else np.empty(0),
    )


def gaussians_2d(
    key: str,
    name: str,
    summary: str,
    centers: ArrayLike,
    scales: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    bounds: tuple[tuple[float, float], tuple[float, float]],
    has_modes: bool = True,
) -> Distribution:
    """A mixture of axis-aligned 2D Gaussians: centers (K, 2), scales broadcast to (K, 2), equal weights unless given.

    Many of them in a row, no further apart than their width, are a soft curve: a sum of Gaussians at spacing s and
    width s is flat to 1e-8.
    """
    mu = np.asarray(centers, dtype=np.float64)
    sd = np.broadcast_to(np.asarray(scales, dtype=np.float64), mu.shape)
    w = np.full(len(mu), 1 / len(mu)) if weights is None else np.asarray(weights, dtype=np.float64)

    def sample(n: int, rng: np.random.Generator) -> Array:
        which = rng.choice(len(mu), n, p=w)
        return mu[which] + sd[which] * rng.standard_normal((n, 2))

    def log_prob(x: Array) -> Array:
        log_norm = np.log(w) - np.log(2 * np.pi * sd.prod(1))  # (K,)
        blocks = np.array_split(x, max(1, len(x) * len(mu) // 2_000_000))
        return np.concatenate(
            [logsumexp(log_norm - 0.5 * (((b[:, None] - mu) / sd) ** 2).sum(-1), axis=1) for b in blocks]
        )

    def grid_mass(x_edges: Array, y_edges: Array) -> Array:
        across, up = (
            np.diff(ndtr((edges[:, None] - mu[:, i]) / sd[:, i]), axis=0)  # (cells, K)
            for i, edges in enumerate((x_edges, y_edges))
        )
        return (across * w) @ up.T

    return Distribution(
        key=key, name=name, summary=summary, dim=2, bounds=bounds,
        _sample=sample, _log_prob=log_prob, _grid_mass=grid_mass,
        modes=mu if has_modes else None,
        mode_scale=float(sd[0, 0]) if has_modes and np.ptp(sd) == 0 else np.nan,
        weights=w if has_modes else np.empty(0),
    )  # fmt: skip


def _grid_mass_by_density(log_prob: Callable[[Array], Array], x_edges: Array, y_edges: Array) -> Array:
    """Cell masses where no closed form exists: the midpoint rule on up to 720 points per side, one per cell at least."""
    fine = max(1, 720 // max(len(x_edges) - 1, len(y_edges) - 1))
    at = (np.arange(fine) + 0.5) / fine
    x, y = ((e[:-1, None] + np.diff(e)[:, None] * at).ravel() for e in (x_edges, y_edges))
    density = np.exp(log_prob(np.stack(np.meshgrid(x, y, indexing="ij"), -1).reshape(-1, 2)))
    area = np.diff(x_edges)[:, None] * np.diff(y_edges)
    return density.reshape(len(x_edges) - 1, fine, len(y_edges) - 1, fine).mean((1, 3)) * area


def _checkerboard(key: str, name: str, summary: str) -> Distribution:
    """Uniform on the eight dark squares of a 4 x 4 board on [-2, 2]^2."""

    def sample(n: int, rng: np.random.Generator) -> Array:
        row, half = rng.integers(4, size=n), rng.integers(2, size=n)
        corner = np.stack([2 * half + row % 2, row], 1) - 2.0
        return corner + (1 - 1e-6) * rng.random((n, 2))  # inside, even when rounded to float32

    def log_prob(x: Array) -> Array:
        square = np.floor(x).astype(int)
        inside = (np.abs(x + 1e-12) <= 2).all(1) & (x < 2).all(1) & (square.sum(1) % 2 == 0)
        return np.where(inside, -math.log(8), -np.inf)

    def grid_mass(x_edges: Array, y_edges: Array) -> Array:
        line = np.arange(-2, 2)
        across, up = (
            np.clip(np.minimum(e[1:, None], line + 1) - np.maximum(e[:-1, None], line), 0, None)  # (cells, 4) overlaps
            for e in (x_edges, y_edges)
        )
        return across @ (np.add.outer(line, line) % 2 == 0) @ up.T / 8

    return Distribution(key, name, summary, 2, ((-2.5, 2.5), (-2.5, 2.5)), sample, log_prob, _grid_mass=grid_mass)


def _pinwheel(key: str, name: str, summary: str) -> Distribution:
    """Five arms, N(1.3, 0.3^2) long and N(0, 0.09^2) wide, twisted by an angle that grows with the radius.

    Turning every circle by its own angle keeps areas, so the density is that of the straight arms.
    """
    n_arms, length, width, twist = 5, (1.3, 0.3), 0.09, 0.9
    angles = 2 * np.pi * np.arange(n_arms) / n_arms

    def turn(x: Array, angle: Array) -> Array:
        cos, sin = np.cos(angle), np.sin(angle)
        return np.stack([cos * x[:, 0] - sin * x[:, 1], sin * x[:, 0] + cos * x[:, 1]], 1)

    def sample(n: int, rng: np.random.Generator) -> Array:
        arm = np.stack([rng.normal(*length, n), rng.normal(0, width, n)], 1)
        return turn(arm, rng.choice(angles, n) + twist * np.hypot(*arm.T))

    def log_prob(x: Array) -> Array:
        radius = np.hypot(*x.T)
        arms = [turn(x, -(angle + twist * radius)) for angle in angles]
        terms = [stats.norm.logpdf(a[:, 0], *length) + stats.norm.logpdf(a[:, 1], 0, width) for a in arms]
        return logsumexp(terms, axis=0) - math.log(n_arms)

    return Distribution(key, name, summary, 2, ((-2.6, 2.6), (-2.6, 2.6)), sample, log_prob,
                        _grid_mass=functools.partial(_grid_mass_by_density, log_prob))  # fmt: skip


def square(half: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """The window [-half, half] in both coordinates."""
    return ((-half, half), (-half, half))


def _circle(n: int, radius: float = 1.0) -> Array:
    angle = 2 * np.pi * np.arange(n) / n  # n different points: linspace(0, 2 pi, n) would double the first
    return radius * np.stack([np.cos(angle), np.sin(angle)], 1)


def _lattice(positions: Sequence[float]) -> Array:
    return np.array([(x, y) for y in positions for x in positions], dtype=np.float64)


def _moons(n: int = 40) -> Array:
    t = np.pi * np.arange(n) / (n - 1)
    upper = np.stack([np.cos(t) - 0.5, np.sin(t) - 0.25], 1)
    return 1.4 * np.concatenate([upper, -upper])


def _spiral(n: int = 160, turns: float = 1.6) -> Array:
    t = np.sqrt(np.linspace(0.02, 1, n)) * turns * 2 * np.pi  # even steps along the curve, nearly
    return np.stack([np.cos(t), np.sin(t)], 1) * (2.0 * t / t[-1])[:, None]


DISTRIBUTIONS: dict[str, Distribution] = {
    d.key: d
    for d in (
        _mixture_1d("gaussian", "One Gaussian", "N(2, 0.8²): one bell, the easiest case",
                    _normals([2.0], 0.8), bounds=(-5, 5)),
        _mixture_1d("two_modes", "Two modes", "½ N(−2, 0.5²) + ½ N(+2, 0.5²): two equal bells, a gap between them",
                    _normals([-2, 2], 0.5), bounds=(-5, 5)),
        _mixture_1d("three_modes", "Three modes", "⅓ N(−3, 0.5²) + ⅓ N(0, 0.5²) + ⅓ N(3, 0.5²)",
                    _normals([-3, 0, 3], 0.5), bounds=(-5.5, 5.5)),
        _mixture_1d("uneven_modes", "Uneven modes", "0.8 N(−2, 0.5²) + 0.2 N(+2, 0.5²): will G find the rare mode?",
                    _normals([-2, 2], 0.5), [0.8, 0.2], bounds=(-5, 5)),
        _mixture_1d("uniform", "Uniform", "U(−2, 2): flat, with two cliffs",
                    [stats.uniform(-2, 4)], bounds=(-4, 4), has_modes=False),
        _mixture_1d("heavy_tail", "Heavy tails", "Student t with 3 degrees of freedom, scale 0.8: rare large values",
                    [stats.t(3, 0, 0.8)], bounds=(-8, 8), has_modes=False),
        _mixture_1d("skewed", "Skewed", "skew-normal, shape 6, from −2 on, scale 2: a steep and a gentle side",
                    [stats.skewnorm(6, -2, 2)], bounds=(-5, 6.5), has_modes=False),
        _mixture_1d("comb", "Comb", "seven equal N(μ, 0.15²), μ = −3.6, −2.4, …, 3.6: narrow teeth, a hard case",
                    _normals([1.2 * k for k in range(-3, 4)], 0.15), bounds=(-5, 5)),
        gaussians_2d("ring_8", "Ring of 8", "eight equal Gaussians, σ = 0.1, on a circle of radius 2",
                      _circle(8, 2), 0.1, bounds=square(2.6)),
        gaussians_2d("grid_25", "Grid of 25", "25 equal Gaussians, σ = 0.1, one unit apart",
                      _lattice(range(-2, 3)), 0.1, bounds=square(2.6)),
        gaussians_2d("two_blobs", "Two blobs", "a round and an upright Gaussian, close together (GAN Lab's data)",
                      [(0.3, 0.7), (0.7, 0.4)], [(0.1, 0.1), (0.05, 0.2)], bounds=((-0.2, 1.2), (-0.3, 1.1)),
                      has_modes=False),
        gaussians_2d("disjoint", "Three islands", "three small Gaussians, σ = 0.025, far apart (GAN Lab's data)",
                      [(0.35, 0.75), (0.75, 0.6), (0.45, 0.35)], 0.025, bounds=((0, 1), (0, 1))),
        gaussians_2d("annulus", "Ring", "an ellipse, blurred with σ = 0.025 (GAN Lab's data)",
                      _circle(120) * (0.3, 0.25) + (0.5, 0.45), 0.025, bounds=((0, 1), (0, 1)), has_modes=False),
        gaussians_2d("line", "Line", "a segment, blurred with σ = 0.01 (GAN Lab's data)",
                      np.linspace((0.8, 0.6), (0.05, 0.9), 120), 0.01, bounds=((0, 1), (0, 1)), has_modes=False),
        gaussians_2d("moons", "Two moons", "two half circles, blurred with σ = 0.12",
                      _moons(), 0.12, bounds=square(2.6), has_modes=False),
        gaussians_2d("spiral", "Spiral", "a curve of 1.6 turns, blurred with σ = 0.08",
                      _spiral(), 0.08, bounds=square(2.6), has_modes=False),
        _checkerboard("checkerboard", "Checkerboard", "uniform on eight squares that touch only at their corners"),
        _pinwheel("pinwheel", "Pinwheel", "five arms, twisted by the radius"),
        gaussians_2d("uneven_ring", "Uneven ring", "the ring of 8 with weights 1 : 4 : 1 : 4 …: rare modes are easy to miss",
                      _circle(8, 2), 0.1, np.tile([0.05, 0.2], 4), bounds=square(2.6)),
        gaussians_2d("ring_8_published", "Ring of 8, as published", "eight Gaussians, σ = 0.01, radius 1: the papers' needle points",
                      _circle(8, 1), 0.01, bounds=square(1.3)),
        gaussians_2d("grid_25_published", "Grid of 25, as published", "25 Gaussians, σ = 0.05, two units apart: −4 … 4",
                      _lattice(range(-4, 5, 2)), 0.05, bounds=square(4.8)),
    )
}  # fmt: skip
