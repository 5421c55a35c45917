"""What a 1D GAN looks like at one moment: the curves that its evaluation has measured, and samples."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gan_core.evaluation import Evaluation1D
from gan_core.game import Game
from gan_core.own_targets import lookup

Array = NDArray[np.float64]

N_SHOWN = 300  # samples in a picture


@dataclass(frozen=True)
class LineView:
    """Densities, D and the map of the latent.

    Attributes:
        x: (B,) cell centres. p_data, p_g: (B,) densities on the cells.
        d: (B,) D(x), a probability, or a raw score where the loss has no probability.
        d_star: (B,) p_data/(p_data+p_g), nan where both vanish.
        z, g_of_z: (m,) the map of the latent; along z_1 with the other coordinates 0 if z has several.
        real, samples: (300, 1) fixed samples of p_data, and samples of G from fixed latents.
        axes: name of the coordinate.
    """

    x: Array
    p_data: Array
    p_g: Array
    d: Array
    d_star: Array
    z: Array
    g_of_z: Array
    real: NDArray[np.float32]
    samples: NDArray[np.float32]
    axes: tuple[str, ...] = ("x",)


def view_line(game: Game, evaluation: Evaluation1D, real: NDArray[np.float32]) -> LineView:
    """Look at a GAN with a 1D target.

    Args:
        evaluation: of this moment. real: (n, 1) fixed samples of p_data.
    """
    e = evaluation
    samples = game.generate(game.fixed_latents(N_SHOWN)).numpy()
    axes = lookup(game.config.target).axes
    return LineView(e.x, e.p_data, e.p_g, e.d, e.d_star, e.z, e.g_of_z, real[:N_SHOWN], samples, axes)
