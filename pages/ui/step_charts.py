"""What a chart of curves over the training steps is: the records that `curves` is a table of. See `figures`."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pages.ui.figures import Level, Panel, Translate, line, marks_layout, step_axis, with_levels

if TYPE_CHECKING:
    from gan_core.losses import GANLoss


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A training until now: all that a chart over the steps is made of.

    Attributes:
        history: column -> (rows,) values, see `GANTrainer.history`.
        step: up to which it goes. cursor: the step that the pictures beside the chart show, if it is an earlier one.
        marks: (step, text) of every live change.
        evaluation: of now, for charts with the floors and references of its kind of target.
        loss: for charts with the values that theory gives. smoothing: of the label of real samples.
        at_balance: L_D and L_G at p_g = p_data with the best D for these settings; nan where there is none.
        weights: of the modes, (K,); empty without modes.
        packing: samples that D judges together. averaged: whether pictures show an averaged G.
    """

    history: Mapping[str, np.ndarray]
    step: int
    cursor: int | None = None
    marks: Sequence[tuple[int, str]] = ()
    evaluation: Any = None
    loss: "GANLoss | None" = None
    smoothing: float = 0.0
    at_balance: tuple[float, float] = (math.nan, math.nan)
    weights: Sequence[float] = ()
    packing: int = 1
    averaged: bool = False


Text = str | Callable[[Moment, Translate], str]  # a key of the catalogue, or what depends on the moment


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One line of a chart.

    Attributes:
        column: of the history. color: its role.
        name: in the legend; English words to be translated, or a formula if not `words`.
        whole: the value that is 100 %, if the axis is in percent.
        shape: "hv" for a staircase.
    """

    column: str
    color: str
    name: str
    words: bool = False
    dash: str = "solid"
    width: float = 2.5
    whole: Callable[[Moment], float] | None = None
    shape: str = ""

    def trace(self, m: Moment, tr: Translate) -> Panel:
        """The line as Plotly draws it."""
        y = m.history[self.column]
        y = y if self.whole is None else 100 * y / self.whole(m)
        trace = line(m.history["step"], y, self.color, self.label(tr), dash=self.dash, width=self.width, of_run=True)
        return trace | {"line": {**trace["line"], "shape": self.shape}} if self.shape else trace

    def label(self, tr: Translate) -> str:
        """The name in the visitor's language."""
        return tr(self.name) if self.words else self.name


def lines(curves: Sequence[Curve], m: Moment, tr: Translate) -> list[Panel]:
    """Every curve as a line: what most charts are."""
    return [curve.trace(m, tr) for curve in curves]


@dataclass(frozen=True, kw_only=True)
class StepChart:
    """One chart over the training steps.

    Attributes:
        id: of the panel. title, help, tip: its texts; the help stands beside the title, the tip shows on demand.
        curves: what it draws, and `draw` how.
        axis: the vertical axis.
        levels: labelled horizontal lines: what theory says, noise floors.
        shown: whether it means something in this training.
        names_marks: whether the live changes are named in it.
        columns: its width, of 12. height: px.
    """

    id: str
    title: str
    help: Text
    tip: Text = ""
    curves: tuple[Curve, ...]
    axis: Callable[[Moment, Translate], Panel]
    draw: Callable[[Sequence[Curve], Moment, Translate], list[Panel]] = lines
    levels: Callable[[Moment, Translate], list[Level]] = lambda m, tr: []
    shown: Callable[[Moment], bool] = lambda m: True
    names_marks: bool = False
    columns: int = 4
    height: int = 225

    def panel(self, m: Moment, tr: Translate) -> Panel:
        """The chart as the board takes it."""
        x_axis = step_axis(m.step, tr)
        layout = {
            **marks_layout(m.marks, labels=self.names_marks, end=x_axis["range"][1], cursor=m.cursor),
            "xaxis": x_axis,
            "yaxis": self.axis(m, tr),
        }
        tip = _text(self.tip, m, tr)
        return {
            "id": self.id, "title": tr(self.title), "help": _text(self.help, m, tr), **({"tip": tip} if tip else {}),
            "columns": self.columns, "height": self.height, "pace": "slow", "data": self.draw(self.curves, m, tr),
            "layout": with_levels(layout, self.levels(m, tr)),
        }  # fmt: skip


def _text(text: Text, m: Moment, tr: Translate) -> str:
    return tr(text) if isinstance(text, str) else text(m, tr)
