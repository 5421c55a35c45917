"""Between the address of a live page and the experiment that it shows."""

import re
from collections.abc import Callable

import streamlit as st

from gan_core import TrainConfig, cost
from gan_core.config import DEFAULT_CONFIG, SETTINGS
from gan_core.messages import Message
from pages.ui import controls, twin_link

MENUS, PROSE = "menus", "prose"  # names in hide=: the row above the stage without its title; all that stands below it
MOST_HIDDEN = 80


def query() -> dict[str, str]:
    """What the address says about the experiment."""
    return {k: v for k, v in st.query_params.items() if k in ("v", twin_link.NAME) or k in SETTINGS}


def asked(
    kind: str, adapt: Callable[[TrainConfig], TrainConfig], budget: cost.Budget
) -> tuple[TrainConfig, list[Message]]:
    """The experiment that the address names, or the nearest that this page and this server can train, and what had to
    be changed.

    Args:
        kind: of the page's targets. adapt: makes a config possible there. budget: of the server.
    """
    problems: list[Message] = []
    first, params = controls.default_preset(kind), st.query_params.to_dict()
    if "target" not in params and DEFAULT_CONFIG.kind != kind:  # the settings alone: of this page's first experiment
        params = first.to_params() | params
    config = TrainConfig.from_params(params, problems)
    if query() and config.kind != kind:
        problems.append(Message("The link names a target of another page: {target}", target=config.target))
    if not query() or config.kind != kind:
        config = first
    config, dear = cost.fit(adapt(config), budget)
    return config, problems + dear


def hidden() -> list[str]:
    """What the address hides from the visitor, by its names: parts of the page, see `MENUS` and `PROSE`, and what the stage
    knows: its buttons, sliders, panels and numbers, see hiding.js. Unknown names hide nothing."""
    names = dict.fromkeys(str(st.query_params.get("hide", "")).split(","))
    return [name for name in names if re.fullmatch(r"\w{1,40}", name)][:MOST_HIDDEN]
