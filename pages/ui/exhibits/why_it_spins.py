"""Panels of the lesson on the Dirac-GAN."""

import math

import numpy as np

from gan_core.lessons.dirac import Path, velocity
from pages.ui.figures import Panel, Translate, level, line, with_levels

SIDE = 2.4  # half the window of the phase plane
_ARROW = 0.13  # units of the plane drawn per unit of velocity
_POINTS = 4000  # drawn of a path, at most


def _drawn(path: Path) -> slice:
    """What a chart needs of a path: all until it has left for good, in at most _POINTS points."""
    outside = np.flatnonzero(path.radius > 4 * SIDE)
    end = int(outside[0]) + 1 if len(outside) else len(path.time)
    return slice(0, end, -(-end // _POINTS))


def plane_panel(path: Path, loss: str, gamma: float, predicted: float, tr: Translate) -> Panel:
    """The phase plane: where the pulls point, the circle that theory predicts, and the path so far."""
    drawn = _drawn(path)
    at = np.linspace(-SIDE, SIDE, 15)[1:-1]
    theta, psi = (a.ravel() for a in np.meshgrid(at, at, indexing="ij"))
    d_theta, d_psi = velocity(loss, theta, psi, gamma)
    layers = [
        {"id": "arrows", "label": tr("arrows"), "type": "arrows", "x": theta, "y": psi, "dx": d_theta, "dy": d_psi,
         "color": "$muted", "scale": _ARROW, "help": tr("Where one step of gradient descent goes")},
        {"id": "path", "label": tr("path so far"), "type": "mesh", "n": 1, "m": len(path.theta[drawn]),
         "x": path.theta[drawn], "y": path.psi[drawn], "color": "$text"},
    ]  # fmt: skip
    if 0 < predicted < math.inf:
        layers.append({"id": "predicted", "label": tr("predicted circle"), "type": "rings", "x": np.zeros(1),
                       "y": np.zeros(1), "radius": predicted, "colors": ["$accent"]})  # fmt: skip
    layers += [
        {"id": "solution", "label": "", "type": "points", "x": np.zeros(1), "y": np.zeros(1), "color": "$data",
         "size": 6, "rim": True},
        {"id": "now", "label": "", "type": "points", "x": path.theta[-1:], "y": path.psi[-1:], "color": "$generator",
         "size": 7, "rim": True},
    ]  # fmt: skip
    return {
        "id": "plane", "kind": "field", "title": tr("Both players in one plane"),
        "help": tr("blue: the solution · orange: now"),
        "tip": tr("across: where the fakes are, θ · up: the slope of D, ψ"),
        "columns": 6, "height": 430, "pace": "fast", "layers": layers, "morph": "",
        "x": [-SIDE, SIDE], "y": [-SIDE, SIDE], "xlabel": "θ", "ylabel": "ψ",
    }  # fmt: skip


def radius_panel(path: Path, duration: float, predicted: float, tr: Translate) -> Panel:
    """The distance from the solution over time, with what theory expects in the long run."""
    drawn = _drawn(path)
    top = SIDE if path.radius.max() <= SIDE else 2.5 * SIDE
    layout = {
        "xaxis": {"title": {"text": tr("time = steps × h")}, "range": [0, 1.03 * max(duration, 10)], "nticks": 6},
        "yaxis": {"title": {"text": "r = √(θ² + ψ²)"}, "range": [-0.025 * top, top], "nticks": 6},
    }
    levels = []
    if predicted < math.inf:
        levels.append(level(predicted, tr("predicted: {radius:.3f}", radius=predicted), "$accent", dash="dash"))
    now = {"type": "scatter", "mode": "markers", "x": path.time[-1:], "y": path.radius[-1:], "hoverinfo": "x+y",
           "name": "", "marker": {"size": 12, "color": "$generator"}}  # fmt: skip
    return {
        "id": "radius", "title": tr("Distance from the solution"), "help": tr("0: the fakes are the data, and D is flat"),
        "columns": 6, "height": 462, "pace": "fast",
        "data": [line(path.time[drawn], path.radius[drawn], "$text", tr("Distance from the solution"), width=2), now],
        "layout": with_levels(layout, levels),
    }  # fmt: skip


def swing_panel(id: str, title: str, path: Path, mean: np.ndarray, duration: float, tr: Translate) -> Panel:
    """Where the fakes are over time, and their running average."""
    keep = _drawn(path)
    zero = level(0, "", "$data", dash="solid")
    return {
        "id": id, "title": title, "help": tr("orange: fakes θ · violet: their average · blue: data"),
        "columns": 6, "height": 270, "pace": "fast",
        "data": [
            line(path.time[keep], path.theta[keep], "$generator", "θ", width=1.8),
            line(path.time[keep], mean[keep], "$accent", tr("average of θ"), width=3),
        ],
        "layout": with_levels({
            "xaxis": {"title": {"text": tr("time = steps × h")}, "range": [0, duration], "nticks": 6},
            "yaxis": {"title": {"text": "θ"}, "range": [-1.6, 1.6], "dtick": 0.5},
        }, [zero]),
    }  # fmt: skip
