"""Arrays -> panels of an image GAN, as the plain dicts that the live board takes: see `figures`.

Two kinds are the board's own, drawn on a canvas. Pixels are uint8, 0 the paper and 255 the ink, one image after the
other:

    "images": a grid. "pixels", "side", "across" (images per row), "height" (at most, px), "role" and "frame" (the
        colour of the panel and of its picks), and on demand "opinions" (D of each image: a bar below it), "captions"
        (a text each in its place), "pick" ({"label"}, if the visitor may pick two) and "picked" (indices).
    "film": one large image after the other. "frames", "side", "fps", "serial", "texts" ("play", "pause", "empty"). It
        runs to and fro; frames under a new serial follow when those before have come to their end, or at once with
        "cut", and the same serial replaces the frames in place.
"""

from collections.abc import Sequence

import numpy as np

from pages.ui.figures import Panel, Translate

ACROSS = 8


def images_panel(
    id: str, pixels: np.ndarray, role: str, *, opinions: np.ndarray | None = None, across: int = ACROSS, **extra: object
) -> Panel:
    """A grid of images, (n, side, side) uint8, in the colour of "data" or "generator"."""
    panel = {
        "id": id, "kind": "images", "columns": 6, "height": 590, "pace": "fast", "pixels": pixels,
        "side": pixels.shape[-1], "across": across, "role": role, "frame": f"${role}",
    }  # fmt: skip
    return panel | ({} if opinions is None else {"opinions": opinions}) | extra


def fakes_panel(
    pixels: np.ndarray, opinions: np.ndarray | None, step: int, tr: Translate, picked: Sequence[int] | None = None
) -> Panel:
    """G of always the same latents, and D's opinion of each; `picked` is None where nothing is to be picked."""
    panel = images_panel(
        "fakes", pixels, "generator", opinions=opinions,
        title=tr("Fakes at step {step}", step=f"{step:,}"),
        help="" if opinions is None else tr("bars: D(x), mark at 1/2"),
        tip=tr("G of always the same latents z, so that every image changes in its own place"),
    )  # fmt: skip
    if picked is None:
        return panel
    pick = {"label": tr("Fakes: arrow keys move, Enter picks one, two at most")}
    return panel | {"pick": pick, "picked": [int(i) for i in picked]}


def reals_panel(pixels: np.ndarray, opinions: np.ndarray | None, tr: Translate) -> Panel:
    """Images of the data, and D's opinion of each."""
    return images_panel(
        "reals", pixels, "data", opinions=opinions, title=tr("Real images"),
        help="" if opinions is None else tr("bars: D(x), mark at 1/2"),
    )  # fmt: skip


def film_panel(frames: np.ndarray, serial: int, tr: Translate, *, fps: int = 12, cut: bool = False) -> Panel:
    """A walk through the latents, (n, side, side) uint8; see the module for what `serial` does."""
    texts = {"play": tr("Play the film"), "pause": tr("Stop the film"), "empty": tr("Pick two fakes to walk between")}
    return {
        "id": "film", "kind": "film", "title": tr("A walk through the latents"), "help": tr("a path in z, seen through G"),
        "columns": 3, "height": 320, "pace": "fast", "frames": frames, "side": frames.shape[-1], "serial": serial,
        "fps": fps, "cut": cut, "role": "generator", "texts": texts,
    }  # fmt: skip


def classes_panel(shares: np.ndarray, true_shares: np.ndarray, tr: Translate) -> Panel:
    """Share of every class among the fakes beside its share of the data, as pairs of bars."""
    names = [str(k) for k in range(len(shares))]
    percent = "%{y:.1f} %<extra>%{fullData.name}: %{x}</extra>"
    top = next(t for t in (25, 50, 104) if t == 104 or 100 * max(np.max(shares), np.max(true_shares)) <= t)
    data = [
        {"type": "bar", "x": names, "y": 100 * values, "name": name, "marker": {"color": color},
         "hovertemplate": percent}
        for values, name, color in (
            (true_shares, tr("data"), "$data"),
            (shares, tr("fakes"), "$generator"),
        )
    ]  # fmt: skip
    return {
        "id": "classes", "title": tr("Which digits?"), "help": tr("blue: data · orange: fakes"),
        "tip": tr("Every fake counts as the digit that a classifier takes it for"),
        "columns": 4, "height": 225, "pace": "slow", "data": data,
        "layout": {
            "barmode": "group", "bargap": 0.22, "bargroupgap": 0.04,
            "xaxis": {"type": "category", "range": [-0.55, len(names) - 0.45], "title": {"text": tr("digit")},
                      "dtick": 1, "showgrid": False},
            "yaxis": {"range": [0, top], "nticks": 6, "ticksuffix": "%"},
        },
    }  # fmt: skip


def shadow_panel(
    shadow_data: np.ndarray,
    shadow_model: np.ndarray,
    bounds: Sequence[tuple[float, float]],
    real: np.ndarray,
    fake: np.ndarray,
    jsd: float,
    tr: Translate,
) -> Panel:
    """Both distributions, projected onto a plane and counted in cells; and single images as points of it."""
    n, m = shadow_data.shape
    peak = float(shadow_data.max()) or 1.0
    grid = {"n": n, "m": m}
    layers = [
        {"id": "p_data", "label": "p_data", "type": "density", **grid, "values": shadow_data, "top": peak,
         "color": "$data", "on": False, "help": tr("Share of the real images in every cell")},
        {"id": "p_g", "label": "p_g", "type": "density", **grid, "values": shadow_model, "top": peak,
         "color": "$generator", "help": tr("Share of the fakes in every cell")},
        {"id": "contour", "label": tr("p_data contours"), "type": "contour", **grid, "values": shadow_data,
         "levels": [0.1 * peak, 0.5 * peak], "color": "$data", "width": 1.8,
         "help": tr("Contours of the real images' shares at 10 % and 50 % of the largest")},
        {"id": "real", "label": tr("real"), "type": "points", "x": real[:, 0], "y": real[:, 1], "color": "$data",
         "size": 2.8, "rim": True, "on": False},
        {"id": "fake", "label": tr("fake"), "type": "points", "x": fake[:, 0], "y": fake[:, 1], "color": "$generator",
         "size": 2.8, "rim": True},
    ]  # fmt: skip
    return {
        "id": "shadow", "kind": "field", "title": tr("Their shadows on a plane"),
        "help": tr("JSD {jsd:.3f}, a lower bound", jsd=jsd),
        "tip": tr("The images cannot be closer than their shadows: their JSD is at least that of the shadows"),
        "columns": 6, "height": 470, "pace": "fast", "layers": layers,
        "x": [float(v) for v in bounds[0]], "y": [float(v) for v in bounds[1]], "xlabel": "u₁", "ylabel": "u₂",
    }  # fmt: skip
