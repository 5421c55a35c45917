"""What a 2D GAN looks like at one moment, as arrays on fixed grids: everything the 2D board draws."""

import functools
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from gan_core import divergences, theory
from gan_core.distributions import Distribution
from gan_core.evaluation import HIGH_QUALITY_RADIUS, Evaluation2D
from gan_core.game import Game
from gan_core.own_targets import lookup
from gan_core.slopes import arrows

Array = NDArray[np.float32]

N_FIELD = 60  # cells per side of the window
N_LATTICE = 21  # lines per side of the latent lattice
N_LATENT = 48  # cells per side of the latent window
N_ARROWS = 150
N_SHOWN = 300  # samples
LATENT_WINDOW = {"normal": 2.5, "uniform": 1.0}  # |z_i| up to here is drawn


@dataclass(frozen=True)
class PlaneView:
    """The planes of data and latents. First index x (or z_1), second y (or z_2); arrays in the units of the data.

    Attributes:
        bounds: ((low, high), (low, high)) of the data window.
        p_data, p_g: (60, 60) mean densities on the cells, both smoothed by one cell, so that they can be compared.
        d: (60, 60) D(x) at the centres: a probability, or a raw score where the loss has none.
        d_star: (60, 60) p_data/(p_data+p_g) of the smoothed densities; nan where neither has mass worth speaking of.
        arrows_at, arrows: (150, 2) fakes, and -dL_G/dx at each: where G should move it.
        lattice: (21, 21, 2) latents z_1, z_2, evenly spaced, the other coordinates 0; (21, 1, 2) if z has one
            dimension, with z_2 = 0. manifold: the same shape, G of it.
        latent_mode: (48, 48) index of the mode that z reaches, -1 for none within 3 standard deviations; (48, 1) if z
            has one dimension; empty without separated modes.
        latent_window: |z_i| up to here is drawn.
        real, samples: (300, 2) fixed samples of p_data, and samples of G from fixed latents.
        axes: names of the two coordinates.
    """

    bounds: tuple[tuple[float, float], ...]
    p_data: Array
    p_g: Array
    d: Array
    d_star: Array
    arrows_at: Array
    arrows: Array
    lattice: Array
    manifold: Array
    latent_mode: Array
    latent_window: float
    real: Array
    samples: Array
    axes: tuple[str, ...] = ("x₁", "x₂")


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
    seen = p + q > 2e-5  # less than half a sample of 20,000 each
    d_star = np.where(seen, theory.optimal_discriminator(p, q), np.nan)

    raw = game.judge(torch.from_numpy(centres.reshape(-1, 2)).float())[:, 0]
    probability = game.loss.probability(raw)
    d = (raw if probability is None else probability).numpy().reshape(N_FIELD, N_FIELD)

    at, directions = arrows(game, game.fixed_latents(N_ARROWS))
    window = LATENT_WINDOW[config.latent]
    lattice = _plane(window * np.linspace(-1, 1, N_LATTICE), config.latent_dim)
    manifold = _through(game, lattice)
    latent_mode = np.empty((0, 0))
    if target.separated:
        middles = window * (2 * (np.arange(N_LATENT) + 0.5) / N_LATENT - 1)
        reached = _through(game, _plane(middles, config.latent_dim))  # (48, 48 or 1, 2)
        distance = np.linalg.norm(reached[:, :, None] - target.modes, axis=-1) / target.mode_scale
        latent_mode = np.where(distance.min(-1) <= HIGH_QUALITY_RADIUS, distance.argmin(-1), -1)
    single = (np.asarray(a, dtype=np.float32) for a in (p / cell, q / cell, d, d_star, at, directions))
    return PlaneView(
        target.bounds,
        *single,
        lattice=lattice.astype(np.float32),
        manifold=manifold,
        latent_mode=latent_mode.astype(np.float32),
        latent_window=window,
        real=real[:N_SHOWN],
        samples=game.generate(game.fixed_latents(N_SHOWN)).numpy(),
        axes=target.axes,
    )


def _edges(target: Distribution) -> list[NDArray[np.float64]]:
    return [np.linspace(low, high, N_FIELD + 1) for low, high in target.bounds]


def _smooth(masses: NDArray[np.float64]) -> NDArray[np.float64]:
    return gaussian_filter(masses, 1.0, mode="constant")


@functools.lru_cache(maxsize=32)
def _smoothed_data(target: Distribution) -> NDArray[np.float64]:
    """Stays the same while G learns, and costs up to a tenth of a second for a pinwheel or a table of 20,000 rows."""
    return _smooth(target.grid_mass(*_edges(target)))


def _plane(ticks: Array, latent_dim: int) -> Array:
    """(n, n, 2) points of the plane z_1, z_2, or (n, 1, 2) of the line z_1."""
    return np.stack(np.meshgrid(ticks, ticks if latent_dim > 1 else [0.0], indexing="ij"), -1)


def _through(game: Game, plane: Array) -> Array:
    """G of the latents of a plane, of the plane's shape."""
    n_latent = game.config.latent_dim
    z = torch.zeros(plane.shape[0] * plane.shape[1], n_latent)
    z[:, : min(n_latent, 2)] = torch.from_numpy(plane.reshape(-1, 2)).float()[:, : min(n_latent, 2)]
    return game.generate(z).numpy().reshape(plane.shape)
