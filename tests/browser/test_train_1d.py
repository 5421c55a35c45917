"""The 1D lesson in a real browser, tested from outside through the board's data attributes."""

import pytest

from benchmarks.harness import BOARD, board, open_board, wait_until
from tests.browser.actions import address, go_to, pause, press, setting, show_sidebar, slide, step, url

pytestmark = pytest.mark.browser


def test_cold_deep_link_shows_the_lesson(visitor):
    open_board(visitor, visitor.url_of())
    assert visitor.get_by_role("heading", name="Train a 1D GAN").is_visible()
    assert board(visitor)["step"] == "0"
    assert visitor.locator(f"{BOARD} .lb-panel").count() == 7
    assert "Untrained" in visitor.locator(".lb-message").inner_text()


def test_play_makes_the_jsd_fall_and_pause_stands_still(visitor):
    open_board(visitor, visitor.url_of())
    start = float(board(visitor)["jsd"])
    press(visitor, "Play")
    wait_until(lambda: step(visitor) > 800, 90, "it did not reach step 800")
    assert float(board(visitor)["jsd"]) < start / 2
    assert board(visitor)["state"] == "playing"
    at = pause(visitor)
    visitor.wait_for_timeout(1500)
    assert step(visitor) == at
    assert board(visitor)["mounts"] == "1"


def test_steps_are_exact(visitor):
    open_board(visitor, visitor.url_of())
    for name, total in (("Step ×1", 1), ("×10", 11), ("×100", 111)):
        visitor.get_by_role("button", name=name, exact=False).first.click() if name == "Step ×1" else (
            visitor.get_by_role("button", name=name, exact=True).click()
        )
        wait_until(lambda total=total: step(visitor) == total, 30, f"{name} did not lead to step {total}")


def test_a_slider_acts_on_the_running_training(visitor):
    open_board(visitor, visitor.url_of())
    press(visitor, "Play")
    wait_until(lambda: step(visitor) > 100, 60, "it did not train")
    before = step(visitor)
    slide(visitor, "dropout", 4)
    wait_until(lambda: "dropout=" in url(visitor), 20, "the address did not follow the slider")
    wait_until(lambda: step(visitor) > before + 50, 60, "training did not go on")
    assert board(visitor)["mounts"] == "1"
    wait_until(lambda: board(visitor)["last-change"] == "dropout 0.2", 20, "the change has left no mark")
    pause(visitor)


def test_reload_restores_the_experiment_from_the_address(visitor):
    open_board(visitor, visitor.url_of())
    slide(visitor, "dropout", 3)
    slider = setting(visitor, "dropout")
    wait_until(
        lambda: address(visitor).get("dropout") == [slider.get_attribute("aria-valuetext")],
        30,
        "no dropout in the address",
    )
    press(visitor, "New seed")
    wait_until(lambda: "seed" in address(visitor), 20, "no seed in the address")
    query = address(visitor)
    visitor.reload()
    visitor.wait_for_selector(f"{BOARD}[data-updates]", timeout=60_000)
    assert address(visitor) == query
    assert slider.get_attribute("aria-valuetext") == query["dropout"][0]


def test_a_slider_moved_before_the_first_look_at_the_address_is_in_it(visitor):
    visitor.add_init_script(
        "const soon = setTimeout; setTimeout = (f, ms, ...rest) => soon(f, ms === 400 ? 3000 : ms, ...rest)"
    )
    open_board(visitor, visitor.url_of())
    slide(visitor, "dropout", 3)
    wait_until(lambda: "dropout" in address(visitor), 20, "no dropout in the address")


def test_bad_links_get_a_sentence_and_keep_what_is_good(visitor):
    open_board(visitor, visitor.url_of("/train_1d?lr_g=fast&target=three_modes&width=-3"))
    warnings = visitor.locator("[data-testid=stAlert]").all_inner_texts()
    assert any("lr_g = 'fast'" in w and "from" in w for w in warnings)
    assert any("width" in w for w in warnings)
    assert "target=three_modes" in url(visitor)
    wait_until(lambda: "lr_g=fast" not in url(visitor), 20, "the address still says what is not possible")


def test_leaving_the_page_and_coming_back_keeps_the_run(visitor):
    open_board(visitor, visitor.url_of())
    press(visitor, "Play")
    wait_until(lambda: step(visitor) > 100, 60, "it did not train")
    before = step(visitor)
    go_to(visitor, "What is a GAN?")
    visitor.get_by_role("heading", name="Forger against police").wait_for()
    visitor.wait_for_timeout(1000)
    go_to(visitor, "Train a 1D GAN")
    visitor.wait_for_selector(f"{BOARD}[data-updates]", timeout=30_000)
    wait_until(lambda: step(visitor) > before, 30, "the run was lost")
    assert board(visitor)["state"] == "playing"
    pause(visitor)


def test_two_visitors_have_runs_of_their_own(visitor, browser, server):
    open_board(visitor, visitor.url_of())
    other = browser.new_context().new_page()
    open_board(other, server + "/train_1d?target=gaussian")
    press(visitor, "Play")
    wait_until(lambda: step(visitor) > 60, 60, "it did not train")
    assert step(other) == 0
    assert board(other)["state"] == "paused"
    other.context.close()
    pause(visitor)


def test_home_page_leads_into_a_playing_lesson(visitor):
    visitor.goto(visitor.url_of("/"))
    press(visitor, "Play")
    visitor.wait_for_selector(f"{BOARD}[data-updates]", timeout=30_000)
    wait_until(lambda: step(visitor) > 20, 60, "the lesson does not play")
    pause(visitor)


def test_korean_by_link_and_by_click(visitor):
    open_board(visitor, visitor.url_of("/train_1d?lang=ko"))
    assert visitor.get_by_role("button", name="재생").first.is_visible()
    show_sidebar(visitor)
    visitor.get_by_text("English", exact=True).click()
    visitor.get_by_role("button", name="Play").first.wait_for()
    assert "lang" not in url(visitor)
    visitor.get_by_text("한국어", exact=True).click()
    visitor.get_by_role("button", name="재생").first.wait_for()
    wait_until(lambda: "lang=ko" in url(visitor), 10, "the address does not say lang=ko")


def test_space_plays_and_pauses(visitor):
    open_board(visitor, visitor.url_of())
    visitor.keyboard.press("Space")
    wait_until(lambda: board(visitor)["state"] == "playing", 20, "space did not play")
    visitor.keyboard.press("Space")
    wait_until(lambda: board(visitor)["state"] == "paused", 20, "space did not pause")


def test_phone_width_is_usable(browser, server):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    open_board(page, server + "/train_1d")
    assert page.get_by_role("button", name="Play").first.is_visible()
    panels = page.locator(f"{BOARD} .lb-panel")
    assert panels.count() == 7
    for i in range(7):
        box = panels.nth(i).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


def test_a_short_blip_of_the_network_loses_nothing(visitor):
    visitor.add_init_script(
        "window.sockets = []; const W = window.WebSocket;"
        "window.WebSocket = class extends W { constructor(...a) { super(...a); window.sockets.push(this); } };"
    )
    open_board(visitor, visitor.url_of())
    press(visitor, "Play")
    wait_until(lambda: step(visitor) > 60, 60, "it did not train")
    before = step(visitor)
    visitor.evaluate("window.sockets.forEach(s => s.close())")
    wait_until(lambda: step(visitor) > before + 100, 60, "the run did not survive")
    assert board(visitor)["state"] == "playing"
    pause(visitor)
