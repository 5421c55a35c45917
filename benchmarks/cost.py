"""What the longest turn of a training costs, measured, against the estimate that refuses experiments.

    python -m benchmarks.cost

Prints the constants of `gan_core.cost` that fit best on this machine, and per experiment CPU seconds and megabytes
beside the estimate. A turn is what a server cannot interrupt: a step that draws its batches anew, a measurement, a
picture. Memory is the growth of the process at its peak, each in a process of its own.
"""

import multiprocessing
import resource
import time

import numpy as np
import torch
from scipy.optimize import nnls

from gan_core import GANTrainer, TrainConfig, cost

PLANE, LINE, IMAGES = {"target": "ring_8", "latent_dim": 2}, {"target": "two_modes"}, {"target": "digits"}
EXPERIMENTS = [
    LINE,
    LINE | {"width": 256, "depth": 4},
    LINE | {"width": 512, "depth": 6, "latent_dim": 8},
    PLANE,
    PLANE | {"batch_size": 4096},
    PLANE | {"batch_size": 8192, "width": 16, "depth": 6},
    PLANE | {"width": 256},
    PLANE | {"width": 512, "depth": 6},
    PLANE | {"width": 256, "depth": 4, "batch_size": 1024},
    PLANE | {"latent_dim": 128, "batch_size": 2048},
    PLANE | {"target": "moons", "d_steps": 20, "batch_size": 1024},
    PLANE | {"width": 256, "batch_size": 1024, "r1_gamma": 1.0},
    PLANE | {"width": 128, "batch_size": 1024, "depth": 4, "loss": "wasserstein_gp", "r1_gamma": 1.0},
    PLANE | {"width": 256, "batch_size": 1024, "dropout": 0.5},
    PLANE | {"width": 256, "batch_size": 2048, "packing": 8},
    PLANE | {"width": 128, "batch_size": 4096, "d_activation": "tanh"},
    IMAGES | {"architecture": "fast", "batch_size": 64, "latent_dim": 32, "dropout": 0.3},
    IMAGES | {"architecture": "note", "batch_size": 128, "latent_dim": 100, "dropout": 0.5},
    IMAGES | {"architecture": "note", "batch_size": 1024, "d_steps": 5},
    IMAGES | {"architecture": "dcgan", "batch_size": 64, "latent_dim": 32},
    IMAGES | {"architecture": "dcgan", "batch_size": 512, "r1_gamma": 1.0},
]


def turn(config: TrainConfig) -> tuple[float, float]:
    """CPU seconds of the longest turn, and the megabytes by which the process grows with its training."""
    torch.set_num_threads(1)
    small = config.replace(batch_size=8, packing=1, width=2, depth=1, architecture="tiny")
    GANTrainer(small).step()  # what all trainings share
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    trainer = GANTrainer(config)
    start = time.thread_time()
    trainer.step()
    trainer.view(trainer.evaluate())
    seconds = time.thread_time() - start
    trainer.step()
    return seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def main() -> None:
    configs = [TrainConfig(**fields) for fields in EXPERIMENTS]
    with multiprocessing.get_context("fork").Pool(1, maxtasksperchild=1) as pool:
        measured = pool.map(turn, configs, chunksize=1)
    seconds = np.array([s for s, _ in measured])
    visits = np.array([cost.visits(c) for c in configs])
    weights = 1 / seconds[:, None]  # a turn of a millisecond counts as much as one of a second
    fitted = nnls(np.column_stack([visits, np.ones(len(configs))]) * weights, np.ones(len(configs)))[0]
    names = ("SECONDS_PER_MULTIPLY_ADD", "SECONDS_PER_UNIT", "SECONDS_PER_DRAW", "SECONDS_AT_LEAST")
    print("the constants that fit best here, and those in use:")
    for name, value in zip(names, fitted, strict=True):
        print(f"  {name:26} {value:8.1e} {getattr(cost, name):8.1e}")
    print(f"\n{'seconds':>8} {'estimate':>9} {'ratio':>6} {'MB':>7} {'estimate':>9}")
    for fields, config, (took, grown) in zip(EXPERIMENTS, configs, measured, strict=True):
        expected = cost.estimate(config)
        print(f"{took:8.3f} {expected.seconds:9.3f} {expected.seconds / took:6.2f} {grown:7.0f} "
              f"{expected.megabytes:9.0f}  {fields}")  # fmt: skip


if __name__ == "__main__":
    main()
