"""Widgets for the fields of a `TrainConfig`, drawn from their records in `SETTINGS`.

A new setting, loss, target or preset needs no change here.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st

from gan_core import LOSSES, PRESETS, Preset, TrainConfig
from gan_core.config import SETTINGS, kind_of
from gan_core.own_targets import OWN, lookup
from pages.ui.text import tr

CUSTOM = "custom"
MARKS = {"converges": "✓", "fails": "✗", "cure": "✚"}  # a preset's kind, as its menu shows it


def fields(group: str, kind: str, config: TrainConfig) -> list[str]:
    """The settings of a group, see `Setting.group`, that mean something for this kind of target and this config."""
    return [n for n, s in SETTINGS.items() if s.group == group and kind in s.kinds and s.shown(config)]


def number(value: float) -> str:
    """A number as a slider shows it: 0.001, 2e-05."""
    return f"{value:g}"


def field_widget(field: str, config: TrainConfig, on_change: Callable[[str, Any], None], prefix: str) -> None:
    """The widget of one field; `on_change(field, value)` when the visitor moves it.

    Args:
        config: the values to begin with. Once on screen, a widget keeps its own: to show other values, draw it under
            another `prefix`.
    """
    key, value, setting = f"{prefix}_{field}", getattr(config, field), SETTINGS[field]
    label = tr(setting.label)
    common: dict[str, Any] = {
        "key": key,
        "help": tr(setting.help),
        "disabled": not setting.enabled(config),
        "on_change": lambda: on_change(field, st.session_state[key]),
    }
    if setting.choices:
        names = {k: tr(name) for k, name in setting.names.items()}
        st.selectbox(label, list(names), list(names).index(value), format_func=names.__getitem__, **common)
    elif setting.type is bool:
        st.toggle(label, value, **common)
    elif setting.options:
        options = sorted({*setting.options, value})  # a value may have come by link
        st.select_slider(label, options, value, format_func=number, **common)
    else:
        step, form = (1, "%d") if setting.type is int else (None, "%g")
        low, high = setting.type(setting.low), setting.type(setting.high)  # Streamlit wants numbers of one type
        st.number_input(label, low, high, value, step=step, format=form, **common)


def target_widget(config: TrainConfig, kind: str, on_change: Callable[[str, Any], None], prefix: str) -> None:
    """Menu of the targets of this kind, and of the visitor's own if it is the current one; see `field_widget`."""
    key, setting = f"{prefix}_target", SETTINGS["target"]
    names = {k: tr(name) for k, name in setting.names.items() if kind_of(k) == kind}
    if config.target not in names:
        names[config.target] = tr(lookup(config.target).name)
    st.selectbox(
        tr(setting.label),
        list(names),
        list(names).index(config.target),
        format_func=names.__getitem__,
        key=key,
        help=tr(setting.help),
        on_change=lambda: on_change("target", st.session_state[key]),
        label_visibility="collapsed",
        width=210,
    )


def on_own_target(config: TrainConfig, target: str) -> TrainConfig:
    """These settings on the target that the visitor has now, if it is their own and of the same kind."""
    own = target.startswith(OWN) and kind_of(target) == config.kind
    return config.replace(target=target) if own else config


def preset_of(config: TrainConfig) -> str:
    """Key of the preset with these settings, whatever the seed, or CUSTOM; on a target of the visitor's own, too; on
    images, whichever images they are and wherever the training begins."""

    def settled(p: Preset) -> TrainConfig:
        if p.config.kind != config.kind:
            return config
        own = config.target.startswith(OWN)
        free = ("seed", "target", "warm_start") if config.kind == "images" else ("seed", "target") if own else ("seed",)
        return config.replace(**{field: getattr(p.config, field) for field in free})

    return next((k for k, p in PRESETS.items() if p.config == settled(p)), CUSTOM)


def preset_widget(config: TrainConfig, kind: str, on_choose: Callable[[TrainConfig], None], prefix: str) -> None:
    """Menu of the presets for this kind of target; shows CUSTOM once a setting differs from all of them."""
    key, current = f"{prefix}_preset", preset_of(config)
    names = {k: f"{MARKS[p.kind]} {tr(p.name)}" for k, p in PRESETS.items() if p.config.kind == kind}
    names[CUSTOM] = tr("Your own settings")

    def chosen() -> None:
        if st.session_state[key] not in (CUSTOM, current):
            on_choose(PRESETS[st.session_state[key]].config)

    st.selectbox(
        tr("Preset"),
        list(names),
        list(names).index(current),
        format_func=names.__getitem__,
        help=tr("✓ settings that converge, ✗ failures on purpose, ✚ their cures. A preset starts again from step 0."),
        key=key,
        on_change=chosen,
        label_visibility="collapsed",
        width=270,
    )


def preset_story(config: TrainConfig) -> None:
    """What these settings are about, if they are a preset's."""
    if (key := preset_of(config)) != CUSTOM:
        preset = PRESETS[key]
        st.caption(f"**{tr(preset.story)}** {tr(preset.look_for) if preset.look_for else ''}")


def default_preset(kind: str) -> TrainConfig:
    """The experiment that a newcomer meets first among the targets of this kind."""
    return next(p for p in PRESETS.values() if p.config.kind == kind).config


def loss_formulas(config: TrainConfig) -> None:
    """What D and G minimise, behind one click."""
    loss = LOSSES[config.loss]
    with st.expander(tr("The losses in formulas")):
        st.latex(loss.latex_d)
        st.latex(loss.latex_g)
        st.caption(loss.source)
