"""Closed forms of Goodfellow et al. (2014), "Generative Adversarial Nets", section 4, on cell masses.

p and q are (B,) masses of p_data and p_g on the same cells, d is D's opinion on each cell. Everything is in nats.
The identity that ties them together, exact on any cells and for any D with values in (0, 1):

    JSD(p, q)  =  discriminator_bound(p, q, d)  +  bound_gap(p, q, d)
    the truth  =  what D proves now             +  what D has not learnt yet
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import rel_entr, xlogy

from gan_core.divergences import js_divergence

Array = NDArray[np.float64]

LOG4 = float(np.log(4))


def value_function(p: Array, q: Array, d: Array) -> float:
    """V(D, G) = E_p[log D] + E_q[log(1 - D)], range (-inf, 0]; -log 4 for D = 1/2 everywhere (eq. 1).

    Args:
        p, q: (B,) masses. d: (B,) in [0, 1].
    """
    return float(xlogy(p, d).sum() + xlogy(q, 1 - np.asarray(d)).sum())


def optimal_discriminator(p: Array, q: Array, prior: float = 0.5) -> Array:
    """D*(x) = p/(p+q), the best possible opinion (Proposition 1); nan where neither p nor q has mass.

    Args:
        p, q: masses or densities of any equal shape.
        prior: share of real samples in D's batch; 1/2 in Algorithm 1.
    """
    real, fake = prior * np.asarray(p, dtype=np.float64), (1 - prior) * np.asarray(q, dtype=np.float64)
    total = real + fake
    return np.divide(real, total, out=np.full_like(total, np.nan), where=total > 0)


def generator_criterion(p: Array, q: Array) -> float:
    """C(G) = max_D V(D, G) = -log 4 + 2 JSD(p, q), range [-log 4, 0] (Theorem 1)."""
    return -LOG4 + 2 * js_divergence(p, q)


def discriminator_bound(p: Array, q: Array, d: Array) -> float:
    """(V + log 4)/2: the JSD that this D proves; a lower bound for every D, possibly negative."""
    return (value_function(p, q, d) + LOG4) / 2


def discriminator_bound_sampled(d_real: Array, d_fake: Array) -> tuple[float, float]:
    """`discriminator_bound` from samples that D was not trained on, and its standard error.

    Args:
        d_real, d_fake: (n,), (m,) values of D in (0, 1) on samples of p_data and p_g.
    """
    real, fake = np.log(d_real), np.log1p(-np.asarray(d_fake))
    error = np.sqrt(real.var() / len(real) + fake.var() / len(fake)) / 2
    return float((real.mean() + fake.mean() + LOG4) / 2), float(error)


def bound_gap(p: Array, q: Array, d: Array) -> float:
    """E_m[KL(Bernoulli(D*) || Bernoulli(D))] >= 0, m = (p+q)/2: the part of the JSD that D does not see."""
    p, q, d = (np.asarray(v, dtype=np.float64) for v in (p, q, d))
    m = (p + q) / 2
    d_star = optimal_discriminator(p, q)
    gap = rel_entr(d_star, d) + rel_entr(1 - d_star, 1 - d)
    return float(np.sum(m * gap, where=m > 0))  # where neither has mass, D may say what it likes
