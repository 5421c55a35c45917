"""A lesson by AppTest: its page in a language, and what its charts show."""

from collections.abc import Callable
from typing import Any

from streamlit.testing.v1 import AppTest

from benchmarks.harness import ROOT
from pages.ui.board import unpack


def visit(path: str, language: str = "en", **query: str) -> AppTest:
    """The page, by a link with this query, run once without an exception."""
    at = AppTest.from_file(str(ROOT / "home.py"), default_timeout=60)
    at.query_params["lang"] = language
    for name, value in query.items():
        at.query_params[name] = value
    at.switch_page(path)
    at.run()
    assert not at.exception
    return at


def shown(at: AppTest, key: str) -> dict:
    """The content of the charts with this key: {"panels": [...], "tiles": [...], ...}."""
    return next(unpack(c.proto.bytes) for c in at.get("bidi_component") if key in c.proto.id)


def tiles(at: AppTest, key: str) -> dict[str, str]:
    """Tile id -> the value on display."""
    return {t["id"]: t["value"] for t in shown(at, key)["tiles"]}


def panel(at: AppTest, key: str, name: str) -> dict:
    """One panel of the charts with this key."""
    return next(p for p in shown(at, key)["panels"] if p["id"] == name)


def chooser(prefix: str) -> Callable[..., AppTest]:
    """What moves widgets of a lesson, by what their keys have after this prefix: `choose(at, theta=8.0)`."""

    def choose(at: AppTest, **values: Any) -> AppTest:
        for name, value in values.items():
            widgets = [*at.selectbox, *at.select_slider, *at.slider, *at.toggle]
            next(w for w in widgets if w.key == f"{prefix}_{name}").set_value(value).run()
            assert not at.exception
        return at

    return choose
