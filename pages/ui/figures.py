"""Arrays -> Plotly figures, as the plain dicts that the live board takes. No streamlit, no torch.

Colours are roles: data, generator and discriminator have one colour each on every page, and what belongs to both
sides is drawn in the text colour. `tr` translates a label.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from gan_core.divergences import LOG2, ruler
from gan_core.losses import GANLoss

Panel = dict[str, Any]
Translate = Callable[..., str]

EPSILON_JSD, TOP_KL = 1e-3, 30.0  # the window of the divergence panel, nats


def line(x: Any, y: Any, color: str, name: str, *, dash: str = "solid", width: float = 2.5, **extra: Any) -> Panel:
    """A line trace; x is an array or (x0, dx)."""
    place = {"x0": x[0], "dx": x[1]} if isinstance(x, tuple) else {"x": x}
    style = {"color": color, "width": width, "dash": dash}
    return {"type": "scatter", "mode": "lines", "y": y, "name": name, "line": style, **place, **extra}


def rug(x: np.ndarray, low: float, high: float, color: str, name: str) -> Panel:
    """Samples as short strokes on a base line, as one unbroken path: gaps would cost a drawing call each."""
    xs, ys = np.repeat(np.sort(x), 3), np.tile([low, high, low], len(x))
    return line(xs, ys, color, name, width=1, hoverinfo="skip")


def level(y: float, text: str, color: str = "$muted", *, dash: str = "dot", side: str = "right") -> tuple[Panel, Panel]:
    """A labelled horizontal line across the panel: a shape and its annotation. `y` in axis units (log10 on a log
    axis needs the shape in data units and the annotation in log units: see `log_level`)."""
    shape = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": y, "y1": y,
             "line": {"color": color, "width": 1.2, "dash": dash}}  # fmt: skip
    x, anchor = (1, "right") if side == "right" else (0, "left")
    note = {"xref": "paper", "x": x, "xanchor": anchor, "y": y, "yanchor": "bottom", "text": text, "showarrow": False,
            "font": {"size": 13, "color": "$muted"}}  # fmt: skip
    return shape, note


def log_level(y: float, text: str, **kwargs: Any) -> tuple[Panel, Panel]:
    """`level` on a logarithmic axis, where Plotly wants the annotation as log10."""
    shape, note = level(y, text, **kwargs)
    return shape, {**note, "y": math.log10(y)}


def with_levels(layout: Panel, levels: Sequence[tuple[Panel, Panel]]) -> Panel:
    """The layout with these labelled lines added."""
    return {
        **layout,
        "shapes": [*layout.get("shapes", []), *(s for s, _ in levels)],
        "annotations": [*layout.get("annotations", []), *(a for _, a in levels)],
    }


def marks_layout(marks: Sequence[tuple[int, str]], *, labels: bool) -> Panel:
    """Vertical lines where a live change was made, labelled on demand."""
    shapes = [
        {
            "type": "line",
            "yref": "paper",
            "y0": 0,
            "y1": 1,
            "x0": s,
            "x1": s,
            "line": {"color": "$accent", "width": 1.5},
        }
        for s, _ in marks
    ]
    notes = [
        {"yref": "paper", "y": 1 - 0.11 * (i % 4), "yanchor": "top", "x": s, "xanchor": "left", "text": text,
         "showarrow": False, "font": {"size": 13, "color": "$accent"}, "bgcolor": "$background/0.7"}
        for i, (s, text) in enumerate(marks)
    ]  # fmt: skip
    return {"shapes": shapes, "annotations": notes if labels else []}


def step_axis(step: int, tr: Translate) -> Panel:
    """An axis of steps that grows by doubling, so that it seldom moves."""
    end = 500
    while end < step:
        end *= 2
    return {"title": {"text": tr("step")}, "range": [0, end], "nticks": 5, "tickformat": "~s"}


def density_panel(e: Any, real: np.ndarray, fake: np.ndarray, tr: Translate) -> Panel:
    """p_data and p_g as curves, samples of both as rugs."""
    top = 1.45 * float(e.p_data.max())
    x = (float(e.x[0]), float(e.x[1] - e.x[0]))
    return {
        "id": "density", "title": tr("p_g walks onto p_data"), "help": tr("strokes below: samples"),
        "columns": 8, "height": 262, "pace": "fast",
        "data": [
            line(x, e.p_data, "$data", "p_data", fill="tozeroy", fillcolor="$data/0.22"),
            line(x, e.p_g, "$generator", "p_g", fill="tozeroy", fillcolor="$generator/0.16", width=3),
            rug(real, -0.07 * top, -0.015 * top, "$data/0.75", "x ~ p_data"),
            rug(fake, -0.135 * top, -0.08 * top, "$generator/0.75", "G(z)"),
        ],
        "layout": {
            "xaxis": {"title": {"text": "x"}, "range": [e.x[0], e.x[-1]], "nticks": 11},
            "yaxis": {"title": {"text": tr("density")}, "range": [-0.15 * top, top], "nticks": 5},
        },
    }  # fmt: skip


def discriminator_panel(e: Any, loss: GANLoss, smoothing: float, tr: Translate) -> Panel:
    """D(x) beside the optimal D*(x), or the critic's score."""
    x = (float(e.x[0]), float(e.x[1] - e.x[0]))
    panel = {"id": "discriminator", "columns": 8, "height": 205, "pace": "fast"}
    x_axis = {"title": {"text": "x"}, "range": [e.x[0], e.x[-1]], "nticks": 11}
    if loss.output == "score":
        low, high = nice_range(e.d)
        return {
            **panel, "title": tr("The critic's score D(x)"), "help": tr("not a probability: 1/2 means nothing here"),
            "data": [line(x, e.d, "$discriminator", "D(x)", width=3)],
            "layout": {"xaxis": x_axis, "yaxis": {"title": {"text": "D(x)"}, "range": [low, high], "nticks": 5}},
        }  # fmt: skip
    half = (1 - smoothing) / 2
    layout = {"xaxis": x_axis, "yaxis": {"title": {"text": "D(x)"}, "range": [-0.03, 1.03], "dtick": 0.5}}
    return {
        **panel, "title": tr("What D says, D(x), and the best possible answer D*(x)"),
        "help": "D* = p_data / (p_data + p_g)",
        "data": [
            line(x, e.d_star, "$muted", "D*(x)", dash="dash", width=2),
            line(x, e.d, "$discriminator", "D(x)", width=3),
        ],
        "layout": with_levels(layout, [level(half, "1/2" if half == 0.5 else f"{half:.2f}")]),
    }  # fmt: skip


def latent_panel(e: Any, latent: str, latent_dim: int, tr: Translate) -> Panel:
    """The map z -> G(z)."""
    end = 1.0 if latent == "uniform" else 3.5
    inside = np.abs(e.z) <= end
    z, g = e.z[inside], e.g_of_z[inside]
    keep = np.unique(np.linspace(0, len(z) - 1, 400).astype(int))
    first = "z" if latent_dim == 1 else "z₁"
    return {
        "id": "latent", "title": tr("The map z → G(z)"),
        "help": tr("steep where p_g is thin") if latent_dim == 1 else tr("along z₁, other coordinates 0"),
        "columns": 4, "height": 262, "pace": "slow",
        "data": [line(z[keep], g[keep], "$generator", "G(z)", width=3)],
        "layout": {
            "xaxis": {"title": {"text": first}, "range": [-end, end], "nticks": 7},
            "yaxis": {"title": {"text": "x = G(z)"}, "range": [e.x[0], e.x[-1]], "nticks": 7},
        },
    }  # fmt: skip


def opinion_panel(h: Mapping[str, np.ndarray], step: int, marks: Sequence, smoothing: float, tr: Translate) -> Panel:
    """Mean D on data and on fakes over steps."""
    layout = {
        **marks_layout(marks, labels=False),
        "xaxis": step_axis(step, tr),
        "yaxis": {"range": [0, 1], "dtick": 0.25},
    }
    half = (1 - smoothing) / 2
    return {
        "id": "opinion", "title": tr("D's mean opinion"), "help": tr("→ 1/2, but that alone proves nothing"),
        "columns": 4, "height": 205, "pace": "slow",
        "data": [
            line(h["step"], h["d_real"], "$data", "D(real)"),
            line(h["step"], h["d_fake"], "$generator", "D(fake)"),
        ],
        "layout": with_levels(layout, [level(half, "1/2" if half == 0.5 else f"{half:.2f}")]),
    }  # fmt: skip


def ruler_levels(n_modes: int, tr: Translate, make: Callable = level) -> list[tuple[Panel, Panel]]:
    """The JSD at which exactly k of K modes are there, as labelled lines; at most four of them."""
    ks = range(1, n_modes) if n_modes <= 4 else sorted({1, n_modes // 2, n_modes - 1})
    return [make(ruler(k, n_modes), tr("{k} of {n} modes", k=k, n=n_modes), side="left") for k in ks]


def divergence_panel(h: Mapping[str, np.ndarray], step: int, marks: Sequence, floor: float, tr: Translate) -> Panel:
    """JSD and both KLs over steps on a logarithmic axis; an infinite KL is a triangle at the top."""
    data = []
    for column, color, name, width in (
        ("kl_data_model", "$data", "KL(p_data‖p_g)", 2),
        ("kl_model_data", "$generator", "KL(p_g‖p_data)", 2),
        ("jsd", "$text", "JSD", 3.5),
    ):
        values = np.where(np.isfinite(h[column]), np.clip(h[column], EPSILON_JSD, TOP_KL), np.nan)
        data.append(line(h["step"], values, color, name, width=width))
        infinite = h["step"][np.isinf(h[column])]
        if len(infinite):
            shown = infinite[:: len(infinite) // 24 + 1]
            data.append({
                "type": "scatter", "mode": "markers", "x": shown, "y": np.full(len(shown), 0.75 * TOP_KL),
                "name": f"{name} = ∞", "hoverinfo": "name+x",
                "marker": {"symbol": "triangle-up", "size": 8, "color": color},
            })  # fmt: skip
    ticks = [0.001, 0.01, 0.1, 1, 10]
    layout = {
        **marks_layout(marks, labels=True),
        "xaxis": step_axis(step, tr),
        "yaxis": {"type": "log", "range": [math.log10(EPSILON_JSD), math.log10(TOP_KL)], "tickvals": ticks,
                  "ticktext": [f"{t:g}" for t in ticks], "title": {"text": tr("nats")}},
    }  # fmt: skip
    levels = [log_level(LOG2, tr("log 2: nothing in common"))]
    if floor > EPSILON_JSD:
        levels.append(log_level(floor, tr("noise floor")))
    title = tr("How far apart?")
    help_ = "JSD, KL(p_data‖p_g), KL(p_g‖p_data)"
    if np.isinf(h["kl_data_model"]).any() or np.isinf(h["kl_model_data"]).any():
        help_ += tr(" · ▲ = ∞")
    return {
        "id": "divergences", "title": title, "help": help_, "columns": 4, "height": 225, "pace": "slow",
        "data": data, "layout": with_levels(layout, levels),
    }  # fmt: skip


def proof_panel(h: Mapping[str, np.ndarray], step: int, marks: Sequence, n_modes: int, tr: Translate) -> Panel:
    """JSD as a stack: what D proves now, and what it has not learnt yet."""
    proven = np.clip(h["proven"], 0, None)
    data = [
        line(h["step"], proven, "$discriminator", tr("proven by D"), width=1, fill="tozeroy",
             fillcolor="$discriminator/0.45"),
        line(h["step"], h["jsd"], "$text", "JSD", width=3, fill="tonexty", fillcolor="$text/0.13"),
    ]  # fmt: skip
    if np.isnan(proven).all():
        data = [line(h["step"], h["jsd"], "$text", "JSD", width=3)]
    layout = {
        **marks_layout(marks, labels=False),
        "xaxis": step_axis(step, tr),
        "yaxis": {"range": [0, 0.75], "dtick": 0.25, "title": {"text": tr("nats")}},
    }
    levels = [level(LOG2, "log 2"), *(ruler_levels(n_modes, tr) if n_modes > 1 else [])]
    return {
        "id": "proof", "title": tr("What D can prove"), "help": tr("proven + not yet proven = JSD"),
        "columns": 4, "height": 225, "pace": "slow", "data": data, "layout": with_levels(layout, levels),
    }  # fmt: skip


def loss_panel(h: Mapping[str, np.ndarray], step: int, marks: Sequence, loss: GANLoss, tr: Translate) -> Panel:
    """Both losses over steps with the values that theory gives for p_g = p_data."""
    references = [v for v in (loss.d_equilibrium, loss.g_equilibrium) if math.isfinite(v)]
    low, high = nice_range(np.r_[h["d_loss"], h["g_loss"], references, 0.0])
    layout = {
        **marks_layout(marks, labels=False),
        "xaxis": step_axis(step, tr),
        "yaxis": {"range": [low, high], "nticks": 5},
    }
    levels = []
    if math.isfinite(loss.d_equilibrium):
        levels.append(level(loss.d_equilibrium, f"L_D = {loss.d_equilibrium:.3g}", "$discriminator"))
    if math.isfinite(loss.g_equilibrium):
        levels.append(level(loss.g_equilibrium, f"L_G = {loss.g_equilibrium:.3g}", "$generator", side="left"))
    return {
        "id": "losses", "title": tr("Losses"), "help": tr("dotted: at p_g = p_data. Nobody's has to fall"),
        "columns": 4, "height": 225, "pace": "slow",
        "data": [
            line(h["step"], h["d_loss"], "$discriminator", "L_D"),
            line(h["step"], h["g_loss"], "$generator", "L_G"),
        ],
        "layout": with_levels(layout, levels),
    }  # fmt: skip


def nice_range(values: np.ndarray) -> tuple[float, float]:
    """A range around the middle 98 % of the finite values, rounded outwards so that it seldom moves."""
    finite = values[np.isfinite(values)]
    low, high = np.quantile(finite, [0.01, 0.99]) if len(finite) else (0.0, 1.0)
    unit = 2.0 ** math.ceil(math.log2(max(high - low, 0.1))) / 4
    return float(unit * (math.floor(low / unit) - 0.2)), float(unit * (math.ceil(high / unit) + 0.4))
