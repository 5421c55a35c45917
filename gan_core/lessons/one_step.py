"""One training step in slow motion: every intermediate value of `GANTrainer.step_discriminator` and `step_generator`.

The trainer does the step itself. What lies in between is derived from the same batches and the weights before the
step, by `MLP.by_autograd`, which shares nothing with the hand-written backward pass: where both agree, both are right.
"""

import inspect
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from gan_core import threads
from gan_core.config import TrainConfig
from gan_core.networks import Map
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
    Phase("D", ("next(self.real_batches)", "next(self.latent_batches)")),
    Phase("D", ("self.generator.in_training)(next(self.latent_batches))",)),
    Phase("D", ("torch.cat([real, fake])", "discriminator.record(both)")),
    Phase("D", ("self.loss.judge_both(", "value.item()")),
    Phase("D", ("discriminator.backward(tape", "self.descend(")),
    Phase("G", ("next(self.latent_batches)",)),
    Phase("G", ("self.generator.record(",)),
    Phase("G", ("self.discriminator.record(",)),
    Phase("G", ("self.loss.g(", "judged.value.item()", "self.discriminator.backward(")),
    Phase("G", ("self.generator.backward(", "self.descend(")),
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


def record_steps(config: TrainConfig, n: int) -> list[Step]:
    """The first n steps of a GAN with a latent and data in one dimension.

    Raises:
        ValueError: more than one dimension, or a setting that adds something to the plain step (several D steps,
            dropout, noise, penalties, packing, smoothing) or to its loss.
    """
    plain = config.replace(
        d_steps=1, dropout=0.0, instance_noise=0.0, r1_gamma=0.0, r2_gamma=0.0, weight_clip=0.0, spectral_limit=0.0,
        packing=1, label_smoothing=0.0, latent_dim=1, loss="non_saturating", ema_decay=0.0,
    )  # fmt: skip
    threads.use_one()
    trainer = GANTrainer(config)
    if config != plain or trainer.target.dim != 1:
        raise ValueError("only a plain step in one dimension can be taken apart")
    return [record_step(trainer) for _ in range(n)]


@dataclass(frozen=True)
class Taken:
    """What a step used and changed, in the units of the networks.

    Attributes:
        real, z_d, z_g: (n, 1) batches of data and latents.
        d, g: the weights of D and G before the step, after D's turn and after G's.
        d_loss, g_loss: as the trainer returns them.
    """

    real: Tensor
    z_d: Tensor
    z_g: Tensor
    d: tuple[Tensor, Tensor, Tensor]
    g: tuple[Tensor, Tensor, Tensor]
    d_loss: float
    g_loss: float


def take_step(trainer: GANTrainer) -> Taken:
    """Do one step of a plain GAN, turn by turn, and keep its batches and the weights in between."""
    weights = [(trainer.discriminator.flat.clone(), trainer.generator.flat.clone())]
    d_loss = trainer.step_discriminator()
    real, z_d = trainer.real_batches.last, trainer.latent_batches.last
    weights.append((trainer.discriminator.flat.clone(), trainer.generator.flat.clone()))
    g_loss = trainer.step_generator()
    weights.append((trainer.discriminator.flat.clone(), trainer.generator.flat.clone()))
    trainer.step_count += 1
    (d_0, g_0), (d_1, g_1), (d_2, g_2) = weights
    return Taken(real, z_d, trainer.latent_batches.last, (d_0, d_1, d_2), (g_0, g_1, g_2), d_loss, g_loss)


def slopes_by_sample(real_logits: Tensor, fake_logits: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """-log D(x) and -log(1 - D(G(z))) of every sample, and their derivatives by the logits, which autograd finds."""
    real_logits, fake_logits = (l.detach().requires_grad_() for l in (real_logits, fake_logits))
    loss_real, loss_fake = F.softplus(-real_logits), F.softplus(fake_logits)
    slope_real, slope_fake = torch.autograd.grad(loss_real.sum() + loss_fake.sum(), [real_logits, fake_logits])
    return loss_real.detach(), loss_fake.detach(), slope_real, slope_fake


def arrows_at(fake: Tensor, d: Map) -> tuple[Tensor, Tensor]:
    """G's loss -log D(x) of every fake, and minus its derivative by the fake: all that G ever learns."""
    at = fake.detach().requires_grad_()
    loss = F.softplus(-d(at))
    (by_fake,) = torch.autograd.grad(loss.sum(), at)
    return loss.detach(), -by_fake


def record_step(trainer: GANTrainer) -> Step:
    """Do one step and write down everything in between; the trainer is one made by `record_steps`."""
    t = take_step(trainer)
    # the networks before the step, after D's turn, after G's turn
    d_0, d_1, _ = (partial(trainer.discriminator.by_autograd, flat=flat) for flat in t.d)
    g_0, g_1, g_2 = (partial(trainer.generator.by_autograd, flat=flat) for flat in t.g)
    fake, fake_g, fake_g_after = g_0(t.z_d), g_1(t.z_g), g_2(t.z_g)
    loss_real, loss_fake, slope_real, slope_fake = slopes_by_sample(d_0(t.real), d_0(fake))
    loss_g, arrows = arrows_at(fake_g, d_1)
    low, high = trainer.target.bounds[0]
    x = torch.linspace(low, high, 201, dtype=torch.float32)[:, None]
    z = torch.linspace(-3, 3, 201, dtype=torch.float32)[:, None]
    seen = trainer.problem.to_network(x)

    def position(x: Tensor) -> Array:
        return column(trainer.problem.to_data(x))

    def score(logits: Tensor) -> Array:
        return column(logits.sigmoid())

    return Step(
        number=trainer.step_count,
        z_d=column(t.z_d), real=position(t.real), fake=position(fake),
        d_real=score(d_0(t.real)), d_fake=score(d_0(fake)),
        d_real_after=score(d_1(t.real)), d_fake_after=score(d_1(fake)),
        loss_real=column(loss_real), loss_fake=column(loss_fake),
        slope_real=column(slope_real), slope_fake=column(slope_fake),
        d_loss=t.d_loss, d_loss_after=trainer.loss.d(d_1(t.real), d_1(fake)).value.item(),
        z_g=column(t.z_g), fake_g=position(fake_g), fake_g_after=position(fake_g_after),
        d_fake_g=score(d_1(fake_g)), d_fake_g_after=score(d_1(fake_g_after)),
        loss_g=column(loss_g), arrows=column(trainer.problem.slope_to_data(arrows)),
        g_loss=t.g_loss, g_loss_after=trainer.loss.g(None, d_1(fake_g_after)).value.item(),
        x=column(x), d_before=score(d_0(seen)), d_after=score(d_1(seen)),
        z=column(z), g_before=position(g_0(z)), g_after=position(g_2(z)),
        d_moved_by=moved_by(*t.d), g_moved_by=moved_by(*t.g),
    )  # fmt: skip


def column(t: Tensor) -> Array:
    """The first column of (n, d) as numbers."""
    return t.detach().double().numpy()[:, 0]


def moved_by(before: Tensor, between: Tensor, after: Tensor) -> tuple[float, float]:
    """How far weights went in the first and in the second half of a step."""
    return (between - before).norm().item(), (after - between).norm().item()
