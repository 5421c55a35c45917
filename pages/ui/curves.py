"""Every chart of curves over the training steps, one record each. See `figures`.

`CURVES` says which of them a kind of target has, in the order of the board. To add one, add a `StepChart` to it: its
columns are those of the trainer's history, which the problem names in its `scalars`.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from gan_core.divergences import HIGH_QUALITY_RADIUS, LOG2
from pages.ui.figures import Level, Panel, Translate, half_level, level, line, log_axis, log_level, nice_range
from pages.ui.proof_charts import PROOF
from pages.ui.step_charts import Curve, Moment, StepChart, lines

CEILING_2D = 1 - math.exp(-(HIGH_QUALITY_RADIUS**2) / 2)  # high-quality share of exact 2D data
TOP_KL = 30.0  # the upper end of the axis of divergences, nats
LOW, LOW_CLASSES = 1e-3, 1e-4  # its lower end; thousands of fakes read about the second one for shares of classes


# ---- what D thinks ----

OPINION = StepChart(
    id="opinion", title="D's mean opinion", help="→ 1/2, but that alone proves nothing", height=205,
    curves=(
        Curve(column="d_real", color="$data", name="D(real)"),
        Curve(column="d_fake", color="$generator", name="D(fake)"),
    ),
    axis=lambda m, tr: {"range": [0, 1], "dtick": 0.25},
    levels=lambda m, tr: [half_level(m.smoothing)],
    shown=lambda m: m.loss is None or m.loss.output != "score",  # a critic's score is no opinion
)  # fmt: skip

HELD_OUT_OPINION = replace(
    OPINION, help="dashed: unseen real",
    curves=(
        *OPINION.curves,
        Curve(column="d_held_out", color="$data", name="D(held-out real)", words=True, dash="dash"),
    ),
)  # fmt: skip


# ---- how far apart ----


def apart(curves: Sequence[Curve], m: Moment, tr: Translate, *, low: float) -> list[Panel]:
    """Divergences on a logarithmic axis from `low` up; where one is infinite, a triangle at the top."""
    data, steps = [], m.history["step"]
    for curve in curves:
        column = m.history[curve.column]
        trace = curve.trace(m, tr)
        data.append(trace | {"y": np.where(np.isfinite(column), np.clip(column, low, TOP_KL), np.nan)})
        infinite = steps[np.isinf(column)]
        if len(infinite):
            shown = infinite[:: len(infinite) // 24 + 1]
            data.append({
                "type": "scatter", "mode": "markers", "x": shown, "y": np.full(len(shown), 0.75 * TOP_KL),
                "name": f"{curve.label(tr)} = ∞", "hoverinfo": "name+x",
                "marker": {"symbol": "triangle-up", "size": 8, "color": curve.color},
            })  # fmt: skip
    return data


def apart_axis(m: Moment, tr: Translate, *, low: float) -> Panel:
    """A logarithmic axis of nats from `low` to TOP_KL."""
    ticks = [t for t in (0.0001, 0.001, 0.01, 0.1, 1, 10) if t >= low]
    return {"type": "log", "range": [math.log10(low), math.log10(TOP_KL)], "tickvals": ticks,
            "ticktext": [f"{t:g}" for t in ticks], "title": {"text": tr("nats")}}  # fmt: skip


def apart_levels(m: Moment, tr: Translate, *, low: float, floor: str) -> list[Level]:
    """log 2, and the noise floor: the evaluation's attribute of that name."""
    noise = getattr(m.evaluation, floor)
    nothing_in_common = log_level(LOG2, tr("log 2: nothing in common"))
    return [nothing_in_common, *([log_level(noise, tr("noise floor"))] if noise > low else [])]


def legend_of_infinity(m: Moment, tr: Translate, *, prefix: str) -> str:
    """What the triangles mean, if there are any."""
    kls = (m.history[f"{prefix}kl_data_model"], m.history[f"{prefix}kl_model_data"])
    return tr(" · ▲ = ∞") if np.isinf(kls).any() else ""


def divergence_curves(prefix: str = "") -> tuple[Curve, ...]:
    """Both KLs and the JSD; `prefix` of the columns' names."""
    return (
        Curve(column=f"{prefix}kl_data_model", color="$data", name="KL(p_data‖p_g)", width=2),
        Curve(column=f"{prefix}kl_model_data", color="$generator", name="KL(p_g‖p_data)", width=2),
        Curve(column=f"{prefix}jsd", color="$text", name="JSD", width=3.5),
    )


_ALL_THREE = "JSD, KL(p_data‖p_g), KL(p_g‖p_data)"

DIVERGENCES = StepChart(
    id="divergences", title="How far apart?", names_marks=True,
    help=lambda m, tr: _ALL_THREE + legend_of_infinity(m, tr, prefix=""),
    curves=divergence_curves(), draw=partial(apart, low=LOW),
    axis=partial(apart_axis, low=LOW), levels=partial(apart_levels, low=LOW, floor="floor"),
)  # fmt: skip

CLASS_DIVERGENCES = StepChart(
    id="class_divergences", title="How far apart by digit?", names_marks=True,
    help=lambda m, tr: legend_of_infinity(m, tr, prefix="class_").removeprefix(" · "),
    tip=lambda m, tr: _ALL_THREE + legend_of_infinity(m, tr, prefix="class_"),
    curves=divergence_curves("class_"), draw=partial(apart, low=LOW_CLASSES),
    axis=partial(apart_axis, low=LOW_CLASSES), levels=partial(apart_levels, low=LOW_CLASSES, floor="class_floor"),
)  # fmt: skip


# ---- what D can prove of images ----


def bounded(curves: Sequence[Curve], m: Moment, tr: Translate) -> list[Panel]:
    """Lower bounds, at least 0; that of D with a band of two standard errors."""
    shadow, proven = (trace | {"y": np.clip(trace["y"], 0, None)} for trace in lines(curves, m, tr))
    step, bound, error = m.history["step"], m.history["proven"], 2 * m.history["proven_error"]
    if np.isnan(bound).all():
        return [shadow]
    if not np.any(error > 0):
        return [shadow, proven]
    low, high = np.clip(bound - error, 0, None), np.clip(bound + error, 0, None)
    edge: Panel = {"width": 0.5, "hoverinfo": "skip"}
    return [
        shadow,
        line(step, low, "$discriminator/0.6", "− 2 s.e.", **edge),
        line(step, high, "$discriminator/0.6", "+ 2 s.e.", fill="tonexty", fillcolor="$discriminator/0.25", **edge),
        proven,
    ]  # fmt: skip


def bounds_levels(m: Moment, tr: Translate) -> list[Level]:
    """log 2, and what the JSD of the shadows stays below for perfect fakes."""
    floor = m.evaluation.shadow_floor
    return [
        level(LOG2, tr("log 2: nothing in common")),
        *([level(floor, tr("noise floor of the shadows"), side="left")] if floor > 0 else []),
    ]


BOUNDS = StepChart(
    id="bounds", title="How far apart, at least?", help="green: by D",
    tip="Two lower bounds of the JSD of the images, which nobody can compute. A shadow hides differences; D, with ± 2 s.e., misses some",
    curves=(
        Curve(column="shadow_jsd", color="$text", name="JSD of the shadows", words=True, width=3),
        Curve(column="proven", color="$discriminator", name="proven by D", words=True),
    ),
    draw=bounded,
    axis=lambda m, tr: {"range": [0, 0.77], "tickvals": [0, 0.25, 0.5], "title": {"text": tr("nats")}},
    levels=bounds_levels,
)  # fmt: skip


# ---- losses and gradients ----


def losses_axis(m: Moment, tr: Translate) -> Panel:
    """A range with both losses, their values at p_g = p_data, and 0."""
    references = [v for v in m.at_balance if math.isfinite(v)]
    low, high = nice_range(np.r_[m.history["d_loss"], m.history["g_loss"], references, 0.0])
    return {"range": [low, high], "nticks": 5}


def losses_levels(m: Moment, tr: Translate) -> list[Level]:
    """What theory gives for p_g = p_data and the D that is best for these settings."""
    d, g = m.at_balance
    levels = []
    if math.isfinite(d):
        levels.append(level(d, f"L_D = {d:.3g}", "$discriminator"))
    if math.isfinite(g):
        levels.append(level(g, f"L_G = {g:.3g}", "$generator", side="left"))
    return levels


LOSSES = StepChart(
    id="losses", title="Losses", help="dotted: at p_g = p_data. Nobody's has to fall",
    curves=(
        Curve(column="d_loss", color="$discriminator", name="L_D"),
        Curve(column="g_loss", color="$generator", name="L_G"),
    ),
    axis=losses_axis, levels=losses_levels,
)  # fmt: skip

GRADIENTS = StepChart(
    id="gradients", title="Size of G's gradient", help="solid: non-saturating · dashed: minimax", columns=6,
    curves=(
        Curve(column="grad_non_saturating", color="$generator", name="−log D(G(z))"),
        Curve(column="grad_minimax", color="$generator", name="log(1 − D(G(z)))", dash="dash"),
    ),
    axis=lambda m, tr: log_axis(np.r_[m.history["grad_minimax"], m.history["grad_non_saturating"]]),
    shown=lambda m: m.loss is not None and m.loss.output == "logit",
)  # fmt: skip


# ---- how good the fakes are ----


def percent_axis(m: Moment, tr: Translate) -> Panel:
    """From 0 to 100 %, with room for a line at the top."""
    return {"range": [0, 108], "dtick": 25, "ticksuffix": "%"}


MODES = StepChart(
    id="modes", title="Modes and quality", columns=6,
    help=lambda m, tr: tr("thick: modes covered, of {n} · orange: fakes within 3 σ of one", n=len(m.evaluation.covered)),
    curves=(
        Curve(column="modes", color="$text", name="modes covered", words=True, width=3, shape="hv",
              whole=lambda m: len(m.evaluation.covered)),
        Curve(column="high_quality", color="$generator", name="High quality", words=True, whole=lambda m: 1),
    ),
    axis=percent_axis,
    levels=lambda m, tr: [level(100 * CEILING_2D, tr("real data: 98.9 %"))],
    shown=lambda m: len(m.evaluation.covered) > 0,
)  # fmt: skip


def frechet_axis(m: Moment, tr: Translate) -> Panel:
    """Whole decades around the distances and the floor."""
    floor = m.evaluation.frechet_floor
    return log_axis(np.r_[m.history["frechet"], floor, 2 * floor, floor / 2])


def frechet_levels(m: Moment, tr: Translate) -> list[Level]:
    """What real images reach against real ones."""
    floor = m.evaluation.frechet_floor
    return [log_level(floor, tr("real against real"), side="left")] if floor > 0 else []


FRECHET = StepChart(
    id="frechet", title="Fréchet distance", help="of features",
    curves=(Curve(column="frechet", color="$generator", name="Fréchet distance", words=True),),
    axis=frechet_axis, levels=frechet_levels,
)  # fmt: skip


def confidence_levels(m: Moment, tr: Translate) -> list[Level]:
    """How sure the classifier is of an empty image."""
    black = m.evaluation.black_confidence
    return [level(100 * black, tr("empty image: {share:.0%}", share=black), side="left")]


CONFIDENCE = StepChart(
    id="confidence", title="A classifier's confidence", help="dashed: share above 90 %",
    tip=lambda m, tr: tr("How sure a classifier is of the fakes, on average. It is sure of nonsense, too: an empty image gets {share:.0%}",
                         share=m.evaluation.black_confidence),
    curves=(
        Curve(column="confidence", color="$generator", name="mean confidence", words=True, width=3, whole=lambda m: 1),
        Curve(column="sure", color="$generator", name="share above 90 %", words=True, dash="dash", width=2,
              whole=lambda m: 1),
    ),
    axis=percent_axis, levels=confidence_levels,
)  # fmt: skip


def wide(chart: StepChart) -> StepChart:
    """The chart in half the width of the board."""
    return replace(chart, columns=6)


# kind of target -> its charts, in the order of the board
CURVES: dict[str, tuple[StepChart, ...]] = {
    "line": (OPINION, DIVERGENCES, PROOF, LOSSES),
    "plane": (wide(PROOF), DIVERGENCES, OPINION, LOSSES, MODES, GRADIENTS),
    "images": (HELD_OUT_OPINION, CLASS_DIVERGENCES, BOUNDS, FRECHET, wide(CONFIDENCE), wide(LOSSES)),
}


def curve_panels(kind: str, m: Moment, tr: Translate) -> list[Panel]:
    """All charts over the steps for a kind of target, in the order of the board."""
    return [chart.panel(m, tr) for chart in CURVES[kind] if chart.shown(m)]
