"""One visitor's run on one live page: its stage, the menus above it, and what the visitor does with them.

The stage itself speaks with the run over the direct line, see `line`; Streamlit draws what stands around it.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import streamlit as st

from gan_core import RunGone, RunnerFull, TrainConfig, cost
from gan_core.config import SETTINGS
from gan_core.images.networks import ARCHITECTURES
from gan_core.messages import Message
from gan_core.twin import twin_of
from pages.ui import (
    admission,
    asking,
    board,
    commands,
    controls,
    frame,
    line,
    link,
    opening,
    own_target,
    stage_frames,
    twin_link,
    twins,
)
from pages.ui.relay import WorkerDied
from pages.ui.rooms import visit
from pages.ui.stage_texts import stage_texts
from pages.ui.studio import deserted, studio
from pages.ui.takeaway import takeaways
from pages.ui.text import language, tr, tr_message

BUDGET = cost.Budget()
PARTS = ("menus", "more", "below")  # of the controls, each a fragment of its own
HIDDEN_WITH = {"menus": link.MENUS, "more": link.MENUS, "below": link.PROSE}  # part -> its name in hide=


def _begin(config: TrainConfig) -> str:
    """A new paused run, beside those that this visitor has: on all pages, and in other tabs as far as the browser has told."""
    pages = [state for key, state in st.session_state.items() if str(key).startswith("live_")]
    mine = [state["run"] for state in pages if isinstance(state, dict) and "run" in state]
    return admission.begin(config, [*mine, *frame.runs_of_browser()], st.context.ip_address)


class LiveRun:
    """One visitor's run on one page; it outlives a visit of other pages, see `Runner`.

    Args:
        page: key prefix, unique per page.
        kind: of the targets and presets on offer, one of `settings.KINDS`; the first preset is the experiment of a first
            visit whose address names none.
        adapt: makes a config possible here, e.g. with data that are on this machine.
    """

    def __init__(self, page: str, kind: str, adapt: Callable[[TrainConfig], TrainConfig] = lambda config: config):
        self.page, self.kind, self.adapt = page, kind, adapt
        asked = link.query()
        self.watched = visit.watched(self._state)
        if self.watched:  # the run of a room: nothing of one's own begins
            return
        visit.take_copy(self._state, _begin)
        if "config" not in self._state or (asked != self._state["asked"] and self._is_new(asked)):
            config, self._state["problems"] = link.asked(kind, adapt, BUDGET)
            self._start(config)
        self._state["asked"] = asked
        if run_id := self._ensure():
            frame.let_browser_keep(run_id)
            if st.session_state.pop("autoplay", False):
                studio().call(run_id, commands.command, {"do": "play"})
        self._fresh_widgets(*PARTS)

    # ---- state ----

    @property
    def _state(self) -> dict[str, Any]:
        return st.session_state.setdefault(f"live_{self.page}", {})

    @property
    def _about(self) -> asking.About | None:
        """What there is to know of the run; None if it was released."""
        try:
            return studio().call(self.watched or self._state.get("run", ""), asking.about)
        except (RunGone, WorkerDied):
            return None

    @property
    def config(self) -> TrainConfig:
        """The run's settings, as the visitor last set them."""
        if about := self._about:
            self._state["config"] = about.config
        return self._state["config"]

    @property
    def id(self) -> str | None:
        """Of the run, for questions to the runner; None if the server is full."""
        return self._ensure()

    def use(self, config: TrainConfig) -> None:
        """Train on these settings from step 0 and show them everywhere. Not from a callback."""
        self._state["problems"] = []
        self._restart(config)
        self._fresh_widgets(*PARTS)
        st.rerun()

    def _stand_at(self, config: TrainConfig) -> None:
        """A recording was opened in the run, and these are its settings: show them everywhere. Not from a callback."""
        self._state["config"], self._state["problems"] = config, []
        self._fresh_widgets(*PARTS)
        st.rerun()

    def _is_new(self, asked: dict[str, str]) -> bool:
        """Whether an address asks for an experiment that this run has never been."""
        if not asked or not (run := self._about):
            return bool(asked)
        config = TrainConfig.from_params(asked, [])
        differing = twin_link.read(asked.get(twin_link.NAME, ""), config, [])
        other_twin = differing is not None and twin_of(config, differing) not in run.twin_configs
        return config not in run.configs or other_twin

    def _start(self, config: TrainConfig) -> None:
        """Begin a new experiment in this visitor's place, paused."""
        self._state["config"] = config
        if self._about:
            studio().call(self._state["run"], asking.start_over, config)
            self._begin_twin(self._state["run"], config)
        elif back := deserted(frame.runs_of_browser(), config):  # the page was loaded again
            self._state["run"] = back

    def _ensure(self) -> str | None:
        """The id of a living run, made anew if it was released; None if the server is full."""
        run_id = self.watched if self.watched in studio() else self._state.get("run", "")
        if run_id not in studio():
            try:
                run_id = self._state["run"] = _begin(self._state["config"])
                self._begin_twin(run_id, self._state["config"])
            except RunnerFull as error:
                self._state["full"] = error.args[0]
                return None
            except WorkerDied:
                self._state["full"] = Message("The server's processes do not answer: load the page again in a moment")
                return None
        self._state.pop("full", None)
        return run_id

    def _begin_twin(self, run_id: str, config: TrainConfig) -> None:
        """Start the twin that the address names, if it names one."""
        problems = self._state.setdefault("problems", [])
        differing = twin_link.read(link.query().get(twin_link.NAME, ""), config, problems)
        if differing is not None:
            self._twin(run_id, differing)

    def _twin(self, run_id: str, differing: Mapping[str, Any]) -> None:
        try:
            studio().call(run_id, asking.start_twin, dict(differing))
        except ValueError as error:
            self._state["problems"] = [error.args[0]]

    # ---- what the visitor does beside the stage ----

    def _change(self, part: str, serial: int, field: str, value: Any) -> None:
        """A widget moved: a live field changes the running trainer, another one starts again. A callback.

        Streamlit also reports widgets that nobody moved: new ones, and old ones that are on their way out.
        """
        if serial != self._widgets[part][0] or value == getattr(self.config, field):
            return
        before, told = controls.preset_of(self.config), self._state.get("problems")
        self._state["problems"] = []
        self._command(lambda run_id: studio().call(run_id, commands.change, {field: value}, from_widgets=True))
        if self._state["problems"] or SETTINGS[field].implies:
            self._redraw(*PARTS)  # the value before a refused one; what goes with the new one
        elif told or before != controls.preset_of(self.config):
            self._redraw("menus", "below")  # the preset's name; never the slider under the visitor's finger

    def _choose(self, serial: int, config: TrainConfig) -> None:
        """A preset was chosen; it keeps the visitor's own target. A callback; see `_change`."""
        config = self.adapt(controls.on_own_target(config, self.config.target))
        if serial != self._widgets["menus"][0] or config == self.config:
            return
        self._state["problems"] = []
        self._restart(config)
        self._redraw(*PARTS)

    def _restart(self, config: TrainConfig) -> None:
        try:
            cost.check(config, BUDGET)
        except cost.TooDear as error:
            self._state["problems"] = [error.args[0]]
            return
        self._state["config"] = config
        self._command(lambda run_id: studio().call(run_id, commands.restart, config, from_widgets=True))

    def _command(self, do: Callable[[str], object]) -> None:
        if (run_id := self._ensure()) and run_id != self.watched:
            try:
                do(run_id)
            except (RunGone, ValueError) as error:
                self._state["problems"] = [error.args[0]]

    def _catch_up(self) -> None:
        """Settings have changed on the stage: show them in the widgets beside it. A callback."""
        self._redraw(*PARTS)

    @property
    def _widgets(self) -> dict[str, tuple[int, TrainConfig]]:
        """Per part of the controls: a serial number in its widgets' keys, and the config they began with."""
        return self._state.setdefault("widgets", dict.fromkeys(PARTS, (0, self.config)))

    def _fresh_widgets(self, *parts: str) -> None:
        """Let the widgets of these parts show the config when they are drawn next: new ones, under new keys."""
        for part in parts:
            self._widgets[part] = (self._widgets[part][0] + 1, self.config)
        if self._about:
            studio().call(self._state["run"], stage_frames.widgets_show, self.config)

    def _redraw(self, *parts: str) -> None:
        """Let the widgets of these parts show the config now, and say what was refused; only a callback may ask for
        that."""
        self._fresh_widgets(*parts)
        st.rerun([f"{self.page}_{part}" for part in (*parts, "problems") if part not in self._absent])

    @property
    def _absent(self) -> set[str]:
        """The parts that the visitor's link hides."""
        hidden = link.hidden()
        return {part for part, name in HIDDEN_WITH.items() if name in hidden}

    # ---- what the visitor sees ----

    def head(self, title: str) -> None:
        """The row above the stage: the page's title, the menus, and the settings behind one click."""
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="stage_head"):
            st.title(title, anchor=False, width="content")
            if link.MENUS in link.hidden() or self.watched:
                return
            st.fragment(self._menus, key=f"{self.page}_menus")()
            with st.popover(tr("Twins"), icon=":material/call_split:", width="content"):
                st.fragment(self._twins, key=f"{self.page}_twins")()
            with st.popover(tr("More settings"), icon=":material/tune:", width="content"):
                st.fragment(self._more, key=f"{self.page}_more")()
                opening.section(self.kind, self.page, self._ensure, self._stand_at)

    def stage(self) -> None:
        """The picture, the curves, the buttons and the live sliders: what speaks with the run directly."""
        st.fragment(self._problems, key=f"{self.page}_problems")()
        self._stage()
        if "below" not in self._absent and not self.watched:
            st.fragment(self._below, key=f"{self.page}_below")()

    def end_if_prose_is_hidden(self) -> None:
        """The page ends here if the link that the visitor follows hides what stands below the stage."""
        if link.PROSE in link.hidden():
            st.stop()

    def _problems(self) -> None:
        for problem in self._state.get("problems", []):
            st.warning(tr_message(problem))

    def _stage(self) -> None:
        run_id = self._ensure()
        if run_id is None:
            st.warning(tr_message(self._state["full"]))
            return
        key = studio().call(run_id, asking.watch_key) if run_id == self.watched else run_id
        data = {"line": f"{line.PATH}/{key}", "kind": self.kind, "lang": language(), "hide": link.hidden(),
                "texts": stage_texts(), "take": takeaways.menu()}  # fmt: skip
        self._state["picked"] = board.live_stage(f"{self.page}_stage", data, on_stale=self._catch_up)

    def _widget(self, part: str, field: str) -> None:
        serial, initial = self._widgets[part]
        on_change = partial(self._change, part, serial)
        controls.field_widget(field, initial, on_change, f"{self.page}_{part}_{serial}")

    def _menus(self) -> None:
        serial, initial = self._widgets["menus"]
        prefix = f"{self.page}_menus_{serial}"
        with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
            controls.preset_widget(initial, self.kind, partial(self._choose, serial), prefix)
            controls.target_widget(initial, self.kind, partial(self._change, "menus", serial), prefix)
            if self.kind in own_target.KINDS:
                target = own_target.target_widget(self.config.target, self.page, prefix)
                if target:
                    self.use(self.config.replace(target=target))

    def _twins(self) -> None:
        run_id = self._ensure()
        if run_id:
            twins.chooser(self.config, partial(self._twin, run_id), f"{self.page}_twins")

    def _more(self) -> None:
        for field in controls.fields("menus", self.kind, self.config):
            self._widget("more", field)
            if field == "architecture":
                st.caption(tr(ARCHITECTURES[self.config.architecture].summary))
        for field in controls.fields("more", self.kind, self.config):
            self._widget("more", field)
        with st.expander(tr("Networks and seed (start again from step 0)")):
            for field in controls.fields("network", self.kind, self.config):
                self._widget("more", field)
        controls.loss_formulas(self.config)

    def _below(self) -> None:
        controls.preset_story(self.config)
