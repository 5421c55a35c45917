"""How close every converging preset comes to its target: random initialisation, five seeds.

    python -m benchmarks.convergence [preset ...] [--seeds 5] [--jobs 1]

Trains with the page's own trainer. JSD in nats, in 1D from the exact push-forward, in 2D de-biased from 20,000 fakes.
2D presets also get the figures of the published tables: on 2,500 samples the modes with at least one sample within
3 sigma, the share of samples within 3 sigma, and the KL of the mode histogram to the true weights. The four data sets
of GAN Lab get the plain JSD on 30 x 30 cells of [0, 1]^2 and one cell for the rest, as GAN Lab was measured.
"""

import argparse
import multiprocessing
import statistics
import time

import numpy as np
import torch

from gan_core import PRESETS, GANTrainer
from gan_core.divergences import grid_histogram, js_divergence, with_rest
from gan_core.plane_evaluation import mode_scores

GAN_LAB = ("two_blobs", "annulus", "line", "disjoint")
_UNIT_SQUARE = ((0.0, 1.0), (0.0, 1.0))


def train(key: str, seed: int) -> dict[str, float]:
    """One run of a preset; the figures at its end."""
    torch.set_num_threads(1)
    preset = PRESETS[key]
    trainer = GANTrainer(preset.config.replace(seed=seed))
    start, near = time.process_time(), None
    for _ in range(preset.steps):
        record = trainer.step()
        if near is None and trainer.history.wants(record.step) and trainer.history.arrays()["jsd"][-1] <= 0.02:
            near = record.step
    e, target = trainer.evaluate(), trainer.target
    figures = {
        "jsd": e.jsd, "d_real": e.d_real, "d_fake": e.d_fake, "modes": e.modes, "near": near or float("nan"),
        "high_quality": e.high_quality, "seconds": time.process_time() - start,
    }  # fmt: skip
    if target.separated:
        z = torch.randn(2500, trainer.config.latent_dim, generator=torch.Generator().manual_seed(seed))
        scores = mode_scores(trainer.generate(z).numpy(), target)
        figures |= {f"published_{name}": value for name, value in vars(scores).items()}
    if target.key in GAN_LAB:
        p = target.grid_mass(*(np.linspace(*b, 31) for b in _UNIT_SQUARE))
        q = grid_histogram(e.samples, _UNIT_SQUARE, 30)
        figures["gan_lab"] = js_divergence(with_rest(p), with_rest(q))
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    converging = [k for k, p in PRESETS.items() if p.kind == "converges"]
    parser.add_argument("presets", nargs="*", default=converging, help=f"among {', '.join(PRESETS)}")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=1, help="runs side by side")
    args = parser.parse_args()
    print("| preset | steps | JSD median | JSD worst | max abs(D - 1/2) | modes median | modes worst | "
          "within 3 sigma median | JSD <= 0.02 at step, median | 2,500 samples: modes, within 3 sigma, KL | "
          "GAN Lab's grid: JSD worst | CPU s |")  # fmt: skip
    print("|" + "---|" * 12)
    with multiprocessing.get_context("spawn").Pool(args.jobs) as pool:
        for key in args.presets:
            runs = pool.starmap(train, [(key, seed) for seed in range(1, args.seeds + 1)])
            column = {name: [r[name] for r in runs] for name in runs[0]}
            middle = {name: statistics.median(values) for name, values in column.items()}
            off = max(abs(d - 0.5) for name in ("d_real", "d_fake") for d in column[name])
            published = gan_lab = ""
            if "published_modes" in column:
                mean = [statistics.mean(v) for n, v in column.items() if n.startswith("published")]
                published = "{:.1f}, {:.3f}, {:.3f}".format(*mean)
            if "gan_lab" in column:
                gan_lab = f"{max(column['gan_lab']):.3f}"
            print(
                f"| {key} | {PRESETS[key].steps} | {middle['jsd']:.4f} | {max(column['jsd']):.4f} | {off:.3f} "
                f"| {middle['modes']:g} | {min(column['modes'])} | {middle['high_quality']:.3f} | {middle['near']:.0f} "
                f"| {published} | {gan_lab} | {middle['seconds']:.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
