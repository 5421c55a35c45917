"""Targets with a stated flaw, and the true distance from the target to them, by quadrature: oracles for estimators."""

import functools

import numpy as np
from scipy.special import rel_entr

from gan_core.distributions import DISTRIBUTIONS, Distribution, gaussians_2d
from gan_core.own_targets import CELLS, from_cells, from_points

SMILE = np.zeros((CELLS, CELLS), dtype=bool)
SMILE[[7, 16], 16] = SMILE[[6, 17], 8] = SMILE[7:17, 7] = True
PARABOLA = np.random.default_rng(1).uniform(-1, 1, (300, 1)) ** [1, 2]

TARGETS = {d.key: d for d in DISTRIBUTIONS.values() if d.dim == 2} | {
    "drawing": from_cells(SMILE),
    "table": from_points(PARABOLA),
}
FLAWS = ("none", "half as wide", "0.7 as wide", "1.4 as wide", "twice as wide", "shifted by sigma", "a quarter missing")
WIDTHS = {"half as wide": 0.5, "0.7 as wide": 0.7, "1.4 as wide": 1.4, "twice as wide": 2.0}


def components(target: Distribution) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Centres, standard deviations and weights of a Gaussian mixture, out of its closures."""
    sampler = {
        n: c.cell_contents for n, c in zip(target._sample.__code__.co_freevars, target._sample.__closure__, strict=True)
    }
    return sampler["mu"], sampler["sd"], sampler["w"]


def mixture(mu, sd, w) -> Distribution:
    return gaussians_2d("flawed", "", "", mu, sd, w / w.sum(), bounds=((-1, 1), (-1, 1)), has_modes=False)


def board(width: float, squares: int = 8) -> Distribution:
    """Uniform on the first of the dark squares, each scaled about its middle; they may overlap."""
    middles = np.array([(2 * half + row % 2 - 1.5, row - 1.5) for row in range(4) for half in range(2)])[:squares]

    def sample(n, rng):
        return middles[rng.integers(squares, size=n)] + width * (1 - 1e-6) * (rng.random((n, 2)) - 0.5)

    def log_prob(x):
        inside = sum((np.abs(x - m) < width / 2).all(1) for m in middles)
        with np.errstate(divide="ignore"):
            return np.log(inside / squares / width**2)

    return Distribution("flawed", "", "", 2, ((-1, 1), (-1, 1)), sample, log_prob)


def arms(width: float, n_arms: int = 5) -> Distribution:
    """The first arms of the pinwheel, `width` times as long and wide: written down anew."""
    angles = 2 * np.pi * np.arange(5)[:n_arms] / 5

    def turned(x, angle):
        z = (x[:, 0] + 1j * x[:, 1]) * np.exp(1j * angle)
        return np.stack([z.real, z.imag], 1)

    def sample(n, rng):
        straight = np.stack([rng.normal(1.3, 0.3 * width, n), rng.normal(0, 0.09 * width, n)], 1)
        return turned(straight, rng.choice(angles, n) + 0.9 * np.hypot(*straight.T))

    def log_prob(x):
        radius = np.hypot(*x.T)
        terms = []
        for angle in angles:
            y = (turned(x, -angle - 0.9 * radius) - (1.3, 0)) / (0.3 * width, 0.09 * width)
            terms.append(-(y**2).sum(1) / 2 - np.log(2 * np.pi * 0.3 * 0.09 * width**2))
        return np.logaddexp.reduce(terms) - np.log(n_arms)

    return Distribution("flawed", "", "", 2, ((-1, 1), (-1, 1)), sample, log_prob)


def shifted(target: Distribution, by: float) -> Distribution:
    """To the right."""
    step = np.array([by, 0.0])
    return Distribution("flawed", "", "", 2, target.bounds, lambda n, rng: target.sample(n, rng) + step,
                        lambda x: target.log_prob(x - step))  # fmt: skip


@functools.cache
def flawed(key: str, flaw: str) -> Distribution:
    """A target of TARGETS with one of FLAWS."""
    target = TARGETS[key]
    if flaw == "none":
        return target
    if key in ("checkerboard", "pinwheel"):
        make, whole, fewer, sigma = (board, 8, 6, 12**-0.5) if key == "checkerboard" else (arms, 5, 4, 0.09)
        if flaw == "shifted by sigma":
            return shifted(target, sigma)
        return make(WIDTHS.get(flaw, 1.0), fewer if flaw == "a quarter missing" else whole)
    mu, sd, w = components(target)
    if flaw == "shifted by sigma":
        return mixture(mu + np.array([sd[0, 0], 0]), sd, w)
    if flaw == "a quarter missing":
        kept = max(1, 3 * len(mu) // 4)
        return mixture(mu[:kept], sd[:kept], w[:kept])
    return mixture(mu, sd * WIDTHS[flaw], w)


def density(target: Distribution, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """On the lattice of x and y: (len(x), len(y)). Of a mixture as a product of bells, which is fast."""
    if "mu" in target._sample.__code__.co_freevars:
        mu, sd, w = components(target)
        across, up = (
            np.exp(-(((at[:, None] - mu[:, i]) / sd[:, i]) ** 2) / 2) / sd[:, i] for i, at in enumerate((x, y))
        )
        return (across * w) @ up.T / (2 * np.pi)
    at = np.stack(np.meshgrid(x, y, indexing="ij"), -1).reshape(-1, 2)
    return np.exp(target.log_prob(at)).reshape(len(x), len(y))


@functools.cache
def true_distances(key: str, flaw: str) -> tuple[float, float]:
    """JSD and total variation between a target and its flawed copy: midpoint rule on a window half as wide again."""
    per_side = {"checkerboard": 750, "pinwheel": 450}.get(key, 1500)
    axes, cell = [], 1.0
    for low, high in TARGETS[key].bounds:
        edges = np.linspace(low - (high - low) / 4, high + (high - low) / 4, per_side + 1)
        axes.append((edges[1:] + edges[:-1]) / 2)
        cell *= edges[1] - edges[0]
    p, q = (density(d, *axes) * cell for d in (TARGETS[key], flawed(key, flaw)))
    p, q = (np.where(d < 1e-200, 0, d) / d.sum() for d in (p, q))
    m = (p + q) / 2
    return float(rel_entr(p, m).sum() + rel_entr(q, m).sum()) / 2, float(np.abs(p - q).sum()) / 2
