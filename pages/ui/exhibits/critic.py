"""Panels of the lesson on the critic: the plan, the potential, what the fakes feel, and three trained critics."""

from typing import TYPE_CHECKING

import numpy as np

from gan_core.divergences import LOG2
from pages.ui.figures import Panel, Translate, level, line, nice_range, with_levels

if TYPE_CHECKING:
    from gan_core.lessons.critic import Reading, Transport

WINDOW = 9.0  # half the width of what is drawn
_TALL = 1.6  # of a density of 1 in the picture of the plan


def plan_panel(x: np.ndarray, now: "Transport", tr: Translate) -> Panel:
    """Fakes above, data hanging below, and a thread from each fortieth of the fakes to where it is carried."""
    starts, ends = np.repeat(now.starts, 2), np.repeat(now.ends, 2)
    turn = np.arange(len(starts)) % 4 // 2 == np.arange(len(starts)) % 2  # up, down, down, up: one unbroken path
    threads = {"x": np.where(turn, starts, ends), "y": np.where(turn, 1.0, 0.0)}
    floor = line(x, np.ones_like(x), "$generator", "", width=1, hoverinfo="skip")
    return {
        "id": "plan", "title": tr("What has to be carried where"),
        "help": tr("orange: fakes · blue: data, upside down"),
        "tip": tr("Each thread carries a forty-first of the fakes; W₁ is the mean of how far they go"),
        "columns": 6, "height": 300, "pace": "fast",
        "data": [
            line(threads["x"], threads["y"], "$muted", tr("the cheapest plan"), width=1, hoverinfo="skip"),
            floor,
            line(x, 1 + _TALL * now.q, "$generator", "p_g", fill="tonexty", fillcolor="$generator/0.25"),
            line(x, -_TALL * now.p, "$data", "p_data", fill="tozeroy", fillcolor="$data/0.25"),
        ],
        "layout": {
            "xaxis": {"title": {"text": "x"}, "range": [-WINDOW, WINDOW], "nticks": 9},
            "yaxis": {"range": [-0.85, 2.2], "tickvals": [], "ticktext": []},
        },
    }  # fmt: skip


def potential_panel(x: np.ndarray, now: "Transport", steepest: float, tr: Translate) -> Panel:
    """The best critic that is nowhere steeper than allowed, and the best judge on an axis of its own."""
    return {
        "id": "potential", "title": tr("The best critic, and the best judge"),
        "help": tr("green: critic · dashed: judge D*, 0 to 1 stretched over the height"),
        "columns": 6, "height": 300, "pace": "fast",
        "data": [
            line(x, 20 * now.opinion - 10, "$muted", tr("judge D*, stretched"), dash="dash", width=2),
            line(x, now.under(steepest)[0], "$discriminator", tr("critic of slope {k:g} at most", k=steepest), width=3),
        ],
        "layout": {
            "xaxis": {"title": {"text": "x"}, "range": [-WINDOW, WINDOW], "nticks": 9},
            "yaxis": {"title": {"text": tr("score")}, "range": [-11, 11], "tickvals": [-10, -5, 0, 5, 10]},
        },
    }  # fmt: skip


def far_panels(thetas: np.ndarray, rows: np.ndarray, now: "Transport", tr: Translate) -> list[Panel]:
    """Both distances over the place of the fakes, each as a share of its value at the edge, and both pulls."""
    w1, jsd, pull, jsd_pull = rows
    axis = {"title": {"text": tr("place θ of the fakes")}, "range": [float(thetas[0]), float(thetas[-1])], "nticks": 9}
    theta, (inward, jsd_inward) = now.theta, now.inward
    distances = {
        "id": "distances", "title": tr("Both distances"), "help": tr("solid: W₁ ÷ 8 · dashed: JSD ÷ log 2"),
        "columns": 6, "height": 230, "pace": "fast",
        "data": [
            line(thetas, w1 / thetas[-1], "$accent", "W₁ ÷ 8", width=3),
            line(thetas, jsd / LOG2, "$text", "JSD ÷ log 2", dash="dash"),
            _dot(theta, now.w1 / thetas[-1], "$accent"), _dot(theta, now.jsd / LOG2, "$text"),
        ],
        "layout": {"xaxis": axis, "yaxis": {"range": [-0.05, 1.15], "dtick": 0.5}},
    }  # fmt: skip
    pulls = {
        "id": "pulls", "title": tr("Pull of the fakes towards 0"), "help": tr("solid: by the critic · dashed: by the judge"),
        "columns": 6, "height": 230, "pace": "fast",
        "data": [
            line(thetas, pull, "$accent", tr("critic"), width=3), line(thetas, jsd_pull, "$text", tr("judge"), dash="dash"),
            _dot(theta, inward, "$accent"), _dot(theta, jsd_inward, "$text"),
        ],
        "layout": with_levels({"xaxis": axis, "yaxis": {"range": [-0.45, 1.15], "dtick": 0.5}}, [level(0, "")]),
    }  # fmt: skip
    return [distances, pulls]


def trained_panel(
    id: str, title: str, x: np.ndarray, best: np.ndarray, masses: tuple[np.ndarray, np.ndarray], now: "Reading",
    tr: Translate,
) -> Panel:  # fmt: skip
    """A trained critic beside the best one of slope 1, with data and fakes along the bottom."""
    low, high = nice_range(np.r_[best, now.scores])
    unit = 0.3 * (high - low) / max(float(m.max()) for m in masses)
    bottom = np.full_like(x, low)
    p, q = masses
    return {
        "id": id, "title": title, "help": tr("dashed: the best of slope 1"), "columns": 4, "height": 270, "pace": "fast",
        "data": [
            line(x, bottom, "$muted", "", width=0.5, hoverinfo="skip"),
            line(x, low + unit * p, "$data", "p_data", width=1, fill="tonexty", fillcolor="$data/0.2", hoverinfo="skip"),
            line(x, bottom, "$muted", "", width=0.5, hoverinfo="skip"),
            line(x, low + unit * q, "$generator", "p_g", width=1, fill="tonexty", fillcolor="$generator/0.2",
                 hoverinfo="skip"),
            line(x, best, "$muted", tr("the best of slope 1"), dash="dash", width=2),
            line(x, now.scores, "$discriminator", "D(x)", width=3),
        ],
        "layout": {
            "xaxis": {"title": {"text": "x"}, "range": [float(x[0]), float(x[-1])], "nticks": 6},
            "yaxis": {"title": {"text": tr("score")}, "range": [low, high], "nticks": 5},
        },
    }  # fmt: skip


def _dot(x: float, y: float, color: str) -> Panel:
    return {"type": "scatter", "mode": "markers", "x": np.array([x]), "y": np.array([y]), "hoverinfo": "x+y", "name": "",
            "marker": {"size": 11, "color": color}}  # fmt: skip
