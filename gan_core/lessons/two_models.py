"""A GAN and a diffusion model of the ring of eight, side by side: shipped weights, scores, time, and both trained anew.

What is shipped is written by `python -m scripts.train_diffusion`.
"""

import functools
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from gan_core import tensor_files, threads
from gan_core.config import TrainConfig
from gan_core.distributions import DISTRIBUTIONS
from gan_core.latents import draw_latents
from gan_core.lessons import diffusion
from gan_core.lessons.estimators import Scores, scores
from gan_core.networks import MLP, Map
from gan_core.presets import PRESETS
from gan_core.training import GANTrainer

FILE = Path(__file__).parent / "weights" / "two_models.safetensors"
RING = DISTRIBUTIONS["ring_8"]
GAN: TrainConfig = PRESETS["ring_8"].config
N = 20_000  # samples behind every score
PASSES = (1, 2, 5, 10, 20, 50, 100, 200)  # of the diffusion model
USUAL = 50  # passes in the curve over training time
N_RACE = 5000  # samples behind a score of a race
_MARKS = 6  # scores of each in a race, at half of the time, a quarter, ...
_SLICE, _PAUSE = 0.02, 0.002  # seconds of training at a stretch, and of rest, in which others get their turn
TRACK = threading.Lock()  # for whoever lets visitors race: one at a time is enough for a server
_TIMED = 1000  # samples
_REPEATS = 5


@dataclass(frozen=True)
class Row:
    """One measurement of a model.

    Attributes:
        at: steps of training, or passes of sampling. seconds: CPU time of training until then.
        jsd: nats, by sigma-cells, de-biased. modes: of 8. high_quality: share within 3 sigma of a mode.
    """

    at: int
    seconds: float
    jsd: float
    modes: int
    high_quality: float


@dataclass(frozen=True)
class TwoModels:
    """Both models, trained, and what was measured of them.

    Attributes:
        generator: G, averaged, in its own units. sampler: of the diffusion model.
        gan, diffusion: over the steps of training, the latter with `USUAL` passes.
        passes: the trained diffusion model with each number of PASSES.
        parameters: trained weights: of G, of D, of the diffusion model.
    """

    generator: MLP
    sampler: diffusion.Sampler
    gan: tuple[Row, ...]
    diffusion: tuple[Row, ...]
    passes: tuple[Row, ...]
    parameters: tuple[int, int, int]


def score(samples: NDArray[np.float32]) -> Scores:
    """Of samples (n, 2), by the estimator that all pages use for the ring."""
    return scores(samples, RING)


def row(at: int, seconds: float, samples: NDArray[np.float32]) -> Row:
    """Measure samples (n, 2)."""
    found = score(samples)
    return Row(at, seconds, found.jsd, found.modes, found.high_quality)


@torch.no_grad()
def gan_samples(generator: Map, n: int, seed: int = 0) -> NDArray[np.float32]:
    """(n, 2) fakes in units of the data: one pass."""
    z = draw_latents(GAN.latent, n, GAN.latent_dim, torch.Generator().manual_seed(seed))
    center, unit = (torch.from_numpy(a).float() for a in (RING.center, RING.unit))
    return (generator(z) * unit + center).numpy()


def write(generator: MLP, sampler: diffusion.Sampler, tables: Mapping[str, Sequence[Row]]) -> None:
    """Keep what `load` reads.

    Args:
        tables: "gan", "diffusion" and "passes".
    """
    FILE.parent.mkdir(exist_ok=True)
    meta = {name: [[r.at, r.seconds, r.jsd, r.modes, r.high_quality] for r in rows] for name, rows in tables.items()}
    tensor_files.write(FILE, tensor_files.pack({"generator": generator.flat, "denoiser": sampler.network.flat}, meta))


@functools.lru_cache(maxsize=1)
def load() -> TwoModels:
    """Both models as they are shipped; the same object at every call."""
    threads.use_one()
    meta, tensors = tensor_files.unpack(tensor_files.read(FILE))
    rng = torch.Generator()
    generator = MLP([GAN.latent_dim, *[GAN.width] * GAN.depth, RING.dim], GAN.g_activation, rng)
    d = MLP([RING.dim, *[GAN.width] * GAN.depth, 1], GAN.d_activation, rng)
    denoiser = diffusion.new_network(rng)
    for name, network in (("generator", generator), ("denoiser", denoiser)):
        network.flat.copy_(tensor_files.take(tensors, name, tuple(network.flat.shape), torch.float32))
    sampler = diffusion.Sampler(denoiser, *(torch.from_numpy(a).float() for a in (RING.center, RING.unit)))
    gan, diffused, passes = (tuple(Row(*r) for r in meta[name]) for name in ("gan", "diffusion", "passes"))
    sizes = (len(generator.flat), len(d.flat), len(denoiser.flat))
    return TwoModels(generator, sampler, gan, diffused, passes, sizes)


def seconds_per_thousand(passes: int) -> tuple[float, float]:
    """Time that 1,000 samples take on this machine now: (of the GAN, of the diffusion model with so many passes).

    Wall-clock seconds, the least of five tries: others may use the machine, too.
    """
    models = load()

    def least(draw: Callable[[], object]) -> float:
        found = []
        for _ in range(_REPEATS):
            start = time.perf_counter()
            draw()
            found.append(time.perf_counter() - start)
        return min(found)

    return (
        least(lambda: gan_samples(models.generator, _TIMED)),
        least(lambda: models.sampler.sample(_TIMED, passes, 0)),
    )


def race(seconds: float, seed: int) -> Iterator[tuple[str, Row]]:
    """Train both from random weights for as long, in turns, and score them on the way.

    Args:
        seconds: of CPU time for each of the two, scores apart. seed: fixes weights and batches; how many steps fit into the
            time is up to the machine.
    Yields:
        "gan" or "diffusion", and its next Row, from 5,000 samples.
    """
    threads.use_one()
    trainer, model = GANTrainer(GAN.replace(seed=seed)), diffusion.DiffusionModel(RING, seed)
    spent = {"gan": 0.0, "diffusion": 0.0}
    for mark in seconds / 2.0 ** np.arange(_MARKS - 1, -1, -1):
        for name, step in (("gan", trainer.step), ("diffusion", model.step)):
            while spent[name] < mark:
                spent[name] += _train_a_while(step)
                time.sleep(_PAUSE)
        yield "gan", row(trainer.step_count, spent["gan"], gan_samples(trainer.averaged, N_RACE))
        yield "diffusion", row(model.step_count, spent["diffusion"], model.sampler.sample(N_RACE, USUAL, 0))


def _train_a_while(step: Callable[[], object]) -> float:
    """Call `step` for a slice of time; the seconds of CPU that it took."""
    start = time.thread_time()
    with torch.inference_mode():
        while time.thread_time() - start < _SLICE:
            step()
    return time.thread_time() - start
