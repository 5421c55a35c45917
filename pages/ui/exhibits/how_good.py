"""Panels of the lesson on estimating a divergence."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from gan_core.distributions import Distribution
from pages.ui.figures import Panel, Translate, level, line, with_levels

if TYPE_CHECKING:
    from gan_core.lessons.estimators import KernelReading, NullReadings


def _upright(x: float, text: str, color: str, height: float, dash: str = "dash", side: str = "left") -> tuple:
    """A labelled vertical line: a shape and its annotation, which stands at `height` (0 to 1) of the panel."""
    shape = {"type": "line", "yref": "paper", "y0": 0, "y1": 1, "x0": x, "x1": x,
             "line": {"color": color, "width": 2, "dash": dash}}  # fmt: skip
    note = {"yref": "paper", "y": height, "x": x, "xanchor": side, "text": text, "showarrow": False, "xshift": 4,
            "font": {"size": 14, "color": color}, "bgcolor": "$background/0.75"}  # fmt: skip
    return shape, note


def _steps(trace: Panel) -> Panel:
    """The line as a staircase."""
    return {**trace, "line": {**trace["line"], "shape": "hvh"}}


def cells_panel(x: np.ndarray, p: np.ndarray, shares: np.ndarray, title: str, tr: Translate) -> Panel:
    """Exact masses and one histogram of perfect fakes, cell by cell."""
    return {
        "id": "cells", "title": tr("One draw of perfect fakes"), "help": tr("orange: their shares · blue: the truth"),
        "columns": 6, "height": 300, "pace": "fast",
        "data": [
            _steps(line(x, shares, "$generator", "p_g", width=1.2, fill="tozeroy", fillcolor="$generator/0.35")),
            _steps(line(x, p, "$data", "p_data", width=2)),
        ],
        "layout": {
            "xaxis": {"title": {"text": title}, "range": [float(x[0]), float(x[-1])]},
            "yaxis": {"title": {"text": tr("share of the fakes")}, "range": [0, 1.2 * float(shares.max())], "nticks": 5},
        },
    }  # fmt: skip


def squares_panel(target: Distribution, p: np.ndarray, shares: np.ndarray, tr: Translate) -> Panel:
    """One histogram of perfect 2D fakes as a picture; p, shares: (n² + 1,)."""
    n = round(np.sqrt(len(p) - 1))
    fine = np.linspace(*target.bounds[0], 81)
    exact = target.grid_mass(fine, fine)
    layers = [
        {"id": "shares", "label": "", "type": "density", "values": shares[:-1], "n": n, "m": n,
         "top": float(shares[:-1].max()), "color": "$generator"},
        {"id": "p_data", "label": "", "type": "contour", "values": exact.ravel(), "n": 80, "m": 80,
         "levels": [0.1 * float(exact.max())], "color": "$data", "width": 1.6},
    ]  # fmt: skip
    return {
        "id": "squares", "kind": "field", "title": tr("One draw of perfect fakes"),
        "help": tr("orange: their shares · blue: the truth"), "columns": 6, "height": 300, "pace": "fast",
        "layers": layers, "morph": "", "x": list(target.bounds[0]), "y": list(target.bounds[1]),
        "xlabel": "x₁", "ylabel": "x₂",
    }  # fmt: skip


def readings_panel(readings: "NullReadings", expected: float, tr: Translate) -> Panel:
    """The readings of many draws as two histograms, with the truth and what was to be expected."""
    both = np.r_[readings.plug_in, readings.debiased, 0.0]
    spread = float(np.ptp(both))
    low, high = float(both.min()) - 0.08 * spread, float(both.max()) + 0.12 * spread
    edges = np.linspace(low, high, 41)
    x = (edges[:-1] + edges[1:]) / 2
    data, top = [], 1
    for values, color, name in (
        (readings.plug_in, "$generator", tr("plug-in")),
        (readings.debiased, "$accent", tr("de-biased")),
    ):
        count = np.histogram(values, edges)[0]
        top = max(top, int(count.max()))
        data.append({"type": "bar", "x": x, "y": count, "name": name, "width": float(edges[1] - edges[0]),
                     "marker": {"color": color, "opacity": 0.75}})  # fmt: skip
    layout = {
        "barmode": "overlay", "bargap": 0,
        "xaxis": {"title": {"text": tr("JSD that is read, nats")}, "range": [low, high], "nticks": 6,
                  "tickformat": ".2~g"},
        "yaxis": {"title": {"text": tr("draws")}, "range": [0, 1.45 * top], "nticks": 5},
    }  # fmt: skip
    marks = [
        _upright(0, tr("truth: 0"), "$data", 0.98, "solid"),
        _upright(
            expected, tr("expected reading"), "$text", 0.86, "dash", "left" if expected < (low + high) / 2 else "right"
        ),
    ]
    return {
        "id": "readings", "title": tr("Fifty draws, fifty readings"), "help": tr("orange: plug-in · violet: de-biased"),
        "columns": 6, "height": 326, "pace": "fast", "data": data, "layout": with_levels(layout, marks),
    }  # fmt: skip


def kernel_panel(reading: "KernelReading", tr: Translate) -> Panel:
    """The data, the kernel density estimate of perfect fakes, and the data smoothed alike."""
    return {
        "id": "kernel", "title": tr("What the estimate sees"),
        "help": tr("dashed: the data, smoothed alike"),
        "columns": 6, "height": 300, "pace": "fast",
        "data": [
            line(reading.x, reading.p_data, "$data", "p_data", fill="tozeroy", fillcolor="$data/0.18"),
            line(reading.x, reading.estimate, "$generator", tr("kernel estimate"), width=3),
            line(reading.x, reading.smoothed, "$data", tr("data, smoothed"), dash="dash", width=2),
        ],
        "layout": {
            "xaxis": {"title": {"text": "x"}, "range": [-5, 5]},
            "yaxis": {"title": {"text": tr("density")}, "range": [0, 0.5], "nticks": 5},
        },
    }  # fmt: skip


def bandwidths_panel(
    bandwidths: Sequence[float], curve: Sequence[tuple[float, float]], now: float, rule: float, tr: Translate
) -> Panel:
    """Both readings over the bandwidth; `curve` holds (raw, matched)."""
    at, (raw, matched) = np.array(bandwidths), np.array(curve).T
    layout = {
        "xaxis": {"title": {"text": tr("bandwidth h")}, "range": [0, max(bandwidths)], "nticks": 6},
        "yaxis": {"title": {"text": tr("JSD, nats")}, "range": [-0.003, 0.1], "nticks": 6},
    }
    marks = [_upright(now, tr("h now"), "$muted", 0.86, "dot"), _upright(rule, tr("rule of thumb"), "$text", 0.98)]
    return {
        "id": "bandwidths", "title": tr("Two readings"),
        "help": tr("orange: against the data · violet: both smoothed"),
        "columns": 6, "height": 300, "pace": "fast",
        "data": [
            line(at, raw, "$generator", tr("against the data"), width=3),
            line(at, matched, "$accent", tr("both smoothed"), width=3),
        ],
        "layout": with_levels(layout, marks),
    }  # fmt: skip


def ring_panel(target: Distribution, fakes: np.ndarray, tr: Translate) -> Panel:
    """Fakes, and the circles that count as high quality."""
    assert target.modes is not None, "only a mixture has circles"
    rings = {"x": target.modes[:, 0], "y": target.modes[:, 1], "radius": 3 * target.mode_scale, "colors": ["$data"]}
    layers = [
        {"id": "rings", "label": "", "type": "rings", **rings},
        {"id": "fakes", "label": "", "type": "points", "x": fakes[:, 0], "y": fakes[:, 1], "color": "$generator",
         "size": 1.7},
    ]  # fmt: skip
    return {
        "id": "ring", "kind": "field", "title": tr("The fakes"), "help": tr("blue: 3 σ around every mode of the data"),
        "columns": 6, "rows": 2, "height": 500, "pace": "fast", "layers": layers, "morph": "",
        "x": list(target.bounds[0]), "y": list(target.bounds[1]), "xlabel": "x₁", "ylabel": "x₂",
    }  # fmt: skip


def quality_panel(
    widths: np.ndarray, shares: np.ndarray, ceiling: float, now: tuple[float, float], tr: Translate
) -> Panel:
    """High-quality share over the width of the modes, in percent."""
    layout = {
        "xaxis": {"title": {"text": tr("width of the modes, 1 = right")}, "range": [0.3, 2], "nticks": 8},
        "yaxis": {"range": [60, 106], "dtick": 10, "ticksuffix": " %"},
    }
    top = level(100 * ceiling, tr("perfect fakes: {share:.2f} %", share=100 * ceiling), "$data", dash="dash")
    return {
        "id": "quality", "title": tr("High quality"), "help": tr("above the dashed line: too narrow"),
        "columns": 6, "height": 235, "pace": "fast",
        "data": [line(widths, 100 * shares, "$generator", tr("High quality"), width=3), _dot(now[0], 100 * now[1])],
        "layout": with_levels(layout, [top]),
    }  # fmt: skip


def error_panel(widths: np.ndarray, jsd: np.ndarray, ruler: float, now: tuple[float, float], tr: Translate) -> Panel:
    """JSD over the width of the modes, with the ruler value of the modes that are there."""
    layout = {
        "xaxis": {"title": {"text": tr("width of the modes, 1 = right")}, "range": [0.3, 2], "nticks": 8},
        "yaxis": {"range": [-0.03, 0.72], "dtick": 0.2, "title": {"text": tr("JSD, nats")}},
    }
    marks = [level(ruler, tr("ruler: {value:.3f}", value=ruler), "$accent")]
    return {
        "id": "error", "title": "JSD", "help": tr("it sees both errors: too narrow and too wide"),
        "columns": 6, "height": 235, "pace": "fast",
        "data": [line(widths, jsd, "$text", "JSD", width=3), _dot(*now)],
        "layout": with_levels(layout, marks),
    }  # fmt: skip


def _dot(x: float, y: float) -> Panel:
    return {"type": "scatter", "mode": "markers", "x": [x], "y": [y], "hoverinfo": "x+y", "name": "",
            "marker": {"size": 13, "color": "$generator", "line": {"color": "$background", "width": 2}}}  # fmt: skip
