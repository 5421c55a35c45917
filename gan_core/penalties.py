"""Penalties on the slope of D, which autograd differentiates a second time."""

from collections.abc import Callable

import torch
from torch import Tensor


def gradient_norms(discriminator: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Norm of grad_x D(x) for every sample of x (n, dim); shape (n,), differentiable."""
    x = x.detach().requires_grad_(True)
    (gradient,) = torch.autograd.grad(discriminator(x).sum(), x, create_graph=True)
    return gradient.flatten(1).norm(2, dim=1)


def gradient_penalty(discriminator: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor, mix: Tensor) -> Tensor:
    """E[(|grad D| - 1)²] on the lines between real and fake samples; 0 for a D of slope one everywhere.

    Gulrajani et al. (2017), eq. 3, without its factor lambda.

    Args:
        real, fake: (n, dim). mix: (n, 1) in [0, 1], the position on each line.
    """
    return (gradient_norms(discriminator, mix * real + (1 - mix) * fake) - 1).square().mean()


def r1_penalty(discriminator: Callable[[Tensor], Tensor], real: Tensor) -> Tensor:
    """½ E_p[|grad D|²] on real samples (n, dim), Mescheder et al. (2018), eq. 9, without its factor gamma."""
    return 0.5 * gradient_norms(discriminator, real).square().mean()
