"""Where the numbers of a table in text form lie: its body, its header, and what is neither.

`Reading` applies one hypothesis of `table_text` to the whole text. Titles, lines of units, comments and footers are
records without a number in a column of numbers; they are left out, and named by their lines in the file.
"""

import collections
import dataclasses
import functools
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gan_core.messages import Message
from gan_core.table_text import Format, Row

Array = NDArray[np.float64]

_LISTED, _QUOTED = 6, 3  # lines that a note lists, and lines that it quotes
_UNIT = re.compile(
    r"[\[(].*[\])]|-|[%‰°]|°?[CFK]|deg|rad|a\.?u\.?|(?:[munpkMGcd]|µ|μ)?(?:m|g|s|A|V|W|Hz|Pa|N|J|eV|L|l|mol|bar)"
    r"(?:[/ ].*)?[²³23]?|sec|min|h|hours?|days?|years?|USD|EUR|KRW"
)
_COMMENT = "#%!/; "  # what a line with names may begin with, beside a name


def listed(lines: Sequence[int] | NDArray[np.int64]) -> Message:
    """Line numbers for a reader: "lines 5, 9, 12", or the first six and how many more."""
    shown = ", ".join(str(line) for line in lines[:_LISTED])
    if len(lines) == 1:
        return Message("line {lines}", lines=shown)
    if len(lines) <= _LISTED:
        return Message("lines {lines}", lines=shown)
    return Message("lines {lines} and {n:,} more", lines=shown, n=len(lines) - _LISTED)


def shortened(cells: Sequence[str], most: int = 60) -> str:
    """Cells as one short piece of text."""
    text = ", ".join(" ".join(c.split()) for c in cells[:_LISTED] if c.strip()) + (" …" if len(cells) > _LISTED else "")
    return text if len(text) <= most else text[: most - 1] + "…"


class Reading:
    """A text read by one hypothesis.

    Attributes:
        form: the hypothesis.
        rows: the records that are not blank, with their lines in the file.
        width: cells of most records.
        numeric: indices of the columns of numbers.
        fits: (n,) whether a record has a number, and no word, in these columns.
    """

    def __init__(self, form: Format, text: str, skipped: int):
        self.form, self._trust = form, form.trust(text)
        records = [(line + skipped, cells) for line, cells in form.rows(text)]
        self.rows: list[Row] = [(line, cells) for line, cells in records if any(c.strip() for c in cells)]
        self.blank = [line for line, cells in records if len(cells) > 1 and not any(c.strip() for c in cells)]
        self.width = collections.Counter(len(cells) for _, cells in self.rows).most_common(1)[0][0]
        padding = [""] * self.width
        self._columns = list(zip(*((cells + padding)[: self.width] for _, cells in self.rows), strict=True))
        ragged = np.array([any(c.strip() for c in cells[self.width :]) for _, cells in self.rows])
        self._values: dict[int, Array] = {}
        self.numeric: list[int] = []
        self.texts: list[int] = []
        self.empty: list[int] = []
        words_anywhere = ragged
        for i, cells in enumerate(self._columns):
            kind, values, words = self._judged(cells)
            kind.append(i)
            if kind is self.numeric:
                self._values[i] = values
                words_anywhere = words_anywhere | words
        finite = [np.isfinite(self._values[i]) for i in self.numeric]
        self.fits = np.any(finite, axis=0) & ~words_anywhere if finite else np.zeros(len(self.rows), dtype=bool)

    def _judged(self, cells: Sequence[str]) -> tuple[list[int], Array, NDArray[np.bool_]]:
        """Which list of columns a column belongs to, its numbers, and which cells are words."""
        some = cells[:20]
        if sum(self.form.number(c) is None for c in some) > 0.8 * len(some) > 16:  # not worth reading the rest
            return self.texts, np.empty(0), np.empty(0, dtype=bool)
        values, words = self.form.numbers(cells)
        if np.count_nonzero(~np.isnan(values)) > words.sum():
            return self.numeric, values, words
        in_body = words[1:] if len(words) > 1 else words  # its name does not make an empty column one of text
        return (self.texts if in_body.any() else self.empty), values, words

    def cells(self, i: int) -> Sequence[str]:
        """Column i of the file, as text, (n,)."""
        return self._columns[i]

    @property
    def other_sign(self) -> str:
        """The sign that separates thousands if it occurs in a number."""
        return "." if self.form.decimal == "," else ","

    @functools.cached_property
    def merit(self) -> tuple[float, ...]:
        """The larger, the better the hypothesis: records that fit, columns of numbers among all, the likelier
        decimal sign. Between columns that commas separate a comma within a number separates thousands, as it does
        beside plain whole numbers; elsewhere it is rather a decimal sign."""
        share = len(self.numeric) / max(len(self.numeric) + len(self.texts), 1)
        marked = [c for i in self.numeric for c in self._columns[i] if self.other_sign in c]
        grouped = len(marked) > 0
        plain = grouped and any(c.strip().isdigit() for i in self.numeric for c in self._columns[i])
        likely = self.form.separator == "," or plain or not grouped
        return self.fits.sum() * share * self._trust, len(self.numeric), float(likely)

    def doubtful(self, other: "Reading") -> str:
        """A number that another reading, as good and with the other decimal sign, takes for another; or ""."""
        if other.form != dataclasses.replace(self.form, decimal=self.other_sign) or other.merit[:2] != self.merit[:2]:
            return ""
        for i in self.numeric:
            at = np.flatnonzero(self._values[i] != other._values[i])  # true for nan, too
            for cell in (self._columns[i][k].strip() for k in at):
                if self.form.number(cell) not in (None, other.form.number(cell)) and cell[:1].isdigit():
                    return cell
        return ""

    # ---- the parts of the file ----

    @functools.cached_property
    def header(self) -> int | None:
        """Index of the record with the names of the columns: one above the numbers with a cell for each of them, that
        is neither a title (many words) nor a line of units; in R's tables, one cell less."""
        begin = int(np.argmax(self.fits))
        found: list[tuple[tuple[float, ...], int]] = []
        for at in range(begin):
            names = self._split_names(at)
            missing = self.width - len(names)
            if missing not in ((0, 1) if self.width > 1 else (0,)):
                continue
            padded = [""] * missing + names
            named = [padded[i] for i in self.numeric if padded[i]]
            if len(named) < max(1, len(self.numeric) - 1) or (self.width > 1 and len(named) == 1 and " " in named[0]):
                continue
            units = all(_UNIT.fullmatch(n) for n in named)
            words = sum(len(n.split()) for n in named)
            comment = self.rows[at][1][0].lstrip()[:1] in tuple(_COMMENT)
            found.append(((missing, -len(named), units, words, -at if comment else at), at))
        if found:
            return min(found)[1]
        return begin if self.names_are_numbers else None

    @functools.cached_property
    def names_are_numbers(self) -> bool:
        """Whether whole numbers stand above numbers that all have a fraction, as pandas names columns 0 and 1."""
        first, *rest = np.flatnonzero(self.fits)
        if first > 0:
            return False
        sign = self.form.decimal
        names = [self._columns[i][first].strip() for i in self.numeric]
        fractions = all(sign in self._columns[i][at] for i in self.numeric for at in rest[:1000])
        return len(rest) > 1 and all(n.isdigit() for n in names) and len(set(names)) == len(names) and fractions

    def _split_names(self, at: int) -> list[str]:
        """The cells of a record above the numbers, one for each column if they can be names of columns."""
        cells = [" ".join(c.split()) for c in self.rows[at][1]]
        first = cells[0].lstrip(_COMMENT)
        if first != cells[0]:  # a comment: "# x,y" or "# x y", whatever separates the numbers
            cells = [first, *cells[1:]] if first else cells[1:]
            if len(cells) == 1:
                cells = cells[0].replace(",", " ").replace(";", " ").split()
        while len(cells) > self.width and not cells[-1]:
            cells.pop()
        return cells

    @functools.cached_property
    def names(self) -> tuple[str, ...]:
        """Of all columns, no two alike."""
        cells = self._split_names(self.header) if self.header is not None else []
        cells = [""] * (self.width - len(cells)) + cells
        names: list[str] = []
        for i, cell in enumerate(cells):
            name = cell.strip("\"' ")[:40] or Message("column {n}", n=i + 1)
            names.append(f"{name} ({i + 1})" if name in names else name)
        return tuple(names)

    @functools.cached_property
    def body(self) -> NDArray[np.bool_]:
        """(n,) whether a record is a row of the table."""
        body = self.fits.copy()
        if self.header is not None:
            body[self.header] = False
        return body

    @functools.cached_property
    def counter(self) -> int | None:
        """Index of a column that only numbers the rows: the first of them, of whole numbers, none twice, without a
        name beside named ones; or 0, 1, 2 … where no column has a name."""
        i, others = self.numeric[0], len(self.numeric) - 1
        values = self._values[i][self.body]
        if others == 0 or i > 0 or not (np.isfinite(values).all() and (values == np.round(values)).all()):
            return None
        if self.header is None:
            counts = len(values) > 1 and values[0] in (0, 1) and bool((np.diff(values) == 1).all())
            return i if counts and others > 1 else None
        nameless = isinstance(self.names[i], Message) or self.names[i].startswith("Unnamed: ")  # pandas, twice
        return i if nameless and len(np.unique(values)) == len(values) else None

    def values(self, i: int) -> Array:
        """The numbers of column i in the rows of the table."""
        return self._values[i][self.body]

    @property
    def lines(self) -> NDArray[np.int64]:
        """The line of the file on which each row of the table begins."""
        return np.array([line for line, _ in self.rows])[self.body]

    def left_out(self) -> list[Message]:
        """What is in the file, but not in the table."""
        notes = []
        if self.header is not None and self.names_are_numbers:
            line, cells = self.rows[self.header]
            notes.append(
                Message(
                    "Line {line} ({cells}) was taken for the names of the columns.", line=line, cells=shortened(cells)
                )
            )
        rows = [row for at, row in enumerate(self.rows) if not self.body[at] and at != self.header]
        if rows:
            quoted = ", ".join(f"{line} ({shortened(cells)})" for line, cells in rows[:_QUOTED])
            notes.append(
                Message("Lines left out: {lines}.", lines=quoted) if len(rows) <= _QUOTED
                else Message("Lines left out: {lines} and {n:,} more.", lines=quoted, n=len(rows) - _QUOTED)
            )  # fmt: skip
        if self.blank:
            notes.append(Message("Empty rows left out: {lines}.", lines=listed(self.blank)))
        if self.counter is not None:
            notes.append(Message("Column {n} was left out: it only numbers the rows.", n=self.counter + 1))
        if self.texts:
            columns = shortened([self.names[i] for i in self.texts])
            notes.append(Message("Columns left out, because they hold text: {columns}.", columns=columns))
        return notes
