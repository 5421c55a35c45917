"""Another training beside the one on the stage: faint behind it or at its side, and who of the two was ahead when."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from gan_core import TrainConfig
from gan_core.config import SETTINGS
from gan_core.history import Curves
from gan_core.race import RULERS, Lap, differing, lap
from pages.ui import controls
from pages.ui.figures import Panel
from pages.ui.text import tr

MODES = ("behind", "side", "off")  # how the other one is shown
FAINT = 0.45  # opacity
NAMES = {"jsd": "JSD", "frechet": "Fréchet"}  # of what a race is decided by


def beside(panels: Sequence[Panel], others: Sequence[Panel], mode: str, name: str) -> list[Panel]:
    """The panels with those of another training.

    Args:
        panels, others: of the same kind of target.
        mode: one of MODES. With "side", its heroes stand beside the others; what is not shown so is drawn behind.
        name: what the other one is called.
    """
    by_id = {panel["id"]: panel for panel in others}
    made = [
        behind(panel, by_id[panel["id"]], name) if panel["id"] in by_id and mode != "off" else panel for panel in panels
    ]
    if mode != "side":
        return made
    heroes = [panel for panel in others if panel["place"] == "hero"]
    at_side = [
        panel | {"id": f"other_{panel['id']}", "title": f"{name}: {panel['title']}", "of_other": True, "pick": None}
        for panel in heroes
    ]
    own = [panel if panel["place"] == "hero" else None for panel in panels]
    kept = [one if one else drawn for one, drawn in zip(own, made, strict=True)]
    last = max(i for i, panel in enumerate(kept) if panel["place"] == "hero")
    return [*kept[: last + 1], *at_side, *kept[last + 1 :]]


def behind(panel: Panel, other: Panel, name: str) -> Panel:
    """The panel with the curves and points of the other one, faint."""
    if "layers" in panel:
        found = [layer for layer in other["layers"] if layer.get("of_run")]
        faint = [
            layer | {"id": f"other_{layer['id']}", "label": name, "color": f"{layer['color']}/{FAINT}", "rim": False}
            for layer in found
        ]
        return panel | {"layers": [*panel["layers"], *faint]}
    if "data" not in panel:
        return panel
    return panel | {"data": [*panel["data"], *(_faint(t, name) for t in other["data"] if t.get("of_run"))]}


def _faint(trace: Panel, name: str) -> Panel:
    bare = {key: value for key, value in trace.items() if key not in ("fill", "fillcolor")}
    line = {**trace["line"], "width": 1.8}
    return bare | {"opacity": FAINT, "line": line, "name": f"{trace['name']} · {name}", "hoverinfo": "skip"}


def race(
    kind: str, now: tuple[Curves, TrainConfig], other: tuple[Curves, TrainConfig], names: Sequence[str]
) -> dict[str, Any]:
    """Who was ahead when: "columns" of two values each with a "label", the "names" of both, and what "differs" between
    their settings."""
    ruler = RULERS[kind]
    both = min(int(curves["step"][-1]) if len(curves.get("step", ())) else 0 for curves, _ in (now, other))
    laps = [lap(curves, ruler, both) for curves, _ in (now, other)]
    columns = [_column(f"{NAMES[ruler.column]} ≤ {goal:g}", [_at(one.reached[i]) for one in laps], _first(laps, i))
               for i, goal in enumerate(ruler.goals) if any(one.reached[i] is not None for one in laps)]  # fmt: skip
    digits = 4 if ruler.column == "jsd" else 1
    columns.append(_column(tr("{measure} at step {step}", measure=NAMES[ruler.column], step=f"{both:,}"), [f"{one.value:.{digits}f}" for one in laps],
                           _less([one.value for one in laps])))  # fmt: skip
    if not np.isnan([one.modes for one in laps]).any() and max(one.modes for one in laps) > 0:
        columns.append(_column(tr("Modes"), [f"{one.modes:.0f}" for one in laps], _less([-one.modes for one in laps])))
    return {"names": list(names), "columns": columns, "differs": settings(now[1], other[1])}


def settings(now: TrainConfig, other: TrainConfig) -> list[str]:
    """What differs, each named as on its slider: the value now, and the other one's."""
    return [
        f"{tr(SETTINGS[n].label).replace('…', '')} {_shown(n, a)} / {_shown(n, b)}"
        for n, (a, b) in differing(now, other).items()
    ]


def _shown(name: str, value: Any) -> str:
    record = SETTINGS[name]
    if record.choices:
        return tr(record.names[value]) if value in record.names else str(value)
    return controls.number(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _column(label: str, values: list[str], ahead: int | None) -> dict[str, Any]:
    """`ahead`: which of the two is the better one, if one is."""
    return {"label": label, "values": values, "ahead": ahead}


def _at(step: int | None) -> str:
    return "–" if step is None else tr("step {step}", step=f"{step:,}")


def _first(laps: Sequence[Lap], goal: int) -> int | None:
    return _less([np.inf if one.reached[goal] is None else float(one.reached[goal] or 0) for one in laps])


def _less(values: Sequence[float]) -> int | None:
    a, b = values
    return None if a == b or np.isnan([a, b]).any() else int(b < a)
