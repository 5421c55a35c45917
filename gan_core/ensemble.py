"""Many small GANs trained together: what one waits for between two small matrix products, the others make use of.

Every member is a `GANTrainer`, and does what it would do alone, to the bit: its batches, noise and dropout come from its
own generators, and it multiplies and takes its steps by itself. What lies between is shared, a few members at a time, as
many as fit into the cache of a core.
"""

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan_core.config import TrainConfig
from gan_core.constraints import constrain
from gan_core.losses import Separate
from gan_core.networks import MLP
from gan_core.problem import jsds
from gan_core.stacks import Stack
from gan_core.training import DISCRIMINATOR, GENERATOR, GANTrainer, TrainingDiverged

BLOCK = 2**17  # numbers in a hidden layer of all Ds that are computed together: half a megabyte, as a cache may hold
VECTOR = 32  # numbers that PyTorch computes at once; what is left of a row of another length it may round otherwise
# what members that are computed together have in common, beside the dimension of their targets
COMMON = ("loss", "width", "depth", "latent_dim", "g_activation", "d_activation", "batch_size", "packing", "d_steps")


class Ensemble:
    """GANs in training, each with its own settings and seed; those of one shape and loss are computed together.

    Attributes:
        members: the trainers; look at them, save them, train one on by itself (a history that is read here and there
            would take longer than the steps: it does not grow).
        stopped: number of a member -> why it has stopped: it diverged, and stands at its last good state.
    """

    def __init__(self, members: Sequence[TrainConfig | GANTrainer]):
        """Args: the settings of every member, of targets on a line or on a plane, or its trainer.

        Raises:
            ValueError: there are none, or one is about images.
        """
        configs = [member.config if isinstance(member, GANTrainer) else member for member in members]
        if not configs or any(config.kind == "images" for config in configs):
            raise ValueError("an ensemble needs settings of at least one GAN, none of them about images")
        self.members = [member if isinstance(member, GANTrainer) else GANTrainer(member) for member in members]
        self.stopped: dict[int, TrainingDiverged] = {}
        self._arrange()

    def _arrange(self) -> None:
        """Put those that go on into blocks."""
        groups: dict[tuple[object, ...], dict[int, GANTrainer]] = {}
        for i, member in enumerate(self.members):
            if i not in self.stopped:
                key = (member.target.dim, *(getattr(member.config, name) for name in COMMON))
                groups.setdefault(key, {})[i] = member
        self._blocks = []
        for group in groups.values():
            config = next(iter(group.values())).config
            whole = config.batch_size // config.packing % VECTOR == 0
            size = max(1, BLOCK // (2 * config.batch_size * config.width)) if whole else 1
            items = [*group.items()]
            self._blocks += [_Block(dict(items[at : at + size])) for at in range(0, len(items), size)]

    def step(self) -> NDArray[np.float64]:
        """One step of every member that has not stopped; (E, 2) losses of D and G, nan where it has."""
        losses = np.full((len(self.members), 2), np.nan)
        with torch.inference_mode():
            for block in self._blocks:
                for i, both in block.step().items():
                    losses[i] = both
        if diverged := {i: error for block in self._blocks for i, error in block.diverged.items()}:
            self.stopped |= diverged
            self._arrange()
        return losses

    def update(self, i: int, **changes: Any) -> None:
        """Change live fields of a member's config, as `GANTrainer.update`."""
        self.members[i].update(**changes)
        self._arrange()  # it may keep another pace now

    def jsd(self) -> NDArray[np.float64]:
        """(E,) JSD(p_data, p_g) of the p_g that each member shows, nats."""
        with torch.inference_mode():
            return jsds(self.members)


class _Block:
    """Members of one shape and loss, in step. Tensors have the members first: (k, batch, ...)."""

    def __init__(self, members: dict[int, GANTrainer]):
        self.diverged: dict[int, TrainingDiverged] = {}
        self._members, self._trainers = members, list(members.values())
        self._loss, self._packing = self._trainers[0].loss, self._trainers[0].problem.packing
        self._generators = Stack([_mlp(t.generator) for t in self._trainers])
        self._discriminators = Stack([_mlp(t.discriminator) for t in self._trainers])

    def step(self) -> dict[int, tuple[float, float]]:
        """As `GANTrainer.step`: number of each member that goes on -> the losses of D and G."""
        for trainer in self._trainers:
            trainer.keep_checkpoint()
        for _ in range(self._trainers[0].config.d_steps):
            d_losses = self._step_discriminators()
        g_losses = self._step_generators()
        done = {}
        for (i, trainer), d_loss, g_loss in zip(self._members.items(), d_losses, g_losses, strict=True):
            if i not in self.diverged:
                trainer.step_count += 1
                done[i] = d_loss, g_loss
        return done

    def _step_discriminators(self) -> list[float]:
        """As `GANTrainer.step_discriminator`, line by line."""
        real = self._reals()
        fake = self._generators(self._latents())
        both = self._seen(torch.cat([real, fake], 1))
        logits, tape = self._discriminators.record(both)
        values, slopes = self._judge_both(logits)
        self._discriminators.backward(tape, slopes)
        losses: list[float] = values.tolist()

        def descend(row: int, t: GANTrainer) -> None:
            if t.penalties:
                losses[row] += t.penalise(real[row], fake[row], both[row])
            t.descend(DISCRIMINATOR, losses[row], t.discriminator, t.d_optimizer, t.config.lr_d)
            constrain(t.discriminator, t.config)

        self._let(descend)
        return losses

    def _step_generators(self) -> list[float]:
        """As `GANTrainer.step_generator`, line by line."""
        fake, g_tape = self._generators.record(self._latents())
        logits, d_tape = self._discriminators.record(self._seen(fake))
        values, by_fake = self._judge_fakes(logits)
        arrows = self._discriminators.backward(d_tape, by_fake, weights=False, inputs=True)
        self._generators.backward(g_tape, arrows.view_as(fake))
        losses: list[float] = values.tolist()

        def descend(row: int, t: GANTrainer) -> None:
            t.descend(GENERATOR, losses[row], t.generator, t.g_optimizer, t.config.lr_g)
            if t.config.ema_decay:
                t.averaged.flat.lerp_(t.generator.flat, 1 - t.memory())

        self._let(descend)
        return losses

    def _let(self, act: Callable[[int, GANTrainer], None]) -> None:
        """Let all that go on act, each by its row; one that diverges does no more."""
        for row, (i, trainer) in enumerate(self._members.items()):
            if i not in self.diverged:
                try:
                    act(row, trainer)
                except TrainingDiverged as error:
                    self.diverged[i] = error

    def _reals(self) -> Tensor:
        return torch.stack([next(t.real_batches) for t in self._trainers])

    def _latents(self) -> Tensor:
        return torch.stack([next(t.latent_batches) for t in self._trainers])

    def _seen(self, x: Tensor) -> Tensor:
        """What Ds see of samples (k, n, dim): with everyone's own noise, in packs."""
        if any(t.config.instance_noise for t in self._trainers):
            x = torch.stack([t.add_noise(samples) for t, samples in zip(self._trainers, x, strict=True)])
        return x if self._packing == 1 else x.view(len(x), -1, x.shape[2] * self._packing)

    def _judge_both(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        """Losses (k,) of Ds, and the slopes by their outputs (k, 2n, 1)."""
        smoothing = [t.config.label_smoothing for t in self._trainers]
        if isinstance(self._loss.d, Separate) and len(set(smoothing)) == 1:
            return self._loss.judge_both(logits, smoothing[0])
        values, slopes = zip(*map(self._loss.judge_both, logits, smoothing), strict=True)
        return torch.stack(values), torch.stack(slopes)

    def _judge_fakes(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        """Losses (k,) of Gs, and the slopes by the outputs (k, n, 1) of Ds."""
        if isinstance(self._loss.g, Separate):
            at_once = self._loss.g(None, logits)
            return at_once.value, at_once.by_fake
        reals: Iterable[Tensor | None] = itertools.repeat(None)
        if self._loss.paired:
            reals = self._discriminators.record(self._seen(self._reals()))[0]
        judged = [self._loss.g(real, fake) for real, fake in zip(reals, logits, strict=False)]
        return torch.stack([j.value for j in judged]), torch.stack([j.by_fake for j in judged])


def _mlp(network: object) -> MLP:
    """The network, for the type checker; those of toys are all of this kind."""
    assert isinstance(network, MLP)
    return network
