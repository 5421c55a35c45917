"""Panels of the lesson on the value of the game."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from gan_core.divergences import LOG2
from gan_core.theory import LOG4
from pages.ui.figures import Panel, Translate, level, line, with_levels
from pages.ui.proof_charts import PROOF
from pages.ui.step_charts import Moment
from pages.ui.units import Unit

if TYPE_CHECKING:
    from gan_core.lessons.short_trainings import Curves
    from gan_core.lessons.the_game import Judgement

WINDOW = (-4.0, 10.0)


def bells_panel(x: np.ndarray, p: np.ndarray, q: np.ndarray, tr: Translate) -> Panel:
    """Data, fakes, and their average m."""
    return {
        "id": "bells", "title": tr("Data, fakes and their average m"), "help": "",
        "columns": 6, "height": 270, "pace": "fast",
        "data": [
            line(x, p, "$data", "p_data", fill="tozeroy", fillcolor="$data/0.2"),
            line(x, q, "$generator", "p_g", fill="tozeroy", fillcolor="$generator/0.2"),
            line(x, (p + q) / 2, "$text", "m", dash="dot", width=2),
        ],
        "layout": {
            "xaxis": {"title": {"text": "x"}, "range": list(WINDOW), "nticks": 8},
            "yaxis": {"title": {"text": tr("density")}, "range": [0, 0.45], "nticks": 5},
        },
    }  # fmt: skip


def value_panel(thetas: np.ndarray, values: Sequence[float], theta: float, value: float, unit: Unit,
                tr: Translate) -> Panel:  # fmt: skip
    """C(G) over the shift, with a dot at the present one."""
    k, coin = unit.per_nat, values[0]
    layout = {
        "xaxis": {"title": {"text": "θ"}, "range": [-0.15, 6.15], "dtick": 1},
        "yaxis": {"title": {"text": tr(unit.name)}, "range": [1.12 * coin * k, -0.14 * coin * k], "nticks": 6},
    }
    levels = [
        level(0.0, tr("0: nothing in common")),
        level(coin * k, tr("−log 4 = {value:.3g}: the same", value=coin * k)),
    ]
    dot = {"type": "scatter", "mode": "markers", "x": [theta], "y": [value * k], "name": "C(G)",
           "marker": {"size": 14, "color": "$discriminator", "line": {"width": 2, "color": "$background"}}}  # fmt: skip
    return {
        "id": "value", "title": tr("The game's value with the best D"), "help": "C(G) = max V",
        "columns": 6, "height": 270, "pace": "fast",
        "data": [line(thetas, k * np.array(values), "$discriminator", "C(G)", width=3), dot],
        "layout": with_levels(layout, levels),
    }  # fmt: skip


def climb_panel(steps: Sequence[int], run: "Sequence[Judgement]", unit: Unit, tr: Translate) -> Panel:
    """V over the steps of a D that trains while G stands still; logarithmic axis without step 0."""
    k, best = unit.per_nat, run[-1].best
    at, value = np.array(steps, dtype=float)[1:], np.array([j.value for j in run])[1:]
    layout = {
        "xaxis": _log_steps(at, tr),
        "yaxis": {"title": {"text": tr(unit.name)}, "range": [-1.6 * k, 0.12 * k], "nticks": 6},
    }
    levels = [
        level(best * k, f"C(G) = {best * k:.3f}", "$text", dash="solid", side="left"),
        level(-LOG4 * k, tr("coin toss: {value:.3g}", value=-LOG4 * k)),
    ]
    return {
        "id": "climb", "title": tr("V climbs while D learns"), "help": tr("G stands still"),
        "columns": 6, "height": 270, "pace": "fast",
        "data": [line(at, value * k, "$discriminator", "V(D, G)", width=3)],
        "layout": with_levels(layout, levels),
    }  # fmt: skip


def bound_panel(steps: Sequence[int], run: "Sequence[Judgement]", unit: Unit, tr: Translate) -> Panel:
    """(V + log 4)/2 over the same steps, under the JSD."""
    k, jsd = unit.per_nat, run[-1].jsd * unit.per_nat
    at, proven = np.array(steps, dtype=float)[1:], k * np.array([j.proven for j in run])[1:]
    layout = {
        "xaxis": _log_steps(at, tr),
        "yaxis": {"title": {"text": tr(unit.name)}, "range": [min(0.0, 1.1 * proven.min()), 0.77 * k], "nticks": 5},
    }
    levels = [
        level(jsd, f"JSD = {jsd:.3f}", "$text", dash="solid", side="left"),
        level(LOG2 * k, "log 2"),
    ]
    return {
        "id": "bound", "title": tr("The same as a bound, (V + log 4)/2"), "help": tr("green: proven · grey: not yet"),
        "columns": 6, "height": 270, "pace": "fast",
        "data": [
            line(at, proven, "$discriminator", tr("proven by D"), width=2, fill="tozeroy",
                 fillcolor="$discriminator/0.45"),
            line(at, np.full(len(at), jsd), "$text", "JSD", width=2, fill="tonexty", fillcolor="$text/0.13"),
        ],
        "layout": with_levels(layout, levels),
    }  # fmt: skip


def _log_steps(at: np.ndarray, tr: Translate) -> Panel:
    ticks = [1, 10, 100, 1000]
    return {"type": "log", "title": {"text": tr("D steps")}, "range": [-0.03, np.log10(at[-1]) + 0.03],
            "tickvals": ticks, "ticktext": [f"{t:,}" for t in ticks]}  # fmt: skip


def hug_panels(histories: "dict[int, Curves]", n_modes: int, tr: Translate) -> list[Panel]:
    """What D proves under the JSD over G's steps, for several numbers of D steps per G step."""
    panels = []
    for d_steps, history in histories.items():
        end = int(history["step"][-1])
        panel = PROOF.panel(Moment(history=history, step=end, weights=[1 / n_modes] * n_modes), tr)
        panel |= {"id": f"hug_{d_steps}", "title": tr("D : G = {n} : 1 steps", n=d_steps), "help": "", "columns": 3,
                  "height": 235, "pace": "fast"}  # fmt: skip
        axis = {**panel["layout"]["xaxis"], "range": [0, end], "nticks": 4}
        notes = [{**note, "x": 1, "xanchor": "right"} for note in panel["layout"]["annotations"]]  # clear of the start
        panel["layout"] = {**panel["layout"], "xaxis": axis, "annotations": notes}
        panels.append(panel)
    return panels
