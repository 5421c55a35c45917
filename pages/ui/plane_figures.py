"""Pictures of a GAN on a plane at one moment, in layers that the board draws on a canvas. See `figures`."""

from typing import TYPE_CHECKING, Any

import numpy as np

from gan_core.divergences import HIGH_QUALITY_RADIUS
from pages.ui.figures import Panel, Translate
from pages.ui.line_figures import best_help, best_name

if TYPE_CHECKING:
    from gan_core.config import TrainConfig
    from gan_core.distributions import Distribution
    from gan_core.losses import GANLoss
    from gan_core.plane_view import PlaneView

_ODDS = 5.0  # log-odds at which the best critic has its full colour
ARROW_SCALE = 0.003  # length of an arrow, as a share of the window, per unit of the loss's slope across the window


def plane_panel(
    view: "PlaneView",
    real: np.ndarray,
    fake: np.ndarray,
    target: "Distribution",
    loss: "GANLoss",
    config: "TrainConfig",
    tr: Translate,
) -> Panel:
    """The plane of the data, everything in layers: D as a heat-map, samples, arrows, contours, the manifold."""
    density_top = float(view.p_data.max())
    scale, heat = _opinion_scale(view.d, loss, config.label_smoothing, tr)
    lattice = _on_window(view.lattice / view.latent_window, view.bounds)
    n, m = view.lattice.shape[:2]
    layers = [
        {"id": "d", "label": heat, "type": "heat", **_grid(view.d), "range": scale,
         "colors": ["$generator", "$data"],
         "help": tr("What D says: the data's colour where it believes, the generator's where it does not, none at 1/2")},
        *best_layers(view, loss, config, tr),
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
         "rim": True, "of_run": True, "help": tr("G of always the same latents, so that every point moves on its own way")},
        {"id": "arrows", "label": tr("arrows"), "type": "arrows", "x": view.arrows_at[:, 0], "y": view.arrows_at[:, 1],
         "dx": view.arrows[:, 0], "dy": view.arrows[:, 1], "color": "$text",
         "scale": [ARROW_SCALE * (high - low) ** 2 for low, high in view.bounds],
         "help": tr("−∂L_G/∂x at each fake: all that G learns from D. Short arrows mean a flat loss; their scale is fixed")},
    ]  # fmt: skip
    if target.separated:
        assert target.modes is not None, "there are none to be apart"
        layers.append({
            "id": "modes", "label": tr("modes"), "type": "rings", "on": False, **_xy(target.modes),
            "radius": HIGH_QUALITY_RADIUS * target.mode_scale, "colors": mode_colors(len(target.modes)),
            "help": tr("3 σ around every mode, in the colours of the latent plane"),
        })  # fmt: skip
    return {
        "id": "plane", "kind": "field", "title": plane_title(config, tr), "help": tr("choose what to see"),
        "columns": 6, "rows": 2, "height": 470, "pace": "fast", "layers": layers, "morph": tr("from z to G(z)"),
        **_axes(view),
    }  # fmt: skip


def _opinion_scale(d: np.ndarray, loss: "GANLoss", smoothing: float, tr: Translate) -> tuple[list[float], str]:
    """(lowest, undecided, highest) value of the heat-map of D, and its name."""
    if loss.output != "score":
        return [0.0, (1 - smoothing) / 2, 1.0], "D(x)"
    middle = float(np.median(d))
    spread = float(np.abs(d - middle).max()) or 1.0
    return [middle - spread, middle, middle + spread], tr("critic's score")


def plane_title(config: "TrainConfig", tr: Translate) -> str:
    """Whose p_g it is."""
    return tr("p_g, averaged, walks onto p_data") if config.averages else tr("p_g walks onto p_data")


def best_range(loss: "GANLoss", smoothing: float) -> list[float]:
    """Lowest, undecided and highest value of the best answer."""
    ends = {"sign": 1.0, "log_ratio": _ODDS, "f_ratio": _ODDS}
    end = ends.get(loss.optimum)
    if loss.divergence:
        end = float(-loss.divergence.best(np.array(-_ODDS)))  # where data are rare: towards fakes it may have no end
    return [-end, 0.0, end] if end else [0.0, (1 - smoothing) / 2, 1.0]


def best_layers(view: "PlaneView", loss: "GANLoss", config: "TrainConfig", tr: Translate) -> list[Panel]:
    """The best answer as a layer of the plane, where samples can tell it."""
    if loss.optimum == "potential":
        return []
    return [{"id": "d_star", "label": best_name(loss, tr), "type": "heat", "on": False, **_grid(view.d_star),
             "range": best_range(loss, config.label_smoothing), "colors": ["$generator", "$data"],
             "help": best_help(config, tr) if loss.optimum == "ratio" else ""}]  # fmt: skip


def best_panel(view: "PlaneView", loss: "GANLoss", config: "TrainConfig", tr: Translate) -> Panel:
    """The best answer as a heat-map, to be compared with D."""
    density_top = float(view.p_data.max())
    layers = [
        {"id": "d_star", "label": "", "type": "heat", **_grid(view.d_star),
         "range": best_range(loss, config.label_smoothing), "colors": ["$generator", "$data"]},
        {"id": "p_g", "label": "", "type": "contour", **_grid(view.p_g), "levels": [0.1 * density_top],
         "color": "$generator", "width": 1.4},
    ]  # fmt: skip
    return {
        "id": "best", "kind": "field", "title": tr("The best D*") if loss.optimum == "ratio" else tr("The best critic"),
        "tip": tr("{formula}; from thousands of fakes of the G that D plays against, seen no finer than {blur:.1f} of 60 cells",
                  formula=best_help(config, tr) if loss.optimum == "ratio" else best_name(loss, tr),
                  blur=view.blur),
        "columns": 3, "height": 232, "pace": "fast", "layers": layers, **_axes(view),
    }  # fmt: skip


def latent_plane_panel(view: "PlaneView", target: "Distribution", config: "TrainConfig", tr: Translate) -> Panel:
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
    assert target.modes is not None, "there are none to be apart"
    end = float(view.latent_window)
    layers = [{"id": "reached", "label": "", "type": "classes", **_grid(view.latent_mode),
               "colors": mode_colors(len(target.modes))}]  # fmt: skip
    return {
        "id": "latents", "kind": "field", "title": tr("z, by mode"),
        "tip": tr("Every z has the colour of the mode it reaches; what is bare lands on a bridge between modes"),
        "columns": 3, "height": 232, "pace": "fast", "layers": layers,
        "x": [-end, end], "y": [-end, end], "xlabel": "z₁", "ylabel": "z₂" if config.latent_dim > 1 else "",
    }  # fmt: skip


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


def _axes(view: "PlaneView") -> Panel:
    """The window, as a square whatever the units of its sides."""
    (x, y), (x_label, y_label) = view.bounds, view.axes
    return {"x": list(x), "y": list(y), "xlabel": x_label, "ylabel": y_label, "square": True}
