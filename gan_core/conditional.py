"""GANs that make what is ordered: the label goes into G and D, and everything else stays as it is.

A sample here is a pair (x, y), as a row [x | one-hot y]: the data draw both, G is given y and hands it on beside its x, and D
judges the pair (Mirza and Osindero, 2014, Conditional Generative Adversarial Nets, eq. 2). So this is the old game on pairs, and
the same trainer plays it. Since y has the same shares on both sides, JSD of the pairs = E_y[JSD(p_data(x|y), p_g(x|y))]:
it is 0 only if every label is right by itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from gan_core.batches import BATCHES_PER_DRAW, Batches
from gan_core.config import TrainConfig
from gan_core.diagnosis import Diagnosis
from gan_core.game import Game
from gan_core.images.networks import ModuleNetwork
from gan_core.latents import N_FIXED, draw_latents
from gan_core.messages import Message

Array = NDArray[np.float64]

N_PER_LABEL = 100  # fakes of every label that are measured
_CHUNK = 250  # rows at once through networks


def with_label(rows: Tensor, labels: Tensor, n_labels: int) -> Tensor:
    """Rows (n, d) of latents or samples and labels (n,) in [0, n_labels) -> (n, d + n_labels): the label as a one-hot."""
    return torch.cat([rows, nn.functional.one_hot(labels, n_labels).to(rows.dtype)], 1)


class LabelledGenerator(nn.Module):
    """[z | y] -> [G(z, y) | y]: the network sees the label beside z, and the label is handed on as it is."""

    def __init__(self, body: nn.Module, n_labels: int):
        """Args: body: (n, latent_dim + n_labels) -> (n, dim)."""
        super().__init__()
        self.body, self.n_labels = body, n_labels

    def forward(self, order: Tensor) -> Tensor:
        """(n, latent_dim + n_labels) -> (n, dim + n_labels)."""
        return torch.cat([self.body(order), order[:, -self.n_labels :]], 1)


class ProjectionDiscriminator(nn.Module):
    """[x | y] -> psi(phi(x)) + <v_y, phi(x)>: how real x looks, and how well it goes with its label.

    Miyato and Koyama (2018), cGANs with Projection Discriminator; psi is linear here.
    """

    def __init__(self, features: nn.Module, width: int, n_labels: int):
        """Args: features: phi, (n, dim) -> (n, width)."""
        super().__init__()
        self.features, self.n_labels = features, n_labels
        self.realness = nn.Linear(width, 1)
        self.matches = nn.Linear(width, n_labels, bias=False)  # its rows are the v_y

    def forward(self, pair: Tensor) -> Tensor:
        """(n, dim + n_labels) -> (n, 1) logits."""
        x, y = pair[:, : -self.n_labels], pair[:, -self.n_labels :]
        h = self.features(x)
        return self.realness(h) + (self.matches(h) * y).sum(1, keepdim=True)


@dataclass(frozen=True, eq=False)
class Labelled:
    """Data with labels 0 to K - 1, and the networks for them.

    Attributes:
        key: of the data. shares: (K,) of the labels.
        batches: (batch size, rng) -> batches of x (n, dim) beside their labels, see `with_label`, as networks see them.
        held_out, held_out_labels: (n, dim), (n,) that are not trained on.
        judge: x (n, dim) -> (n,) the label that x looks like; -1 for none.
        generator: number of inputs, latent_dim + K -> G's body. features: () -> D's phi. width: of phi.
        center, unit: (dim,) networks see (x - center) / unit.
    """

    key: str
    shares: Array
    batches: Callable[[int, np.random.Generator], Batches]
    held_out: Tensor
    held_out_labels: Tensor
    judge: Callable[[Tensor], Tensor]
    generator: Callable[[int], nn.Module]
    features: Callable[[], nn.Module]
    width: int
    center: Tensor
    unit: Tensor

    @property
    def n_labels(self) -> int:
        """K."""
        return len(self.shares)

    def real_accuracy(self) -> float:
        """How often the judge names real samples that nobody trained on as their label says: what perfect fakes would read."""
        named = torch.cat([self.judge(x) for x in self.held_out.split(_CHUNK)])
        return float((named == self.held_out_labels).double().mean())


@dataclass(frozen=True)
class ConditionalEvaluation:
    """A conditional GAN, measured on 100 fakes of every label, always from the same latents.

    Attributes:
        by_label: (K,) share of the fakes ordered as k that the judge takes for k.
        spreads: (K,) standard deviation of a coordinate among fakes of one label (root mean square), of that of real ones; 0: one
            and the same x for every z.
        d_real, d_fake: mean of D on held-out pairs and on fakes; nan for scores.
    """

    by_label: Array
    spreads: Array
    d_real: float
    d_fake: float

    @property
    def accuracy(self) -> float:
        """Share of the fakes that are what was ordered; 1/K by chance."""
        return float(self.by_label.mean())

    @property
    def spread(self) -> float:
        """Mean of `spreads`: 1 if fakes of a label differ as much as real ones. Accuracy is blind to that."""
        return float(self.spreads.mean())


class Course(NamedTuple):
    """What there is to see of a conditional GAN in training.

    Attributes:
        step: of training. evaluation: the last. curves: columns of its history, step among them -> (rows,) values.
        fakes: to order, as who looks wants them.
    """

    step: int
    evaluation: ConditionalEvaluation
    curves: Mapping[str, Array]
    fakes: NDArray[Any]


class ConditionalProblem:
    """Labelled data, with networks that are told the label; see `Problem`. Samples are pairs, labels in front of nobody else."""

    scalars: tuple[str, ...] = ("accuracy", "spread", "d_real", "d_fake")
    gradients = False
    max_age = 0.0
    packing = 1
    by_hand = False
    quick_average = True
    light_checkpoints = True
    stride = 50

    def __init__(self, config: TrainConfig, data: Labelled):
        """Args: config: its target is not used; data: see `Labelled`.

        Raises:
            ValueError: settings that would act on the label as if it were a part of x.
        """
        if config.instance_noise or config.r1_gamma or config.packing > 1:
            raise ValueError(Message("Instance noise, R1 and packing would act on the labels, too: choose 0, 0 and 1"))
        self.config, self.target = config, data
        self.real = data.held_out[:N_FIXED].numpy()
        z = draw_latents(config.latent, N_PER_LABEL, config.latent_dim, torch.Generator().manual_seed(0))
        self._labels = torch.arange(data.n_labels).repeat_interleave(N_PER_LABEL)
        self._orders = with_label(z.repeat(data.n_labels, 1), self._labels, data.n_labels)
        self._pairs = with_label(data.held_out, data.held_out_labels, data.n_labels)[:N_FIXED]
        self._real_spreads = _spreads(data.held_out, data.held_out_labels, data.n_labels)

    def generator(self, rng: torch.Generator) -> ModuleNetwork:
        """See `Problem`."""
        data = self.target
        return ModuleNetwork(
            LabelledGenerator(data.generator(self.config.latent_dim + data.n_labels), data.n_labels), rng
        )

    def discriminator(self, rng: torch.Generator) -> ModuleNetwork:
        """See `Problem`."""
        data = self.target
        module = ProjectionDiscriminator(data.features(), data.width, data.n_labels)
        return ModuleNetwork(module, rng, self.config.dropout)

    def widen(self, generator: Any, rng: np.random.Generator, torch_rng: torch.Generator) -> None:
        """Not here: G starts as it is."""

    def real_batches(self, rng: np.random.Generator) -> Batches:
        """See `Problem`."""
        return self.target.batches(self.config.batch_size, rng)

    def latent_batches(self, rng: torch.Generator) -> Batches:
        """Batches of [z | y]; the labels have the shares of the data, or D could tell fakes by their labels alone."""
        c, data = self.config, self.target
        shares = torch.from_numpy(data.shares)

        def draw(rng: torch.Generator) -> tuple[Tensor, ...]:
            n = BATCHES_PER_DRAW * c.batch_size
            z = draw_latents(c.latent, n, c.latent_dim, rng)
            labels = torch.multinomial(shares, n, replacement=True, generator=rng)
            return with_label(z, labels, data.n_labels).split(c.batch_size)

        return Batches(rng, draw)

    def fixed_latents(self) -> Tensor:
        """(512, latent_dim + K) with the labels in turn."""
        c, data = self.config, self.target
        z = draw_latents(c.latent, N_FIXED, c.latent_dim, torch.Generator().manual_seed(c.seed))
        return with_label(z, torch.arange(N_FIXED) % data.n_labels, data.n_labels)

    def real_samples(self, n: int) -> Tensor:
        """See `Problem`."""
        return self.to_data(self._pairs[:n])

    def to_data(self, x: Tensor) -> Tensor:
        """See `Problem`; of pairs, whose labels stay as they are."""
        d = self.target
        return torch.cat([x[:, : -d.n_labels] * d.unit + d.center, x[:, -d.n_labels :]], 1)

    def to_network(self, x: Tensor) -> Tensor:
        """See `Problem`."""
        d = self.target
        return torch.cat([(x[:, : -d.n_labels] - d.center) / d.unit, x[:, -d.n_labels :]], 1)

    def slope_to_data(self, by_x: Tensor) -> Tensor:
        """See `Problem`."""
        d = self.target
        return torch.cat([by_x[:, : -d.n_labels] / d.unit, by_x[:, -d.n_labels :]], 1)

    def start(self) -> Any:
        """See `Problem`."""

    def evaluate(self, game: Game) -> ConditionalEvaluation:
        """See `Problem`."""
        d = self.target
        pairs = torch.cat([game.generate(orders) for orders in self._orders.split(_CHUNK)])
        fakes = self.to_network(pairs)[:, : -d.n_labels]
        right = (torch.cat([d.judge(x) for x in fakes.split(_CHUNK)]) == self._labels).double()
        opinions = (game.loss.probability(game.judge(p)) for p in (self.real_samples(N_FIXED), pairs))
        d_real, d_fake = (float("nan") if o is None else float(o.double().mean()) for o in opinions)
        return ConditionalEvaluation(
            right.view(d.n_labels, N_PER_LABEL).mean(1).numpy(),
            _spreads(fakes, self._labels, d.n_labels) / self._real_spreads, d_real, d_fake,
        )  # fmt: skip

    def diagnose(self, game: Game, evaluation: ConditionalEvaluation, history: Mapping[str, Array]) -> Diagnosis:
        """See `Problem`."""
        sentence = Message("{share:.0%} of the fakes are what was ordered", share=evaluation.accuracy)
        return Diagnosis("ordered", "info", sentence, "", {})

    def view(self, game: Game, evaluation: Any) -> NDArray[np.float32]:
        """The fakes of the fixed latents, (512, dim + K)."""
        return game.generate(game.fixed_latents(N_FIXED)).numpy()


def ordered(game: Game, z: Tensor, labels: Tensor) -> Tensor:
    """G(z, y) in the units of the data, (n, dim), by the shown G.

    Args:
        game: of a `ConditionalProblem`. z: (n, latent_dim). labels: (n,) in [0, K), or (n, K) shares of labels: G was never told
            such a mixture, and answers nevertheless.
    """
    n_labels = game.problem.target.n_labels
    order = with_label(z, labels, n_labels) if labels.ndim == 1 else torch.cat([z, labels.to(z.dtype)], 1)
    return game.generate(order)[:, :-n_labels]


def _spreads(x: Tensor, labels: Tensor, n_labels: int) -> Array:
    """Root mean square over coordinates of their standard deviation among the rows of every label, (K,)."""
    return np.array(
        [float(x[labels == k].double().var(0, correction=0).mean().sqrt()) for k in range(n_labels)], dtype=np.float64
    )


def mixture(label: int, other: int, n: int, n_labels: int) -> Tensor:
    """n orders from one label to another in even steps, both ends among them; (n, n_labels)."""
    ends = nn.functional.one_hot(torch.tensor([label, other]), n_labels).float()
    return torch.lerp(ends[0], ends[1], torch.linspace(0, 1, n)[:, None])
