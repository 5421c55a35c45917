"""A small denoising diffusion model in the plane, with as many weights as a GAN's G and D together.

Noise is added to a sample in `N_TIMES` small steps until nothing of it is left, and a network learns to say which noise
was added (Ho et al., 2020, algorithm 1). Sampling starts from noise and takes it off again, in as many passes through
the network as one can afford (Song et al., 2021, Denoising Diffusion Implicit Models, eq. 12).
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan_core import threads
from gan_core.distributions import Distribution
from gan_core.networks import MLP
from gan_core.optimizers import Adam

N_TIMES = 1000  # steps of noise; Ho et al. (2020), section 4
_BETA = (1e-4, 0.02)  # variance that the first and the last step add; the same section
_OCTAVES = 8  # of the time's sines and cosines
SIZES = [2 + 2 * _OCTAVES, 84, 84, 2]  # 8,906 weights; G and D of the ring's preset have 8,899


def kept_signal() -> Tensor:
    """alpha-bar, (N_TIMES + 1,): the share of the variance that is still the sample at time t; 1 at t = 0 (eq. 4)."""
    beta = torch.linspace(*_BETA, N_TIMES, dtype=torch.float64)
    return torch.cat([torch.ones(1, dtype=torch.float64), (1 - beta).cumprod(0)])


def with_time(x: Tensor, t: Tensor) -> Tensor:
    """The network's input (n, 18): points (n, 2), and their times, (n,) or one for all, as sines and cosines of eight
    frequencies."""
    angle = (t / N_TIMES)[..., None] * (torch.pi / 2) * 2.0 ** torch.arange(_OCTAVES, dtype=torch.float32)
    waves = torch.cat([angle.sin(), angle.cos()], -1)
    return torch.cat([x, waves.expand(len(x), -1)], 1)


@dataclass(frozen=True)
class Schedule:
    """How the training goes.

    Attributes:
        steps: batches. batch_size: samples in each. lr: of Adam, falls linearly to 1 % of itself. ema: decay of the
            running average of the weights, which is what samples are drawn with.
    """

    steps: int = 20_000
    batch_size: int = 512
    lr: float = 4e-3
    ema: float = 0.998


@dataclass(frozen=True)
class Sampler:
    """What is needed to draw samples.

    Attributes:
        network: predicts noise, (n, 18) -> (n, 2), see `with_time`.
        center, unit: (2,) of the data: the network sees (x - center) / unit.
    """

    network: MLP
    center: Tensor
    unit: Tensor

    def path(self, n: int, passes: int, seed: int) -> Iterator[NDArray[np.float32]]:
        """The points (n, 2) on their way from noise to data, at the start and after each pass, in units of the data."""
        for x in denoise(self.network, n, passes, seed):
            yield (x * self.unit + self.center).numpy()

    def sample(self, n: int, passes: int, seed: int) -> NDArray[np.float32]:
        """(n, 2) samples in units of the data."""
        *_, last = self.path(n, passes, seed)
        return last


class DiffusionModel:
    """A network that learns to predict the noise in a noisy sample of a 2D target.

    Attributes:
        network: the network in training. sampler: draws with the running average of its weights.
        step_count: batches so far. target, draws: what data are drawn from, and by which generator.
        kept: see `kept_signal`.
    """

    def __init__(self, target: Distribution, seed: int, schedule: Schedule | None = None):
        """Args: a 2D target; the seed fixes weights, batches and noise; how the training goes."""
        threads.use_one()
        self.schedule = schedule or Schedule()
        self.rng = torch.Generator().manual_seed(seed)
        self.network, averaged = new_network(self.rng), new_network(self.rng)
        averaged.flat.copy_(self.network.flat)
        center, unit = (torch.from_numpy(a).float() for a in (target.center, target.unit))
        self.sampler = Sampler(averaged, center, unit)
        self.optimizer = Adam(self.network, 0.9, 0.999)
        self.step_count = 0
        self.target, self.draws = target, np.random.default_rng(seed)
        self.kept = kept_signal().float()

    def step(self) -> float:
        """One batch: noise it, guess the noise, learn. Returns the mean squared error per coordinate, before the update.

        Ho et al. (2020), algorithm 1 and eq. 14.
        """
        s = self.schedule
        x = torch.from_numpy(self.target.sample(s.batch_size, self.draws)).float()
        x = (x - self.sampler.center) / self.sampler.unit
        t = torch.randint(1, N_TIMES + 1, (s.batch_size,), generator=self.rng)
        noise = torch.randn(s.batch_size, 2, generator=self.rng, dtype=torch.float32)
        guess, tape = self.network.record(with_time(add_noise(x, noise, self.kept[t]), t))
        error = guess - noise
        self.network.backward(tape, error * (2 / error.numel()))
        self.optimizer.step(self.network, s.lr * max(1 - self.step_count / s.steps, 0.01))
        self.step_count += 1
        decay = min(s.ema, (1 + self.step_count) / (10 + self.step_count))  # forgets fast at first, as the GAN's does
        self.sampler.network.flat.lerp_(self.network.flat, 1 - decay)
        return float(error.square().mean())


def new_network(rng: torch.Generator) -> MLP:
    """A network with random weights."""
    return MLP(SIZES, "relu", rng)


def add_noise(x: Tensor, noise: Tensor, kept: Tensor) -> Tensor:
    """sqrt(kept) x + sqrt(1 - kept) noise for points (n, 2), noise (n, 2) and kept (n,): Ho et al. (2020), eq. 4."""
    return kept.sqrt()[:, None] * x + (1 - kept).sqrt()[:, None] * noise


def times(passes: int) -> list[int]:
    """The times at which a sampler of so many passes stops, from N_TIMES down to 0; passes + 1 of them."""
    return [round(N_TIMES * (1 - k / passes)) for k in range(passes + 1)]


@torch.no_grad()
def denoise(network: Callable[[Tensor], Tensor], n: int, passes: int, seed: int) -> Iterator[Tensor]:
    """Noise (n, 2), and what is left of it after each pass through a network that predicts noise.

    Song et al. (2021), eq. 12 with sigma = 0: at every stop the noise that the network sees is taken off, which gives a
    guess of the clean sample; then the guess is made as noisy as the next stop has it, with the same noise. So a sample
    is a function of its first noise, as a GAN's is of z.

    Args:
        network: (n, 18) -> (n, 2), see `with_time`. passes: 1 to N_TIMES.
    """
    rng = torch.Generator().manual_seed(seed)
    kept = kept_signal().float()
    x = torch.randn(n, 2, generator=rng, dtype=torch.float32)
    yield x
    for now, after in itertools.pairwise(times(passes)):
        noise = network(with_time(x, torch.tensor(now, dtype=torch.float32)))
        clean = (x - (1 - kept[now]).sqrt() * noise) / kept[now].sqrt()
        x = kept[after].sqrt() * clean + (1 - kept[after]).sqrt() * noise
        yield x
