"""The film of a run: its largest pictures above a curve that grows, as one animated file."""

import dataclasses
import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from gan_core.history import until
from gan_core.recording import Recording
from gan_core.snapshot import Snapshot
from pages.ui.figures import Panel
from pages.ui.scenes import SCENES
from pages.ui.takeaway.picture import Picture

FPS, SECONDS = 10, 9  # frames per second; of the moments
SLOWEST, REST = 300, 1000  # ms: of a picture where there are few; the last one stays
DOTS, TYPE = 100, 9.5  # per inch; points
LARGEST = 5_000_000  # bytes
# quality of WebP, from 0 to 100, and one moment in how many: the first ones that are not too large
WAYS = ((60, 1), (30, 1), (10, 2), (0, 4))
# kind of target -> the panel of the curve, its share of the height beside those of the heroes, inches of a frame
LAYOUTS: dict[str, tuple[str, float, tuple[float, float]]] = {
    "line": ("divergences", 2.2, (6.0, 6.4)),
    "plane": ("divergences", 0.32, (6.0, 7.4)),
    "images": ("frechet", 0.3, (6.0, 7.6)),
}


def animate(
    recording: Recording,
    title: Callable[[Snapshot], str],
    fonts: Sequence[str],
    progress: Callable[[float], object] = lambda done: None,
) -> bytes:
    """A WebP of ten seconds and at most LARGEST bytes, whatever the length of the run, or less where it has few moments.

    Args:
        title: of a moment. fonts: see `Picture`.
        progress: told the share that is done, from 0 to 1; what it raises ends the work.
    Raises:
        LookupError: there is no moment yet.
    """
    film = b""
    for quality, one_in in WAYS:
        steps = chosen(recording.steps)[::one_in]
        film = _encoded(steps, _frames(recording, steps, title, fonts, progress), quality)
        if len(film) <= LARGEST:
            break
    return film


def _encoded(steps: Sequence[int], pictures: Iterator[np.ndarray], quality: int) -> bytes:
    from PIL import Image

    frames = (Image.fromarray(pixels) for pixels in pictures)
    first, file = next(frames), io.BytesIO()
    pace = min(max(1000 * SECONDS // len(steps), 1000 // FPS), SLOWEST)
    durations = [pace] * (len(steps) - 1) + [REST]
    first.save(file, "WEBP", save_all=True, append_images=frames, duration=durations, loop=0, quality=quality, method=0)
    return file.getvalue()


def chosen(steps: Sequence[int]) -> list[int]:
    """At most FPS * SECONDS of them, evenly from the first to the last.

    Raises:
        LookupError: there is none.
    """
    if not steps:
        raise LookupError("the recording has no moment yet")
    n = min(len(steps), FPS * SECONDS)
    return [steps[i] for i in np.unique(np.linspace(0, len(steps) - 1, n).round().astype(int))]


def _frames(
    recording: Recording,
    steps: Sequence[int],
    title: Callable[[Snapshot], str],
    fonts: Sequence[str],
    progress: Callable[[float], object],
) -> Iterator[np.ndarray]:
    _, _, inches = LAYOUTS[recording.config.kind]
    last = panels_of(recording.at(steps[-1]))
    picture = Picture(title(recording.at(steps[-1])), last, fonts, inches=inches, dots=DOTS, type_size=TYPE)
    for k, step in enumerate(steps):
        progress(k / len(steps))
        s = recording.at(step)
        yield picture.pixels(title(s), panels_of(s, last[-1]["layout"]))


def panels_of(s: Snapshot, layout: Any = None) -> list[Panel]:
    """The heroes of a moment, and the curve until then.

    Args:
        layout: of the curve; None: its own.
    """
    curve, share, _ = LAYOUTS[s.config.kind]
    then = dataclasses.replace(s, history=until(s.history, s.step))
    panels = SCENES[s.config.kind](then)["panels"]
    below = next(panel for panel in panels if panel["id"] == curve)
    own = below["layout"] | {"xaxis": below["layout"]["xaxis"] | {"range": [0, max(s.step, 1)]}}
    return [*(p for p in panels if p["place"] == "hero"), below | {"share": share, "layout": layout or own}]
