"""Pictures of a GAN on a line at one moment: densities, D, and the map of the latent. See `figures`."""

from typing import TYPE_CHECKING

import numpy as np

from pages.ui.figures import Panel, Translate, half_level, line, nice_range, rug, with_levels

if TYPE_CHECKING:
    from gan_core.config import TrainConfig
    from gan_core.line_view import LineView
    from gan_core.losses import GANLoss


def density_panel(view: "LineView", real: np.ndarray, fake: np.ndarray, averaged: bool, tr: Translate) -> Panel:
    """p_data and p_g as curves, samples of both as rugs; where an average is shown, the p_g that D meets, too."""
    top = 1.45 * float(view.p_data.max())
    x = (float(view.x[0]), float(view.x[1] - view.x[0]))
    met = [line(x, view.p_opponent, "$generator", tr("p_g that D meets"), dash="dot", width=1.5)] if averaged else []
    title = tr("p_g, averaged, walks onto p_data") if averaged else tr("p_g walks onto p_data")
    return {
        "id": "density", "title": title,
        "help": tr("dotted: the p_g that D meets") if averaged else tr("strokes below: samples"),
        "columns": 8, "height": 262, "pace": "fast",
        "data": [
            line(x, view.p_data, "$data", "p_data", fill="tozeroy", fillcolor="$data/0.22"),
            line(x, view.p_g, "$generator", "p_g", fill="tozeroy", fillcolor="$generator/0.16", width=3, of_run=True),
            rug(real, -0.07 * top, -0.015 * top, "$data/0.75", "x ~ p_data"),
            rug(fake, -0.135 * top, -0.08 * top, "$generator/0.75", "G(z)"),
            *met,
        ],
        "layout": {
            "xaxis": {"title": {"text": view.axes[0]}, "range": [view.x[0], view.x[-1]], "nticks": 11},
            "yaxis": {"title": {"text": tr("density")}, "range": [-0.15 * top, top], "nticks": 5},
        },
    }  # fmt: skip


def discriminator_panel(view: "LineView", loss: "GANLoss", config: "TrainConfig", tr: Translate) -> Panel:
    """D(x) beside the best answer to this loss: D*, the sign of p - q, or Kantorovich's potential."""
    x = (float(view.x[0]), float(view.x[1] - view.x[0]))
    panel = {"id": "discriminator", "columns": 8, "height": 205, "pace": "fast"}
    x_axis = {"title": {"text": view.axes[0]}, "range": [view.x[0], view.x[-1]], "nticks": 11}
    says = line(x, view.d, "$discriminator", "D(x)", width=3, of_run=True)
    if loss.output == "score":
        name = best_name(loss, tr)
        # a density ratio may have no end where fakes are rare: D must remain in sight
        reach = 3 * max(float(np.abs(view.d).max()), 1.0) if loss.optimum == "f_ratio" else np.inf
        low, high = nice_range(np.r_[view.d, np.clip(view.d_star, -reach, reach)])
        return {
            **panel, "title": tr("The critic's score D(x), and the best one"),
            "help": tr("dashed: {best}; 1/2 means nothing here", best=name),
            "data": [line(x, view.d_star, "$muted", name, dash="dash", width=2), says],
            "layout": {"xaxis": x_axis, "yaxis": {"title": {"text": "D(x)"}, "range": [low, high], "nticks": 5}},
        }  # fmt: skip
    layout = {"xaxis": x_axis, "yaxis": {"title": {"text": "D(x)"}, "range": [-0.03, 1.03], "dtick": 0.5}}
    return {
        **panel, "title": tr("What D says, D(x), and the best possible answer D*(x)"), "help": best_help(config, tr),
        "data": [line(x, view.d_star, "$muted", "D*(x)", dash="dash", width=2), says],
        "layout": with_levels(layout, [half_level(config.label_smoothing)]),
    }  # fmt: skip


def best_name(loss: "GANLoss", tr: Translate) -> str:
    """What the best answer is."""
    names = {
        "sign": tr("sign of p_data − p_g"),
        "potential": tr("Kantorovich's potential"),
        "log_ratio": "log p_data / p_g",
        "f_ratio": loss.divergence.best_text if loss.divergence else "",
    }
    return names.get(loss.optimum, "D*(x)")


def best_help(config: "TrainConfig", tr: Translate) -> str:
    """The formula of D* for these settings, and what D is asked about."""
    s = config.label_smoothing
    formula = "D* = p_data / (p_data + p_g)" if not s else f"D* = {1 - s:g} p_data / (p_data + p_g)"
    if config.instance_noise:
        formula += tr(", both blurred by the noise")
    if config.packing > 1:
        formula += tr(" · D is asked about packs of copies")
    return formula


def latent_panel(view: "LineView", latent_dim: int, tr: Translate) -> Panel:
    """The map z -> G(z)."""
    end = float(view.z[-1])
    first = "z" if latent_dim == 1 else "z₁"
    return {
        "id": "latent", "title": tr("The map z → G(z)"),
        "help": tr("steep where p_g is thin") if latent_dim == 1 else tr("along z₁, other coordinates 0"),
        "columns": 4, "height": 262, "pace": "slow",
        "data": [line((-end, 2 * end / (len(view.z) - 1)), view.g_of_z, "$generator", "G(z)", width=3, of_run=True)],
        "layout": {
            "xaxis": {"title": {"text": first}, "range": [-end, end], "nticks": 7},
            "yaxis": {"title": {"text": f"{view.axes[0]} = G(z)"}, "range": [view.x[0], view.x[-1]], "nticks": 7},
        },
    }  # fmt: skip
