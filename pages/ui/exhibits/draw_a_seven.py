"""Panels of the lesson on conditional GANs."""

from collections.abc import Sequence

import numpy as np

from gan_core.distributions import Distribution
from pages.ui.figures import Panel, Translate, level, line, step_axis, with_levels
from pages.ui.image_figures import images_panel


def ordered_panel(pixels: np.ndarray, digit: int, tr: Translate) -> Panel:
    """Fakes of one digit, (32, side, side)."""
    return images_panel(
        "ordered", pixels, "generator", across=8, height=300, title=tr("Ordered: {digit}", digit=digit),
        help=tr("one label, 32 latents z"),
    )  # fmt: skip


def table_panel(pixels: np.ndarray, across: int, tr: Translate, *, step: int | None = None, height: int = 300) -> Panel:
    """Digit × style: (rows * across, side, side); one digit a column, one latent a row."""
    title = tr("Digit × style") if step is None else tr("Fakes at step {step}", step=f"{step:,}")
    return images_panel(
        "table", pixels, "generator", across=across, height=height, title=title,
        help=tr("a column: one digit · a row: one z"),
    )  # fmt: skip


def strip_panel(id: str, pixels: np.ndarray, title: str, help: str) -> Panel:
    """A way in one row, (n, side, side)."""
    return images_panel(id, pixels, "generator", across=len(pixels), columns=12, height=170, title=title, help=help)


def accuracy_bars(by_label: Sequence[float], real: float, names: Sequence[str], axis: str, tr: Translate) -> Panel:
    """How often the judge finds what was ordered, label by label, in percent."""
    values = 100 * np.asarray(by_label)
    layout = {
        "bargap": 0.3,
        "xaxis": {"type": "category", "title": {"text": axis}, "dtick": 1, "showgrid": False,
                  "range": [-0.55, len(names) - 0.45]},
        "yaxis": {"range": [0, 118], "tickvals": [0, 25, 50, 75, 100], "ticksuffix": " %"},
    }  # fmt: skip
    marks = [
        level(100 * real, tr("real: {share:.1f} %", share=100 * real), "$data", dash="dash"),
        level(100 / len(names), "", "$text"),
    ]
    bars = {"type": "bar", "x": list(names), "y": values, "name": tr("fakes"), "marker": {"color": "$generator"},
            "hovertemplate": "%{x}: %{y:.0f} %<extra></extra>"}  # fmt: skip
    return {
        "id": "accuracy", "title": tr("Is it what was ordered?"), "help": tr("dashed: real ones · dotted: by chance"),
        "columns": 6, "height": 235, "pace": "slow", "data": [bars], "layout": with_levels(layout, marks),
    }  # fmt: skip


def course_panel(
    history: dict[str, np.ndarray], real: float, chance: float, tr: Translate, *, height: int = 235
) -> Panel:
    """Accuracy and spread over the steps of the training."""
    steps = history["step"]
    layout = {
        "xaxis": step_axis(int(steps[-1]) if len(steps) else 0, tr),
        "yaxis": {"range": [0, 1.6], "tickvals": [0, 0.5, 1, 1.5]},
    }
    marks = [
        level(real, tr("accuracy of real ones: {share:.3f}", share=real), "$data", dash="dash"),
        level(chance, tr("chance"), "$muted"),
    ]
    return {
        "id": "course", "title": tr("Accuracy and variety"), "help": tr("orange: accuracy · violet: spread, 1 = as real ones"),
        "columns": 6, "height": height, "pace": "slow",
        "data": [
            line(steps, history["accuracy"], "$generator", tr("Accuracy"), width=3),
            line(steps, history["spread"], "$accent", tr("Spread within a label"), width=2.5),
        ],
        "layout": with_levels(layout, marks),
    }  # fmt: skip


def modes_panel(
    target: Distribution, others: np.ndarray, chosen: np.ndarray, mode: int, step: int, tr: Translate
) -> Panel:
    """The plane: fakes of all modes, and those of the one that is ordered."""
    assert target.modes is not None, "only modes can be ordered"
    rings = {"x": target.modes[:, 0], "y": target.modes[:, 1], "radius": 3 * target.mode_scale, "colors": ["$data"]}
    wanted = {"x": target.modes[mode : mode + 1, 0], "y": target.modes[mode : mode + 1, 1],
              "radius": 4.5 * target.mode_scale, "colors": ["$accent"]}  # fmt: skip
    layers = [
        {"id": "rings", "label": "", "type": "rings", **rings},
        {"id": "wanted", "label": "", "type": "rings", **wanted},
        {"id": "others", "label": "", "type": "points", "x": others[:, 0], "y": others[:, 1], "color": "$generator/0.35",
         "size": 1.7},
        {"id": "chosen", "label": "", "type": "points", "x": chosen[:, 0], "y": chosen[:, 1], "color": "$generator",
         "size": 3, "rim": True},
    ]  # fmt: skip
    return {
        "id": "modes", "kind": "field", "title": tr("Fakes at step {step}", step=f"{step:,}"),
        "help": tr("violet: the mode that is ordered"),
        "columns": 6, "rows": 2, "height": 500, "pace": "fast", "layers": layers, "morph": "",
        "x": list(target.bounds[0]), "y": list(target.bounds[1]), "xlabel": "x₁", "ylabel": "x₂",
    }  # fmt: skip
