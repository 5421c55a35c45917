"""The stage in a real browser: what stands in the window at which size, keys, and a line that comes back."""

import pytest

from benchmarks.harness import BOARD, app_server, board, free_port, open_board, wait_until
from tests.browser.actions import pause, press, setting, step, url

pytestmark = pytest.mark.browser

SIZES = ((1280, 720), (1366, 768), (1440, 900), (1920, 1080))
BESIDE = {"train_1d": ("proof", "opinion", "divergences", "losses"), "train_2d": ("proof", "opinion", "divergences", "losses"),
          "train_mnist": ("bounds", "opinion", "class_divergences", "losses")}  # fmt: skip
TILES = {"train_1d": ("jsd", "d_real", "d_fake", "step"), "train_2d": ("jsd", "d_real", "d_fake", "step"),
         "train_mnist": ("modes", "frechet", "d_real", "d_fake", "step")}  # fmt: skip
# every kind and both languages; the rest of the pairs with the longest ones
LECTURES = [pytest.param(name, language, marks=[] if often else pytest.mark.longest) for name, language, often in (
    ("train_1d", "en", True), ("train_1d", "ko", False), ("train_2d", "en", False), ("train_2d", "ko", True),
    ("train_mnist", "en", True), ("train_mnist", "ko", False),
)]  # fmt: skip
SMALL = "?target=digits&architecture=tiny&latent_dim=16"


def boxes(page, selectors):
    return {s: page.locator(s).first.bounding_box() for s in selectors}


@pytest.mark.parametrize(("name", "language"), LECTURES)
def test_all_that_a_lecture_needs_stands_in_the_window(browser, server, name, language):
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    query = SMALL if name == "train_mnist" else "?"
    open_board(page, f"{server}/{name}{query}&lang={language}")
    wanted = [
        "[data-testid=play]", "[data-testid=sentence]", "[data-testid=hero]", "[data-testid=timeline]",
        *(f"[data-testid=panel-{p}]" for p in BESIDE[name]), *(f"[data-tile={t}]" for t in TILES[name]),
        *(f"[data-testid=setting-{f}]" for f in ("lr_g", "lr_d", "dropout")),
        *(f"{BOARD} button:has-text('{text}')" for text in ("×1", "×10", "×100", "max" if language == "en" else "최대")),
    ]  # fmt: skip
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(500)
        for selector, box in boxes(page, wanted).items():
            assert box, f"{selector} is not there at {width} x {height}"
            assert box["x"] >= 0, (selector, width)
            assert box["y"] >= 0, (selector, width)
            assert box["x"] + box["width"] <= width + 0.5, (selector, width)
            assert box["y"] + box["height"] <= height + 0.5, (selector, width)
        hero = page.get_by_test_id("hero").bounding_box()
        assert hero["height"] >= 0.45 * height
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


@pytest.mark.parametrize(("name", "language"), LECTURES)
def test_a_phone_shows_play_sentence_and_picture_first(browser, server, name, language):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    query = SMALL if name == "train_mnist" else "?"
    open_board(page, f"{server}/{name}{query}&lang={language}")
    page.wait_for_timeout(500)
    for selector in ("[data-testid=play]", "[data-testid=sentence]", "[data-testid=hero] .lb-panel canvas"):
        box = page.locator(selector).first.bounding_box()
        assert box["y"] >= 0, selector
        assert box["y"] + box["height"] <= 844, selector
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator(".lb-handle").click()  # the tray of sliders
    slider, hero = setting(page, "lr_g").bounding_box(), page.locator("[data-testid=hero] canvas").first.bounding_box()
    assert 0 < slider["y"] < 844
    assert hero["y"] + 100 < slider["y"]  # the picture stays in sight
    context.close()


def test_no_title_is_cut(browser, server):
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    for name in ("train_1d", "train_2d"):
        for language in ("en", "ko"):
            open_board(page, f"{server}/{name}?lang={language}")
            for width in (390, 700, 1000, 1280):
                page.set_viewport_size({"width": width, "height": 844})
                page.wait_for_timeout(400)
                cut = page.evaluate(
                    """() => [...document.querySelectorAll('.lb-title, .lb-title span')].filter(e => e.offsetParent &&
                        getComputedStyle(e).textOverflow === 'ellipsis' && e.scrollWidth > e.clientWidth).map(e => e.innerText)"""
                )
                assert cut == [], (name, language, width)
    page.close()


def test_keys_play_step_reset_and_change_the_speed(visitor):
    open_board(visitor, visitor.url_of())
    visitor.keyboard.press("s")
    wait_until(lambda: step(visitor) == 1, 20, "S did not step")
    visitor.keyboard.press("Space")
    wait_until(lambda: board(visitor)["state"] == "playing", 20, "space did not play")
    visitor.keyboard.press("2")
    wait_until(lambda: visitor.locator("[aria-pressed=true]", has_text="10/s").count(), 20, "2 did not set the speed")
    visitor.keyboard.press("Space")
    wait_until(lambda: board(visitor)["state"] == "paused", 20, "space did not pause")
    visitor.keyboard.press("r")
    wait_until(lambda: step(visitor) == 0, 20, "R did not reset")
    visitor.keyboard.press("ArrowRight")
    wait_until(lambda: board(visitor)["last-change"].startswith("lr_g"), 20, "the arrow moved no slider")
    visitor.keyboard.press("?")
    sheet = visitor.locator(".lb-keys")
    assert sheet.is_visible()
    visitor.keyboard.press("Escape")
    assert not sheet.is_visible()


def test_full_stage_by_key_and_by_link(visitor):
    open_board(visitor, visitor.url_of())
    visitor.set_viewport_size({"width": 1280, "height": 720})
    visitor.keyboard.press("f")
    stage = visitor.get_by_test_id("stage")
    wait_until(lambda: stage.bounding_box()["height"] >= 700, 10, "F did not fill the window")
    assert "stage=full" in url(visitor)
    small = visitor.evaluate(
        """() => [...document.querySelectorAll('[data-testid=stage] *')].filter(e => e.checkVisibility() && !e.closest('svg, sub') &&
            [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())).filter(e =>
            parseFloat(getComputedStyle(e).fontSize) < innerHeight / 36 - 0.1).map(e => e.className + ': ' + e.innerText)"""
    )
    assert small == []
    visitor.keyboard.press("Escape")
    wait_until(lambda: "stage=full" not in url(visitor), 10, "Escape did not leave")
    open_board(visitor, visitor.url_of("/train_1d?stage=full"))
    wait_until(lambda: stage.bounding_box()["height"] >= 700, 10, "the link did not fill the window")


def test_a_hidden_tab_asks_for_nothing_and_trains_on(visitor):
    open_board(visitor, visitor.url_of())
    press(visitor, "Play")
    wait_until(lambda: step(visitor) > 30, 60, "it did not train")
    visitor.evaluate(
        """() => { Object.defineProperty(document, 'hidden', { value: true, configurable: true });
            Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
            document.dispatchEvent(new Event('visibilitychange')); }"""
    )
    visitor.wait_for_timeout(1000)
    frames, at = int(board(visitor)["frames"]), step(visitor)
    visitor.wait_for_timeout(2000)
    assert int(board(visitor)["frames"]) <= frames + 1
    visitor.evaluate(
        """() => { delete document.hidden; delete document.visibilityState;
            document.dispatchEvent(new Event('visibilitychange')); }"""
    )
    wait_until(lambda: step(visitor) > at + 20, 30, "it did not train on")
    assert board(visitor)["line"] == "open"
    pause(visitor)


def test_a_server_that_was_started_anew_begins_the_same_experiment(browser):
    port = free_port()
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    with app_server(port) as (url, _):
        open_board(page, f"{url}/train_1d?seed=7&dropout=0.2")
        press(page, "×10")
        wait_until(lambda: step(page) == 10, 60, "it did not step")
    wait_until(lambda: board(page)["line"] == "away", 30, "nobody noticed that the server is away")
    with app_server(port):
        wait_until(
            lambda: page.locator(f"{BOARD}[data-line=open]").count() and step(page) == 0, 90, "it did not begin again"
        )
        assert board(page)["seed"] == "7"
        press(page, "×10")
        wait_until(lambda: step(page) == 10, 60, "it does not train")
        context.close()


def test_the_line_goes_on_by_http_where_no_socket_gets_through(visitor):
    visitor.add_init_script(
        """const W = window.WebSocket;
        window.WebSocket = class extends W { constructor(url, ...a) { if (String(url).includes('gan/line')) url = 'ws://127.0.0.1:9/'; super(url, ...a); } };"""
    )
    open_board(visitor, visitor.url_of())
    assert board(visitor)["line"] == "polling"
    press(visitor, "Play")
    wait_until(lambda: step(visitor) > 20, 60, "it did not train")
    pause(visitor)
