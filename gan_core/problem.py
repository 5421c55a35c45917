"""What differs by kind of target: networks, real batches, units, measurements, what there is to see.

A `game.Problem` per kind, made anew for every trainer; `PROBLEMS` is the registry. The trainer itself is the same for all.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan_core import networks
from gan_core.batches import BATCHES_PER_DRAW, Batches
from gan_core.config import TrainConfig
from gan_core.diagnosis import Diagnosis, diagnose
from gan_core.evaluation import SCALARS
from gan_core.facts import History, toy_facts
from gan_core.game import Game, Problem
from gan_core.latents import N_FIXED, draw_fixed_latents, draw_latent_batches, draw_latents
from gan_core.line_evaluation import Evaluator1D
from gan_core.line_view import view_line
from gan_core.networks import Network
from gan_core.own_targets import lookup
from gan_core.plane_evaluation import Evaluator2D
from gan_core.plane_view import view_plane


class ToyProblem:
    """A distribution on a line or a plane, with MLPs; see `Problem`. Networks see (x - center) / unit.

    Attributes:
        evaluator: what measures; GANs of one target and latent share it.
    """

    scalars = SCALARS
    gradients = True
    stride = 20
    by_hand = True
    quick_average = False
    light_checkpoints = False

    def __init__(
        self,
        config: TrainConfig,
        evaluator: Callable[..., Any],
        view: Callable[[Game, Any, NDArray[np.float32]], Any],
        max_age: float,
    ):
        """Args: config; the class that measures; the function that looks, see `Problem`; see `Problem.max_age`."""
        self.config = config
        self.target = lookup(config.target)
        self.real = self.target.sample(N_FIXED, np.random.default_rng(config.seed)).astype(np.float32)
        self.evaluator = evaluator(self.target, config.latent, config.latent_dim)
        self.max_age = max_age
        self.packing = config.packing
        self._view = view
        self._center, self._unit = (torch.from_numpy(a).float() for a in (self.target.center, self.target.unit))

    def generator(self, rng: torch.Generator) -> networks.MLP:
        """See `Problem`."""
        c = self.config
        return networks.MLP([c.latent_dim, *[c.width] * c.depth, self.target.dim], c.g_activation, rng)

    def discriminator(self, rng: torch.Generator) -> networks.MLP:
        """See `Problem`."""
        c = self.config
        window = float((np.abs(np.array(self.target.bounds).T - self.target.center) / self.target.unit).max())
        return networks.MLP(
            [self.target.dim * c.packing, *[c.width] * c.depth, 1], c.d_activation, rng,
            dropout=c.dropout, spread=window if c.spread_start else 0.0,
        )  # fmt: skip

    def widen(self, generator: Network, rng: np.random.Generator, torch_rng: torch.Generator) -> None:
        """See `Problem`."""
        real = self._draw_real(1024, rng)
        z = draw_latents(self.config.latent, 1024, self.config.latent_dim, torch_rng)
        assert isinstance(generator, networks.MLP)
        networks.widen(generator, z, real.mean(0), real.std(0))

    def real_batches(self, rng: np.random.Generator) -> Batches:
        """See `Problem`."""
        n = self.config.batch_size
        return Batches(rng, lambda rng: self._draw_real(BATCHES_PER_DRAW * n, rng).split(n))

    def _draw_real(self, n: int, rng: np.random.Generator) -> Tensor:
        return self.to_network(torch.from_numpy(self.target.sample(n, rng)).float())

    def latent_batches(self, rng: torch.Generator) -> Batches:
        """See `Problem`."""
        return draw_latent_batches(self.config, rng)

    def fixed_latents(self) -> Tensor:
        """See `Problem`."""
        return draw_fixed_latents(self.config)

    def real_samples(self, n: int) -> Tensor:
        """See `Problem`."""
        return torch.from_numpy(self.real[:n])

    def to_data(self, x: Tensor) -> Tensor:
        """See `Problem`."""
        return x * self._unit + self._center

    def to_network(self, x: Tensor) -> Tensor:
        """See `Problem`."""
        return (x - self._center) / self._unit

    def slope_to_data(self, by_x: Tensor) -> Tensor:
        """See `Problem`."""
        return by_x / self._unit

    def start(self) -> None:
        """See `Problem`."""

    def evaluate(self, game: Game) -> Any:
        """See `Problem`."""
        opponent = game.oppose if game.config.averages else None
        return self.evaluator(
            game.generate, game.judge_packs, game.loss, opponent=opponent, conditions=game.conditions()
        )

    def diagnose(self, game: Game, evaluation: Any, history: History) -> Diagnosis:
        """See `Problem`."""
        return diagnose(toy_facts(game, evaluation, history))

    def view(self, game: Game, evaluation: Any) -> Any:
        """See `Problem`."""
        return self._view(game, evaluation, self.real)


# making one takes as long as a measurement; one holds up to 10 MB of latents, mostly a fiftieth of that
_line_evaluator, _plane_evaluator = (functools.lru_cache(maxsize=8)(kind) for kind in (Evaluator1D, Evaluator2D))


def _on_a_line(config: TrainConfig) -> Problem:
    return ToyProblem(config, _line_evaluator, view_line, max_age=0.0)


def _on_a_plane(config: TrainConfig) -> Problem:
    return ToyProblem(config, _plane_evaluator, view_plane, max_age=0.2)  # a measurement costs as much as two steps


def _on_images(config: TrainConfig) -> Problem:
    from gan_core.images.problem import ImageProblem  # only now: a page of toys need not load images

    return ImageProblem(config)


PROBLEMS: dict[str, Callable[[TrainConfig], Problem]] = {
    "line": _on_a_line,
    "plane": _on_a_plane,
    "images": _on_images,
}


def make_problem(config: TrainConfig) -> Problem:
    """The problem that a config sets.

    Raises:
        images.data.ImagesMissing: MNIST was asked for and is not on this machine.
    """
    return PROBLEMS[config.kind](config)


def jsds(games: Sequence[Game]) -> NDArray[np.float64]:
    """(E,) JSD(p_data, p_g) in nats of the p_g that each of these GANs on lines or planes shows, measured together."""
    by_evaluator: dict[Any, list[int]] = {}
    for i, game in enumerate(games):
        assert isinstance(game.problem, ToyProblem)
        by_evaluator.setdefault(game.problem.evaluator, []).append(i)
    found = np.empty(len(games))
    for evaluator, places in by_evaluator.items():
        found[places] = evaluator.jsds([games[i].generate for i in places])
    return found
