"""MLPs of one shape, computed together: one batched matrix product where each alone would need its own call."""

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor

from gan_core.networks import MLP, Tape
from gan_core.optimizers import EPSILON, Adam


class Stack:
    """k networks of one shape. Each lives on in a row of the stack: what happens to one happens to the other.

    Attributes:
        networks: the networks. flat, gradient: (k, n_parameters), their weights and gradients, row by row.
    """

    def __init__(self, networks: Sequence[MLP]):
        self.networks = networks
        self.flat, self.gradient = (
            torch.stack(rows) for rows in zip(*((n.flat, n.gradient) for n in networks), strict=True)
        )
        for network, flat, gradient in zip(networks, self.flat, self.gradient, strict=True):
            network.live_in(flat, gradient)
        self._activation = networks[0].activation
        self._activate = self._activation.quick or self._activation.forward
        weights, gradients = self._split(self.flat), self._split(self.gradient)
        # as in `MLP`: nothing to sum with one input or one output
        self.forward_layers = [
            (torch.addcmul if w.shape[2] == 1 else torch.baddbmm, b[:, None], w.mT) for w, b in weights
        ]
        self.backward_layers = [
            (torch.mul if w.shape[1] == 1 else torch.bmm, w, *views)
            for (w, _), views in zip(weights, gradients, strict=True)
        ]

    def _split(self, flat: Tensor) -> list[tuple[Tensor, Tensor]]:
        """Weights (k, n_out, n_in) and biases (k, n_out) of every layer, as views."""
        views, at = [], 0
        for m, n in itertools.pairwise(self.networks[0].sizes):
            views.append((flat[:, at : at + m * n].unflatten(1, (n, m)), flat[:, at + m * n : at + (m + 1) * n]))
            at += (m + 1) * n
        return views

    def __call__(self, x: Tensor) -> Tensor:
        """(k, batch, n_in) -> (k, batch, n_out), without dropout: every network its own batch."""
        *hidden, last = self.forward_layers
        for affine, bias, weight in hidden:
            x = self._activate(affine(bias, x, weight))
        affine, bias, weight = last
        return affine(bias, x, weight)

    def record(self, x: Tensor) -> tuple[Tensor, Tape]:
        """The training pass, as `MLP.record`: every network drops out by itself and by its own generator."""
        inputs, hidden, masks = tape = Tape([x], [], [])
        drops = any(network.dropout for network in self.networks)
        *early, last = self.forward_layers
        for affine, bias, weight in early:
            x = h = self._activate(affine(bias, x, weight))  # (k, batch, n_out)
            mask = None
            if drops:
                mask = torch.stack([network.mask(row) for network, row in zip(self.networks, h, strict=True)])
                x = h * mask
            hidden.append(h)
            masks.append(mask)
            inputs.append(x)
        affine, bias, weight = last
        return affine(bias, x, weight), tape

    def backward(self, tape: Tape, gradient: Tensor, *, weights: bool = True, inputs: bool = False) -> Tensor:
        """The chain rule, as `MLP.backward`, from (k, batch, n_out); returns what it has come to: with `inputs` the
        derivative by the input, (k, batch, n_in)."""
        for i in reversed(range(len(self.backward_layers))):
            times, weight, d_weight, d_bias = self.backward_layers[i]
            if weights:
                torch.bmm(gradient.mT, tape.inputs[i], out=d_weight)
                torch.sum(gradient, 1, out=d_bias)
            if i == 0 and not inputs:
                break
            gradient = times(gradient, weight)
            if i > 0:
                mask = tape.masks[i - 1]
                gradient = gradient if mask is None else gradient * mask
                gradient = self._activation.backward(gradient, tape.hidden[i - 1])
        return gradient


class StackedAdam:
    """Adam (Kingma and Ba, 2015, algorithm 1) for a stack: every network with its own rate, betas and memory.

    Args:
        stack: the networks. optimizers: theirs; they live on in rows of this one.
    """

    def __init__(self, stack: Stack, optimizers: Sequence[Adam]):
        self._stack, self._optimizers = stack, optimizers
        memories = zip(*(optimizer.tensors for optimizer in optimizers), strict=True)
        self._first, self._second, self._counts = (torch.stack(rows) for rows in memories)
        for optimizer, *rows in zip(optimizers, self._first, self._second, self._counts, strict=True):
            optimizer.tensors = rows
        self._new = [torch.tensor([[1 - getattr(o, beta)] for o in optimizers]) for beta in ("beta1", "beta2")]

    def step(self, rates: Sequence[float]) -> None:
        """Move every network against its gradient, at its own learning rate; one at the rate 0 stays where it is."""
        self._counts += 1
        gradient, scales = self._stack.gradient, []
        for rate, count, optimizer in zip(rates, self._counts.tolist(), self._optimizers, strict=True):
            scales.append(([-rate / (1 - optimizer.beta1**count)], [(1 - optimizer.beta2**count) ** 0.5]))
        step, spread = (torch.tensor(column) for column in zip(*scales, strict=True))  # (k, 1)
        self._first.lerp_(gradient, self._new[0])
        self._second.lerp_(gradient.square(), self._new[1])
        self._stack.flat.addcdiv_(self._first * step, self._second.sqrt().div_(spread).add_(EPSILON))
