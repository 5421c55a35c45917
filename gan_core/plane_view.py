"""What a 2D GAN looks like at one moment, as arrays on fixed grids: everything the 2D board draws."""

import functools
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import gaussian_filter
from scipy.special import logit

from gan_core import divergences, theory
from gan_core.distributions import Distribution
from gan_core.divergences import HIGH_QUALITY_RADIUS
from gan_core.game import Game
from gan_core.keeping import KEPT_ONCE
from gan_core.optimum import SURE, SURE_ODDS
from gan_core.own_targets import lookup
from gan_core.plane_evaluation import Evaluation2D
from gan_core.slopes import arrows

Array = NDArray[np.float32]

N_FIELD = 60  # cells per side of the window
N_LATTICE = 21  # lines per side of the latent lattice
N_LATENT = 48  # cells per side of the latent window
N_ARROWS = 150
N_SHOWN = 300  # samples
PIXELS = 4  # per side of a cell of the field, from which the squares behind D* are put together
HALF_SIDES = (1, 2, 3, 4, 6)  # of those squares, in pixels: from half a cell to three cells
ENOUGH = 100  # samples of data and fakes in a square: a tenth of noise in their ratio
LATENT_WINDOW = {"normal": 2.5, "uniform": 1.0}  # |z_i| up to here is drawn


@dataclass(frozen=True)
class PlaneView:
    """The planes of data and latents. First index x (or z_1), second y (or z_2); arrays in the units of the data.

    Attributes:
        bounds: ((low, high), (low, high)) of the data window.
        p_data, p_g: (60, 60) mean densities on the cells, both smoothed by one cell, so that they can be compared.
        d: (60, 60) D(x) at the centres: a probability, or a raw score where the loss has none.
        d_star: (60, 60) the best answer to this loss, see `optimum.best_answer`, to the p_g that D plays against: from
            mean densities on a square around the centre, as small as the number of fakes allows, or, with instance
            noise, blurred by it; nan where neither has mass worth speaking of, and where samples cannot tell.
        d_star_side: (60, 60) sides of these squares, in cells: 1/2 to 3. What is finer than that, D* does not show.
        arrows_at, arrows: (150, 2) fakes, and -dL_G/dx at each: where G should move it.
        lattice: (21, 21, 2) latents z_1, z_2, evenly spaced, the other coordinates 0; (21, 1, 2) if z has one
            dimension, with z_2 = 0. manifold: the same shape, G of it.
        latent_mode: (48, 48) index of the mode that z reaches, -1 for none within 3 standard deviations; (48, 1) if z
            has one dimension; empty without separated modes.
        latent_window: |z_i| up to here is drawn.
        real, samples: (300, 2) fixed samples of p_data, and samples of G from fixed latents.
        axes: names of the two coordinates.
    """

    bounds: tuple[tuple[float, float], ...] = field(metadata=KEPT_ONCE)
    p_data: Array = field(metadata=KEPT_ONCE)
    p_g: Array
    d: Array
    d_star: Array
    d_star_side: Array
    arrows_at: Array
    arrows: Array
    lattice: Array = field(metadata=KEPT_ONCE)
    manifold: Array
    latent_mode: Array
    latent_window: float = field(metadata=KEPT_ONCE)
    real: Array = field(metadata=KEPT_ONCE)
    samples: Array
    axes: tuple[str, ...] = field(default=("x₁", "x₂"), metadata=KEPT_ONCE)

    @property
    def blur(self) -> float:
        """Side in cells, of which 60 make the window: half of p_data lies where `d_star` is no more blurred than that."""
        order = np.argsort(self.d_star_side, axis=None)
        reached = np.cumsum(self.p_data.ravel()[order]) >= 0.5 * self.p_data.sum()
        return float(self.d_star_side.ravel()[order][np.argmax(reached)])


def view_plane(game: Game, evaluation: Evaluation2D, real: Array) -> PlaneView:
    """Look at a GAN with a 2D target; about 10 ms on one core. Leaves its random state alone.

    Args:
        evaluation: of this moment, for its samples of p_g. real: (n, 2) fixed samples of p_data.
    """
    target, config = lookup(game.config.target), game.config
    edges = _edges(target)
    centres = np.stack(np.meshgrid(*(e[:-1] + np.diff(e) / 2 for e in edges), indexing="ij"), -1)  # (60, 60, 2)
    cell = float(np.prod([e[1] - e[0] for e in edges]))
    p = _smoothed_data(target)
    q = _smooth(divergences.grid_histogram(evaluation.samples, target.bounds, N_FIELD))
    d_star, side = _best_answer(game, target, evaluation.opponent_samples)

    raw = game.judge(torch.from_numpy(centres.reshape(-1, 2)).float())[:, 0]
    probability = game.loss.probability(raw)
    d = (raw if probability is None else probability).numpy().reshape(N_FIELD, N_FIELD)

    at, directions = arrows(game, game.fixed_latents(N_ARROWS))
    window = LATENT_WINDOW[config.latent]
    lattice = _plane(window * np.linspace(-1, 1, N_LATTICE), config.latent_dim)
    manifold = _through(game, lattice)
    latent_mode = np.empty((0, 0))
    if target.separated:
        assert target.modes is not None
        middles = window * (2 * (np.arange(N_LATENT) + 0.5) / N_LATENT - 1)
        reached = _through(game, _plane(middles, config.latent_dim))  # (48, 48 or 1, 2)
        distance = np.linalg.norm(reached[:, :, None] - target.modes, axis=-1) / target.mode_scale
        latent_mode = np.where(distance.min(-1) <= HIGH_QUALITY_RADIUS, distance.argmin(-1), -1)
    return PlaneView(
        bounds=target.bounds,
        p_data=_single(p / cell),
        p_g=_single(q / cell),
        d=_single(d),
        d_star=_single(d_star),
        d_star_side=_single(side),
        arrows_at=at,
        arrows=directions,
        lattice=_single(lattice),
        manifold=manifold,
        latent_mode=_single(latent_mode),
        latent_window=window,
        real=real[:N_SHOWN],
        samples=game.generate(game.fixed_latents(N_SHOWN)).numpy(),
        axes=target.axes,
    )


def _best_answer(game: Game, target: Distribution, samples: Array) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The best answer to this loss under the conditions in which D learns, see `optimum`, and the sides as below."""
    conditions = game.conditions()
    if game.loss.optimum == "potential":  # nobody can draw it from samples
        nothing = np.full((N_FIELD, N_FIELD), np.nan)
        return nothing, nothing
    # as wide as the noise is, in cells
    blur = conditions.noise * np.ravel(target.unit) / (np.diff(target.bounds)[:, 0] / N_FIELD)
    if blur.max() < 0.25:
        share, side = _best_opinion(target, samples)
    else:
        fakes = divergences.grid_histogram(samples, target.bounds, N_FIELD)
        p, q = (gaussian_filter(x, blur, mode="constant") for x in (target.grid_mass(*_edges(target)), fakes))
        share = np.where(p + q > 0.4 / len(samples), theory.optimal_discriminator(p, q), np.nan)
        side = np.full((N_FIELD, N_FIELD), 2 * blur.max())
    if game.loss.optimum == "sign":
        return np.sign(2 * share - 1), side
    if game.loss.optimum in ("log_ratio", "f_ratio"):
        odds = np.clip(logit(np.clip(share, SURE, 1 - SURE)), -SURE_ODDS, SURE_ODDS)
        return game.loss.divergence.best(odds) if game.loss.divergence else odds, side
    return (1 - conditions.smoothing) * share, side


def _best_opinion(target: Distribution, samples: Array) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """D* at the centres of the cells and the sides of the squares behind it, in cells; (60, 60) each.

    Both densities are averaged over the same square, so that D* is 1/2 wherever p_g = p_data, however wide it is.
    """
    data = _summed_data(target)
    fakes = _summed(divergences.grid_histogram(samples, target.bounds, N_FIELD * PIXELS))
    half = np.full((N_FIELD, N_FIELD), HALF_SIDES[-1])
    p, q = _in_squares(data, HALF_SIDES[-1]), _in_squares(fakes, HALF_SIDES[-1])
    seen = p + q > 0.4 / len(samples)
    for smaller in HALF_SIDES[-2::-1]:
        finer_p, finer_q = _in_squares(data, smaller), _in_squares(fakes, smaller)
        enough = finer_p + finer_q >= ENOUGH / len(samples)
        p, q, half = np.where(enough, finer_p, p), np.where(enough, finer_q, q), np.where(enough, smaller, half)
    return np.where(seen, theory.optimal_discriminator(p, q), np.nan), 2 * half / PIXELS


def _summed(masses: NDArray[np.float64]) -> NDArray[np.float64]:
    """Summed-area table (n+1, n+1): any rectangle's mass from its four corners (Crow, 1984)."""
    return np.pad(masses.cumsum(0).cumsum(1), ((1, 0), (1, 0)))


def _in_squares(summed: NDArray[np.float64], half: int) -> NDArray[np.float64]:
    """Mass within `half` pixels of the centre of each cell, (60, 60); what lies outside of the window is in none."""
    centre = PIXELS * np.arange(N_FIELD) + PIXELS // 2
    low, high = np.maximum(centre - half, 0), np.minimum(centre + half, N_FIELD * PIXELS)
    corners = (summed[np.ix_(x, y)] for x in (high, low) for y in (high, low))
    both, left, below, neither = corners
    return (both - left - below + neither).clip(0)  # 0, not a little less, where there is nothing


@functools.lru_cache(maxsize=32)
def _summed_data(target: Distribution) -> NDArray[np.float64]:
    return _summed(target.grid_mass(*_edges(target, N_FIELD * PIXELS)))


def _edges(target: Distribution, n: int = N_FIELD) -> list[NDArray[np.float64]]:
    return [np.linspace(low, high, n + 1) for low, high in target.bounds]


def _smooth(masses: NDArray[np.float64]) -> NDArray[np.float64]:
    return gaussian_filter(masses, 1.0, mode="constant")


@functools.lru_cache(maxsize=32)
def _smoothed_data(target: Distribution) -> NDArray[np.float64]:
    """Stays the same while G learns, and costs up to a tenth of a second for a pinwheel or a table of 20,000 rows."""
    return _smooth(target.grid_mass(*_edges(target)))


def _single(a: ArrayLike) -> Array:
    return np.asarray(a, dtype=np.float32)


def _plane(ticks: NDArray[np.float64], latent_dim: int) -> NDArray[np.float64]:
    """(n, n, 2) points of the plane z_1, z_2, or (n, 1, 2) of the line z_1."""
    return np.stack(np.meshgrid(ticks, ticks if latent_dim > 1 else [0.0], indexing="ij"), -1)


def _through(game: Game, plane: NDArray[np.float64]) -> Array:
    """G of the latents of a plane, of the plane's shape."""
    n_latent = game.config.latent_dim
    z = torch.zeros(plane.shape[0] * plane.shape[1], n_latent, dtype=torch.float32)
    z[:, : min(n_latent, 2)] = torch.from_numpy(plane.reshape(-1, 2)).float()[:, : min(n_latent, 2)]
    return game.generate(z).numpy().reshape(plane.shape)
