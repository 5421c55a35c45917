"""Dropout as it happens in training: masks, how many neurons they take, and what D says under them.

N. Srivastava et al., Dropout: A Simple Way to Prevent Neural Networks from Overfitting, JMLR 15 (2014).
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import stats

from gan_core import networks, threads
from gan_core.config import TrainConfig
from gan_core.training import GANTrainer

Array = NDArray[np.float64]


def dropped_neurons(p: float, seed: int, n: int = 256) -> NDArray[np.bool_]:
    """Which of n hidden neurons one training pass of a real network leaves out, (n,); each with probability p."""
    network = networks.MLP([1, n, 1], "leaky_relu", torch.Generator().manual_seed(seed), dropout=p)
    _, tape = network.record(torch.zeros(1, 1, dtype=torch.float32))
    return np.zeros(n, bool) if tape.masks[0] is None else (tape.masks[0][0] == 0).numpy()


@dataclass(frozen=True)
class Count:
    """The number of dropped neurons, binomial(n, p).

    Attributes:
        mean: n p. deviation: its standard deviation, sqrt(n p (1 - p)).
        scale: 1/(1 - p), by which the kept neurons are multiplied.
        values, probabilities: (n + 1,) every possible number and how likely it is.
    """

    mean: float
    deviation: float
    scale: float
    values: Array
    probabilities: Array


def count(p: float, n: int = 256) -> Count:
    """How many of n neurons dropout takes, for p in [0, 1)."""
    values = np.arange(n + 1.0)
    return Count(n * p, float(np.sqrt(n * p * (1 - p))), 1 / (1 - p), values, stats.binom.pmf(values, n, p))


def trained_discriminator(p: float, steps: int = 150) -> GANTrainer:
    """A GAN on two modes whose D (1-32-32-1, dropout p) has learnt for a while and whose G has not moved."""
    threads.use_one()
    trainer = GANTrainer(
        TrainConfig(target="two_modes", dropout=p, width=32, batch_size=128, wide_start=True, lr_d=4e-3)
    )
    for _ in range(steps):
        trainer.step_discriminator()
    return trainer


@dataclass(frozen=True)
class Opinions:
    """D(x) under many masks.

    Attributes:
        x: (n,). evaluation: D(x) without dropout. best: D*(x).
        low, high: at each x, the 5 % and the 95 % quantile of D(x) over the masks.
        one_pass: D(x) in one training pass, where every x has a mask of its own.
        width: high - low, averaged over x.
        error: |evaluation - best|, averaged over x.
        passes: number of masks at each x.
    """

    x: Array
    evaluation: Array
    best: Array
    low: Array
    high: Array
    one_pass: Array
    width: float
    error: float
    passes: int


def opinions(p: float, passes: int = 50) -> Opinions:
    """D(x) of a D trained with dropout p, in evaluation mode and in `passes` training passes."""
    trainer = trained_discriminator(p)
    e = trainer.evaluate()
    x = trainer.problem.to_network(torch.from_numpy(e.x).float()[:, None])
    logits, _ = trainer.discriminator.record(x.repeat(passes, 1))  # (passes * n, 1), a mask for every row
    scores = logits.sigmoid().double().view(passes, len(x)).numpy()
    low, high = np.quantile(scores, [0.05, 0.95], axis=0)
    width, error = float((high - low).mean()), float(np.nanmean(np.abs(e.d - e.d_star)))
    return Opinions(e.x, e.d, e.d_star, low, high, scores[0], width, error, passes)
