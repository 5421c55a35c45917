"""Short trainings for the lessons: of D alone against a G that stands still, and whole ones with their curves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan_core import networks, threads
from gan_core.config import TrainConfig
from gan_core.lessons import bells, the_game
from gan_core.line_evaluation import Evaluation1D
from gan_core.networks import Map
from gan_core.training import GANTrainer

# D from the live pages against an untrained G that starts spread over the data
POLICE = TrainConfig(
    target="two_modes", wide_start=True, seed=1, batch_size=128, lr_d=2e-3, lr_decay_steps=0, ema_decay=0.0
)


def train_discriminator(config: TrainConfig, at: Sequence[int]) -> list[Evaluation1D]:
    """Train D alone, by the trainer's own steps, against the G that the config starts with.

    Args:
        config: with a 1D target. at: numbers of D steps, increasing.
    Returns:
        The measurements after each of these numbers of steps.
    """
    threads.use_one()
    trainer = GANTrainer(config)
    return [trainer.evaluate() for _ in train_alone(trainer, at)]


def train_alone(trainer: GANTrainer, at: Sequence[int], fakes: Map | None = None) -> Iterator[int]:
    """Train D alone, on G or on other fakes; stop after each of these numbers of steps."""
    done = 0
    for steps in at:
        for _ in range(steps - done):
            trainer.step_discriminator(fakes)
        done = steps
        yield done


def train_against_shift(theta: float, at: Sequence[int], config: TrainConfig = POLICE) -> list[the_game.Judgement]:
    """Train D alone on samples of N(0, 1) and fakes from N(theta, 1), and judge it exactly.

    The trainer's target is one bell of another place and width; G is that bell, moved by theta standard deviations. V
    and JSD do not depend on the units of x.

    Args:
        theta: shift of the fakes. at: numbers of D steps, increasing. config: of D; its target is not used.
    Returns:
        V, the best V, what D proves and the JSD after each of these numbers of steps.
    """
    threads.use_one()
    trainer = GANTrainer(config.replace(target="gaussian"))
    mean, scale = float(trainer.target.modes[0, 0]), float(trainer.target.mode_scale)

    def moved(z: Tensor) -> Tensor:
        return mean + scale * (theta + z)

    x = torch.from_numpy(mean + scale * bells.CENTRES[:, None]).float()
    return [
        the_game.judge(theta, 1.0, trainer.judge(x)[:, 0].double().numpy()) for _ in train_alone(trainer, at, moved)
    ]


Curves = dict[str, NDArray[np.float64]]

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

    def step(self, network: networks.Network, lr: float) -> None:
        """Move `network.flat` against `network.gradient`."""
        network.flat.sub_(lr * network.gradient)


def history_of(config: TrainConfig, steps: int, *, plain: bool = False, stride: int = 10) -> Curves:
    """The curves of one training; see `GANTrainer.history`.

    Args:
        steps: of G. plain: whether G descends plainly instead of by Adam. stride: steps between two rows.
    """
    threads.use_one()
    trainer = GANTrainer(config)
    trainer.history.stride = stride
    if plain:
        trainer.g_optimizer = PlainDescent()
    for _ in range(steps):
        trainer.step()
    return trainer.history.arrays()


def late_mean(history: Curves, column: str) -> float:
    """Mean of a column over the second half of the steps."""
    late = history["step"] >= history["step"][-1] / 2
    return float(history[column][late].mean())
