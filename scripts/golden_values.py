"""Pins "same link, same training, bit for bit": losses and weights of short trainings, for `tests/test_golden.py`.

Usage: python -m scripts.golden_values

Writes tests/golden.json. Make it again only when a change of the training is meant; then raise the version of links
and say so in the CHANGELOG, because it breaks the promise to everyone who has kept a link.
"""

import hashlib
import json
import platform
from pathlib import Path

import numpy as np
import torch

from gan_core import TrainConfig
from gan_core.training import GANTrainer

FILE = Path(__file__).parents[1] / "tests" / "golden.json"
STEPS = 20

# the parameters of a link without a version -> what it has always trained
CASES: dict[str, dict[str, str]] = {
    "line": {},
    "line_minimax_decay": {"loss": "minimax", "target": "three_modes", "lr_decay_steps": "15", "seed": "7"},
    "line_least_squares_smoothing": {"loss": "least_squares", "label_smoothing": "0.2", "target": "skewed"},
    "line_hinge_r1": {"loss": "hinge", "r1_gamma": "0.3", "target": "heavy_tail", "d_activation": "elu"},
    "line_wasserstein": {"loss": "wasserstein_gp", "gp_weight": "1.0", "target": "comb", "d_steps": "3"},
    "line_dropout_noise": {"dropout": "0.3", "instance_noise": "0.5", "seed": "11"},
    "line_uniform_z": {"latent": "uniform", "latent_dim": "3", "wide_start": "true", "ema_decay": "0.0"},
    "line_no_spread_relu": {"spread_start": "false", "g_activation": "relu", "width": "32", "depth": "3"},
    "line_version_2": {"v": "2"},
    "plane": {"target": "ring_8", "latent_dim": "2", "d_steps": "4", "lr_decay_steps": "6000"},
    "plane_packing": {"target": "grid_25", "latent_dim": "2", "packing": "2", "loss": "minimax"},
    "plane_packing_penalties": {
        "target": "disjoint", "latent_dim": "2", "packing": "4", "r1_gamma": "1.0", "loss": "wasserstein_gp",
        "instance_noise": "0.3",
    },
    "plane_pinwheel": {"target": "pinwheel", "latent_dim": "4", "beta1": "0.5", "beta2": "0.999", "batch_size": "256"},
    "plane_drawing": {"target": "DRAWING", "latent_dim": "2", "dropout": "0.5", "label_smoothing": "0.1"},
    "images_fast": {
        "target": "digits", "latent_dim": "32", "batch_size": "64", "dropout": "0.3", "beta1": "0.5", "beta2": "0.999",
    },
    "images_tiny_uniform_hinge": {
        "target": "digits", "architecture": "tiny", "latent_dim": "16", "latent": "uniform", "loss": "hinge",
        "batch_size": "32", "instance_noise": "0.1",
    },
    "images_dcgan_penalty": {
        "target": "digits", "architecture": "dcgan", "latent_dim": "16", "batch_size": "16", "loss": "wasserstein_gp",
        "r1_gamma": "0.1", "d_steps": "1",
    },
    "images_note_warm": {
        "target": "digits", "architecture": "note", "latent_dim": "100", "batch_size": "32", "warm_start": "early",
        "dropout": "0.5", "d_steps": "1",
    },
}  # fmt: skip


def _drawing() -> str:
    """Key of a painted target: a ring of cells."""
    from gan_core.own_targets import CELLS, from_cells

    i, j = np.mgrid[:CELLS, :CELLS] - (CELLS - 1) / 2
    radius = np.hypot(i, j)
    return from_cells((radius > 6) & (radius < 9)).key


def train(case: str) -> dict[str, object]:
    """What the training of a case leads to after 20 steps: losses, norms of all weights, and their SHA-256."""
    torch.set_num_threads(1)
    params = {k: _drawing() if v == "DRAWING" else v for k, v in CASES[case].items()}
    trainer = GANTrainer(TrainConfig.from_params(params))
    records = [trainer.step() for _ in range(STEPS)]
    weights = [trainer.generator.flat, trainer.discriminator.flat, trainer.shown_generator.flat]
    return {
        "d_loss": [r.d_loss for r in records],
        "g_loss": [r.g_loss for r in records],
        "norms": [w.double().norm().item() for w in weights],
        "sha256": hashlib.sha256(torch.cat(weights).numpy().tobytes()).hexdigest(),
    }


def build() -> dict[str, str]:
    """What the last bits depend on: the build of PyTorch, NumPy's, and the processor whose kernels they choose."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        names = [line.split(":")[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
        cpu = names[0] if names else cpu
    return {
        "torch": torch.__version__,
        "capability": torch.backends.cpu.get_cpu_capability(),
        "numpy": np.__version__,
        "cpu": cpu,
    }


if __name__ == "__main__":
    found = {"build": build(), "steps": STEPS, "cases": {case: train(case) for case in CASES}}
    FILE.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    print(f"{len(CASES)} trainings of {STEPS} steps pinned in {FILE}")
