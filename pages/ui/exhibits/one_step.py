"""Panels and tables of the slow-motion training step."""

from typing import TYPE_CHECKING, Any

import numpy as np

from pages.ui.figures import Panel, Translate, line

if TYPE_CHECKING:
    from gan_core.lessons.one_step import Step

PULL = 0.6  # length of the arrow at a score, in units of D, per unit of slope
ARROW = 2.0  # length of the arrow at a fake, in units of x, per unit of slope
REAL_ROW, FAKE_ROW, LOW = -0.1, -0.2, -0.27  # where samples lie that have no score yet


def score_panel(s: "Step", phase: int, tr: Translate) -> Panel:
    """The line of x with the samples, and D(x) above it."""
    data, arrows = [], []
    now = s.d_before if phase < 5 else s.d_after
    if phase == 5:
        data.append(line(s.x, s.d_before, "$discriminator/0.55", tr("D before"), dash="dash", width=2))
    data.append(line(s.x, now, "$discriminator", "D(x)", width=4 if phase == 5 else 2.5))
    if phase <= 5:
        scored = phase >= 3
        real_y, fake_y = (s.d_real_after, s.d_fake_after) if phase == 5 else (s.d_real, s.d_fake)
        if phase >= 2:
            data += _samples(s.fake, fake_y if scored else None, FAKE_ROW, "$generator", tr("fake"))
        data += _samples(s.real, real_y if scored else None, REAL_ROW, "$data", tr("real"))
        if phase == 4:
            arrows += [
                _arrow(x, y, x, y - PULL * k, "$data") for x, y, k in zip(s.real, s.d_real, s.slope_real, strict=True)
            ]
            arrows += [
                _arrow(x, y, x, y - PULL * k, "$generator")
                for x, y, k in zip(s.fake, s.d_fake, s.slope_fake, strict=True)
            ]
    elif phase >= 7:
        fake, scores = (s.fake_g_after, s.d_fake_g_after) if phase == 10 else (s.fake_g, s.d_fake_g)
        if phase == 10:
            data.append(_dots(s.fake_g, s.d_fake_g, "$generator", tr("fake before"), hollow=True))
        data += _samples(fake, scores if phase >= 8 else None, FAKE_ROW, "$generator", tr("fake"))
        if phase == 9:
            arrows += [
                _arrow(x, y, x + ARROW * a, y, "$generator")
                for x, y, a in zip(s.fake_g, s.d_fake_g, s.arrows, strict=True)
            ]
    return {
        "id": "scores", "title": tr("The samples on their line, and D(x)"),
        "help": tr("blue: data · orange: fakes · green: D"),
        "columns": 7, "height": 360, "pace": "fast", "data": data,
        "layout": {
            "annotations": arrows,
            "xaxis": {"title": {"text": "x"}, "range": [float(s.x[0]), float(s.x[-1])], "nticks": 11},
            "yaxis": {"title": {"text": "D(x)"}, "range": [LOW, 1.04], "tickvals": [0, 0.5, 1],
                      "ticktext": ["0", "½", "1"]},
        },
    }  # fmt: skip


def map_panel(s: "Step", phase: int, tr: Translate) -> Panel:
    """The map z -> G(z) with the latents of the turn."""
    low, high = float(s.x[0]), float(s.x[-1])
    z, fake = (s.z_d, s.fake) if phase <= 5 else (s.z_g, s.fake_g)
    data, arrows = [], []
    if phase == 10:
        data.append(line(s.z, s.g_before, "$generator/0.55", tr("G before"), dash="dash", width=2))
        data.append(line(s.z, s.g_after, "$generator", "G(z)", width=4))
        data.append(_dots(z, fake, "$generator", tr("fake before"), hollow=True))
        data.append(_dots(z, s.fake_g_after, "$generator", tr("fake")))
    else:
        data.append(line(s.z, s.g_before, "$generator", "G(z)"))
        data.append(_dots(z, np.full_like(z, low + 0.3), "$text", "z"))
        if phase not in (1, 6):
            rise = np.column_stack([np.full_like(z, low + 0.3), fake, np.full_like(z, np.nan)]).ravel()
            data.append(line(np.repeat(z, 3), rise, "$muted", "", width=1, hoverinfo="skip"))
            data.append(_dots(z, fake, "$generator", tr("fake")))
        if phase == 9:
            arrows = [_arrow(u, x, u, x + ARROW * a, "$generator") for u, x, a in zip(z, fake, s.arrows, strict=True)]
    return {
        "id": "map", "title": tr("The map z → G(z)"), "help": tr("dots below: z"),
        "columns": 5, "height": 360, "pace": "fast", "data": data,
        "layout": {
            "annotations": arrows,
            "xaxis": {"title": {"text": "z"}, "range": [-3, 3], "nticks": 7},
            "yaxis": {"title": {"text": "x = G(z)"}, "range": [low, high], "nticks": 6},
        },
    }  # fmt: skip


def tables(s: "Step", phase: int, tr: Translate) -> list[tuple[str, dict[str, Any]]]:
    """(heading, columns) of the real numbers known in this phase."""
    if phase <= 5:
        real, fake = {"x": s.real}, {"z": s.z_d}
        if phase >= 2:
            fake["G(z)"] = s.fake
        if phase >= 3:
            real["D(x)"], fake["D(G(z))"] = s.d_real, s.d_fake
        if phase >= 4:
            real |= {"−log D": s.loss_real, "∂L/∂l": s.slope_real}
            fake |= {"−log(1−D)": s.loss_fake, "∂L/∂l": s.slope_fake}
        if phase == 5:
            real[tr("D after")], fake[tr("D after")] = s.d_real_after, s.d_fake_after
        return [(tr(":blue[**Data**]"), real), (tr(":orange[**Fakes**]"), fake)]
    fake = {"z": s.z_g}
    if phase >= 7:
        fake["G(z)"] = s.fake_g
    if phase >= 8:
        fake["D(G(z))"] = s.d_fake_g
    if phase >= 9:
        fake |= {"−log D": s.loss_g, tr("arrow"): s.arrows}
    if phase == 10:
        fake |= {tr("G after"): s.fake_g_after, tr("D now"): s.d_fake_g_after}
    return [(tr(":orange[**Fakes**]"), fake)]


def _samples(x: np.ndarray, score: np.ndarray | None, row: float, color: str, name: str) -> list[Panel]:
    """Dots at their scores, with a thread down to their place in the row; or in the row, without a score."""
    if score is None:
        return [_dots(x, np.full_like(x, row), color, name)]
    threads = np.column_stack([np.full_like(x, row), score, np.full_like(x, np.nan)]).ravel()
    return [
        line(np.repeat(x, 3), threads, f"{color}/0.4", "", width=1, hoverinfo="skip"),
        _dots(x, np.full_like(x, row), f"{color}/0.4", name, size=7),
        _dots(x, score, color, name),
    ]


def _dots(
    x: np.ndarray, y: np.ndarray, color: str, name: str, *, size: float = 11, hollow: bool = False
) -> dict[str, Any]:
    rim = {"color": color if hollow else "$background", "width": 1.5}
    marker = {"size": size, "color": "$background" if hollow else color, "line": rim}
    return {"type": "scatter", "mode": "markers", "x": x, "y": y, "name": name, "marker": marker,
            "hovertemplate": "%{x:.2f}, %{y:.2f}"}  # fmt: skip


def _arrow(x: float, y: float, to_x: float, to_y: float, color: str) -> dict[str, Any]:
    """An arrow in data coordinates, as an annotation: its head is at (x, y) of Plotly, its tail at (ax, ay)."""
    return {"x": float(to_x), "y": float(to_y), "ax": float(x), "ay": float(y), "xref": "x", "yref": "y",
            "axref": "x", "ayref": "y", "text": "", "showarrow": True, "arrowhead": 2, "arrowsize": 1,
            "arrowwidth": 2.2, "arrowcolor": color}  # fmt: skip
