"""What D's opinion is worth to G: the slope of G's loss at every fake, and in all of G's weights."""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan_core.game import Game
from gan_core.losses import NON_SATURATING, SATURATING

# columns of a history: norms of G's gradient under both losses, as functions of the logit of one fake
GRADIENTS = {"grad_minimax": SATURATING.fake, "grad_non_saturating": NON_SATURATING.fake}


def arrows(game: Game, z: Tensor) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Where each fake of the G that D plays against should go: G(z) and -dL_G/dx at it for its own sample, both (n, dim), in units of the data.

    Without dropout and noise. Its length is honest: where the selected loss is flat, so is the arrow.
    """
    problem, x = game.problem, game.generator(z)
    logits, tape = game.discriminator.record(x.repeat(1, problem.packing), dropout=False)
    real_logits = game.judge(problem.real_samples(len(x))) if game.loss.paired else None
    by_fake = game.loss.g(real_logits, logits).by_fake * len(x)
    by_x = game.discriminator.backward(tape, by_fake, weights=False, inputs=True)
    by_x = by_x.view(len(x), problem.packing, -1).sum(1)
    return problem.to_data(x).numpy(), problem.slope_to_data(-by_x).numpy()


def gradient_norms(game: Game) -> dict[str, float]:
    """Norm of G's gradient under the saturating and the non-saturating loss, with D as it is, on fixed latents.

    What D's present opinion is worth to G. nan where D has no probabilities.
    """
    if game.loss.output != "logit":
        return dict.fromkeys(GRADIENTS, math.nan)
    generator, discriminator, packing = game.generator, game.discriminator, game.problem.packing
    fake, g_tape = generator.record(game.fixed_latents(256 - 256 % packing))
    logits, d_tape = discriminator.record(fake.view(-1, fake.shape[1] * packing), dropout=False)
    by_x = discriminator.backward(d_tape, torch.ones_like(logits), weights=False, inputs=True)
    norms = {}
    for column, loss in GRADIENTS.items():
        by_logit = loss.slope(logits, 0.0) / len(logits)
        generator.backward(g_tape, (by_logit * by_x).view_as(fake))
        norms[column] = generator.gradient.norm().item()
    return norms
