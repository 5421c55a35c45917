"""A small training that a lesson goes on with in slices, while its button is on.

Lessons train too little for a run of their own (see `live`): a slice is a quarter of a second in the visitor's script, and the
fragment comes back for the next one. One slice at a time in this process; whoever finds another visitor at it draws what there
is, and comes back.
"""

import threading
import time
from collections.abc import Callable, Hashable
from typing import Any, Protocol, TypeVar

import streamlit as st

from gan_core.training import TrainingDiverged
from pages.ui.text import tr, tr_message

SLICE = 0.25  # seconds of training, every
EVERY = 0.5  # seconds
REST = 0.2  # seconds after a slice in which a slider that is moved is answered at once, without another one
_AT_WORK = threading.Lock()


class Steps(Protocol):
    """What goes on step by step."""

    def step(self) -> Any:
        """One step."""
        ...


T = TypeVar("T", bound=Steps)


def training(key: str, recipe: Hashable, make: Callable[[], T]) -> T:
    """The visitor's training under this key; a new one if there is none, or if it is of another recipe."""
    state = st.session_state
    if state.get(f"{key}_recipe") != recipe:
        state[f"{key}_recipe"], state[f"{key}_training"], state[f"{key}_steps"] = recipe, make(), 0
    return state[f"{key}_training"]


def _press(key: str) -> None:
    st.session_state[f"{key}_on"] = not st.session_state.get(f"{key}_on", False)


def _again(key: str) -> None:
    st.session_state.pop(f"{key}_recipe", None)


def live(
    key: str, recipe: Hashable, make: Callable[[], T], draw: Callable[[T], None], *, steps: int, seconds: float = SLICE
) -> None:
    """Buttons to train and to start again, and what `draw` shows of the training, which goes on while the first is on.

    Args:
        key: of the exhibit. recipe: what the training is made from; another one starts anew. make: makes it.
        steps: after so many it stops. seconds: of a slice.
    """
    on = st.session_state.get(f"{key}_on", False)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(tr("Pause") if on else tr("Train"), icon=":material/pause:" if on else ":material/play_arrow:",
                  type="primary", on_click=_press, args=(key,), key=f"{key}_play")  # fmt: skip
        st.button(tr("Start again"), icon=":material/restart_alt:", on_click=_again, args=(key,), key=f"{key}_again")
    st.fragment(_slice, run_every=EVERY if on else None, key=f"{key}_slices")(key, recipe, make, draw, steps, seconds)


def _slice(
    key: str, recipe: Hashable, make: Callable[[], T], draw: Callable[[T], None], steps: int, seconds: float
) -> None:
    state = st.session_state
    now = training(key, recipe, make)
    if state.get(f"{key}_on") and time.monotonic() - state.get(f"{key}_ended", 0.0) > REST:
        if state[f"{key}_steps"] >= steps:
            state[f"{key}_on"] = False
            st.rerun()
        try:
            state[f"{key}_steps"] += advance(now, seconds, steps - state[f"{key}_steps"])
        except TrainingDiverged as error:
            st.warning(tr_message(error.args[0]))
        state[f"{key}_ended"] = time.monotonic()
    draw(now)


def advance(now: Steps, seconds: float, most: int) -> int:
    """Train for so long, `most` steps at most, unless another visitor's slice is at work; returns the steps."""
    if not _AT_WORK.acquire(blocking=False):
        return 0
    try:
        end, done = time.monotonic() + seconds, 0
        while done < most and time.monotonic() < end:
            now.step()
            done += 1
        return done
    finally:
        _AT_WORK.release()
