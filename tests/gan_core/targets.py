"""Targets of the plane that are one's own, and cells of a window."""

import numpy as np

from gan_core.own_targets import CELLS

SMILE = np.zeros((CELLS, CELLS), dtype=bool)
SMILE[[7, 16], 16] = SMILE[[6, 17], 8] = SMILE[7:17, 7] = True


def window_edges(target, *n_cells, stretch=1.0):
    """Edges of n_cells[0] x n_cells[1] equal cells of the window, or of the window stretched about its middle."""
    for (low, high), n in zip(target.bounds, n_cells, strict=True):
        middle, half = (low + high) / 2, stretch * (high - low) / 2
        yield np.linspace(middle - half, middle + half, n + 1)
