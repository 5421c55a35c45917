"""The registry of what a visitor can take away from a run.

One record each in `TAKEAWAYS`: the menu on the stage, the route and the tests follow from it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gan_core import recording_file
from pages.ui.takeaway import animation, notebook, tables, weights
from pages.ui.takeaway.picture import Picture
from pages.ui.takeaway.source import Source, in_drawing
from pages.ui.text import tr


@dataclass(frozen=True, kw_only=True)
class Takeaway:
    """One thing to take away.

    Attributes:
        key: in the address. label, help: in the menu.
        suffix: of the file's name. media_type: of the file.
        make: its bytes.
        of_now: whether it is of the run as it is now, whatever moment is shown.
        watchers: whether those may have it, too, who can only watch the run.
        takes_long: whether it is made beside, and its progress shown.
    """

    key: str
    label: str
    help: str
    suffix: str
    media_type: str
    make: Callable[[Source], bytes]
    of_now: bool = True
    watchers: bool = True
    takes_long: bool = False


def _picture(source: Source) -> Picture:
    return in_drawing(source, lambda: Picture(source.title(), source.heroes(), source.fonts))


def _film(source: Source) -> bytes:
    return in_drawing(source, lambda: animation.animate(source.recording, source.title, source.fonts, source.progress))


def _notebook(source: Source) -> bytes:
    return notebook.notebook(source.recording, source.now, source.title(source.now))


TAKEAWAYS: dict[str, Takeaway] = {
    takeaway.key: takeaway
    for takeaway in (
        Takeaway(
            key="png", label="Picture (PNG)", help="What the stage shows now, for a slide",
            suffix=".png", media_type="image/png", make=lambda source: _picture(source).png(), of_now=False,
        ),
        Takeaway(
            key="svg", label="Picture (SVG)", help="The same, sharp at any size",
            suffix=".svg", media_type="image/svg+xml", make=lambda source: _picture(source).svg(), of_now=False,
        ),
        Takeaway(
            key="film", label="Film (WebP)", help="The whole training in ten seconds, with its curve",
            suffix=".webp", media_type="image/webp", make=_film, takes_long=True,
        ),
        Takeaway(
            key="curves", label="Curves (CSV)", help="All that was measured, step by step",
            suffix=".csv", media_type="text/csv", make=lambda source: tables.curves(source.now.history),
        ),
        Takeaway(
            key="columns", label="What the columns mean (CSV)", help="Units and meanings of the curves",
            suffix="-columns.csv", media_type="text/csv", make=lambda source: tables.columns(source.now.history),
        ),
        Takeaway(
            key="notebook", label="Notebook", help="Runs this very experiment in Jupyter",
            suffix=".ipynb", media_type="application/x-ipynb+json", make=_notebook,
        ),
        Takeaway(
            key="weights", label="Weights (safetensors)", help="G and D as they are now",
            suffix=".safetensors", media_type="application/octet-stream", watchers=False,
            make=lambda source: weights.packed(source.ask(weights.weights)),
        ),
        Takeaway(
            key="recording", label="Recording", help="To look back through it later, and to play on",
            suffix=".gan", media_type="application/octet-stream", watchers=False,
            make=lambda source: recording_file.dumps(source.wait(source.run.tape())),
        ),
    )
}  # fmt: skip


def menu() -> dict[str, Any]:
    """What the stage's window shows, in the language that is spoken."""
    rows = [
        {"key": t.key, "label": tr(t.label), "help": tr(t.help), "watchers": t.watchers} for t in TAKEAWAYS.values()
    ]
    link = {"key": "link", "label": tr("Link and QR code"), "help": tr("The experiment itself, for every device")}
    return {
        "title": tr("Take it with you"), "close": tr("Close"), "failed": tr("It did not arrive. Try again in a moment."),
        "link": link, "rows": rows,
    }  # fmt: skip
