"""Panels that the stage draws on a canvas, on axes of matplotlib: a window of the plane, and a sheet of images. See
frontend/layers.js and frontend/sheet.js, which this follows."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from pages.ui.figures import Panel
from pages.ui.takeaway.ink import color

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

_OPACITY, _POWER = 0.72, 0.8  # of a heat-map, as in layers.js
_DENSEST = 210 / 255  # opacity of a density at its top
_GAP = 2  # pixels of an image between two of them


class Field:
    """A window of the plane with the layers that are on unless the visitor switches them off.

    Attributes:
        moving: see `charts.Chart`.
    """

    def __init__(self, axes: "Axes", panel: Panel):
        self.axes = axes
        self.moving: list[Artist] = []
        self._window = (*panel["x"], *panel["y"])
        self._layers = {layer["id"]: self._begin(layer, k) for k, layer in enumerate(_on(panel))}
        axes.set_xlim(*panel["x"])
        axes.set_ylim(*panel["y"])
        axes.set_box_aspect(1)
        axes.set_xlabel(panel["xlabel"])
        axes.set_ylabel(panel["ylabel"], rotation=0)
        axes.grid(False)
        self._explain(_on(panel))
        self.set(panel)

    def set(self, panel: Panel) -> bool:
        """Show another moment of the same panel; returns whether its frame is another one now."""
        changed = bool(self.axes.get_title(loc="left") != panel["title"])
        if changed:
            self.axes.set_title(panel["title"], loc="left")
        for layer in _on(panel):
            _UPDATE[layer["type"]](self._layers[layer["id"]], layer)
        return changed

    def _begin(self, layer: Panel, k: int) -> Any:
        axes, z = self.axes, 2 + 0.1 * k
        drawn: Any
        if layer["type"] in ("heat", "density"):
            drawn = axes.imshow(np.zeros((2, 2, 4)), extent=self._window, origin="lower", aspect="auto", zorder=z,
                                interpolation="bilinear")  # fmt: skip
        elif layer["type"] == "contour":
            (n, m), (left, right, bottom, top) = (layer["n"], layer["m"]), self._window
            x = left + (np.arange(n) + 0.5) * (right - left) / n
            y = bottom + (np.arange(m) + 0.5) * (top - bottom) / m
            drawn = axes.contour(x, y, _image(layer), levels=layer["levels"], colors=[color(layer["color"])],
                                 linewidths=layer["width"], zorder=z)  # fmt: skip
        elif layer["type"] == "arrows":
            drawn = axes.quiver(*(np.zeros((4, len(layer["x"])))), angles="xy", scale_units="xy", scale=1, width=0.0028,
                                headwidth=4, headlength=5, headaxislength=4.5, color=color(layer["color"]), zorder=z)  # fmt: skip
        else:
            rim = {"mec": color("$background"), "mew": 0.4} if layer.get("rim") else {"mew": 0}
            (drawn,) = axes.plot(
                [], [], ls="", marker="o", ms=1.6 * layer["size"], zorder=z, mfc=color(layer["color"]), **rim
            )
        self.moving.append(drawn)
        return drawn

    def _explain(self, layers: list[Panel]) -> None:
        """A key of the layers, and a scale of the heat-map."""
        from matplotlib.lines import Line2D

        handles = []
        for layer in layers:
            if layer["type"] == "heat":
                self._scale(layer)
            elif layer["type"] in ("points", "contour"):
                style = {"ls": "", "marker": "o"} if layer["type"] == "points" else {"lw": 1.8}
                handles.append(Line2D([], [], color=color(layer["color"]), label=layer["label"], **style))
        self.axes.legend(handles=handles, loc="upper right", fontsize="small", framealpha=0.8)

    def _scale(self, layer: Panel) -> None:
        from matplotlib.cm import ScalarMappable
        from matplotlib.colors import ListedColormap, Normalize

        low, middle, high = layer["range"]
        shades = _heat(np.linspace(low, high, 128), layer)
        ground = np.array(color("$background"))
        opaque = shades[:, 3:] * shades[:, :3] + (1 - shades[:, 3:]) * ground[:3]
        bar = self.axes.figure.colorbar(ScalarMappable(Normalize(low, high), ListedColormap(opaque)), ax=self.axes,
                                        fraction=0.04, pad=0.02, ticks=[low, middle, high])  # fmt: skip
        bar.ax.set_title(layer["label"], fontsize="small")
        bar.ax.set_yticklabels([f"{v:.3g}" for v in (low, middle, high)])
        bar.outline.set_visible(False)


class Sheet:
    """A grid of images, ink on paper.

    Attributes:
        moving: see `charts.Chart`.
    """

    def __init__(self, axes: "Axes", panel: Panel):
        axes.set_axis_off()
        self.title = axes.set_title("", loc="left")
        self._drawn = axes.imshow(self._pixels(panel), interpolation="nearest", aspect="equal")
        self.moving: list[Artist] = [self._drawn, self.title]
        self.set(panel)

    def set(self, panel: Panel) -> bool:
        """Show another moment of the same panel; its frame is always the same."""
        self.title.set_text(panel["title"])
        self._drawn.set_data(self._pixels(panel))
        return False

    def _pixels(self, panel: Panel) -> np.ndarray:
        """(height, width, 3) from 0 to 1."""
        side, across = panel["side"], panel["across"]
        images = np.asarray(panel["pixels"]).reshape(-1, side, side)
        rows = math.ceil(len(images) / across)
        sheet = np.zeros((rows, across, side + _GAP, side + _GAP))
        sheet.reshape(-1, side + _GAP, side + _GAP)[: len(images), :side, :side] = images / 255
        whole = sheet.swapaxes(1, 2).reshape(rows * (side + _GAP), -1)[:-_GAP, :-_GAP, None]
        paper, ink = (np.array(color(role)[:3]) for role in ("$background", "$text"))
        return paper + (ink - paper) * whole


def _on(panel: Panel) -> list[Panel]:
    return [layer for layer in panel["layers"] if layer.get("on", True)]


def _image(layer: Panel) -> np.ndarray:
    """(m, n): rows from the bottom."""
    return np.asarray(layer["values"]).reshape(layer["n"], layer["m"]).T


def _heat(values: np.ndarray, layer: Panel) -> np.ndarray:
    """(...,) -> (..., 4): diverging, transparent in the middle."""
    low, middle, high = layer["range"]
    share = np.clip(
        np.where(values < middle, (values - middle) / (middle - low), (values - middle) / (high - middle)), -1, 1
    )
    below, above = (np.array(color(name)) for name in layer["colors"])
    shades = np.where((share < 0)[..., None], below, above)
    shades[..., 3] = np.nan_to_num(_OPACITY * np.abs(share) ** _POWER)
    return shades


def _set_heat(drawn: Any, layer: Panel) -> None:
    drawn.set_data(_heat(_image(layer), layer))


def _set_density(drawn: Any, layer: Panel) -> None:
    shades = np.broadcast_to(color(layer["color"]), (layer["m"], layer["n"], 4)).copy()
    shades[..., 3] = _DENSEST * np.minimum(np.sqrt(np.maximum(_image(layer), 0) / layer["top"]), 1)
    drawn.set_data(shades)


def _set_points(drawn: Any, layer: Panel) -> None:
    drawn.set_data(layer["x"], layer["y"])


def _set_arrows(drawn: Any, layer: Panel) -> None:
    drawn.set_offsets(np.stack([layer["x"], layer["y"]], 1))
    drawn.set_UVC(layer["dx"] * layer["scale"][0], layer["dy"] * layer["scale"][1])


# type of layer -> what shows another moment of it; contours are those of p_data, which never changes
_UPDATE = {"heat": _set_heat, "density": _set_density, "points": _set_points, "arrows": _set_arrows,
           "contour": lambda drawn, layer: None}  # fmt: skip
