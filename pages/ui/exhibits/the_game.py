"""Panels of the lesson on the game: the police's verdicts on a line of notes, and the arrows that the forger gets."""

import numpy as np

from pages.ui.figures import Panel, Translate, level, line, with_levels

POLICE_WINDOW, FORGER_WINDOW = (-4.0, 7.0), (-6.0, 6.0)
ARROW = 0.6  # length of an arrow in units of x, per unit of the loss's slope
LOWEST = -5.0  # of the panel of values; what lies below is drawn as a triangle on its edge


def verdicts_panel(
    x: np.ndarray, d: np.ndarray, best: np.ndarray | None, real: np.ndarray, fake: np.ndarray,
    wrong_real: np.ndarray, wrong_fake: np.ndarray, tr: Translate,
) -> Panel:  # fmt: skip
    """D(x) between the real notes, above, and the fakes, below; open circles are judged wrongly."""
    data = [
        line(x, d, "$discriminator", "D(x)", width=3.5),
        _dots(real, 1.09 + 0.085 * (np.arange(len(real)) % 3), "$data", tr("real"), wrong_real),
        _dots(fake, -0.09 - 0.085 * (np.arange(len(fake)) % 3), "$generator", tr("fake"), wrong_fake),
    ]
    if best is not None:
        data.insert(0, line(x, best, "$text", "D*(x)", dash="dash", width=2))
    layout = {
        "annotations": [
            _name(0.01, 1.18, tr("real"), "$data", "left"),
            _name(0.99, -0.18, tr("fake"), "$generator", "right"),
        ],
        "xaxis": {"title": {"text": "x"}, "range": list(POLICE_WINDOW), "dtick": 2},
        "yaxis": {"title": {"text": "D(x)"}, "range": [-0.33, 1.33], "tickvals": [0, 0.5, 1]},
    }
    return {
        "id": "verdicts", "title": tr("Your verdicts"),
        "help": tr("open circles: judged wrongly"),
        "columns": 6, "height": 300, "pace": "fast", "data": data, "layout": with_levels(layout, [level(0.5, "1/2")]),
    }  # fmt: skip


def values_panel(
    x: np.ndarray, log_d: np.ndarray, log_not_d: np.ndarray, real: np.ndarray, log_real: np.ndarray,
    fake: np.ndarray, log_fake: np.ndarray, means: tuple[float, float], tr: Translate,
) -> Panel:  # fmt: skip
    """What every note adds to V, and the two means, real on the left half and fake on the right."""
    data = [
        line(x, log_d, "$data/0.55", "log D(x)", width=2),
        line(x, log_not_d, "$generator/0.55", "log(1 − D(x))", width=2),
        _values(real, log_real, "$data", "log D(x)"),
        _values(fake, log_fake, "$generator", "log(1 − D(x))"),
    ]
    shapes = [
        {"type": "line", "xref": "paper", "x0": x0, "x1": x0 + 0.5, "y0": mean, "y1": mean,
         "line": {"color": color, "width": 2, "dash": "dash"}}
        for x0, mean, color in ((0, means[0], "$data"), (0.5, means[1], "$generator"))
    ]  # fmt: skip
    return {
        "id": "values", "title": tr("What every note adds to V"),
        "help": tr("dashed: the two means; V is their sum"),
        "columns": 6, "height": 300, "pace": "fast", "data": data,
        "layout": {
            "shapes": shapes,
            "xaxis": {"title": {"text": "x"}, "range": list(POLICE_WINDOW), "dtick": 2},
            "yaxis": {"title": {"text": tr("nats")}, "range": [LOWEST, 0.4], "dtick": 1},
        },
    }  # fmt: skip


def bells_panel(
    x: np.ndarray, p: np.ndarray, q: np.ndarray, fake: np.ndarray, push: np.ndarray, tr: Translate
) -> Panel:
    """Both densities, and below them fakes with the arrow that each gets from D."""
    top = 1.12 * float(max(p.max(), q.max()))
    rows = -top * (0.06 + 0.062 * (np.arange(len(fake)) % 6))
    tips, told = fake + ARROW * push, np.abs(push) > 0.04
    stems = np.column_stack([fake, tips, np.full_like(fake, np.nan)]).ravel()
    heads = {
        "size": 10, "color": "$generator",
        "symbol": ["triangle-left" if v < 0 else "triangle-right" for v in push[told]],
    }  # fmt: skip
    return {
        "id": "bells", "title": tr("Where D pushes every fake"),
        "help": tr("below: fakes, each with its arrow −∂L_G/∂x"),
        "columns": 6, "height": 320, "pace": "fast",
        "data": [
            line(x, p, "$data", "p_data", fill="tozeroy", fillcolor="$data/0.2"),
            line(x, q, "$generator", "p_g", fill="tozeroy", fillcolor="$generator/0.2"),
            line(stems, np.repeat(rows, 3), "$generator", "−∂L_G/∂x", width=2, hoverinfo="skip"),
            {"type": "scatter", "mode": "markers", "x": fake, "y": rows, "name": "G(z)", "hoverinfo": "x",
             "marker": {"size": 7, "color": "$generator"}},
            {"type": "scatter", "mode": "markers", "x": tips[told], "y": rows[told], "hoverinfo": "skip",
             "marker": heads},
        ],
        "layout": {
            "xaxis": {"title": {"text": "x"}, "range": list(FORGER_WINDOW), "dtick": 2},
            "yaxis": {"title": {"text": tr("density")}, "range": [-0.42 * top, top], "showticklabels": False},
        },
    }  # fmt: skip


def slope_panel(x: np.ndarray, d: np.ndarray, fake: np.ndarray, d_fake: np.ndarray, tr: Translate) -> Panel:
    """D(x) with the fakes on it: what they can climb."""
    layout = {
        "xaxis": {"title": {"text": "x"}, "range": list(FORGER_WINDOW), "dtick": 2},
        "yaxis": {"title": {"text": "D(x)"}, "range": [-0.05, 1.05], "tickvals": [0, 0.5, 1]},
    }
    return {
        "id": "slope", "title": tr("The slope that the fakes can climb"), "help": tr("green: D(x) · orange: fakes"),
        "columns": 6, "height": 320, "pace": "fast",
        "data": [line(x, d, "$discriminator", "D(x)", width=3.5), _dots(fake, d_fake, "$generator", "G(z)")],
        "layout": with_levels(layout, [level(0.5, "1/2")]),
    }  # fmt: skip


def _dots(x: np.ndarray, y: np.ndarray, color: str, name: str, hollow: np.ndarray | None = None) -> Panel:
    symbols = "circle" if hollow is None else ["circle-open" if h else "circle" for h in hollow]
    marker = {"size": 8, "color": color, "symbol": symbols, "line": {"width": 2, "color": color}}
    if hollow is None:
        marker["line"] = {"width": 1, "color": "$background"}
    return {"type": "scatter", "mode": "markers", "x": x, "y": y, "name": name, "marker": marker, "hoverinfo": "x+name"}


def _name(x: float, y: float, text: str, color: str, anchor: str) -> Panel:
    return {"xref": "paper", "x": x, "xanchor": anchor, "y": y, "text": text, "showarrow": False,
            "font": {"size": 15, "color": color}}  # fmt: skip


def _values(x: np.ndarray, y: np.ndarray, color: str, name: str) -> Panel:
    below = y < LOWEST + 0.1
    marker = {"size": 8, "color": color, "symbol": ["triangle-down" if b else "circle" for b in below],
              "line": {"width": 1, "color": "$background"}}  # fmt: skip
    return {"type": "scatter", "mode": "markers", "x": x, "y": np.maximum(y, LOWEST + 0.15), "name": name,
            "marker": marker, "hoverinfo": "x+y+name"}  # fmt: skip
