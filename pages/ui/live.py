"""Play, pause, step and reset around one run: the only place with fragments and run handles."""

import secrets
from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from gan_core import LOSSES, RunGone, Runner, RunnerFull, TrainConfig, cost
from gan_core.config import SETTINGS
from gan_core.images.networks import ARCHITECTURES
from gan_core.snapshot import PLAYING
from pages.ui import board, controls, frame, link, own_target
from pages.ui.scenes import SCENES
from pages.ui.text import language, tr, tr_message

SPEEDS = (1.0, 10.0, 100.0, 0.0)  # steps per second; 0 = no cap

PARTS = ("menus", "sliders", "more")  # of the controls, each a fragment of its own


@st.cache_resource
def runner() -> Runner:
    """The one runner of this server; all visitors share its threads."""
    return Runner()


@st.cache_resource(scope="session", on_release=lambda run_id: runner().detach(run_id))
def _attached(run_id: str) -> str:
    """Tells the runner that this visitor is here. Streamlit releases it when the connection ends, even for a moment;
    the next script run attaches again, and the run's grace period bridges the gap."""
    runner().attach(run_id)
    return run_id


class LiveRun:
    """One visitor's run on one page, kept over page switches.

    Args:
        page: key prefix, unique per page.
        kind: of the targets and presets on offer, one of `settings.KINDS`; the first preset is the experiment of a first
            visit whose address names none.
        look: what else the board's pictures depend on, and the visitor chooses.
        adapt: makes a config possible here, e.g. with data that are on this machine.
        follower: key of a fragment to draw again when the visitor picks images on the board.
    """

    def __init__(
        self,
        page: str,
        kind: str,
        look: Callable[[], Any] = lambda: None,
        adapt: Callable[[TrainConfig], TrainConfig] = lambda config: config,
        follower: str = "",
    ):
        self.page = page
        self.kind = kind
        self.look = look
        self.adapt = adapt
        self.follower = follower
        if "config" not in self._state or self._link.is_new():
            config, self._state["problems"] = link.asked(kind, adapt, runner().budget)
            self._link.visit(config, as_asked=not self._state["problems"])
            self._start(config)
        if run_id := self._ensure():
            frame.let_browser_keep(run_id)
        self._fresh_widgets(*PARTS)
        if st.session_state.pop("autoplay", False):
            self._play()

    # ---- state ----

    @property
    def _state(self) -> dict[str, Any]:
        return st.session_state.setdefault(f"live_{self.page}", {})

    @property
    def _link(self) -> link.Link:
        return self._state.setdefault("link", link.Link())

    @property
    def config(self) -> TrainConfig:
        """The run's settings, as the visitor last set them."""
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

    def _start(self, config: TrainConfig) -> None:
        """Begin a new experiment in this visitor's place, paused."""
        self._state["config"] = config
        if self._state.get("run") in runner():
            self._pause()
            runner().reset(self._state["run"], config)
        elif back := runner().deserted(frame.runs_of_browser(), config):  # the page was loaded again
            run = runner().run(back)
            self._state.update(run=back, playing=run.state == PLAYING, speed=run.speed)
        self._link.share(self.config)

    def _ensure(self) -> str | None:
        """The id of a living run, made anew if it was released; None if the server is full."""
        run_id = self._state.get("run", "")
        if run_id not in runner():
            try:
                run_id = self._state["run"] = runner().create(self.config)
                self._state["playing"] = False
            except RunnerFull as error:
                self._state["full"] = error.args[0]
                return None
        self._state.pop("full", None)
        return _attached(run_id)

    # ---- what the visitor does ----

    def _command(self, do: Any) -> None:
        run_id = self._ensure()
        if run_id:
            try:
                do(run_id)
            except (RunGone, ValueError) as error:
                self._state["problems"] = [error.args[0]]

    def _change(self, part: str, serial: int, field: str, value: Any) -> None:
        """A widget moved: a live field changes the running trainer, another one starts again. A callback.

        Streamlit also reports widgets that nobody moved: new ones, and old ones that are on their way out.
        """
        if serial != self._widgets[part][0] or value == getattr(self.config, field):
            return
        implies = SETTINGS[field].implies
        before, self._state["problems"] = controls.preset_of(self.config), []
        try:
            if SETTINGS[field].live:
                self._set_live(field, value)
            else:
                implied = implies(value) if implies else {}
                self._restart(self.config.replace(**{field: value}, **implied), field)
        except ValueError as error:
            self._state["problems"] = [error.args[0]]
        self._link.share(self.config)
        if self._state["problems"] or implies:
            self._redraw(*PARTS)  # the value before a refused one; what goes with the new one
        elif before != controls.preset_of(self.config):
            self._redraw("menus")  # the preset's name; never the slider under the visitor's finger

    def _catch_up(self) -> None:
        """Apply a slider's value whose callback got lost between two quick moves."""
        serial = self._widgets["sliders"][0]
        for field in controls.fields("sliders", self.kind, self.config):
            value = st.session_state.get(f"{self.page}_sliders_{serial}_{field}")
            if value is not None and value != getattr(self.config, field):
                self._set_live(field, value)
                if self._state.get("problems"):
                    self._fresh_widgets(*PARTS)
                    st.rerun()

    def _set_live(self, field: str, value: Any) -> None:
        self._command(lambda run: self._state.update(config=runner().update(run, **{field: value})))

    def _choose(self, serial: int, config: TrainConfig) -> None:
        """A preset was chosen; it keeps the visitor's own target. A callback; see `_change`."""
        config = self.adapt(controls.on_own_target(config, self.config.target))
        if serial != self._widgets["menus"][0] or config == self.config:
            return
        self._state["problems"] = []
        self._restart(config)
        self._redraw(*PARTS)

    @property
    def _widgets(self) -> dict[str, tuple[int, TrainConfig]]:
        """Per part of the controls: a serial number in its widgets' keys, and the config they began with."""
        return self._state.setdefault("widgets", dict.fromkeys(PARTS, (0, self.config)))

    def _fresh_widgets(self, *parts: str) -> None:
        """Let the widgets of these parts show the config when they are drawn next: new ones, under new keys."""
        for part in parts:
            self._widgets[part] = (self._widgets[part][0] + 1, self.config)

    def _redraw(self, *parts: str) -> None:
        """Let the widgets of these parts show the config now; only a callback may ask for that."""
        self._fresh_widgets(*parts)
        st.rerun([f"{self.page}_{part}" for part in parts])

    def _restart(self, config: TrainConfig, moved: str = "") -> None:
        try:
            cost.check(config, runner().budget, moved)
        except cost.TooDear as error:
            self._state["problems"] = [error.args[0]]
            return
        self._state["config"] = config
        self._command(lambda run: runner().reset(run, config))
        self._link.share(self.config)

    def _new_seed(self) -> None:
        self._restart(self.config.replace(seed=secrets.randbelow(10_000)))
        st.rerun()  # the seed field shows the new one

    def _play(self) -> None:
        self._command(runner().play)
        self._state["playing"] = True

    def _pause(self) -> None:
        self._command(runner().pause)
        self._state["playing"] = False

    def _step(self, n: int) -> None:
        self._command(lambda run: runner().step(run, n))
        self._state["playing"] = False

    def _speed(self) -> None:
        self._command(lambda run: runner().set_speed(run, st.session_state[f"{self.page}_speed"]))

    # ---- what the visitor sees ----

    def transport(self) -> None:
        """The row of buttons above the board."""
        st.fragment(self._transport, key=f"{self.page}_transport")()

    def _transport(self) -> None:
        # Buttons are answered here and not in on_click: the browser may send one click twice, once along with a tick
        # of the board's fragment, and callbacks would then run twice. This fragment runs once per click.
        buttons = {
            f"{self.page}_{name}": action
            for name, action in {
                "play": lambda: self._pause() if self._state.get("playing") else self._play(),
                "step_1": lambda: self._step(1),
                "step_10": lambda: self._step(10),
                "step_100": lambda: self._step(100),
                "reset": lambda: self._restart(self.config),
                "new_seed": self._new_seed,
            }.items()
        }
        for key, action in buttons.items():
            if st.session_state.get(key):
                action()
        play, step_1, step_10, step_100, reset, new_seed = buttons
        playing = self._state.get("playing", False)
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.button(
                tr("Pause") if playing else tr("Play"),
                icon=":material/pause:" if playing else ":material/play_arrow:",
                type="secondary" if playing else "primary",
                key=play,
                shortcut="Space",
                width=145,
                help=tr("Train, or stop here; nothing is lost. Training goes on while this tab is hidden."),
            )
            step_help = tr("Pause, then do exactly this many steps.")
            st.button(tr("Step ×1"), key=step_1, shortcut="S", help=step_help)
            st.button("×10", key=step_10, help=step_help)
            st.button("×100", key=step_100, help=step_help)
            reset_help = tr("Back to step 0 with the same seed: the same training again.")
            st.button(tr("Reset"), key=reset, help=reset_help)
            seed_help = tr("Back to step 0 with other random weights and samples.")
            st.button(tr("New seed"), key=new_seed, help=seed_help)
            st.segmented_control(
                tr("Steps per second"),
                SPEEDS,
                format_func=lambda speed: f"{speed:g}/s" if speed else tr("max"),
                default=self._state.get("speed", 0.0),
                required=True,
                key=f"{self.page}_speed",
                on_change=self._speed,
                label_visibility="collapsed",
            )

    def controls(self) -> None:
        """Presets, menus and sliders. The live sliders are a fragment of their own, so that moving one is cheap."""
        for part in PARTS:
            st.fragment(getattr(self, f"_{part}"), key=f"{self.page}_{part}")()

    def _widget(self, part: str, field: str) -> None:
        serial, initial = self._widgets[part]
        on_change = partial(self._change, part, serial)
        controls.field_widget(field, initial, on_change, f"{self.page}_{part}_{serial}")

    def _menus(self) -> None:
        for problem in self._state.get("problems", []):
            st.warning(tr_message(problem))
        serial, initial = self._widgets["menus"]
        prefix = f"{self.page}_menus_{serial}"
        controls.preset_widget(initial, self.kind, partial(self._choose, serial), prefix)
        controls.target_widget(initial, self.kind, partial(self._change, "menus", serial), prefix)
        for field in controls.fields("menus", self.kind, self.config):
            self._widget("menus", field)
            if field == "architecture":
                st.caption(tr(ARCHITECTURES[self.config.architecture].summary))
        if self.kind in own_target.KINDS:
            target = own_target.target_widget(self.config.target, self.page, prefix)
            if target:
                self.use(self.config.replace(target=target))

    def _sliders(self) -> None:
        st.caption(tr("Live: acts on the running training"))
        for field in controls.fields("sliders", self.kind, self.config):
            self._widget("sliders", field)

    def _more(self) -> None:
        loss = LOSSES[self.config.loss]
        with st.expander(tr("More live settings")):
            for field in controls.fields("more", self.kind, self.config):
                self._widget("more", field)
        with st.expander(tr("Networks and seed (start again from step 0)")):
            for field in controls.fields("network", self.kind, self.config):
                self._widget("more", field)
        with st.expander(tr("The losses in formulas")):
            st.latex(loss.latex_d)
            st.latex(loss.latex_g)
            st.caption(loss.source)

    def board(self) -> None:
        """The charts, redrawn a few times a second. With many visitors each gets fewer updates."""
        interval = min(max(0.12, 0.025 * len(runner())), 1.5)
        st.fragment(self._board, run_every=interval, key=f"{self.page}_board")()

    def _picked(self) -> None:
        """The visitor picked images. A callback."""
        if self.follower:
            st.rerun([f"{self.page}_board", self.follower])

    def _board(self) -> None:
        frame.collect_garbage()
        self._catch_up()
        self._link.share(self.config)  # again: a callback's write gets lost when its run is abandoned
        run_id = self._ensure()
        if run_id is None:
            st.warning(tr_message(self._state["full"]))
            return
        snapshot = runner().snapshot(run_id)
        look = self.look()
        version = (run_id, snapshot and snapshot.version, language(), look)
        if self._state.get("shown", (None,))[0] != version:
            self._state["shown"] = version, snapshot and board.pack(SCENES[self.kind](snapshot, look))
        self._state["picked"] = board.live_board(f"{self.page}_charts", self._state["shown"][1], self._picked)
        if snapshot is None:
            problem = runner().problem(run_id)
            if problem:
                st.error(tr_message(problem))
            return
        if snapshot.message and snapshot.state != PLAYING and self._state.get("playing"):
            self._state["playing"] = False  # it stopped by itself: the Pause button becomes Play
            st.rerun()
