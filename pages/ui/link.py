"""Between the address of a live page and the experiment that it shows."""

from collections.abc import Callable

import streamlit as st

from gan_core import TrainConfig, cost
from gan_core.config import DEFAULT_CONFIG, SETTINGS
from gan_core.messages import Message
from pages.ui import controls, frame


def query() -> dict[str, str]:
    """What the address says about the experiment."""
    return {k: v for k, v in st.query_params.items() if k == "v" or k in SETTINGS}


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


class Link:
    """The address of one page for one visitor."""

    def __init__(self) -> None:
        self._bare: TrainConfig | None = None  # what an address without an experiment means
        self._ours: list[dict[str, str]] = []

    def is_new(self) -> bool:
        """Whether the address asks for an experiment that this page has not put there itself."""
        return bool(query()) and query() not in self._ours

    def visit(self, config: TrainConfig, *, as_asked: bool) -> None:
        """This experiment has been made of the address: of all that it says, or of what was possible."""
        self._bare = config if as_asked and not query() else None
        self._remember(query())

    def share(self, config: TrainConfig) -> None:
        """Put the experiment into the address, unless that is bare and means it already: a first visit leaves it alone."""
        if query() or config != self._bare:
            self._remember(config.to_params())
            frame.set_link(config.to_params())

    def _remember(self, params: dict[str, str]) -> None:
        if params not in self._ours:
            self._ours = [*self._ours[-19:], params]
