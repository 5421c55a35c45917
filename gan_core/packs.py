"""A D that judges several samples together (Lin et al., 2018, PacGAN), asked about real packs of both kinds."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gan_core import proof
from gan_core.losses import GANLoss
from gan_core.networks import Map
from gan_core.optimum import Conditions


@dataclass(frozen=True)
class Packs:
    """What D says of packs.

    Attributes:
        means: of D on real packs and on packs of fakes; nan for scores.
        bound: what D proves of the measure between the distributions of packs, and the standard error; nan if nothing.
    """

    means: tuple[float, float]
    bound: tuple[float, float]


def judge_packs(discriminator: Map, loss: GANLoss, real: Tensor, fake: Tensor, conditions: Conditions) -> Packs:
    """Ask D about samples that it was not trained on, packed as it is used to.

    Args:
        discriminator: packs (n, packing * dim) -> raw outputs (n, 1). real, fake: (n, dim), in the same units.
    """
    size = conditions.packing
    n = len(real) - len(real) % size

    def outputs(x: Tensor) -> tuple[np.ndarray, float]:
        raw = torch.cat([discriminator(b) for b in x[:n].reshape(n // size, -1).split(1024)])[:, 0].double()
        d = loss.probability(raw)
        return (raw if d is None else d).numpy(), np.nan if d is None else float(d.mean())

    (on_real, d_real), (on_fake, d_fake) = outputs(real), outputs(fake)
    bound = (np.nan, np.nan)
    if loss.proves in proof.PROOFS:
        bound = proof.PROOFS[loss.proves].on_samples(on_real, on_fake, conditions.smoothing)
    return Packs((d_real, d_fake), bound)
