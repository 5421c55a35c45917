"""The smallest GAN that spins: the Dirac-GAN of Mescheder, Geiger and Nowozin (2018), "Which Training Methods for GANs
do actually Converge?", sections 2 and 4.

All data lie at 0, all fakes at theta, and D's logit is psi x. The only solution is theta = psi = 0. Here D scores real
samples high, as everywhere in this package; the paper's psi is the negative of ours.
"""

import math
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
T = TypeVar("T", float, Array)

LOSSES = ("minimax", "non_saturating", "wasserstein")
SCHEMES = ("simultaneous", "alternating", "continuous")
GONE = 1e6  # a player beyond this has left for good


def velocity(loss: str, theta: T, psi: T, gamma: float = 0.0) -> tuple[T, T]:
    """(-dL_G/dtheta, -dL_D/dpsi): where gradient descent pulls both players.

    L_D = softplus(psi theta) + log 2 + gamma/2 psi², the last term being the R1 penalty (paper, eq. 9);
    L_G = -softplus(psi theta) for minimax, softplus(-psi theta) for non-saturating.
    Wasserstein, without a bound on D's slope: L_D = psi theta + gamma/2 psi², L_G = -psi theta.

    Args:
        loss: one of LOSSES. theta, psi: numbers, or arrays of one shape. gamma: strength of R1, >= 0.
    """
    if loss == "wasserstein":
        return psi, -theta - gamma * psi
    tanh = math.tanh if isinstance(theta, float) else np.tanh
    half = tanh(psi * theta / 2) / 2
    d_fake = 0.5 + half  # D's opinion on the fakes, sigmoid(psi theta)
    pull = d_fake if loss == "minimax" else 1 - d_fake
    return psi * pull, -theta * d_fake - gamma * psi


@dataclass(frozen=True)
class Path:
    """Where both players went.

    Attributes:
        time: (n,) steps times h_G, or the time of the flow. theta, psi: (n,).
    """

    time: Array
    theta: Array
    psi: Array

    @property
    def radius(self) -> Array:
        """(n,) distance from the solution, sqrt(theta² + psi²)."""
        return np.hypot(self.theta, self.psi)

    @property
    def swing(self) -> float:
        """How far the fakes still go from the data: the largest |theta| of the last fifth of the path."""
        return largest(self.theta)


def descend(
    loss: str, start: tuple[float, float], h_g: float, h_d: float, gamma: float = 0.0,
    *, steps: int, alternating: bool = False, momentum: float = 0.0,
) -> Path:  # fmt: skip
    """Gradient descent of both players.

    Args:
        start: (theta, psi). h_g, h_d: step sizes of G and D, > 0. gamma: of R1.
        alternating: D moves first, then G against the new D (Algorithm 1 of Goodfellow et al., 2014); otherwise both
            move at once.
        momentum: beta in v <- beta v + pull, x <- x + h v; may be negative (Gidel et al., 2019).
    Returns:
        steps + 1 points, fewer where a player leaves beyond GONE.
    """
    (theta, psi), v_g, v_d = map(float, start), 0.0, 0.0
    thetas, psis = [theta], [psi]
    for _ in range(steps):
        pull_g, pull_d = velocity(loss, theta, psi, gamma)
        v_d = momentum * v_d + pull_d
        psi += h_d * v_d
        if alternating:
            pull_g, _ = velocity(loss, theta, psi, gamma)
        v_g = momentum * v_g + pull_g
        theta += h_g * v_g
        thetas.append(theta)
        psis.append(psi)
        if max(abs(theta), abs(psi)) > GONE:
            break
    return Path(h_g * np.arange(len(thetas), dtype=np.float64), np.array(thetas), np.array(psis))


def flow(loss: str, start: tuple[float, float], gamma: float = 0.0, *, duration: float, dt: float = 0.04) -> Path:
    """Gradient descent with infinitely small steps: the path of the differential equation.

    By the classical Runge-Kutta method with step dt, error below 1e-6 over a time of 500.
    """

    def ahead(pull: tuple[float, float], by: float) -> tuple[float, float]:
        return velocity(loss, theta + by * pull[0], psi + by * pull[1], gamma)

    theta, psi = map(float, start)
    thetas, psis = [theta], [psi]
    steps = round(duration / dt)
    for _ in range(steps):
        a = velocity(loss, theta, psi, gamma)
        b = ahead(a, dt / 2)
        c = ahead(b, dt / 2)
        d = ahead(c, dt)
        theta += dt / 6 * (a[0] + 2 * b[0] + 2 * c[0] + d[0])
        psi += dt / 6 * (a[1] + 2 * b[1] + 2 * c[1] + d[1])
        thetas.append(theta)
        psis.append(psi)
    return Path(dt * np.arange(steps + 1, dtype=np.float64), np.array(thetas), np.array(psis))


def follow(
    loss: str, scheme: str, start: tuple[float, float], h: float, gamma: float = 0.0, *, duration: float
) -> Path:
    """The path for a time `duration` by one of SCHEMES, with one step size h for both players."""
    if scheme == "continuous":
        return flow(loss, start, gamma, duration=duration)
    return descend(loss, start, h, h, gamma, steps=round(duration / h), alternating=scheme == "alternating")


def largest(theta: Array) -> float:
    """The largest |theta| of the last fifth of its (n,) values."""
    return float(np.abs(theta[-(len(theta) // 5 + 1) :]).max())


def averaged(theta: Array, decay: float) -> Array:
    """Exponential moving average of G's only weight, as on the live pages; (n,), beginning at theta[0]."""
    mean, means = float(theta[0]), []
    for t in theta.tolist():
        mean = decay * mean + (1 - decay) * t
        means.append(mean)
    return np.array(means)


def jsd(theta: Array) -> Array:
    """JSD of the data, all at 0, and of fakes that all lie at theta (n,), nats: log 2 wherever they do not coincide."""
    return np.where(theta == 0, 0.0, math.log(2))


# ---- what theory says before the run ----


def r1_threshold(loss: str, scheme: str, h_g: float) -> float:
    """The gamma above which the solution attracts: h_G/4 for simultaneous steps, whatever h_D is; h_G for Wasserstein.

    From the determinant of one step at 0, which is 1 - h_D gamma + h_D h_G s², s = 1/2 the slope of the losses there
    (1 for Wasserstein). The solution attracts until D overshoots, at h_D gamma = 2 + h_D h_G s²/2. Alternating steps
    and the flow have no such h_G-term: every gamma > 0 will do.
    """
    if scheme != "simultaneous":
        return 0.0
    return h_g if loss == "wasserstein" else h_g / 4


def growth_per_step(loss: str, scheme: str, h_g: float, h_d: float, gamma: float = 0.0) -> float:
    """By what factor the distance from the solution changes per step close to it: the spectral radius of one step.

    Without R1, simultaneous: sqrt(1 + h_G h_D/4), and sqrt(1 + h_G h_D) for Wasserstein. Raises ValueError for
    "continuous", which has no steps.
    """
    if scheme not in ("simultaneous", "alternating"):
        raise ValueError(f"scheme = {scheme!r} has no steps")
    s = 1.0 if loss == "wasserstein" else 0.5
    d_step = np.array([[1, 0], [-h_d * s, 1 - h_d * gamma]])  # acts on (theta, psi)
    g_step = np.array([[1, h_g * s], [0, 1]])
    both = g_step @ d_step if scheme == "alternating" else g_step + d_step - np.eye(2)
    return float(np.abs(np.linalg.eigvals(both)).max())


def long_run_radius(loss: str, scheme: str, h: float, gamma: float, start: float) -> float:
    """The distance from the solution after very many steps: 0, a circle, or inf.

    Non-saturating, simultaneous: sqrt(2h - 8 gamma), from where the loss pulls inwards by r⁴/8 per unit of time (the
    mean of theta psi tanh(theta psi/2) over a turn, times 2), R1 by gamma r², and the steps push outwards by h r²/4.
    Others without R1 stay on their circle (alternating: close to it), except that simultaneous steps leave it.

    Args:
        h: step size of both. gamma: of R1. start: radius to begin with.
    """
    threshold = r1_threshold(loss, scheme, h)
    if gamma > threshold:
        return 0.0
    if loss == "non_saturating":
        return math.sqrt(max(8 * (threshold - gamma), 0.0))
    return start if gamma == threshold else math.inf
