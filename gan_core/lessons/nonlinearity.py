"""Networks with random weights on a line: what the activation does, and what it does in the wrong place."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan_core import networks, threads

Array = NDArray[np.float64]

WINDOW = 4.0
KINDS = ("relu", "leaky_relu", "tanh", "none")
NONE = networks.Activation("none", lambda a: a, lambda gradient, h: gradient)


def random_network(kind: str, depth: int, seed: int, width: int = 16) -> networks.MLP:
    """A network 1-width-...-width-1 with `depth` hidden layers and random weights, nothing trained.

    Its last layer is scaled so that on [-4, 4] the outputs have mean 0 and standard deviation 2.

    Args:
        kind: one of KINDS; "none" leaves the linear layers without anything between them.
    """
    threads.use_one()
    rng = torch.Generator().manual_seed(seed)
    name = "relu" if kind == "none" else kind
    network = networks.MLP([1, *[width] * depth, 1], name, rng, spread=WINDOW)
    if kind == "none":
        network.activation = NONE
    x = torch.linspace(-WINDOW, WINDOW, 401, dtype=torch.float32)[:, None]
    networks.widen(network, x, torch.zeros(1, dtype=torch.float32), torch.full((1,), 2.0, dtype=torch.float32))
    return network


def collapse(network: networks.MLP) -> tuple[Tensor, Tensor]:
    """All linear layers multiplied into one, (n_out, n_in) weight and (n_out,) bias.

    Without an activation W2 (W1 x + b1) + b2 = (W2 W1) x + (W2 b1 + b2): the network is exactly this one layer.
    """
    weight, bias = network.layers[0]
    for w, b in network.layers[1:]:
        weight, bias = w @ weight, w @ bias + b
    return weight, bias


@dataclass(frozen=True)
class Curve:
    """A network as a function on the line.

    Attributes:
        x: (401,) from -4 to 4. y: (401,) the network's output.
        straight: (401,) the straight line nearest to it, by least squares.
        departure: the largest distance between the two.
        d: (401,) sigmoid(y), read as a discriminator. clipped_d: the same with a ReLU on the output, sigmoid(max(y, 0)).
        parameters: weights and biases of the network.
    """

    x: Array
    y: Array
    straight: Array
    departure: float
    d: Array
    clipped_d: Array
    parameters: int


def curve(kind: str, depth: int, seed: int) -> Curve:
    """The curve of a random network; see `random_network`."""
    network = random_network(kind, depth, seed)
    grid = torch.linspace(-WINDOW, WINDOW, 401, dtype=torch.float32)[:, None]
    logit = network(grid)
    x, y = grid[:, 0].double().numpy(), logit[:, 0].double().numpy()
    straight = np.polyval(np.polyfit(x, y, 1), x)
    return Curve(
        x=x,
        y=y,
        straight=straight,
        departure=float(np.abs(y - straight).max()),
        d=logit[:, 0].sigmoid().double().numpy(),
        clipped_d=logit[:, 0].relu().sigmoid().double().numpy(),
        parameters=network.flat.numel(),
    )
