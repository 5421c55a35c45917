"""Score real images, k-means centroids and a generator by a Parzen window; write gan_core/images/weights/parzen.json.

    MNIST_DIR=... python -m scripts.parzen [--generator late]

Windows around real training images are what a perfect generator would score. The centroids are blurry averages and no
model at all, and score higher. A generator is a stage of the note's network, see `gan_core.images.warm_starts`. What the
file holds of other models stays. The width is chosen on the last 1,000 training images, which no model here but the
generator has seen; all are scored on the 10,000 test images. One minute on one core.
"""

import argparse
import dataclasses
import json
import time

import numpy as np
import torch
from numpy.typing import NDArray

from gan_core import threads
from gan_core.images import data as image_data
from gan_core.images import parzen

N = 10_000
N_VALIDATION = 1000
N_CENTROIDS = 1000
PUBLISHED = {
    "DBN": (138.0, 2.0),
    "Stacked CAE": (121.0, 1.6),
    "Deep GSN": (214.0, 1.1),
    "Adversarial nets": (225.0, 2.0),
}
SOURCE = "Goodfellow et al. (2014), Generative Adversarial Nets, Table 1"

Images = NDArray[np.float64]


def centroids(train: Images) -> Images:
    """1,000 k-means centroids of images (n, 784), by 15 rounds of Lloyd's algorithm from random images."""
    x = torch.from_numpy(train).float()
    centers = x[torch.randperm(len(x), generator=torch.Generator().manual_seed(0))[:N_CENTROIDS]]
    for _ in range(15):
        near = torch.cat([(centers.square().sum(1) - 2 * block @ centers.T).argmin(1) for block in x.split(2000)])
        counts = near.bincount(minlength=N_CENTROIDS)[:, None]
        sums = torch.zeros_like(centers).index_add_(0, near, x)
        centers = torch.where(counts > 0, sums / counts.clamp_min(1), centers)
    return centers.double().numpy()


@torch.no_grad()
def note_samples(stage: str) -> Images:
    """10,000 images of the note's network at a stage, (10000, 784), pixels in [0, 1]."""
    from gan_core.images import networks as image_networks
    from gan_core.images import warm_starts
    from gan_core.latents import draw_latents

    module = image_networks.ARCHITECTURES[warm_starts.ARCHITECTURE].generator(warm_starts.LATENT_DIM)
    generator = image_networks.ModuleNetwork(module, torch.Generator())
    generator.flat.copy_(warm_starts.load(stage).generator)
    rng = torch.Generator().manual_seed(0)
    latents = draw_latents(warm_starts.LATENT, N, warm_starts.LATENT_DIM, rng)
    x = torch.cat([generator(z) for z in latents.split(250)])
    return ((x.double() + 1) / 2).numpy()


def main() -> None:
    """Score, print, and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--generator", help="a stage of the note's network, e.g. late")
    arguments = parser.parse_args()
    threads.use_one()
    train, test = (pixels.numpy() / 255 for pixels in image_data.load("mnist").pixels(28))
    train, validation = train[:-N_VALIDATION], train[-N_VALIDATION:]
    models = {f"real_{n}": lambda n=n: train[:n] for n in (1000, 2000, N)} | {"k_means": lambda: centroids(train)}
    if arguments.generator:
        models[f"note_{arguments.generator}"] = lambda: note_samples(arguments.generator)
    measured = parzen.load()["measured"] if parzen.FILE.exists() else {}
    for name, samples in models.items():
        start = time.process_time()
        found = parzen.score(samples(), validation, test)
        measured[name] = {key: round(value, 4) for key, value in dataclasses.asdict(found).items()}
        print(
            f"{name:10} n = {found.n:6,}  {found.log_likelihood:6.1f} ± {found.standard_error:.1f} nats, "
            f"sigma {found.sigma:.3f}, {time.process_time() - start:.0f} s",
            flush=True,
        )
    published = {name: {"log_likelihood": mean, "standard_error": error} for name, (mean, error) in PUBLISHED.items()}
    table = {"measured": measured, "published": published, "source": SOURCE}
    parzen.FILE.write_text(json.dumps(table, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
