"""Frames: what the stage shows of the runs, packed once per version, language and choice of view, for all who watch.

Works in the server's event loop, beside Streamlit's scripts; see `line` for what carries them.
"""

import asyncio
import contextlib
import functools
import secrets
from dataclasses import dataclass
from typing import Any

from gan_core import Run, Runner, Snapshot, TrainConfig
from gan_core.config import SETTINGS
from gan_core.events import Event
from gan_core.messages import Message
from gan_core.recording import Recording
from pages.ui import controls, ghosts, twin_link
from pages.ui.board import pack
from pages.ui.scenes import SCENES, labelled
from pages.ui.text import speaking, tr, tr_message

USUAL = {"images": "side"}  # kind of target -> how the other training is shown, if not behind
TWINS = ("A", "B")  # names
FRAMES = 16  # of one version, for different views, that are kept
SPEEDS = (1.0, 10.0, 100.0, 0.0)  # steps per second; 0 = no cap


@functools.cache
def runner() -> Runner:
    """The one runner of this server; all visitors share its threads."""
    return Runner()


@dataclass(frozen=True)
class Look:
    """What a watcher chooses to see.

    Attributes:
        at: the step that one looks back to; None: now.
        picked: indices of the fakes that one has picked.
        ghost: how the other training is shown, one of `ghosts.MODES`; "": as is usual for the kind of target.
    """

    at: int | None = None
    picked: tuple[int, ...] = ()
    ghost: str = ""


@dataclass(frozen=True)
class View:
    """What a frame depends on, beside its run.

    Attributes:
        language: "en" or "ko".
        look: what the watcher chooses to see.
        watching: whether the watcher may only watch.
    """

    language: str
    look: Look = Look()
    watching: bool = False


class Channel:
    """One run, and those who wait for its next frame."""

    def __init__(self, run: Run):
        """Called in the event loop in which they wait."""
        self.run = run
        self.watchers = 0
        self._bell = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._frames: dict[View, tuple[int, bytes]] = {}
        self._stop = run.listen(self._ring)

    def close(self) -> None:
        """Nobody waits any more."""
        self._stop()

    async def frame(self, have: int, view: View) -> tuple[int, bytes]:
        """The latest version that is another one than `have`, and its frame; waits for it."""
        while True:
            bell = self._bell
            snapshot = self.run.snapshot()
            version = snapshot.version if snapshot else self.run.version if self.run.why_stopped else 0
            if version not in (0, have):
                return version, self._packed(version, snapshot, view)
            await bell.wait()

    def _ring(self) -> None:
        """In the worker's thread: there is something new."""
        with contextlib.suppress(RuntimeError):  # the event loop has ended
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        self._bell.set()
        self._bell = asyncio.Event()

    def _packed(self, version: int, snapshot: Snapshot | None, view: View) -> bytes:
        kept = self._frames.get(view)
        if kept is None or kept[0] != version:
            fresh = [(v, kept) for v, kept in self._frames.items() if kept[0] == version]
            self._frames = dict(fresh[1 - FRAMES :])  # those who look back ask for one after the other
            with speaking(view.language):
                kept = self._frames[view] = version, pack(frame(self.run, snapshot, view))
        return kept[1]


class Channels:
    """The channels that somebody watches, by run."""

    def __init__(self) -> None:
        self._open: dict[str, Channel] = {}

    @contextlib.contextmanager
    def watch(self, run_id: str, run: Run) -> Any:
        """Inside, this is the run's channel, and the watcher counts as a visitor of the run.

        Raises:
            RunGone: the run was released.
        """
        runner().attach(run_id)
        channel = self._open.get(run_id)
        if channel is None:
            channel = self._open[run_id] = Channel(run)
        channel.watchers += 1
        try:
            yield channel
        finally:
            runner().detach(run_id)
            channel.watchers -= 1
            if not channel.watchers and self._open.get(run_id) is channel:
                channel.close()
                del self._open[run_id]

    def __len__(self) -> int:
        return len(self._open)


CHANNELS = Channels()


# ---- what a frame holds ----


def frame(run: Run, snapshot: Snapshot | None, view: View) -> dict[str, Any]:
    """Everything the stage shows of a run, in the language that is spoken; see `board.live_board` for the most of it.

    Beside that: "version"; "transport": "state", "speed", "speeds"; "sliders": each "field", "label", "help", "value",
    "options", "enabled"; "link": the experiment's address; "stale": whether Streamlit's widgets show something else by
    now; "watching".
    """
    config, look = run.config, view.look
    there = snapshot is not None and snapshot.config.kind == config.kind
    return (_scene(run, snapshot, look) if snapshot and there else _nothing(run)) | {
        "version": snapshot.version if snapshot else run.version,
        "transport": {"state": run.state, "speed": run.speed, "speeds": SPEEDS},
        "sliders": sliders(config),
        "twins": {"names": TWINS, "sliders": sliders(run.twin.config)} if run.twin else None,
        "link": config.to_params() | twin_link.of(run),
        "stale": _shown.get(run.name, "") not in ("", settled(config)),
        "watching": view.watching,
    }


def _scene(run: Run, now: Snapshot, look: Look) -> dict[str, Any]:
    """The stage at the moment that one looks at, with the other training if there is one."""
    kind, recording, scene = now.config.kind, run.recording, SCENES[now.config.kind]
    shown = now if look.at is None or not recording.moments else recording.at(look.at)
    rival = rival_of(run, None if look.at is None else shown.step, shown.step)
    beside = {"timeline": _timeline(recording, now, shown, look), "ghost": None}
    if rival is None:
        return scene(shown, look.picked, until=now.step) | beside
    until = max(now.step, rival.recording.last_step)
    content, other = scene(shown, look.picked, until=until), scene(rival.shown, (), until=until)
    mode = look.ghost or USUAL.get(kind, ghosts.MODES[0])
    films = ((recording.curves, now.config), (rival.recording.curves, rival.config))
    return content | beside | {
        "panels": ghosts.beside(content["panels"], other["panels"], mode, rival.name),
        "ghost": {"mode": mode, "modes": ghosts.MODES, "last": rival.recording.last_step,
                  "race": ghosts.race(kind, films[0], films[1], rival.names)},
    }  # fmt: skip


@dataclass(frozen=True)
class Rival:
    """The training that is shown beside a run's own.

    Attributes:
        names: what the run and it are called. recording: its film. config: its settings now. shown: its moment.
    """

    names: tuple[str, str]
    recording: Recording
    config: TrainConfig
    shown: Snapshot

    @property
    def name(self) -> str:
        """What it is called."""
        return self.names[1]


def rival_of(run: Run, back: int | None, step: int) -> Rival | None:
    """The twin or the ghost of a run, if there is one of its kind.

    Args:
        back: the step that one looks back to; None: now. step: the one that is shown.
    """
    if twin := run.twin:
        if twin.latest is None or twin.latest.config.kind != run.config.kind:
            return None
        shown = twin.latest if back is None or not twin.recording.moments else twin.recording.at(back)
        return Rival(TWINS, twin.recording, twin.config, shown)
    ghost = run.ghost
    if ghost is None or ghost.config.kind != run.config.kind or not ghost.moments:
        return None
    return Rival((tr("this run"), tr("ghost")), ghost, ghost.last().config, ghost.at(step))


def _timeline(recording: Recording, now: Snapshot, shown: Snapshot, look: Look) -> dict[str, Any]:
    """What can be looked back to: "steps" of the moments; "now": the run's step; "at": the step that is shown, None for now;
    "marks": each "step", "text" and "kind" ("change", "found", "lost", "diverged"); "starts": steps from which the run can go
    on differently; "branched": the step from which it did."""
    marks = [{"step": step, "text": text, "kind": "change"} for step, text in labelled(now.marks)]
    marks += [
        {"step": event.step, "text": noticed(event, now.config.kind), "kind": event.key} for event in recording.events()
    ]
    return {
        "steps": list(recording.steps), "now": now.step, "at": None if look.at is None else shown.step, "marks": marks,
        "starts": list(recording.starts), "branched": recording.branched_at,
    }  # fmt: skip


def noticed(event: Event, kind: str) -> str:
    """An event in words."""
    if event.key == "diverged":
        return tr("the training diverged")
    counts = {"parts": event.parts, "total": event.total}
    if kind == "images":
        found, lost = (
            tr("a digit appears: {parts} of {total}", **counts),
            tr("a digit is lost: {parts} of {total}", **counts),
        )
    else:
        found, lost = tr("a mode found: {parts} of {total}", **counts), tr("a mode lost: {parts} of {total}", **counts)
    return found if event.key == "found" else lost


def _nothing(run: Run) -> dict[str, Any]:
    """A run without a trainer says why."""
    message = {"kind": "error", "text": tr_message(run.why_stopped)} if run.why_stopped else None
    attributes = {"state": run.state, "step": "0"}
    return {"panels": [], "tiles": [], "legend": [], "message": message, "attributes": attributes, "timeline": None,
            "ghost": None}  # fmt: skip


def sliders(config: TrainConfig) -> list[dict[str, Any]]:
    """The live settings that the stage itself has, at their present values."""
    found = []
    for field in controls.fields("sliders", config.kind, config):
        setting, value = SETTINGS[field], getattr(config, field)
        found.append({
            "field": field, "label": tr(setting.label), "help": tr(setting.help), "value": value,
            "options": sorted({*setting.options, value}),  # a value may have come by link
            "enabled": setting.enabled(config),
        })  # fmt: skip
    return found


def settled(config: TrainConfig) -> str:
    """All that Streamlit's widgets show of an experiment: its preset, and what is not on the stage."""
    beside = (f"{name}={getattr(config, name)}" for name, s in SETTINGS.items() if s.group != "sliders")
    return " ".join((controls.preset_of(config), *beside))


_shown: dict[str, str] = {}  # run -> what Streamlit's widgets show of it


def widgets_show(run_id: str, config: TrainConfig) -> None:
    """Streamlit's widgets show these settings of a run from now on."""
    for gone in [other for other in _shown if other not in runner()]:
        del _shown[gone]
    _shown[run_id] = settled(config)


# ---- commands ----


def command(run_id: str, asked: dict[str, Any]) -> None:
    """Do what a visitor has asked for, e.g. {"do": "step", "n": 10}.

    Raises:
        ValueError: it is not possible; the message says why.
        RunGone: the run was released.
        KeyError: there is no such command.
    """
    COMMANDS[asked["do"]](run_id, asked)


def _step(run_id: str, asked: dict[str, Any]) -> None:
    runner().step(run_id, _whole(asked.get("n"), 1, 10_000))


def _speed(run_id: str, asked: dict[str, Any]) -> None:
    speed = asked.get("value")
    if isinstance(speed, bool) or not isinstance(speed, int | float) or not 0 <= speed <= 1e6:
        raise ValueError(Message("That is no speed: choose one of the buttons"))
    runner().set_speed(run_id, speed)


def _seed(run_id: str, asked: dict[str, Any]) -> None:
    runner().reset(run_id, runner().config(run_id).replace(seed=secrets.randbelow(10_000)))


def _set(run_id: str, asked: dict[str, Any]) -> None:
    values = asked.get("values")
    if not isinstance(values, dict) or not values or len(values) > len(SETTINGS):
        raise ValueError(Message("Those are no settings"))
    change(run_id, values, of_twin=asked.get("which") == "b")


def _twin(run_id: str, asked: dict[str, Any]) -> None:
    values = asked.get("values")
    if not isinstance(values, dict) or len(values) > len(SETTINGS):
        raise ValueError(Message("Those are no settings"))
    _check_known(values)
    runner().start_twin(run_id, **values)


def _check_known(values: dict[str, Any]) -> None:
    if unknown := [name for name in values if name not in SETTINGS]:
        raise ValueError(Message("{name} is not a setting, and is left out", name=unknown[0]))


def change(run_id: str, values: dict[str, Any], *, from_widgets: bool = False, of_twin: bool = False) -> None:
    """Change settings of a run: a live one in the running training, others start it again from step 0.

    Args:
        from_widgets: whether Streamlit's widgets show the new values already.
        of_twin: whether it is live ones of the run's twin.
    Raises:
        ValueError: an unknown setting, or a value out of range.
    """
    now = runner().config(run_id)
    _check_known(values)
    if of_twin:
        if not all(SETTINGS[name].live for name in values):
            raise ValueError(Message("Only live settings of a twin can change"))
        runner().update(run_id, of_twin=True, **values)
        return
    changed = {name: value for name, value in values.items() if value != getattr(now, name)}
    if all(SETTINGS[name].live for name in changed):
        if changed:
            if from_widgets:
                widgets_show(run_id, now.replace(**changed))
            runner().update(run_id, **changed)
        return
    implied: dict[str, Any] = {}
    for name, value in changed.items():
        if implies := SETTINGS[name].implies:
            implied |= implies(SETTINGS[name].check(name, value))
    config = now.replace(**{**implied, **changed})
    if config.kind != now.kind:
        raise ValueError(Message("The link names a target of another page: {target}", target=config.target))
    restart(run_id, config, from_widgets=from_widgets)


def restart(run_id: str, config: TrainConfig, *, from_widgets: bool = False) -> None:
    """Start a run again from step 0 with these settings; see `change`."""
    if from_widgets:
        widgets_show(run_id, config)
    runner().reset(run_id, config)


def _branch(run_id: str, asked: dict[str, Any]) -> None:
    runner().branch(run_id, _whole(asked.get("at"), 0, 2**53))


def _whole(value: Any, low: int, high: int) -> int:
    if type(value) is not int or not low <= value <= high:
        raise ValueError(Message("That is no number of steps: choose one of the buttons"))
    return value


COMMANDS = {
    "play": lambda run_id, asked: runner().play(run_id),
    "pause": lambda run_id, asked: runner().pause(run_id),
    "step": _step,
    "speed": _speed,
    "reset": lambda run_id, asked: runner().reset(run_id),
    "seed": _seed,
    "set": _set,
    "branch": _branch,
    "twin": _twin,
    "end_twins": lambda run_id, asked: runner().run(run_id).end_twin(),
    "keep_ghost": lambda run_id, asked: runner().run(run_id).keep_ghost(),
    "drop_ghost": lambda run_id, asked: runner().run(run_id).drop_ghost(),
}
