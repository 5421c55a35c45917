"""The losses of discriminator and generator, as functions of D's raw outputs, and their slopes.

`LOSSES` is the registry. Real outputs always come before fake ones. D's loss is a sum of two batch means, so that
for the original game it equals -V(D, G). To add a loss, add one record; the tests check its slopes against autograd
and its values at output 0.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from gan_core.divergences import LOG2
from gan_core.f_divergences import F_DIVERGENCES, FDivergence
from gan_core.theory import LOG4


@dataclass(frozen=True)
class Term:
    """A loss per sample as a function of D's raw output l of any shape, and its derivative by l.

    Every function also takes the label smoothing s, by which the label 1 of real samples becomes 1 - s.
    """

    value: Callable[[Tensor, Any], Tensor]
    slope: Callable[[Tensor, Any], Tensor]


class Judged(NamedTuple):
    """A loss on a batch, with its slopes.

    Attributes:
        value: the loss, a scalar.
        by_real, by_fake: (n, 1) derivatives by D's raw outputs; (0, 1) where the loss does not look at that side.
    """

    value: Tensor
    by_real: Tensor
    by_fake: Tensor


_NOTHING = torch.empty(0, 1)


class Objective(Protocol):
    """What one player minimises: D's raw outputs on a batch of each kind -> loss and slopes."""

    def __call__(self, real_logits: Tensor | None, fake_logits: Tensor, *, smoothing: Any = 0.0) -> Judged:
        """Judge raw outputs (n, 1) on real and on fake samples; real ones may be None if the loss needs none."""
        ...


@dataclass(frozen=True, kw_only=True)
class Separate:
    """An objective that judges every sample for itself: E_real[real] + E_fake[fake]. G's objectives have no real term."""

    real: Term | None = None
    fake: Term

    def __call__(self, real_logits: Tensor | None, fake_logits: Tensor, *, smoothing: Any = 0.0) -> Judged:
        """See `Objective`."""
        value = self.fake.value(fake_logits, smoothing).mean((-2, -1))
        by_fake = self.fake.slope(fake_logits, smoothing).div_(fake_logits.shape[-2])
        if self.real is None or real_logits is None:
            return Judged(value, _NOTHING, by_fake)
        value = self.real.value(real_logits, smoothing).mean((-2, -1)) + value
        return Judged(value, self.real.slope(real_logits, smoothing).div_(real_logits.shape[-2]), by_fake)


@dataclass(frozen=True)
class Pairwise:
    """E[softplus(-sign (D(x_r) - D(x_f)))] over pairs of a real and a fake sample; D takes the sign 1, G takes -1.

    Jolicoeur-Martineau (2018), "The relativistic discriminator", eq. 8 and 9; RpGAN of Huang et al. (2024).
    """

    sign: float

    def __call__(self, real_logits: Tensor | None, fake_logits: Tensor, *, smoothing: Any = 0.0) -> Judged:
        """See `Objective`; real outputs are needed, as many as fake ones. There are no labels to smooth."""
        assert real_logits is not None, "every fake is compared with a real sample"
        lead = self.sign * (real_logits - fake_logits)
        slope = (-lead).sigmoid().mul_(-self.sign / len(lead))
        return Judged(F.softplus(-lead).mean(), slope, -slope)


class CrossEntropy(Separate):
    """E_real[-log D] + E_fake[-log(1 - D)], which can also judge reals and fakes in one go: a third of the operations."""

    def at_once(self, logits: Tensor, smoothing: float | Tensor) -> tuple[Tensor, Tensor]:
        """As `GANLoss.judge_both`: softplus(±l), and sigmoid(l) - label."""
        n = logits.shape[-2] // 2
        signs, labels, count = _sides(n, logits.dtype)
        value = F.softplus(logits * signs).sum((-2, -1)) / n
        slopes = logits.sigmoid().sub_(labels)
        if isinstance(smoothing, Tensor) or smoothing:
            value += (smoothing * logits[..., :n, :]).mean((-2, -1))
            slopes[..., :n, :] += smoothing
        return value, slopes.div_(count)


@functools.lru_cache(maxsize=8)
def _sides(n: int, dtype: torch.dtype) -> tuple[Tensor, Tensor, Tensor]:
    """Of n reals, then n fakes: -1 and 1, and the labels 1 and 0, both (2n, 1); and n itself."""
    fake = (torch.arange(2 * n)[:, None] >= n).to(dtype)
    return 2 * fake - 1, 1 - fake, torch.tensor(n, dtype=dtype)


@dataclass(frozen=True, kw_only=True)
class GANLoss:
    """A pair of losses, L_D and L_G, both to be minimised.

    Attributes:
        d, g: the objectives of D and of G.
        output: what D's raw output means: "logit" (D = sigmoid), "probability" (D = raw output, optimum
            p/(p+q)) or "score" (unbounded: "D -> 1/2" means nothing, and there is no label to smooth).
        d_equilibrium, g_equilibrium: loss values at p_g = p_data with the optimal D; nan where there is none.
        latex_d, latex_g: the formulas. source: the paper.
        penalty: whether D is trained with the gradient penalty of Gulrajani et al. (2017).
        paired: whether G's objective looks at real samples too.
        optimum: what the best D is: the "ratio" p/(p+q), the "sign" of p - q, a "potential" of slope 1, the
            "log_ratio" log p/q up to a constant, or what `divergence` makes of it, "f_ratio".
        proves: key of `proof.PROOFS`, or "wasserstein": the measure that D's value bounds from below; "" for none.
        divergence: that of an f-GAN.
    """

    key: str
    name: str
    d: Objective
    g: Objective
    output: Literal["logit", "probability", "score"]
    d_equilibrium: float
    g_equilibrium: float
    latex_d: str
    latex_g: str
    source: str
    penalty: bool = False
    paired: bool = False
    optimum: Literal["ratio", "sign", "potential", "log_ratio", "f_ratio"] = "ratio"
    proves: str = "jsd"
    divergence: FDivergence | None = None

    def judge_both(self, logits: Tensor, smoothing: float | Tensor) -> tuple[Tensor, Tensor]:
        """D's loss on its raw outputs (2n, 1), of reals, then of as many fakes, and the derivative by them.

        Where D's objective is `Separate`, outputs (k, 2n, 1) of k Ds have k losses, and smoothing may be (k, 1, 1).
        """
        if isinstance(self.d, CrossEntropy):
            return self.d.at_once(logits, smoothing)
        judged = self.d(*logits.chunk(2, -2), smoothing=smoothing)
        return judged.value, torch.cat([judged.by_real, judged.by_fake], -2)

    def probability(self, logits: Tensor) -> Tensor | None:
        """D(x) from raw outputs of any shape, or None where the output is a score.

        A least-squares D may leave [0, 1]; it is read as the nearest value in [0.001, 0.999].
        """
        if self.output == "score":
            return None
        return logits.sigmoid() if self.output == "logit" else logits.clamp(0.001, 0.999)


# softplus(-l) = -log sigmoid(l), but its slope survives l = -30, where that of log(sigmoid(l) + eps) is lost
CROSS_ENTROPY = CrossEntropy(
    real=Term(lambda l, s: F.softplus(-l) + s * l, lambda l, s: l.sigmoid().sub_(1 - s)),
    fake=Term(lambda l, s: F.softplus(l), lambda l, s: l.sigmoid()),
)
NON_SATURATING = Separate(fake=Term(lambda l, s: F.softplus(-l), lambda l, s: l.sigmoid().sub_(1)))
SATURATING = Separate(fake=Term(lambda l, s: -F.softplus(l), lambda l, s: -l.sigmoid()))
_UP = Term(lambda l, s: -l, lambda l, s: torch.full_like(l, -1))
_DOWN = Term(lambda l, s: l, lambda l, s: torch.ones_like(l))


def _variational(f: FDivergence) -> GANLoss:
    """The game of Nowozin et al. (2016), eq. 6: D raises its bound on D_f, G lowers it; with the best D, G descends D_f."""
    at_balance = torch.zeros(1, dtype=torch.float64)
    of_fake = f.conjugate(at_balance).item()
    return GANLoss(
        key=f"f_{f.key}", name=f"f-GAN: {f.name}", output="score", optimum="f_ratio", proves=f.key, divergence=f,
        d=Separate(
            real=Term(lambda l, s: -f.activation(l), lambda l, s: -f.activation_slope(l)),
            fake=Term(lambda l, s: f.conjugate(l), lambda l, s: f.conjugate_slope(l)),
        ),
        g=Separate(fake=Term(lambda l, s: -f.conjugate(l), lambda l, s: -f.conjugate_slope(l))),
        d_equilibrium=of_fake - f.activation(at_balance).item(), g_equilibrium=0.0 - of_fake,
        latex_d=rf"L_D=-\mathbb E_x\big[{f.latex_real}\big]+\mathbb E_z\big[{f.latex_fake}\big]",
        latex_g=rf"L_G=-\mathbb E_z\big[{f.latex_fake}\big]",
        source="Nowozin et al. (2016), f-GAN, eq. 6 and table 2; D(x) = 0 says p = q",
    )  # fmt: skip


_LATEX_BCE_D = r"L_D=-\mathbb E_{x\sim p_{data}}[\log D(x)]-\mathbb E_{z\sim p_z}[\log(1-D(G(z)))]=-V(D,G)"

LOSSES: dict[str, GANLoss] = {
    loss.key: loss
    for loss in (
        GANLoss(
            key="non_saturating", name="Non-saturating", d=CROSS_ENTROPY, g=NON_SATURATING, output="logit",
            d_equilibrium=LOG4, g_equilibrium=LOG2, latex_d=_LATEX_BCE_D, latex_g=r"L_G=-\mathbb E_z[\log D(G(z))]",
            source="Goodfellow et al. (2014), Generative Adversarial Nets, section 3",
        ),
        GANLoss(
            key="minimax", name="Minimax (saturating)", d=CROSS_ENTROPY, g=SATURATING, output="logit",
            d_equilibrium=LOG4, g_equilibrium=-LOG2, latex_d=_LATEX_BCE_D,
            latex_g=r"L_G=\mathbb E_z[\log(1-D(G(z)))]",
            source="Goodfellow et al. (2014), Generative Adversarial Nets, eq. 1",
        ),
        GANLoss(
            key="least_squares", name="Least squares",
            d=Separate(
                real=Term(lambda l, s: 0.5 * (l - (1 - s)).square(), lambda l, s: l - (1 - s)),
                fake=Term(lambda l, s: 0.5 * l.square(), lambda l, s: l.clone()),
            ),
            g=Separate(fake=Term(lambda l, s: 0.5 * (l - 1).square(), lambda l, s: l - 1)),
            output="probability", d_equilibrium=0.25, g_equilibrium=0.125, proves="triangular",
            latex_d=r"L_D=\tfrac12\mathbb E_x[(D(x)-1)^2]+\tfrac12\mathbb E_z[D(G(z))^2]",
            latex_g=r"L_G=\tfrac12\mathbb E_z[(D(G(z))-1)^2]",
            source="Mao et al. (2017), Least Squares Generative Adversarial Networks, eq. 2 with a = 0, b = c = 1",
        ),
        GANLoss(
            key="hinge", name="Hinge",
            d=Separate(
                real=Term(lambda l, s: F.relu(1 - l), lambda l, s: -(l < 1).to(l.dtype)),
                fake=Term(lambda l, s: F.relu(1 + l), lambda l, s: (l > -1).to(l.dtype)),
            ),
            g=Separate(fake=_UP), output="score", d_equilibrium=2.0, g_equilibrium=float("nan"),  # any |D| <= 1 is best
            optimum="sign", proves="total_variation",
            latex_d=r"L_D=\mathbb E_x[\max(0,1-D(x))]+\mathbb E_z[\max(0,1+D(G(z)))]",
            latex_g=r"L_G=-\mathbb E_z[D(G(z))]",
            source="Lim and Ye (2017), Geometric GAN; Miyato et al. (2018), Spectral Normalization, eq. 16-17",
        ),
        GANLoss(
            key="wasserstein_gp", name="Wasserstein + gradient penalty", d=Separate(real=_UP, fake=_DOWN),
            g=Separate(fake=_UP), output="score", d_equilibrium=0.0, g_equilibrium=float("nan"),
            latex_d=r"L_D=\mathbb E_z[D(G(z))]-\mathbb E_x[D(x)]+\lambda\,\mathbb E_{\hat x}[(\|\nabla D(\hat x)\|_2-1)^2]",
            latex_g=r"L_G=-\mathbb E_z[D(G(z))]",
            source="Arjovsky et al. (2017), Wasserstein GAN; Gulrajani et al. (2017), Improved Training of Wasserstein GANs",
            penalty=True, optimum="potential", proves="wasserstein",
        ),
        GANLoss(
            key="relativistic", name="Relativistic pairs", d=Pairwise(1.0), g=Pairwise(-1.0), output="score",
            d_equilibrium=LOG2, g_equilibrium=LOG2, paired=True, optimum="log_ratio", proves="jsd_of_pairs",
            latex_d=r"L_D=\mathbb E_{x,z}[\log(1+e^{D(G(z))-D(x)})]", latex_g=r"L_G=\mathbb E_{x,z}[\log(1+e^{D(x)-D(G(z))})]",
            source="Jolicoeur-Martineau (2018), The relativistic discriminator, eq. 8 and 9; Huang et al. (2024), The GAN "
            "is dead; long live the GAN!",
        ),
        *map(_variational, F_DIVERGENCES.values()),
    )
}  # fmt: skip
