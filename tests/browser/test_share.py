"""Sharing a view in a real browser: who shares chooses what others see, copies the link, and shows its QR code."""

from urllib.parse import parse_qs, urlparse

import pytest

from benchmarks.harness import BOARD, board, open_board, wait_until
from tests.browser import actions
from tests.browser.actions import setting, url

pytestmark = pytest.mark.browser

SHARE = {"en": "Share this view", "ko": "이 화면 공유"}
COPY = {"en": "Copy the link", "ko": "링크 복사"}
COPIED = {"en": "Copied", "ko": "복사했습니다"}


def share(page, language="en"):
    """Open the dialog."""
    return actions.dialog(page, SHARE[language])


def choice(dialog, name):
    return dialog.locator(f"[data-name={name}] input")


def link_of(dialog):
    return dialog.locator("textarea").input_value()


def query_of(link):
    return parse_qs(urlparse(link).query)


def open_link(page, link):
    """What another visitor sees who follows the link."""
    context = page.context.browser.new_context(viewport={"width": 1280, "height": 720})
    other = context.new_page()
    open_board(other, link)
    other.wait_for_timeout(500)
    return other


@pytest.mark.parametrize("language", [pytest.param("en", marks=pytest.mark.longest), "ko"])
def test_what_is_unchecked_is_in_the_link_and_not_on_the_page_of_who_follows_it(visitor, language):
    open_board(visitor, visitor.url_of(f"/train_2d?lang={language}&dropout=0.25"))
    dialog = share(visitor, language)
    assert "hide" not in query_of(link_of(dialog))
    assert query_of(link_of(dialog))["dropout"] == ["0.25"]
    off = ["reset", "lr_d", "losses", "modes", "tile_modes", "sentence", "jsd", "menus", "prose"]
    for name in off:
        choice(dialog, name).uncheck()
        assert name in query_of(link_of(dialog))["hide"][0].split(",")
    choice(dialog, "jsd").check()
    link = link_of(dialog)
    assert set(query_of(link)["hide"][0].split(",")) == set(off) - {"jsd"}
    assert query_of(link).get("lang", ["en"]) == [language]
    assert visitor.get_by_test_id("panel-losses").is_visible()  # who shares sees it all
    assert "hide" not in url(visitor)

    other = open_link(visitor, link)
    for gone in ("[data-testid=panel-losses]", "[data-testid=panel-modes]", "[data-tile=modes]", "[data-testid=setting-lr_d]",
                 "[data-testid=stSelectbox]", "[data-testid=stPopover]", "[data-testid=stExpander]"):  # fmt: skip
        assert other.locator(gone).count() == 0, gone
    for hidden in (
        "[data-testid=sentence]",
        f"{BOARD} button:text-is('{'Reset' if language == 'en' else '처음부터'}')",
    ):
        assert not other.locator(hidden).first.is_visible(), hidden
    for there in (
        "[data-testid=panel-proof]",
        "[data-tile=jsd]",
        "[data-testid=setting-lr_g]",
        "[data-testid=play]",
        "h1",
    ):
        assert other.locator(there).first.is_visible(), there
    assert setting(other, "dropout").get_attribute("aria-valuetext") == "0.25"
    assert board(other)["lang"] == language
    other.get_by_test_id("play").click()  # the address of the experiment keeps what is hidden
    wait_until(lambda: int(board(other)["step"]) > 5, 60, "it did not train")
    assert "hide" in query_of(other.url)
    other.context.close()


def test_hidden_buttons_are_not_there_for_keys_either(visitor):
    open_board(visitor, visitor.url_of("/train_1d?hide=transport"))
    assert not visitor.get_by_test_id("play").is_visible()
    for key in ("Space", "s", "r"):
        visitor.keyboard.press(key)
    visitor.wait_for_timeout(800)
    assert (board(visitor)["state"], board(visitor)["step"]) == ("paused", "0")
    slider = setting(visitor, "lr_g")
    before = slider.input_value()
    visitor.keyboard.press("ArrowRight")  # the first slider is there
    assert int(slider.input_value()) == int(before) + 1


def test_a_whole_group_at_once_and_what_goes_with_the_buttons(visitor):
    open_board(visitor, visitor.url_of())
    dialog = share(visitor)
    panels = dialog.get_by_role("checkbox", name="Panels")
    panels.uncheck()
    names = query_of(link_of(dialog))["hide"][0].split(",")
    assert {"density", "discriminator", "proof", "opinion", "divergences", "losses", "latent"} == set(names)
    choice(dialog, "proof").check()
    assert panels.evaluate("box => box.indeterminate")
    panels.check()
    assert "hide" not in query_of(link_of(dialog))
    choice(dialog, "transport").uncheck()
    assert choice(dialog, "speed").is_disabled()
    assert query_of(link_of(dialog))["hide"] == ["transport"]


@pytest.mark.parametrize("hide", ["density,discriminator", "proof,opinion,divergences,losses",
                                  "lr_g,lr_d,dropout,d_steps,label_smoothing,instance_noise"])  # fmt: skip
def test_what_is_hidden_leaves_its_room_to_the_others(visitor, hide):
    visitor.set_viewport_size({"width": 1280, "height": 720})
    open_board(visitor, visitor.url_of(f"/train_1d?hide={hide}"))
    visitor.wait_for_timeout(500)
    parts = [visitor.locator(s) for s in (".lb-hero", ".lb-beside", ".lb-tray")]
    boxes = [part.bounding_box() for part in parts if part.is_visible()]
    assert len(boxes) == 2
    assert max(b["x"] + b["width"] for b in boxes) >= 1250
    assert min(b["x"] for b in boxes) <= 20
    assert boxes[1]["x"] - boxes[0]["x"] - boxes[0]["width"] <= 20


def test_the_full_stage_by_link(visitor):
    open_board(visitor, visitor.url_of())
    dialog = share(visitor)
    dialog.get_by_role("checkbox", name="Full stage").check()
    assert query_of(link_of(dialog))["stage"] == ["full"]
    other = open_link(visitor, link_of(dialog))
    assert other.locator(".lb-full").count() == 1
    dialog = share(other)  # it opens above the full stage, too
    assert dialog.get_by_role("checkbox", name="Full stage").is_checked()
    box = dialog.bounding_box()
    assert other.evaluate("([x, y]) => Boolean(document.elementFromPoint(x, y).closest('.lb-share'))",
                          [box["x"] + box["width"] / 2, box["y"] + 30])  # fmt: skip
    other.keyboard.press("Escape")
    assert not dialog.is_visible()
    assert other.locator(".lb-full").count() == 1
    other.context.close()


@pytest.mark.parametrize("language", [pytest.param("en", marks=pytest.mark.longest), "ko"])
def test_the_link_is_copied(visitor, language):
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_board(visitor, visitor.url_of(f"/train_1d?lang={language}"))
    dialog = share(visitor, language)
    dialog.get_by_role("button", name=COPY[language]).click()
    dialog.get_by_role("button", name=COPIED[language]).wait_for()
    assert visitor.evaluate("navigator.clipboard.readText()") == link_of(dialog)
    dialog.get_by_role("button", name=COPY[language]).wait_for()


def test_the_link_is_copied_without_https_too(visitor):
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.add_init_script("window.read = navigator.clipboard.readText.bind(navigator.clipboard);"
                            "Object.defineProperty(Navigator.prototype, 'clipboard', { get: () => undefined })")  # fmt: skip
    open_board(visitor, visitor.url_of())
    dialog = share(visitor)
    dialog.get_by_role("button", name=COPY["en"]).click()
    dialog.get_by_role("button", name=COPIED["en"]).wait_for()
    assert visitor.evaluate("window.read()") == link_of(dialog)


def test_the_qr_code_is_that_of_the_link_and_can_be_made_large(visitor):
    open_board(visitor, visitor.url_of())
    dialog = share(visitor)
    code = dialog.locator("img")

    def is_of_the_link():
        asked = query_of(code.get_attribute("src") or "").get("text")
        return asked == [link_of(dialog)] and code.evaluate("c => c.complete && c.naturalWidth > 0")

    wait_until(is_of_the_link, 10, "there is no code of the link")
    choice(dialog, "losses").uncheck()
    wait_until(is_of_the_link, 10, "the code did not follow the link")
    dialog.get_by_role("button", name="Large QR code").click()
    large = visitor.get_by_role("dialog", name="QR code of the link")
    assert large.locator("img").bounding_box()["height"] >= 0.8 * visitor.viewport_size["height"]
    assert large.inner_text().strip() == link_of(dialog)
    visitor.keyboard.press("Escape")
    assert not large.is_visible()
    assert dialog.is_visible()


@pytest.mark.parametrize(
    ("language", "says"),
    [pytest.param("en", "too long for a QR code", marks=pytest.mark.longest), ("ko", "너무 길어 QR 코드로")],
)
def test_a_link_too_long_for_a_code_says_so(visitor, language, says):
    open_board(visitor, visitor.url_of(f"/train_1d?lang={language}"))
    visitor.evaluate("history.replaceState(history.state, '', location.pathname + '#')")
    dialog = share(visitor, language)
    assert not dialog.get_by_text(says).is_visible()
    visitor.keyboard.press("Escape")
    visitor.route("**/gan/qr*", lambda route: route.fulfill(status=400))
    visitor.evaluate("history.replaceState(history.state, '', `/${'x'.repeat(2100)}`)")
    share(visitor, language).get_by_text(says).wait_for()


def test_the_focus_stays_inside_and_keys_do_nothing_to_the_stage(visitor):
    open_board(visitor, visitor.url_of())
    dialog = share(visitor)
    inside = "document.activeElement.closest('.lb-share') !== null"
    assert visitor.evaluate(inside)
    for key in ("Tab", "Shift+Tab"):
        for _ in range(45):
            visitor.keyboard.press(key)
            assert visitor.evaluate(inside), key
    dialog.locator("h2").click()
    for key in ("s", "r", "f", "ArrowRight", "Space"):
        visitor.keyboard.press(key)
    visitor.wait_for_timeout(500)
    assert (board(visitor)["state"], board(visitor)["step"]) == ("paused", "0")
    assert visitor.locator(".lb-full").count() == 0
    visitor.keyboard.press("Escape")
    assert not dialog.is_visible()
    assert visitor.evaluate("document.activeElement.title") == SHARE["en"]
    share(visitor)
    visitor.mouse.click(5, 5)  # beside it
    assert not dialog.is_visible()


@pytest.mark.parametrize("language", [pytest.param("en", marks=pytest.mark.longest), "ko"])
def test_sharing_on_a_phone(browser, server, language):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    open_board(page, f"{server}/train_1d?lang={language}")
    for name in (SHARE[language], {"en": "Full stage", "ko": "전체 무대"}[language]):
        box = page.get_by_role("button", name=name, exact=True).bounding_box()
        assert box["height"] >= 40
        assert 0 <= box["y"] <= 844 - box["height"]
    dialog = share(page, language)
    copy = dialog.get_by_role("button", name=COPY[language]).bounding_box()
    assert 0 < copy["y"] < 844 - copy["height"]
    assert dialog.locator("img").bounding_box()["y"] < 844
    choice(dialog, "prose").tap()
    assert query_of(link_of(dialog))["hide"] == ["prose"]
    assert dialog.evaluate("d => d.scrollWidth <= d.clientWidth")
    context.close()


@pytest.mark.parametrize(("width", "height"), [(1280, 720), pytest.param(1920, 1080, marks=pytest.mark.longest)])
def test_on_the_full_stage_subscripts_are_large_and_long_sentences_stay_in_their_box(browser, server, width, height):
    page = browser.new_page(viewport={"width": width, "height": height})
    open_board(page, f"{server}/train_2d?stage=full")
    sizes = page.evaluate(
        "[...document.querySelectorAll('.lb-full sub')].map((s) => parseFloat(getComputedStyle(s).fontSize))"
    )
    assert min(sizes) >= height / 36
    page.locator(".lb-message span").first.evaluate(
        "s => { s.textContent = 'A sentence that does not end. '.repeat(30); }"
    )
    box = page.get_by_test_id("sentence")
    assert box.evaluate("b => b.scrollHeight > b.clientHeight && getComputedStyle(b).overflowY === 'auto'")
    box.evaluate("b => b.scrollTo(0, 0)")
    text, frame = page.locator(".lb-message span").first.bounding_box(), box.bounding_box()
    assert text["y"] >= frame["y"] - 2  # its beginning can be reached
    page.close()
