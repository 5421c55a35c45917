"""The state of a training as data: what a trainer can go on from."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan_core.batches import Batches, Place, state_of
from gan_core.history import Curves, History
from gan_core.networks import Network
from gan_core.optimizers import Optimizer

MAX_MARKS = 20  # the last ones are kept


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
        history: column -> (rows,) values. stride: steps between two rows; None lets the trainer that resumes keep its own.
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
    stride: int | None = None

    @property
    def size(self) -> int:
        """Bytes of its weights, memories and random streams."""
        tensors = [self.generator, self.discriminator, *self.g_optimizer, *self.d_optimizer]
        streams = 2 * torch.Generator().get_state().nbytes if self.luck else 0
        return sum(t.nbytes for t in tensors) + (0 if self.averaged is None else self.averaged.nbytes) + streams

    @property
    def finite(self) -> bool:
        """Whether all its numbers are, so that a training can go on from it."""
        averaged = [] if self.averaged is None else [self.averaged]
        tensors = [self.generator, self.discriminator, *averaged, *self.g_optimizer, *self.d_optimizer]
        return all(bool(t.isfinite().all()) for t in tensors)

    def without_history(self) -> "State":
        """The same, to be kept beside the curves of a longer history."""
        return dataclasses.replace(self, history={name: values[:0].copy() for name, values in self.history.items()})

    def with_history(self, curves: Curves) -> "State":
        """The same with these curves, which may have been thinned since."""
        gaps = np.diff(curves["step"])
        stride = max(self.stride or 1, int(gaps.min())) if len(gaps) else self.stride
        return dataclasses.replace(self, history=curves, stride=stride)

    @property
    def shown(self) -> Tensor:
        """Weights of the G that is shown: the averaged one, if there is one."""
        return self.generator if self.averaged is None else self.averaged


class Training(Protocol):
    """What a state is of: `training.GANTrainer`."""

    step_count: int
    decay_from: int
    marks: list[Mark]
    generator: Network
    averaged: Network
    discriminator: Network
    g_optimizer: Optimizer
    d_optimizer: Optimizer
    history: History
    rng: np.random.Generator
    torch_rng: torch.Generator
    real_batches: Batches
    latent_batches: Batches
    config: Any


def capture(t: Training) -> State:
    """A copy of everything that a training has come to."""
    return State(
        step=t.step_count,
        decay_from=t.decay_from,
        generator=t.generator.flat.clone(),
        averaged=t.averaged.flat.clone() if t.config.ema_decay else None,
        discriminator=t.discriminator.flat.clone(),
        g_optimizer=[tensor.clone() for tensor in t.g_optimizer.tensors],
        d_optimizer=[tensor.clone() for tensor in t.d_optimizer.tensors],
        history=t.history.arrays(),
        marks=tuple(t.marks),
        luck=Luck(state_of(t.rng), state_of(t.torch_rng), t.real_batches.place(), t.latent_batches.place()),
        stride=t.history.stride,
    )


def put_back(t: Training, state: State) -> None:
    """Let a training with the same networks stand where another one stood."""
    t.generator.flat.copy_(state.generator)
    t.averaged.flat.copy_(state.shown)
    t.discriminator.flat.copy_(state.discriminator)
    memories = t.g_optimizer.tensors + t.d_optimizer.tensors
    for tensor, value in zip(memories, state.g_optimizer + state.d_optimizer, strict=True):
        tensor.copy_(value)
    t.step_count, t.decay_from, t.marks = state.step, state.decay_from, list(state.marks)
    t.history.load(state.history, state.stride)
    if state.luck:
        t.rng.bit_generator.state = state.luck.rng
        t.torch_rng.set_state(state.luck.torch_rng)
        t.real_batches.go_to(state.luck.real_batches)
        t.latent_batches.go_to(state.luck.latent_batches)
