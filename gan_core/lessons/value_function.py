"""What a verdict costs D: the logarithm of the game, two other gaps, and how a batch of verdicts is summed up."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

# D's verdict on six notes of each kind when it is as sure as it gets: all right, some more than others
SUREST = np.array([0.80, 0.86, 0.91, 0.95, 0.98, 0.995])
WRONG = 0.01  # D's verdict on the real note that it is confidently wrong about; 0.99 on the fake


def verdicts(sure: float, wrong: str = "") -> tuple[Array, Array]:
    """D's verdicts on six real notes and six fakes.

    Args:
        sure: in [0, 1]; 0 is 1/2 to everything. wrong: "real" or "fake": the last such note is judged 0.01 or 0.99.
    Returns:
        D on real notes, (6,), and on fakes, (6,), all in (0, 1).
    """
    d_real = 0.5 + sure * (SUREST - 0.5)
    d_fake = 1 - d_real
    if wrong == "real":
        d_real = np.r_[d_real[:-1], WRONG]
    if wrong == "fake":
        d_fake = np.r_[d_fake[:-1], 1 - WRONG]
    return d_real, d_fake


def logs(d: ArrayLike) -> tuple[Array, Array]:
    """log D and log(1 - D) in nats, of D in (0, 1), its shape: what a real note and a fake add to V."""
    d = np.asarray(d, dtype=np.float64)
    return np.log(d), np.log1p(-d)


@dataclass(frozen=True)
class Scores:
    """A batch of verdicts, summed up; nats.

    Attributes:
        real, fake: means of log D and log(1 - D), in (-inf, 0]. value: V, their sum.
        loss: L_D = -V, binary cross-entropy as a sum of two means. loss_mean: -V/2, as one mean over both halves.
    """

    real: float
    fake: float
    value: float
    loss: float
    loss_mean: float


def score(d_real: Array, d_fake: Array) -> Scores:
    """V and the losses of verdicts (n,) on real notes and (m,) on fakes, in (0, 1); Goodfellow et al. (2014), eq. 1."""
    real, fake = float(logs(d_real)[0].mean()), float(logs(d_fake)[1].mean())
    value = real + fake
    return Scores(real=real, fake=fake, value=value, loss=-value, loss_mean=-value / 2)


@dataclass(frozen=True)
class Gaps:
    """Three ways to measure how far D is from the right answer; arrays or numbers, >= 0.

    Attributes:
        subtraction: 1 - D. log: -log D, nats. squared: (1 - D)², of the least-squares GAN (Mao et al., 2017).
    """

    subtraction: Array | float
    log: Array | float
    squared: Array | float


def gaps(d: ArrayLike) -> Gaps:
    """The gap to 1 of a verdict D in (0, 1] on a real note; `gaps(1 - d)` is the gap to 0 on a fake."""
    d = np.asarray(d, dtype=np.float64)
    return Gaps(subtraction=1 - d, log=-np.log(d), squared=(1 - d) ** 2)


def expected_gaps(d: ArrayLike, share: float) -> Gaps:
    """Mean gap of the verdict D in (0, 1) where a share of the notes is real: share gap(D) + (1 - share) gap(1 - D)."""
    real, fake = gaps(d), gaps(1 - np.asarray(d, dtype=np.float64))
    return Gaps(*(share * getattr(real, k) + (1 - share) * getattr(fake, k) for k in ("subtraction", "log", "squared")))


def best_verdicts(share: float) -> Gaps:
    """The D that pays least on average under each gap, where this share in (0, 1) of the notes is real.

    Logarithm and square reward the honest D = share, so D* = p/(p+q); in statistics, they are proper scoring rules
    (Gneiting and Raftery, 2007). The subtraction rewards 0 or 1 (nan at share 1/2, where every D costs the same).
    """
    hard = np.float64(np.nan if share == 0.5 else share > 0.5)
    return Gaps(subtraction=hard, log=np.float64(share), squared=np.float64(share))


def lowest_gaps(share: float) -> Gaps:
    """What the cheapest verdicts cost on average: min(share, 1 - share), the entropy, and share (1 - share)."""
    entropy = -share * np.log(share) - (1 - share) * np.log(1 - share)
    return Gaps(subtraction=min(share, 1 - share), log=entropy, squared=share * (1 - share))
