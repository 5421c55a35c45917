"""A sentence's worth of what is going on, from measurements."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Diagnosis:
    """What is going on, as a key that a page turns into a sentence, with the numbers for it."""

    key: str
    values: dict[str, float]
