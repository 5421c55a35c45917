"""What a diagnosis of a GAN on images is made of."""

import math

import numpy as np

from gan_core.diagnosis import Facts
from gan_core.facts import History, heard, late
from gan_core.game import Game
from gan_core.images.metrics import ImageEvaluation
from gan_core.messages import Message
from gan_core.trend import trend

GOOD, VERY_GOOD, APART = 30.0, 8.0, 60.0  # Fréchet distances: readable digits, good ones, hardly any
UNSURE = 0.75  # mean confidence below which the shapes are no digits yet
EVEN = 0.01  # class JSD, nats, at which nobody sees a difference in the shares
ALIKE = (
    0.3  # spread of a pixel among the fakes, of that among real images; among those of one digit it is 0.65 and more
)
SWING = 10.0  # of the Fréchet distance


def image_facts(game: Game, evaluation: ImageEvaluation, history: History) -> Facts:
    """Of a GAN on images of digits.

    Args:
        evaluation: of now, or of a moment ago. history: see `GANTrainer.history`.
    """
    e, total = evaluation, np.count_nonzero(evaluation.true_shares)
    proven = math.nan if math.isnan(e.proven) or e.proven > 2 * e.proven_error else 0.0  # of how much nobody knows
    return Facts(
        step=game.step_count, config=game.config, apart=e.frechet,
        distance=Message("Fréchet distance {frechet:.0f}", frechet=e.frechet),
        motion=trend(history["step"], history["frechet"]), swing=SWING, far=APART, close=GOOD,
        modes=int(total), missing=int(total - e.modes), parts=Message("digits"),
        d_real=e.d_real, d_fake=e.d_fake, proven=proven, spread=e.spread, alike=ALIKE,
        heard=heard(game.loss, e.d_fake, history), d_loss=late(history, "d_loss"), g_loss=late(history, "g_loss"),
        confidence=e.confidence, unsure=UNSURE, floor=e.frechet_floor,
        even=e.frechet <= VERY_GOOD and e.class_jsd <= EVEN,
    )  # fmt: skip
