"""A sentence's worth of what is going on, from measurements."""

from dataclasses import dataclass

from gan_core.evaluation import Evaluation
from gan_core.losses import GANLoss


@dataclass(frozen=True)
class Diagnosis:
    """What is going on, as a key that a page turns into a sentence, with the numbers for it."""

    key: str
    values: dict[str, float]


def diagnose(step: int, evaluation: Evaluation, loss: GANLoss) -> Diagnosis:
    """Sum up one evaluation. The first of these that holds: start, half_but_missing, missing, half_but_apart,
    converged, too_narrow, fooled, d_wins, saturated, approaching."""
    e = evaluation
    missing, n_modes = e.covered.count(False), len(e.covered)
    values = {
        "jsd": e.jsd, "d_real": e.d_real, "d_fake": e.d_fake, "proven": e.proven,
        "missing": missing, "modes": n_modes, "high_quality": e.high_quality,
    }  # fmt: skip
    says_half = max(abs(e.d_real - 0.5), abs(e.d_fake - 0.5)) <= 0.05  # False for nan
    wins = e.d_real >= 0.8 and e.d_fake <= 0.2
    if step == 0:
        key = "start"
    elif missing and n_modes > 1:
        key = "half_but_missing" if says_half else "missing"
    elif says_half and e.jsd > 0.1:
        key = "half_but_apart"
    elif e.jsd <= e.converged_at:
        key = "converged"
    elif e.high_quality > e.too_good:
        key = "too_narrow"
    elif e.d_fake > e.d_real + 0.05:
        key = "fooled"
    elif wins:
        key = "saturated" if loss.key == "minimax" else "d_wins"
    else:
        key = "approaching"
    return Diagnosis(key, values)
