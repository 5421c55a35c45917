"""One visitor's map of settings: a finished one, or one in training where the runs live, see `beside`."""

import contextlib
from concurrent.futures import CancelledError
from typing import Any

import streamlit as st

from gan_core import RunGone, RunnerFull
from gan_core.lessons.finished_maps import finished
from gan_core.lessons.map_reading import MapReading, read_map
from gan_core.map_plan import Plan
from gan_core.messages import Message
from gan_core.settings_map import Progress, SettingsMap
from pages.ui import beside
from pages.ui.relay import WorkerDied
from pages.ui.studio import studio

LOOK_EVERY = 1.0  # seconds, while it trains


class LiveMap:
    """The map of a plan, in the session of the visitor.

    Args:
        plan: what the visitor has chosen; another one than before ends what is in training.
        given: the map of this plan, if it is there already.

    Attributes:
        problem: why it cannot be trained, or "".
    """

    def __init__(self, plan: Plan, given: SettingsMap | None = None):
        if self._state.get("plan") != plan or (given and given != self._state["found"]):
            self.stop()
            before = self._state.get("found")
            self._state.clear()
            self._state.update(plan=plan, found=given or finished(plan) or SettingsMap(plan, ()), step=0)
            if before and before.complete and _alike(before.plan, plan):
                self._state["before"] = read_map(before)

    @property
    def _state(self) -> dict[str, Any]:
        return st.session_state.setdefault("live_map", {})

    @property
    def found(self) -> SettingsMap:
        """What is known of it."""
        return self._state["found"]

    @property
    def before(self) -> MapReading | None:
        """What the finished map said that was here before, of the same target and axes; None without one."""
        return self._state.get("before")

    @property
    def problem(self) -> str:
        """Why it is not in training, though the visitor has asked for it; or ""."""
        return self._state.get("problem", "")

    @property
    def training(self) -> bool:
        """Whether it is being trained."""
        return "key" in self._state

    @property
    def share_done(self) -> float:
        """How much of its training is done, in [0, 1]."""
        return self._state["step"] / self.found.plan.steps

    def start(self) -> None:
        """Train it from the beginning."""
        self.stop()
        plan = self.found.plan
        try:
            self._state["key"] = studio().place(beside.begin_map, plan)
            self._state.update(found=SettingsMap(plan, ()), step=0, problem="")
        except RunnerFull as error:
            self._state["problem"] = error.args[0]

    def stop(self) -> None:
        """End its training; what is known stays."""
        if key := self._state.pop("key", None):
            with contextlib.suppress(RunGone, RuntimeError):
                studio().submit(key, beside.end).result()

    def refresh(self) -> None:
        """Ask how far it is."""
        try:
            seen: beside.Seen[Progress] = studio().submit(self._state["key"], beside.look).result()
        except (RunGone, CancelledError):
            self._lose(Message("This map was forgotten, because nobody looked at it: train it again"))
            return
        except WorkerDied:
            self._lose(Message("The map was lost with its process: train it again"))
            return
        self._state["problem"] = seen.problem
        if seen.shown:
            self._state["step"] = seen.shown.step
            if seen.shown.outcomes != self.found.outcomes:
                self._state["found"] = SettingsMap(self.found.plan, seen.shown.outcomes)
        if seen.done or seen.problem:
            self.stop()

    def _lose(self, problem: str) -> None:
        del self._state["key"]
        self._state["problem"] = problem


def _alike(one: Plan, other: Plan) -> bool:
    """Whether two maps differ in what moves them only: same target, axes and seeds."""
    return (one.base.target, one.x, one.y, one.seeds) == (other.base.target, other.x, other.y, other.seeds)
