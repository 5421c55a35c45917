"""Steps per CPU-second of our trainer against a textbook loop, interleaved in one process.

    python -m benchmarks.throughput

The textbook loop does the same mathematics as most tutorials write it: separate passes for real and fake samples, a
sigmoid and BCELoss, Adam with its default implementation, `.item()` on both losses every step; for images a DataLoader
that fetches and scales one image at a time. Images are measured if MNIST is on this machine.
"""

import itertools
import statistics
import time
from collections.abc import Callable

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from gan_core import DISTRIBUTIONS, PRESETS, GANTrainer, TrainConfig
from gan_core.ensemble import Ensemble
from gan_core.images import data as image_data
from gan_core.images.networks import ARCHITECTURES, Dropout
from gan_core.latents import draw_latents

ROUNDS = 11
SECONDS = 1.0
MEMBERS = 64  # of an ensemble


def textbook_step(
    generator: nn.Module, discriminator: nn.Module, draw_real: Callable[[], torch.Tensor], config: TrainConfig
) -> Callable[[], None]:
    """One step of the textbook loop as a function; the discriminator ends in a sigmoid."""
    torch_rng = torch.Generator().manual_seed(config.seed)
    betas = (config.beta1, config.beta2)
    optimizer_g = torch.optim.Adam(generator.parameters(), lr=config.lr_g, betas=betas)
    optimizer_d = torch.optim.Adam(discriminator.parameters(), lr=config.lr_d, betas=betas)
    criterion = nn.BCELoss()
    n = config.batch_size
    ones, zeros = torch.ones(n, 1), torch.zeros(n, 1)

    def step() -> None:
        real = draw_real()
        fake = generator(draw_latents(config.latent, n, config.latent_dim, torch_rng))
        optimizer_d.zero_grad()
        d_loss = criterion(discriminator(real), ones) + criterion(discriminator(fake.detach()), zeros)
        d_loss.backward()
        optimizer_d.step()
        optimizer_g.zero_grad()
        fake = generator(draw_latents(config.latent, n, config.latent_dim, torch_rng))
        g_loss = criterion(discriminator(fake), ones)
        g_loss.backward()
        optimizer_g.step()
        d_loss.item(), g_loss.item()

    return step


def textbook(config: TrainConfig) -> Callable[[], None]:
    """The textbook loop on a 1D or 2D target."""
    torch_rng = torch.Generator().manual_seed(config.seed)
    target = DISTRIBUTIONS[config.target]
    data = torch.from_numpy(target.sample(100_000, np.random.default_rng(config.seed))).float()
    width = config.width
    hidden = [layer for _ in range(config.depth - 1) for layer in (nn.Linear(width, width), nn.ReLU())]
    generator = nn.Sequential(nn.Linear(config.latent_dim, width), nn.ReLU(), *hidden, nn.Linear(width, target.dim))
    hidden = [layer for _ in range(config.depth - 1) for layer in (nn.Linear(width, width), nn.LeakyReLU(0.2))]
    discriminator = nn.Sequential(
        nn.Linear(target.dim, width), nn.LeakyReLU(0.2), *hidden, nn.Linear(width, 1), nn.Sigmoid()
    )
    n = config.batch_size
    return textbook_step(
        generator, discriminator, lambda: data[torch.randint(len(data), (n,), generator=torch_rng)], config
    )


class Pictures(Dataset):
    """Images one by one, scaled to [-1, 1], as tutorials have it."""

    def __init__(self, pixels: torch.Tensor):
        self.pixels = pixels

    def __len__(self) -> int:
        return len(self.pixels)

    def __getitem__(self, i: int) -> torch.Tensor:
        return image_data.to_range(self.pixels[i])


def textbook_images(config: TrainConfig) -> Callable[[], None]:
    """The textbook loop on images, with the same layers as ours."""
    architecture = ARCHITECTURES[config.architecture]
    generator = architecture.generator(config.latent_dim).train()
    layers = [nn.Dropout(config.dropout) if isinstance(x, Dropout) else x for x in architecture.discriminator()]
    discriminator = nn.Sequential(*layers, nn.Sigmoid()).train()
    pixels = image_data.load("mnist").pixels(architecture.side)[0]
    loader = DataLoader(Pictures(pixels), batch_size=config.batch_size, shuffle=True, drop_last=True)
    batches = (batch for _ in itertools.count() for batch in loader)
    return textbook_step(generator, discriminator, lambda: next(batches), config)


def compare(name: str, contenders: tuple[Callable[[], object], Callable[[], object]], gans: int = 1) -> None:
    """Print the rates of two steps, the textbook's and ours, in turn; ours is one step of so many GANs."""
    rounds = [[rate(contenders[0]), gans * rate(contenders[1])] for _ in range(ROUNDS)]
    slow, fast = (statistics.median(column) for column in zip(*rounds, strict=True))
    ratio = statistics.median(b / a for a, b in rounds)
    print(f"{name:28} {slow:9.1f} {fast:9.1f} {ratio:6.2f}x", flush=True)


def measure(ensemble: Ensemble) -> list[float]:
    """The JSD of every member, one by one."""
    with torch.inference_mode():
        return [member.evaluate().jsd for member in ensemble.members]


def rate(step: Callable[[], object]) -> float:
    """Steps per CPU-second of this process over about SECONDS."""
    start, n = time.process_time(), 0
    while time.process_time() - start < SECONDS:
        step()
        n += 1
    return n / (time.process_time() - start)


def milliseconds(work: Callable[[], object]) -> float:
    """Median CPU time of a call."""
    times = []
    for _ in range(25):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return 1000 * statistics.median(times)


def main() -> None:
    torch.set_num_threads(1)
    print("steps per CPU-second, one thread, median of", ROUNDS, "interleaved rounds; ratio = median of the rounds'")
    print(f"{'network':28} {'textbook':>9} {'ours':>9} {'ratio':>7}")
    for width, depth, batch in ((32, 2, 256), (64, 2, 256), (128, 3, 256)):
        config = TrainConfig(
            width=width, depth=depth, batch_size=batch,
            d_steps=1, ema_decay=0.0, lr_decay_steps=0, g_activation="relu", beta1=0.5, beta2=0.999,
        )  # fmt: skip
        compare(f"{width}x{depth}, batch {batch}", (textbook(config), GANTrainer(config).step))
    for target, latent_dim in (("two_modes", 1), ("ring_8", 2)):
        config = config.replace(width=32, depth=2, target=target, latent_dim=latent_dim)
        ensemble = Ensemble([config.replace(seed=seed) for seed in range(MEMBERS)])
        compare(f"{MEMBERS} at once, 32x2, {target}", (textbook(config), ensemble.step), MEMBERS)
        one_by_one, together = milliseconds(lambda e=ensemble: measure(e)), milliseconds(ensemble.jsd)
        print(f"{'  JSD of all, ms':28} {one_by_one:9.1f} {together:9.1f} {one_by_one / together:6.2f}x", flush=True)
    for key in ("fast_start", "note") if image_data.folder() else ():
        config = PRESETS[key].config.replace(ema_decay=0.0)
        trainer = GANTrainer(config)
        trainer.history.stride = 10**9
        compare(f"images, {key}", (textbook_images(config), trainer.step))
    print("\nCPU milliseconds of one evaluation, and of one picture of the plane, median of 25")
    for key in ("two_modes", "ring_8", "grid_25", "spiral"):
        trainer = GANTrainer(PRESETS[key].config)
        for _ in range(100):
            trainer.step()
        print(f"{key:24} {milliseconds(trainer.evaluate):9.1f}", end="")
        if trainer.target.dim == 2:
            evaluation = trainer.evaluate()
            print(f" {milliseconds(lambda t=trainer, e=evaluation: t.view(e)):9.1f}", end="")
        print()


if __name__ == "__main__":
    main()
