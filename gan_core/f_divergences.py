"""f-divergences, and the bound on each that a discriminator can prove: Nowozin, Cseke and Tomioka (2016), "f-GAN:
Training Generative Neural Samplers using Variational Divergence Minimization".

D_f(p || q) = E_q[f(p/q)] with f convex and f(1) = 0. For every function T, E_p[T] - E_q[f*(T)] <= D_f(p || q), with
equality for T = f'(p/q) (eq. 4 and 5), where f*(t) = sup_u (u t - f(u)) is the convex conjugate of f. A network's raw
output v becomes T by an increasing function g that stays where f* is finite (eq. 6, table 2). `F_DIVERGENCES` is the
registry; the loss of each is in `losses.LOSSES`, its bound in `proof.PROOFS`. That of the JSD is the original game:
with g(v) = log 2D, D = sigmoid(v), the bound is V(D, G) + log 4, so "minimax" is its loss.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Array = NDArray[np.float64]


@dataclass(frozen=True)
class FDivergence:
    """One f-divergence; all functions act element by element, on any shape.

    Attributes:
        name: English, and a key of the translations. unit: "nats" or "". top: its highest value.
        f: u > 0 -> f(u). raised: its value per unit of p where q is 0, the limit of f(u)/u; and at 0, f(0).
        activation, activation_slope: v -> T = g(v), and g'(v). Of the paper's table 2, moved so that v = 0 says p = q.
        conjugate, conjugate_slope: v -> f*(g(v)), and its derivative by v.
        best: log(p/q) -> the best raw output, g^-1(f'(p/q)). best_text: that, as a formula of p_data and p_g.
        latex_real, latex_fake: T and f*(T) as functions of D(x) and D(G(z)).
    """

    key: str
    name: str
    unit: str
    top: float
    f: Callable[[Array], Array]
    raised: float
    at_zero: float
    activation: Callable[[Tensor], Tensor]
    activation_slope: Callable[[Tensor], Tensor]
    conjugate: Callable[[Tensor], Tensor]
    conjugate_slope: Callable[[Tensor], Tensor]
    best: Callable[[Array], Array]
    best_text: str
    latex_real: str
    latex_fake: str

    def of(self, p: Array, q: Array) -> float:
        """D_f(p || q) of cell masses (B,), range [0, top]."""
        both = (p > 0) & (q > 0)
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            inside = float(q[both] @ self.f(p[both] / q[both]))
        alone_p, alone_q = float(p[q <= 0].sum()), float(q[p <= 0].sum())
        outside = (alone_p * self.raised if alone_p else 0.0) + (alone_q * self.at_zero if alone_q else 0.0)
        return max(inside + outside, 0.0)

    def contributions(self, real: Array, fake: Array) -> tuple[Array, Array]:
        """What raw outputs on real samples and on fakes add to the bound: mean(first) + mean(second) <= D_f."""
        return self.activation(torch.from_numpy(real)).numpy(), -self.conjugate(torch.from_numpy(fake)).numpy()


F_DIVERGENCES: dict[str, FDivergence] = {
    d.key: d
    for d in (
        FDivergence(
            "kl", "KL", "nats", math.inf, lambda u: u * np.log(u), math.inf, 0.0,
            activation=lambda v: 1 + v, activation_slope=torch.ones_like,
            conjugate=torch.exp, conjugate_slope=torch.exp,
            best=lambda l: l, best_text="log p_data / p_g", latex_real="1+D(x)", latex_fake="e^{D(G(z))}",
        ),
        FDivergence(
            "reverse_kl", "reverse KL", "nats", math.inf, lambda u: -np.log(u), 0.0, math.inf,
            activation=lambda v: -torch.exp(-v), activation_slope=lambda v: torch.exp(-v),
            conjugate=lambda v: v - 1, conjugate_slope=torch.ones_like,
            best=lambda l: l, best_text="log p_data / p_g", latex_real="-e^{-D(x)}", latex_fake="D(G(z))-1",
        ),
        FDivergence(
            "pearson", "Pearson χ²", "", math.inf, lambda u: (u - 1) ** 2, math.inf, 1.0,
            activation=lambda v: v.clone(), activation_slope=torch.ones_like,
            conjugate=lambda v: v * v / 4 + v, conjugate_slope=lambda v: v / 2 + 1,
            best=lambda l: 2 * np.expm1(l), best_text="2 (p_data / p_g − 1)",
            latex_real="D(x)", latex_fake=r"\tfrac14D(G(z))^2+D(G(z))",
        ),
        FDivergence(
            "hellinger", "squared Hellinger", "", 2.0, lambda u: (np.sqrt(u) - 1) ** 2, 1.0, 1.0,
            activation=lambda v: -torch.expm1(-v), activation_slope=lambda v: torch.exp(-v),
            conjugate=torch.expm1, conjugate_slope=torch.exp,
            best=lambda l: l / 2, best_text="½ log p_data / p_g", latex_real="1-e^{-D(x)}", latex_fake="e^{D(G(z))}-1",
        ),
    )
}  # fmt: skip
