"""Generators and discriminators to measure whose numbers are known in advance."""

import torch

from gan_core.distributions import DISTRIBUTIONS
from gan_core.line_evaluation import Evaluator1D
from gan_core.losses import LOSSES

PROBABLE = [key for key, loss in LOSSES.items() if loss.output != "score"]
SCORES = [key for key, loss in LOSSES.items() if loss.output == "score"]

NON_SATURATING = LOSSES["non_saturating"]
TWO_MODES = DISTRIBUTIONS["two_modes"]


def along(function):
    """A generator (n, dim of z) -> (n, 1) that applies a NumPy function to the first latent."""
    return lambda z: torch.from_numpy(function(z[:, 0].double().numpy())).float()[:, None]


def undecided(x):
    """D with logit 0 everywhere."""
    return torch.zeros(len(x), 1)


def measure(target=TWO_MODES, generator=lambda z: z, discriminator=undecided, loss=NON_SATURATING, **latent):
    """`target` may be a key or a distribution."""
    target = DISTRIBUTIONS.get(target, target)
    evaluator = Evaluator1D(target, latent.get("latent", "normal"), latent.get("latent_dim", 1))
    return evaluator(generator, discriminator, loss)
