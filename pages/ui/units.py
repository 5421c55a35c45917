"""Units of information: nats, bits and base 10."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Unit:
    """A unit of information: the base of the logarithm only scales every value.

    Attributes:
        per_nat: how many of it make one nat, 1/ln(base).
    """

    name: str
    per_nat: float


UNITS = {
    "nats": Unit("nats", 1.0),
    "bits": Unit("bits", 1 / np.log(2)),
    "dits": Unit("dits (base 10)", 1 / np.log(10)),
}
