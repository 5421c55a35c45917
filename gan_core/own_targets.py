"""Targets of the visitor's own, and the one place that finds any target by its key.

The key of a drawing or of a typed mixture carries it all; rows of a table are remembered under a key as long as the
process lives.
"""

import base64
import binascii
import dataclasses
import functools
import hashlib
import math
import re
import unicodedata
import zlib
from collections import OrderedDict
from collections.abc import Sequence
from weakref import WeakKeyDictionary, WeakValueDictionary

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_core.distributions import DISTRIBUTIONS, Distribution, gaussians_1d, gaussians_2d, square
from gan_core.messages import Message

OWN = ("cells-", "mixture-", "points-")  # how the keys of such targets begin
CELLS = 24  # a drawing has so many cells per side
MAX_POINTS, MIN_POINTS = 20_000, 20  # rows of an own table
_MAX_REMEMBERED = 40  # tables
LARGEST = 1e18  # of a table's numbers: their squares still fit into 32-bit floats
MAX_COMPONENTS = 20  # of a typed mixture
_MARGIN, _BLUR = 0.1, 0.02  # beside the data, in their range; standard deviation of a row, in the window
_FAR_AWAY = 1e-3  # a range smaller than that, relative to the numbers, would be lost in the rounding of 32-bit floats
_ROUNDING = 1e-12  # and that is near the rounding of 64-bit floats
_NARROWEST = 1 / 2000  # standard deviation of a typed Gaussian, in the window


@dataclasses.dataclass(frozen=True, eq=False)
class Table:
    """The arguments of `from_points` behind a target."""

    points: NDArray[np.float64]
    name: str
    axes: tuple[str, ...]
    keep_proportions: bool


_points: OrderedDict[str, Distribution] = OrderedDict()  # by key, the last used at the end
_in_use: WeakValueDictionary[str, Distribution] = WeakValueDictionary()  # tables that a trainer still holds
_tables: WeakKeyDictionary[Distribution, Table] = WeakKeyDictionary()


def lookup(key: str) -> Distribution:
    """The distribution of this key: of the registry, of a drawing, of a mixture, or of a table given to `from_points`.

    Raises:
        ValueError: unknown, or a table that this process does not remember.
    """
    if key in DISTRIBUTIONS:
        return DISTRIBUTIONS[key]
    if key.startswith("cells-"):
        return _drawn(key)
    if key.startswith("mixture-"):
        return _mixed(key)
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


# ---- a table ----


def from_points(
    points: ArrayLike,
    name: str = "Your table",
    *,
    axes: Sequence[str] = (),
    keep_proportions: bool = False,
) -> Distribution:
    """A table as a target: a Gaussian per row, in each column 2 % of the window wide. `lookup` then knows its key.

    Every column is seen in a unit of its own. Where its range is tiny beside its numbers (time in seconds since 1970,
    a street in degrees) a round number is subtracted, which the name of the axis tells.

    Args:
        points: (n, 2) or (n, 1) finite numbers, MIN_POINTS <= n <= MAX_POINTS, not all on one spot.
        name: what a menu shows.
        axes: names of the columns.
        keep_proportions: one unit for both columns, as a map needs it.
    Raises:
        ValueError: the table is not that, with what to do.
    """
    points = _checked_points(points)
    table = Table(points.copy(), name, tuple(axes), bool(keep_proportions))
    dim = points.shape[1]
    low, high = points.min(0), points.max(0)
    side = high - low
    constant = side <= np.maximum(_ROUNDING * np.abs(points).max(0), 1 / LARGEST)
    if not side.any():
        raise ValueError(Message("All rows are the same point; a distribution needs some spread."))
    if constant.all():
        raise ValueError(Message("All rows are nearly the same point; change the unit, or give more digits."))
    side[constant | keep_proportions] = side[~constant].max()
    origin, axes = _origins(low, high, side, axes or (("x",) if dim == 1 else ("x", "y")))
    half = (0.5 + _MARGIN) * side
    bounds = [(float(m - h), float(m + h)) for m, h in zip((low + high) / 2 - origin, half, strict=True)]
    told = repr((axes, table.keep_proportions)).encode()
    key = "points-" + hashlib.sha256(points.tobytes() + told).hexdigest()[:16]
    summary, blur = f"one small Gaussian per row, {len(points):,} rows", _BLUR * 2 * half
    if dim == 1:
        made = gaussians_1d(key, name, summary, points[:, 0] - origin[0], blur[0], bounds=bounds[0], has_modes=False)
    else:
        made = gaussians_2d(key, name, summary, points - origin, blur, bounds=(bounds[0], bounds[1]), has_modes=False)
    return _remembered(dataclasses.replace(made, own_units=not keep_proportions or dim == 1, axes=axes), table)


def tables() -> dict[str, Table]:
    """The tables that are known, by the keys of their targets."""
    return {target.key: _tables[target] for target in list(_in_use.values()) if target in _tables}


def table_behind(target: Distribution) -> Table | None:
    """What `from_points` made this target of; None if it is not from a table."""
    return _tables.get(target)


def _checked_points(points: ArrayLike) -> NDArray[np.float64]:
    points = np.asarray(points, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] not in (1, 2):
        raise ValueError(
            Message("The table has shape {shape}; one or two columns of numbers are needed.", shape=points.shape)
        )
    if not MIN_POINTS <= len(points) <= MAX_POINTS:
        raise ValueError(
            Message("The table has {n:,} rows; from {low:,} to {high:,} are possible.", n=len(points), low=MIN_POINTS,
                    high=MAX_POINTS)
        )  # fmt: skip
    usable = (np.abs(points) < LARGEST).all(1)  # False for nan
    if not usable.all():
        row = int(np.argmin(usable)) + 1
        raise ValueError(
            Message("Row {row} holds a value that is missing, infinite or absurdly large; remove it.", row=row)
        )
    return points


def _origins(
    low: NDArray[np.float64], high: NDArray[np.float64], side: NDArray[np.float64], axes: Sequence[str]
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """What to subtract from each column so that its range survives 32-bit floats, and what the axes are called then."""
    origin, names = np.zeros(len(side)), list(axes)
    for i in np.flatnonzero(side < _FAR_AWAY * np.maximum(np.abs(low), np.abs(high))):
        decimals = -math.floor(math.log10(side[i]))
        origin[i] = round((low[i] + high[i]) / 2, decimals)
        names[i] += f" {'−' if origin[i] > 0 else '+'} {abs(origin[i]):,.{max(decimals, 0)}f}"
    return origin, tuple(names)


def _remembered(target: Distribution, table: Table) -> Distribution:
    _tables[target] = table
    _points[target.key] = _in_use[target.key] = target
    _points.move_to_end(target.key)
    while len(_points) > _MAX_REMEMBERED:
        _points.popitem(last=False)
    return target


# ---- a mixture of Gaussians ----

_NUMBER = r"[+-]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d++)?"  # possessive: no way back into a long number
_LONGEST_FORMULA = 2000  # characters
_TERM = re.compile(
    rf"\s*\+?\s*(?P<weight>(?:{_NUMBER})?(?:/\d+)?)\s*[*·×]?\s*[N𝒩]\s*\(\s*(?P<mean>{_NUMBER})\s*,"
    rf"\s*(?P<width>{_NUMBER})\s*(?:²|\^2|\*\*2)?\s*\)\s*"
)


def from_mixture(means: ArrayLike, widths: ArrayLike, weights: ArrayLike | None = None) -> Distribution:
    """A 1D mixture of Gaussians as a target. Its key carries it, so that a link does.

    Args:
        means: (K,), 1 <= K <= MAX_COMPONENTS.
        widths: standard deviations, broadcast to (K,), above 0.
        weights: (K,) above 0, of any sum; equal if not given.
    Raises:
        ValueError: it is not that.
    """
    means = np.atleast_1d(np.asarray(means, dtype=np.float64))
    widths = np.broadcast_to(np.asarray(widths, dtype=np.float64), means.shape)
    weights = np.ones(means.shape) if weights is None else np.broadcast_to(weights, means.shape)
    terms = zip(means.tolist(), widths.tolist(), np.asarray(weights, dtype=np.float64).tolist(), strict=True)
    return _mixed("mixture-" + "_".join(f"{m:.12g}~{s:.12g}~{w:.12g}" for m, s, w in terms))


def from_formula(text: str) -> Distribution:
    """A mixture as people write it: "N(400, 1.25)" or "0.8 N(−2, 0.5) + 0.2 N(2, 0.5)".

    In the brackets stand mean and standard deviation; N(−2, 0.5²) and N(−2, 0.5^2) mean the same.

    Raises:
        ValueError: it is no such formula, or no such mixture is possible.
    """
    plain = "".join(
        f"{unicodedata.numeric(c):.12g}" if unicodedata.category(c) == "No" and c != "²" else c for c in text
    )  # ½ and ⅓ are numbers
    if len(plain) > _LONGEST_FORMULA:
        plain = ""
    plain = plain.replace("−", "-").replace("–", "-")
    if ";" in plain:  # decimal commas
        plain = plain.replace(",", ".").replace(";", ",")
    terms: list[tuple[float, float, float]] = []
    at = 0
    while at < len(plain) and len(terms) <= MAX_COMPONENTS and (match := _TERM.match(plain, at)):
        above, _, below = match["weight"].partition("/")
        weight = float(above or 1) / float(below or 1) if float(below or 1) else math.inf
        terms.append((float(match["mean"]), float(match["width"]), weight))
        at = match.end()
    if not terms or (at < len(plain) and len(terms) <= MAX_COMPONENTS):
        raise ValueError(
            Message("{formula} cannot be read as a mixture. Write mean and standard deviation of each bell, with its "
                    "weight in front: 0.8 N(−2, 0.5) + 0.2 N(2, 0.5).", formula=repr(text[:60]))
        )  # fmt: skip
    return from_mixture(*np.array(terms).T)


@functools.lru_cache(maxsize=_MAX_REMEMBERED)
def _mixed(key: str) -> Distribution:
    try:
        terms = np.array([[float(v) for v in term.split("~")] for term in key.removeprefix("mixture-").split("_")])
        mu, sd, w = terms.reshape(-1, 3).T
    except ValueError:
        raise ValueError(Message("The mixture in this link is damaged. Type it again, or choose a target.")) from None
    if not (1 <= len(mu) <= MAX_COMPONENTS):
        raise ValueError(
            Message("The mixture has {n} bells; from 1 to {high} are possible.", n=len(mu), high=MAX_COMPONENTS)
        )
    if not ((np.abs(mu) < LARGEST) & (sd > 1 / LARGEST) & (sd < LARGEST) & (w > 0) & (w < LARGEST)).all():
        raise ValueError(
            Message("Means must be finite, standard deviations and weights above 0 and finite. Change the mixture.")
        )
    low, high = (mu - 5 * sd).min(), (mu + 5 * sd).max()
    side = high - low
    if sd.min() < _NARROWEST * side or side <= 1e3 * _ROUNDING * np.abs(mu).max():
        raise ValueError(
            Message("The narrowest bell, {width:g} wide, would be lost in a window of {side:g}; it must be at least "
                    "{low:g} wide. Widen it, or move the bells together.", width=sd.min(), side=side,
                    low=max(_NARROWEST * side, 100 * _ROUNDING * np.abs(mu).max()))
        )  # fmt: skip
    origin, axes = _origins(np.array([low]), np.array([high]), np.array([side]), ("x",))
    apart = np.abs(mu[:, None] - mu) + np.where(np.eye(len(mu)), np.inf, 0)
    has_modes = bool(np.ptp(sd) == 0 and (apart >= 4 * sd).all() and sd[0] >= side / 200)
    summary = " + ".join(f"{v:.3g} N({m:g}, {s:g}²)" for m, s, v in zip(mu, sd, w / w.sum(), strict=True))
    made = gaussians_1d(key, Message("Your mixture"), summary, mu - origin[0], sd, w / w.sum(),
                        bounds=(float(low - origin[0]), float(high - origin[0])), has_modes=has_modes)  # fmt: skip
    return dataclasses.replace(made, own_units=True, axes=axes)
