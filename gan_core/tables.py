"""A file of numbers, as people have them, as a table with named columns and a record of how it was understood.

`read_table` takes what spreadsheets, R, NumPy, pandas and instruments write; `table_text` finds out the encoding, the
separator and the decimal sign. What is left out (titles, units, footers, row numbers, columns of text) is said, with
the file's own line numbers, so that nobody trains on something else than they think.
"""

import contextlib
import csv
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gan_core import table_text
from gan_core.messages import Message
from gan_core.own_targets import LARGEST, MIN_POINTS
from gan_core.table_layout import Reading, listed
from gan_core.table_text import DECIMAL_SIGNS, SEPARATORS

Array = NDArray[np.float64]

_FEW_VALUES = 10  # a column of no more different whole numbers is rather a label than a coordinate
_FAR = 50  # times the spread of the middle 90 %: what lies further from the median stands out


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of numbers from a file.

    Attributes:
        names: of the k columns, no two alike.
        values: (n, k); nan or infinite where the file has no finite number.
        lines: (n,) the line of the file that each row begins on, from 1.
        notes: how the file was understood, and what was left out, as sentences.
    """

    names: tuple[str, ...]
    values: Array
    lines: NDArray[np.int64]
    notes: tuple[Message, ...]

    def suggested(self, n: int) -> tuple[int, ...]:
        """Indices of the n columns that are most likely meant: the first that vary and look neither like a label
        nor like a count of the rows; others where there are too few. Fewer if the table has fewer columns."""

        def unlikely(i: int) -> int:
            column = self.values[:, i]
            column = column[np.isfinite(column)]
            whole = bool((column == np.round(column)).all())
            counts = whole and len(column) > 1 and bool((np.diff(column) == 1).all()) and column[0] in (0, 1)
            n_values = len(np.unique(column[:1000]))
            return 2 * (n_values < 2) + (counts or (whole and n_values <= _FEW_VALUES))

        best = sorted(range(len(self.names)), key=lambda i: (unlikely(i), i))[:n]
        return tuple(sorted(best))

    def select(self, columns: Sequence[int], *, drop_far: bool = False) -> tuple[Array, tuple[Message, ...]]:
        """The rows with a finite number in each of these columns.

        Args:
            columns: d indices, in the order wanted.
            drop_far: leave out rows that lie far from all others, too (-9999 for "not measured").
        Returns:
            Points (m, d), and what a reader should know about them: the range of each column, which lines were left
            out, which stand out.
        """
        values = self.values[:, list(columns)]
        usable = (np.abs(values) < LARGEST).all(1)  # False for nan
        notes = []
        if not usable.all():
            notes.append(
                Message("Left out, because a value is missing, infinite or absurdly large: {lines}.",
                        lines=listed(self.lines[~usable]))
            )  # fmt: skip
        far = np.zeros(len(values), dtype=bool)
        far[usable] = _far(values[usable])
        if far.any():
            row = int(np.argmax(far))
            told = {"lines": listed(self.lines[far]), "values": ", ".join(f"{v:g}" for v in values[row])}
            notes.append(
                Message("Left out, because they lie far from all other rows ({values}): {lines}.", **told) if drop_far
                else Message("Far from all other rows ({values}): {lines}. If that stands for a missing value, leave it out.",
                             **told)
            )  # fmt: skip
        points = values[usable & ~far if drop_far else usable]
        if len(points):
            ranges = ", ".join(
                f"{self.names[c]} {_in_range(low, high)} … {_in_range(high, low)}"
                for c, low, high in zip(columns, points.min(0), points.max(0), strict=True)
            )
            notes.insert(0, Message("{n:,} rows: {ranges}.", n=len(points), ranges=ranges))
        return points, tuple(notes)


def _in_range(value: float, other: float) -> str:
    """A value with as many digits as tell it from the other end of its range."""
    digits = 4
    if value != other:
        digits += max(0, math.ceil(math.log10(max(abs(value), abs(other)) / abs(value - other))))
    return f"{value:.{min(digits, 17)}g}"


def _far(points: Array) -> NDArray[np.bool_]:
    """Rows of (n, d) that lie absurdly far from the others in some column, (n,)."""
    if len(points) < 10:
        return np.zeros(len(points), dtype=bool)
    low, middle, high = np.quantile(points, (0.05, 0.5, 0.95), axis=0)
    return ((np.abs(points - middle) > _FAR * (high - low)) & (high > low)).any(1)


# ---- reading ----


def read_table(data: bytes) -> Table:
    """Read a table of numbers, whatever wrote it.

    Args:
        data: the whole file; at most `table_text.MAX_BYTES`, `MAX_LINES` and `MAX_COLUMNS` are read.
    Raises:
        ValueError: it is empty, too large, no text, or has no column of numbers; with what to do.
    """
    text, encoding = table_text.decode(data)
    table_text.check_size(text)
    separator, skipped, text = _announced(text)
    text = table_text.unwrapped(text)
    readings = []
    for form in table_text.formats(text, separator):
        with contextlib.suppress(csv.Error):  # a cell beyond csv's limit: a quote that is never closed
            readings.append(Reading(form, text, skipped))
    best = max(readings, key=lambda r: r.merit, default=None)
    if best is None or not best.fits.any():
        raise ValueError(table_text.NO_NUMBERS)
    form = best.form
    notes = [
        Message("Read as: {encoding}, between columns: {separator}, decimal sign: {decimal}.", encoding=encoding,
                separator=SEPARATORS[form.separator], decimal=DECIMAL_SIGNS[form.decimal])
    ]  # fmt: skip
    if cell := next(filter(None, map(best.doubtful, readings)), ""):
        notes.append(
            Message("The file would also make sense with another decimal sign: here {cell} is read as {value:g}. If that is "
                    "wrong, save it without separators of thousands.", cell=cell, value=form.number(cell))
        )  # fmt: skip
    kept = [i for i in best.numeric if i != best.counter]
    if len(best.lines) < MIN_POINTS <= len(kept):
        notes.append(
            Message("The table has {n} rows and {k} columns. If they are swapped, transpose it where it was made.",
                    n=len(best.lines), k=len(kept))
        )  # fmt: skip
    return Table(
        names=tuple(best.names[i] for i in kept),
        values=np.stack([best.values(i) for i in kept], 1),
        lines=best.lines,
        notes=(*notes, *best.left_out()),
    )


def _announced(text: str) -> tuple[str | None, int, str]:
    """The separator that Excel's first line "sep=;" names, how many lines that takes, and the text after it."""
    match = re.match(r'"?sep=([,;\t| ])"?[ ]*(?:\r\n|\r|\n)', text, re.IGNORECASE)
    return (match[1], 1, text[match.end() :]) if match else (None, 0, text)
