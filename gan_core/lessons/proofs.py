"""Where D's proof comes from, cell by cell, and what the game is worth with the best D, term by term. All in nats."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit

from gan_core import divergences, theory

Array = NDArray[np.float64]

NEGLIGIBLE = 1e-280  # half of a smaller mass may count as none, and its KL as infinite


def batch_shares(p: Array, q: Array, prior: float) -> tuple[Array, Array, Array]:
    """What a batch of D holds at every x: prior p, (1 - prior) q, and the best answer D*, the first over their sum.

    Goodfellow et al. (2014), Proposition 1, for any mix of the batch; for 3/4 real samples D* = 3p/(3p + q).

    Args:
        p, q: masses or densities of p_data and p_g, (B,). prior: share of real samples in the batch, in [0, 1].
    Returns:
        Three arrays (B,); D* is nan where the batch holds nothing.
    """
    return prior * p, (1 - prior) * q, theory.optimal_discriminator(p, q, prior)


def unproven_by_cell(log_p: Array, log_q: Array, logits: Array) -> Array:
    """m KL(Bernoulli(D*) || Bernoulli(D)) >= 0 in every cell, m = (p + q)/2: what D misses there.

    Its sum is `theory.bound_gap`. For a coin toss, logits 0, the sum is the JSD itself: such a D misses all of it.
    Computed from logits, so that no D is too sure.

    Args:
        log_p, log_q: (B,) finite log masses of p_data and p_g. logits: (B,) of D.
    """
    best = log_p - log_q  # the logits of D*
    real = expit(best) * (log_expit(best) - log_expit(logits))
    fake = expit(-best) * (log_expit(-best) - log_expit(-logits))
    return (np.exp(log_p) + np.exp(log_q)) / 2 * np.maximum(real + fake, 0.0)


@dataclass(frozen=True)
class Proof:
    """How much of the JSD a D proves: proven + unproven = jsd, exactly.

    Attributes:
        proven: (V + log 4)/2 in (-inf, jsd]. unproven: what D misses, >= 0. jsd: in [0, log 2].
    """

    proven: float
    unproven: float
    jsd: float


def weigh(log_p: Array, log_q: Array, logits: Array) -> Proof:
    """What a D proves of the JSD on the cells, see `unproven_by_cell`; its batches are half real, half fake."""
    value = np.exp(log_p) @ log_expit(logits) + np.exp(log_q) @ log_expit(-logits)
    return Proof(
        proven=float(value + theory.LOG4) / 2,
        unproven=float(unproven_by_cell(log_p, log_q, logits).sum()),
        jsd=divergences.js_divergence(np.exp(log_p), np.exp(log_q)),
    )


@dataclass(frozen=True)
class GameValue:
    """C(G) = max_D V(D, G) and its parts.

    Attributes:
        real, fake: E_p[log D*] and E_q[log(1 - D*)], each in [-log 2, 0].
        kl_data, kl_model: KL(p||m) and KL(q||m), m = (p+q)/2, each in [0, log 2]: log 2 more than real and fake.
        coin: -log 4, what D = 1/2 everywhere is worth. jsd: the mean of both KLs, in [0, log 2].
        value: real + fake = coin + 2 jsd, in [-log 4, 0].
    """

    real: float
    fake: float
    kl_data: float
    kl_model: float
    coin: float
    jsd: float
    value: float


def game_value(p: Array, q: Array) -> GameValue:
    """Theorem 1 of Goodfellow et al. (2014), step by step, for (B,) masses p of p_data and q of p_g.

    Raises:
        ValueError: masses are negative or do not sum to 1.
    """
    p, q = (np.where(mass < NEGLIGIBLE, 0, mass) for mass in (p, q))
    m = (p + q) / 2
    kl_data, kl_model = divergences.kl_divergence(p, m), divergences.kl_divergence(q, m)
    return GameValue(
        real=kl_data - divergences.LOG2,  # D* = p/(2m)
        fake=kl_model - divergences.LOG2,
        kl_data=kl_data,
        kl_model=kl_model,
        coin=-theory.LOG4,
        jsd=divergences.js_divergence(p, q),
        value=theory.generator_criterion(p, q),
    )
