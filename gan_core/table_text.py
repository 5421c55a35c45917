"""From the bytes of a table in text form to cells: encoding, separator and decimal sign, by competing hypotheses.

No line decides alone. Every combination of a separator and a decimal sign reads a sample of the lines, and is scored
by the share of lines that give the same number of numbers; see `Format`.
"""

import codecs
import collections
import contextlib
import csv
import functools
import io
import itertools
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gan_core.messages import Message

MAX_BYTES, MAX_COLUMNS, MAX_CELLS = 10_000_000, 1_000, 2_000_000
MAX_LINES = 25_000  # of a file; some rows more than a target can have, for titles and blanks
_LONGEST_LINE = 100_000  # characters
_EDGE = 10  # lines at both ends of a column that are read one by one
_LONGEST_NUMBER = 60  # characters
_SAMPLED_LINES, _SAMPLED_CELLS = 300, 20_000  # read by every hypothesis

SEPARATORS = {  # those of equal score in this order; "" = one column
    ",": Message("comma"), ";": Message("semicolon"), "\t": Message("tab"), "|": Message("vertical bar"),
    " ": Message("spaces"), "": Message("none"),
}  # fmt: skip
DECIMAL_SIGNS = {".": Message("point"), ",": Message("comma")}
_MISSING = frozenset(("", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "-", "--", "?", ".", "missing", "<na>"))
_MINUS = str.maketrans(dict.fromkeys("−–‐‑﹣－", "-") | dict.fromkeys("\u00a0\u2007\u2009\u202f", " "))
_AROUND = " \t\r\n\"'$€£¥₩%°"  # around a number, without a meaning here
_CUT_OFF = re.compile(r"[+-]?0\d|-0$")  # 042, -0: rather a piece of a number than a number
_SIGNATURES = (  # how files that are no text begin
    (b"PK\x03\x04", Message("an Excel workbook or a zip file")),
    (b"\xd0\xcf\x11\xe0", Message("an old Excel workbook")),
    (b"\x1f\x8b", Message("a gzip file")),
    (b"\x89PNG", Message("a picture")),
    (b"\xff\xd8\xff", Message("a picture")),
    (b"%PDF", Message("a PDF file")),
    (b"\x93NUMPY", Message("a NumPy array")),
)
NO_NUMBERS = Message("No column of numbers was found in the file. Each line needs at least one number, with a comma, a "
                     "semicolon, a tab or spaces between several.")  # fmt: skip
_BOMS = (  # utf-32 begins as utf-16 does
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip

Row = tuple[int, list[str]]  # the first line of a record in the file, from 1, and its cells


@dataclass(frozen=True)
class Format:
    """One hypothesis of how cells and numbers are written.

    Attributes:
        separator: a key of `SEPARATORS`.
        decimal: a key of `DECIMAL_SIGNS`.
        quotes: whether double quotes hold a cell together.
    """

    separator: str
    decimal: str
    quotes: bool = True

    def rows(self, text: str) -> list[Row]:
        """The records of a text, blank ones included, with the line each begins on."""
        lines: Iterable[str] = io.StringIO(text, newline="")  # CR, LF and CRLF end a line
        if self.separator == "":
            return [(number, [line.strip()]) for number, line in enumerate(lines, 1)]
        if self.separator == " ":  # runs of blanks count as one: `skipinitialspace` sees to it
            lines = (line.strip().replace("\t", " ") + "\n" for line in lines)
        reader = csv.reader(
            lines,
            delimiter=self.separator,
            quoting=csv.QUOTE_MINIMAL if self.quotes else csv.QUOTE_NONE,
            skipinitialspace=True,
        )
        found, begin = [], 1
        for cells in reader:
            found.append((begin, cells))
            begin = reader.line_num + 1
        return found

    def number(self, cell: str) -> float | None:
        """The number in a cell: nan where it says that none is there, None where it is something else."""
        return _number(cell, self.decimal)

    def numbers(self, cells: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """`number` of each cell, (n,), nan for words; and which are words, (n,)."""
        begin, end = min(_EDGE, len(cells)), max(len(cells) - _EDGE, _EDGE)  # names and footers stand outside
        inner = cells[begin:end]
        joined = "".join(inner)
        plain = "_" not in joined and (self.decimal == "." or "." not in joined)
        found: list[float | None] | None = None
        if plain and inner:  # NumPy reads plain numbers much faster
            with contextlib.suppress(ValueError):
                texts = inner if self.decimal == "." else [c.replace(",", ".") for c in inner]
                found = np.array(texts, dtype=np.float64).tolist()
        if found is None:
            found = [_number(c, self.decimal) for c in inner]
        edges = [[_number(c, self.decimal) for c in part] for part in (cells[:begin], cells[end:])]
        found = [*edges[0], *found, *edges[1]]
        words = np.array([v is None for v in found], dtype=bool)
        return np.array([np.nan if v is None else v for v in found], dtype=np.float64), words

    def score(self, text: str) -> tuple[float, int]:
        """How well this hypothesis reads a text: the share of lines with a number in every column of numbers, times
        the share of such columns, 0 to 1; and the number of such columns. Missing values do no harm."""
        try:
            cells = [c for _, c in self.rows(text) if any(c)]
        except csv.Error:  # a cell beyond csv's limit: a quote that is never closed
            cells = []
        if not cells:
            return 0, 0
        width = collections.Counter(map(len, cells)).most_common(1)[0][0]
        full = [c for c in cells if len(c) == width]
        odd, numeric, text_columns = 0, [], 0
        for column in zip(*full, strict=True):
            values = [_number(c, self.decimal) for c in column]
            finite, words = sum(v is not None and not math.isnan(v) for v in values), values.count(None)
            if finite > words:
                numeric.append(values)
                odd += sum(bool(_CUT_OFF.match(c)) for c in column)
            else:
                text_columns += words > 0
        if not numeric:
            return 0, 0
        good = sum(None not in row for row in zip(*numeric, strict=True)) / len(cells)
        share = (len(numeric) - 0.5 * odd / len(full)) / (len(numeric) + text_columns)
        return round(good * share * self.header_fits(cells, width) * self.trust(text), 6), len(numeric)

    def trust(self, text: str) -> float:
        """1, or less for what is rarely meant: quotes that mean nothing, blanks between columns beside tabs."""
        return (1.0 if self.quotes else 0.9) * (0.95 if self.separator == " " and "\t" in text else 1.0)

    def header_fits(self, cells: list[list[str]], width: int) -> float:
        """1 if one of the lines above the numbers has as many cells as they do, or none is there; else a little less.

        R writes no name above the names of rows. A single cell of several words is a title.
        """
        above = list(itertools.takewhile(lambda row: all(self.number(c) is None for c in row if c.strip()), cells[:10]))
        above = [row for row in above if len(row) > 1 or " " not in row[0].strip()]
        fits = any(len(row) == width or len(row) == width - 1 >= 2 for row in above)
        return 1.0 if fits or not above else 0.97


# ---- bytes to text ----


def decode(data: bytes) -> tuple[str, str]:
    """The text in a file, and the name of its encoding.

    A byte order mark is obeyed. Without one it is UTF-8 if it can be, else CP949 if that gives Hangul, else
    Windows-1252: digits are the same in all of them, so that the letters of a header decide nothing else.

    Raises:
        ValueError: it is empty, too large, or no text.
    """
    if not data.strip(b" \t\r\n,;\0"):
        raise ValueError(Message("The file is empty; a table with columns of numbers is needed."))
    if len(data) > MAX_BYTES:
        raise ValueError(
            Message("The file has {size:.1f} MB; up to {high:.0f} MB are possible. Keep the columns and rows you need.",
                    size=len(data) / 1e6, high=MAX_BYTES / 1e6)
        )  # fmt: skip
    for begin, kind in _SIGNATURES:
        if data.startswith(begin):
            raise ValueError(_no_table(kind))
    text, encoding = _decoded(data)
    text = text.rstrip("\0\x1a\ufeff")
    odd = sum(map(text[:100_000].count, "\0\1\2\3\4\5\6\7\x0e\x0f\x10\x7f\ufffd"))
    if "\0" in text or odd > 0.02 * min(len(text), 100_000):
        raise ValueError(_no_table(Message("no text")))
    if text.lstrip().startswith(("{", "[{")):
        raise ValueError(_no_table(Message("JSON")))
    if text.lstrip().startswith("<"):
        raise ValueError(_no_table(Message("a web page")))
    return text, encoding


def _no_table(kind: Message) -> Message:
    return Message("The file is {kind}, not a table of rows and columns. Open it where it was made and save it as CSV.",
                   kind=kind)  # fmt: skip


def _decoded(data: bytes) -> tuple[str, str]:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data.decode(encoding, "replace"), encoding.removesuffix("-sig").upper()
    for encoding, first in (("utf-16-le", 1), ("utf-16-be", 0)):
        if data[first:2000:2].count(0) > 0.4 * len(data[:2000]) / 2 > 10 * data[1 - first : 2000 : 2].count(0):
            return data.decode(encoding, "replace"), "UTF-16"
    try:
        return data.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
    beyond_ascii = re.findall(r"[^\x00-\x7f]", text)
    if beyond_ascii.count("\ufffd") < 0.2 * len(beyond_ascii):  # UTF-8 with a damaged letter
        return text, "UTF-8"
    try:
        text = data.decode("cp949")
        if len(re.findall("[가-힣]", text)) > 0.6 * len(re.findall(r"[^\x00-\x7f]", text)):
            return text, "CP949"
    except UnicodeDecodeError:
        pass
    return data.decode("cp1252", "replace"), "Windows-1252"


# ---- cells to numbers ----


@functools.cache
def _pattern(decimal: str) -> re.Pattern[str]:
    """Numbers with groups of three digits or without, of a fraction, of an exponent as C or Fortran writes it."""
    group = r"[.' ]" if decimal == "," else r"[,' ]"
    whole = rf"(?:[1-9]\d{{0,2}}(?P<group>{group})\d{{3}}(?:(?P=group)\d{{3}})*|\d+)"
    fraction = rf"(?:{re.escape(decimal)}\d*)?"
    return re.compile(rf"[+-]?\s?(?:{whole}{fraction}|{re.escape(decimal)}\d+)(?:[eEdD][+-]?\d{{1,4}})?")


def _number(cell: str, decimal: str) -> float | None:
    if "_" not in cell and (decimal == "." or "." not in cell):
        with contextlib.suppress(ValueError):
            return float(cell if decimal == "." else cell.replace(",", "."))
    cell = cell.strip(_AROUND).translate(_MINUS)
    if len(cell) > _LONGEST_NUMBER:
        return None
    if _pattern(decimal).fullmatch(cell):
        other = "." if decimal == "," else ","
        plain = cell.replace(other, "").replace("'", "").replace(" ", "").replace(decimal, ".")
        return float(plain.lower().replace("d", "e"))
    return math.nan if cell.lower() in _MISSING else None


# ---- the best hypothesis ----


def unwrapped(text: str) -> str:
    """The text without brackets around each line, as Python prints lists, tuples and arrays."""
    lines = io.StringIO(text, newline="").readlines()
    inner = [line.strip(" \t,;[]()\r\n") for line in lines]
    filled = sum(not line.isspace() for line in lines)
    wrapped = sum(line.lstrip()[:1] in ("[", "(") and line.rstrip(" \t\r\n,;")[-1:] in ("]", ")") for line in lines)
    if wrapped < 0.8 * filled or any("(" in line or "[" in line for line in inner):
        return text
    return "\n".join(inner)


def formats(text: str, separator: str | None) -> list[Format]:
    """The hypotheses that read this text best, the best first; at most four.

    Args:
        separator: the one that the file announces, or None.
    Raises:
        ValueError: too many columns; no hypothesis finds columns of numbers.
    """
    lines = io.StringIO(text, newline="").readlines()
    filled = [line for line in lines if line.strip(' \t\r\n,;|"')]
    possible, widest = [], 1
    for candidate in SEPARATORS if separator is None else [separator]:
        width = _width(filled, candidate)
        widest = max(widest, width)
        if width <= MAX_COLUMNS and width * len(filled) <= MAX_CELLS:
            possible.append(candidate)
    sample = "".join(_sampled(filled, min(_SAMPLED_LINES, max(20, _SAMPLED_CELLS // min(widest, MAX_COLUMNS)))))
    scored = []
    for candidate in possible:
        commas = "," in text and (candidate != "," or '"' in text)  # within a cell
        for decimal in DECIMAL_SIGNS if commas else ".":
            for quotes in (True, False) if '"' in sample and candidate else (True,):
                hypothesis = Format(candidate, decimal, quotes)
                scored.append((hypothesis.score(sample), hypothesis))
    scored.sort(key=lambda s: s[0], reverse=True)
    if not scored or scored[0][0] == (0, 0):
        if widest > MAX_COLUMNS or len(possible) < len(SEPARATORS if separator is None else [separator]):
            raise ValueError(
                Message("The table has {n:,} columns and {rows:,} lines; up to {high:,} columns and {cells:,} cells are "
                        "possible. Keep the columns you need.", n=widest, rows=len(filled), high=MAX_COLUMNS,
                        cells=MAX_CELLS)
            )  # fmt: skip
        raise ValueError(NO_NUMBERS)
    return [hypothesis for value, hypothesis in scored[:4] if value[0] > 0.9 * scored[0][0][0]]


def check_size(text: str) -> None:
    """Raises:
    ValueError: too many lines, or one too long to be a row of a table.
    """
    n = max(text.count("\n"), text.count("\r"))
    if n > MAX_LINES:
        raise ValueError(
            Message("The file has {n:,} lines; up to {high:,} are possible. Keep a random part of the rows.",
                    n=n, high=MAX_LINES)
        )  # fmt: skip
    for number, line in enumerate(io.StringIO(text, newline=""), 1):
        if len(line) > _LONGEST_LINE:
            raise ValueError(
                Message("Line {line} of the file has {n:,} characters; up to {high:,} are possible. Put one row on each "
                        "line, and keep the columns you need.", line=number, n=len(line), high=_LONGEST_LINE)
            )  # fmt: skip


def _width(lines: Sequence[str], separator: str) -> int:
    """Columns of the widest line, before anything is taken apart; quotes can only lower that."""
    if separator == "":
        return 1
    return max((len(t.split()) if separator == " " else t.count(separator) + 1 for t in lines), default=1)


def _sampled(lines: list[str], n: int) -> list[str]:
    """The first, the last and the middle n / 3 lines."""
    if len(lines) <= n:
        return lines
    part, middle = n // 3, len(lines) // 2
    return lines[:part] + lines[middle : middle + part] + lines[-part:]
