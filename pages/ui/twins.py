"""How a visitor starts twins: two runs with the same seed that differ in the settings one picks."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from gan_core import TrainConfig
from gan_core.config import SETTINGS
from pages.ui import controls
from pages.ui.text import tr

GROUPS = ("menus", "sliders", "more", "network")  # of settings in which twins may differ


def chooser(config: TrainConfig, start: Callable[[Mapping[str, Any]], object], prefix: str) -> None:
    """What is different about B, and a button that starts both; to be drawn in a fragment.

    Args:
        config: of A. start: called with the settings that differ, after the button was pressed.
        prefix: of the widgets' keys.
    """
    st.markdown(
        tr("**Two runs, one Play.** A is this run; B starts beside it from the same seed, with other settings.")
    )
    fields = [n for group in GROUPS for n in controls.fields(group, config.kind, config) if n not in ("target", "seed")]
    names = {name: tr(SETTINGS[name].label).replace("…", "") for name in fields}
    chosen = st.multiselect(
        tr("What is different about B"), fields, key=f"{prefix}_fields",
        format_func=names.__getitem__,
    )  # fmt: skip
    values: dict[str, Any] = st.session_state.setdefault(f"{prefix}_values", {})
    for field in chosen:
        shown = (
            config.replace(**{field: values[field]})
            if field in values and _goes(config, field, values[field])
            else config
        )
        controls.field_widget(field, shown, values.__setitem__, f"{prefix}_{getattr(config, field)}_b")
    differing = {n: values[n] for n in chosen if n in values and values[n] != getattr(config, n)}
    if st.button(tr("Start both from step 0"), type="primary", disabled=not differing, key=f"{prefix}_start"):
        start(differing)


def _goes(config: TrainConfig, field: str, value: Any) -> bool:
    try:
        config.replace(**{field: value})
    except ValueError:
        return False
    return True
