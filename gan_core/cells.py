"""Cells of the plane as fine as a target is, with the target's exact masses: what a 2D divergence is counted in.

Counting in cells only lowers a divergence (data-processing inequality), and lowers it little where p_data/p_g hardly
changes inside a cell. For a copy that is shifted by a little, or a little too wide, log(p_data/p_g) is a multiple of
the score grad log p_data, or of log p_data; hence cells that are bounded by levels of the density and by the
direction of its gradient: around a round Gaussian these are shells and sectors, along a curve they are bands on
either side of it, in units of its width. Position divides them further, so that a missing part is seen too.
"""

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gan_core import divergences
from gan_core.distributions import Distribution

Array = NDArray[np.float64]

N_CELLS = 2400  # eight samples of 20,000 in a cell
N_PIXELS = 576  # per side, from which cells are put together: five per sigma of the thinnest curve
MARGIN = 0.1  # of the window, on either side, where they reach beyond it
N_LATTICE = 100  # per side of the window, where a density is flat
N_COARSE = 400
# share of p_data at points no denser: around a round Gaussian r = 3 sigma is .011, r = 1 is .61
LEVELS = np.array([0, 1e-5, 1e-4, 1e-3, 0.011, 0.044, 0.135, 0.25, 0.42, 0.62, 0.82])
SECTORS = 5  # odd: opposite sides of a curve never share one
INNER_SHELLS = 3  # of `divergences.SHELLS`: within 1.2 standard deviations
FAIR_SHARE = 0.25  # a mode counts as covered from this part of its true mass on
PEAKED = (
    1.6  # and if p_g is so many times as dense in the middle as within 3 standard deviations on average: 3.2 is right
)


@dataclass(frozen=True)
class Cells:
    """A division of the plane into B cells.

    Attributes:
        p: (B,) masses of p_data, summing to 1. A cell of mass 0 lies outside of its support.
        coarse: (B,) to which of fewer cells each belongs: large enough for a KL, which an empty cell makes infinite.
        p_coarse: their masses.
    """

    p: Array
    coarse: NDArray[np.int64]
    p_coarse: Array

    def index(self, x: NDArray[np.float32]) -> NDArray[np.int64]:
        """Number of the cell of each sample (n, 2)."""
        raise NotImplementedError

    def histogram(self, x: NDArray[np.float32]) -> Array:
        """Share of the samples (n, 2) in each cell, (B,)."""
        return np.bincount(self.index(x), minlength=len(self.p)) / len(x)

    def merged(self, shares: Array) -> Array:
        """Shares (B,) on the coarse cells."""
        return divergences.summed_by_cell(self.coarse, shares, len(self.p_coarse))


@dataclass(frozen=True)
class SigmaCells(Cells):
    """Of separated Gaussian modes: nearest mode x distance in standard deviations x direction, see `divergences`."""

    modes: Array
    scale: float

    def index(self, x: NDArray[np.float32]) -> NDArray[np.int64]:
        """See `Cells`."""
        return divergences.sigma_cell_index(x, self.modes, self.scale)


@dataclass(frozen=True)
class RasterCells(Cells):
    """Put together from the pixels of a window; what lies outside of the window belongs to the cell `outside`."""

    table: NDArray[np.int16]
    bounds: tuple[tuple[float, float], ...]
    outside: int

    def index(self, x: NDArray[np.float32]) -> NDArray[np.int64]:
        """See `Cells`."""
        low, high = np.array(self.bounds, dtype=np.float32).T
        n = np.array(self.table.shape, dtype=np.float32)
        pixel = (x - low) * (n / (high - low))
        inside = ((pixel >= 0) & (pixel < n)).all(1)
        i, j = np.where(inside[:, None], pixel, 0).astype(np.intp).T
        return np.where(inside, self.table[i, j], self.outside).astype(np.intp)


@functools.lru_cache(maxsize=32)
def cells_of(target: Distribution) -> Cells:
    """The cells of a 2D target, made once: some tenths of a second where modes are not separated.

    Raises:
        ValueError: the target is not two-dimensional.
    """
    if target.dim != 2:
        raise ValueError(f"{target.key} has dim {target.dim}; cells of the plane need a two-dimensional target")
    if target.separated:
        assert target.modes is not None
        p = divergences.sigma_cell_mass(target.weights)
        n_modes, n_shells, n_sectors = p.shape
        shell = np.minimum(np.arange(n_shells), divergences.NEAR_SHELLS)  # all beyond 3 standard deviations as one
        by_shell = np.add.outer(np.arange(n_modes) * (divergences.NEAR_SHELLS + 1), shell).ravel()
        coarse = by_shell.repeat(n_sectors)  # without directions
        p = p.ravel()
        return SigmaCells(p, coarse, divergences.summed_by_cell(coarse, p), target.modes, target.mode_scale)
    coarse_mass = target.grid_mass(*(np.linspace(*b, N_LATTICE + 1) for b in target.bounds))
    dense = coarse_mass[coarse_mass > 0]
    if np.ptp(dense) < 1e-6 * dense.max():
        return _lattice_cells(target, coarse_mass)
    return _level_cells(target)


def _lattice_cells(target: Distribution, mass: Array) -> RasterCells:
    """Of a flat density: the squares of a lattice, and one cell of mass 0 for all that lies outside the support."""
    table = np.zeros(mass.shape, dtype=np.int16)
    table[mass > 0] = np.arange(1, np.count_nonzero(mass) + 1)
    p = np.append(0.0, mass[mass > 0])
    # blocks of 4 x 4 squares, for the KL
    block = np.add.outer(np.arange(N_LATTICE) // 4 * N_LATTICE, np.arange(N_LATTICE) // 4)
    coarse = np.append(0, 1 + np.unique(block[mass > 0], return_inverse=True)[1])
    p /= p.sum()
    return RasterCells(p, coarse, divergences.summed_by_cell(coarse, p), table, target.bounds, 0)


def _level_cells(target: Distribution) -> RasterCells:
    """Of any other density: level x direction of the gradient, each divided by position into about equal masses."""
    bounds = tuple((low - MARGIN * (high - low), high + MARGIN * (high - low)) for low, high in target.bounds)
    mass = target.grid_mass(*(np.linspace(*b, N_PIXELS + 1) for b in bounds))
    slope = np.gradient(np.log(np.maximum(mass, 1e-300)))
    angle = np.arctan2(slope[1], slope[0]).ravel()
    sector = np.floor((angle / (2 * np.pi) + 0.5) * SECTORS).astype(np.intp) % SECTORS
    flat = mass.ravel()
    order = np.argsort(flat)
    below = np.empty_like(flat)
    below[order] = np.cumsum(flat[order]) / flat.sum()
    level = np.searchsorted(LEVELS, below, side="right") - 1
    # far out, directions and places mean nothing: one cell, with all that lies outside of the window
    table = np.zeros(flat.size, dtype=np.int16)
    group = (level - 1) * SECTORS + sector
    n_groups = (len(LEVELS) - 1) * SECTORS
    near = np.flatnonzero(level > 0)
    share = np.bincount(group[near], flat[near], n_groups) ** 0.8  # rather more for rare groups than their share
    n_cells = 1
    by_group = near[np.argsort(group[near], kind="stable")]
    for members in np.split(by_group, np.searchsorted(group[by_group], np.arange(1, n_groups))):
        if len(members) == 0:
            continue
        wanted = max(1, round(N_CELLS * share[group[members[0]]] / share.sum()))
        for part in _halve(members, flat, wanted):
            table[part] = n_cells
            n_cells += 1
    p = divergences.summed_by_cell(table, flat, n_cells)
    p[0] = max(1 - p[1:].sum(), 0.0)
    # neighbours in number are neighbours in the plane, and the thinnest come first
    coarse = np.minimum(np.cumsum(p) * N_COARSE, N_COARSE - 1).astype(np.int64)
    coarse = np.unique(coarse, return_inverse=True)[1]
    return RasterCells(p, coarse, divergences.summed_by_cell(coarse, p), table.reshape(mass.shape), bounds, 0)


def _halve(members: NDArray[np.int64], mass: Array, parts: int) -> list[NDArray[np.int64]]:
    """Pixels cut into `parts` of about equal mass, across the direction in which they spread most, again and again."""
    if parts == 1:
        return [members]
    m = mass[members]
    places = np.divmod(members, N_PIXELS)
    spreads = [m @ x.astype(float) ** 2 / m.sum() - (m @ x / m.sum()) ** 2 for x in places]
    for x in (places[i] for i in np.argsort(spreads)[::-1]):
        cumulative = np.cumsum(np.bincount(x - x.min(), m))
        if len(cumulative) > 1:
            cut = x.min() + 1 + np.argmin(np.abs(cumulative[:-1] - cumulative[-1] * (parts // 2) / parts))
            low = x < cut
            return _halve(members[low], mass, parts // 2) + _halve(members[~low], mass, parts - parts // 2)
    return [members]  # a single pixel


def covered_modes(shares: Array, weights: Array) -> NDArray[np.bool_]:
    """Which modes p_g covers, (K,), from its shares on sigma-cells, (K, shells, sectors).

    It needs a quarter of the mode's mass within 3 standard deviations, and a peak there: one lump between two modes,
    or a flat p_g, covers none.
    """
    within = shares.sum(2)
    near = within[:, : divergences.NEAR_SHELLS].sum(1)
    inner = within[:, :INNER_SHELLS].sum(1)
    area = (divergences.SHELLS[INNER_SHELLS] / divergences.SHELLS[divergences.NEAR_SHELLS]) ** 2
    return (near >= FAIR_SHARE * weights) & (inner > PEAKED * area * near)


def merged_neighbours(p: Array, mass: float) -> NDArray[np.int64]:
    """(B,) new cell numbers, neighbours merged until each cell holds at least `mass`; those without any keep apart."""
    numbers = np.zeros(len(p), dtype=np.int64)
    number, held = -1, np.inf
    for i, here in enumerate(p):
        if held >= mass or (here == 0) != (p[i - 1] == 0):
            number, held = number + 1, 0.0
        numbers[i] = number
        held = held + here if here else 0.0
    if 0 < held < mass and number > 0:
        numbers[numbers == number] = number - 1  # the thin upper end
    return numbers
