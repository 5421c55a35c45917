"""Optimizers: what moves the weights of one network along its gradient."""

from typing import Protocol

import torch
from torch import Tensor

from gan_core.networks import Network

EPSILON = 1e-8  # of Adam, beside the root of its second moment


class Optimizer(Protocol):
    """Moves the weights of one network along its gradient.

    Attributes:
        tensors: what it remembers; empty if nothing.
    """

    tensors: list[Tensor]

    def step(self, network: Network, lr: float) -> None:
        """Move `network.flat` against `network.gradient`."""
        ...


class Adam:
    """Adam (Kingma and Ba, 2015) for one network: PyTorch's fused kernel without the optimizer's bookkeeping.

    Attributes:
        tensors: first and second moments, each like `network.flat`, and the number of steps.
    """

    def __init__(self, network: Network, beta1: float, beta2: float):
        self.beta1, self.beta2 = beta1, beta2
        self.tensors = [
            torch.zeros_like(network.flat),
            torch.zeros_like(network.flat),
            torch.tensor(0.0, dtype=torch.float32),
        ]

    def step(self, network: Network, lr: float) -> None:
        """Move `network.flat` against `network.gradient`."""
        first, second, count = self.tensors
        count += 1
        # what torch.optim.Adam(fused=True) ends in; its public way there takes a tenth of a small step
        torch._fused_adam_(
            [network.flat], [network.gradient], [first], [second], [], [count],
            lr=lr, beta1=self.beta1, beta2=self.beta2, weight_decay=0.0, eps=EPSILON, amsgrad=False, maximize=False,
        )  # fmt: skip
