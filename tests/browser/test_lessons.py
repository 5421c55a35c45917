"""Every lesson in a real browser: each slider of each exhibit changes the picture, without an error on the console."""

import pytest

from benchmarks.harness import BOARD, wait_until
from pages.ui.frame import PAGES

pytestmark = pytest.mark.browser

LIVE = ("home.py", "pages/09_train_1d.py", "pages/10_train_2d.py", "pages/12_gallery.py")
LESSONS = [p for p in PAGES if p.path not in LIVE]

# what an exhibit shows: how often its charts were drawn, its numbers, its pictures
SHOWN = f"""() => [...document.querySelectorAll('{BOARD}')].map(b => b.dataset.updates + b.querySelector('.lb-tiles').innerText)
    + [...document.querySelectorAll('[data-testid=stMain] img')].map(i => i.src)
    + [...document.querySelectorAll('[data-testid=stMarkdown]')].map(m => m.innerText)"""


def slug(page) -> str:
    return "/" + page.path.removeprefix("pages/").removesuffix(".py").split("_", 1)[1]


def settled(page) -> str:
    """What the exhibits show, once it stands still."""
    before = None
    for _ in range(40):
        now = page.evaluate(SHOWN)
        if now == before:
            return now
        before = now
        page.wait_for_timeout(400)
    return before


@pytest.mark.parametrize("entry", LESSONS, ids=lambda p: slug(p)[1:])
def test_every_slider_changes_the_picture(visitor, entry):
    visitor.goto(visitor.url_of(slug(entry)))
    visitor.wait_for_selector("h1", timeout=60_000)
    visitor.get_by_text("Next:").first.wait_for(timeout=60_000) if entry is not PAGES[-1] else None
    settled(visitor)
    sliders = visitor.locator("[data-testid=stMain] [data-testid=stSlider]").get_by_role("slider")
    for i in range(sliders.count()):
        before = settled(visitor)
        sliders.nth(i).scroll_into_view_if_needed()
        sliders.nth(i).focus()
        value = sliders.nth(i).get_attribute("aria-valuenow")
        for key in ("ArrowRight", "ArrowLeft"):  # the other way if it stands at its end
            visitor.keyboard.press(key)
            visitor.keyboard.press(key)
            visitor.wait_for_timeout(500)
            if sliders.nth(i).get_attribute("aria-valuenow") != value:
                break
        name = sliders.nth(i).get_attribute("aria-label") or i
        wait_until(lambda before=before: visitor.evaluate(SHOWN) != before, 20, f"slider {name} changed nothing")
    assert visitor.evaluate("document.documentElement.scrollWidth") <= visitor.viewport_size["width"]
    visitor.set_viewport_size({"width": 390, "height": 844})  # a phone
    wait_until(
        lambda: visitor.evaluate("document.documentElement.scrollWidth") <= 390, 10, "it does not fit a phone's width"
    )


@pytest.mark.parametrize("entry", [
    pytest.param(p, marks=[] if i % 4 == 0 else pytest.mark.longest, id=p.path) for i, p in enumerate(PAGES)
])  # fmt: skip
def test_korean_is_set_as_korean(visitor, entry):
    """The document says its language, no Hangul leans, no line breaks within a word."""
    visitor.goto(visitor.url_of(("/" if entry is PAGES[0] else slug(entry)) + "?lang=ko"))
    visitor.wait_for_selector("[data-testid=stMain] [data-testid=stMarkdown] p", timeout=60_000)
    wait_until(lambda: visitor.evaluate("document.documentElement.lang") == "ko", 60, "the document is not Korean")
    settled(visitor)
    leaning = """[...document.querySelectorAll('[data-testid=stMain] *')].filter(e => /[가-힣]/.test(
        [...e.childNodes].filter(n => n.nodeType === 3).map(n => n.data).join('')))"""
    assert (
        visitor.evaluate(f"{leaning}.filter(e => getComputedStyle(e).fontStyle !== 'normal').map(e => e.innerText)")
        == []
    )
    assert (
        visitor.evaluate("getComputedStyle(document.querySelector('[data-testid=stMain] p')).wordBreak") == "keep-all"
    )
