"""What panels are made of: lines, rugs, labelled levels, marks and axes, as the plain dicts that the live board takes.

No streamlit, no torch. Pictures of one moment are in `line_figures`, `plane_figures` and `image_figures`, charts over the
training steps in `curves`, those of single lessons in `exhibits`.

Colours are roles: data, generator and discriminator have one colour each on every page, and what belongs to both
sides is drawn in the text colour. `tr` translates a label.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Panel = dict[str, Any]
Level = tuple[Panel, Panel]  # the shape of a labelled line, and its annotation
Translate = Callable[..., str]


def line(x: Any, y: Any, color: str, name: str, *, dash: str = "solid", width: float = 2.5, **extra: Any) -> Panel:
    """A line trace; x is an array or (x0, dx)."""
    place = {"x0": x[0], "dx": x[1]} if isinstance(x, tuple) else {"x": x}
    style = {"color": color, "width": width, "dash": dash}
    return {"type": "scatter", "mode": "lines", "y": y, "name": name, "line": style, **place, **extra}


def rug(x: np.ndarray, low: float, high: float, color: str, name: str) -> Panel:
    """Samples as short strokes on a base line, as one unbroken path: gaps would cost a drawing call each."""
    xs, ys = np.repeat(np.sort(x), 3), np.tile([low, high, low], len(x))
    return line(xs, ys, color, name, width=1, hoverinfo="skip")


def level(y: float, text: str, color: str = "$muted", *, dash: str = "dot", side: str = "right") -> Level:
    """A labelled horizontal line across the panel: a shape and its annotation. `y` in axis units (log10 on a log
    axis needs the shape in data units and the annotation in log units: see `log_level`)."""
    shape = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": y, "y1": y,
             "line": {"color": color, "width": 1.2, "dash": dash}}  # fmt: skip
    x, anchor = (1, "right") if side == "right" else (0, "left")
    note = {"xref": "paper", "x": x, "xanchor": anchor, "y": y, "yanchor": "bottom", "text": text, "showarrow": False,
            "font": {"size": 13, "color": "$muted"}}  # fmt: skip
    return shape, note


def log_level(y: float, text: str, **kwargs: Any) -> Level:
    """`level` on a logarithmic axis, where Plotly wants the annotation as log10."""
    shape, note = level(y, text, **kwargs)
    return shape, {**note, "y": math.log10(y)}


def half_level(smoothing: float) -> Level:
    """The line at which D cannot tell data from fakes: 1/2, or less where the label of real samples is smoothed."""
    half = (1 - smoothing) / 2
    return level(half, "1/2" if half == 0.5 else f"{half:.2f}")


def with_levels(layout: Panel, levels: Sequence[Level]) -> Panel:
    """The layout with these labelled lines added."""
    return {
        **layout,
        "shapes": [*layout.get("shapes", []), *(s for s, _ in levels)],
        "annotations": [*layout.get("annotations", []), *(a for _, a in levels)],
    }


def upright(x: float, color: str, width: float) -> Panel:
    """A vertical line across the panel, as a shape."""
    return {
        "type": "line",
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "x0": x,
        "x1": x,
        "line": {"color": color, "width": width},
    }


def marks_layout(
    marks: Sequence[tuple[int, str]], *, labels: bool, end: float = math.inf, cursor: int | None = None
) -> Panel:
    """Vertical lines where a live change was made, labelled on demand, on the side with more room up to `end`; and one at
    the step that one looks at."""
    shapes = [upright(s, "$accent", 1.5) for s, _ in marks]
    if cursor is not None:
        shapes.append(upright(cursor, "$text", 2))
    notes = [
        {"yref": "paper", "y": 1 - 0.11 * (i % 4), "yanchor": "top", "x": s, "text": text,
         "xanchor": "left" if s <= end / 2 else "right", "showarrow": False,
         "font": {"size": 13, "color": "$accent"}, "bgcolor": "$background/0.7"}
        for i, (s, text) in enumerate(marks)
    ]  # fmt: skip
    return {"shapes": shapes, "annotations": notes if labels else []}


def step_axis(step: int, tr: Translate) -> Panel:
    """An axis of steps that grows by doubling, so that it seldom moves."""
    end = 500
    while end < step:
        end *= 2
    return {"title": {"text": tr("step")}, "range": [0, end], "nticks": 5, "tickformat": "~s"}


def nice_range(values: np.ndarray) -> tuple[float, float]:
    """A range around the middle 98 % of the finite values, rounded outwards so that it seldom moves."""
    finite = values[np.isfinite(values)]
    low, high = np.quantile(finite, [0.01, 0.99]) if len(finite) else (0.0, 1.0)
    unit = 2.0 ** math.ceil(math.log2(max(high - low, 0.1))) / 4
    return float(unit * (math.floor(low / unit) - 0.2)), float(unit * (math.ceil(high / unit) + 0.4))


def log_axis(values: np.ndarray) -> Panel:
    """A logarithmic axis of whole decades around the positive values."""
    shown = values[np.isfinite(values) & (values > 0)]
    low = math.floor(math.log10(max(shown.min(), 1e-8))) if len(shown) else -2
    high = math.ceil(math.log10(shown.max())) if len(shown) else 1
    ticks = [10.0**k for k in range(low, high + 1)][:: (high - low) // 4 + 1]
    return {"type": "log", "range": [low, high], "tickvals": ticks, "ticktext": [f"{t:g}" for t in ticks]}
