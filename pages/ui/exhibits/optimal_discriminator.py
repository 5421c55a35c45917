"""Panels of the lesson on the best possible discriminator."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from pages.ui.figures import Panel, Translate, level, line, with_levels

if TYPE_CHECKING:
    from gan_core.evaluation import Evaluation1D

WINDOW = (-6.0, 8.0)


def batch_panel(x: np.ndarray, real: np.ndarray, fake: np.ndarray, tr: Translate) -> Panel:
    """What D's batch holds at every x: the real part and the fake part, as densities."""
    return {
        "id": "batch", "title": tr("What D's batch holds"), "help": tr("blue: real samples · orange: fakes"),
        "columns": 6, "height": 250, "pace": "fast",
        "data": [
            line(x, real, "$data", tr("real"), fill="tozeroy", fillcolor="$data/0.2"),
            line(x, fake, "$generator", tr("fake"), fill="tozeroy", fillcolor="$generator/0.2"),
        ],
        "layout": {
            "xaxis": {"title": {"text": "x"}, "range": list(WINDOW), "nticks": 8},
            "yaxis": {"title": {"text": tr("density")}, "range": [0, 1.1 * max(real.max(), fake.max())], "nticks": 5},
        },
    }  # fmt: skip


def opinions_panel(x: np.ndarray, d_star: np.ndarray, d: np.ndarray, tr: Translate) -> Panel:
    """The reader's D beside D*."""
    return {
        "id": "opinions", "title": tr("The best answer D*(x), and yours"), "help": tr("dashed: D* · green: your D"),
        "columns": 6, "height": 250, "pace": "fast", "data": _opinions(x, d_star, d),
        "layout": _opinion_layout(WINDOW),
    }  # fmt: skip


def doubt_panel(x: np.ndarray, coin: np.ndarray, missed: np.ndarray, tr: Translate) -> Panel:
    """The JSD as an area, and the part of it that D misses in front; both are densities over x."""
    top = 1.35 * float(coin.max()) + 0.01
    return {
        "id": "doubt", "title": tr("The JSD as an area"),
        "help": tr("under the thick line: JSD · grey: not yet proven · the green that is left: proven"),
        "tip": tr("where grey rises above the thick line, D is worse than a coin"),
        "columns": 12, "height": 240, "pace": "fast",
        "data": [
            line(x, coin, "$text", "JSD", width=1, fill="tozeroy", fillcolor="$discriminator/0.5"),
            line(x, missed, "$muted", tr("not yet proven"), width=1, fill="tozeroy", fillcolor="$background"),
            line(x, missed, "$muted", tr("not yet proven"), width=2, fill="tozeroy", fillcolor="$text/0.25"),
            line(x, coin, "$text", "JSD", width=3),
        ],
        "layout": {
            "xaxis": {"title": {"text": "x"}, "range": list(WINDOW), "nticks": 8},
            "yaxis": {"title": {"text": tr("nats per unit of x")}, "range": [0, top], "nticks": 4},
        },
    }  # fmt: skip


def fit_panels(e: "Evaluation1D", steps: Sequence[int], all_proven: Sequence[float], now: int,
               tr: Translate) -> list[Panel]:  # fmt: skip
    """A network D on its way to D*: the densities, D(x) now, and what it proves over its steps."""
    window = (float(e.x[0]), float(e.x[-1]))
    x, p, q = (a[1:-1] for a in (e.x, e.p_data, e.p_g))  # the end cells hold the tails beyond the window
    density = {
        "id": "density", "title": tr("Data, and fakes that stand still"), "help": "",
        "columns": 4, "height": 270, "pace": "fast",
        "data": [
            line(x, p, "$data", "p_data", fill="tozeroy", fillcolor="$data/0.2"),
            line(x, q, "$generator", "p_g", fill="tozeroy", fillcolor="$generator/0.2"),
        ],
        "layout": {
            "xaxis": {"title": {"text": "x"}, "range": list(window), "nticks": 7},
            "yaxis": {"title": {"text": tr("density")}, "range": [0, 1.1 * float(max(p.max(), q.max()))],
                      "nticks": 5},
        },
    }  # fmt: skip
    opinion = {
        "id": "opinion", "title": tr("D(x) and D*(x)"), "help": tr("dashed: D*"),
        "columns": 4, "height": 270, "pace": "fast", "data": _opinions(e.x, e.d_star, e.d),
        "layout": _opinion_layout(window),
    }  # fmt: skip
    return [density, opinion, proven_panel(steps, all_proven, e.jsd, now, tr)]


def proven_panel(steps: Sequence[int], proven: Sequence[float], jsd: float, now: int, tr: Translate) -> Panel:
    """(V + log 4)/2 over D's steps, on a logarithmic axis that leaves out step 0, under the JSD."""
    at, values = np.array(steps, dtype=float)[1:], np.array(proven)[1:]
    shapes = [
        {"type": "line", "yref": "paper", "y0": 0, "y1": 1, "x0": now, "x1": now,
         "line": {"color": "$muted", "width": 2, "dash": "dot"}}
    ] if now else []  # fmt: skip
    ticks = [1, 10, 100, 1000]
    layout = {
        "shapes": shapes,
        "xaxis": {"type": "log", "title": {"text": tr("D steps")}, "range": [-0.05, np.log10(at[-1]) + 0.05],
                  "tickvals": ticks, "ticktext": [f"{t:,}" for t in ticks]},
        "yaxis": {"title": {"text": tr("nats")}, "range": [min(0.0, 1.1 * values.min()), 1.2 * jsd], "nticks": 5},
    }  # fmt: skip
    return {
        "id": "proven", "title": tr("What D can prove"), "help": tr("grey: not yet"),
        "columns": 4, "height": 270, "pace": "fast",
        "data": [
            line(at, values, "$discriminator", tr("proven by D"), width=3, fill="tozeroy",
                 fillcolor="$discriminator/0.45"),
            line(at, np.full(len(at), jsd), "$text", "JSD", width=2, fill="tonexty", fillcolor="$text/0.13"),
        ],
        "layout": with_levels(layout, [level(jsd, f"JSD = {jsd:.3f}", "$text", dash="solid")]),
    }  # fmt: skip


def _opinions(x: np.ndarray, d_star: np.ndarray, d: np.ndarray) -> list[Panel]:
    return [
        line(x, d_star, "$muted", "D*(x)", dash="dash", width=2.5),
        line(x, d, "$discriminator", "D(x)", width=3),
    ]


def _opinion_layout(window: tuple[float, float]) -> Panel:
    layout = {
        "xaxis": {"title": {"text": "x"}, "range": list(window), "nticks": 8},
        "yaxis": {"title": {"text": "D(x)"}, "range": [-0.03, 1.03], "dtick": 0.5},
    }
    return with_levels(layout, [level(0.5, "1/2")])
