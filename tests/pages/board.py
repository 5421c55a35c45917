"""A page as a visitor's link opens it, and what its board shows."""

import time

from streamlit.testing.v1 import AppTest

from benchmarks.harness import ROOT
from pages.ui.board import unpack

LIVE_PAGES = {1: "pages/09_train_1d.py", 2: "pages/10_train_2d.py"}  # by dimension


def visit(path, **query):
    """The page as a visitor with this query sees it."""
    at = AppTest.from_file(str(ROOT / "home.py"), default_timeout=60)
    for name, value in query.items():
        at.query_params[name] = value
    if path != "home.py":
        at.switch_page(path)
    at.run()
    assert not at.exception
    return at


def board_of(at):
    """What the live board shows, once its run is built."""
    for _ in range(100):
        found = at.get("bidi_component")
        if found and found[0].proto.bytes:
            return unpack(found[0].proto.bytes)
        time.sleep(0.1)
        at.run()
        assert not at.exception
    raise AssertionError("the board did not appear")


def step_to(at, step):
    return shown_with(at, "step", str(step))


def shown_with(at, attribute, value):
    """What the board shows once this attribute of it has this value: a command reaches its run some moments later."""
    for _ in range(200):
        shown = board_of(at)
        if shown["attributes"][attribute] == value:
            return shown
        time.sleep(0.05)
        at.run()
    raise AssertionError(f"{attribute} {value} did not appear")


def address(at):
    """The query of the page's address."""
    return {k: v if isinstance(v, str) else v[0] for k, v in at.query_params.items()}


def widget(kind, field):
    """The widget of this kind for a field of the config."""
    return next(w for w in kind if w.key.endswith(f"_{field}"))


def button(at, label):
    return next(b for b in at.button if b.label == label)
