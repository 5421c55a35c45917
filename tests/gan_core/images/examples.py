"""Networks and batches of images that many tests use."""

import pytest
import torch
from torch import nn

from gan_core.images.networks import ARCHITECTURES, ModuleNetwork

LATENT_DIM = 100

every_architecture = pytest.mark.parametrize("key", list(ARCHITECTURES))
with_batch_norm = pytest.mark.parametrize("key", ["fast", "tiny", "dcgan"])


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def generator(key="fast", seed=0):
    return ModuleNetwork(ARCHITECTURES[key].generator(LATENT_DIM), seeded(seed))


def discriminator(key="fast", seed=0, dropout=0.0):
    return ModuleNetwork(ARCHITECTURES[key].discriminator(), seeded(seed), dropout)


def latents(n=16, seed=1):
    return torch.randn(n, LATENT_DIM, generator=seeded(seed))


def images(key, n=16, seed=1):
    return torch.rand(n, ARCHITECTURES[key].side ** 2, generator=seeded(seed)) * 2 - 1


def statistics(network):
    """Running means and variances, as views of flat, and where they begin in it."""
    start = sum(p.numel() for p in network.module.parameters())
    return network.flat[start:], start


def norms(module):
    return [m for m in module.modules() if isinstance(m, nn.BatchNorm1d | nn.BatchNorm2d)]
