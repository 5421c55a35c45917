"""The visitor of the browser tests."""

import pytest


@pytest.fixture
def visitor(browser, server):
    """A fresh visitor; fails if the page logged an error or showed a traceback."""
    context = browser.new_context(viewport={"width": 1500, "height": 1000})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda e: errors.append(str(e)))
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" and not _expected(m) else None)
    page.url_of = lambda path="/train_1d": server + path
    yield page
    assert page.get_by_text("Traceback").count() == 0
    assert page.locator("[data-testid=stException]").count() == 0
    assert errors == []
    context.close()


def _expected(message) -> bool:
    """Streamlit's frontend probes for its server below a deep link first, and reports sockets that a test closed; the
    browser reports what a test refused to hand over."""
    text, url = message.text, message.location.get("url", "")
    return "/_stcore/" in url or "/gan/take/" in url or "WebSocket" in text or "disconnected" in text
