"""A panel of lines, as the stage's Plotly would draw it, on axes of matplotlib; see `figures` for what is in a panel."""

from typing import TYPE_CHECKING, Any

import numpy as np

from pages.ui.figures import Panel
from pages.ui.takeaway.ink import color

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

_POINTS = 0.85  # of a line's width in px, beside the type of a picture
_DASHES = {"solid": "-", "dash": "--", "dot": ":", "dashdot": "-."}
_MARKERS = {"triangle-up": "^"}


class Chart:
    """Lines with their fills, levels and marks.

    Attributes:
        moving: what changes from one moment to the next; all else is the frame.
    """

    def __init__(self, axes: "Axes", panel: Panel):
        self.axes = axes
        self._frame: Any = None
        self._framing: list[Artist] = []
        self.moving: list[Artist] = []
        self._drawn: list[tuple[Any, Any]] = []  # line and fill, or None, of each trace
        self.set(panel)
        if named := [line for line, _ in self._drawn if not str(line.get_label()).startswith("_")]:
            axes.legend(handles=named, loc="upper right", fontsize="small", framealpha=0.8, ncols=2, borderaxespad=0.3)

    def set(self, panel: Panel) -> bool:
        """Show another moment of the same panel; returns whether its frame is another one now."""
        layout = panel["layout"]
        frame = str([layout["xaxis"], layout["yaxis"], layout.get("shapes"), layout.get("annotations"), panel["title"]])
        changed = frame != self._frame
        if changed:
            self._frame = frame
            self._set_frame(panel["title"], layout)
        traces = [trace for trace in panel["data"] if trace["type"] == "scatter"]
        if len(traces) != len(self._drawn):
            self._begin(traces)
            changed = True
        below = None
        for trace, (line, fill) in zip(traces, self._drawn, strict=True):
            x, y = _points(trace)
            line.set_data(x, y)
            if fill is not None:
                floor = np.zeros(len(y)) if trace["fill"] == "tozeroy" or below is None else below
                fill.set_data(x, floor, y)
            below = y
        return changed

    def _begin(self, traces: list[Panel]) -> None:
        for artist in self.moving:
            artist.remove()
        self._drawn = [self._trace(trace, k) for k, trace in enumerate(traces)]
        self.moving = [artist for pair in self._drawn for artist in pair if artist is not None]

    def _trace(self, trace: Panel, k: int) -> tuple[Any, Any]:
        opacity = f"/{trace['opacity']}" if "opacity" in trace else ""
        name = "_" if trace.get("hoverinfo") == "skip" else trace["name"]  # strokes and edges explain themselves
        if trace["mode"] == "markers":
            mark = trace["marker"]
            (line,) = self.axes.plot([], [], ls="", marker=_MARKERS.get(mark.get("symbol"), "o"), ms=mark["size"] * _POINTS,
                                     color=color(mark["color"]), label=name)  # fmt: skip
            return line, None
        pen = trace["line"]
        style = "steps-post" if pen.get("shape") == "hv" else "default"
        (line,) = self.axes.plot([], [], ls=_DASHES[pen["dash"]], lw=pen["width"] * _POINTS, drawstyle=style,
                                 color=color(pen["color"] + opacity), label=name, zorder=3 + 0.01 * k)  # fmt: skip
        fill = None
        if "fill" in trace:
            fill = self.axes.fill_between(
                [0.0], [0.0], [0.0], color=color(trace["fillcolor"]), lw=0, zorder=2 + 0.01 * k
            )
        return line, fill

    def _set_frame(self, title: str, layout: Panel) -> None:
        axes = self.axes
        axes.set_title(title, loc="left")
        for artist in self._framing:
            artist.remove()
        self._framing = []
        for which, spec in ((axes.xaxis, layout["xaxis"]), (axes.yaxis, layout["yaxis"])):
            _set_axis(which, spec)
        for shape in layout.get("shapes", []):
            pen = {"color": color(shape["line"]["color"]), "lw": shape["line"]["width"] * _POINTS,
                   "ls": _DASHES[shape["line"].get("dash", "solid")], "zorder": 1.5}  # fmt: skip
            upright = shape.get("yref") == "paper"
            self._framing.append(axes.axvline(shape["x0"], **pen) if upright else axes.axhline(shape["y0"], **pen))
        for note in layout.get("annotations", []):
            self._annotate(note, is_log=layout["yaxis"].get("type") == "log")

    def _annotate(self, note: Panel, *, is_log: bool) -> None:
        x, y = note["x"], 10 ** note["y"] if is_log and note.get("yref") != "paper" else note["y"]
        across, up = note.get("xref") == "paper", note.get("yref") == "paper"
        at = (
            self.axes.get_xaxis_transform()
            if up
            else self.axes.get_yaxis_transform()
            if across
            else self.axes.transData
        )
        ground = {"bbox": {"fc": color(note["bgcolor"]), "ec": "none", "pad": 1}} if "bgcolor" in note else {}
        self._framing.append(
            self.axes.text(x, y, note["text"], transform=at, ha=note["xanchor"], va=note["yanchor"], fontsize="small",
                           color=color(note["font"]["color"]), clip_on=True, zorder=4, **ground)
        )  # fmt: skip


def _points(trace: Panel) -> tuple[Any, Any]:
    y = np.asarray(trace["y"], dtype=np.float64)
    return (trace["x"] if "x" in trace else trace["x0"] + trace["dx"] * np.arange(len(y))), y


def _set_axis(axis: Any, spec: Panel) -> None:
    """Range, ticks and name of an axis, as Plotly's records say them."""
    from matplotlib import ticker

    is_log = spec.get("type") == "log"
    low, high = (10.0**end if is_log else end for end in spec["range"])
    across = axis is axis.axes.xaxis
    (axis.axes.set_xscale if across else axis.axes.set_yscale)("log" if is_log else "linear")
    (axis.axes.set_xlim if across else axis.axes.set_ylim)(low, high)
    axis.set_label_text(spec.get("title", {}).get("text", ""))
    if "tickvals" in spec:
        axis.set_ticks(spec["tickvals"], [str(text) for text in spec.get("ticktext") or spec["tickvals"]])
        axis.set_minor_locator(ticker.NullLocator())
        return
    axis.set_major_locator(
        ticker.MultipleLocator(spec["dtick"]) if "dtick" in spec else ticker.MaxNLocator(spec.get("nticks", 6))
    )
    suffix = spec.get("ticksuffix", "")
    form = "{:,g}" if spec.get("tickformat") == "~s" else "{:g}"
    axis.set_major_formatter(ticker.FuncFormatter(lambda value, _: form.format(value).replace("-", "−") + suffix))
