"""Short whole trainings for the lessons: their curves, with Adam or with plain gradient descent for G."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from gan_core import networks, threads
from gan_core.training import GANTrainer, TrainConfig

History = dict[str, NDArray[np.float64]]

# many D steps per G step, on few neurons; constant learning rates; the G that is measured is the one that D sees
D_STEPS = TrainConfig(target="two_modes", seed=2, batch_size=128, lr_decay_steps=0, ema_decay=0.0)

# Adam and networks as most tutorials have them, and a D that learns a hundred times faster than G
TWIN = TrainConfig(
    target="gaussian", seed=2, width=32, g_activation="relu", d_activation="leaky_relu", spread_start=False,
    batch_size=128, lr_g=1e-4, lr_d=1e-2, beta1=0.5, beta2=0.999, d_steps=3, lr_decay_steps=0, ema_decay=0.0,
)  # fmt: skip
PLAIN_RATE = 1e-3  # of G in the twins without Adam


@dataclass
class PlainDescent:
    """Gradient descent as in a textbook: the step is the learning rate times the gradient, small where it is small."""

    tensors: list[Tensor] = field(default_factory=list)  # it remembers nothing

    def step(self, network: networks.MLP, lr: float) -> None:
        """Move `network.flat` against `network.gradient`."""
        network.flat.sub_(lr * network.gradient)


def history_of(config: TrainConfig, steps: int, *, plain: bool = False, stride: int = 10) -> History:
    """The curves of one training; see `GANTrainer.HISTORY_COLUMNS`.

    Args:
        steps: of G. plain: whether G descends plainly instead of by Adam. stride: steps between two rows.
    """
    threads.use_one()
    trainer = GANTrainer(config)
    trainer.history.stride = stride
    if plain:
        trainer._g_optimizer = PlainDescent()
    for _ in range(steps):
        trainer.step()
    return trainer.history.arrays()


def late_mean(history: History, column: str) -> float:
    """Mean of a column over the second half of the steps."""
    late = history["step"] >= history["step"][-1] / 2
    return float(history[column][late].mean())
