"""The visitor's own target: a drawing, a mixture typed as a formula, or columns of a table."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from gan_core.messages import Message
from gan_core.own_targets import (
    CELLS,
    MAX_POINTS,
    MIN_POINTS,
    from_cells,
    from_formula,
    from_points,
    lookup,
    painted_cells,
)
from gan_core.tables import Table, read_table
from pages.ui import board
from pages.ui.text import tr, tr_message

KINDS = ("line", "plane")  # of targets that a visitor can make
_LARGEST_UPLOAD = 50  # MB that Streamlit takes at all; larger ones than `table_text.MAX_BYTES` get our own sentence


def target_widget(current: str, page: str, prefix: str) -> str | None:
    """Draw, type or upload a target; returns the key of a new one as soon as there is one.

    Args:
        current: key of the target now, of whose dimension the new one will be; a drawing is shown for further painting,
            a mixture for further typing.
        page: prefix of what outlives a change of target: the table.
        prefix: of the widgets' keys.
    """
    dim = lookup(current).dim
    with st.popover(tr("Your own target"), icon=":material/draw:", width="content"):
        first, second = st.tabs([tr("Draw") if dim == 2 else tr("Formula"), tr("Upload a table")])
        state = st.session_state.setdefault(f"{page}_own", {})
        try:
            with first:
                made = _draw(current, prefix) if dim == 2 else _type(current, state, prefix)
            with second:
                made = made or _upload(current, dim, state, page)
        except ValueError as error:
            st.warning(tr_message(error.args[0]))
            return None
        return made if made != current else None


def _draw(current: str, prefix: str) -> str | None:
    painted = painted_cells(current) if current.startswith("cells-") else np.zeros((CELLS, CELLS), dtype=bool)
    drawn = board.painter(f"{prefix}_painter", painted)
    st.caption(tr("Drag to paint, drag again to erase. The link carries your drawing."))
    return None if drawn is None else from_cells(drawn).key


def _type(current: str, state: dict[str, Any], prefix: str) -> str | None:
    key = f"{prefix}_formula"
    st.text_input(
        tr("Mixture of Gaussians"),
        lookup(current).summary if current.startswith("mixture-") else "",
        placeholder="0.8 N(−2, 0.5) + 0.2 N(2, 0.5)",
        key=key,
        on_change=lambda: state.update(typed=st.session_state[key]),  # a new run of the page makes a new widget
    )
    st.caption(tr("In the brackets stand mean and standard deviation of a bell, in front of it its weight: N(400, 1.25). "
                  "The link carries your mixture."))  # fmt: skip
    typed = state.pop("typed", "").strip()
    return from_formula(typed).key if typed else None


# ---- a table ----


def _upload(current: str, dim: int, state: dict[str, Any], page: str) -> str | None:
    file = st.file_uploader(
        tr("A file with columns of numbers: CSV, TSV, TXT, DAT; {low} to {high:,} rows", low=MIN_POINTS,
           high=MAX_POINTS),
        key=f"{page}_upload",
        max_upload_size=_LARGEST_UPLOAD,
    )  # fmt: skip
    st.caption(tr("A link cannot carry a table: it stays on this server while the app runs."))
    if file is not None and file.file_id != state.get("id"):
        state |= {"id": file.file_id, "name": file.name, "table": None, "wanted": True}
        state["table"] = read_table(file.getvalue())
    table: Table | None = state.get("table")
    if table is None:
        return None
    if len(table.names) < dim:
        raise ValueError(Message("The table has {n} columns of numbers; two are needed, x and y.", n=len(table.names)))
    columns = _columns(table, dim, state, page)
    points, notes = _rows(table, columns, state, page)
    proportions = dim == 2 and st.checkbox(
        tr("Keep the proportions"),
        key=f"{page}_proportions_{state['id']}",
        help=tr("One unit for both columns, as on a map. Otherwise each column fills the window."),
        on_change=lambda: state.update(wanted=True),
    )
    st.caption(" ".join(tr_message(note) for note in (*notes, *table.notes)))
    axes = [str(table.names[c]) for c in columns]
    key = from_points(points, state["name"], axes=axes, keep_proportions=proportions).key
    wanted = state.pop("wanted", False)
    if key == current:
        return None
    return key if st.button(tr("Train on this table"), key=f"{page}_train_on_table") or wanted else None


def _columns(table: Table, dim: int, state: dict[str, Any], page: str) -> Sequence[int]:
    """The columns to train on, by menus where there is a choice."""
    suggested = table.suggested(dim)
    if len(table.names) == dim:
        return suggested
    return [
        st.selectbox(
            tr("Column {axis}", axis="xy"[i]),
            range(len(table.names)),
            suggested[i],
            format_func=lambda c: tr_message(table.names[c]),
            key=f"{page}_column_{i}_{state['id']}",
            on_change=lambda: state.update(wanted=True),
        )
        for i in range(dim)
    ]


def _rows(
    table: Table, columns: Sequence[int], state: dict[str, Any], page: str
) -> tuple[np.ndarray, Sequence[Message]]:
    """The rows to train on, without those that lie far from all others if the visitor says so."""
    points, notes = table.select(columns)
    cleaned, notes_of_cleaned = table.select(columns, drop_far=True)
    if len(cleaned) == len(points):
        return points, notes
    drop = st.checkbox(
        tr("Leave out the rows far from all others"),
        key=f"{page}_drop_{state['id']}",
        on_change=lambda: state.update(wanted=True),
    )
    return (cleaned, notes_of_cleaned) if drop else (points, notes)
