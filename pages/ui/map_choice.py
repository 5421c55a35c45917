"""What a visitor has chosen on the page of maps, and the link that carries it."""

import math
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from gan_core.config import SETTINGS, kind_of
from gan_core.lessons.map_reading import AXES, SEED, SEEDS, TARGET
from gan_core.messages import Message

LIVE, FILE = "live", "file"  # maps that are no shipped ones: trained while one watches, and opened from a file
TARGETS = [key for kind in ("line", "plane") for key in SETTINGS["target"].choices if kind_of(key) == kind]
_OF_LIVE = ("target", "across", "up", "seed", "dropout", "label_smoothing")
_OF_FOUND = ("seeds", "at")
_MOST = 10**6


@dataclass(frozen=True)
class MapChoice:
    """What is on screen; the names of the fields are those in a link.

    Attributes:
        map: LIVE, FILE or the name of a shipped map.
        target, across, up, seed, dropout, label_smoothing: of a live map.
        seeds: the side, "x" or "y", that the seeds of a finished map take, "" if none. at: value of the setting that
            gives way to them, nan: the first.
        by: what the colours say, "" as the map suggests. cell: that is in the frame, -1: the best.
    """

    map: str = LIVE
    target: str = TARGET
    across: str = "lr_g"
    up: str = "lr_d"
    seed: int = SEED
    dropout: float = 0.0
    label_smoothing: float = 0.0
    seeds: str = ""
    at: float = math.nan
    by: str = ""
    cell: int = -1

    def to_params(self) -> dict[str, str]:
        """What differs from what a newcomer sees, for a link."""
        left_out = _OF_FOUND if self.map == LIVE else _OF_LIVE
        usual = asdict(MapChoice())
        said = {name: value for name, value in asdict(self).items() if name not in left_out}
        return {name: f"{value}" for name, value in said.items() if str(value) != str(usual[name])}

    @classmethod
    def from_params(cls, params: Mapping[str, str], shipped: Collection[str]) -> tuple["MapChoice", list[Message]]:
        """The inverse of `to_params`, and what a link says that is not possible. Other parameters are left alone.

        Args:
            shipped: names of the maps that are.
        """
        allowed: dict[str, Collection[Any]] = {
            "map": (LIVE, FILE, *shipped), "target": TARGETS, "across": AXES, "up": AXES, "seed": SEEDS,
            "dropout": AXES["dropout"], "label_smoothing": AXES["label_smoothing"], "seeds": ("x", "y"),
            "by": ("jsd", "winner", "share", "modes"),
        }  # fmt: skip
        good: dict[str, Any] = {}
        problems = []
        for name in [field.name for field in fields(cls) if field.name in params]:
            text = params[name][:100]
            kind = type(getattr(cls(), name))
            try:
                value = kind(text)
            except ValueError:
                value = None
            if name in allowed and value not in allowed[name]:
                problems.append(
                    Message("{name} = {value} is not possible: choose one of {choices}", name=name, value=repr(text),
                            choices=", ".join(f"{choice}" for choice in allowed[name]))
                )  # fmt: skip
            elif value is None or (name == "cell" and not -1 <= value < _MOST):
                problems.append(
                    Message("{name} = {value} is not possible: choose a number from {low:g} to {high:g}", name=name,
                            value=repr(text), low=-1, high=_MOST)
                )  # fmt: skip
            else:
                good[name] = value
        return cls(**good), problems
