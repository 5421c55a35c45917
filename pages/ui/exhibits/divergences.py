"""Panels of the lesson on distances between distributions."""

import numpy as np

from gan_core.lessons.bells import CENTRES, Distances
from pages.ui.figures import Panel, Translate, level, line, with_levels
from pages.ui.units import Unit

_NAMES = {
    "kl": ("KL(p_data‖p_g)", "$data"),
    "reverse_kl": ("KL(p_g‖p_data)", "$generator"),
    "jsd": ("JSD", "$text"),
    "wasserstein": ("W₁", "$accent"),
}


def curves_panel(log_p: np.ndarray, log_q: np.ndarray, window: tuple[float, float], tr: Translate) -> Panel:
    """Both densities, from log masses on the cells of `bells`."""
    inside = (window[0] <= CENTRES) & (window[1] >= CENTRES)
    x, cell = CENTRES[inside][::4], CENTRES[1] - CENTRES[0]
    p, q = (np.exp(m[inside][::4]) / cell for m in (log_p, log_q))
    return {
        "id": "curves", "title": tr("Two distributions"), "help": "", "columns": 6, "height": 280, "pace": "fast",
        "data": [
            line(x, p, "$data", "p_data", fill="tozeroy", fillcolor="$data/0.2"),
            line(x, q, "$generator", "p_g", fill="tozeroy", fillcolor="$generator/0.2"),
        ],
        "layout": {
            "xaxis": {"title": {"text": "x"}, "range": list(window)},
            "yaxis": {"title": {"text": tr("density")}, "range": [0, 1.15 * max(p.max(), q.max())], "nticks": 5},
        },
    }  # fmt: skip


def distances_panel(thetas: np.ndarray, table: list[Distances], now: float, unit: Unit, tr: Translate) -> Panel:
    """Every distance over the shift, with a mark at the present one."""
    data = []
    for name, (label, color) in _NAMES.items():
        scale = 1.0 if name == "wasserstein" else unit.per_nat
        data.append(
            line(
                thetas,
                scale * np.array([getattr(d, name) for d in table]),
                color,
                label,
                width=5 if name == "jsd" else 2.5,
            )
        )
    mark = {"type": "line", "yref": "paper", "y0": 0, "y1": 1, "x0": now, "x1": now,
            "line": {"color": "$muted", "width": 2, "dash": "dot"}}  # fmt: skip
    layout = {
        "shapes": [mark],
        "xaxis": {"title": {"text": "θ"}, "range": [0, 8]},
        "yaxis": {"range": [0, 4.2], "title": {"text": tr(unit.name)}, "nticks": 6},
    }
    top = level(np.log(2) * unit.per_nat, tr("JSD at most {value:.3g}", value=np.log(2) * unit.per_nat))
    return {
        "id": "distances", "title": tr("Which of them still grow?"),
        "help": tr("blue and orange: both KLs · thick: JSD · violet: W₁, in units of x"),
        "columns": 6, "height": 280, "pace": "fast", "data": data, "layout": with_levels(layout, [top]),
    }  # fmt: skip
