"""Panels of the lesson on the rulers of published tables."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from pages.ui.figures import Panel, Translate, level, line, with_levels

if TYPE_CHECKING:
    from gan_core.lessons.cheats import Verdict
    from gan_core.lessons.frechet_bias import Extrapolation
    from gan_core.lessons.metrics import Ruler

_SHOWN = 700  # points of a cloud
_FEW = 50  # different points, so few that each is drawn large
_ABOVE = 1.12  # how much room a chart of distances has above its highest value


def land_panel(
    id: str, land: np.ndarray, points: np.ndarray, inside: np.ndarray, bounds: Sequence, share: float, tr: Translate
) -> Panel:
    """One cloud's balls as land, and the samples of the other one on it or beside it.

    Args:
        id: "precision", with the land of the data, or "recall", with that of the fakes.
        land: (n, n) booleans. points: (m, 2) of the other cloud; inside: (m,) which of them are on the land.
        share: of all of these.
    """
    of_data = id == "precision"
    ground, walkers = ("$data", "$generator") if of_data else ("$generator", "$data")
    shown, on = points[:_SHOWN], inside[:_SHOWN]
    few = len(np.unique(shown, axis=0)) < _FEW
    n = land.shape[0]
    texts = {
        "precision": (tr("Precision: {share:.1%} of the fakes are on blue land", share=share),
                      tr("blue: balls around real samples · uncoloured: fakes beside them")),
        "recall": (tr("Recall: {share:.1%} of the data are on orange land", share=share),
                   tr("orange: balls around fakes · uncoloured: real samples beside them")),
    }  # fmt: skip
    title, help = texts[id]
    layers = [
        {"id": "land", "label": "", "type": "density", "values": land.astype(np.float32), "n": n, "m": n, "top": 6.0,
         "color": ground},
        {"id": "on", "label": "", "type": "points", "x": shown[on, 0], "y": shown[on, 1], "color": walkers,
         "size": 5 if few else 2.0, "rim": few},
        {"id": "off", "label": "", "type": "points", "x": shown[~on, 0], "y": shown[~on, 1], "color": "$text",
         "size": 5 if few else 2.4, "rim": few},
    ]  # fmt: skip
    return {
        "id": id, "kind": "field", "title": title, "help": help, "columns": 6, "height": 430, "pace": "fast",
        "layers": layers, "morph": "", "x": list(bounds[0]), "y": list(bounds[1]), "xlabel": "x₁", "ylabel": "x₂",
    }  # fmt: skip


def verdict_table(
    table: Mapping[str, Mapping[str, "Verdict"]],
    cheats: Mapping[str, str],
    rulers: Mapping[str, "Ruler"],
    tr: Translate,
) -> str:
    """Who catches whom, as a Markdown table; ✓: caught, ▲: taken for better than the data.

    Args:
        table: cheat -> ruler -> Verdict. cheats: their names, translated. rulers: by key.
    """
    heads = [tr("Fakes"), *(tr(r.name) for r in rulers.values())]
    usual = next(iter(table.values()))
    rows = [[tr("perfect fakes, on average"), *(f"{usual[k].usual:.{r.digits}f}" for k, r in rulers.items())]]
    for key, name in cheats.items():
        cells = []
        for k, ruler in rulers.items():
            verdict = table[key][k]
            value = f"{verdict.reading:.{ruler.digits}f}"
            cells.append(f"**{value}\u00a0✓**" if verdict.caught else f"{value}\u00a0▲" if verdict.flattered else value)
        rows.append([name, *cells])
    ruled = ["|" + "|".join([":---", *["---:"] * len(rulers)]) + "|"]
    lines = ["| " + " | ".join(row) + " |" for row in [heads, *rows]]
    return "\n".join([lines[0], *ruled, *lines[1:]])


def bias_panel(
    sizes: Sequence[int],
    means: np.ndarray,
    rule: tuple[np.ndarray, np.ndarray],
    truth: float,
    now: tuple[int, float],
    tr: Translate,
) -> Panel:
    """What n fakes read on average, perfect ones and ones at a true distance, over n.

    Args:
        sizes, means: what was measured of perfect fakes. rule: (n, what theory expects of perfect fakes).
        truth: the true distance of the chosen fakes. now: their number, and their mean reading.
    """
    top = _ABOVE * float(means[0] + truth)
    layout = {
        "xaxis": {"title": {"text": tr("fakes n")}, "type": "log", "range": [np.log10(180), np.log10(22_000)],
                  "tickvals": [200, 1000, 5000, 20_000], "ticktext": ["200", "1,000", "5,000", "20,000"]},
        "yaxis": {"title": {"text": tr("Fréchet distance that is read")}, "range": [-0.06 * top, top], "nticks": 6},
    }  # fmt: skip
    measured = {"type": "scatter", "mode": "markers", "x": list(sizes), "y": means, "name": tr("perfect fakes"),
                "hoverinfo": "x+y", "marker": {"size": 8, "color": "$accent"}}  # fmt: skip
    data = [line(rule[0], rule[1], "$accent", tr("rule"), width=2.5), measured]
    if truth:
        data.insert(0, line(rule[0], rule[1] + truth, "$generator", tr("yours"), width=2.5))
    data.append(_dot(*now))
    return {
        "id": "bias", "title": tr("The fewer fakes, the worse they look"),
        "help": tr("violet: perfect fakes, measured and by the rule · orange: yours"),
        "columns": 6, "height": 330, "pace": "fast", "data": data,
        "layout": with_levels(
            layout, [level(truth, tr("truth: {value:g}", value=truth), "$data", dash="dash", side="left")]
        ),
    }  # fmt: skip


def extrapolation_panel(found: "Extrapolation", truth: float, tr: Translate) -> Panel:
    """Readings of parts of one set of fakes over 1/size, and the line to infinitely many."""
    x = 1000 / found.sizes
    end = 1.06 * float(x.max())
    values = np.r_[found.values, found.intercept, truth]
    low, high = float(values.min()), float(values.max())
    room = 0.12 * (high - low) or 0.1
    layout = {
        "xaxis": {"title": {"text": tr("1000 / size of the part")}, "range": [-0.03 * end, end], "nticks": 6},
        "yaxis": {"title": {"text": tr("Fréchet distance that is read")}, "range": [low - room, high + room],
                  "nticks": 6},
    }  # fmt: skip
    ends = np.array([0.0, end])
    return {
        "id": "extrapolation", "title": tr("One set, cut into parts"),
        "help": tr("orange: parts of it · violet: the line to infinitely many"),
        "columns": 6, "height": 330, "pace": "fast",
        "data": [
            line(ends, found.intercept + found.slope * ends / 1000, "$accent", tr("line through the parts"), width=2.5),
            {"type": "scatter", "mode": "markers", "x": x, "y": found.values, "name": tr("parts"), "hoverinfo": "x+y",
             "marker": {"size": 9, "color": "$generator"}},
            _dot(0.0, found.intercept, "$accent"),
        ],
        "layout": with_levels(layout, [level(truth, tr("truth: {value:g}", value=truth), "$data", dash="dash")]),
    }  # fmt: skip


def _dot(x: float, y: float, color: str = "$generator") -> Panel:
    return {"type": "scatter", "mode": "markers", "x": [x], "y": [y], "hoverinfo": "x+y", "name": "",
            "marker": {"size": 13, "color": color, "line": {"color": "$background", "width": 2}}}  # fmt: skip
