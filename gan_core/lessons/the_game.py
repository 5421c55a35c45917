"""Police and forger on a line: data N(0, 1), fakes N(mean, scale²), and any D given by its logits. All in nats.

Expectations are sums over the cells of `bells`, exact to 1e-5, so that no V beats the best one by luck.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_expit, ndtri

from gan_core import theory
from gan_core.lessons import bells
from gan_core.lessons.bells import CENTRES, Array


def logistic_logits(x: Array, threshold: float, steepness: float) -> Array:
    """Logits of D(x) = sigmoid(steepness (x - threshold)); D = 1/2 everywhere at steepness 0. Shape of x."""
    return steepness * (x - threshold)


def best_logits(x: Array, mean: float, scale: float) -> Array:
    """Logits of the best possible D* = p/(p+q), log p(x) - log q(x), with p = N(0, 1), q = N(mean, scale²).

    Goodfellow et al. (2014), Proposition 1. For scale = 1 they are mean²/2 - mean x: a straight line.
    """
    return np.log(scale) + ((x - mean) / scale) ** 2 / 2 - x**2 / 2


@dataclass(frozen=True)
class Judgement:
    """How well a D tells N(0, 1) from the fakes.

    Attributes:
        real, fake: E_p[log D] and E_q[log(1 - D)], each in (-inf, 0]. value: V, their sum.
        best: max over all D of V, C(G) = -log 4 + 2 JSD, in [-log 4, 0]. missing: best - value >= 0.
        accuracy: share of right verdicts, half of the notes being real; D = 1/2 counts as half right.
        d_real, d_fake: E_p[D], E_q[D]. proven: (V + log 4)/2 <= JSD. jsd: in [0, log 2].
    """

    real: float
    fake: float
    value: float
    best: float
    missing: float
    accuracy: float
    d_real: float
    d_fake: float
    proven: float
    jsd: float


def judge(mean: float, scale: float, logits: Array) -> Judgement:
    """Both halves of V and what they are worth (Goodfellow et al., 2014, eq. 1 and Theorem 1).

    Args:
        mean, scale: of the fakes. logits: (8800,) of D at `bells.CENTRES`.
    """
    p, q = np.exp(bells.normal_log_masses(0, 1)), np.exp(bells.normal_log_masses(mean, scale))
    real, fake = float(p @ log_expit(logits)), float(q @ log_expit(-logits))  # log D and log(1 - D)
    best, d = theory.generator_criterion(p, q), expit(logits)
    says_real = np.heaviside(logits, 0.5)
    return Judgement(
        real=real,
        fake=fake,
        value=real + fake,
        best=best,
        missing=max(best - real - fake, 0.0),
        accuracy=float(p @ says_real + q @ (1 - says_real)) / 2,
        d_real=float(p @ d),
        d_fake=float(q @ d),
        proven=(real + fake + theory.LOG4) / 2,
        jsd=(best + theory.LOG4) / 2,
    )


def arrows(x: Array, mean: float, scale: float) -> Array:
    """-dL_G/dx = D*(x) l*'(x) for L_G = log(1 - D*(x)): where the best D pushes a fake at x; shape of x.

    The chain rule through D is all that G ever learns about the data.
    """
    slope = (x - mean) / scale**2 - x
    return expit(best_logits(x, mean, scale)) * slope


def learning_step(mean: float, scale: float, rate: float = 1.0) -> tuple[float, float]:
    """Mean and scale of the fakes after one step of G along its arrows: x = mean + scale z, averaged over all z.

    With D = D* this descends C(G) = -log 4 + 2 JSD, since D* changes V only to second order.
    """
    q, push = np.exp(bells.normal_log_masses(mean, scale)), arrows(CENTRES, mean, scale)
    return mean + rate * float(q @ push), scale + rate * float(q @ (push * (CENTRES - mean) / scale))


def density(x: Array, mean: float, scale: float) -> Array:
    """Density of N(mean, scale²) at x."""
    return np.exp(-(((x - mean) / scale) ** 2) / 2) / (scale * np.sqrt(2 * np.pi))


def notes(mean: float, scale: float, n: int) -> Array:
    """n notes that stand for N(mean, scale²), each for 1/n of it: its quantiles (i + 1/2)/n, increasing; (n,)."""
    return mean + scale * ndtri((np.arange(n) + 0.5) / n)
