"""Target distributions p_data that a GAN can learn, each with an exact density.

`DISTRIBUTIONS` is the registry: its keys are the menu, the link and the test parametrisation.
To add a distribution, add one record; the tests then check it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import logsumexp

Array = NDArray[np.float64]


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
    modes: Array | None = None
    mode_scale: float = np.nan
    weights: Array = field(default_factory=lambda: np.empty(0))

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
        terms = np.stack([c.logpdf(x[:, 0]) for c in components])  # (K, n)
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
    )
}  # fmt: skip
