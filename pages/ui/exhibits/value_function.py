"""Panels of the lesson on the value function: verdicts on the curves of the logarithm, the loss as two bars, gaps."""

import numpy as np

from gan_core.lessons.value_function import Gaps, Scores
from pages.ui.figures import Panel, Translate, level, line, with_levels
from pages.ui.units import Unit

_GAPS = {"subtraction": ("1 − D", "$text"), "log": ("−log D", "$data"), "squared": ("(1 − D)²", "$accent")}
LOWEST, HIGHEST = -5.2, 3.0  # nats


def verdicts_panel(
    d: np.ndarray, curves: tuple[np.ndarray, np.ndarray], real: tuple[np.ndarray, np.ndarray],
    fake: tuple[np.ndarray, np.ndarray], scores: Scores, unit: Unit, tr: Translate,
) -> Panel:  # fmt: skip
    """log D and log(1 - D) over D with a dot per verdict; the axis shows the unit, the shapes stay.

    Args:
        d: (n,). curves: log d and log(1 - d), (n,). real, fake: D on notes, and its logarithms, in nats.
    """
    k = unit.per_nat
    means = [
        {"type": "line", "xref": "paper", "x0": x0, "x1": x0 + 0.5, "y0": mean * k, "y1": mean * k,
         "line": {"color": color, "width": 2, "dash": "dash"}}
        for x0, mean, color in ((0.5, scores.real, "$data"), (0, scores.fake, "$generator"))
    ]  # fmt: skip
    names = [
        _note(0.155, -3.1 * k, "log D", "$data", "left"),
        _note(0.845, -3.1 * k, "log(1 − D)", "$generator", "right"),
    ]
    return {
        "id": "verdicts", "title": tr("A dot for every verdict"),
        "help": tr("blue: real notes · orange: fakes · dashed: their means"),
        "columns": 8, "height": 330, "pace": "fast",
        "data": [
            line(d, curves[0] * k, "$data/0.6", "log D", width=2.5),
            line(d, curves[1] * k, "$generator/0.6", "log(1 − D)", width=2.5),
            _dots(real[0], real[1] * k, "$data", tr("real")),
            _dots(fake[0], fake[1] * k, "$generator", tr("fake")),
        ],
        "layout": {
            "shapes": means, "annotations": names,
            "xaxis": {"title": {"text": "D"}, "range": [-0.02, 1.02], "dtick": 0.25},
            "yaxis": {"title": {"text": tr(unit.name)}, "range": [LOWEST * k, 0.3 * k], "nticks": 7},
        },
    }  # fmt: skip


def loss_panel(scores: Scores, coin_toss: Scores, unit: Unit, tr: Translate) -> Panel:
    """The loss of D as its two penalties on top of each other, and as the mean that some code prints."""
    k = unit.per_nat
    names = [tr("sum, −V"), tr("mean, −V/2")]
    bar = {"type": "bar", "width": 0.55, "hoverinfo": "y+name"}
    layout = {
        "barmode": "stack",
        "xaxis": {"type": "category", "range": [-0.5, 1.5]},
        "yaxis": {"title": {"text": tr(unit.name)}, "range": [0, HIGHEST * k], "nticks": 6},
    }
    toss = level(coin_toss.loss * k, tr("coin toss: {value:.3g}", value=coin_toss.loss * k))
    return {
        "id": "loss", "title": tr("The loss of D"), "help": tr("a sum of two penalties"),
        "columns": 4, "height": 330, "pace": "fast",
        "data": [
            {**bar, "x": names[:1], "y": [-scores.real * k], "name": tr("real"), "marker": {"color": "$data/0.75"}},
            {**bar, "x": names[:1], "y": [-scores.fake * k], "name": tr("fake"),
             "marker": {"color": "$generator/0.75"}},
            {**bar, "x": names[1:], "y": [scores.loss_mean * k], "name": tr("mean, −V/2"),
             "marker": {"color": "$muted"}},
        ],
        "layout": with_levels(layout, [toss]),
    }  # fmt: skip


def gaps_panel(d: np.ndarray, gaps: Gaps, now: float, here: Gaps, tr: Translate) -> Panel:
    """Three gaps to 1 over D, with a dot at the present verdict."""
    places = {"subtraction": (0.1, 1.2, "left"), "log": (0.1, 2.75, "left"), "squared": (0.05, 0.42, "left")}
    return {
        "id": "gaps", "title": tr("One real note: the gap between D and 1"), "help": "",
        "columns": 6, "height": 320, "pace": "fast",
        "data": [
            *_lines(d, gaps),
            *(_dots(np.array([now]), np.array([getattr(here, k)]), c, n) for k, (n, c) in _GAPS.items()),
        ],
        "layout": {
            "annotations": [_note(x, y, _GAPS[k][0], _GAPS[k][1], a) for k, (x, y, a) in places.items()],
            "xaxis": {"title": {"text": "D"}, "range": [-0.02, 1.02], "dtick": 0.25},
            "yaxis": {"title": {"text": tr("penalty")}, "range": [-0.15, 5], "dtick": 1},
        },
    }  # fmt: skip


def expected_panel(d: np.ndarray, gaps: Gaps, best: Gaps, lowest: Gaps, share: float, tr: Translate) -> Panel:
    """The mean gap over D where a share of the notes is real, with a dot at the cheapest verdict of each.

    Args:
        best, lowest: the cheapest verdicts, nan where there is none, and what they cost.
    """
    data = _lines(d, gaps)
    for name, (label, color) in _GAPS.items():
        if not np.isnan(getattr(best, name)):
            data.append(_dots(np.array([getattr(best, name)]), np.array([getattr(lowest, name)]), color, label))
    honest = {"type": "line", "yref": "paper", "y0": 0, "y1": 1, "x0": share, "x1": share,
              "line": {"color": "$muted", "width": 1.5, "dash": "dot"}}  # fmt: skip
    return {
        "id": "expected", "title": tr("Many notes alike"),
        "help": tr("dots: the cheapest D · dotted: the honest D"),
        "columns": 6, "height": 320, "pace": "fast", "data": data,
        "layout": {
            "shapes": [honest],
            "xaxis": {"title": {"text": "D"}, "range": [-0.02, 1.02], "dtick": 0.25},
            "yaxis": {"title": {"text": tr("mean penalty")}, "range": [-0.05, 1.6], "dtick": 0.5},
        },
    }  # fmt: skip


def _lines(d: np.ndarray, gaps: Gaps) -> list[Panel]:
    return [line(d, getattr(gaps, k), color, label, width=3) for k, (label, color) in _GAPS.items()]


def _dots(x: np.ndarray, y: np.ndarray, color: str, name: str) -> Panel:
    return {"type": "scatter", "mode": "markers", "x": x, "y": y, "name": name, "hoverinfo": "x+y+name",
            "marker": {"size": 12, "color": color, "line": {"width": 1.5, "color": "$background"}}}  # fmt: skip


def _note(x: float, y: float, text: str, color: str, anchor: str) -> Panel:
    return {"x": x, "y": y, "text": text, "xanchor": anchor, "showarrow": False, "font": {"size": 16, "color": color}}
