"""The state of a training as data: what a trainer can go on from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from gan_core.batches import Place


class Mark(NamedTuple):
    """A live change: from `step` on, `field` of the config was `value`."""

    step: int
    field: str
    value: float

    def __str__(self) -> str:
        """As in a link, e.g. "lr_d 0.001"."""
        return f"{self.field} {self.value:g}"


@dataclass(frozen=True)
class Luck:
    """Where the random streams of a trainer stand."""

    rng: Any
    torch_rng: Any
    real_batches: Place
    latent_batches: Place


@dataclass(frozen=True, eq=False)
class State:
    """All that a training has come to, as data; see `GANTrainer.state` and `resume`.

    Attributes:
        step: finished steps. decay_from: the step at which the fall of the learning rates began.
        generator, averaged, discriminator: (n_parameters,) weights; averaged is None without averaging.
        g_optimizer, d_optimizer: what the optimizers remember, see `Adam.tensors`.
        history: column -> (rows,) values.
        marks: see `GANTrainer.marks`.
        luck: of the random streams; None lets those of the trainer that resumes go on.
    """

    step: int
    decay_from: int
    generator: Tensor
    averaged: Tensor | None
    discriminator: Tensor
    g_optimizer: list[Tensor]
    d_optimizer: list[Tensor]
    history: Mapping[str, NDArray[np.float64]]
    marks: tuple[Mark, ...] = ()
    luck: Luck | None = None

    @property
    def shown(self) -> Tensor:
        """Weights of the G that is shown: the averaged one, if there is one."""
        return self.generator if self.averaged is None else self.averaged
