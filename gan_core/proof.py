"""What a D proves about p_data and p_g, whatever it says elsewhere: for every loss the measure that its value bounds.

`PROOFS` is the registry, keyed by `GANLoss.proves`. proven <= truth for every D; proven = truth for the best one.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_expit

from gan_core import counts, divergences, theory
from gan_core.f_divergences import F_DIVERGENCES, FDivergence
from gan_core.optimum import as_share

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Proof:
    """A measure of how far p_data and p_g are apart, which a loss of D bounds from below.

    Attributes:
        name: English, and a key of the translations. unit: "nats" or "". top: its highest value, inf if there is none.
        by_value: D's outputs on real samples, on fakes, and the label smoothing -> what each sample adds to the bound,
            so that bound = mean(first) + mean(second). Outputs are D(x) in (0, 1), or raw scores.
        truth: masses p, q (B,) -> the measure.
        truth_of_counts: exact masses p, shares of n fakes, n -> the measure; None where counts in cells do not tell.
    """

    key: str
    name: str
    unit: str
    top: float
    by_value: Callable[[Array, Array, float], tuple[Array, Array]]
    truth: Callable[[Array, Array], float]
    truth_of_counts: Callable[[Array, Array, int], float] | None

    def on_masses(self, p: Array, q: Array, d: Array, smoothing: float = 0.0) -> float:
        """What D's outputs (B,) on the cells prove."""
        real, fake = self.by_value(d, d, smoothing)
        return float(p @ real + q @ fake)

    def on_samples(self, real: Array, fake: Array, smoothing: float = 0.0) -> tuple[float, float]:
        """What D's outputs (n,) and (m,) on samples that it was not trained on prove, and the standard error."""
        of_real, of_fake = self.by_value(real, fake, smoothing)
        error = np.sqrt(of_real.var() / len(of_real) + of_fake.var() / len(of_fake))
        return float(of_real.mean() + of_fake.mean()), float(error)


@dataclass(frozen=True)
class PairProof:
    """As `Proof`, for a D that tells which sample of a pair is the real one: p ⊗ q or q ⊗ p?

    log 2 - E[softplus(D(x_f) - D(x_r))] <= JSD(p ⊗ q, q ⊗ p), with equality for D = log p/q + constant: it is Theorem 1
    of Goodfellow et al. (2014) for pairs, whose optimal logit log p(x)q(y)/q(x)p(y) is a difference of two scores.
    """

    key: str = "jsd_of_pairs"
    name: str = "JSD of pairs"
    unit: str = "nats"
    top: float = divergences.LOG2
    truth_of_counts: None = None  # pairs of cells are too many to be counted

    def on_masses(self, p: Array, q: Array, d: Array, smoothing: float = 0.0) -> float:
        """What D's scores (B,) on the cells prove. There are no labels to smooth."""
        return divergences.LOG2 + float(p @ log_expit(d[:, None] - d) @ q)

    def on_samples(self, real: Array, fake: Array, smoothing: float = 0.0) -> tuple[float, float]:
        """What D's scores (n,) and (m,), paired as they come, prove, and the standard error."""
        n = min(len(real), len(fake))
        gains = log_expit(real[:n] - fake[:n])
        return divergences.LOG2 + float(gains.mean()), float(gains.std() / np.sqrt(n))

    def truth(self, p: Array, q: Array) -> float:
        """JSD(p ⊗ q, q ⊗ p) of masses (B,)."""
        real_first = np.outer(p, q)
        return divergences.js_divergence(real_first.ravel(), real_first.T.ravel())


def _cross_entropy(real: Array, fake: Array, smoothing: float) -> tuple[Array, Array]:
    """(V + log 4)/2 <= JSD, Goodfellow et al. (2014), Theorem 1."""
    return (np.log(as_share(real, smoothing)) + theory.LOG4) / 2, np.log1p(-as_share(fake, smoothing)) / 2


def _squares(real: Array, fake: Array, smoothing: float) -> tuple[Array, Array]:
    """1 - 4 L_D <= the triangular discrimination, since L_D >= half the sum of pq/(p+q)."""
    real, fake = real / (1 - smoothing), fake / (1 - smoothing)
    return 1 - 2 * (real - 1) ** 2, -2 * fake**2


def _hinges(real: Array, fake: Array, smoothing: float) -> tuple[Array, Array]:
    """1 - L_D/2 <= total variation, since L_D >= 2 sum min(p, q)."""
    return 1 - np.maximum(0, 1 - real) / 2, -np.maximum(0, 1 + fake) / 2


def triangular(p: Array, q: Array) -> float:
    """Half the sum of (p - q)²/(p + q), range [0, 1]."""
    mass = p + q
    return float(np.sum(np.divide((p - q) ** 2, mass, out=np.zeros_like(mass), where=mass > 0))) / 2


def _triangular_of_counts(p: Array, shares: Array, n: int) -> float:
    """Plug-in, less half of the second derivative by the share times the variance of a count."""
    mass = p + shares
    bend = np.divide(2 * p**2 * shares, mass**3, out=np.zeros_like(mass), where=mass > 0)
    return max(triangular(p, shares) - float(bend.sum()) / n, 0.0)


def total_variation(p: Array, q: Array) -> float:
    """Half the sum of |p - q|, range [0, 1]: the best D is right (1 + TV)/2 of the time."""
    return float(np.abs(p - q).sum()) / 2


def _of_divergence(f: FDivergence) -> Proof:
    """E_p[T] - E_q[f*(T)] <= D_f(p || q), Nowozin et al. (2016), eq. 4; there are no labels to smooth."""
    return Proof(f.key, f.name, f.unit, f.top, lambda real, fake, smoothing: f.contributions(real, fake), f.of, None)


_PROOFS: tuple[Proof | PairProof, ...] = (
    Proof("jsd", "JSD", "nats", divergences.LOG2, _cross_entropy, divergences.js_divergence,
          lambda p, shares, n: max(counts.jsd_of_counts(p, shares, n), 0.0)),
    Proof("triangular", "triangular discrimination", "", 1.0, _squares, triangular, _triangular_of_counts),
    Proof("total_variation", "total variation", "", 1.0, _hinges, total_variation,
          lambda p, shares, n: max(2 * counts.best_accuracy_of_counts(p, shares, n) - 1, 0.0)),
    PairProof(),
    *map(_of_divergence, F_DIVERGENCES.values()),
)  # fmt: skip

PROOFS = {proof.key: proof for proof in _PROOFS}


def wasserstein(p: Array, q: Array, d: Array) -> tuple[float, float]:
    """What a critic proves of W1, (E_p[D] - E_q[D]) / its steepest slope, and W1 itself, both in cells of a line.

    Kantorovich and Rubinstein: W1 is the most that any D of slope at most 1 can say (Arjovsky et al., 2017, eq. 2). A
    gradient penalty does not keep the slope below 1 everywhere, so the critic is divided by its steepest.

    Args:
        p, q: (B,) masses. d: (B,) scores at the cells' centres.
    """
    steepest = float(np.abs(np.diff(d)).max())
    said = float((p - q) @ d) / steepest if steepest > 0 else 0.0
    return said, float(np.abs(np.cumsum(p - q)[:-1]).sum())
