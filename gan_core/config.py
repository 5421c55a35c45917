"""What an experiment is: one frozen record of settings, each with its allowed values, which a link can carry."""

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gan_core import networks
from gan_core.distributions import DISTRIBUTIONS
from gan_core.images.data import IMAGE_TARGETS, SIDE
from gan_core.images.networks import ARCHITECTURES
from gan_core.losses import LOSSES
from gan_core.messages import Message
from gan_core.own_targets import OWN, lookup

LATENTS = ("normal", "uniform")
IMAGE_DIM = SIDE * SIDE  # images of fewer pixels count as smaller copies of these
STAGES = ("early", "middle", "late")  # of the trained networks that are shipped, see `images.warm_starts`


@dataclass(frozen=True)
class Spec:
    """The allowed values of one field of `TrainConfig`: a range or a list of choices."""

    kind: type
    low: float = -math.inf
    high: float = math.inf
    choices: tuple[str, ...] = ()
    live: bool = False  # may change in a running trainer; the others need new networks
    also: Callable[[str], bool] | None = None  # whether a value is allowed beside the choices; may raise ValueError

    def check(self, name: str, value: Any) -> Any:
        """The value, converted exactly to `kind`; ValueError naming field, value and allowed range otherwise."""
        is_number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
        if self.kind is bool and isinstance(value, bool):
            return value
        if self.kind is str and value in self.choices:
            return value
        if self.kind is str and self.also and isinstance(value, str) and self.also(value):
            return value
        if self.kind in (int, float) and is_number and self.low <= value <= self.high and self.kind(value) == value:
            return self.kind(value)
        raise ValueError(self._refusal(name, value))

    def parse(self, name: str, text: str) -> Any:
        """The value written as `text`; ValueError as in `check`."""
        if self.kind is str:
            return self.check(name, text)
        try:
            return self.check(name, {"true": True, "false": False}[text] if self.kind is bool else self.kind(text))
        except (KeyError, ValueError):
            raise ValueError(self._refusal(name, text)) from None

    def _refusal(self, name: str, value: Any) -> Message:
        given = {"name": name, "value": repr(value)}
        if self.choices:
            return Message("{name} = {value} is not possible: choose one of {choices}", **given,
                           choices=", ".join(self.choices))  # fmt: skip
        if self.kind is bool:
            return Message("{name} = {value} is not possible: choose true or false", **given)
        given |= {"low": self.low, "high": self.high}
        if self.kind is int:
            return Message("{name} = {value} is not possible: choose a whole number from {low:g} to {high:g}", **given)
        return Message("{name} = {value} is not possible: choose a number from {low:g} to {high:g}", **given)


def _is_own(target: str) -> bool:
    """Whether a target is the visitor's own; ValueError if it is damaged or forgotten."""
    own = target.startswith(OWN)
    if own:
        lookup(target)
    return own


def _field(default: Any, low: float = -math.inf, high: float = math.inf, **spec: Any) -> Any:
    return dataclasses.field(default=default, metadata={"spec": Spec(type(default), low, high, **spec)})


@dataclass(frozen=True)
class TrainConfig:
    """Everything that defines an experiment. Same config, same history, bit for bit.

    The defaults are the recipe that converges on the 1D targets (`python -m benchmarks.convergence`).

    Raises:
        ValueError: a field is out of its range; the message names field, value and range.
    """

    target: str = _field("two_modes", choices=(*DISTRIBUTIONS, *IMAGE_TARGETS), also=_is_own)
    loss: str = _field("non_saturating", choices=tuple(LOSSES))
    seed: int = _field(1, 0, 2**31 - 1)
    # networks
    latent: str = _field("normal", choices=LATENTS)
    latent_dim: int = _field(1, 1, 128)
    width: int = _field(64, 2, 512)
    depth: int = _field(2, 1, 6)
    g_activation: str = _field("tanh", choices=tuple(networks.ACTIVATIONS))
    d_activation: str = _field("leaky_relu", choices=tuple(networks.ACTIVATIONS))
    wide_start: bool = _field(False)
    spread_start: bool = _field(True)
    # optimisation
    batch_size: int = _field(512, 2, 8192)
    lr_g: float = _field(2e-3, 0, 0.1, live=True)
    lr_d: float = _field(8e-3, 0, 0.1, live=True)
    beta1: float = _field(0.0, 0, 0.99)
    beta2: float = _field(0.9, 0.5, 0.9999)
    lr_decay_steps: int = _field(4000, 0, 1_000_000, live=True)
    d_steps: int = _field(2, 1, 20, live=True)
    ema_decay: float = _field(0.998, 0, 0.9999, live=True)
    # regularisation of D
    dropout: float = _field(0.0, 0, 0.9, live=True)
    label_smoothing: float = _field(0.0, 0, 0.4, live=True)
    instance_noise: float = _field(0.0, 0, 2, live=True)
    r1_gamma: float = _field(0.0, 0, 100, live=True)
    gp_weight: float = _field(0.1, 0, 100, live=True)
    packing: int = _field(1, 1, 8)
    # images only: their networks, which have their own widths, depths and activations
    architecture: str = _field("fast", choices=tuple(ARCHITECTURES))
    warm_start: str = _field("none", choices=("none", *STAGES))

    def __post_init__(self) -> None:
        for name, spec in SPECS.items():
            object.__setattr__(self, name, spec.check(name, getattr(self, name)))
        if self.label_smoothing and LOSSES[self.loss].output == "score":
            raise ValueError(
                Message(
                    "label_smoothing = {value:g} is not possible with loss = '{loss}': its discriminator has no labels; "
                    "choose 0",
                    value=self.label_smoothing,
                    loss=self.loss,
                )
            )

        if self.batch_size % self.packing:
            raise ValueError(
                Message(
                    "packing = {packing} does not divide batch_size = {batch_size}; choose a batch size that is a multiple",
                    packing=self.packing,
                    batch_size=self.batch_size,
                )
            )

    @property
    def kind(self) -> str:
        """Kind of the target: "line" (1D), "plane" (2D) or "images"."""
        if self.target in IMAGE_TARGETS:
            return "images"
        return "line" if lookup(self.target).dim == 1 else "plane"

    @property
    def dim(self) -> int:
        """Dimension of the target's samples."""
        return IMAGE_DIM if self.target in IMAGE_TARGETS else lookup(self.target).dim

    def replace(self, **changes: Any) -> "TrainConfig":
        """A copy with changed fields, checked."""
        return dataclasses.replace(self, **changes)

    def to_params(self) -> dict[str, str]:
        """The fields that differ from the default, as strings for a link."""
        pairs = ((name, getattr(self, name), getattr(DEFAULT_CONFIG, name)) for name in SPECS)
        return {n: str(v).lower() if isinstance(v, bool) else str(v) for n, v, default in pairs if v != default}

    @classmethod
    def from_params(cls, params: Mapping[str, str], problems: list[str] | None = None) -> "TrainConfig":
        """The inverse of `to_params`; parameters of other names are left alone.

        Args:
            params: strings by field name.
            problems: if given, a bad field keeps its default and its message is appended here.
        Raises:
            ValueError: a bad field, if no list was given.
        """
        good: dict[str, Any] = {}
        for name in [n for n in SPECS if n in params]:
            try:
                value = SPECS[name].parse(name, params[name])
                cls(**good, **{name: value})
                good[name] = value
            except ValueError as error:
                if problems is None:
                    raise
                problems.append(error.args[0])
        return cls(**good)


SPECS: dict[str, Spec] = {f.name: f.metadata["spec"] for f in dataclasses.fields(TrainConfig)}
DEFAULT_CONFIG = TrainConfig()
