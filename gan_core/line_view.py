"""What a 1D GAN looks like at one moment: the curves that its evaluation has measured, and samples."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gan_core.game import Game
from gan_core.keeping import KEPT_ONCE
from gan_core.line_evaluation import Evaluation1D
from gan_core.own_targets import lookup

Array = NDArray[np.float64]

N_SHOWN = 300  # samples in a picture
N_LATENT = 401  # points of the map
LATENT_WINDOW = {"normal": 3.5, "uniform": 1.0}  # |z_1| up to here is drawn


@dataclass(frozen=True)
class LineView:
    """Densities, D and the map of the latent.

    Attributes:
        x: (B,) cell centres. p_data, p_g: (B,) densities on the cells; p_opponent: that of the G that D plays against.
        d, d_star: (B,) D(x) and the best answer, see `line_evaluation.Evaluation1D`.
        z, g_of_z: (401,) the map of the latent, evenly spaced; along z_1 with the other coordinates 0 if z has several.
        real, samples: (300, 1) fixed samples of p_data, and samples of G from fixed latents.
        axes: name of the coordinate.
    """

    x: Array = field(metadata=KEPT_ONCE)
    p_data: Array = field(metadata=KEPT_ONCE)
    p_g: Array
    p_opponent: Array
    d: Array
    d_star: Array
    z: Array = field(metadata=KEPT_ONCE)
    g_of_z: Array
    real: NDArray[np.float32] = field(metadata=KEPT_ONCE)
    samples: NDArray[np.float32]
    axes: tuple[str, ...] = field(default=("x",), metadata=KEPT_ONCE)


def view_line(game: Game, evaluation: Evaluation1D, real: NDArray[np.float32]) -> LineView:
    """Look at a GAN with a 1D target.

    Args:
        evaluation: of this moment. real: (n, 1) fixed samples of p_data.
    """
    e = evaluation
    samples = game.generate(game.fixed_latents(N_SHOWN)).numpy()
    end, axes = LATENT_WINDOW[game.config.latent], lookup(game.config.target).axes
    z = np.linspace(-end, end, N_LATENT)
    g_of_z = np.interp(z, e.z, e.g_of_z)
    return LineView(e.x, e.p_data, e.p_g, e.p_opponent, e.d, e.d_star, z, g_of_z, real[:N_SHOWN], samples, axes)
