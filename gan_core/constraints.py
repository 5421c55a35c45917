"""Limits on how steep D may be, kept by shrinking its weights after each of its steps.

`CONSTRAINTS` is the registry. To add one, add a record and, as its limit, a setting of the same name. The slope of D is at
most the product of the spectral norms of its weights, since no activation here is steeper than 1.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from gan_core.config import SETTINGS, TrainConfig
from gan_core.networks import MLP, Network


@dataclass(frozen=True)
class Constraint:
    """A set that D's weights are put back into.

    Attributes:
        limit: the setting that says how large they may be; 0 switches it off.
        shrink: D, and the limit; in place. source: the paper.
    """

    limit: str
    shrink: Callable[[MLP, float], object]
    source: str


def spectral_norm(weight: Tensor) -> Tensor:
    """The largest singular value of a matrix (n_out, n_in), a scalar: how much longer it can make a vector.

    From the eigenvalues of the smaller of W Wᵀ and WᵀW: exact, where power iteration would need memory between steps.
    """
    wide = weight if weight.shape[0] <= weight.shape[1] else weight.mT
    return torch.linalg.eigvalsh(wide @ wide.mT)[-1].clamp_min(0).sqrt()


def slope_bound(discriminator: MLP) -> float:
    """What the slope of D can nowhere exceed, in units of the networks: the product of the spectral norms."""
    return float(torch.stack([spectral_norm(weight) for weight, _ in discriminator.layers]).prod())


def limit_spectral_norms(discriminator: MLP, limit: float) -> None:
    """Divide every weight matrix by what its spectral norm exceeds the limit by.

    Miyato et al. (2018) divide by the whole norm, and inside the forward pass, so that it is always 1; a projection after
    the step, as here, leaves smaller weights alone (Gouk et al., 2021).
    """
    for weight, _ in discriminator.layers:
        weight.div_((spectral_norm(weight) / limit).clamp_min(1))


CONSTRAINTS: dict[str, Constraint] = {
    constraint.limit: constraint
    for constraint in (
        Constraint("weight_clip", lambda d, limit: d.flat.clamp_(-limit, limit),
                   "Arjovsky et al. (2017), Wasserstein GAN, algorithm 1"),
        Constraint("spectral_limit", limit_spectral_norms,
                   "Miyato et al. (2018), Spectral Normalization; Gouk et al. (2021), Regularisation of Neural Networks by "
                   "Enforcing Lipschitz Continuity"),
    )
}  # fmt: skip


def constrain(discriminator: Network, config: TrainConfig) -> None:
    """Put D's weights back into the limits that are on; the settings of images have none.

    Raises:
        ValueError: a limit is on, and D is no `MLP`.
    """
    for name, constraint in CONSTRAINTS.items():
        if (limit := getattr(config, name)) and config.kind in SETTINGS[name].kinds:
            if not isinstance(discriminator, MLP):
                raise ValueError(f"{name} = {limit:g} is for discriminators of plain layers; choose 0 for this one")
            constraint.shrink(discriminator, limit)
