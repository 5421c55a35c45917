"""What a frame holds: everything that the stage shows of a run, in one language."""

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Any

from gan_core import Run, Snapshot, TrainConfig
from gan_core.config import SETTINGS
from gan_core.events import Event
from gan_core.recording import Recording
from pages.ui import controls, ghosts, twin_link
from pages.ui.looks import Look, View
from pages.ui.scenes import SCENES, labelled
from pages.ui.text import tr, tr_message

USUAL = {"images": "side"}  # kind of target -> how the other training is shown, if not behind
TWINS = ("A", "B")  # names
SPEEDS = (1.0, 10.0, 100.0, 0.0)  # steps per second; 0 = no cap
_KNOWN = 1000  # runs of which it is remembered what Streamlit's widgets show


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
        "transport": {"state": snapshot.state if snapshot else run.state, "speed": run.speed, "speeds": SPEEDS},
        "sliders": sliders(config),
        "twins": {"names": TWINS, "sliders": sliders(run.twin.config)} if run.twin else None,
        "link": config.to_params() | twin_link.of(run),
        "stale": not view.watching and _shown.get(run.name, "") not in ("", settled(config)),
        "watching": view.watching,
    }


def _scene(run: Run, now: Snapshot, look: Look) -> dict[str, Any]:
    """The stage at the moment that one looks at, with the other training if there is one."""
    kind, recording, scene = now.config.kind, run.recording, SCENES[now.config.kind]
    shown = now if look.at is None or not recording.moments else replace(recording.at(look.at), state=now.state)
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


_shown: OrderedDict[str, str] = OrderedDict()  # run -> what Streamlit's widgets show of it


def widgets_show(run_id: str, config: TrainConfig) -> None:
    """Streamlit's widgets show these settings of a run from now on."""
    _shown[run_id] = settled(config)
    _shown.move_to_end(run_id)
    while len(_shown) > _KNOWN:
        _shown.popitem(last=False)
