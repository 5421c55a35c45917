"""Penalties on the slope of D, added to its loss; autograd differentiates them a second time.

`PENALTIES` is the registry. To add one, add a record and, as its weight, a setting of the same name.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from gan_core.losses import GANLoss
from gan_core.networks import Map, Network


@dataclass(frozen=True)
class Batch:
    """What D has just been trained on, in packs if it judges packs; all (n, dim).

    Attributes:
        real, fake: the samples. seen_real, seen_fake: with the instance noise that D saw.
        rng: draws what a penalty needs at random.
    """

    real: Tensor
    fake: Tensor
    seen_real: Tensor
    seen_fake: Tensor
    rng: torch.Generator = field(kw_only=True)


@dataclass(frozen=True)
class Penalty:
    """A penalty, without its weight.

    Attributes:
        weight: the setting that multiplies it; 0 switches it off.
        value: D, differentiable as often as you like, and the batch -> a scalar.
        belongs_to: whether a loss is trained with it.
        source: the paper.
    """

    weight: str
    value: Callable[[Map, Batch], Tensor]
    source: str
    belongs_to: Callable[[GANLoss], bool] = lambda loss: True

    def add_to(self, discriminator: Network, weight: float, samples: tuple[Tensor, ...], rng: torch.Generator) -> float:
        """Add weight * penalty to D's gradient; returns its value.

        Args:
            samples, rng: as in `Batch`.
        """
        with torch.inference_mode(False), torch.enable_grad():  # whatever the caller's mode
            batch = Batch(*(x.clone() for x in samples), rng=rng)  # copies, since autograd may keep them
            flat = discriminator.flat.clone().requires_grad_(True)
            value = weight * self.value(lambda x: discriminator.by_autograd(x, flat), batch)
            discriminator.gradient += torch.autograd.grad(value, flat)[0]
        return value.item()


def gradient_norms(discriminator: Map, x: Tensor) -> Tensor:
    """Norm of grad_x D(x) for every sample of x (n, dim); shape (n,), differentiable."""
    x = x.detach().requires_grad_(True)
    (gradient,) = torch.autograd.grad(discriminator(x).sum(), x, create_graph=True)
    return gradient.flatten(1).norm(2, dim=1)


def gradient_penalty(discriminator: Map, real: Tensor, fake: Tensor, mix: Tensor) -> Tensor:
    """E[(|grad D| - 1)²] on the lines between real and fake samples; 0 for a D of slope one everywhere.

    Gulrajani et al. (2017), eq. 3, without its factor lambda.

    Args:
        real, fake: (n, dim). mix: (n, 1) in [0, 1], the position on each line.
    """
    return (gradient_norms(discriminator, mix * real + (1 - mix) * fake) - 1).square().mean()


def flatness_penalty(discriminator: Map, x: Tensor) -> Tensor:
    """½ E[|grad D|²] on samples x (n, dim): R1 on real ones, R2 on fakes, Mescheder et al. (2018), eq. 9 and 10, without
    their factor gamma."""
    return 0.5 * gradient_norms(discriminator, x).square().mean()


def _between(discriminator: Map, batch: Batch) -> Tensor:
    mix = torch.rand(len(batch.real), 1, generator=batch.rng, dtype=batch.real.dtype)
    return gradient_penalty(discriminator, batch.real, batch.fake, mix)


PENALTIES: dict[str, Penalty] = {
    penalty.weight: penalty
    for penalty in (
        Penalty("gp_weight", _between, "Gulrajani et al. (2017), Improved Training of Wasserstein GANs, eq. 3",
                belongs_to=lambda loss: loss.penalty),
        Penalty("r1_gamma", lambda d, batch: flatness_penalty(d, batch.seen_real),
                "Mescheder et al. (2018), Which Training Methods for GANs do actually Converge?, eq. 9"),
        Penalty("r2_gamma", lambda d, batch: flatness_penalty(d, batch.seen_fake),
                "Mescheder et al. (2018), Which Training Methods for GANs do actually Converge?, eq. 10"),
    )
}  # fmt: skip
