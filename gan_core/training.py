"""One small GAN and the loop that trains it: Algorithm 1 of Goodfellow et al. (2014), with Adam.

The trainer is pulled: call `step()` as often as you like. It prints nothing, sleeps never and knows no user interface.
What differs by kind of target, on a line, on a plane or on images, is its `Problem`'s.
"""

import math
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan_core.checkpoints import Checkpoints
from gan_core.config import SETTINGS, TrainConfig
from gan_core.constraints import constrain
from gan_core.game import Problem
from gan_core.history import History
from gan_core.losses import LOSSES
from gan_core.messages import Message
from gan_core.networks import Map, Network
from gan_core.optimizers import Adam, Optimizer
from gan_core.optimum import Conditions
from gan_core.penalties import PENALTIES, Penalty
from gan_core.problem import make_problem
from gan_core.slopes import GRADIENTS, gradient_norms
from gan_core.state import MAX_MARKS, Mark, State, capture, put_back

DISCRIMINATOR, GENERATOR = Message("discriminator"), Message("generator")
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
    """A loss or gradient became NaN or infinite at this step. The trainer was put back to its last good state."""

    def __init__(self, message: Message, step: int):
        super().__init__(message)
        self.step = step


@final
class GANTrainer:
    """A generator and a discriminator in training.

    Attributes:
        config: the current config (live changes included).
        problem: what the kind of target decides. target: its target.
        generator, discriminator: the networks. g_optimizer, d_optimizer: theirs.
        averaged: the running average of G's weights.
        real_batches, latent_batches: where batches come from.
        step_count: number of finished steps. decay_from: the step at which the fall of the learning rates began.
        history: curves: step, losses, the problem's figures, and G's gradient norms where they mean something.
        last_evaluation: (step, evaluation) of the last row of the history.
        marks: the live changes, the last `MAX_MARKS`.
    """

    def __init__(self, config: TrainConfig, problem: Problem | None = None):
        """Args: config; problem: another one than the config sets, for a lesson."""
        self.config = config
        self.loss = LOSSES[config.loss]
        self.rng = np.random.default_rng(config.seed)
        self.torch_rng = torch.Generator().manual_seed(config.seed)
        self.problem: Problem = problem or make_problem(config)
        self.target = self.problem.target
        self.generator: Network = self.problem.generator(self.torch_rng)
        self.discriminator: Network = self.problem.discriminator(self.torch_rng)
        self.real_batches = self.problem.real_batches(self.rng)
        self.latent_batches = self.problem.latent_batches(self.torch_rng)
        if config.wide_start:
            self.problem.widen(self.generator, self.rng, self.torch_rng)
        self.averaged: Network = self.problem.generator(self.torch_rng)
        self.averaged.flat.copy_(self.generator.flat)
        self.g_optimizer: Optimizer = Adam(self.generator, config.beta1, config.beta2)
        self.d_optimizer: Optimizer = Adam(self.discriminator, config.beta1, config.beta2)
        self.step_count = 0
        self.decay_from = 0
        self.marks: list[Mark] = []
        self._fixed_z = self.problem.fixed_latents()
        columns = ("step", "d_loss", "g_loss", *self.problem.scalars, *(GRADIENTS if self.problem.gradients else ()))
        self.history = History(columns, stride=self.problem.stride)
        self._checkpoints = Checkpoints(light=self.problem.light_checkpoints)
        self._checkpoints.start(self)
        if start := self.problem.start():
            self.resume(start)
        self.record(math.nan, math.nan)

    @property
    def shown_generator(self) -> Network:
        """The generator that pictures and numbers are about."""
        return self.averaged if self.config.averages else self.generator

    # ---- the algorithm ----

    def step(self) -> StepRecord:
        """One step: `d_steps` updates of D, one of G; recorded in `history` when due.

        Raises:
            TrainingDiverged: a loss or gradient is NaN or infinite; the last good state is restored.
        """
        self.keep_checkpoint()
        with torch.inference_mode(self.problem.by_hand):  # notes for autograd would take a tenth of the time
            for _ in range(self.config.d_steps):
                d_loss = self.step_discriminator()
            g_loss = self.step_generator()
            self.step_count += 1
            if self.history.wants(self.step_count):
                self.record(d_loss, g_loss)
        return StepRecord(self.step_count, d_loss, g_loss)

    def step_discriminator(self, fakes: Map | None = None) -> float:
        """One update of D on a fresh real and a fresh fake batch; G is left alone. Returns D's loss.

        Args:
            fakes: z (n, latent_dim) -> samples (n, dim) as D sees them, in place of G's.
        """
        discriminator = self.discriminator
        real = next(self.real_batches)  # (n, dim)
        fake = (fakes or self.generator.in_training)(next(self.latent_batches))  # (n, dim)
        both = self.pack(self.add_noise(torch.cat([real, fake])))  # one pass through D serves both halves
        logits, tape = discriminator.record(both)
        value, slopes = self.loss.judge_both(logits, self.config.label_smoothing)
        discriminator.backward(tape, slopes)
        loss = value.item()
        if self.penalties:
            loss += self.penalise(real, fake, both)
        self.descend(DISCRIMINATOR, loss, discriminator, self.d_optimizer, self.config.lr_d)
        constrain(discriminator, self.config)
        return loss

    def step_generator(self) -> float:
        """One update of G through D; D is left alone. Returns G's loss."""
        fake, g_tape = self.generator.record(next(self.latent_batches))  # (n, dim)
        logits, d_tape = self.discriminator.record(self.pack(self.add_noise(fake)))
        judged = self.loss.g(self.judge_reals() if self.loss.paired else None, logits)
        arrows = self.discriminator.backward(d_tape, judged.by_fake, weights=False, inputs=True)
        self.generator.backward(g_tape, arrows.view_as(fake))  # all that G learns is the arrow D draws at each fake
        loss = judged.value.item()
        self.descend(GENERATOR, loss, self.generator, self.g_optimizer, self.config.lr_g)
        if self.config.ema_decay:
            self.averaged.flat.lerp_(self.generator.flat, 1 - self.memory())
        return loss

    def pack(self, x: Tensor) -> Tensor:
        """(n, dim) -> (n/packing, dim * packing): D judges several samples together (Lin et al., 2018, PacGAN)."""
        return x if self.problem.packing == 1 else x.view(-1, x.shape[1] * self.problem.packing)

    def add_noise(self, x: Tensor) -> Tensor:
        """x with the instance noise that everything D sees gets (Sønderby et al., 2017)."""
        if not self.config.instance_noise:
            return x
        noise = self.config.instance_noise * self.decay()  # it fades as the learning rates do
        return x + noise * torch.randn(x.shape, generator=self.torch_rng, dtype=x.dtype)

    def judge_reals(self) -> Tensor:
        """D's raw outputs on a fresh real batch, (n/packing, 1), for a G whose loss looks at them."""
        return self.discriminator.record(self.pack(self.add_noise(next(self.real_batches))))[0]

    @property
    def penalties(self) -> list[tuple[float, Penalty]]:
        """Those that are on, with their weights."""
        config = self.config
        return [(w, p) for name, p in PENALTIES.items() if (w := getattr(config, name)) and p.belongs_to(self.loss)]

    def penalise(self, real: Tensor, fake: Tensor, both: Tensor) -> float:
        """Add the penalties to D's gradient; returns their value. `both` is what D saw: reals, then fakes."""
        samples = self.pack(real), self.pack(fake), *both.chunk(2)
        return sum(p.add_to(self.discriminator, weight, samples, self.torch_rng) for weight, p in self.penalties)

    def descend(self, name: Message, loss: float, network: Network, optimizer: Optimizer, lr: float) -> None:
        """Let a network take its step, if loss and gradient are finite."""
        if not (math.isfinite(loss) and math.isfinite(network.gradient.sum().item())):
            raise self.give_up(name, loss)
        optimizer.step(network, lr * self.decay())

    def decay(self) -> float:
        """The share of the learning rates that is left, from 1 down to 0.01."""
        if not self.config.lr_decay_steps:
            return 1.0
        return max(1 - (self.step_count - self.decay_from) / self.config.lr_decay_steps, _DECAY_FLOOR)

    def memory(self) -> float:
        """What the averaged G keeps of itself in a step."""
        if not (self.config.ema_warm_up or self.problem.quick_average):
            return self.config.ema_decay
        return min(self.config.ema_decay, (1 + self.step_count) / (10 + self.step_count))  # short while G moves far

    # ---- changes while it runs ----

    def update(self, **changes: Any) -> None:
        """Change live fields of the config, e.g. `update(lr_g=1e-3, dropout=0.5)`; each leaves a mark.

        A new learning rate restarts the decay, if there is one, so that the change is felt.

        Raises:
            ValueError: a value out of range, or a field that needs new networks.
        """
        for name in changes:
            if name not in SETTINGS or not SETTINGS[name].live:
                live = ", ".join(n for n, s in SETTINGS.items() if s.live)
                raise ValueError(f"{name} cannot change in a running trainer; these can: {live}")
        changed = {n: v for n, v in changes.items() if v != getattr(self.config, n)}
        new = self.config.replace(**changed)
        for name in changed:
            self.marks = [*self.marks[1 - MAX_MARKS :], Mark(self.step_count, name, getattr(new, name))]
        if changed.keys() & {"lr_g", "lr_d", "lr_decay_steps"}:
            self.decay_from = self.step_count
        if new.ema_decay and not self.config.ema_decay:
            self.averaged.flat.copy_(self.generator.flat)
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
        return self.problem.to_data(self.shown_generator(z))

    def oppose(self, z: Tensor) -> Tensor:
        """As `generate`, by the generator that D plays against."""
        return self.problem.to_data(self.generator(z))

    def judge(self, x: Tensor) -> Tensor:
        """D's raw output, (n, 1), for x (n, dim) in the units of the data; a packed D sees copies of x."""
        return self.judge_packs(x.repeat(1, self.problem.packing))

    def judge_packs(self, x: Tensor) -> Tensor:
        """D's raw output, (n, 1), for packs (n, packing * dim) in the units of the data."""
        samples = x.reshape(len(x) * self.problem.packing, -1)
        return self.discriminator(self.pack(self.problem.to_network(samples)))

    def conditions(self) -> Conditions:
        """Under which D learns now."""
        c = self.config
        return Conditions(c.label_smoothing, c.instance_noise * self.decay(), self.problem.packing)

    def evaluate(self) -> Any:
        """Measure the GAN as it is now. Does not touch the random state of the training."""
        return self.problem.evaluate(self)

    def curves(self, evaluation: Any) -> dict[str, float]:
        """The columns of the history beside step and losses, from an evaluation of now."""
        figures = {name: getattr(evaluation, name) for name in self.problem.scalars}
        return figures | gradient_norms(self) if self.problem.gradients else figures

    def view(self, evaluation: Any = None) -> Any:
        """What there is to see, of the problem's kind; with an evaluation of now, unless it is given."""
        return self.problem.view(self, evaluation or self.evaluate())

    def record(self, d_loss: float, g_loss: float) -> None:
        """Measure, and add a row to the history."""
        evaluation = self.evaluate()
        self.last_evaluation = self.step_count, evaluation
        self.history.append(step=self.step_count, d_loss=d_loss, g_loss=g_loss, **self.curves(evaluation))

    # ---- its state, as data ----

    def state(self) -> State:
        """Everything that this training has come to; a trainer with the same config that resumes it does the same steps."""
        return capture(self)

    def resume(self, state: State) -> None:
        """Go on from a state of a trainer with the same networks. Columns of the history that it lacks become nan."""
        put_back(self, state)
        self._checkpoints.start(self)
        self.last_evaluation = self.step_count, self.evaluate()

    def keep_checkpoint(self) -> None:
        """Keep the weights, if it is time to, for the case that they go wrong."""
        if self.step_count % _STEPS_PER_CHECKPOINT == 0:
            self._checkpoints.keep(self)

    def give_up(self, name: Message, loss: float) -> TrainingDiverged:
        """Put the last good state back; returns what to say of the network that went wrong."""
        step = self.step_count + 1
        restored = self._checkpoints.restore(self)
        return TrainingDiverged(
            Message(
                "The {network}'s loss became {loss:g} or its gradient was not finite at step {step}. Both networks were "
                "put back to step {restored}. Lower the learning rate of the {network} and play on.",
                network=name, loss=loss, step=step, restored=restored,
            ), step,
        )  # fmt: skip
