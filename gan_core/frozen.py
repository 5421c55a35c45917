"""G stands still and D trains: what the theorem assumes at every step of G, and how long it takes."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from gan_core import gaussians, threads, verdicts
from gan_core.metrics import Evaluation1D
from gan_core.training import GANTrainer, TrainConfig

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
    return [trainer.evaluate() for _ in _train(trainer, at)]


def _train(trainer: GANTrainer, at: Sequence[int]) -> Iterator[int]:
    """Train D alone; stop after each of these numbers of steps."""
    done = 0
    for steps in at:
        for _ in range(steps - done):
            trainer.step_discriminator()
        done = steps
        yield done


def train_against_shift(theta: float, at: Sequence[int], config: TrainConfig = POLICE) -> list[verdicts.Judgement]:
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

    trainer.generator = moved
    x = torch.from_numpy(mean + scale * gaussians.CENTRES[:, None]).float()
    return [verdicts.judge(theta, 1.0, trainer.judge(x)[:, 0].double().numpy()) for _ in _train(trainer, at)]
