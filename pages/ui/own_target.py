"""The visitor's own 2D target: drawn cell by cell, or a table of points from a CSV file."""

from typing import IO

import numpy as np
import pandas as pd
import streamlit as st

from gan_core.messages import Message
from gan_core.own_targets import CELLS, MAX_POINTS, MIN_POINTS, from_cells, from_points, painted_cells
from pages.ui import board
from pages.ui.text import tr, tr_message


def target_widget(current: str, prefix: str) -> str | None:
    """Draw or upload a target; returns the key of a new one as soon as there is one.

    Args:
        current: key of the target now; a drawing is shown for further painting.
    """
    with st.popover(tr("Your own target"), icon=":material/draw:", width="stretch"):
        draw, upload = st.tabs([tr("Draw"), tr("Upload CSV")])
        with draw:
            painted = painted_cells(current) if current.startswith("cells-") else np.zeros((CELLS, CELLS), dtype=bool)
            drawn = board.painter(f"{prefix}_painter", painted)
            st.caption(tr("Drag to paint, drag again to erase. The link carries your drawing."))
        with upload:
            file = st.file_uploader(
                tr("Two columns of numbers, {low} to {high:,} rows", low=MIN_POINTS, high=MAX_POINTS),
                type=["csv", "txt"],
                key=f"{prefix}_upload",
            )
            st.caption(tr("The first two numeric columns count. A link cannot carry a table: it stays on this server "
                          "while the app runs."))  # fmt: skip
        try:
            if drawn is not None:
                key = from_cells(drawn).key
            elif file is not None:
                key = from_points(read_points(file), file.name).key
            else:
                return None
        except ValueError as error:
            st.warning(tr_message(error.args[0]))
            return None
        return key if key != current else None


def read_points(file: IO[bytes]) -> np.ndarray:
    """The first two numeric columns of a CSV file, with or without a header line, as (n, 2) floats.

    Commas, semicolons (then with decimal commas), tabs or spaces stand between the columns.

    Raises:
        ValueError: it is empty, not a text table, has fewer than two columns of numbers, or too many rows.
    """
    try:
        first = next((t for t in iter(file.readline, b"") if t.strip()), b"").decode("utf-8-sig")
        file.seek(0)
        separator = next((s for s in ";,\t" if s in first), r"\s+")
        decimal = "," if separator == ";" and "." not in first else "."
        table = pd.read_csv(file, sep=separator, decimal=decimal, header=None, nrows=MAX_POINTS + 2, dtype=str,
                            skipinitialspace=True, encoding="utf-8-sig")  # fmt: skip
    except pd.errors.EmptyDataError:
        raise ValueError(Message("The file is empty; two columns of numbers are needed.")) from None
    except (pd.errors.ParserError, ValueError):  # a wrong encoding is a ValueError
        raise ValueError(
            Message("The file is not a table in text form; save it as CSV, with commas between the columns.")
        ) from None
    numbers = table.apply(lambda column: pd.to_numeric(column.str.replace(decimal, "."), errors="coerce"))
    if numbers.iloc[0].isna().all():  # a header
        numbers = numbers.iloc[1:]
    if len(numbers) > MAX_POINTS:
        raise ValueError(
            Message("The table has more than {high:,} rows, the most that is possible; keep a random part of it.",
                    high=MAX_POINTS)
        )  # fmt: skip
    good = [c for c in numbers if numbers[c].notna().mean() > 0.5]
    if len(good) < 2:
        raise ValueError(Message("The table has {n} columns of numbers; two are needed, x and y.", n=len(good)))
    return numbers[good[:2]].to_numpy(dtype=np.float64)
