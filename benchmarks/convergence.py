"""How close every preset comes to its target: random initialisation, five seeds.

    python -m benchmarks.convergence [preset ...] [--seeds 5]

Trains with the page's own trainer. Prints the JSD in nats (exact push-forward, no sampling), D's mean opinion on
data and fakes, the modes found, and the first step at which the JSD was at most 0.02.
"""

import argparse
import statistics
import time

import torch

from gan_core import PRESETS, GANTrainer
from gan_core.presets import Preset


def train(preset: Preset, seed: int) -> dict[str, float]:
    """One run of a preset; the figures at its end."""
    trainer = GANTrainer(preset.config.replace(seed=seed))
    start, near = time.process_time(), None
    for _ in range(preset.steps):
        record = trainer.step()
        if near is None and record.step % 20 == 0 and trainer.history.arrays()["jsd"][-1] <= 0.02:
            near = record.step
    e = trainer.evaluate()
    return {
        "jsd": e.jsd, "d_real": e.d_real, "d_fake": e.d_fake, "modes": sum(e.covered), "near": near or float("nan"),
        "seconds": time.process_time() - start,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("presets", nargs="*", default=[], help=f"among {', '.join(PRESETS)}; default all")
    parser.add_argument("--seeds", type=int, default=5)
    args = parser.parse_args()
    torch.set_num_threads(1)
    print("| preset | steps | JSD median | JSD worst | max abs(D(real) - 1/2) | max abs(D(fake) - 1/2) | modes, worst | "
          "JSD <= 0.02 at step, median | CPU s |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|---|")
    for key in args.presets or PRESETS:
        preset = PRESETS[key]
        runs = [train(preset, seed) for seed in range(1, args.seeds + 1)]
        column = {name: [r[name] for r in runs] for name in runs[0]}
        near = statistics.median(column["near"])
        print(
            f"| {key} | {preset.steps} | {statistics.median(column['jsd']):.4f} | {max(column['jsd']):.4f} "
            f"| {max(abs(d - 0.5) for d in column['d_real']):.3f} | {max(abs(d - 0.5) for d in column['d_fake']):.3f} "
            f"| {min(column['modes'])} | {near:.0f} | {statistics.median(column['seconds']):.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
