"""Small pictures of p_g, a byte a cell, for many of them beside each other."""

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gan_core import divergences
from gan_core.config import kind_of
from gan_core.own_targets import lookup

Array = NDArray[np.float64]

SHAPES: dict[str, tuple[int, ...]] = {"line": (50,), "plane": (24, 24)}  # cells of the window, by kind of target
DATA_LEVEL = 128  # a cell as full as the fullest of the data; 255 is twice as full, or more


def take(target: str, evaluation: Any) -> bytes:
    """The p_g that is shown, in cells of SHAPES; the first index is x.

    Args:
        evaluation: an `Evaluation1D` or `Evaluation2D` on this target.
    """
    data = data_masses(target)
    if data.ndim == 1:
        masses = evaluation.p_g.reshape(len(data), -1).sum(1) / evaluation.p_g.sum()
    else:
        masses = divergences.grid_histogram(evaluation.samples, lookup(target).bounds, len(data))
    return _in_bytes(masses / data.max())


def of_data(target: str) -> bytes:
    """p_data, to be seen beside what `take` takes."""
    masses = data_masses(target)
    return _in_bytes(masses / masses.max())


@functools.lru_cache(maxsize=32)
def data_masses(target: str) -> Array:
    """What p_data puts into the cells, in SHAPES of its kind. Not to be changed."""
    found, shape = lookup(target), SHAPES[kind_of(target)]
    edges = [np.linspace(low, high, n + 1) for (low, high), n in zip(found.bounds, shape, strict=True)]
    return found.cell_mass(edges[0]) if found.dim == 1 else found.grid_mass(edges[0], edges[1])


def _in_bytes(levels: Array) -> bytes:
    return np.clip(np.round(DATA_LEVEL * levels), 0, 255).astype(np.uint8).tobytes()
