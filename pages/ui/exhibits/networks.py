"""The picture of the layers, and the panels of activation and dropout."""

import html
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from pages.ui.figures import Panel, Translate, level, line, with_levels

if TYPE_CHECKING:
    from gan_core.lessons.dropout import Count, Opinions
    from gan_core.lessons.layers import Architecture, Layer
    from gan_core.lessons.nonlinearity import Curve

_AFTER = {"relu": "ReLU", "leaky_relu": "LeakyReLU 0.2", "elu": "ELU", "tanh": "tanh", "sigmoid": "sigmoid"}
_FONT = "'Source Sans', 'Noto Sans', 'Noto Sans KR', 'Malgun Gothic', 'Apple SD Gothic Neo', sans-serif"
_WIDTH, _MIDDLE, _BAR, _GAP = 600, 240, 44, 68


def layers_picture(
    net: "Architecture", title: str, ends: tuple[str, str], role: str, palette: Mapping[str, str], tr: Translate
) -> str:
    """A network from top to bottom as SVG: bars are values, the lines between them are layers with their parameters.

    Args:
        ends: names of input and output. role: the network's colour in `palette`, beside "text".
    """
    sizes, color = net.sizes, palette[role]
    widest = math.log(1024)
    height = 40 + _BAR * len(sizes) + _GAP * len(net.layers) + 8
    parts = [_text(_MIDDLE, 26, f"{title} · {net.parameters:,}", "middle", 23, 600)]
    for i, n in enumerate(sizes):
        top = 40 + i * (_BAR + _GAP)
        width = 170 + 290 * math.log(n) / widest
        name = {0: ends[0], len(sizes) - 1: ends[1]}.get(i, "h" + "₁₂₃₄₅₆"[i - 1])
        parts.append(f'<rect x="{_MIDDLE - width / 2:.0f}" y="{top}" width="{width:.0f}" height="{_BAR}" rx="8" '
                     f'fill="{color}" fill-opacity=".14" stroke="{color}" stroke-width="3"/>')  # fmt: skip
        parts.append(_text(_MIDDLE, top + 29, f"{name}:  B × {n}", "middle", 20, 600))
        if i < len(net.layers):
            parts += _connector(net.layers[i], top + _BAR, tr)
    body = "".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
        f'color="{palette["text"]}" fill="currentColor" font-family="{_FONT}">{body}</svg>'
    )


def _connector(layer: "Layer", top: float, tr: Translate) -> list[str]:
    after = _AFTER.get(layer.activation) or tr("then nothing")
    if layer.dropout:
        after += " · " + tr("dropout {p:g}", p=layer.dropout)
    tip = f"M{_MIDDLE} {top}V{top + _GAP - 2}m-7 -9 7 9 7 -9"
    return [
        f'<path d="{tip}" fill="none" stroke="currentColor" stroke-opacity=".65" stroke-width="3"/>',
        _text(_MIDDLE - 20, top + 29, f"W: {layer.n_out} × {layer.n_in}", "end", 18),
        _text(_MIDDLE - 20, top + 53, f"b: {layer.n_out}", "end", 18),
        _text(_MIDDLE + 20, top + 29, tr("{n:,} parameters", n=layer.parameters), "start", 20, 600),
        _text(_MIDDLE + 20, top + 53, after, "start", 18),
    ]


def _text(x: float, y: float, text: str, anchor: str, size: int, weight: int = 400) -> str:
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" font-weight="{weight}" text-anchor="{anchor}" '
        f'xml:space="preserve">{html.escape(text)}</text>'
    )


def curve_panel(c: "Curve", tr: Translate) -> Panel:
    """A random network as a curve, with the nearest straight line."""
    return {
        "id": "curve", "title": tr("A network with random weights"), "help": tr("dashed: the nearest straight line"),
        "columns": 6, "height": 270, "pace": "fast",
        "data": [
            line(c.x, c.straight, "$muted", tr("straight line"), dash="dash", width=2),
            line(c.x, c.y, "$text", "f(x)", width=3),
        ],
        "layout": {
            "xaxis": {"title": {"text": "x"}, "range": [-4, 4], "nticks": 9},
            "yaxis": {"title": {"text": "f(x)"}, "range": [-8, 8], "nticks": 5},
        },
    }  # fmt: skip


def output_panel(c: "Curve", clipped: bool, tr: Translate) -> Panel:
    """The same network read as D, with and without a ReLU on its output."""
    data = [line(c.x, c.d, "$discriminator", "σ(f(x))", width=3)]
    if clipped:
        data = [
            line(c.x, c.d, "$discriminator/0.5", "σ(f(x))", dash="dash", width=2),
            line(c.x, c.clipped_d, "$discriminator", "σ(ReLU(f(x)))", width=4),
        ]
    layout = {
        "xaxis": {"title": {"text": "x"}, "range": [-4, 4], "nticks": 9},
        "yaxis": {"title": {"text": "D(x)"}, "range": [-0.03, 1.03], "tickvals": [0, 0.5, 1], "ticktext": ["0", "½", "1"]},
    }  # fmt: skip
    return {
        "id": "output", "title": tr("The same network as a D"),
        "help": "D = σ(ReLU(f))" if clipped else "D = σ(f)",
        "columns": 6, "height": 270, "pace": "fast", "data": data, "layout": with_levels(layout, [level(0.5, "")]),
    }  # fmt: skip


def mask_panel(dropped: np.ndarray, tr: Translate) -> Panel:
    """The neurons of a layer on a square, the dropped ones empty."""
    side = round(len(dropped) ** 0.5)
    i, j = np.divmod(np.arange(len(dropped)), side)
    hidden = {"visible": False, "range": [-0.7, side - 0.3]}
    data = []
    for chosen, symbol, color, name in (
        (~dropped, "circle", "$discriminator", tr("kept")),
        (dropped, "circle-open", "$muted", tr("dropped")),
    ):
        marker = {"symbol": symbol, "size": 11, "color": color, "line": {"width": 1, "color": color}}
        data.append({"type": "scatter", "mode": "markers", "x": j[chosen], "y": i[chosen], "name": name,
                     "marker": marker, "hoverinfo": "name"})  # fmt: skip
    return {
        "id": "mask", "title": tr("256 neurons"), "help": tr("hollow: dropped"),
        "columns": 4, "height": 290, "pace": "fast", "data": data,
        "layout": {"margin": {"l": 8, "r": 8, "t": 8, "b": 8}, "xaxis": hidden, "yaxis": hidden},
    }  # fmt: skip


def count_panel(c: "Count", now: int, tr: Translate) -> Panel:
    """How likely every number of dropped neurons is, and the number of this time."""
    low, high = max(c.mean - 45, -1), min(c.mean + 45, len(c.values))
    inside = (c.values >= low) & (c.values <= high)
    top = 1.2 * float(c.probabilities.max())
    bars = {"type": "bar", "x": c.values[inside], "y": c.probabilities[inside], "name": tr("probability"),
            "marker": {"color": "$text/0.35"}}  # fmt: skip
    return {
        "id": "count", "title": tr("How many are dropped?"), "help": tr("violet: this time · grey: how likely"),
        "columns": 8, "height": 290, "pace": "fast",
        "data": [bars, line(np.array([now, now]), np.array([0, top]), "$accent", tr("this time"), width=4)],
        "layout": {
            "bargap": 0.15,
            "xaxis": {"title": {"text": tr("dropped neurons")}, "range": [low, high], "nticks": 8},
            "yaxis": {"title": {"text": tr("probability")}, "range": [0, top], "nticks": 4},
        },
    }  # fmt: skip


def band_panel(o: "Opinions", tr: Translate) -> Panel:
    """D(x) in evaluation mode, in one training pass, and over many."""
    return {
        "id": "band", "title": tr("D(x), drawn in evaluation mode and in training mode"),
        "help": tr("thick: evaluation · thin: one training pass · band: 90 % of {n} passes · dashed: D*", n=o.passes),
        "columns": 12, "height": 290, "pace": "fast",
        "data": [
            line(o.x, o.low, "$discriminator/0.1", "5 %", width=0.5),
            line(o.x, o.high, "$discriminator/0.1", "95 %", width=0.5, fill="tonexty",
                 fillcolor="$discriminator/0.22"),
            line(o.x, o.one_pass, "$text/0.6", tr("one training pass"), width=1),
            line(o.x, o.best, "$muted", "D*(x)", dash="dash", width=2),
            line(o.x, o.evaluation, "$discriminator", "D(x)", width=3.5),
        ],
        "layout": {
            "xaxis": {"title": {"text": "x"}, "range": [float(o.x[0]), float(o.x[-1])], "nticks": 11},
            "yaxis": {"title": {"text": "D(x)"}, "range": [-0.03, 1.03], "tickvals": [0, 0.5, 1],
                      "ticktext": ["0", "½", "1"]},
        },
    }  # fmt: skip
