"""One training step in slow motion: every intermediate value of `GANTrainer.step_discriminator` and `step_generator`.

The trainer does the step itself. What lies in between is derived from the same batches and the weights before the
step, by `MLP.by_autograd`, which shares nothing with the hand-written backward pass: where both agree, both are right.
"""

import inspect
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan_core import threads
from gan_core.config import TrainConfig
from gan_core.training import GANTrainer

Array = NDArray[np.float64]

# 1-8-1 against 1-8-1, eight samples a batch: small enough to print every number
TINY = TrainConfig(
    target="two_modes", seed=2, width=8, depth=1, batch_size=8, d_steps=1, lr_g=0.02, lr_d=0.04, ema_decay=0.0,
    lr_decay_steps=0,
)  # fmt: skip


@dataclass(frozen=True)
class Phase:
    """A part of a step.

    Attributes:
        turn: "D" or "G". lines: pieces of text by which its lines are found in the source of the trainer.
    """

    turn: str
    lines: tuple[str, ...]


# Phase k is PHASES[k - 1]
PHASES = (
    Phase("D", ("next(self._real_batches)", "next(self._latent_batches)")),
    Phase("D", ("self._fakes(next(self._latent_batches))",)),
    Phase("D", ("torch.cat([real, fake])", "discriminator.record(both)", "logits.chunk(2)")),
    Phase("D", ("self.loss.d_loss(", "self.loss.d_slope(")),
    Phase("D", ("discriminator.backward(tape", 'self._apply(Message("discriminator")')),
    Phase("G", ("next(self._latent_batches)",)),
    Phase("G", ("self.generator.record(",)),
    Phase("G", ("self.discriminator.record(",)),
    Phase("G", ("self.loss.g_loss(", "self.loss.g_slope(", "self.discriminator.backward(")),
    Phase("G", ("self.generator.backward(", 'self._apply(Message("generator")')),
)


def phase_source(phase: int) -> str:
    """The trainer's method that phase 1 to 10 belongs to, its own lines marked by an arrow in the margin.

    Raises:
        ValueError: a line of the phase is not in the source.
    """
    method = GANTrainer.step_discriminator if PHASES[phase - 1].turn == "D" else GANTrainer.step_generator
    source = inspect.getsource(method)
    for piece in PHASES[phase - 1].lines:
        if piece not in source:
            raise ValueError(f"phase {phase}: {piece!r} is not in {method.__qualname__}")
    marked = [
        ("==>" if any(piece in line for piece in PHASES[phase - 1].lines) else "   ") + line[3:]
        for line in source.splitlines()
    ]
    return "\n".join(marked)


@dataclass(frozen=True)
class Step:
    """Everything that one step computes; n is the batch size, all x in the units of the data.

    Slopes and losses are those of each sample for itself; the losses of the batch are their means.

    Attributes:
        number: 1 for the first step.
        z_d, real, fake: (n,) latents, data and fakes of D's turn.
        d_real, d_fake: (n,) D's scores of them before its update. d_real_after, d_fake_after: after it.
        loss_real, loss_fake: (n,) -log D(x) and -log(1 - D(G(z))), nats.
        slope_real, slope_fake: (n,) their derivatives by the logit, D(x) - 1 and D(G(z)).
        d_loss: as the trainer returns it. d_loss_after: on the same batch after the update.
        z_g, fake_g: (n,) fresh latents of G's turn and their fakes. fake_g_after: G of the same latents after its update.
        d_fake_g: (n,) D's scores of fake_g. d_fake_g_after: of fake_g_after.
        loss_g: (n,) -log D(G(z)). arrows: (n,) minus its derivative by the fake, per unit of x.
        g_loss: as the trainer returns it. g_loss_after: for the same latents after the update.
        x: (m,) a grid. d_before, d_after: (m,) D(x) before and after D's turn.
        z: (m,) a grid of latents. g_before, g_after: (m,) G(z) before and after G's turn.
        d_moved_by: the weights' change (Euclidean norm) in D's and in G's turn. g_moved_by: the same for G.
    """

    number: int
    z_d: Array
    real: Array
    fake: Array
    d_real: Array
    d_fake: Array
    d_real_after: Array
    d_fake_after: Array
    loss_real: Array
    loss_fake: Array
    slope_real: Array
    slope_fake: Array
    d_loss: float
    d_loss_after: float
    z_g: Array
    fake_g: Array
    fake_g_after: Array
    d_fake_g: Array
    d_fake_g_after: Array
    loss_g: Array
    arrows: Array
    g_loss: float
    g_loss_after: float
    x: Array
    d_before: Array
    d_after: Array
    z: Array
    g_before: Array
    g_after: Array
    d_moved_by: tuple[float, float]
    g_moved_by: tuple[float, float]


class _Remembered(Iterator[Tensor]):
    """Batches, of which the last is kept."""

    def __init__(self, batches: Iterator[Tensor]):
        self.batches = batches
        self.last = torch.empty(0)

    def __next__(self) -> Tensor:
        self.last = next(self.batches)
        return self.last


def record_steps(config: TrainConfig, n: int) -> list[Step]:
    """The first n steps of a GAN with a latent and data in one dimension.

    Raises:
        ValueError: more than one dimension, or a setting that adds something to the plain step (several D steps,
            dropout, noise, penalties, packing, smoothing) or to its loss.
    """
    plain = config.replace(
        d_steps=1, dropout=0.0, instance_noise=0.0, r1_gamma=0.0, packing=1, label_smoothing=0.0, latent_dim=1,
        loss="non_saturating", ema_decay=0.0,
    )  # fmt: skip
    threads.use_one()
    trainer = GANTrainer(config)
    if config != plain or trainer.target.dim != 1:
        raise ValueError("only a plain step in one dimension can be taken apart")
    trainer._real_batches = _Remembered(trainer._real_batches)
    trainer._latent_batches = _Remembered(trainer._latent_batches)
    return [record_step(trainer) for _ in range(n)]


def record_step(trainer: GANTrainer) -> Step:
    """Do one step and write down everything in between; the trainer is one made by `record_steps`."""
    generator, discriminator, loss = trainer.generator, trainer.discriminator, trainer.loss
    center, unit = trainer._center, trainer._unit
    bounds = trainer.target.bounds[0]
    x = torch.linspace(*bounds, 201)[:, None]
    z = torch.linspace(-3, 3, 201)[:, None]

    def d(flat: Tensor, samples: Tensor) -> Tensor:
        """D's logits with these weights, for samples in the trainer's units."""
        return discriminator.by_autograd(samples, flat)

    def g(flat: Tensor, latents: Tensor) -> Tensor:
        return generator.by_autograd(latents, flat)

    d_0, g_0 = discriminator.flat.clone(), generator.flat.clone()
    d_loss = trainer.step_discriminator()
    real, z_d = trainer._real_batches.last, trainer._latent_batches.last
    d_1, g_1 = discriminator.flat.clone(), generator.flat.clone()
    g_loss = trainer.step_generator()
    z_g = trainer._latent_batches.last
    d_2, g_2 = discriminator.flat.clone(), generator.flat.clone()
    trainer.step_count += 1

    fake, fake_g, fake_g_after = g(g_0, z_d), g(g_1, z_g), g(g_2, z_g)
    real_logits = d(d_0, real).requires_grad_()
    fake_logits = d(d_0, fake).requires_grad_()
    loss_real, loss_fake = loss.real.value(real_logits, 0.0), loss.fake.value(fake_logits, 0.0)
    slope_real, slope_fake = torch.autograd.grad(loss_real.sum() + loss_fake.sum(), [real_logits, fake_logits])
    at = fake_g.detach().requires_grad_()
    loss_g = loss.generator.value(d(d_1, at), 0.0)
    (by_fake,) = torch.autograd.grad(loss_g.sum(), at)

    def column(t: Tensor) -> Array:
        return t.detach().double().numpy()[:, 0]

    def position(t: Tensor) -> Array:
        return column(t * unit + center)

    def score(logits: Tensor) -> Array:
        return column(logits.sigmoid())

    def moved(a: Tensor, b: Tensor, c: Tensor) -> tuple[float, float]:
        return (b - a).norm().item(), (c - b).norm().item()

    return Step(
        number=trainer.step_count,
        z_d=column(z_d), real=position(real), fake=position(fake),
        d_real=score(real_logits), d_fake=score(fake_logits),
        d_real_after=score(d(d_1, real)), d_fake_after=score(d(d_1, fake)),
        loss_real=column(loss_real), loss_fake=column(loss_fake),
        slope_real=column(slope_real), slope_fake=column(slope_fake),
        d_loss=d_loss, d_loss_after=loss.d_loss(d(d_1, real), d(d_1, fake)).item(),
        z_g=column(z_g), fake_g=position(fake_g), fake_g_after=position(fake_g_after),
        d_fake_g=score(d(d_1, fake_g)), d_fake_g_after=score(d(d_1, fake_g_after)),
        loss_g=column(loss_g), arrows=column(-by_fake / unit),
        g_loss=g_loss, g_loss_after=loss.g_loss(d(d_1, fake_g_after)).item(),
        x=column(x), d_before=score(d(d_0, (x - center) / unit)), d_after=score(d(d_1, (x - center) / unit)),
        z=column(z), g_before=position(g(g_0, z)), g_after=position(g(g_2, z)),
        d_moved_by=moved(d_0, d_1, d_2), g_moved_by=moved(g_0, g_1, g_2),
    )  # fmt: skip
