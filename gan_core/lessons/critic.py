"""A critic instead of a judge: Kantorovich's potential, exact on a line, the transport plan behind it, and what three ways
of limiting a network's slope make of it. Distances in units of x, the JSD in nats.

Arjovsky, Chintala and Bottou (2017), "Wasserstein GAN", eq. 2: W1(p, q) is the most that E_p[D] - E_q[D] can be for a D of
slope at most 1. On a line the best such D falls where more of the data than of the fakes lies to the left, and rises
elsewhere, and the best plan carries quantile to quantile.
"""

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import expit, logsumexp, ndtr, ndtri
from torch import Tensor

from gan_core import divergences, proof, threads
from gan_core.config import TrainConfig
from gan_core.lessons.short_trainings import train_alone
from gan_core.training import GANTrainer

Array = NDArray[np.float64]

X = np.linspace(-20.0, 20.0, 2001)  # centres of cells: all mass of what the lesson shows
CELL = float(X[1] - X[0])
DATA = {"one": ((0.0,), 1.0), "two": ((-2.5, 2.5), 0.6)}  # means and standard deviation of equal bells
_SAME = 1e-12  # a difference of two distribution functions that is none


@dataclass(frozen=True)
class Transport:
    """Fakes N(theta, scale²) beside the data, and the cheapest way to carry them there.

    Attributes:
        p, q: (2001,) densities of data and fakes at X. potential: (2001,) the best D of slope at most 1, 0 on average.
        opinion: (2001,) D* = p/(p+q), the best judge.
        starts, ends: (k,) quantiles of fakes and data: the plan carries each start to its end.
        w1: the distance. jsd: in nats, at most log 2.
        pull, jsd_pull: by how much w1 and jsd fall per unit that all fakes are moved to the right.
        theta: where the fakes are.
    """

    theta: float
    p: Array
    q: Array
    potential: Array
    opinion: Array
    starts: Array
    ends: Array
    w1: float
    jsd: float
    pull: float
    jsd_pull: float

    def under(self, steepest: float) -> tuple[Array, float, float]:
        """The best critic that may be so steep, what it says, E_p[D] - E_q[D], and its mean slope at the fakes: all three
        are those of slope 1, times the limit."""
        return steepest * self.potential, steepest * self.w1, steepest * self.pull

    @property
    def inward(self) -> tuple[float, float]:
        """`pull` and `jsd_pull` towards 0; 0 where the fakes are at 0."""
        side = -float(np.sign(self.theta))
        return side * self.pull, side * self.jsd_pull


def transport(data: str, theta: float, scale: float, n_carried: int = 41) -> Transport:
    """Everything about fakes N(theta, scale²) and the data.

    Args:
        data: key of DATA. scale: > 0. n_carried: how many quantiles are followed.
    """
    means, width = np.array(DATA[data][0]), DATA[data][1]
    log_p, log_q = log_density(X, means, width), log_density(X, np.array([theta]), scale)
    p, q = np.exp(log_p), np.exp(log_q)
    slope = -np.sign(lead(means, width, theta, scale))
    masses_p, masses_q = p / p.sum(), q / q.sum()
    potential = np.cumsum(slope) * CELL
    potential -= float((masses_p + masses_q) @ potential) / 2
    log_ratio_slope = log_slope(X, means, width) + (X - theta) / scale**2
    opinion = expit(log_p - log_q)
    level = (np.arange(n_carried) + 0.5) / n_carried
    return Transport(
        theta=theta, p=p, q=q, potential=potential, opinion=opinion,
        starts=theta + scale * ndtri(level), ends=quantiles(means, width, level),
        w1=float(np.abs(lead(means, width, theta, scale)).sum() * CELL),
        jsd=divergences.js_divergence(masses_p, masses_q),
        pull=float(masses_q @ slope), jsd_pull=float(masses_q @ (opinion * log_ratio_slope)) / 2,
    )  # fmt: skip


def log_density(x: Array, means: Array, width: float) -> Array:
    """Of equal bells N(m, width²), at x (n,)."""
    terms = -0.5 * ((x[:, None] - means) / width) ** 2
    return logsumexp(terms, axis=1) - np.log(len(means) * width * np.sqrt(2 * np.pi))


def log_slope(x: Array, means: Array, width: float) -> Array:
    """d log p/dx of equal bells."""
    away = (x[:, None] - means) / width
    shares = np.exp(-0.5 * away**2 - logsumexp(-0.5 * away**2, axis=1)[:, None])
    return -(shares * away).sum(1) / width


def lead(means: Array, width: float, theta: float, scale: float) -> Array:
    """How much more of the data than of the fakes lies left of each x, in [-1, 1]; on the right by what lies right of it,
    where 1 minus a little would be lost to rounding."""
    left = ndtr((X[:, None] - means) / width).mean(1) - ndtr((X - theta) / scale)
    right = ndtr((theta - X) / scale) - ndtr((means - X[:, None]) / width).mean(1)
    more = np.where(theta + means.mean() > 2 * X, left, right)
    return np.where(np.abs(more) > _SAME, more, 0.0)


def quantiles(means: Array, width: float, level: Array) -> Array:
    """Where this share of equal bells lies to the left."""
    fine = np.linspace(-8, 8, 4001)  # all of the data
    return np.interp(level, ndtr((fine[:, None] - means) / width).mean(1), fine)


def along(data: str, scale: float, thetas: Array) -> Array:
    """W1, the JSD, and by how much each falls per unit that the fakes are moved towards the middle of the data (0), for
    each place of the fakes; (4, n)."""
    all_of_them = [transport(data, float(theta), scale, 1) for theta in thetas]
    return np.array([(t.w1, t.jsd, *t.inward) for t in all_of_them]).T


def between_batches(n: int, repeats: int = 2000) -> float:
    """How far apart two batches of n of the same N(0, 1) are on average, W1: not at all would be 0."""
    both = np.sort(np.random.default_rng(0).normal(size=(2, repeats, n)), axis=2)
    return float(np.abs(both[0] - both[1]).mean())


# ---- three ways to limit the slope of a network ----

# a critic in training against fakes N(0, 1/4) that stand still between two bells at ±2
CRITIC = TrainConfig(
    target="two_modes", loss="wasserstein_gp", gp_weight=0.0, seed=1, batch_size=128, lr_d=2e-3, lr_decay_steps=0,
    ema_decay=0.0,
)  # fmt: skip
LIVE = TrainConfig(loss="wasserstein_gp")  # a whole training of the live page, with the penalty
FAKES_SCALE = 0.5
WAYS = {"weight_clip": (0.05, 0.1, 0.2), "gp_weight": (0.1, 1.0, 10.0), "spectral_limit": (0.7, 1.0, 1.4)}
AT = (0, 10, 30, 100, 300, 1000)  # D steps
SEEN = np.linspace(-5.0, 5.0, 201)  # where its scores are kept
_RECORDED = Path(__file__).parent / "critics.npz"  # by `python -m scripts.train_critics`


def train_critic(way: str, limit: float, at: tuple[int, ...] = AT) -> NDArray[np.float32]:
    """Scores (len(at), 201) at SEEN of a critic that is kept from getting steep in one way, after so many steps.

    Args:
        way: key of WAYS, the setting. limit: its value.
    """
    threads.use_one()
    trainer = GANTrainer(CRITIC.replace(**{way: limit}))

    def lump(z: Tensor) -> Tensor:
        return FAKES_SCALE * z

    x = torch.from_numpy(SEEN[:, None]).float()
    return np.stack([trainer.judge(x)[:, 0].numpy() for _ in train_alone(trainer, at, lump)])


def recorded_name(way: str, limit: float) -> str:
    """The name of a critic in the file of those that were trained beforehand."""
    return f"{way} {limit:g}"


@functools.cache
def recorded() -> dict[str, NDArray[np.float32]]:
    """What `train_critic` gives for every way and limit, by `recorded_name`."""
    with np.load(_RECORDED) as file:
        return {name: file[name].astype(np.float32) for name in file.files}


@dataclass(frozen=True)
class Reading:
    """What a critic's scores come to.

    Attributes:
        scores: (201,) at SEEN, 0 on average. steepest: the largest slope between two neighbours.
        says: E_p[D] - E_q[D]. proven: that divided by its steepest slope, at most w1.
    """

    scores: Array
    steepest: float
    says: float
    proven: float
    w1: float

    @property
    def share(self) -> float:
        """The part of w1 that is proven, in [0, 1]."""
        return max(self.proven, 0.0) / self.w1


@functools.cache
def critic_masses() -> tuple[Array, Array]:
    """p_data and the fakes on cells around SEEN, (201,) each."""
    target = GANTrainer(CRITIC.replace(width=2, batch_size=2)).target
    p = np.exp(target.log_prob(SEEN[:, None]).astype(np.float64)).ravel()
    q = np.exp(log_density(SEEN, np.zeros(1), FAKES_SCALE))
    return p / p.sum(), q / q.sum()


def best_critic() -> Array:
    """The potential of these data and fakes at SEEN, 0 on average, (201,)."""
    p, q = critic_masses()
    potential = np.cumsum(np.sign(np.cumsum(q - p))) * (SEEN[1] - SEEN[0])
    return potential - float((p + q) @ potential) / 2


def read_critic(scores: NDArray[np.float32]) -> Reading:
    """Measure a critic by its scores (201,) at SEEN, on the exact masses."""
    (p, q), cell, d = critic_masses(), float(SEEN[1] - SEEN[0]), scores.astype(np.float64)
    proven, w1 = proof.wasserstein(p, q, d)
    return Reading(
        scores=d - float((p + q) @ d) / 2, steepest=float(np.abs(np.diff(d)).max()) / cell, says=float((p - q) @ d),
        proven=proven * cell, w1=w1 * cell,
    )  # fmt: skip
