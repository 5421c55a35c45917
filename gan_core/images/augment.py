"""Augmentation that D sees and G feels: every image on its way into D is moved and partly covered, real or fake.

S. Zhao et al., Differentiable Augmentation for Data-Efficient GAN Training, NeurIPS 2020, and T. Karras et al., Training
Generative Adversarial Networks with Limited Data, NeurIPS 2020, whose controller says how often.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SHIFT = 1 / 8  # of the side, at most, and
HOLE = 1 / 2  # the side of the covered square: the ratios of Zhao et al.


def translated(x: Tensor, by: Tensor) -> Tensor:
    """Images (n, side, side), each moved by whole pixels (n, 2), down and right; grey, 0, comes in at the edges."""
    n, side = x.shape[:2]
    room = int(by.abs().max()) if n else 0
    at = torch.arange(side) + room - by[:, :, None]  # (n, 2, side): where in the padded image every row and column lies
    return F.pad(x, (room,) * 4)[torch.arange(n)[:, None, None], at[:, 0, :, None], at[:, 1, None, :]]


def covered(x: Tensor, middle: Tensor) -> Tensor:
    """Images (n, side, side), each with a grey square of half its side around a pixel (n, 2), row and column."""
    side = x.shape[1]
    hole = int(side * HOLE + 0.5)
    start = middle - hole // 2
    pixel = torch.arange(side)
    inside = (pixel >= start[:, :, None]) & (pixel < start[:, :, None] + hole)  # (n, 2, side)
    return x * ~(inside[:, 0, :, None] & inside[:, 1, None, :])


class Augment(nn.Module):
    """Translation, then cutout, each with probability p for every image; differentiable, in training passes only.

    As the first layer of D it acts in D's turn on real images and fakes alike, and in G's turn, where the gradient goes back
    through it (Zhao et al., eq. 5 and 6).

    Attributes:
        p: in [0, 1]; may be changed at any time. rng: draws shifts and squares.
    """

    def __init__(self, side: int, p: float = 1.0):
        """Args: side of the images, in pixels; see the class."""
        super().__init__()
        self.side, self.p = side, p
        self.rng: torch.Generator | None = None

    def forward(self, x: Tensor) -> Tensor:
        """(n, side²) -> (n, side²)."""
        if not (self.training and self.p):
            return x
        images, n = x.view(-1, self.side, self.side), len(x)
        room = int(self.side * SHIFT + 0.5)
        by = torch.randint(-room, room + 1, (n, 2), generator=self.rng)
        middle = torch.randint(0, self.side, (n, 2), generator=self.rng)
        moved, hidden = (torch.rand(2, n, 1, 1, generator=self.rng) < self.p).unbind()
        images = torch.where(moved, translated(images, by), images)
        return torch.where(hidden, covered(images, middle), images).flatten(1)


class Controller:
    """Adaptive discriminator augmentation: p rises while D is too sure of its training images, and falls otherwise.

    Karras et al., section 3.1: every 4 batches p takes a step of a fixed size, up if r_t = E[sign D_train] is above 0.6, D_train
    being D's raw outputs on the training images of these batches, as D sees them.

    Attributes:
        p: in [0, 1], 0 at first. r_t: the last reading, in [-1, 1]; nan before the first.
    """

    TARGET, EVERY = 0.6, 4  # of the paper

    def __init__(self, images_to_one: int = 50_000):
        """Args: images_to_one: training images after which p could have gone from 0 to 1; the paper takes 500,000 for
        trainings of millions."""
        self.p, self.r_t = 0.0, float("nan")
        self._images_to_one = images_to_one
        self._signs: list[Tensor] = []

    def hear(self, logits: Tensor) -> float:
        """D's raw outputs (n, 1) on the training images of a batch; returns p."""
        self._signs.append(logits.sign().flatten())
        if len(self._signs) == self.EVERY:
            signs = torch.cat(self._signs)
            self._signs = []
            self.r_t = signs.mean().item()
            step = len(signs) / self._images_to_one
            self.p = min(max(self.p + (step if self.r_t > self.TARGET else -step), 0.0), 1.0)
        return self.p
