"""One step of Algorithm 1 as a textbook would write it with PyTorch's own modules and optimizers."""

import itertools

import torch
import torch.nn.functional as F
from torch import nn

from tests.gan_core.test_networks import MODULES

D_LOSSES = {
    "non_saturating": lambda real, fake, s: bce(real, 1 - s) + bce(fake, 0),
    "minimax": lambda real, fake, s: bce(real, 1 - s) + bce(fake, 0),
    "least_squares": lambda real, fake, s: ((real - (1 - s)) ** 2).mean() / 2 + (fake**2).mean() / 2,
    "hinge": lambda real, fake, s: F.relu(1 - real).mean() + F.relu(1 + fake).mean(),
    "wasserstein_gp": lambda real, fake, s: fake.mean() - real.mean(),
    # Nowozin et al. (2016), eq. 6 and table 2, at a raw output moved so that 0 says p = q
    "f_kl": lambda real, fake, s: torch.exp((fake + 1) - 1).mean() - (real + 1).mean(),
    "f_reverse_kl": lambda real, fake, s: (-1 - torch.log(torch.exp(-fake))).mean() + torch.exp(-real).mean(),
    "f_pearson": lambda real, fake, s: (fake**2 / 4 + fake).mean() - real.mean(),
    "f_hellinger": lambda real, fake, s: (
        hellinger_conjugate(1 - torch.exp(-fake)).mean() - (1 - torch.exp(-real)).mean()
    ),
}
G_LOSSES = {
    "non_saturating": lambda fake: bce(fake, 1),
    "minimax": lambda fake: torch.log(1 - torch.sigmoid(fake)).mean(),
    "least_squares": lambda fake: ((fake - 1) ** 2).mean() / 2,
    "hinge": lambda fake: -fake.mean(),
    "wasserstein_gp": lambda fake: -fake.mean(),
    "f_kl": lambda fake: -torch.exp(fake).mean(),
    "f_reverse_kl": lambda fake: (1 + torch.log(torch.exp(-fake))).mean(),
    "f_pearson": lambda fake: -(fake**2 / 4 + fake).mean(),
    "f_hellinger": lambda fake: -hellinger_conjugate(1 - torch.exp(-fake)).mean(),
}


def hellinger_conjugate(t):
    return t / (1 - t)


def bce(logits, label):
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, label))


def as_module(mlp, activation):
    """An nn.Sequential with the same weights, its own copies."""
    modules = []
    for (m, n), (weight, bias) in zip(itertools.pairwise(mlp.sizes), mlp.layers, strict=True):
        linear = nn.Linear(m, n)
        linear.weight.data.copy_(weight)
        linear.bias.data.copy_(bias)
        modules += [linear, MODULES[activation]]
    return nn.Sequential(*modules[:-1])


def flat(module):
    return torch.cat([parameter.detach().flatten() for parameter in module.parameters()])


class Textbook:
    """Algorithm 1 with nn.Module, autograd and torch.optim, from the weights and batches of a trainer."""

    def __init__(self, trainer):
        self.c = c = trainer.config
        self.rng = torch.Generator()
        self.rng.set_state(trainer.torch_rng.get_state())
        self.generator = as_module(trainer.generator, c.g_activation)
        self.discriminator = as_module(trainer.discriminator, c.d_activation)
        betas = (c.beta1, c.beta2)
        self.g_optimizer = torch.optim.Adam(self.generator.parameters(), lr=c.lr_g, betas=betas)
        self.d_optimizer = torch.optim.Adam(self.discriminator.parameters(), lr=c.lr_d, betas=betas)

    def noisy(self, x):
        return x + self.c.instance_noise * torch.randn(x.shape, generator=self.rng) if self.c.instance_noise else x

    def packed(self, x):
        return x.reshape(len(x) // self.c.packing, -1)

    def slopes(self, x):
        x = x.clone().requires_grad_(True)
        return torch.autograd.grad(self.discriminator(x).sum(), x, create_graph=True)[0].norm(dim=1)

    def step_discriminator(self, real, z):
        fake = self.generator(z).detach()
        both = self.noisy(torch.cat([real, fake]))
        noisy_real, noisy_fake = self.packed(both[: len(real)]), self.packed(both[len(real) :])
        real_logits, fake_logits = self.discriminator(noisy_real), self.discriminator(noisy_fake)
        loss = D_LOSSES[self.c.loss](real_logits, fake_logits, self.c.label_smoothing)
        if self.c.loss == "wasserstein_gp":
            real, fake = self.packed(real), self.packed(fake)
            mix = torch.rand(len(real), 1, generator=self.rng)
            loss = loss + self.c.gp_weight * ((self.slopes(mix * real + (1 - mix) * fake) - 1) ** 2).mean()
        if self.c.r1_gamma:
            loss = loss + self.c.r1_gamma / 2 * (self.slopes(noisy_real) ** 2).mean()
        if self.c.r2_gamma:
            loss = loss + self.c.r2_gamma / 2 * (self.slopes(noisy_fake) ** 2).mean()
        return self.apply(loss, self.d_optimizer)

    def step_generator(self, z):
        logits = self.discriminator(self.packed(self.noisy(self.generator(z))))
        return self.apply(G_LOSSES[self.c.loss](logits), self.g_optimizer)

    def apply(self, loss, optimizer):
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()
