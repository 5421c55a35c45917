"""Arrays -> Plotly figures, as the plain dicts that the live board takes. No streamlit, no torch.

Colours are roles: data, generator and discriminator have one colour each on every page, and what belongs to both
sides is drawn in the text colour. `tr` translates a label.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from gan_core.divergences import LOG2, ruler
from gan_core.evaluation import HIGH_QUALITY_RADIUS
from gan_core.losses import GANLoss

Panel = dict[str, Any]
Translate = Callable[..., str]

CEILING_2D = 1 - math.exp(-(HIGH_QUALITY_RADIUS**2) / 2)  # high-quality share of exact 2D data
ARROW_SCALE = 0.003  # length of an arrow, as a share of the window, per unit of the loss's slope across the window
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


def marks_layout(marks: Sequence[tuple[int, str]], *, labels: bool, end: float = math.inf) -> Panel:
    """Vertical lines where a live change was made, labelled on demand, on the side with more room up to `end`."""
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
        {"yref": "paper", "y": 1 - 0.11 * (i % 4), "yanchor": "top", "x": s, "text": text,
         "xanchor": "left" if s <= end / 2 else "right", "showarrow": False,
         "font": {"size": 13, "color": "$accent"}, "bgcolor": "$background/0.7"}
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
            "xaxis": {"title": {"text": e.axes[0]}, "range": [e.x[0], e.x[-1]], "nticks": 11},
            "yaxis": {"title": {"text": tr("density")}, "range": [-0.15 * top, top], "nticks": 5},
        },
    }  # fmt: skip


def discriminator_panel(e: Any, loss: GANLoss, smoothing: float, tr: Translate) -> Panel:
    """D(x) beside the optimal D*(x), or the critic's score."""
    x = (float(e.x[0]), float(e.x[1] - e.x[0]))
    panel = {"id": "discriminator", "columns": 8, "height": 205, "pace": "fast"}
    x_axis = {"title": {"text": e.axes[0]}, "range": [e.x[0], e.x[-1]], "nticks": 11}
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
            "yaxis": {"title": {"text": f"{e.axes[0]} = G(z)"}, "range": [e.x[0], e.x[-1]], "nticks": 7},
        },
    }  # fmt: skip


def opinion_panel(
    h: Mapping[str, np.ndarray], step: int, marks: Sequence, smoothing: float, tr: Translate, *, held_out: bool = False
) -> Panel:
    """Mean D on data and on fakes over steps, and on data that D is never trained on."""
    layout = {
        **marks_layout(marks, labels=False),
        "xaxis": step_axis(step, tr),
        "yaxis": {"range": [0, 1], "dtick": 0.25},
    }
    half = (1 - smoothing) / 2
    data = [
        line(h["step"], h["d_real"], "$data", "D(real)"),
        line(h["step"], h["d_fake"], "$generator", "D(fake)"),
    ]
    if held_out:
        data.append(line(h["step"], h["d_held_out"], "$data", tr("D(held-out real)"), dash="dash"))
    return {
        "id": "opinion", "title": tr("D's mean opinion"),
        "help": tr("dashed: unseen real") if held_out else tr("→ 1/2, but that alone proves nothing"),
        "columns": 4, "height": 205, "pace": "slow", "data": data,
        "layout": with_levels(layout, [level(half, "1/2" if half == 0.5 else f"{half:.2f}")]),
    }  # fmt: skip


def ruler_levels(n_modes: int, tr: Translate, make: Callable = level) -> list[tuple[Panel, Panel]]:
    """The JSD at which exactly k of K modes are there, as labelled lines; at most four of them."""
    ks = range(1, n_modes) if n_modes <= 4 else sorted({1, n_modes // 2, n_modes - 1})
    return [make(ruler(k, n_modes), tr("{k} of {n} modes", k=k, n=n_modes), side="left") for k in ks]


def divergence_panel(
    h: Mapping[str, np.ndarray],
    step: int,
    marks: Sequence,
    floor: float,
    tr: Translate,
    *,
    prefix: str = "",
    low: float = EPSILON_JSD,
) -> Panel:
    """JSD and both KLs over steps on a logarithmic axis from `low` up; an infinite KL is a triangle at the top.

    Args:
        prefix: of the names of the three columns of h.
    """
    data = []
    both = h[f"{prefix}kl_data_model"], h[f"{prefix}kl_model_data"]
    for column, color, name, width in (
        (both[0], "$data", "KL(p_data‖p_g)", 2),
        (both[1], "$generator", "KL(p_g‖p_data)", 2),
        (h[f"{prefix}jsd"], "$text", "JSD", 3.5),
    ):
        values = np.where(np.isfinite(column), np.clip(column, low, TOP_KL), np.nan)
        data.append(line(h["step"], values, color, name, width=width))
        infinite = h["step"][np.isinf(column)]
        if len(infinite):
            shown = infinite[:: len(infinite) // 24 + 1]
            data.append({
                "type": "scatter", "mode": "markers", "x": shown, "y": np.full(len(shown), 0.75 * TOP_KL),
                "name": f"{name} = ∞", "hoverinfo": "name+x",
                "marker": {"symbol": "triangle-up", "size": 8, "color": color},
            })  # fmt: skip
    ticks = [t for t in (0.0001, 0.001, 0.01, 0.1, 1, 10) if t >= low]
    axis = step_axis(step, tr)
    layout = {
        **marks_layout(marks, labels=True, end=axis["range"][1]),
        "xaxis": axis,
        "yaxis": {"type": "log", "range": [math.log10(low), math.log10(TOP_KL)], "tickvals": ticks,
                  "ticktext": [f"{t:g}" for t in ticks], "title": {"text": tr("nats")}},
    }  # fmt: skip
    levels = [log_level(LOG2, tr("log 2: nothing in common"))]
    if floor > low:
        levels.append(log_level(floor, tr("noise floor")))
    title = tr("How far apart?")
    help_ = "JSD, KL(p_data‖p_g), KL(p_g‖p_data)"
    if np.isinf(both).any():
        help_ += tr(" · ▲ = ∞")
    return {
        "id": "divergences", "title": title, "help": help_, "columns": 4, "height": 225, "pace": "slow",
        "data": data, "layout": with_levels(layout, levels),
    }  # fmt: skip


def proof_panel(h: Mapping[str, np.ndarray], step: int, marks: Sequence, n_modes: int, tr: Translate) -> Panel:
    """JSD as a stack: what D proves now, and what it has not learnt yet."""
    proven, error = np.clip(h["proven"], 0, None), 2 * h["proven_error"]
    data = [
        line(h["step"], proven, "$discriminator", tr("proven by D"), width=1, fill="tozeroy",
             fillcolor="$discriminator/0.45"),
        line(h["step"], h["jsd"], "$text", "JSD", width=3, fill="tonexty", fillcolor="$text/0.13"),
    ]  # fmt: skip
    if np.any(error > 0):  # a sampled bound
        for sign in (-1, 1):
            edge = np.clip(h["proven"] + sign * error, 0, None)
            data.append(line(h["step"], edge, "$discriminator/0.8", "± 2 s.e.", dash="dot", width=1))
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


def plane_panel(
    view: Any, real: np.ndarray, fake: np.ndarray, target: Any, loss: GANLoss, smoothing: float, tr: Translate
) -> Panel:
    """The plane of the data, everything in layers: D as a heat-map, samples, arrows, contours, the manifold."""
    density_top = float(view.p_data.max())
    if loss.output == "score":
        middle = float(np.median(view.d))
        spread = float(np.abs(view.d - middle).max()) or 1.0
        scale, heat = [middle - spread, middle, middle + spread], tr("critic's score")
    else:
        scale, heat = [0.0, (1 - smoothing) / 2, 1.0], "D(x)"
    lattice = _on_window(view.lattice / view.latent_window, view.bounds)
    n, m = view.lattice.shape[:2]
    layers = [
        {"id": "d", "label": heat, "type": "heat", **_grid(view.d), "range": scale,
         "colors": ["$generator", "$data"],
         "help": tr("What D says: the data's colour where it believes, the generator's where it does not, none at 1/2")},
        {"id": "d_star", "label": "D*(x)", "type": "heat", "on": False, **_grid(view.d_star), "range": [0.0, 0.5, 1.0],
         "colors": ["$generator", "$data"], "help": "p_data / (p_data + p_g)"},
        {"id": "p_g", "label": "p_g", "type": "density", "on": False, **_grid(view.p_g), "top": density_top,
         "color": "$generator", "help": tr("Density of 20,000 fakes")},
        {"id": "p_data", "label": "p_data", "type": "contour", **_grid(view.p_data),
         "levels": [0.1 * density_top, 0.5 * density_top], "color": "$data", "width": 1.6,
         "help": tr("Contours of the data's density at 10 % and 50 % of its peak")},
        {"id": "manifold", "label": tr("manifold"), "type": "mesh", "on": False, "color": "$generator/0.75",
         "n": n, "m": m, **_xy(view.manifold), "from": _xy(lattice),
         "help": tr("A square lattice of latents z, pushed through G")},
        {"id": "real", "label": tr("real"), "type": "points", **_xy(real), "color": "$data", "size": 2.8, "rim": True},
        {"id": "fake", "label": tr("fake"), "type": "points", **_xy(fake), "color": "$generator", "size": 2.8,
         "rim": True, "help": tr("G of always the same latents, so that every point moves on its own way")},
        {"id": "arrows", "label": tr("arrows"), "type": "arrows", "x": view.arrows_at[:, 0], "y": view.arrows_at[:, 1],
         "dx": view.arrows[:, 0], "dy": view.arrows[:, 1], "color": "$text",
         "scale": [ARROW_SCALE * (high - low) ** 2 for low, high in view.bounds],
         "help": tr("−∂L_G/∂x at each fake: all that G learns from D. Short arrows mean a flat loss; their scale is fixed")},
    ]  # fmt: skip
    if target.separated:
        layers.append({
            "id": "modes", "label": tr("modes"), "type": "rings", "on": False, **_xy(target.modes),
            "radius": 3 * target.mode_scale, "colors": mode_colors(len(target.modes)),
            "help": tr("3 σ around every mode, in the colours of the latent plane"),
        })  # fmt: skip
    return {
        "id": "plane", "kind": "field", "title": tr("p_g walks onto p_data"), "help": tr("choose what to see"),
        "columns": 6, "rows": 2, "height": 470, "pace": "fast", "layers": layers, "morph": tr("from z to G(z)"),
        **_axes(view),
    }  # fmt: skip


def best_panel(view: Any, tr: Translate) -> Panel:
    """D* as a heat-map, to be compared with D."""
    density_top = float(view.p_data.max())
    layers = [
        {"id": "d_star", "label": "", "type": "heat", **_grid(view.d_star), "range": [0.0, 0.5, 1.0],
         "colors": ["$generator", "$data"]},
        {"id": "p_g", "label": "", "type": "contour", **_grid(view.p_g), "levels": [0.1 * density_top],
         "color": "$generator", "width": 1.4},
    ]  # fmt: skip
    return {
        "id": "best", "kind": "field", "title": tr("The best D*"),
        "tip": tr("p_data / (p_data + p_g), from 20,000 fakes; p_g as a contour"),
        "columns": 3, "height": 232, "pace": "fast", "layers": layers, **_axes(view),
    }  # fmt: skip


def latent_plane_panel(view: Any, target: Any, config: Any, tr: Translate) -> Panel:
    """The latents, coloured by the mode that each reaches; without modes, the density of the fakes."""
    if not target.separated:
        top = float(view.p_data.max())
        layers = [
            {"id": "p_g", "label": "", "type": "density", **_grid(view.p_g), "top": top, "color": "$generator"},
            {"id": "p_data", "label": "", "type": "contour", **_grid(view.p_data), "levels": [0.1 * top, 0.5 * top],
             "color": "$data"},
        ]  # fmt: skip
        return {
            "id": "fakes", "kind": "field", "title": tr("Density p_g"), "tip": tr("Density of 20,000 fakes, with p_data's contours"),
            "columns": 3, "height": 232, "pace": "fast", "layers": layers, **_axes(view),
        }  # fmt: skip
    end = float(view.latent_window)
    layers = [{"id": "reached", "label": "", "type": "classes", **_grid(view.latent_mode),
               "colors": mode_colors(len(target.modes))}]  # fmt: skip
    return {
        "id": "latents", "kind": "field", "title": tr("z, by mode"),
        "tip": tr("Every z has the colour of the mode it reaches; what is bare lands on a bridge between modes"),
        "columns": 3, "height": 232, "pace": "fast", "layers": layers,
        "x": [-end, end], "y": [-end, end], "xlabel": "z₁", "ylabel": "z₂" if config.latent_dim > 1 else "",
    }  # fmt: skip


def modes_panel(h: Mapping[str, np.ndarray], step: int, marks: Sequence, n_modes: int, tr: Translate) -> Panel:
    """Modes covered and high-quality share, both in percent, with what exact data reaches."""
    steps = line(h["step"], 100 * h["modes"] / n_modes, "$text", tr("modes covered"), width=3)
    layout = {
        **marks_layout(marks, labels=False),
        "xaxis": step_axis(step, tr),
        "yaxis": {"range": [0, 108], "dtick": 25, "ticksuffix": "%"},
    }
    return {
        "id": "modes", "title": tr("Modes and quality"),
        "help": tr("thick: modes covered, of {n} · orange: fakes within 3 σ of one", n=n_modes),
        "columns": 6, "height": 225, "pace": "slow",
        "data": [
            steps | {"line": {**steps["line"], "shape": "hv"}},
            line(h["step"], 100 * h["high_quality"], "$generator", tr("High quality")),
        ],
        "layout": with_levels(layout, [level(100 * CEILING_2D, tr("real data: 98.9 %"))]),
    }  # fmt: skip


def gradient_panel(h: Mapping[str, np.ndarray], step: int, marks: Sequence, tr: Translate) -> Panel:
    """Norm of G's gradient under both generator losses, on a logarithmic axis."""
    layout = {
        **marks_layout(marks, labels=False),
        "xaxis": step_axis(step, tr),
        "yaxis": log_axis(np.r_[h["grad_minimax"], h["grad_non_saturating"]]),
    }
    return {
        "id": "gradients", "title": tr("Size of G's gradient"), "help": tr("solid: non-saturating · dashed: minimax"),
        "columns": 6, "height": 225, "pace": "slow",
        "data": [
            line(h["step"], h["grad_non_saturating"], "$generator", "−log D(G(z))"),
            line(h["step"], h["grad_minimax"], "$generator", "log(1 − D(G(z)))", dash="dash"),
        ],
        "layout": layout,
    }  # fmt: skip


def log_axis(values: np.ndarray) -> Panel:
    """A logarithmic axis of whole decades around the positive values."""
    shown = values[np.isfinite(values) & (values > 0)]
    low = math.floor(math.log10(max(shown.min(), 1e-8))) if len(shown) else -2
    high = math.ceil(math.log10(shown.max())) if len(shown) else 1
    ticks = [10.0**k for k in range(low, high + 1)][:: (high - low) // 4 + 1]
    return {"type": "log", "range": [low, high], "tickvals": ticks, "ticktext": [f"{t:g}" for t in ticks]}


def mode_colors(n: int) -> list[str]:
    """n colours, neighbours far apart in hue: a golden angle each, in three lightnesses."""
    return [f"hsl({137.508 * k % 360:.0f} 62% {(44, 58, 72)[k % 3]}%)" for k in range(n)]


def _grid(values: np.ndarray) -> Panel:
    return {"values": values, "n": values.shape[0], "m": values.shape[1]}


def _xy(points: np.ndarray) -> Panel:
    flat = points.reshape(-1, 2)
    return {"x": flat[:, 0], "y": flat[:, 1]}


def _on_window(unit_square: np.ndarray, bounds: Any) -> np.ndarray:
    """[-1, 1]² -> the window."""
    low, high = np.array(bounds).T
    return (low + high) / 2 + unit_square * (high - low) / 2


def _axes(view: Any) -> Panel:
    """The window, as a square whatever the units of its sides."""
    (x, y), (x_label, y_label) = view.bounds, view.axes
    return {"x": list(x), "y": list(y), "xlabel": x_label, "ylabel": y_label, "square": True}
