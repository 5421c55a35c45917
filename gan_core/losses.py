"""The losses of discriminator and generator, as functions of D's raw outputs, and their slopes.

`LOSSES` is the registry. Real outputs always come before fake ones. D's loss is a sum of two batch means, so that
for the original game it equals -V(D, G). To add a loss, add one record; the tests check its slopes against autograd
and its values at output 0.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from gan_core.divergences import LOG2
from gan_core.theory import LOG4


@dataclass(frozen=True)
class Term:
    """A loss per sample as a function of D's raw output l of any shape, and its derivative by l.

    Every function also takes the label smoothing s, by which the label 1 of real samples becomes 1 - s.
    """

    value: Callable[[Tensor, float], Tensor]
    slope: Callable[[Tensor, float], Tensor]


@dataclass(frozen=True)
class GANLoss:
    """A pair of losses, L_D = E_real[real] + E_fake[fake] and L_G = E_fake[generator], all to be minimised.

    Attributes:
        real, fake, generator: the three terms.
        output: what D's raw output means: "logit" (D = sigmoid), "probability" (D = raw output, optimum
            p/(p+q)) or "score" (unbounded: "D -> 1/2" means nothing, and there is no label to smooth).
        d_equilibrium, g_equilibrium: loss values at p_g = p_data with the optimal D; nan where there is none.
        latex_d, latex_g: the formulas. source: the paper.
        penalty: whether D is trained with the gradient penalty of Gulrajani et al. (2017).
    """

    key: str
    name: str
    real: Term
    fake: Term
    generator: Term
    output: Literal["logit", "probability", "score"]
    d_equilibrium: float
    g_equilibrium: float
    latex_d: str
    latex_g: str
    source: str
    penalty: bool = False

    def d_loss(self, real_logits: Tensor, fake_logits: Tensor, smoothing: float = 0.0) -> Tensor:
        """D's loss on a batch, a scalar."""
        return self.real.value(real_logits, smoothing).mean() + self.fake.value(fake_logits, smoothing).mean()

    def d_slope(self, real_logits: Tensor, fake_logits: Tensor, smoothing: float = 0.0) -> Tensor:
        """Derivative of `d_loss` by the logits, real before fake, (2n, 1)."""
        n_real, n_fake = len(real_logits), len(fake_logits)
        real, fake = self.real.slope(real_logits, smoothing), self.fake.slope(fake_logits, smoothing)
        return torch.cat([real.div_(n_real), fake.div_(n_fake)])

    def g_loss(self, fake_logits: Tensor) -> Tensor:
        """G's loss on a batch, a scalar."""
        return self.generator.value(fake_logits, 0.0).mean()

    def g_slope(self, fake_logits: Tensor) -> Tensor:
        """Derivative of `g_loss` by the logits, (n, 1)."""
        return self.generator.slope(fake_logits, 0.0).div_(len(fake_logits))

    def probability(self, logits: Tensor) -> Tensor | None:
        """D(x) from raw outputs of any shape, or None where the output is a score.

        A least-squares D may leave [0, 1]; it is read as the nearest value in [0.001, 0.999].
        """
        if self.output == "score":
            return None
        return logits.sigmoid() if self.output == "logit" else logits.clamp(0.001, 0.999)


# softplus(-l) = -log sigmoid(l), but its slope survives l = -30, where that of log(sigmoid(l) + eps) is lost
_BCE_REAL = Term(lambda l, s: F.softplus(-l) + s * l, lambda l, s: l.sigmoid() - (1 - s))
_BCE_FAKE = Term(lambda l, s: F.softplus(l), lambda l, s: l.sigmoid())
_UP = Term(lambda l, s: -l, lambda l, s: torch.full_like(l, -1))
_DOWN = Term(lambda l, s: l, lambda l, s: torch.ones_like(l))

_LATEX_BCE_D = r"L_D=-\mathbb E_{x\sim p_{data}}[\log D(x)]-\mathbb E_{z\sim p_z}[\log(1-D(G(z)))]=-V(D,G)"

LOSSES: dict[str, GANLoss] = {
    loss.key: loss
    for loss in (
        GANLoss(
            "non_saturating", "Non-saturating", _BCE_REAL, _BCE_FAKE,
            Term(lambda l, s: F.softplus(-l), lambda l, s: l.sigmoid() - 1), "logit", LOG4, LOG2,
            _LATEX_BCE_D, r"L_G=-\mathbb E_z[\log D(G(z))]",
            "Goodfellow et al. (2014), Generative Adversarial Nets, section 3",
        ),
        GANLoss(
            "minimax", "Minimax (saturating)", _BCE_REAL, _BCE_FAKE,
            Term(lambda l, s: -F.softplus(l), lambda l, s: -l.sigmoid()), "logit", LOG4, -LOG2,
            _LATEX_BCE_D, r"L_G=\mathbb E_z[\log(1-D(G(z)))]",
            "Goodfellow et al. (2014), Generative Adversarial Nets, eq. 1",
        ),
        GANLoss(
            "least_squares", "Least squares",
            Term(lambda l, s: 0.5 * (l - (1 - s)).square(), lambda l, s: l - (1 - s)),
            Term(lambda l, s: 0.5 * l.square(), lambda l, s: l.clone()),
            Term(lambda l, s: 0.5 * (l - 1).square(), lambda l, s: l - 1), "probability", 0.25, 0.125,
            r"L_D=\tfrac12\mathbb E_x[(D(x)-1)^2]+\tfrac12\mathbb E_z[D(G(z))^2]",
            r"L_G=\tfrac12\mathbb E_z[(D(G(z))-1)^2]",
            "Mao et al. (2017), Least Squares Generative Adversarial Networks, eq. 2 with a = 0, b = c = 1",
        ),
        GANLoss(
            "hinge", "Hinge",
            Term(lambda l, s: F.relu(1 - l), lambda l, s: -(l < 1).to(l.dtype)),
            Term(lambda l, s: F.relu(1 + l), lambda l, s: (l > -1).to(l.dtype)), _UP, "score", 2.0, 0.0,
            r"L_D=\mathbb E_x[\max(0,1-D(x))]+\mathbb E_z[\max(0,1+D(G(z)))]", r"L_G=-\mathbb E_z[D(G(z))]",
            "Lim and Ye (2017), Geometric GAN; Miyato et al. (2018), Spectral Normalization, eq. 16-17",
        ),
        GANLoss(
            "wasserstein_gp", "Wasserstein + gradient penalty", _UP, _DOWN, _UP, "score", 0.0, float("nan"),
            r"L_D=\mathbb E_z[D(G(z))]-\mathbb E_x[D(x)]+\lambda\,\mathbb E_{\hat x}[(\|\nabla D(\hat x)\|_2-1)^2]",
            r"L_G=-\mathbb E_z[D(G(z))]",
            "Arjovsky et al. (2017), Wasserstein GAN; Gulrajani et al. (2017), Improved Training of Wasserstein GANs",
            penalty=True,
        ),
    )
}  # fmt: skip
