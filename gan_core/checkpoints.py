"""The last good weights of a training that may diverge."""

from typing import Protocol

from torch import Tensor

from gan_core.networks import Network
from gan_core.optimizers import Optimizer


class Training(Protocol):
    """What a checkpoint is of: `training.GANTrainer`."""

    generator: Network
    discriminator: Network
    averaged: Network
    g_optimizer: Optimizer
    d_optimizer: Optimizer
    step_count: int


class Checkpoints:
    """Keeps the last two states; the older one is known to be good.

    Args:
        light: hold the networks only, in half precision, since they are large; the optimizers then start anew.
    """

    def __init__(self, *, light: bool):
        self._light = light
        self._kept: list[tuple[int, list[Tensor]]] = []

    def start(self, training: Training) -> None:
        """Know no state but this one."""
        self._kept = []
        self.keep(training)

    def keep(self, training: Training) -> None:
        """Keep this state, and of the earlier ones the last."""
        saved = [t.half() if self._light else t.clone() for t in self._tensors(training)]
        self._kept = [*self._kept[-1:], (training.step_count, saved)]

    def restore(self, training: Training) -> int:
        """Put the older state back; returns its step."""
        step, saved = self._kept[0]
        if self._light:
            for tensor in _memories(training):  # what the optimizers remember may be what went wrong
                tensor.zero_()
        for tensor, good in zip(self._tensors(training), saved, strict=True):
            tensor.copy_(good)
        self._kept = self._kept[:1]
        return step

    def _tensors(self, training: Training) -> list[Tensor]:
        networks = [n.flat for n in (training.generator, training.discriminator, training.averaged)]
        return networks if self._light else networks + _memories(training)

    @property
    def kept(self) -> list[tuple[int, list[Tensor]]]:
        """(step, tensors) of the states, the older one first."""
        return self._kept


def _memories(training: Training) -> list[Tensor]:
    return training.g_optimizer.tensors + training.d_optimizer.tensors
