"""A small training that a lesson shows while its button is on: without a stage, see `live`, but where the runs live.

It is made once somebody trains; until then every visitor sees the same beginning, which is made once.
"""

import contextlib
from collections.abc import Callable, Hashable
from concurrent.futures import CancelledError
from typing import TypeVar

import streamlit as st

from gan_core import RunGone, RunnerFull
from gan_core.messages import Message
from gan_core.watched import Steps
from pages.ui import beside
from pages.ui.relay import WorkerDied
from pages.ui.studio import studio
from pages.ui.text import tr, tr_message

EVERY = 0.5  # seconds from one picture to the next
PATIENCE = 30.0  # seconds that a page waits for one
_BEGINNINGS = 30  # that are kept
T = TypeVar("T", bound=Steps)
S = TypeVar("S")


class _NotMade(RuntimeError):
    """The training could not be made."""


def live(
    key: str, recipe: Hashable, make: Callable[[], T], show: Callable[[T], S], draw: Callable[[S], None], *, steps: int
) -> None:
    """Buttons to train and to start again, and what `draw` shows of the training, which goes on while the first is on.

    Args:
        key: of the exhibit. recipe: what the training is made from; another one starts anew.
        make, show: make it, and what there is to see of it; both, and what is to see, must be what pickle can send.
        steps: after so many it stops.
    """
    on = st.session_state.get(f"{key}_on", False)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(tr("Pause") if on else tr("Train"), icon=":material/pause:" if on else ":material/play_arrow:",
                  type="primary", on_click=_press, args=(key,), key=f"{key}_play")  # fmt: skip
        st.button(tr("Start again"), icon=":material/restart_alt:", on_click=_end, args=(key,), key=f"{key}_again")
    st.fragment(_look, run_every=EVERY if on else None, key=f"{key}_looks")(key, recipe, make, show, draw, steps)


def _press(key: str) -> None:
    st.session_state[f"{key}_on"] = not st.session_state.get(f"{key}_on", False)
    st.session_state.pop(f"{key}_problem", None)


def _end(key: str) -> None:
    """Forget the visitor's training, if there is one."""
    st.session_state.pop(f"{key}_problem", None)
    if training := st.session_state.pop(f"{key}_training", None):
        _forget(training)


def _forget(training: str) -> None:
    with contextlib.suppress(RunGone, WorkerDied, TimeoutError):  # then it is gone, or soon will be
        studio().submit(training, beside.end).result(PATIENCE)


def _look(
    key: str, recipe: Hashable, make: Callable[[], T], show: Callable[[T], S], draw: Callable[[S], None], steps: int
) -> None:
    state = st.session_state
    if state.get(f"{key}_recipe") != recipe:
        _end(key)
        state[f"{key}_recipe"] = recipe
    try:
        shown = _shown(key, recipe, make, show, steps)
    except TimeoutError:
        st.caption(tr("The trainer is busy; the answer comes in a moment."))
        return
    if problem := state.get(f"{key}_problem"):
        st.warning(tr_message(problem))
    if shown is not None:
        draw(shown)


def _shown(key: str, recipe: Hashable, make: Callable[[], T], show: Callable[[T], S], steps: int) -> S | None:
    """What there is to see now, of the visitor's training, which goes on if its button is on, or of the beginning.

    Raises:
        TimeoutError: there is too much else to do.
    """
    state = st.session_state
    on = state.get(f"{key}_on", False)
    try:
        if on and f"{key}_training" not in state:
            state[f"{key}_training"] = studio().place(beside.begin_training, make, steps)
        if training := state.get(f"{key}_training"):
            seen: beside.Seen[S] = studio().submit(training, beside.look, show, playing=on).result(PATIENCE)
            if on and (seen.done or seen.problem):
                _stop(key, seen.problem)
            if seen.done:
                st.caption(
                    tr(
                        "{steps:,} steps are done, and with them this training: start again for another one.",
                        steps=steps,
                    )
                )
            return seen.shown
        return _beginning(key, recipe, make, show)
    except (RunnerFull, _NotMade) as error:
        _stop(key, error.args[0])
    except (RunGone, CancelledError, WorkerDied):
        state.pop(f"{key}_training", None)
        _stop(key, Message("This training was lost, or forgotten since nobody looked at it: start it again."))
    return None


def _stop(key: str, problem: str) -> None:
    """Its button goes off."""
    state = st.session_state
    state[f"{key}_problem"] = problem
    if state.get(f"{key}_on"):
        state[f"{key}_on"] = False
        st.rerun()


@st.cache_data(max_entries=_BEGINNINGS, show_spinner=False)
def _beginning(key: str, recipe: Hashable, _make: Callable[[], T], _show: Callable[[T], S]) -> S | None:
    """What there is to see before the first step."""
    training = studio().place(beside.begin_training, _make, 0)
    try:
        seen: beside.Seen[S] = studio().submit(training, beside.look, _show, playing=False).result(PATIENCE)
    finally:
        _forget(training)
    if seen.problem:
        raise _NotMade(seen.problem)
    return seen.shown
