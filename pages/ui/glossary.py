"""The tables of the glossary, read from the sections of pages/text/<language>/glossary.md, and the search in them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

Row = tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A group of entries.

    Attributes:
        heading: of the group, Markdown.
        rows: the cells of every entry; a `\\|` in a cell stays as it is, the double bar of LaTeX.
    """

    heading: str
    rows: tuple[Row, ...]


def parse_table(section: str) -> Table:
    """The heading and the Markdown table of a section; the table's own head is dropped.

    Raises:
        ValueError: the section has no table, or a row another number of cells than the head.
    """
    heading, _, table = section.partition("\n\n")
    head, *rows = [_cells(line) for line in table.strip().splitlines()]
    if not rows or any(set(cell) - set("-: ") for cell in rows[0]):
        raise ValueError(f"{heading}: a table is needed after the heading and an empty line")
    for row in rows:
        if len(row) != len(head):
            raise ValueError(f"{heading}: {len(row)} cells instead of {len(head)}: {row}")
    return Table(heading, tuple(rows[1:]))


def _cells(line: str) -> Row:
    return tuple(cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1])


def matching(rows: Iterable[Row], query: str) -> list[Row]:
    """The rows that contain every word of the query somewhere; all rows for an empty query.

    Upper and lower case are the same, and so are `p_data` and `$p_{data}$`, 손실 함수 and 손실함수, overfitting and
    over-fitting.
    """
    words = [plain(word) for word in query.split()]
    return [row for row in rows if all(any(word in plain(cell) for cell in row) for word in words)]


def plain(text: str) -> str:
    """Text as one would type it: in lower case, without hyphens and the marks of LaTeX and Markdown.

    Nor are there spaces beside Hangul, because writers differ in where they put them. Those between Latin words stay:
    without them "training and" would hold a GAN.
    """
    text = re.sub(r"[\\{}$*`-]", "", text).casefold()
    return re.sub(r"(?<=[가-힣])\s+|\s+(?=[가-힣])", "", text)
