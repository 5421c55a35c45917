"""Batches without end, drawn a hundred at a time, whose place in the random stream can be kept and found again."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

BATCHES_PER_DRAW = 100  # one call of a sampler costs as much as a small training step

Rng = np.random.Generator | torch.Generator


@dataclass(frozen=True)
class Place:
    """Where a stream of batches stands.

    Attributes:
        drawn_from: state of the random generator before the draw that is being handed out; None before the first.
        used: batches of that draw that have been handed out.
    """

    drawn_from: Any
    used: int


class Batches(Iterator[Tensor]):
    """Batches from a random generator.

    Attributes:
        last: the batch handed out last, empty before the first.
    """

    def __init__(
        self, rng: Rng, draw: Callable[[Any], Sequence[Tensor]], finish: Callable[[Tensor], Tensor] | None = None
    ):
        """Args:
        rng: may be shared with others, who draw from it in between.
        draw: draws many batches at once from a generator like `rng`.
        finish: what a drawn batch goes through as it is handed out, where the batches as they are would need too
            much memory.
        """
        self.rng = rng
        self.last = torch.empty(0, dtype=torch.float32)
        self._draw = draw
        self._finish = finish
        self._drawn: Sequence[Tensor] = ()
        self._drawn_from: Any = None
        self._used = 0

    def __next__(self) -> Tensor:
        if self._used == len(self._drawn):
            self._drawn_from, self._used = state_of(self.rng), 0
            self._drawn = self._draw(self.rng)
        batch = self._drawn[self._used]
        self._used += 1
        self.last = batch if self._finish is None else self._finish(batch)
        return self.last

    def place(self) -> Place:
        """Where the stream stands now."""
        return Place(self._drawn_from, self._used)

    def go_to(self, place: Place) -> None:
        """Stand where a stream of the same kind stood; `rng` itself is left alone."""
        self._drawn_from, self._used = place.drawn_from, place.used
        self._drawn = () if place.drawn_from is None else self._draw(generator_in(place.drawn_from))


def state_of(rng: Rng) -> Any:
    """The state of a generator of NumPy or PyTorch, for `generator_in`."""
    return rng.get_state() if isinstance(rng, torch.Generator) else rng.bit_generator.state


def generator_in(state: Any) -> Rng:
    """A new generator in a state from `state_of`."""
    if isinstance(state, Tensor):
        rng = torch.Generator()
        rng.set_state(state)
        return rng
    generator = np.random.default_rng()
    generator.bit_generator.state = state
    return generator
