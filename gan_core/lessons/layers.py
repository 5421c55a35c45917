"""Layers, shapes and numbers of parameters: the networks of the lecture note and those of the live pages."""

import itertools
from dataclasses import dataclass

from gan_core.config import TrainConfig
from gan_core.own_targets import lookup


def linear_parameters(n_in: int, n_out: int) -> int:
    """Weights and biases of one linear layer h = W x + b, with W of shape (n_out, n_in) and b of shape (n_out,)."""
    return n_in * n_out + n_out


@dataclass(frozen=True)
class Layer:
    """A linear layer and what follows it.

    Attributes:
        n_in, n_out: (batch, n_in) -> (batch, n_out).
        activation: "relu", "leaky_relu", "elu", "tanh", "sigmoid" or "" for none.
        dropout: probability of each of its n_out neurons to be dropped in training.
    """

    n_in: int
    n_out: int
    activation: str = ""
    dropout: float = 0.0

    @property
    def parameters(self) -> int:
        """Weights and biases."""
        return linear_parameters(self.n_in, self.n_out)


@dataclass(frozen=True)
class Architecture:
    """A stack of layers, from the input to the output."""

    layers: tuple[Layer, ...]

    @property
    def sizes(self) -> list[int]:
        """Widths from input to output, one more than there are layers."""
        return [self.layers[0].n_in, *(layer.n_out for layer in self.layers)]

    @property
    def parameters(self) -> int:
        """Weights and biases of all layers."""
        return sum(layer.parameters for layer in self.layers)


def stack(sizes: list[int], hidden: str, last: str = "", dropout: float = 0.0) -> Architecture:
    """Linear layers between the given widths; `hidden` and dropout follow each but the last, `last` follows that."""
    pairs = list(itertools.pairwise(sizes))
    inner = [Layer(m, n, hidden, dropout) for m, n in pairs[:-1]]
    return Architecture((*inner, Layer(*pairs[-1], last)))


# the four linear layers of the note, for images of 28 x 28 pixels in [-1, 1]
NOTE_G = stack([100, 256, 512, 1024, 784], "leaky_relu", "tanh")
NOTE_D = stack([784, 1024, 512, 256, 1], "leaky_relu", "sigmoid", dropout=0.5)


def of_config(config: TrainConfig) -> tuple[Architecture, Architecture]:
    """The generator and the discriminator that `GANTrainer` builds from a config; both end in a bare linear layer."""
    dim, hidden = lookup(config.target).dim, [config.width] * config.depth
    return (
        stack([config.latent_dim, *hidden, dim], config.g_activation),
        stack([dim * config.packing, *hidden, 1], config.d_activation, dropout=config.dropout),
    )
