"""What an experiment is: one frozen record of settings, each with its allowed values, which a link can carry.

To add a setting, add its field to `TrainConfig` (and, where it acts, the code that reads it); widgets, links and
refusals follow from its record. To change a default, see `CHANGED_DEFAULTS`.
"""

import dataclasses
import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gan_core.distributions import DISTRIBUTIONS
from gan_core.images.data import IMAGE_TARGETS
from gan_core.images.networks import ARCHITECTURES
from gan_core.losses import LOSSES
from gan_core.messages import Message
from gan_core.networks import ACTIVATIONS
from gan_core.own_targets import OWN, lookup
from gan_core.settings import KIND_OF_DIM, Setting, setting, settings_of

STAGES = ("early", "middle", "late")  # of the trained networks that are shipped, see `images.warm_starts`
WARM_ARCHITECTURE, WARM_LATENT, WARM_LATENT_DIM = "note", "normal", 100  # of these networks

# A link says only what differs from the defaults, so a link without a `v` means those of version 1. To change a default,
# raise LINK_VERSION and keep the old value here, under the last version that it was the default of.
LINK_VERSION = 2
# version -> the defaults that the next version changed
CHANGED_DEFAULTS: dict[int, dict[str, Any]] = {
    1: {"ema_warm_up": False},  # the averaged G lagged far behind in the first few hundred steps
}
# names in an address that are no settings: of pages, and what messengers, mails and advertisements add to links
FOREIGN_PARAMS = re.compile(r"|v|lang|stage|hide|twin|utm_\w+|fbclid|gclid")

_PLAIN = tuple(KIND_OF_DIM.values())
_RATES = tuple(float(f"{10**e:.2g}") for e in np.arange(-5, -1 + 0.05, 0.1))  # ten per decade, with two digits
_PERCENT = tuple(round(0.05 * i, 2) for i in range(19))


def kind_of(target: str) -> str:
    """The kind of a target, one of `settings.KINDS`; ValueError for an unknown, damaged or forgotten one."""
    return "images" if target in IMAGE_TARGETS else KIND_OF_DIM[lookup(target).dim]


def _is_own(target: str) -> bool:
    """Whether a target is the visitor's own; ValueError if it is damaged or forgotten."""
    own = target.startswith(OWN)
    if own:
        lookup(target)
    return own


def _has_labels(loss: str) -> bool:
    return LOSSES[loss].output != "score"


def _of_warm_start(stage: str) -> dict[str, Any]:
    return {} if stage == "none" else {"latent": WARM_LATENT, "latent_dim": WARM_LATENT_DIM}


@dataclass(frozen=True)
class TrainConfig:
    """Everything that defines an experiment. Same config, same history, bit for bit.

    The defaults are the recipe that converges on the 1D targets (`python -m benchmarks.convergence`).

    Raises:
        ValueError: a field is out of its range; the message names field, value and range.
    """

    target: str = setting(
        "two_modes", registry={**DISTRIBUTIONS, **IMAGE_TARGETS}, also=_is_own, label="Target p_data",
        help="The distribution G has to imitate. A new target starts again from step 0.",
    )  # fmt: skip
    architecture: str = setting(
        "fast", registry=ARCHITECTURES, group="menus", kinds=("images",), implies=lambda key: {"warm_start": "none"},
        label="Networks", help="Generator and discriminator. Other networks start again from step 0.",
    )  # fmt: skip
    warm_start: str = setting(
        "none", registry=dict(zip(("none", *STAGES), ("Random weights", "Early", "In the middle", "Late"), strict=True)),
        group="menus", kinds=("images",), enabled=lambda c: c.architecture == WARM_ARCHITECTURE, implies=_of_warm_start,
        label="Start", help="From random weights, or from where our own training of the note's network stood.",
    )  # fmt: skip
    loss: str = setting(
        "non_saturating", registry=LOSSES, group="menus",
        implies=lambda key: {} if _has_labels(key) else {"label_smoothing": 0.0},
        label="Loss", help="What D and G minimise. A new loss starts again from step 0.",
    )  # fmt: skip
    # live
    lr_g: float = setting(
        2e-3, 0, 0.1, group="sliders", options=_RATES, label="Learning rate of G",
        help="How far G moves per step. Too fast: it outruns D. Too slow: it never arrives.",
    )  # fmt: skip
    lr_d: float = setting(
        8e-3, 0, 0.1, group="sliders", options=_RATES, label="Learning rate of D",
        help="How fast D learns. A D that lags behind gives G wrong directions.",
    )  # fmt: skip
    dropout: float = setting(
        0.0, 0, 0.9, group="sliders", options=_PERCENT, label="Dropout in D",
        help="Each hidden neuron of D is switched off with this probability at every step. The curve D(x) is drawn "
        "without it.",
    )  # fmt: skip
    d_steps: int = setting(
        2, 1, 20, group="sliders", options=tuple(range(1, 11)), label="D steps per G step",
        help="More steps bring D closer to D*, as the theory assumes, but take longer.",
    )  # fmt: skip
    label_smoothing: float = setting(
        0.0, 0, 0.4, group="sliders", options=_PERCENT[:9], enabled=lambda c: _has_labels(c.loss),
        label="Label smoothing",
        help="Real samples get the label 1 − s instead of 1. The balance then lies at (1 − s)/2, not at 1/2.",
    )  # fmt: skip
    instance_noise: float = setting(
        0.0, 0, 2, group="sliders", options=(0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0),
        label="Instance noise",
        help="Standard deviation of noise added to everything D sees, real and fake. Where the learning rates fall, so "
        "does it.",
    )  # fmt: skip
    r1_gamma: float = setting(
        0.0, 0, 100, group="more", options=(0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0),
        label="R1 penalty γ", help="Punishes steep D at real samples. It damps the circling of D and G.",
    )  # fmt: skip
    r2_gamma: float = setting(
        0.0, 0, 100, group="more", options=(0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0),
        label="R2 penalty γ", help="Punishes steep D at fakes, as R1 does at real samples.",
    )  # fmt: skip
    gp_weight: float = setting(
        0.1, 0, 100, group="more", options=(0.0, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0),
        shown=lambda c: LOSSES[c.loss].penalty,
        label="Gradient penalty λ", help="Keeps the slope of the Wasserstein critic near 1.",
    )  # fmt: skip
    weight_clip: float = setting(
        0.0, 0, 10, group="more", kinds=_PLAIN, options=(0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0),
        label="Clip D's weights at ±", help="After each of its steps, no weight of D is larger than this; 0 switches it off.",
    )  # fmt: skip
    spectral_limit: float = setting(
        0.0, 0, 10, group="more", kinds=_PLAIN, options=(0.0, 0.5, 0.7, 1.0, 1.4, 2.0, 3.0, 5.0),
        label="Spectral norm of D's layers, at most",
        help="After each of its steps, no layer of D makes a difference more than so many times larger; 0 switches it off. "
        "At 1, D is nowhere steeper than 1.",
    )  # fmt: skip
    lr_decay_steps: int = setting(
        4000, 0, 1_000_000, group="more", options=(0, 1000, 2000, 4000, 8000, 16000, 32000),
        label="Learning rates fall to 0 over … steps",
        help="Both learning rates fall linearly to 1 % of their value over so many steps; 0 keeps them constant. Moving "
        "a learning rate starts the fall again.",
    )  # fmt: skip
    ema_decay: float = setting(
        0.998, 0, 0.9999, group="more", options=(0.0, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999),
        label="Averaged G (EMA)",
        help="Shows the running average of G's weights, which circles less than G itself. 0 shows G as it is.",
    )  # fmt: skip
    ema_warm_up: bool = setting(
        True, group="more", kinds=_PLAIN, enabled=lambda c: c.ema_decay > 0, label="Short memory at first",
        help="The average forgets fast while G moves far: at step t it keeps at most (1 + t)/(10 + t) of itself. Without "
        "it, the picture lags hundreds of steps behind.",
    )  # fmt: skip
    show_raw: bool = setting(
        False, group="more", enabled=lambda c: c.ema_decay > 0, label="Show G itself",
        help="Shows the G that D plays against, and not its average. What is said of D is always about that G.",
    )  # fmt: skip
    # what needs new networks; on images the architecture says widths, depths and activations
    latent: str = setting(
        "normal", registry={"normal": "Normal N(0, 1)", "uniform": "Uniform [−1, 1]"}, group="network",
        label="Latent distribution", help="Where z comes from: N(0, 1) or uniform on [−1, 1].",
    )  # fmt: skip
    latent_dim: int = setting(
        1, 1, 128, group="network", options=(1, 2, 4, 8, 16, 32, 64, 100), label="Latent dimensions",
        help="With one dimension p_g is computed exactly; with more it is sampled.",
    )  # fmt: skip
    width: int = setting(
        64, 2, 512, group="network", kinds=_PLAIN, options=(4, 8, 16, 32, 64, 128, 256), label="Neurons per layer",
        help="Width of the hidden layers of both networks.",
    )  # fmt: skip
    depth: int = setting(
        2, 1, 6, group="network", kinds=_PLAIN, options=(1, 2, 3, 4), label="Hidden layers",
        help="Number of hidden layers of both networks.",
    )  # fmt: skip
    g_activation: str = setting(
        "tanh", registry=ACTIVATIONS, group="network", kinds=_PLAIN, label="Activation in G",
        help="The non-linearity between the layers of G.",
    )  # fmt: skip
    d_activation: str = setting(
        "leaky_relu", registry=ACTIVATIONS, group="network", kinds=_PLAIN, label="Activation in D",
        help="The non-linearity between the layers of D.",
    )  # fmt: skip
    batch_size: int = setting(
        512, 2, 8192, group="network", options=(32, 64, 128, 256, 512, 1024), label="Batch size",
        help="Real samples, and fakes, per step.",
    )  # fmt: skip
    beta1: float = setting(
        0.0, 0, 0.99, group="network", options=(0.0, 0.3, 0.5, 0.7, 0.9), label="Adam β₁",
        help="Memory of the mean gradient. Momentum carries both players past the balance: 0 makes the circle smaller.",
    )  # fmt: skip
    beta2: float = setting(
        0.9, 0.5, 0.9999, group="network", options=(0.9, 0.99, 0.999), label="Adam β₂",
        help="Memory of the gradient's size.",
    )  # fmt: skip
    packing: int = setting(
        1, 1, 8, group="network", kinds=_PLAIN, options=(1, 2, 4, 8), label="Packing",
        help="D judges so many samples together, and notices when they are all alike (PacGAN).",
    )  # fmt: skip
    wide_start: bool = setting(
        False, group="network", kinds=_PLAIN, label="Start G wide",
        help="G starts spread over the data instead of in a lump near 0.",
    )  # fmt: skip
    spread_start: bool = setting(
        True, group="network", kinds=_PLAIN, label="Spread D's kinks",
        help="D's first neurons start bent all over the window, not only near 0.",
    )  # fmt: skip
    seed: int = setting(
        1, 0, 2**31 - 1, group="network", label="Seed",
        help="The same seed and settings give exactly the same training.",
    )  # fmt: skip

    def __post_init__(self) -> None:
        for name, record in SETTINGS.items():
            object.__setattr__(self, name, record.check(name, getattr(self, name)))
        if self.label_smoothing and not _has_labels(self.loss):
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
        """The kind of its target: "line", "plane" or "images"."""
        return kind_of(self.target)

    @property
    def averages(self) -> bool:
        """Whether pictures show the averaged G, and not the one that D plays against."""
        return self.ema_decay > 0 and not self.show_raw

    def replace(self, **changes: Any) -> "TrainConfig":
        """A copy with changed fields, checked."""
        return dataclasses.replace(self, **changes)

    def to_params(self) -> dict[str, str]:
        """The fields that differ from the default, as strings for a link; from version 2 on with its version, `v`."""
        pairs = ((name, getattr(self, name), default) for name, default in defaults_of(LINK_VERSION).items())
        params = {n: str(v).lower() if isinstance(v, bool) else str(v) for n, v, default in pairs if v != default}
        return params | ({"v": str(LINK_VERSION)} if LINK_VERSION > 1 else {})

    @classmethod
    def from_params(cls, params: Mapping[str, str], problems: list[str] | None = None) -> "TrainConfig":
        """The inverse of `to_params`, for links of all versions; parameters of pages (FOREIGN_PARAMS) are left alone.

        Args:
            params: strings by field name, and the version under `v`.
            problems: if given, a bad field keeps the default of its version, an unknown one is left out, and its
                message is appended here.
        Raises:
            ValueError: a bad or unknown field, or version, if no list was given.
        """
        found: list[Message] = []
        defaults = defaults_of(_version(params, found))
        good: dict[str, Any] = {}
        for name in [n for n in SETTINGS if n in params]:
            try:
                value = SETTINGS[name].parse(name, params[name])
                cls(**{**defaults, **good, name: value})
                good[name] = value
            except ValueError as error:
                found.append(error.args[0])
        found += [_unknown(n) for n in params if n not in SETTINGS and not FOREIGN_PARAMS.fullmatch(n)]
        if found and problems is None:
            raise ValueError(found[0])
        if problems is not None:
            problems += found
        return cls(**{**defaults, **good})


SETTINGS: dict[str, Setting] = settings_of(TrainConfig)
DEFAULT_CONFIG = TrainConfig()


def defaults_of(version: int) -> dict[str, Any]:
    """What a link of this version means for each field that it does not name."""
    defaults = {name: record.default for name, record in SETTINGS.items()}
    for later in range(LINK_VERSION - 1, version - 1, -1):
        defaults |= CHANGED_DEFAULTS.get(later, {})
    return defaults


def _version(params: Mapping[str, str], problems: list[Message]) -> int:
    """Of a link; the newest one, with a message, if there is no such version."""
    versions = {str(v): v for v in range(1, LINK_VERSION + 1)}
    asked = params.get("v", "1")
    if asked not in versions:
        problems.append(
            Message("v = {value} is not a version of links: choose a whole number from 1 to {version}; the link is "
                    "read as one of version {version}", value=repr(asked), version=LINK_VERSION)
        )  # fmt: skip
    return versions.get(asked, LINK_VERSION)


def _unknown(name: str) -> Message:
    """The sentence about a parameter that is no setting, with the setting that has the nearest name or label."""
    known = {re.sub(r"\W+", "_", record.label.lower()): key for key, record in SETTINGS.items()}
    known |= {key: key for key in SETTINGS}
    if near := difflib.get_close_matches(name.lower(), known, 1):
        return Message("{name} is not a setting; did you mean {nearest}?", name=name, nearest=known[near[0]])
    return Message("{name} is not a setting, and is left out", name=name)
