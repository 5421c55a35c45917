"""What counts in cells say of a divergence: estimates whose bias is known and taken off.

p are exact masses of p_data on B cells, `shares` the shares of n fakes in them. Divergences in nats.
"""

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import rel_entr
from scipy.stats import poisson

from gan_core import divergences, threads

Array = NDArray[np.float64]

_EXPECTED = np.geomspace(0.25, 48, 40)  # samples per cell; with more, the first order is all there is
_MOST = 260  # fakes in a cell, from which on no correction is needed


def jsd_of_counts(p: Array, shares: Array, n: int) -> float:
    """JSD(p, p_g) on the cells from n samples of p_g, without bias down to a few samples per cell.

    `divergences.js_divergence_debiased` takes off the first order of the bias in 1/n. What is left, a function of the
    samples expected in a cell under p and of those counted, is made as small as can be for every p_g: by least squares
    over the mean of a Poisson count, which is the best polynomial approximation in all but name (Jiao et al., 2015,
    "Minimax Estimation of Functionals of Discrete Distributions"). What is left is below 0.002 from 2.5 samples per
    cell on, where the first order alone leaves up to 0.06.

    Args:
        p: (B,) exact masses. shares: (B,) counts / n. n: number of samples.
    Returns:
        nats; may be slightly negative where p_g = p.
    """
    first_order = divergences.js_divergence_debiased(p, shares, n)
    counts = np.rint(shares * n).astype(np.int64)
    rare = (n * p > 0) & (n * p < _EXPECTED[-1]) & (counts < _MOST)
    position = np.interp(np.log(np.maximum(n * p[rare], 1e-9)), np.log(_EXPECTED), np.arange(len(_EXPECTED)))
    row = np.minimum(position.astype(np.int64), len(_EXPECTED) - 2)
    table, k, upper = _corrections(), counts[rare], position - row
    # below the first row the correction fades with the cell's mass
    fading = np.minimum(n * p[rare] / _EXPECTED[0], 1)
    return first_order + float(np.sum(fading * ((1 - upper) * table[row, k] + upper * table[row + 1, k]))) / n


@functools.cache
def _corrections() -> Array:
    """What to add to n times the first-order value of a cell: (expected under p, counted). A tenth of a second, once."""
    threads.use_one()  # two that wait for each other take thirty times as long
    table = np.zeros((len(_EXPECTED), _MOST))
    for row, expected in enumerate(_EXPECTED):
        most = 4 * expected + 30
        k = np.arange(min(int(most + 8 * most**0.5 + 10), _MOST))
        means = most * np.linspace(0, 1, 200) ** 2
        weights = (1 / np.sqrt(1 + means))[:, None]
        chance = poisson.pmf(k, means[:, None])  # (means, counts)
        plain = _cell(expected, k) - np.where(k > 0, expected / (4 * (expected + k)), 0)
        bias = _cell(expected, means) - chance @ plain
        calm = 1e-3**0.5 * np.eye(len(k))  # a ridge: no more variance than it is worth
        # an empty cell needs no correction: else a missing mode, which leaves many, would be misread
        system = np.concatenate([chance * weights, calm])[:, 1:]
        table[row, 1 : len(k)] = np.linalg.lstsq(system, np.r_[bias * weights[:, 0], 0 * k], rcond=None)[0]
    return table


def _cell(a: float, b: ArrayLike) -> Array:
    """A cell's part of the JSD of masses a and b."""
    b = np.asarray(b, dtype=np.float64)
    m = (a + b) / 2
    return (rel_entr(a, m) + rel_entr(b, m)) / 2


def best_accuracy_of_counts(p: Array, shares: Array, n: int) -> float:
    """How often a D that has seen all but one of the n fakes, and knows p, is right about real and fake; at least.

    (1 + TV)/2 is how often the best possible D is right. The plug-in TV would read a tenth too much where p_g = p.
    Here D leans towards "fake" where a cell has more fakes than p says, the more so the less that can be chance, and
    each fake is judged by what the others say (leave-one-out). So it is an honest record of a D that exists: on average
    1/2 where p_g = p, and never more than the best D's.

    Args:
        p: (B,) exact masses. shares: (B,) counts / n. n: number of samples, at least 2.
    Returns:
        a share around [1/2, 1]; by chance it may be a little below 1/2.
    """
    expected = p * (n - 1)
    # sure from one standard deviation of a count on; a sudden change of mind would make the record noisy
    as_counted, without_one = (
        np.clip((expected - counts) / np.sqrt(expected + 0.5), -1, 1) for counts in (shares * n, shares * n - 1)
    )
    # whichever fake is left out, its own cell shows one less, the other cells all
    right_on_real = p @ ((1 - shares) * as_counted + shares * without_one)
    return float(0.5 + (right_on_real - shares @ without_one) / 4)


@dataclass(frozen=True)
class KLReading:
    """KL(a || b) in nats, and what can be said where it is infinite.

    Attributes:
        value: range [0, inf]; inf where b has nothing, or nothing that could be found, but a has more than rounding.
        at_least: the lower bound that is sure; equals `value` where that is known to the last cell.
        missed: share of a where b has nothing.
    """

    value: float
    at_least: float
    missed: float


def kl_reading(log_a: Array, log_b: Array, hidden: float = -np.inf, rounding: float = 1e-6) -> KLReading:
    """KL(a || b) of cells whose masses are given as logarithms, so that the thinnest tail still counts.

    Args:
        log_a, log_b: (B,) log masses, -inf for none.
        hidden: log of the most that b may hold, all in all, in cells where none of it was found.
        rounding: a share of a that is too small to be believed: networks compute in 32 bits.
    """
    a, missing = np.exp(log_a), np.isneginf(log_b)
    missed = float(a[missing].sum())
    seen = ~missing & (a > 0)
    known = float(np.sum(a[seen] * (log_a[seen] - log_b[seen])))
    if missed <= rounding:
        return KLReading(max(known, 0.0), max(known, 0.0), 0.0)
    # all that is missed as one cell, which holds at most what is hidden: a lower bound, as for any merging of cells
    return KLReading(np.inf, max(known + missed * (np.log(missed) - hidden), 0.0), missed)


def kl_readings_of_counts(p: Array, shares: Array, n: int) -> tuple[KLReading, KLReading]:
    """KL(p || p_g) and KL(p_g || p) from n samples of p_g, first-order bias removed.

    Cells of p should be large enough for some samples of p itself; in cells without any, p_g holds at most 3/n with
    95 % confidence (rule of three). A p of 0 is exact: fakes there make KL(p_g || p) infinite beyond doubt.
    """
    excess = divergences.kl_noise_floor(int(np.count_nonzero(shares)), n)
    with np.errstate(divide="ignore"):
        log_p, log_q = np.log(p), np.log(shares)
    forward = kl_reading(log_p, log_q, hidden=float(np.log(3 / n)))
    backward = kl_reading(log_q, log_p)
    return _lowered(forward, excess), _lowered(backward, excess)


def _lowered(kl: KLReading, excess: float) -> KLReading:
    return KLReading(max(kl.value - excess, 0.0), max(kl.at_least - excess, 0.0), kl.missed)
