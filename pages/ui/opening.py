"""A recording of a file: the visitor hands it over, and says what it is for."""

from collections.abc import Callable

import streamlit as st

from gan_core import TrainConfig, recording_file
from gan_core.recording import Tape
from gan_core.tensor_files import MAX_BYTES
from pages.ui.feed import runner
from pages.ui.text import tr, tr_message

PAGES = {"line": "pages/09_train_1d.py", "plane": "pages/10_train_2d.py", "images": "pages/11_train_mnist.py"}
_LARGEST = MAX_BYTES // 2**20  # MB


def section(kind: str, page: str, ensure: Callable[[], str | None], stand_at: Callable[[TrainConfig], object]) -> None:
    """Behind one click: a file to open in the visitor's run, or to compare it with; says why one is no recording.

    Args:
        kind: of the page's targets. page: prefix of the widgets' keys.
        ensure: -> the id of the visitor's run; None if the server is full.
        stand_at: told the settings of a recording that was opened; the run stands at its end.
    """

    def body() -> None:
        run_id = ensure()
        if run_id and (config := _recording(kind, page, run_id)):
            stand_at(config)

    with st.expander(tr("Open a recording"), icon=":material/movie:"):
        st.fragment(body, key=f"{page}_opening")()


def _recording(kind: str, page: str, run_id: str) -> TrainConfig | None:
    """The settings of a recording that was opened just now, if one was."""
    file = st.file_uploader(
        tr("A recording, as “Take it with you” gives it; at most {size} MB", size=_LARGEST),
        key=f"{page}_recording",
        max_upload_size=_LARGEST,
    )
    with st.container(horizontal=True):
        play_on, compare = (
            st.button(label, key=f"{page}_recording_{i}", disabled=file is None)
            for i, label in enumerate((tr("Look at it and play on"), tr("Compare with it, as the ghost")))
        )
    if file is not None and (play_on or compare):
        with st.spinner(tr("Is being read …")):
            tape = _read(file.getvalue(), kind)
        if tape and play_on:
            return runner().run(run_id).open(tape)
        if tape:
            runner().run(run_id).set_ghost(tape.recording)
            st.success(tr("It is the ghost of the stage now."))
    return None


def _read(data: bytes, kind: str) -> Tape | None:
    """The tape; None, and a sentence on the page, if it is none or belongs elsewhere."""
    try:
        tape = recording_file.loads(data, runner().budget)
    except ValueError as error:
        st.warning(tr_message(error.args[0]))
        return None
    if tape.end.config.kind != kind:
        st.warning(tr("This recording is of another page: open it there."))
        st.page_link(PAGES[tape.end.config.kind])
        return None
    return tape
