"""Two losses for G, saturating log(1 - D) and non-saturating -log D: values, slopes, and where they lead. In nats."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit

from gan_core.lessons.the_game import best_logits
from gan_core.losses import NON_SATURATING, SATURATING

Array = NDArray[np.float64]

TERMS = {"minimax": SATURATING.fake, "non_saturating": NON_SATURATING.fake}  # both losses of G, for one fake
_Z = np.linspace(-10, 10, 501)  # where N(0, 1) has its mass
_Q = np.exp(-(_Z**2) / 2) / np.exp(-(_Z**2) / 2).sum()


def generator_term(loss: str, logits: ArrayLike) -> tuple[Array, Array]:
    """A loss of G for one fake and its slope, as functions of D's logit there.

    By the logit the slopes are -D for "minimax", log(1 - D), and -(1 - D) for "non_saturating", -log D.

    Args:
        loss: key of `TERMS`. logits: of any shape.
    Returns:
        Values and slopes, each of the shape of logits.
    """
    term, l = TERMS[loss], torch.as_tensor(np.asarray(logits, dtype=np.float64))
    return term.value(l, 0.0).numpy(), term.slope(l, 0.0).numpy()


@dataclass(frozen=True)
class Slopes:
    """Both losses at one fake of which D says `d`.

    Attributes:
        d, logit: D's verdict in (0, 1) and its logit, log d/(1 - d).
        minimax, non_saturating: values, log(1 - d) <= 0 and -log d >= 0.
        minimax_slope, non_saturating_slope: by the logit, in (-1, 0).
        ratio: how many times steeper the non-saturating loss is, (1 - d)/d.
    """

    d: float
    logit: float
    minimax: float
    minimax_slope: float
    non_saturating: float
    non_saturating_slope: float
    ratio: float


def slopes_at(d: float) -> Slopes:
    """Both losses and their slopes where D says d, with 0 < d < 1."""
    l = float(logit(d))
    minimax, minimax_slope = (float(v) for v in generator_term("minimax", l))
    non_saturating, non_saturating_slope = (float(v) for v in generator_term("non_saturating", l))
    ratio = non_saturating_slope / minimax_slope
    return Slopes(d, l, minimax, minimax_slope, non_saturating, non_saturating_slope, ratio)


def best_opinion(x: Array, theta: float) -> Array:
    """D*(x) for N(0, 1) against N(theta, 1); its logit is theta²/2 - theta x. Shape of x."""
    return expit(best_logits(x, theta, 1.0))


def pulls(theta: float) -> tuple[float, float]:
    """`bells.generator_slopes` on the 20 standard deviations around the fakes only, a tenth of its time."""
    d_star = best_opinion(theta + _Z, theta)
    return theta * float(_Q @ d_star), theta * float(_Q @ (1 - d_star))


def walk(theta: float, rate: float, steps: int) -> tuple[Array, Array]:
    """Plain gradient descent of G = N(theta, 1) towards the data N(0, 1), with the best D at every step.

    theta <- theta - rate |dL_G/dtheta|, see `pulls`.

    Args:
        theta: start, >= 0. rate: learning rate. steps: how many.
    Returns:
        Every theta on the way, (steps + 1,), with the saturating and with the non-saturating loss.
    """
    paths = np.full((2, steps + 1), float(theta))
    for i, path in enumerate(paths):
        for k in range(steps):
            path[k + 1] = path[k] - rate * pulls(path[k])[i]
    return paths[0], paths[1]
