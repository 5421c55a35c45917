"""One small GAN and the loop that trains it: Algorithm 1 of Goodfellow et al. (2014), with Adam.

The trainer is pulled: call `step()` as often as you like. It prints nothing, sleeps never and knows no user interface.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.optim.adam import adam

from gan_core import networks, penalties
from gan_core.config import SPECS, TrainConfig
from gan_core.evaluation import SCALARS, Evaluation, draw_latents, make_evaluator
from gan_core.history import History
from gan_core.losses import LOSSES
from gan_core.messages import Message
from gan_core.own_targets import lookup

_STEPS_PER_DRAW = 100  # batches drawn at once: one call of a sampler costs as much as a small training step
_STEPS_PER_CHECKPOINT = 200
_DECAY_FLOOR = 0.01  # after `lr_decay_steps` the learning rates stay at this share


@dataclass(frozen=True)
class StepRecord:
    """One step: losses (nats where the loss is a log-likelihood) of the batches just used, measured before the
    update; with several D steps per G step, those of the last one."""

    step: int
    d_loss: float
    g_loss: float


class TrainingDiverged(ArithmeticError):
    """A loss or gradient became NaN or infinite. The trainer was put back to its last good state."""


class Adam:
    """Adam (Kingma and Ba, 2015) for one network: PyTorch's fused kernel without the optimizer's bookkeeping."""

    def __init__(self, network: networks.MLP, beta1: float, beta2: float):
        self.betas = {"beta1": beta1, "beta2": beta2}
        self.tensors = [torch.zeros_like(network.flat), torch.zeros_like(network.flat), torch.tensor(0.0)]

    def step(self, network: networks.MLP, lr: float) -> None:
        """Move `network.flat` along `network.gradient`."""
        first, second, count = self.tensors
        adam(
            [network.flat], [network.gradient], [first], [second], [], [count],
            fused=True, amsgrad=False, lr=lr, weight_decay=0.0, eps=1e-8, maximize=False, **self.betas,
        )  # fmt: skip


class GANTrainer:
    """A generator and a discriminator in training.

    Attributes:
        config: the current config (live changes included).
        generator, discriminator: the networks.
        shown_generator: the averaged generator if `ema_decay` > 0, else `generator`; `sample` and `evaluate` use it.
        step_count: number of finished steps.
        real: (512, dim) fixed samples of p_data for a picture; training draws fresh ones.
        history: curves; columns `HISTORY_COLUMNS`.
        last_evaluation: (step, evaluation) of the last row of the history.
        marks: (step, what changed) of every live change.
    """

    HISTORY_COLUMNS = ("step", "d_loss", "g_loss", *SCALARS, "grad_minimax", "grad_non_saturating")

    def __init__(self, config: TrainConfig):
        self.config = config
        self.loss = LOSSES[config.loss]
        self._rng = np.random.default_rng(config.seed)
        self._torch_rng = torch.Generator().manual_seed(config.seed)
        self._aim()
        self.generator = self._new_generator()
        self.discriminator = self._new_discriminator()
        self._real_batches = self._real_stream()
        self._latent_batches = self._stream(self._draw_latents)
        if config.wide_start:
            self._start_wide()
        self._averaged = self._new_generator()
        self._averaged.flat.copy_(self.generator.flat)
        self._g_optimizer = Adam(self.generator, config.beta1, config.beta2)
        self._d_optimizer = Adam(self.discriminator, config.beta1, config.beta2)
        self.step_count = 0
        self._decay_from = 0
        self.marks: list[tuple[int, str]] = []
        self._checkpoints = [self._checkpoint()]  # the last two; the older one is known to be good
        self._fixed_z = draw_latents(config.latent, 512, config.latent_dim, torch.Generator().manual_seed(config.seed))
        self.history = History(self.HISTORY_COLUMNS, stride=self._stride)
        self._begin()
        self._record(math.nan, math.nan)

    @property
    def shown_generator(self) -> networks.MLP:
        """The generator that pictures and numbers are about."""
        return self._averaged if self.config.ema_decay else self.generator

    # ---- the algorithm ----

    def step(self) -> StepRecord:
        """One step: `d_steps` updates of D, one of G; recorded in `history` when due.

        Raises:
            TrainingDiverged: a loss or gradient is NaN or infinite; the last good state is restored.
        """
        if self.step_count % _STEPS_PER_CHECKPOINT == 0:
            self._checkpoints = [*self._checkpoints[-1:], self._checkpoint()]
        for _ in range(self.config.d_steps):
            d_loss = self.step_discriminator()
        g_loss = self.step_generator()
        self.step_count += 1
        if self.history.wants(self.step_count):
            self._record(d_loss, g_loss)
        return StepRecord(self.step_count, d_loss, g_loss)

    def step_discriminator(self) -> float:
        """One update of D on a fresh real and a fresh fake batch; G is left alone. Returns D's loss."""
        c, discriminator = self.config, self.discriminator
        real = next(self._real_batches)  # (n, dim)
        fake = self._fakes(next(self._latent_batches))  # (n, dim)
        both = self._add_instance_noise(torch.cat([real, fake]))
        both = self._packed(both)  # one pass through D serves both terms
        logits, tape = discriminator.record(both)
        real_logits, fake_logits = logits.chunk(2)
        loss = self.loss.d_loss(real_logits, fake_logits, c.label_smoothing).item()
        discriminator.backward(tape, self.loss.d_slope(real_logits, fake_logits, c.label_smoothing))
        if self.loss.penalty and c.gp_weight:
            real_packs, fake_packs = self._packed(real), self._packed(fake)
            mix = torch.rand(len(real_packs), 1, generator=self._torch_rng)
            loss += self._penalise(c.gp_weight, lambda d: penalties.gradient_penalty(d, real_packs, fake_packs, mix))
        if c.r1_gamma:
            loss += self._penalise(c.r1_gamma, lambda d: penalties.r1_penalty(d, both[: len(both) // 2]))
        self._apply(Message("discriminator"), loss, discriminator, self._d_optimizer, c.lr_d)
        return loss

    def step_generator(self) -> float:
        """One update of G through D; D is left alone. Returns G's loss."""
        fake, g_tape = self.generator.record(next(self._latent_batches))  # (n, dim)
        logits, d_tape = self.discriminator.record(self._packed(self._add_instance_noise(fake)))
        loss = self.loss.g_loss(logits).item()
        arrows = self.discriminator.backward(d_tape, self.loss.g_slope(logits), weights=False, inputs=True)
        self.generator.backward(g_tape, arrows.view_as(fake))  # all that G learns is the arrow D draws at each fake
        self._apply(Message("generator"), loss, self.generator, self._g_optimizer, self.config.lr_g)
        if self.config.ema_decay:
            self._averaged.flat.lerp_(self.generator.flat, 1 - self._memory())
        return loss

    def _penalise(self, weight: float, penalty: Callable[[Callable[[Tensor], Tensor]], Tensor]) -> float:
        """Add weight * penalty(D) to D's gradient; returns its value."""
        flat = self.discriminator.flat.detach().requires_grad_(True)
        value = weight * penalty(lambda x: self.discriminator.by_autograd(x, flat))
        self.discriminator.gradient += torch.autograd.grad(value, flat)[0]
        return value.item()

    def _apply(self, name: Message, loss: float, network: networks.MLP, optimizer: "Adam", lr: float) -> None:
        if not (math.isfinite(loss) and math.isfinite(network.gradient.sum().item())):
            self._diverged(name, loss)
        optimizer.step(network, lr * self._decay())

    # ---- changes while it runs ----

    def update(self, **changes: Any) -> None:
        """Change live fields of the config, e.g. `update(lr_g=1e-3, dropout=0.5)`; each leaves a mark.

        A new learning rate restarts the decay, if there is one, so that the change is felt.

        Raises:
            ValueError: a value out of range, or a field that needs new networks.
        """
        for name in changes:
            if name not in SPECS or not SPECS[name].live:
                live = ", ".join(n for n, s in SPECS.items() if s.live)
                raise ValueError(f"{name} cannot change in a running trainer; these can: {live}")
        changed = {n: v for n, v in changes.items() if v != getattr(self.config, n)}
        new = self.config.replace(**changed)
        for name in changed:
            self.marks = [*self.marks[-19:], (self.step_count, f"{name} {getattr(new, name):g}")]
        if changed.keys() & {"lr_g", "lr_d", "lr_decay_steps"}:
            self._decay_from = self.step_count
        if new.ema_decay and not self.config.ema_decay:
            self._averaged.flat.copy_(self.generator.flat)
        self.discriminator.dropout = new.dropout
        self.config = new

    # ---- looking at it ----

    def sample(self, n: int) -> NDArray[np.float32]:
        """n <= 512 samples of G, shape (n, dim), always from the same fixed latents so that a picture moves smoothly."""
        return self.generate(self.fixed_latents(n)).numpy()

    def fixed_latents(self, n: int) -> Tensor:
        """The first n <= 512 latents behind every picture, (n, latent_dim)."""
        return self._fixed_z[:n]

    def generate(self, z: Tensor) -> Tensor:
        """G(z) in the units of the data: (n, latent_dim) -> (n, dim), by the shown generator."""
        return self.shown_generator(z) * self._unit + self._center

    def judge(self, x: Tensor) -> Tensor:
        """D's raw output, (n, 1), for x (n, dim) in the units of the data; a packed D sees copies of x."""
        return self.discriminator(((x - self._center) / self._unit).repeat(1, self.config.packing))

    def arrows(self, z: Tensor) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Where each fake should go: G(z) and -dL_G/dx at it for its own sample, both (n, dim), in units of the data.

        Without dropout and noise. Its length is honest: where the selected loss is flat, so is the arrow.
        """
        x = self.shown_generator(z)
        logits, tape = self.discriminator.record(x.repeat(1, self.config.packing), dropout=False)
        slope = self.loss.generator.slope(logits, 0.0)
        by_x = self.discriminator.backward(tape, slope, weights=False, inputs=True)
        by_x = by_x.view(len(x), self.config.packing, -1).sum(1)
        return (x * self._unit + self._center).numpy(), (-by_x / self._unit).numpy()

    def gradient_norms(self) -> dict[str, float]:
        """Norm of G's gradient under the saturating and the non-saturating loss, with D as it is, on fixed latents.

        What D's present opinion is worth to G. nan where D has no probabilities.
        """
        if self.loss.output != "logit":
            return {"grad_minimax": math.nan, "grad_non_saturating": math.nan}
        n = 256 - 256 % self.config.packing
        fake, g_tape = self.generator.record(self._fixed_z[:n])
        logits, d_tape = self.discriminator.record(self._packed(fake), dropout=False)
        norms = {}
        for key in ("minimax", "non_saturating"):
            slope = LOSSES[key].g_slope(logits)
            arrows = self.discriminator.backward(d_tape, slope, weights=False, inputs=True)
            self.generator.backward(g_tape, arrows.view_as(fake))
            norms[f"grad_{key}"] = self.generator.gradient.norm().item()
        return norms

    def evaluate(self) -> Evaluation:
        """Measure the GAN as it is now. Does not touch the random state of the training."""
        return self._evaluator(self.generate, self.judge, self.loss)

    def curves(self, evaluation: Any) -> dict[str, float]:
        """The columns of the history beside step and losses, from an evaluation of now."""
        return {name: getattr(evaluation, name) for name in SCALARS} | self.gradient_norms()

    def _record(self, d_loss: float, g_loss: float) -> None:
        evaluation = self.evaluate()
        self.last_evaluation = self.step_count, evaluation
        self.history.append(step=self.step_count, d_loss=d_loss, g_loss=g_loss, **self.curves(evaluation))

    # ---- pieces, most of which images replace ----

    def _aim(self) -> None:
        """Take up the target: what it is, how networks see it, how a GAN on it is measured."""
        c = self.config
        self.target = lookup(c.target)
        self._center, self._unit = (torch.from_numpy(a).float() for a in (self.target.center, self.target.unit))
        self._evaluator = make_evaluator(self.target, c.latent, c.latent_dim)
        self._stride = 20  # steps between two evaluations
        self.real = self.target.sample(512, np.random.default_rng(c.seed)).astype(np.float32)

    def _start_wide(self) -> None:
        """Rescale G so that its samples cover the data."""
        real = self._draw_real(1024)
        networks.widen(self.generator, self._draw_latents(1024), real.mean(0), real.std(0))

    def _begin(self) -> None:
        """What is to be done before the first step."""

    def _memory(self) -> float:
        """What the averaged G keeps of itself in a step."""
        return self.config.ema_decay

    def _fakes(self, z: Tensor) -> Tensor:
        """Fakes for D to learn from, (n, dim), as G is trained; G is left alone."""
        return self.generator(z)

    def _new_generator(self) -> networks.MLP:
        c = self.config
        return networks.MLP([c.latent_dim, *[c.width] * c.depth, self.target.dim], c.g_activation, self._torch_rng)

    def _new_discriminator(self) -> networks.MLP:
        c = self.config
        window = float((np.abs(np.array(self.target.bounds).T - self.target.center) / self.target.unit).max())
        return networks.MLP(
            [self.target.dim * c.packing, *[c.width] * c.depth, 1], c.d_activation, self._torch_rng,
            dropout=c.dropout, spread=window if c.spread_start else 0.0,
        )  # fmt: skip

    def _draw_real(self, n: int) -> Tensor:
        return (torch.from_numpy(self.target.sample(n, self._rng)).float() - self._center) / self._unit

    def _draw_latents(self, n: int) -> Tensor:
        return draw_latents(self.config.latent, n, self.config.latent_dim, self._torch_rng)

    def _real_stream(self) -> Iterator[Tensor]:
        """Real batches for D, (batch_size, dim), without end."""
        return self._stream(self._draw_real)

    def _stream(self, draw: Any) -> Iterator[Tensor]:
        while True:
            yield from draw(_STEPS_PER_DRAW * self.config.batch_size).split(self.config.batch_size)

    def _packed(self, x: Tensor) -> Tensor:
        """(n, dim) -> (n/packing, dim * packing): D judges several samples together (Lin et al., 2018, PacGAN)."""
        return x if self.config.packing == 1 else x.view(-1, x.shape[1] * self.config.packing)

    def _add_instance_noise(self, x: Tensor) -> Tensor:
        if not self.config.instance_noise:
            return x
        noise = self.config.instance_noise * self._decay()  # it fades as the learning rates do
        return x + noise * torch.randn(x.shape, generator=self._torch_rng)

    def _decay(self) -> float:
        if not self.config.lr_decay_steps:
            return 1.0
        return max(1 - (self.step_count - self._decay_from) / self.config.lr_decay_steps, _DECAY_FLOOR)

    def _tensors(self) -> list[Tensor]:
        """Everything that training changes."""
        networks_ = [n.flat for n in (self.generator, self.discriminator, self._averaged)]
        return networks_ + self._g_optimizer.tensors + self._d_optimizer.tensors

    def _checkpoint(self) -> tuple[int, list[Tensor]]:
        return self.step_count, [t.clone() for t in self._tensors()]

    def _restore(self, saved: list[Tensor]) -> None:
        for tensor, good in zip(self._tensors(), saved, strict=True):
            tensor.copy_(good)

    def _diverged(self, name: Message, loss: float) -> None:
        """Put the last good state back and say what happened."""
        at, saved = self._checkpoints[0]
        self._restore(saved)
        self._checkpoints = self._checkpoints[:1]
        raise TrainingDiverged(
            Message(
                "The {network}'s loss became {loss:g} or its gradient was not finite at step {step}. Both networks were "
                "put back to step {restored}. Lower the learning rate of the {network} and play on.",
                network=name,
                loss=loss,
                step=self.step_count + 1,
                restored=at,
            )
        )
