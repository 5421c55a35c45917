"""What the stage shows in its largest panels, as a picture: PNG, SVG, or pixels, one moment after the other.

Drawn from the panels that the stage draws, with matplotlib and without its global state. Matplotlib promises no safety
between threads, so that one picture at a time is drawn, see `DRAWING`.
"""

import io
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pages.ui.figures import Panel
from pages.ui.takeaway.charts import Chart
from pages.ui.takeaway.fields import Field, Sheet
from pages.ui.takeaway.ink import color

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DRAWING = threading.RLock()
DOTS = 160  # per inch of a PNG
SIZES = {"density": (10.0, 7.5), "plane": (8.6, 8.1), "fakes": (7.6, 8.2)}  # the first panel's id -> inches
SIZE = (9.0, 8.0)  # of others
_RASTER = 100  # dots per inch of a heat-map in an SVG
_USUAL = 10.0  # points of a text whose size nobody has named
BESIDE = 0.9  # so much wider is a picture with another training beside this one
TYPE = 13.0  # points
Part = Chart | Field | Sheet
KINDS: dict[str, type[Chart] | type[Field] | type[Sheet]] = {"": Chart, "field": Field, "images": Sheet}


class Picture:
    """Panels below each other; those of another training in a second column.

    Args:
        title: above all. panels: each with its "share" of the height. fonts: families for all texts.
        inches: width and height; None: what suits the panels.
        dots: per inch. type_size: points.
    """

    def __init__(
        self,
        title: str,
        panels: Sequence[Panel],
        fonts: Sequence[str],
        *,
        inches: tuple[float, float] | None = None,
        dots: int = DOTS,
        type_size: float = TYPE,
    ):
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        columns = [[p for p in panels if bool(p.get("of_other")) is other] for other in (False, True)]
        columns = [column for column in columns if column]
        wide, high = inches or SIZES.get(panels[0]["id"], SIZE)
        self.figure = Figure((wide * (1 + BESIDE * (len(columns) - 1)), high), dpi=dots, layout="constrained",
                             facecolor=color("$background"))  # fmt: skip
        self._canvas = FigureCanvasAgg(self.figure)
        self._fonts, self._type = list(fonts), type_size
        self._ground: Any = None
        self._moving: list[Any] = []
        self.title = self.figure.suptitle(title, x=0.02, ha="left", fontsize=1.2 * _USUAL, fontweight="bold")
        shares = [p.get("share", 1) for p in columns[0]]
        grid = self.figure.add_gridspec(len(shares), len(columns), height_ratios=shares)
        self._parts = {
            panel["id"]: _part(self.figure, grid[i, j], panel)
            for j, column in enumerate(columns)
            for i, panel in enumerate(column)
        }
        self._dressed: set[Any] = set()
        self._dress()

    def png(self) -> bytes:
        """The picture as it is now."""
        file = io.BytesIO()
        with DRAWING:
            self.figure.savefig(file, format="png", dpi="figure")
        return file.getvalue()

    def svg(self) -> bytes:
        """The same as paths, so that it looks alike wherever it is opened."""
        file = io.BytesIO()
        with DRAWING:
            self.figure.savefig(file, format="svg", dpi=_RASTER)
        return file.getvalue()

    def pixels(self, title: str, panels: Sequence[Panel]) -> np.ndarray:
        """Another moment of the same panels, (height, width, 3) uint8. What moves is drawn on what stands, so that this
        takes a fraction of the time of a new picture."""
        with DRAWING:
            self.title.set_text(title)
            changed = [self._parts[panel["id"]].set(panel) for panel in panels]
            if self._ground is None or any(changed):
                self._redraw()
            self._canvas.restore_region(self._ground)
            for artist in self._moving:
                artist.draw(self._canvas.renderer)
            return np.asarray(self._canvas.buffer_rgba())[:, :, :3].copy()

    def _redraw(self) -> None:
        """Draw what stands; the first time it finds its place, and keeps it."""
        self._moving = [self.title, *sorted(_moving(self._parts), key=lambda artist: artist.get_zorder())]
        for artist in self._moving:
            artist.set_animated(True)
        self._dress()
        self._canvas.draw()
        self.figure.set_layout_engine("none")
        self._ground = self._canvas.copy_from_bbox(self.figure.bbox)

    def _dress(self) -> None:
        """One kind of type for all texts that are new."""
        from matplotlib.text import Text

        for axes in self.figure.axes:
            axes.tick_params(color=color("$muted"), labelcolor=color("$text"), labelsize=0.8 * self._type,
                             labelfontfamily=self._fonts[0])  # fmt: skip
            axes.spines[:].set_color(color("$muted"))
        for text in self.figure.findobj(Text):
            if isinstance(text, Text) and text not in self._dressed:
                text.set_fontfamily(self._fonts)
                text.set_fontsize(float(text.get_fontsize()) * self._type / _USUAL)
                self._dressed.add(text)


def _moving(parts: Mapping[str, Part]) -> list[Any]:
    return [artist for part in parts.values() for artist in part.moving]


def _part(figure: "Figure", place: Any, panel: Panel) -> Part:
    """The panel on axes of its own."""
    kind = KINDS[panel.get("kind", "")]
    return kind(figure.add_subplot(place), panel)
