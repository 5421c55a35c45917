"""A page as a visitor's link opens it, and what its stage shows: what the direct line would bring."""

import json

from streamlit.testing.v1 import AppTest

from benchmarks.harness import ROOT
from pages.ui import feed
from pages.ui.board import pack, unpack
from pages.ui.text import speaking

LIVE_PAGES = {1: "pages/09_train_1d.py", 2: "pages/10_train_2d.py"}  # by dimension
KEYS = ("1d", "2d", "mnist", "space")  # of live pages
COMMANDS = {
    "Play": {"do": "play"}, "Pause": {"do": "pause"}, "Step ×1": {"do": "step", "n": 1}, "×10": {"do": "step", "n": 10},
    "×100": {"do": "step", "n": 100}, "Reset": {"do": "reset"}, "New seed": {"do": "seed"},
}  # fmt: skip


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


def run_of(at):
    """The run on the page."""
    key = next(key for key in KEYS if f"live_{key}" in at.session_state)
    return feed.runner().run(at.session_state[f"live_{key}"]["run"])


def press(at, label):
    """Press a button of the stage."""
    feed.command(run_of(at).name, COMMANDS[label])


def slide(at, field, value):
    """Move a slider of the stage; the widgets beside it follow."""
    feed.command(run_of(at).name, {"do": "set", "values": {field: value}})
    at.run()
    assert not at.exception


def board_of(at, look=None):
    """What the stage shows, once all that was commanded is done.

    Args:
        look: what a watcher chooses to see, a `feed.Look`; without it, the present.
    """
    run = run_of(at)
    try:
        snapshot = run.settle()
    except RuntimeError:  # there is no trainer, and the stage says why
        assert run.why_stopped
        snapshot = None
    language = at.session_state["lang"]
    with speaking(language):
        return unpack(pack(feed.frame(run, snapshot, feed.View(language, look or feed.Look()))))


def stage_of(at):
    """What the page tells the stage: which line, which texts, and what else it may choose."""
    found = [c.proto for c in at.get("bidi_component") if c.proto.component_name == "gan.stage"]
    (stage,) = found
    return json.loads(stage.json)


def slider(at, field):
    """A slider of the stage: its label, value, options, and whether it can be moved."""
    return next(s for s in board_of(at)["sliders"] if s["field"] == field)


def step_to(at, step):
    return shown_with(at, "step", str(step))


def shown_with(at, attribute, value):
    """What the stage shows, which has this attribute."""
    shown = board_of(at)
    assert shown["attributes"][attribute] == value
    return shown


def address(at):
    """The query that the stage puts into the page's address, without the language."""
    return run_of(at).config.to_params()


def widget(kind, field):
    """The widget of this kind for a field of the config."""
    return next(w for w in kind if w.key.endswith(f"_{field}"))
