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
    modes, events = curves["modes"], []
    has = int(modes[0])
    for i in range(1, len(modes)):
        ahead = modes[i : i + _FIRM]
        if len(ahead) == _FIRM and np.all(ahead == ahead[0]) and ahead[0] != has:
            events.append(Event(int(curves["step"][i]), "found" if ahead[0] > has else "lost", int(ahead[0]), total))
            has = int(ahead[0])
    return events[-_MOST:]
