"""What happened in a training, read off its curves: modes found and lost."""

from typing import NamedTuple

import numpy as np

from gan_core.history import Curves

_FIRM = 3  # rows of the history for which a change must last
_MOST = 40  # events; more are flicker, and only the last ones are told


class Event(NamedTuple):
    """Something that happened.

    Attributes:
        key: "found", "lost" or "diverged". parts: how many modes, or digits, p_g has from then on; total: of how many.
    """

    step: int
    key: str
    parts: int = 0
    total: int = 0


def noticed(curves: Curves, total: int) -> list[Event]:
    """When modes were found and lost, for good or for a while; flicker left out.

    Args:
        curves: with the columns "step" and "modes". total: number of modes; with less than two there is nothing to tell.
    """
    if total < 2 or "modes" not in curves or not len(curves["modes"]):
        return []
    known = np.isfinite(curves["modes"])  # a training that goes on from elsewhere may lack the first ones
    modes, steps = curves["modes"][known].astype(int).tolist(), curves["step"][known]
    events: list[Event] = []
    has = modes[0] if modes else 0
    for i, now in enumerate(modes):
        if now != has and modes[i : i + _FIRM] == [now] * _FIRM:
            events.append(Event(int(steps[i]), "found" if now > has else "lost", now, total))
            has = now
    return events[-_MOST:]
