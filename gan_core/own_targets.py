"""Targets of the visitor's own, and the one place that finds any target by its key.

A drawing's key carries it all; rows of a table are remembered under a key as long as the process lives.
"""

import base64
import binascii
import functools
import hashlib
import zlib
from collections import OrderedDict
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_core.distributions import DISTRIBUTIONS, Distribution, gaussians_2d, square
from gan_core.messages import Message

CELLS = 24  # a drawing has so many cells per side
MAX_POINTS, MIN_POINTS = 20_000, 20  # rows of an own table
_MAX_REMEMBERED = 40  # tables
_LARGEST = 1e18  # of a table's numbers: their squares still fit into 32-bit floats

_points: OrderedDict[str, Distribution] = OrderedDict()  # by key, the last used at the end
_in_use: WeakValueDictionary[str, Distribution] = WeakValueDictionary()  # tables that a trainer still holds


def lookup(key: str) -> Distribution:
    """The distribution of this key: of the registry, of a drawing, or of a table given to `from_points`.

    Raises:
        ValueError: unknown, or a table that this process does not remember.
    """
    if key in DISTRIBUTIONS:
        return DISTRIBUTIONS[key]
    if key.startswith("cells-"):
        return _drawn(key)
    if key in _points:
        _points.move_to_end(key)
        return _points[key]
    if key in _in_use:
        return _in_use[key]
    if key.startswith("points-"):
        raise ValueError(
            Message(
                "This link names an uploaded table, which a link cannot carry and this server no longer has: upload the "
                "table again"
            )
        )
    raise ValueError(
        Message("target = {value} is not possible: choose one of {choices}", value=repr(key),
                choices=", ".join(DISTRIBUTIONS))
    )  # fmt: skip


def from_cells(painted: ArrayLike) -> Distribution:
    """Your drawing as a target: a Gaussian per painted cell, half a cell wide, on the window [-2.6, 2.6]^2.

    Its key carries the drawing, so that a link does.

    Args:
        painted: (CELLS, CELLS) booleans; first index x from left to right, second y from bottom to top.
    Raises:
        ValueError: nothing is painted, or the shape is another.
    """
    painted = np.asarray(painted, dtype=bool)
    if painted.shape != (CELLS, CELLS):
        raise ValueError(f"a drawing has shape {painted.shape}; it needs ({CELLS}, {CELLS})")
    packed = zlib.compress(np.packbits(painted).tobytes(), 9)
    return _drawn("cells-" + base64.urlsafe_b64encode(packed).decode().rstrip("="))


def painted_cells(key: str) -> NDArray[np.bool_]:
    """The drawing behind a key of `from_cells`, (CELLS, CELLS).

    Raises:
        ValueError: the key is damaged, or nothing is painted.
    """
    code = key.removeprefix("cells-")
    try:
        packed = base64.b64decode(code + "=" * (-len(code) % 4), altchars=b"-_", validate=True)
        unzip = zlib.decompressobj()
        bits = np.frombuffer(unzip.decompress(packed, CELLS * CELLS), np.uint8)
        painted = np.unpackbits(bits).astype(bool).reshape(CELLS, CELLS)
    except (ValueError, binascii.Error, zlib.error):
        raise ValueError(Message("The drawing in this link is damaged. Draw it again, or choose a target.")) from None
    if not painted.any():
        raise ValueError(Message("The drawing is empty: paint at least one cell."))
    return painted


@functools.lru_cache(maxsize=_MAX_REMEMBERED)
def _drawn(key: str) -> Distribution:
    half = 2.6
    cell = 2 * half / CELLS
    where = np.argwhere(painted_cells(key))
    return gaussians_2d(key, "Your drawing", "one small Gaussian per painted cell", (where + 0.5) * cell - half,
                         cell / 2, bounds=square(half + 1.5 * cell), has_modes=False)  # fmt: skip


def from_points(points: ArrayLike, name: str = "Your table") -> Distribution:
    """A table of points as a target: a Gaussian per row, 2 % of the window wide. `lookup` then knows its key.

    Args:
        points: (n, 2) finite numbers, MIN_POINTS <= n <= MAX_POINTS, not all on one spot.
        name: what a menu shows.
    Raises:
        ValueError: the table is not that, with what to do.
    """
    points = np.asarray(points, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(Message("The table has shape {shape}; two columns of numbers are needed.", shape=points.shape))
    if not MIN_POINTS <= len(points) <= MAX_POINTS:
        raise ValueError(
            Message("The table has {n:,} rows; from {low:,} to {high:,} are possible.", n=len(points), low=MIN_POINTS,
                    high=MAX_POINTS)
        )  # fmt: skip
    usable = (np.abs(points) < _LARGEST).all(1)  # False for nan
    if not usable.all():
        row = int(np.argmin(usable)) + 1
        raise ValueError(
            Message("Row {row} holds a value that is missing, infinite or absurdly large; remove it.", row=row)
        )
    low, high = points.min(0), points.max(0)
    side = float((high - low).max())
    if side == 0:
        raise ValueError(Message("All rows are the same point; a distribution needs some spread."))
    if side < max(1e-5 * np.abs(points).max(), 1 / _LARGEST):  # lost in the rounding of 32-bit numbers
        raise ValueError(Message("All rows are nearly the same point; subtract their mean, or change the unit."))
    middle, half = (low + high) / 2, 0.6 * side
    bounds = tuple((float(m - half), float(m + half)) for m in middle)
    key = "points-" + hashlib.sha256(points.tobytes()).hexdigest()[:16]
    _points[key] = gaussians_2d(key, name, f"one small Gaussian per row, {len(points):,} rows", points,
                                 0.02 * 2 * half, bounds=bounds, has_modes=False)  # fmt: skip
    _in_use[key] = _points[key]
    _points.move_to_end(key)
    while len(_points) > _MAX_REMEMBERED:
        _points.popitem(last=False)
    return _points[key]
