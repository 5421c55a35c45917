"""Latents z, from the prior p_z."""

import torch
from torch import Tensor

from gan_core.batches import BATCHES_PER_DRAW, Batches
from gan_core.config import TrainConfig

N_FIXED = 512  # latents behind the pictures


def draw_latents(latent: str, n: int, latent_dim: int, rng: torch.Generator) -> Tensor:
    """(n, latent_dim) latents, N(0, I) for "normal" or U[-1, 1] for "uniform"."""
    if latent == "uniform":
        return torch.rand(n, latent_dim, generator=rng, dtype=torch.float32) * 2 - 1
    return torch.randn(n, latent_dim, generator=rng, dtype=torch.float32)


def draw_latent_batches(config: TrainConfig, rng: torch.Generator) -> Batches:
    """Batches of z from the config's latent distribution."""
    n = config.batch_size
    return Batches(rng, lambda rng: draw_latents(config.latent, BATCHES_PER_DRAW * n, config.latent_dim, rng).split(n))


def draw_fixed_latents(config: TrainConfig) -> Tensor:
    """(512, latent_dim) latents that depend on the seed alone."""
    return draw_latents(config.latent, N_FIXED, config.latent_dim, torch.Generator().manual_seed(config.seed))
