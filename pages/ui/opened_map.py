"""A map of settings of a file: the visitor hands it over, as `scripts.sweep` has written it."""

from typing import Any

import streamlit as st

from gan_core.map_table import open_files
from gan_core.messages import Message
from gan_core.settings_map import SettingsMap
from pages.ui.text import tr, tr_message

_LARGEST, _MOST_FILES = 16, 500  # MB of all files together
_LARGEST_UPLOAD = 64  # MB that Streamlit takes at all; larger ones than _LARGEST get our own sentence
_PLAN = "plan.json"  # stands beside the tiles, each of which knows it, too


def opened_map() -> SettingsMap | None:
    """The map that the visitor has opened; says why a file is none. It is kept for the visit."""
    state: dict[str, Any] = st.session_state.setdefault("opened_map", {"ids": (), "found": None, "problem": ""})
    files = st.file_uploader(
        tr(
            "A map or the tiles of one, as `python -m scripts.sweep` writes them: Parquet, {size} MB at most",
            size=_LARGEST,
        ),
        key="map_files",
        accept_multiple_files=True,
        max_upload_size=_LARGEST_UPLOAD,
    )
    files = [file for file in files if file.name != _PLAN]
    if files and (ids := tuple(file.file_id for file in files)) != state["ids"]:
        state |= {"ids": ids, "found": None, "problem": ""}
        with st.spinner(tr("Is being read …")):
            try:
                if sum(file.size for file in files) > _LARGEST * 2**20 or len(files) > _MOST_FILES:
                    raise ValueError(
                        Message("{n} files with {size:.0f} MB: up to {most} files with {high} MB in all are possible",
                                n=len(files), size=sum(file.size for file in files) / 2**20, most=_MOST_FILES, high=_LARGEST)
                    )  # fmt: skip
                state |= {"found": open_files([file.getvalue() for file in files]), "name": files[0].name}
            except ValueError as error:
                state["problem"] = error.args[0]
    if state["problem"]:
        st.warning(tr_message(state["problem"]))
    elif state["found"]:
        found: SettingsMap = state["found"]
        st.caption(tr("{name}: {known:,} of {runs:,} runs. A link cannot carry a file: whoever gets it opens the file, too.",
                      name=state["name"], known=len(found.outcomes), runs=found.plan.n_runs))  # fmt: skip
    else:
        st.caption(tr("Nothing is open yet. Where the file comes from: docs/SWEEPS.md. It is read on this server, kept for "
                      "this visit only, and nothing in it is run."))  # fmt: skip
    found_map: SettingsMap | None = state["found"]
    return found_map
