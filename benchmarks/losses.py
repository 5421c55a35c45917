"""What the losses and limits after 2014 gain on the ring of eight, over five seeds: the JSD at the end, nats.

    python -m benchmarks.losses [row ...]

Two settings: the textbook's, which mostly works, and a D that is far too strong. The seeds of a row are trained together.
"""

import argparse
from typing import Any

import numpy as np
import torch

from gan_core.ensemble import Ensemble
from gan_core.presets import STRONG_D, TEXTBOOK

SEEDS = (1, 2, 3, 4, 5)
R3 = {"loss": "relativistic", "r1_gamma": 0.1, "r2_gamma": 0.1}
CLIPPED: dict[str, Any] = {"loss": "wasserstein_gp", "gp_weight": 0.0, "weight_clip": 0.1}
ROWS = {
    "textbook": (TEXTBOOK, 2500),
    "textbook, pairs": (TEXTBOOK.replace(loss="relativistic"), 2500),
    "textbook, R1 + R2": (TEXTBOOK.replace(r1_gamma=0.1, r2_gamma=0.1), 2500),
    "textbook, pairs + R1 + R2": (TEXTBOOK.replace(**R3), 2500),
    "strong D": (STRONG_D, 1500),
    "strong D, pairs": (STRONG_D.replace(loss="relativistic"), 1500),
    "strong D, spectral norms ≤ 1": (STRONG_D.replace(spectral_limit=1.0), 1500),
    "strong D, spectral norms ≤ 2": (STRONG_D.replace(spectral_limit=2.0), 1500),
    "strong D, Wasserstein clipped at 0.1": (STRONG_D.replace(**CLIPPED), 1500),
    "strong D, Wasserstein + penalty": (STRONG_D.replace(loss="wasserstein_gp"), 1500),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", default=list(ROWS))
    torch.set_num_threads(1)
    print("| setting | JSD, seeds 1 to 5 | median | modes |\n|---|---|---|---|")
    for name in parser.parse_args().rows:
        config, steps = ROWS[name]
        ensemble = Ensemble([config.replace(seed=seed) for seed in SEEDS])
        for _ in range(steps):
            ensemble.step()
        found = [member.evaluate() for member in ensemble.members]
        jsd = [e.jsd for e in found]
        modes = ", ".join(str(e.modes) for e in found)
        print(f"| {name} | {', '.join(f'{v:.2f}' for v in jsd)} | {np.median(jsd):.2f} | {modes} |", flush=True)


if __name__ == "__main__":
    main()
