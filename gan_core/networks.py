"""Small multilayer perceptrons for generators and discriminators, with back-propagation written out by hand.

D returns a raw logit: its last layer is linear, never a sigmoid. On nets this small autograd spends most of its time
on bookkeeping; the chain rule in `MLP.backward` is three times as fast and can be read. The tests hold it
against autograd. All weights of a network live in one vector `flat`, so that an optimizer step, an average of
weights, a check for NaN and a checkpoint are one operation each.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol, overload

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

aten = torch.ops.aten

Map = Callable[[Tensor], Tensor]


class Network(Protocol):
    """A generator or a discriminator as the trainer sees it: `MLP` here, `images.networks.ModuleNetwork` for images.

    Attributes:
        flat: all that training changes, as one vector; change it in place only.
        gradient: like `flat`, filled by `backward`.
        dropout: probability in [0, 1); may be changed at any time.
    """

    flat: Tensor
    gradient: Tensor

    @property
    def dropout(self) -> float:
        """See the class."""
        ...

    @dropout.setter
    def dropout(self, p: float) -> None: ...

    def __call__(self, x: Tensor) -> Tensor:
        """The output as it is shown and measured, without dropout."""
        ...

    def in_training(self, x: Tensor) -> Tensor:
        """The output that the other player learns from; nothing is recorded, nothing changes."""
        ...

    def record(self, x: Tensor, *, dropout: bool = True) -> tuple[Tensor, Any]:
        """The training pass: the output, with dropout unless refused, and the tape that `backward` needs."""
        ...

    # the chain rule from the derivative by the output; see `MLP.backward`
    @overload
    def backward(self, tape: Any, gradient: Tensor, *, weights: bool = ..., inputs: Literal[True]) -> Tensor: ...
    @overload
    def backward(self, tape: Any, gradient: Tensor, *, weights: bool = ..., inputs: Literal[False] = ...) -> None: ...

    def by_autograd(self, x: Tensor, flat: Tensor) -> Tensor:
        """The output without dropout as a function of x and of the weights, differentiable as often as you like."""
        ...


@dataclass(frozen=True)
class Activation:
    """A non-linearity h = f(a), and its backward rule: f'(a) times the incoming gradient, from the output h alone.

    `name` is what a menu shows. `quick` is `forward` without autograd, and may use up a; so may `backward` the gradient:
    in place, numbers stay in the cache.
    """

    name: str
    forward: Map
    backward: Callable[[Tensor, Tensor], Tensor]  # (gradient, h) -> gradient
    quick: Map | None = None


def _tanh(a: Tensor) -> Tensor:
    """In place, by NumPy: six times as fast as PyTorch's, within 1e-7 of the truth."""
    values = a.numpy()
    np.tanh(values, out=values)
    return a


ACTIVATIONS: dict[str, Activation] = {
    "relu": Activation(
        "ReLU",
        torch.relu,
        lambda gradient, h: aten.threshold_backward.grad_input(gradient, h, 0, grad_input=gradient),
        torch.relu_,
    ),
    "leaky_relu": Activation(
        "Leaky ReLU",
        lambda a: F.leaky_relu(a, 0.2),
        lambda gradient, h: aten.leaky_relu_backward.grad_input(gradient, h, 0.2, True, grad_input=gradient),
        lambda a: F.leaky_relu_(a, 0.2),
    ),
    "elu": Activation(
        "ELU",
        F.elu,
        lambda gradient, h: aten.elu_backward.grad_input(gradient, 1.0, 1.0, 1.0, True, h, grad_input=gradient),
        F.elu_,
    ),
    "tanh": Activation(
        "tanh",
        torch.tanh,
        lambda gradient, h: aten.tanh_backward.grad_input(gradient, h, grad_input=gradient),
        _tanh,
    ),
}


class Tape(NamedTuple):
    """What a forward pass leaves behind for the backward pass: per layer its input, and the hidden activations and
    dropout masks (None without dropout)."""

    inputs: list[Tensor]
    hidden: list[Tensor]
    masks: list[Tensor | None]


class MLP:
    """Linear layers with an activation between them; the last layer is bare.

    Dropout (Srivastava et al., 2014) follows every hidden activation and never the last layer. It acts in `record`,
    the pass that trains: each unit is zeroed with probability `dropout` and the others are scaled by
    1/(1 - dropout). Calling the network leaves it out. It draws from the network's own generator, so that a seed
    fixes a whole run.

    Attributes:
        flat: (n_parameters,) all weights and biases; `layers` are views of it, so change it in place only.
        layers: the (n_out, n_in) weight and (n_out,) bias of every layer.
        gradient: like `flat`, filled by `backward`.
    """

    def __init__(
        self, sizes: list[int], activation: str, rng: torch.Generator, dropout: float = 0.0, spread: float = 0.0
    ):
        """Args:
        sizes: layer widths from input to output, e.g. [1, 64, 64, 1].
        activation: key of ACTIVATIONS.
        rng: draws the initial weights, U(±1/sqrt(fan_in)) as PyTorch's Linear does, and the dropout masks.
        dropout: probability in [0, 1); may be changed at any time.
        spread: if positive, the kinks of the first layer's neurons start evenly over [-spread, spread] in every
            input coordinate. By PyTorch's default half of them lie within ±1, and further out the network is
            nearly straight.
        """
        self.sizes = sizes
        self.activation = ACTIVATIONS[activation]
        self.rng = rng
        self.dropout = dropout
        fans = itertools.pairwise(sizes)
        self.flat = torch.cat(
            [(torch.rand((m + 1) * n, generator=rng, dtype=torch.float32) * 2 - 1) / m**0.5 for m, n in fans]
        )
        if spread:
            weight, bias = self.split(self.flat)[0]
            kinks = (torch.rand(weight.shape, generator=rng, dtype=torch.float32) * 2 - 1) * spread  # (n_out, n_in)
            bias.copy_(-(weight * kinks).sum(1))
        self.gradient = torch.zeros_like(self.flat)
        self._look()

    def _look(self) -> None:
        """Make all views of `flat` and `gradient`; made anew for every pass they would cost as much as the products.

        Where there is nothing to sum, one input or one output, a product of numbers takes half the time.
        """
        self.layers = self.split(self.flat)
        self.forward_layers = [(torch.addcmul if w.shape[1] == 1 else torch.addmm, b, w.t()) for w, b in self.layers]
        self.backward_layers = [
            (torch.mul if w.shape[0] == 1 else torch.mm, w, *gradients)
            for (w, _), gradients in zip(self.layers, self.split(self.gradient), strict=True)
        ]

    def live_in(self, flat: Tensor, gradient: Tensor) -> None:
        """Move to these two vectors, which hold the same numbers, e.g. rows of what several networks share."""
        self.flat, self.gradient = flat, gradient
        self._look()

    def mask(self, h: Tensor) -> Tensor:
        """Factors of dropout for a hidden layer h of any shape: 0 or 1/(1 - dropout), drawn from the network's generator."""
        if not self.dropout:
            return torch.ones_like(h)
        return torch.empty_like(h).bernoulli_(1 - self.dropout, generator=self.rng).div_(1 - self.dropout)

    def split(self, flat: Tensor) -> list[tuple[Tensor, Tensor]]:
        """The weights and biases of every layer as views of a vector like `flat`, or of a stack of such vectors."""
        views, at = [], 0
        for m, n in itertools.pairwise(self.sizes):
            views.append((flat[..., at : at + m * n].unflatten(-1, (n, m)), flat[..., at + m * n : at + (m + 1) * n]))
            at += (m + 1) * n
        return views

    def __call__(self, x: Tensor) -> Tensor:
        """(batch, sizes[0]) -> (batch, sizes[-1]), without dropout."""
        activate = self.activation.quick or self.activation.forward
        *hidden, last = self.forward_layers
        for affine, bias, weight in hidden:
            x = activate(affine(bias, x, weight))
        affine, bias, weight = last
        return affine(bias, x, weight)

    def in_training(self, x: Tensor) -> Tensor:
        """G's samples for D: those of `__call__`, since only D has dropout."""
        return self(x)

    def record(self, x: Tensor, *, dropout: bool = True) -> tuple[Tensor, Tape]:
        """The training pass: the output, with dropout unless refused, and the tape that `backward` needs."""
        inputs, hidden, masks = tape = Tape([x], [], [])
        activate = self.activation.quick or self.activation.forward
        *early, last = self.forward_layers
        for affine, bias, weight in early:
            x = h = activate(affine(bias, x, weight))  # (batch, n_out)
            mask = None
            if dropout and self.dropout:
                mask = self.mask(h)
                x = h * mask
            hidden.append(h)
            masks.append(mask)
            inputs.append(x)  # what the next layer sees
        affine, bias, weight = last
        return affine(bias, x, weight), tape

    @overload
    def backward(self, tape: Tape, gradient: Tensor, *, weights: bool = ..., inputs: Literal[True]) -> Tensor: ...
    @overload
    def backward(self, tape: Tape, gradient: Tensor, *, weights: bool = ..., inputs: Literal[False] = ...) -> None: ...
    def backward(self, tape: Tape, gradient: Tensor, *, weights: bool = True, inputs: bool = False) -> Tensor | None:
        """The chain rule, from the output back to the input.

        Args:
            tape: from the forward pass.
            gradient: (batch, sizes[-1]), derivative of the loss by the output.
            weights: whether to fill `self.gradient` with the derivative by `flat`.
            inputs: whether to return the derivative by the input, (batch, sizes[0]).
        """
        for i in reversed(range(len(self.backward_layers))):
            times, weight, d_weight, d_bias = self.backward_layers[i]
            if weights:
                torch.mm(gradient.t(), tape.inputs[i], out=d_weight)
                torch.sum(gradient, 0, out=d_bias)
            if i == 0 and not inputs:
                return None
            gradient = times(gradient, weight)  # now by what the layer saw
            if i > 0:
                mask = tape.masks[i - 1]
                gradient = gradient if mask is None else gradient * mask
                gradient = self.activation.backward(gradient, tape.hidden[i - 1])
        return gradient

    def by_autograd(self, x: Tensor, flat: Tensor) -> Tensor:
        """The network without dropout as a function of x and of its weights, differentiable as often as you like.

        Slower than `record` and `backward`; needed for penalties on the gradient of D.
        """
        *hidden, (weight, bias) = self.split(flat)
        for w, b in hidden:
            x = self.activation.forward(F.linear(x, w, b))
        return F.linear(x, weight, bias)


def widen(generator: MLP, z: Tensor, center: Tensor, scale: Tensor) -> None:
    """Rescale G's last layer in place so that G(z) starts with the given mean and standard deviation, each (dim,).

    A start that covers the data keeps G from clinging to the first mode it meets.
    """
    x = generator(z)
    weight, bias = generator.layers[-1]
    factor = scale / x.std(0).clamp_min(1e-6)  # (dim,)
    weight.mul_(factor[:, None])
    bias.copy_((bias - x.mean(0)) * factor + center)
