"""Widgets for the fields of a `TrainConfig`.

Menus come from the registries, ranges from `SPECS`: a new loss, target or preset needs no change here.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from gan_core import DISTRIBUTIONS, LOSSES, PRESETS, Preset, TrainConfig
from gan_core.config import IMAGE_DIM, SPECS
from gan_core.images import warm_starts
from gan_core.images.data import IMAGE_TARGETS
from gan_core.images.networks import ARCHITECTURES
from gan_core.own_targets import OWN, lookup
from pages.ui.text import tr

CUSTOM = "custom"
KINDS = {"converges": "✓", "fails": "✗", "cure": "✚"}  # a preset's kind, as its menu shows it


def _log_options(field: str) -> list[float]:
    """Ten values per decade, with two digits, within the field's range."""
    values = (float(f"{10**e:.2g}") for e in np.arange(-5, -1 + 0.05, 0.1))
    return [v for v in values if SPECS[field].low <= v <= SPECS[field].high]


# field -> (label, help); the keys of the Korean catalogue
TEXTS: dict[str, tuple[str, str]] = {
    "target": ("Target p_data", "The distribution G has to imitate. A new target starts again from step 0."),
    "loss": ("Loss", "What D and G minimise. A new loss starts again from step 0."),
    "lr_g": ("Learning rate of G", "How far G moves per step. Too fast: it outruns D. Too slow: it never arrives."),
    "lr_d": ("Learning rate of D", "How fast D learns. A D that lags behind gives G wrong directions."),
    "dropout": (
        "Dropout in D",
        "Each hidden neuron of D is switched off with this probability at every step. The curve D(x) is drawn without "
        "it.",
    ),
    "d_steps": ("D steps per G step", "More steps bring D closer to D*, as the theory assumes, but take longer."),
    "label_smoothing": (
        "Label smoothing",
        "Real samples get the label 1 − s instead of 1. The balance then lies at (1 − s)/2, not at 1/2.",
    ),
    "instance_noise": (
        "Instance noise",
        "Standard deviation of noise added to everything D sees, real and fake. Where the learning rates fall, so does it.",
    ),
    "r1_gamma": ("R1 penalty γ", "Punishes steep D at real samples. It damps the circling of D and G."),
    "gp_weight": ("Gradient penalty λ", "Keeps the slope of the Wasserstein critic near 1."),
    "lr_decay_steps": (
        "Learning rates fall to 0 over … steps",
        "Both learning rates fall linearly to 1 % of their value over so many steps; 0 keeps them constant. Moving a "
        "learning rate starts the fall again.",
    ),
    "ema_decay": (
        "Averaged G (EMA)",
        "Shows the running average of G's weights, which circles less than G itself. 0 shows G as it is.",
    ),
    "latent": ("Latent distribution", "Where z comes from: N(0, 1) or uniform on [−1, 1]."),
    "latent_dim": ("Latent dimensions", "With one dimension p_g is computed exactly; with more it is sampled."),
    "width": ("Neurons per layer", "Width of the hidden layers of both networks."),
    "depth": ("Hidden layers", "Number of hidden layers of both networks."),
    "g_activation": ("Activation in G", "The non-linearity between the layers of G."),
    "d_activation": ("Activation in D", "The non-linearity between the layers of D."),
    "batch_size": ("Batch size", "Real samples, and fakes, per step."),
    "beta1": ("Adam β₁", "Memory of the mean gradient. Momentum makes two players circle: 0 is calm."),
    "beta2": ("Adam β₂", "Memory of the gradient's size."),
    "wide_start": ("Start G wide", "G starts spread over the data instead of in a lump near 0."),
    "spread_start": ("Spread D's kinks", "D's first neurons start bent all over the window, not only near 0."),
    "packing": ("Packing", "D judges so many samples together, and notices when they are all alike (PacGAN)."),
    "architecture": ("Networks", "Generator and discriminator. Other networks start again from step 0."),
    "warm_start": ("Start", "From random weights, or from where our own training of the note's network stood."),
    "seed": ("Seed", "The same seed and settings give exactly the same training."),
}

LIVE = ("lr_g", "lr_d", "dropout", "d_steps", "label_smoothing", "instance_noise")
LIVE_MORE = ("r1_gamma", "gp_weight", "lr_decay_steps", "ema_decay")
NETWORK = (
    "latent", "latent_dim", "width", "depth", "g_activation", "d_activation", "batch_size", "beta1", "beta2",
    "packing", "wide_start", "spread_start", "seed",
)  # fmt: skip
_NETWORK_IMAGES = ("latent", "latent_dim", "batch_size", "beta1", "beta2", "seed")


def menus(dim: int) -> tuple[str, ...]:
    """The fields that have a menu beside preset and target."""
    return ("architecture", "warm_start", "loss") if dim == IMAGE_DIM else ("loss",)


def network(dim: int) -> tuple[str, ...]:
    """The fields that need new networks, for targets of this dimension."""
    return _NETWORK_IMAGES if dim == IMAGE_DIM else NETWORK


# the steps a slider offers; a value that came by link is added to them
OPTIONS: dict[str, list[Any]] = {
    "lr_g": _log_options("lr_g"),
    "lr_d": _log_options("lr_d"),
    "dropout": [round(0.05 * i, 2) for i in range(19)],
    "d_steps": list(range(1, 11)),
    "label_smoothing": [round(0.05 * i, 2) for i in range(9)],
    "instance_noise": [0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0],
    "r1_gamma": [0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0],
    "gp_weight": [0.0, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0],
    "lr_decay_steps": [0, 1000, 2000, 4000, 8000, 16000, 32000],
    "ema_decay": [0.0, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999],
    "latent_dim": [1, 2, 4, 8, 16, 32, 64, 100],
    "width": [4, 8, 16, 32, 64, 128, 256],
    "depth": [1, 2, 3, 4],
    "batch_size": [32, 64, 128, 256, 512, 1024],
    "packing": [1, 2, 4, 8],
    "beta1": [0.0, 0.3, 0.5, 0.7, 0.9],
    "beta2": [0.9, 0.99, 0.999],
}
NAMES: dict[str, dict[str, str]] = {
    "loss": {k: loss.name for k, loss in LOSSES.items()},
    "latent": {"normal": "Normal N(0, 1)", "uniform": "Uniform [−1, 1]"},
    "g_activation": {"relu": "ReLU", "leaky_relu": "Leaky ReLU", "elu": "ELU", "tanh": "tanh"},
}
NAMES["d_activation"] = NAMES["g_activation"]
NAMES["architecture"] = {k: a.name for k, a in ARCHITECTURES.items()}
NAMES["warm_start"] = {"none": "Random weights", "early": "Early", "middle": "In the middle", "late": "Late"}


CONSEQUENTIAL = ("loss", "architecture", "warm_start")


def consequences(field: str, value: Any) -> dict[str, Any]:
    """The other fields that have to change along with this one."""
    if field == "loss" and LOSSES[value].output == "score":
        return {"label_smoothing": 0.0}
    if field == "architecture":
        return {"warm_start": "none"}
    if field == "warm_start" and value != "none":
        return {"latent": warm_starts.LATENT, "latent_dim": warm_starts.LATENT_DIM}
    return {}


def number(value: float) -> str:
    """A number as a slider shows it: 0.001, 2e-05."""
    return f"{value:g}"


def field_widget(field: str, config: TrainConfig, on_change: Callable[[str, Any], None], prefix: str) -> None:
    """The widget of one field; `on_change(field, value)` when the visitor moves it.

    Args:
        config: the values to begin with. Once on screen, a widget keeps its own: to show other values, draw it under
            another `prefix`.
    """
    key, value = f"{prefix}_{field}", getattr(config, field)
    label, help_text = (tr(t) for t in TEXTS[field])
    common = {
        "key": key,
        "help": help_text,
        "on_change": lambda: on_change(field, st.session_state[key]),
    }
    if SPECS[field].choices:
        names = {k: tr(NAMES[field][k]) for k in SPECS[field].choices}
        off = field == "warm_start" and config.architecture != warm_starts.ARCHITECTURE
        st.selectbox(label, list(names), list(names).index(value), format_func=names.get, disabled=off, **common)
    elif field == "seed":
        st.number_input(label, SPECS[field].low, SPECS[field].high, value, step=1, **common)
    elif SPECS[field].kind is bool:
        st.toggle(label, value, **common)
    else:
        options = sorted({*OPTIONS[field], value})
        off = field == "label_smoothing" and LOSSES[config.loss].output == "score"
        st.select_slider(label, options, value, format_func=number, disabled=off, **common)


def target_widget(config: TrainConfig, dim: int, on_change: Callable[[str, Any], None], prefix: str) -> None:
    """Menu of the targets of this dimension, and of the visitor's own if it is the current one; see `field_widget`."""
    key = f"{prefix}_target"
    names = {k: tr(d.name) for k, d in DISTRIBUTIONS.items() if d.dim == dim}
    if dim == IMAGE_DIM:
        names = {k: tr(name) for k, name in IMAGE_TARGETS.items()}
    else:
        names.setdefault(config.target, tr(lookup(config.target).name))
    label, help_text = (tr(t) for t in TEXTS["target"])
    st.selectbox(
        label,
        list(names),
        list(names).index(config.target),
        format_func=names.get,
        key=key,
        help=help_text,
        on_change=lambda: on_change("target", st.session_state[key]),
    )


def on_own_target(config: TrainConfig, target: str) -> TrainConfig:
    """These settings on the target that the visitor has now, if it is their own and of the same dimension."""
    own = target.startswith(OWN) and lookup(target).dim == config.dim
    return config.replace(target=target) if own else config


def preset_of(config: TrainConfig) -> str:
    """Key of the preset with these settings, whatever the seed, or CUSTOM; on a target of the visitor's own, too; on
    images, whichever images they are and wherever the training begins."""

    def settled(p: Preset) -> TrainConfig:
        free = ("seed", "target", "warm_start") if p.dim == config.dim == IMAGE_DIM else ("seed",)
        if p.dim == config.dim and config.target.startswith(OWN):
            free = ("seed", "target")
        return config.replace(**{field: getattr(p.config, field) for field in free})

    return next((k for k, p in PRESETS.items() if p.config == settled(p)), CUSTOM)


def preset_widget(config: TrainConfig, dim: int, on_choose: Callable[[TrainConfig], None], prefix: str) -> None:
    """Menu of the presets of this dimension; shows CUSTOM once a setting differs from all of them."""
    key, current = f"{prefix}_preset", preset_of(config)
    names = {k: f"{KINDS[p.kind]} {tr(p.name)}" for k, p in PRESETS.items() if p.dim == dim}
    names[CUSTOM] = tr("Your own settings")

    def chosen() -> None:
        if st.session_state[key] not in (CUSTOM, current):
            on_choose(PRESETS[st.session_state[key]].config)

    st.selectbox(
        tr("Preset"),
        list(names),
        list(names).index(current),
        format_func=names.get,
        help=tr("✓ settings that converge, ✗ failures on purpose, ✚ their cures. A preset starts again from step 0."),
        key=key,
        on_change=chosen,
    )
    if current != CUSTOM:
        preset = PRESETS[current]
        st.caption(f"**{tr(preset.story)}** {tr(preset.look_for) if preset.look_for else ''}")


def default_preset(dim: int) -> TrainConfig:
    """The experiment that a newcomer meets first among the targets of this dimension."""
    return next(p for p in PRESETS.values() if p.dim == dim).config
