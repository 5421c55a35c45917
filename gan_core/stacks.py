"""MLPs of one shape, computed together: what lies between their matrix products is done for all of them at once.

The products are those of each network by itself, so that it gets the same numbers in any company, to the bit. A batched
product rounds otherwise, and is hardly faster on batches this long.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from gan_core.networks import MLP, Tape

_LINE = 16  # numbers in a line of the cache: rows begin where a vector of their own would


class Stack:
    """k networks of one shape. Each lives on in a row of the stack: what happens to one happens to the other.

    Attributes:
        networks: the networks. flat, gradient: (k, n_parameters), their weights and gradients, row by row.
    """

    def __init__(self, networks: Sequence[MLP]):
        self.networks = networks
        n = len(networks[0].flat)
        self.flat, self.gradient = (torch.zeros(len(networks), -(-n // _LINE) * _LINE)[:, :n] for _ in range(2))
        for network, flat, gradient in zip(networks, self.flat, self.gradient, strict=True):
            network.live_in(flat.copy_(network.flat), gradient.copy_(network.gradient))
        self._activation = networks[0].activation
        self._activate = self._activation.quick or self._activation.forward
        pairs = zip(*(networks[0].split(rows) for rows in (self.flat, self.gradient)), strict=True)
        self._layers = [_Layer(*weights, *gradients) for weights, gradients in pairs]

    def __call__(self, x: Tensor) -> Tensor:
        """(k, batch, n_in) -> (k, batch, n_out), without dropout: every network its own batch."""
        *hidden, last = self._layers
        for layer in hidden:
            x = self._activate(layer.forward(x))
        return last.forward(x)

    def record(self, x: Tensor) -> tuple[Tensor, Tape]:
        """The training pass, as `MLP.record`: every network drops out by itself and by its own generator."""
        inputs, hidden, masks = tape = Tape([x], [], [])
        drops = any(network.dropout for network in self.networks)
        *early, last = self._layers
        for layer in early:
            x = h = self._activate(layer.forward(x))  # (k, batch, n_out)
            mask = None
            if drops:
                mask = torch.stack([network.mask(row) for network, row in zip(self.networks, h, strict=True)])
                x = h * mask
            hidden.append(h)
            masks.append(mask)
            inputs.append(x)
        return last.forward(x), tape

    def backward(self, tape: Tape, gradient: Tensor, *, weights: bool = True, inputs: bool = False) -> Tensor:
        """The chain rule, as `MLP.backward`, from (k, batch, n_out); returns what it has come to: with `inputs` the
        derivative by the input, (k, batch, n_in)."""
        for i in reversed(range(len(self._layers))):
            if weights:
                self._layers[i].fill(gradient, tape.inputs[i])
            if i == 0 and not inputs:
                break
            gradient = self._layers[i].backward(gradient)
            if i > 0:
                mask = tape.masks[i - 1]
                gradient = gradient if mask is None else gradient * mask
                gradient = self._activation.backward(gradient, tape.hidden[i - 1])
        return gradient


class _Layer:
    """One layer of k networks. As in `MLP`, with one input or one output there is nothing to sum."""

    def __init__(self, weight: Tensor, bias: Tensor, d_weight: Tensor, d_bias: Tensor):
        """Args: weights (k, n_out, n_in), biases (k, n_out), and where their gradients go."""
        _, self._n_out, self._n_in = weight.shape
        self._weight, self._bias, self._d_bias = weight, bias[:, None], d_bias
        self._weights, self._turned, self._biases = weight.unbind(), weight.mT.unbind(), bias.unbind()
        self._d_weights = d_weight.unbind()

    def forward(self, x: Tensor) -> Tensor:
        """(k, batch, n_in) -> (k, batch, n_out)."""
        if self._n_in == 1:
            return torch.addcmul(self._bias, x, self._weight.mT)
        out = x.new_empty(*x.shape[:2], self._n_out)
        for into, bias, row, weight in zip(out.unbind(), self._biases, x.unbind(), self._turned, strict=True):
            torch.addmm(bias, row, weight, out=into)
        return out

    def fill(self, gradient: Tensor, x: Tensor) -> None:
        """Write the gradients of the weights, from the derivative by the output and from the input."""
        for into, slopes, row in zip(self._d_weights, gradient.mT.unbind(), x.unbind(), strict=True):
            torch.mm(slopes, row, out=into)
        torch.sum(gradient, 1, out=self._d_bias)

    def backward(self, gradient: Tensor) -> Tensor:
        """The derivative by the output, (k, batch, n_out) -> by the input, (k, batch, n_in)."""
        if self._n_out == 1:
            return gradient * self._weight
        out = gradient.new_empty(*gradient.shape[:2], self._n_in)
        for into, slopes, weight in zip(out.unbind(), gradient.unbind(), self._weights, strict=True):
            torch.mm(slopes, weight, out=into)
        return out
