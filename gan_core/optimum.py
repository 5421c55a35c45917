"""What the best D says under the conditions in which it learns, and what both losses read at the balance.

Label smoothing and instance noise change what is best; packing changes what D judges. In nats where a loss is one.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from gan_core.losses import GANLoss

Array = NDArray[np.float64]

SURE_ODDS = 10.0  # log-odds beyond which one is as sure as another
SURE = 1e-12  # how near to 0 or 1 an opinion is allowed to come: log 0 would prove minus infinity


@dataclass(frozen=True)
class Conditions:
    """Under which D learns.

    Attributes:
        smoothing: s in [0, 1); the label of real samples is 1 - s.
        noise: standard deviation of the instance noise, in units of the networks.
        packing: samples that D judges together.
    """

    smoothing: float = 0.0
    noise: float = 0.0
    packing: int = 1


PLAIN = Conditions()


def balance(loss: GANLoss, smoothing: float) -> float | None:
    """What the best D says everywhere once p_g = p_data, (1 - s)/2; None where it is no probability."""
    return None if loss.output == "score" else (1 - smoothing) / 2


def losses_at_balance(loss: GANLoss, smoothing: float) -> tuple[float, float]:
    """L_D and L_G at p_g = p_data with the best D for these labels; nan where theory gives no value.

    With dropout, instance noise, packing and R1 the values are the same: a D that says `balance` everywhere is best, and
    it has no slope.
    """
    half = balance(loss, smoothing)
    if half is None:
        return loss.d_equilibrium, loss.g_equilibrium
    raw = torch.tensor([[math.log(half / (1 - half)) if loss.output == "logit" else half]], dtype=torch.float64)
    return loss.d(raw, raw, smoothing=smoothing).value.item(), loss.g(raw, raw).value.item()


def as_share(d: Array, smoothing: float) -> Array:
    """D's share of real samples, p/(p+q), from its answer: the best answer to smoothed labels is (1 - s) p/(p+q).

    Args:
        d: in [0, 1], any shape.
    Returns:
        in [1e-12, 1 - 1e-12], the same shape.
    """
    return np.clip(d / (1 - smoothing), SURE, 1 - SURE)


def blurred(masses: Array, deviation: float) -> Array:
    """Masses on even cells under Gaussian noise; what would leave the window stays in the end cells.

    Args:
        masses: (B,). deviation: of the noise, in cells.
    """
    return masses if deviation < 0.05 else gaussian_filter1d(masses, deviation, mode="nearest")


def best_answer(loss: GANLoss, p: Array, q: Array, smoothing: float = 0.0) -> Array:
    """The D that minimises L_D, on cells of a line; nan where neither p nor q has mass.

    For labels it is (1 - s) p/(p+q) (Goodfellow et al., 2014, Proposition 1; Mao et al., 2017), for the hinge loss
    sign(p - q), for the Wasserstein loss Kantorovich's potential, whose slope is 1 towards where data are missing (up to
    a constant; here its mean over p and q is 0), for losses that compare reals with fakes log p/q, again up to a constant
    (Jolicoeur-Martineau, 2018: the logistic of D(x_r) - D(x_f) is how likely which of two samples is the real one), for
    an f-GAN f'(p/q) as a raw output (Nowozin et al., 2016, eq. 5).

    Args:
        p, q: (B,) masses of what D sees.
    """
    mass = p + q
    if loss.optimum == "sign":
        return np.where(mass > 0, np.sign(p - q), np.nan)
    if loss.optimum == "potential":
        slope = np.sign(np.cumsum(q - p))  # of the cell's right edge; in cells
        potential = np.cumsum(slope) - slope / 2
        return potential - float(mass @ potential) / mass.sum()
    if loss.optimum in ("log_ratio", "f_ratio"):
        log_ratio = np.clip(np.log((p + SURE) / (q + SURE)), -SURE_ODDS, SURE_ODDS)
        return np.where(mass > 0, loss.divergence.best(log_ratio) if loss.divergence else log_ratio, np.nan)
    return (1 - smoothing) * np.divide(p, mass, out=np.full_like(mass, np.nan), where=mass > 0)
