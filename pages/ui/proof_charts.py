"""What D can prove, as a stack: what it proves now, and what it has not learnt yet. See `curves`."""

import math
from collections.abc import Sequence

import numpy as np

from gan_core.divergences import LOG2, ruler, ruler_of_share
from pages.ui.figures import Level, Panel, Translate, level, line, nice_range
from pages.ui.step_charts import Curve, Moment, StepChart, lines

MEASURES = {  # what a loss of D bounds -> name, unit, highest value
    "jsd": ("JSD", "nats", LOG2),
    "triangular": ("triangular discrimination", "", 1.0),
    "total_variation": ("total variation", "", 1.0),
    "wasserstein": ("Wasserstein distance", "", math.inf),
    "jsd_of_pairs": ("JSD of pairs", "nats", LOG2),
    "kl": ("KL", "nats", math.inf),
    "reverse_kl": ("reverse KL", "nats", math.inf),
    "pearson": ("Pearson χ²", "", math.inf),
    "hellinger": ("squared Hellinger", "", 2.0),
}


def measure(m: Moment) -> tuple[str, str, float]:
    """What D's loss proves a part of: name, unit, highest value."""
    return MEASURES[m.loss.proves if m.loss and m.loss.proves else "jsd"]


def stack(curves: Sequence[Curve], m: Moment, tr: Translate) -> list[Panel]:
    """A measure as a stack: what D proves now, and what it has not learnt yet; dotted, the sampling error of a bound."""
    proven, whole = lines(curves, m, tr)
    whole["name"] = tr(measure(m)[0])
    bound, error = m.history["proven"], 2 * m.history["proven_error"]
    if np.isnan(bound).all():
        return [whole]
    data = [proven | {"y": np.clip(bound, 0, None), "fill": "tozeroy", "fillcolor": "$discriminator/0.45"}]
    provable = m.history["provable"]
    if not np.isnan(provable).all() and not np.isinf(provable).any():
        data.append(whole | {"fill": "tonexty", "fillcolor": "$text/0.13"})
    elif np.isfinite(provable).any():  # a fill would jump over the gaps
        data.append(whole | {"y": np.where(np.isfinite(provable), provable, np.nan)})
    data += infinities(m, tr)
    if np.any(error > 0):
        for edge in (bound - error, bound + error):
            data.append(line(m.history["step"], np.clip(edge, 0, None), "$discriminator/0.8", "± 2 s.e.", dash="dot",
                             width=1))  # fmt: skip
    return data


def proof_top(m: Moment) -> float:
    """The end of the axis of a measure that may have any value: a little above all that it has had, or D has proven."""
    seen = np.r_[m.history["provable"], m.history["proven"], 0.0]
    return nice_range(seen[np.isfinite(seen)])[1]


def infinities(m: Moment, tr: Translate) -> list[Panel]:
    """Triangles at the top where the measure is infinite."""
    infinite = m.history["step"][np.isinf(m.history["provable"])]
    if not len(infinite):
        return []
    shown = infinite[:: len(infinite) // 24 + 1]
    return [{
        "type": "scatter", "mode": "markers", "x": shown, "y": np.full(len(shown), 0.95 * proof_top(m)),
        "name": f"{tr(measure(m)[0])} = ∞", "hoverinfo": "name+x",
        "marker": {"symbol": "triangle-up", "size": 7, "color": "$text"},
    }]  # fmt: skip


def proof_axis(m: Moment, tr: Translate) -> Panel:
    """From 0 to a little above the highest value that the measure can have, or has had."""
    _, unit, top = measure(m)
    if math.isinf(top):
        return {"range": [0, proof_top(m)], "nticks": 5, "title": {"text": tr(unit) if unit else ""}}
    return {"range": [0, 1.08 * top], "dtick": 0.25, "title": {"text": tr(unit) if unit else ""}}


def proof_levels(m: Moment, tr: Translate) -> list[Level]:
    """For the JSD: log 2, and what it is where some modes are missing and the rest is perfect; at most four."""
    if measure(m)[0] != "JSD" or m.packing > 1:
        return []
    modes = [level(value, text, side="left") for value, text in missing_modes(m.weights, tr)]
    return [level(LOG2, "log 2"), *modes]


def missing_modes(weights: Sequence[float], tr: Translate) -> list[tuple[float, str]]:
    """The JSD where only some modes are there, each with its true share of them, and which."""
    n = len(weights)
    if n < 2:
        return []
    if np.ptp(weights) < 1e-9:
        ks = range(1, n) if n <= 4 else sorted({1, n // 2, n - 1})
        return [(ruler(k, n), tr("{k} of {n} modes", k=k, n=n)) for k in ks]
    lost = sorted({round(float(w), 6) for w in weights})
    return [(ruler_of_share(1 - w), tr("without a mode of {share:.0%}", share=w)) for w in (lost[0], lost[-1])]


def proof_help(m: Moment, tr: Translate) -> str:
    """What the stack adds up to, and whose p_g it is about."""
    if m.packing > 1:
        return tr("of packs of {n} samples, at least", n=m.packing)
    if np.isnan(m.history["provable"]).all() and np.isfinite(m.history["proven"]).any():
        whole = tr("a part of {measure}; samples do not tell the whole", measure=tr(measure(m)[0]))
    else:
        whole = tr("proven + not yet proven = {measure}", measure=tr(measure(m)[0]))
    return whole + (tr(", of the G that D plays against") if m.averaged else "")


PROOF = StepChart(
    id="proof", title="What D can prove", help=proof_help,
    curves=(
        Curve(column="proven", color="$discriminator", name="proven by D", words=True, width=1),
        Curve(column="provable", color="$text", name="JSD", width=3),
    ),
    draw=stack, axis=proof_axis, levels=proof_levels,
    shown=lambda m: m.loss is None or bool(m.loss.proves),
)  # fmt: skip
