"""The chart of the ruler that the field gave up."""

from collections.abc import Mapping
from typing import Any

from pages.ui.figures import Panel, Translate


def parzen_panel(table: Mapping[str, Any], tr: Translate) -> Panel:
    """Parzen-window log-likelihoods as horizontal bars, the best at the top; `table` as from `parzen.load`."""
    measured = {
        "k_means": (tr("1,000 blurry averages (k-means)"), "$accent"),
        "real_10000": (tr("10,000 real images"), "$data"),
        "note_late": (tr("the note's network, late"), "$generator"),
    }
    bars = [
        (label, table["measured"][key], color) for key, (label, color) in measured.items() if key in table["measured"]
    ]
    bars += [(f"{name} (2014)", score, "$muted") for name, score in table["published"].items()]
    bars.sort(key=lambda bar: bar[1]["log_likelihood"])
    values = [score["log_likelihood"] for _, score, _ in bars]
    return {
        "id": "parzen", "title": tr("Log-likelihood of the test images by a Parzen window"),
        "help": tr("nats, more counts as better · grey: published"),
        "columns": 12, "height": 60 + 44 * len(bars), "pace": "slow",
        "data": [{
            "type": "bar", "orientation": "h", "x": values, "y": list(range(len(bars))), "hoverinfo": "x",
            "marker": {"color": [color for *_, color in bars]},
            "error_x": {"array": [score["standard_error"] for _, score, _ in bars], "color": "$text"},
            "text": [f"{v:.0f}" for v in values], "textposition": "inside", "insidetextanchor": "start",
        }],
        "layout": {
            "margin": {"l": 250, "r": 20, "t": 8, "b": 46}, "bargap": 0.25,
            "xaxis": {"title": {"text": tr("nats")}, "range": [0, 300]},
            "yaxis": {"tickvals": list(range(len(bars))), "ticktext": [label for label, *_ in bars]},
        },
    }  # fmt: skip
