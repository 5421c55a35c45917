"""Play, pause, step and reset around one run: the only place with fragments and run handles."""

import secrets
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from gan_core import LOSSES, RunGone, Runner, RunnerFull, Snapshot, TrainConfig
from gan_core.runner import PLAYING, STOPPED
from gan_core.training import SPECS
from pages.ui import board, controls, figures, frame
from pages.ui.text import language, tr, tr_message

SPEEDS = {1.0: "1/s", 10.0: "10/s", 100.0: "100/s", 0.0: "max"}  # steps per second; 0 = no cap

PARTS = ("menus", "sliders", "more")  # of the controls, each a fragment of its own

# metrics.diagnose's key -> kind of message and sentence
SENTENCES = {
    "start": ("info", "Untrained: p_g is whatever random weights make of z. Press Play."),
    "half_but_missing": (
        "warning",
        "D says {d_real:.2f} / {d_fake:.2f}, which looks finished, but {missing} of {modes} modes are missing: "
        "JSD {jsd:.3f}. This D is too weak to see it.",
    ),
    "missing": ("warning", "{missing} of {modes} modes are missing so far: JSD {jsd:.3f}."),
    "half_but_apart": (
        "warning",
        "D says {d_real:.2f} / {d_fake:.2f}, yet the JSD is {jsd:.3f}: this D proves only {proven:.3f} of it.",
    ),
    "converged": ("good", "p_g matches p_data: JSD {jsd:.4f} nats. D is left with a coin toss."),
    "fooled": (
        "info",
        "G is ahead: D takes fakes for real ({d_fake:.2f}) more often than data ({d_real:.2f}). D has to catch up.",
    ),
    "d_wins": ("info", "D tells almost everything apart ({d_real:.2f} / {d_fake:.2f}); its slope shows G the way."),
    "saturated": (
        "warning",
        "D tells almost everything apart ({d_real:.2f} / {d_fake:.2f}), and the minimax loss is flat there: G hears "
        "next to nothing.",
    ),
    "approaching": ("info", "p_g is moving towards p_data: JSD {jsd:.3f} nats."),
}


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
        default: the config of a first visit whose address names no experiment.
    """

    def __init__(self, page: str, default: TrainConfig):
        self.page = page
        asked = {k: v for k, v in st.query_params.items() if k in SPECS}
        if "config" not in self._state or (asked and asked not in self._state["shared"]):
            problems: list[str] = []
            config = TrainConfig.from_params(asked, problems) if asked else default
            self._state["problems"] = problems
            self._start(config)
        self._ensure()
        self._fresh_widgets(*PARTS)
        if st.session_state.pop("autoplay", False):
            self._play()

    # ---- state ----

    @property
    def _state(self) -> dict[str, Any]:
        return st.session_state.setdefault(f"live_{self.page}", {})

    @property
    def config(self) -> TrainConfig:
        """The run's settings, as the visitor last set them."""
        return self._state["config"]

    def _start(self, config: TrainConfig) -> None:
        """Begin a new experiment in this visitor's place, paused."""
        self._state["config"] = config
        if self._state.get("run") in runner():
            self._pause()
            runner().reset(self._state["run"], config)
        self._share()

    def _ensure(self) -> str | None:
        """The id of a living run, made anew if it was released; None if the server is full."""
        run_id = self._state.get("run")
        if run_id not in runner():
            try:
                run_id = self._state["run"] = runner().create(self.config)
                self._state["playing"] = False
            except RunnerFull as error:
                self._state["full"] = error.args[0]
                return None
        self._state.pop("full", None)
        return _attached(run_id)

    def _share(self) -> None:
        """Put the experiment into the page's address. A callback's write may get lost when its run is abandoned;
        the next tick of the board repeats it."""
        params = self.config.to_params()
        shared = self._state.setdefault("shared", [])
        if params not in shared:
            self._state["shared"] = [*shared[-19:], params]
        frame.set_link(params)

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
        before, self._state["problems"] = controls.preset_of(self.config), []
        try:
            if SPECS[field].live:
                self._set_live(field, value)
            else:
                changes = {field: value}
                if field == "loss" and LOSSES[value].output == "score":
                    changes["label_smoothing"] = 0.0
                self._restart(self.config.replace(**changes))
        except ValueError as error:
            self._state["problems"] = [error.args[0]]
        self._share()
        if self._state["problems"] or field == "loss":
            self._redraw(*PARTS)  # the value before a refused one; what a loss allows
        elif before != controls.preset_of(self.config):
            self._redraw("menus")  # the preset's name; never the slider under the visitor's finger

    def _catch_up(self) -> None:
        """Apply a slider's value whose callback got lost between two quick moves."""
        serial = self._widgets["sliders"][0]
        for field in controls.LIVE:
            value = st.session_state.get(f"{self.page}_sliders_{serial}_{field}")
            if value is not None and value != getattr(self.config, field):
                self._set_live(field, value)

    def _set_live(self, field: str, value: Any) -> None:
        self._command(lambda run: self._state.update(config=runner().update(run, **{field: value})))

    def _choose(self, serial: int, config: TrainConfig) -> None:
        """A preset was chosen. A callback; see `_change`."""
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

    def _restart(self, config: TrainConfig) -> None:
        self._state["config"] = config
        self._command(lambda run: runner().reset(run, config))
        self._share()

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
                list(SPEEDS),
                format_func=SPEEDS.get,
                default=0.0,
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
        controls.preset_widget(initial, partial(self._choose, serial), f"{self.page}_menus_{serial}")
        self._widget("menus", "target")
        self._widget("menus", "loss")

    def _sliders(self) -> None:
        st.caption(tr("Live: acts on the running training"))
        for field in controls.LIVE:
            self._widget("sliders", field)

    def _more(self) -> None:
        loss = LOSSES[self.config.loss]
        with st.expander(tr("More live settings")):
            for field in controls.LIVE_MORE:
                if field != "gp_weight" or loss.penalty:
                    self._widget("more", field)
        with st.expander(tr("Networks and seed (start again from step 0)")):
            for field in controls.NETWORK:
                self._widget("more", field)
        with st.expander(tr("The losses in formulas")):
            st.latex(loss.latex_d)
            st.latex(loss.latex_g)
            st.caption(loss.source)

    def board(self) -> None:
        """The charts, redrawn a few times a second. With many visitors each gets fewer updates."""
        interval = min(max(0.12, 0.025 * len(runner())), 1.5)
        st.fragment(self._board, run_every=interval, key=f"{self.page}_board")()

    def _board(self) -> None:
        frame.collect_garbage()
        self._catch_up()
        self._share()
        run_id = self._ensure()
        if run_id is None:
            st.warning(tr_message(self._state["full"]))
            return
        snapshot = runner().snapshot(run_id)
        version = (run_id, snapshot and snapshot.version, language())
        if self._state.get("shown", (None,))[0] != version:
            self._state["shown"] = version, snapshot and board.pack(board_content(snapshot))
        board.live_board(f"{self.page}_charts", self._state["shown"][1])
        if snapshot is None:
            return
        if snapshot.message and snapshot.state != PLAYING and self._state.get("playing"):
            self._state["playing"] = False  # it stopped by itself: the Pause button becomes Play
            st.rerun()


def board_content(s: Snapshot) -> dict[str, Any]:
    """Everything the board shows of a 1D snapshot."""
    e, loss, h = s.evaluation, LOSSES[s.config.loss], with_now(s)
    smoothing = s.config.label_smoothing
    kind, text = SENTENCES[s.diagnosis.key]
    if s.message:
        kind, text = "error" if s.state == STOPPED else "info", tr_message(s.message)
    else:
        text = tr(text, **s.diagnosis.values)
    n_modes = len(e.covered)
    panels = [
        figures.density_panel(e, s.real[:150, 0], s.samples[:150, 0], tr),
        figures.latent_panel(e, s.config.latent, s.config.latent_dim, tr),
        figures.discriminator_panel(e, loss, smoothing, tr),
        figures.opinion_panel(h, s.step, s.marks, smoothing, tr),
        figures.divergence_panel(h, s.step, s.marks, e.floor, tr),
        figures.proof_panel(h, s.step, s.marks, n_modes, tr),
        figures.loss_panel(h, s.step, s.marks, loss, tr),
    ]
    return {
        "panels": panels,
        "message": {"kind": kind, "text": text},
        "tiles": tiles(s),
        "legend": [
            {"role": "data", "mark": "fill", "label": tr("data: p_data, D(real)")},
            {"role": "generator", "mark": "fill", "label": tr("generator: p_g, D(fake)")},
            {"role": "discriminator", "mark": "line", "label": tr("discriminator: D(x)")},
            {"role": "muted", "mark": "dash", "label": tr("the best possible: D*(x)")},
        ],
        "attributes": {
            "step": str(s.step), "state": s.state, "jsd": f"{e.jsd:.6f}", "d-real": f"{e.d_real:.4f}",
            "d-fake": f"{e.d_fake:.4f}", "seed": str(s.config.seed), "last-change": s.marks[-1][1] if s.marks else "", "lang": language(),
        },
    }  # fmt: skip


def tiles(s: Snapshot) -> list[dict[str, str]]:
    """The numbers above the charts."""
    e = s.evaluation
    numbers = [
        ("jsd", "JSD", f"{e.jsd:.4f}", "", tr("Jensen-Shannon divergence in nats: 0 is perfect, log 2 = 0.693 the worst.")),
        ("kl", "KL(p_data‖p_g)", _nats(e.kl_data_model), "data", tr("In nats; ∞ while p_g misses a part of the data.")),
        ("d_real", "D(real)", _opinion(e.d_real), "data", tr("D's mean opinion on data.")),
        ("d_fake", "D(fake)", _opinion(e.d_fake), "generator", tr("D's mean opinion on fakes.")),
    ]  # fmt: skip
    if len(e.covered) > 1:
        found = f"{sum(e.covered)} / {len(e.covered)}"
        numbers.append(("modes", tr("Modes"), found, "", tr("Modes that get at least a quarter of their share.")))
    numbers.append(("step", tr("Step"), f"{s.step:,}", "", tr("Finished training steps.")))
    numbers.append(("rate", tr("Steps/s"), f"{s.steps_per_second:,.0f}", "", tr("Measured over about a second.")))
    return [dict(zip(("id", "label", "value", "role", "help"), n, strict=True)) for n in numbers]


def _nats(value: float) -> str:
    return "∞" if value == float("inf") else f"{value:.3f}"


def _opinion(value: float) -> str:
    return f"{value:.2f}" if value == value else "–"


def with_now(s: Snapshot) -> dict[str, Any]:
    """The history with the present moment as its last row."""
    now = {"step": s.step, **{c: getattr(s.evaluation, c, np.nan) for c in s.history if c != "step"}}
    if len(s.history["step"]) and s.history["step"][-1] == s.step:
        return dict(s.history)
    for c in ("d_loss", "g_loss"):
        now[c] = s.history[c][-1] if len(s.history[c]) else np.nan
    return {c: np.r_[values, now[c]] for c, values in s.history.items()}
