"""Generators and discriminators for images, as plain PyTorch modules, and `ModuleNetwork`, which lets the trainer hold them.

Here the matrix products dominate and autograd's bookkeeping is small change, so the chain rule is left to it. Images
are flat (n, side * side) rows in [-1, 1] outside of a network; D returns a raw logit, as everywhere.
"""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, overload

import torch
from torch import Tensor, nn

Recorded = tuple[Tensor, Tensor]  # the input of a training pass, and its output with autograd's graph


class Dropout(nn.Module):
    """Dropout whose masks come from the network's own random generator, so that a seed fixes a whole run."""

    def __init__(self) -> None:
        super().__init__()
        self.p = 0.0
        self.rng: torch.Generator | None = None

    def forward(self, x: Tensor) -> Tensor:
        """Zero each value with probability p and scale the others by 1/(1 - p), in training only."""
        if not (self.training and self.p):
            return x
        # four random numbers of 16 bits from one of 64: half the time of a Bernoulli draw each
        words = torch.empty(math.ceil(x.numel() / 4), dtype=torch.int64).random_(-(2**63), None, generator=self.rng)
        numbers = words.view(torch.int16)[: x.numel()].view(x.shape)  # each of -2^15 ... 2^15 - 1 equally likely
        lowest_kept = round(self.p * 2**16) - 2**15  # a share p of them lies below
        return x * ((numbers >= lowest_kept) * (1 / (1 - self.p)))


def _mlp_generator(sizes: list[int], *, batch_norm: bool) -> nn.Module:
    layers: list[nn.Module] = []
    for m, n in itertools.pairwise(sizes[:-1]):
        layers += [
            nn.Linear(m, n, bias=not batch_norm),
            *([nn.BatchNorm1d(n)] if batch_norm else []),
            nn.LeakyReLU(0.2),
        ]
    return nn.Sequential(*layers, nn.Linear(sizes[-2], sizes[-1]), nn.Tanh())


def _mlp_discriminator(sizes: list[int]) -> nn.Module:
    layers: list[nn.Module] = []
    for m, n in itertools.pairwise(sizes[:-1]):
        layers += [nn.Linear(m, n), nn.LeakyReLU(0.2), Dropout()]
    return nn.Sequential(*layers, nn.Linear(sizes[-2], sizes[-1]))


def _dcgan_generator(latent_dim: int) -> nn.Module:
    return nn.Sequential(
        nn.Linear(latent_dim, 64 * 7 * 7, bias=False), nn.BatchNorm1d(64 * 7 * 7), nn.ReLU(), nn.Unflatten(1, (64, 7, 7)),
        nn.ConvTranspose2d(64, 32, 4, 2, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU(),  # 14 x 14
        nn.ConvTranspose2d(32, 1, 4, 2, 1), nn.Tanh(), nn.Flatten(),  # 28 x 28
    )  # fmt: skip


def _dcgan_discriminator() -> nn.Module:
    return nn.Sequential(
        nn.Unflatten(1, (1, 28, 28)),
        nn.Conv2d(1, 32, 4, 2, 1), nn.LeakyReLU(0.2), Dropout(),  # 14 x 14
        nn.Conv2d(32, 64, 4, 2, 1), nn.LeakyReLU(0.2), Dropout(),  # 7 x 7
        nn.Flatten(), nn.Linear(64 * 7 * 7, 1),
    )  # fmt: skip


@dataclass(frozen=True)
class ImageArchitecture:
    """A generator and a discriminator that fit together.

    Attributes:
        key: registry key. name: what a menu shows. summary: one line for a reader.
        side: its images have side x side pixels.
        generator: latent_dim -> module (n, latent_dim) -> (n, side²), ending in tanh.
        discriminator: () -> module (n, side²) -> (n, 1) logits.
        stride: training steps between two evaluations.
    """

    key: str
    name: str
    summary: str
    side: int
    generator: Callable[[int], nn.Module]
    discriminator: Callable[[], nn.Module]
    stride: int


ARCHITECTURES: dict[str, ImageArchitecture] = {
    a.key: a
    for a in (
        ImageArchitecture(
            "fast", "Fast start", "z-128-256-784 with batch norm in G, 784-256-128-1", 28,
            lambda n: _mlp_generator([n, 128, 256, 784], batch_norm=True),
            lambda: _mlp_discriminator([784, 256, 128, 1]), 100,
        ),
        ImageArchitecture(
            "tiny", "Tiny, 14 × 14", "z-128-256-196 with batch norm in G, 196-256-128-1", 14,
            lambda n: _mlp_generator([n, 128, 256, 196], batch_norm=True),
            lambda: _mlp_discriminator([196, 256, 128, 1]), 100,
        ),
        ImageArchitecture(
            "note", "The note's network", "z-256-512-1024-784, 784-1024-512-256-1: four linear layers each", 28,
            lambda n: _mlp_generator([n, 256, 512, 1024, 784], batch_norm=False),
            lambda: _mlp_discriminator([784, 1024, 512, 256, 1]), 25,
        ),
        ImageArchitecture(
            "dcgan", "Small DCGAN", "convolutions: z-64×7×7-32×14×14-28×28 with batch norm, 32×14×14-64×7×7-1", 28,
            _dcgan_generator, _dcgan_discriminator, 25,
        ),
    )
}  # fmt: skip


class ModuleNetwork:
    """A PyTorch module behind the interface of `networks.MLP`: one vector of weights, `record` and `backward`.

    Attributes:
        module: the module; its parameters, then its running statistics, are views of `flat`.
        flat: all of them, so that an optimizer step, an average and a checkpoint are one operation each.
        gradient: like `flat`, filled by `backward`; 0 for running statistics.
    """

    def __init__(self, module: nn.Module, rng: torch.Generator, dropout: float = 0.0):
        """Args: module; rng draws its weights (He et al., 2015) and its dropout masks; dropout probability."""
        self.module = module.float()  # whatever PyTorch's default is
        for layer in module.modules():
            if isinstance(layer, Dropout):
                layer.rng = rng
            elif isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
                _initialise(layer, rng)
        self.dropout = dropout
        self._parameters = list(module.parameters())
        self._norms = [layer for layer in module.modules() if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d)]
        statistics = [b for b in module.buffers() if b.is_floating_point()]
        tensors = [*(p.data for p in self._parameters), *statistics]
        self.flat = torch.cat([t.flatten() for t in tensors])
        self.gradient = torch.zeros_like(self.flat)
        self._n_parameters = sum(p.numel() for p in self._parameters)
        for view, tensor in zip(self.split(self.flat), [*self._parameters, *statistics], strict=True):
            tensor.data = view

    @property
    def dropout(self) -> float:
        """Probability of dropout in [0, 1); may be changed at any time."""
        return self._dropout

    @dropout.setter
    def dropout(self, p: float) -> None:
        self._dropout = p
        for layer in self.module.modules():
            if isinstance(layer, Dropout):
                layer.p = p

    def split(self, flat: Tensor) -> list[Tensor]:
        """Parameters and running statistics as views of a vector like `flat`."""
        tensors = [*self._parameters, *(b for b in self.module.buffers() if b.is_floating_point())]
        parts = flat.split([t.numel() for t in tensors])
        return [part.view(t.shape) for part, t in zip(parts, tensors, strict=True)]

    @torch.no_grad()
    def __call__(self, x: Tensor) -> Tensor:
        """The output, (n, ...) -> (n, ...), without dropout and with running statistics."""
        return self._in_mode(False)(x)

    @torch.no_grad()
    def in_training(self, x: Tensor) -> Tensor:
        """The output as training sees it, with the statistics of this batch; nothing is recorded, nothing changes."""
        for norm in self._norms:
            norm.track_running_stats = False
        try:
            return self._in_mode(True)(x)
        finally:
            for norm in self._norms:
                norm.track_running_stats = True

    def _in_mode(self, training: bool) -> nn.Module:
        """The module, told only if it has to change: that takes longer than a small layer."""
        return self.module if self.module.training == training else self.module.train(training)

    def record(self, x: Tensor, *, dropout: bool = True) -> tuple[Tensor, Recorded]:
        """The training pass: the output, with dropout unless refused, and the tape that `backward` needs."""
        x = x.detach().requires_grad_(True)
        with torch.enable_grad():
            output = self._in_mode(dropout)(x)
        return output.detach(), (x, output)

    @overload
    def backward(self, tape: Recorded, gradient: Tensor, *, weights: bool = ..., inputs: Literal[True]) -> Tensor: ...
    @overload
    def backward(
        self, tape: Recorded, gradient: Tensor, *, weights: bool = ..., inputs: Literal[False] = ...
    ) -> None: ...
    def backward(
        self, tape: Recorded, gradient: Tensor, *, weights: bool = True, inputs: bool = False
    ) -> Tensor | None:
        """See `networks.MLP.backward`."""
        x, output = tape
        wanted = [*(self._parameters if weights else []), *([x] if inputs else [])]
        if not wanted:
            return None
        found = torch.autograd.grad(output, wanted, gradient)
        if weights:
            by_weights = [g.flatten() for g in found[: len(self._parameters)]]
            torch.cat(by_weights, out=self.gradient[: self._n_parameters])
        return found[-1] if inputs else None

    def by_autograd(self, x: Tensor, flat: Tensor) -> Tensor:
        """The network without dropout as a function of x and of its weights, differentiable as often as you like."""
        names = [name for name, _ in self.module.named_parameters()]
        values = dict(zip(names, self.split(flat), strict=False))
        return torch.func.functional_call(self.module.eval(), values, (x,))


def _initialise(layer: nn.Linear | nn.Conv2d | nn.ConvTranspose2d, rng: torch.Generator) -> None:
    """He's weights for leaky ReLU, and biases 0.

    With PyTorch's default, U(±1/sqrt(fan_in)), the signal shrinks by a factor of about two per layer: the note's network
    then drops digits for minutes.
    """
    nn.init.kaiming_uniform_(layer.weight, 0.2, generator=rng)
    if isinstance(layer, nn.ConvTranspose2d):  # PyTorch counts n_out k² inputs of a pixel; they are n_in k² / stride²
        layer.weight.data *= (layer.out_channels / layer.in_channels * math.prod(layer.stride)) ** 0.5
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
