"""Panels of the lesson on few training images."""

from collections.abc import Mapping, Sequence

import numpy as np

from pages.ui.figures import Panel, Translate, half_level, level, line, step_axis, with_levels
from pages.ui.image_figures import images_panel

Curves = Mapping[str, np.ndarray]


def _whole(curves: Curves, tr: Translate) -> Panel:
    """The axis of a training that has ended."""
    return step_axis(0, tr) | {"range": [0, float(curves["step"][-1])]}


def opinions_panel(curves: Curves, tr: Translate, *, live: bool = False) -> Panel:
    """D's mean on images that it learns from, on images that it never saw, and on fakes.

    Args:
        live: whether the training goes on.
    """
    steps = curves["step"]
    layout = {
        "xaxis": step_axis(int(steps[-1]), tr) if live else _whole(curves, tr),
        "yaxis": {"range": [0, 1], "tickvals": [0, 0.25, 0.5, 0.75, 1], "title": {"text": "D"}},
    }
    return {
        "id": "opinions", "title": tr("What D says"),
        "help": tr("blue: training · dashed: held out · orange: fakes"),
        "columns": 6, "height": 270, "pace": "slow",
        "data": [
            line(steps, curves["d_train"], "$data", tr("training images"), width=3),
            line(steps, curves["d_held_out"], "$data", tr("held-out images"), dash="dash", width=2.5),
            line(steps, curves["d_fake"], "$generator", tr("fakes"), width=2.5),
        ],
        "layout": with_levels(layout, [half_level(0)]),
    }  # fmt: skip


def fakes_panel(pixels: np.ndarray, step: int, tr: Translate) -> Panel:
    """G of always the same latents, (30, side, side)."""
    return images_panel(
        "fakes", pixels, "generator", across=8, height=270, title=tr("Fakes at step {step}", step=f"{step:,}")
    )


def originals_panel(pixels: np.ndarray, tr: Translate) -> Panel:
    """The training image nearest to each of the fakes, (30, side, side), in its place."""
    return images_panel(
        "originals", pixels, "data", across=8, height=270, title=tr("Most like them in the training set"),
        help=tr("each in the place of its fake"),
    )  # fmt: skip


def quality_panel(curves: Curves, without: Curves, floor: float, tr: Translate) -> Panel:
    """The Fréchet distance over the steps, and that of the same training without any remedy."""
    steps = curves["step"]
    layout = {
        "xaxis": _whole(curves, tr),
        "yaxis": {"range": [0, 160], "nticks": 5, "title": {"text": tr("Fréchet distance")}},
    }
    return {
        "id": "quality", "title": tr("How good are the fakes?"), "help": tr("grey: without any remedy"),
        "columns": 6, "height": 270, "pace": "slow",
        "data": [
            line(without["step"], without["frechet"], "$muted", tr("nothing"), width=2),
            line(steps, curves["frechet"], "$generator", tr("Fréchet distance"), width=3),
        ],
        "layout": with_levels(layout, [level(floor, tr("real images: {value:.1f}", value=floor), "$data", dash="dash")]),
    }  # fmt: skip


def controller_panel(curves: Curves, target: float, tr: Translate) -> Panel:
    """What the controller of the augmentation hears, and what it does."""
    steps = curves["step"]
    layout = {
        "xaxis": _whole(curves, tr),
        "yaxis": {"range": [-0.6, 1.08], "tickvals": [-0.5, 0, 0.5, 1]},
    }
    return {
        "id": "controller", "title": tr("r_t and p"), "help": tr("green: sureness r_t · violet: augmentation p"),
        "columns": 6, "height": 270, "pace": "slow",
        "data": [
            line(steps, curves["r_t"], "$discriminator", "r_t", width=2.5),
            line(steps, curves["p"], "$accent", "p", width=2.5),
        ],
        "layout": with_levels(layout, [level(target, tr("target {value:g}", value=target), "$muted")]),
    }  # fmt: skip


def remedies_panel(
    examples: Sequence[int], ends: Mapping[str, Sequence[float]], names: Mapping[str, str], chosen: str, now: int,
    tr: Translate, columns: int = 12,
) -> Panel:  # fmt: skip
    """The Fréchet distance at the end, over the number of training images; one line for every remedy."""
    x = list(range(len(examples)))
    traces = [
        {
            **line(x, ends[key], "$generator" if key == chosen else "$muted", names[key], width=4 if key == chosen else 1.6),
            "mode": "lines+markers", "marker": {"size": 9 if key == chosen else 6, "color": "$generator" if key == chosen else "$muted"},
        }
        for key in sorted(ends, key=lambda key: key == chosen)
    ]  # fmt: skip
    layout = {
        "xaxis": {"range": [-0.2, len(x) - 0.8], "tickvals": x, "ticktext": [f"{n:,}" for n in examples],
                  "title": {"text": tr("training images")}},
        "yaxis": {"range": [0, 150], "nticks": 6, "title": {"text": tr("Fréchet distance")}},
        "shapes": [{"type": "line", "yref": "paper", "y0": 0, "y1": 1, "x0": examples.index(now),
                    "x1": examples.index(now), "line": {"color": "$muted", "width": 1, "dash": "dot"}}],
    }  # fmt: skip
    return {
        "id": "remedies", "title": tr("All remedies, all sizes"), "help": tr("orange: {name} · grey: the others", name=names[chosen]),
        "columns": columns, "height": 270, "pace": "slow", "data": traces, "layout": layout,
    }  # fmt: skip


def seen_panel(pixels: np.ndarray, tr: Translate) -> Panel:
    """Training images, and below them as D sees them, (2 n, side, side)."""
    return images_panel(
        "seen", pixels, "data", across=len(pixels) // 2, columns=12, height=190, title=tr("What D gets to see"),
        help=tr("above: as they are · below: augmented"),
    )  # fmt: skip
