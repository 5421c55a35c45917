"""Panels of the lesson on the two losses of G. Solid: -log D, dashed: log(1 - D), as on the live pages."""

from typing import TYPE_CHECKING

import numpy as np

from gan_core.divergences import LOG2
from pages.ui.figures import Panel, Translate, level, line, with_levels

if TYPE_CHECKING:
    from gan_core.lessons.generator_losses import Slopes
    from gan_core.lessons.short_trainings import Curves

NAMES = {"non_saturating": ("−log D", "solid"), "minimax": ("log(1 − D)", "dash")}
_TICKS = (0.01, 0.1, 0.5, 0.9, 0.99)
_RUN = 1.5  # of a slope triangle, in logits


def losses_panel(logits: np.ndarray, curves: dict[str, np.ndarray], now: "Slopes", tr: Translate) -> Panel:
    """Both losses over D's logit, with a slope triangle each where D is now."""
    data, notes = [], []
    for name, (label, dash) in NAMES.items():
        value, slope = getattr(now, name), getattr(now, f"{name}_slope")
        x, y = [now.logit, now.logit + _RUN, now.logit + _RUN], [value, value, value + _RUN * slope]
        data += [
            line(logits, curves[name], "$generator", label, dash=dash, width=3),
            line(np.array([*x, x[0]]), np.array([*y, y[0]]), "$text", tr("slope"), width=1.5, fill="toself",
                 fillcolor="$accent/0.55"),
            _dot(now.logit, value, label),
        ]  # fmt: skip
        notes.append({"x": x[1], "y": (y[1] + y[2]) / 2, "xanchor": "left", "text": f"{slope:.3f}".replace("-", "−"), "showarrow": False,
                      "font": {"size": 16, "color": "$accent"}, "xshift": 4, "bgcolor": "$background/0.75"})  # fmt: skip
    notes += [_name(-3.3, 3.9, "−log D"), _name(3.1, -2.6, "log(1 − D)")]
    places = np.log(np.array(_TICKS) / (1 - np.array(_TICKS)))
    return {
        "id": "losses", "title": tr("Two losses for one fake"), "help": tr("triangles: slope by the logit"),
        "columns": 8, "height": 340, "pace": "fast", "data": data,
        "layout": {
            "annotations": notes,
            "xaxis": {"title": {"text": tr("D(G(z)), on the scale of its logit")}, "range": [-5.2, 5.6],
                      "tickvals": places, "ticktext": [f"{t:g}" for t in _TICKS]},
            "yaxis": {"title": {"text": tr("nats")}, "range": [-5.4, 5.6], "nticks": 6},
        },
    }  # fmt: skip


def pulls_panel(logits: np.ndarray, slopes: dict[str, np.ndarray], now: "Slopes", tr: Translate) -> Panel:
    """How hard each loss pulls, over the same axis, logarithmically."""
    data = []
    for name, (label, dash) in NAMES.items():
        data += [
            line(logits, -slopes[name], "$generator", label, dash=dash, width=3),
            _dot(now.logit, -getattr(now, f"{name}_slope"), label),
        ]
    places = np.log(np.array(_TICKS) / (1 - np.array(_TICKS)))
    ticks = [0.01, 0.1, 1]
    return {
        "id": "pulls", "title": tr("How hard each pulls"), "help": tr("dashed: log(1 − D)"),
        "columns": 4, "height": 340, "pace": "fast", "data": data,
        "layout": {
            "xaxis": {"title": {"text": "D(G(z))"}, "range": [-5.2, 5.2], "tickvals": places[[0, 2, 4]],
                      "ticktext": [f"{_TICKS[i]:g}" for i in (0, 2, 4)]},
            "yaxis": {"type": "log", "range": [-2.4, 0.2], "tickvals": ticks, "ticktext": [f"{t:g}" for t in ticks]},
        },
    }  # fmt: skip


def far_panel(x: np.ndarray, p: np.ndarray, q: np.ndarray, d_star: np.ndarray, tr: Translate) -> Panel:
    """Both bells, and the best D on the same axis."""
    return {
        "id": "far", "title": tr("The best D, and fakes far off"), "help": tr("dashed: D*"),
        "columns": 4, "height": 290, "pace": "fast",
        "data": [
            line(x, p, "$data", "p_data", fill="tozeroy", fillcolor="$data/0.2"),
            line(x, q, "$generator", "p_g", fill="tozeroy", fillcolor="$generator/0.2"),
            line(x, d_star, "$muted", "D*(x)", dash="dash", width=2.5),
        ],
        "layout": {
            "xaxis": {"title": {"text": "x"}, "range": [float(x[0]), float(x[-1])], "nticks": 8},
            "yaxis": {"title": {"text": tr("density, D*")}, "range": [0, 1.05], "dtick": 0.5},
        },
    }  # fmt: skip


def gradients_panel(thetas: np.ndarray, slopes: np.ndarray, theta: float, tr: Translate) -> Panel:
    """Pull on G over the shift, (n, 2): saturating, non-saturating; logarithmic."""
    mark = {"type": "line", "yref": "paper", "y0": 0, "y1": 1, "x0": theta, "x1": theta,
            "line": {"color": "$muted", "width": 2, "dash": "dot"}}  # fmt: skip
    ticks = [1e-6, 1e-4, 1e-2, 1]
    return {
        "id": "gradients", "title": tr("Pull on G"), "help": tr("dashed: log(1 − D)"),
        "columns": 4, "height": 290, "pace": "fast",
        "data": [
            line(thetas, slopes[:, 1], "$generator", NAMES["non_saturating"][0], width=3),
            line(thetas, slopes[:, 0], "$generator", NAMES["minimax"][0], dash="dash", width=3),
        ],
        "layout": {
            "shapes": [mark],
            "xaxis": {"title": {"text": "θ"}, "range": [0, 10], "dtick": 2},
            "yaxis": {"type": "log", "title": {"text": "|∂L_G/∂θ|"}, "range": [-6, 1.3], "tickvals": ticks,
                      "ticktext": ["10⁻⁶", "10⁻⁴", "0.01", "1"]},
        },
    }  # fmt: skip


def walk_panel(saturating: np.ndarray, non_saturating: np.ndarray, tr: Translate) -> Panel:
    """The way of the fakes, step by step."""
    steps = np.arange(len(saturating))
    return {
        "id": "walk", "title": tr("60 plain steps of G"),
        "help": tr("solid {a:.2f}, dashed {b:.2f}", a=non_saturating[-1], b=saturating[-1]),
        "columns": 4, "height": 290, "pace": "fast",
        "data": [
            line(steps, non_saturating, "$generator", NAMES["non_saturating"][0], width=3),
            line(steps, saturating, "$generator", NAMES["minimax"][0], dash="dash", width=3),
        ],
        "layout": {
            "xaxis": {"title": {"text": tr("step")}, "range": [0, len(saturating) - 1], "nticks": 5},
            "yaxis": {"title": {"text": "θ"}, "range": [-0.3, 10.3], "dtick": 2},
        },
    }  # fmt: skip


def twin_panel(id: str, title: str, twins: "dict[str, Curves]", tr: Translate) -> Panel:
    """The JSD of two trainings that differ in G's loss only, and where it ends."""
    end = int(twins["minimax"]["step"][-1])
    solid, dashed = twins["non_saturating"]["jsd"][-1], twins["minimax"]["jsd"][-1]
    layout = {
        "xaxis": {"title": {"text": tr("step")}, "range": [0, end], "nticks": 4},
        "yaxis": {"title": {"text": tr("JSD, nats")}, "range": [0, 0.78], "dtick": 0.25},
    }
    return {
        "id": id, "title": title, "help": tr("solid {a:.2f}, dashed {b:.2f}", a=solid, b=dashed), "columns": 4, "height": 270, "pace": "fast",
        "data": [
            line(twins[name]["step"], twins[name]["jsd"], "$generator", label, dash=dash, width=3)
            for name, (label, dash) in NAMES.items()
        ],
        "layout": with_levels(layout, [level(LOG2, "log 2")]),
    }  # fmt: skip


def _dot(x: float, y: float, name: str) -> Panel:
    return {"type": "scatter", "mode": "markers", "x": [x], "y": [y], "name": name, "hoverinfo": "y+name",
            "marker": {"size": 12, "color": "$generator", "line": {"width": 2, "color": "$background"}}}  # fmt: skip


def _name(x: float, y: float, text: str) -> Panel:
    return {"x": x, "y": y, "text": text, "xanchor": "left", "showarrow": False,
            "font": {"size": 16, "color": "$generator"}}  # fmt: skip
