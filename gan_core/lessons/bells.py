"""Two Gaussians slid apart, and one Gaussian fitted to two modes: every distance of the lessons, in nats.

Computed on cells fine and wide enough that all figures are exact to 1e-5.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logsumexp

from gan_core import divergences, theory

Array = NDArray[np.float64]

WINDOW = np.linspace(-40.0, 48.0, 8801)  # cell edges: all mass of what the lessons show
CENTRES = (WINDOW[:-1] + WINDOW[1:]) / 2


def normal_log_masses(mean: float, scale: float) -> Array:
    """Log masses of N(mean, scale²) on the cells of WINDOW, (8800,); finite where the masses themselves underflow."""
    log_density = -0.5 * ((CENTRES - mean) / scale) ** 2
    return log_density - logsumexp(log_density)


def mixture_log_masses(means: ArrayLike, scale: float) -> Array:
    """Log masses of an equal mixture of N(m, scale²) on the cells of WINDOW."""
    terms = np.stack([normal_log_masses(m, scale) for m in np.atleast_1d(means)])
    return logsumexp(terms, axis=0) - np.log(len(terms))


@dataclass(frozen=True)
class Distances:
    """How far apart two distributions are.

    Attributes:
        kl, reverse_kl: KL(p||q), KL(q||p). jeffreys: their mean. jsd: in [0, log 2]. wasserstein: W1, in units of x.
        total_variation: in [0, 1]; the best D is right with probability (1 + TV)/2.
    """

    kl: float
    reverse_kl: float
    jeffreys: float
    jsd: float
    wasserstein: float
    total_variation: float


def distances(log_p: Array, log_q: Array) -> Distances:
    """All distances between two (8800,) log masses on the cells of WINDOW."""
    p, q = np.exp(log_p), np.exp(log_q)
    kl, reverse_kl = float(np.sum(p * (log_p - log_q))), float(np.sum(q * (log_q - log_p)))
    return Distances(
        kl=kl,
        reverse_kl=reverse_kl,
        jeffreys=(kl + reverse_kl) / 2,
        jsd=divergences.js_divergence(p, q),
        wasserstein=float(np.abs(np.cumsum(p - q)).sum() * (WINDOW[1] - WINDOW[0])),
        total_variation=float(np.abs(p - q).sum() / 2),
    )


def shifted(theta: float) -> Distances:
    """N(0, 1) against N(theta, 1): KL = theta²/2 both ways, W1 = |theta|."""
    return distances(normal_log_masses(0, 1), normal_log_masses(theta, 1))


def generator_slopes(theta: float) -> tuple[float, float]:
    """How strongly G = N(theta, 1) is pulled towards the data N(0, 1) by an optimal D: |dL_G/dtheta| of the saturating
    and of the non-saturating loss. They add up to theta = dKL/dtheta exactly (Arjovsky and Bottou, 2017, theorem 2.5).
    """
    x = CENTRES
    q = np.exp(normal_log_masses(theta, 1))
    d_star = expit(theta**2 / 2 - theta * x)
    # dl/dx = -theta at every x: the loss's slope by the logit, times that
    saturating, non_saturating = theta * float(q @ d_star), theta * float(q @ (1 - d_star))
    return saturating, non_saturating


def value_with_optimal_d(theta: float) -> float:
    """C(G) = max_D V for N(0, 1) against N(theta, 1), nats; -log 4 at theta = 0."""
    return theory.generator_criterion(np.exp(normal_log_masses(0, 1)), np.exp(normal_log_masses(theta, 1)))
