"""A lesson by AppTest: its page in a language, and what its charts show."""

from streamlit.testing.v1 import AppTest

from benchmarks.harness import ROOT
from pages.ui.board import unpack


def visit(path: str, language: str = "en") -> AppTest:
    """The page, run once without an exception."""
    at = AppTest.from_file(str(ROOT / "home.py"), default_timeout=60)
    at.query_params["lang"] = language
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
