"""Leaving a live page and coming back to it, in a real browser."""

import re

import pytest

from benchmarks.harness import board, open_board, wait_until
from tests.browser.actions import address, go_to, pause, press, slide, step, url

pytestmark = pytest.mark.browser


def test_back_leaves_the_page_at_once_whatever_was_moved_on_it(visitor):
    visitor.goto(visitor.url_of("/glossary"))
    go_to(visitor, "Train a 2D GAN")
    visitor.wait_for_selector("[data-testid=live-board][data-step]", timeout=90_000)
    entries = visitor.evaluate("history.length")
    seen = set()

    def moved() -> bool:
        slide(visitor, "dropout", 1)
        visitor.wait_for_timeout(500)
        seen.add(url(visitor))
        return len(seen) > 3

    wait_until(moved, 60, "the address did not follow the slider")
    assert visitor.evaluate("history.length") == entries
    visitor.go_back()
    wait_until(lambda: url(visitor).endswith("/glossary"), 20, "Back did not leave the page")
    visitor.get_by_role("heading", name="Glossary").first.wait_for(timeout=30_000)
    visitor.go_forward()
    wait_until(lambda: "dropout" in address(visitor), 20, "Forward did not come back to the experiment")


def test_a_page_loaded_again_goes_on_with_its_run(visitor):
    open_board(visitor, visitor.url_of("/train_2d"))
    press(visitor, "Play")
    wait_until(lambda: step(visitor) > 50, 60, "it did not train")

    def moved() -> bool:  # the run is not the one that the first address named
        slide(visitor, "dropout", 1)
        visitor.wait_for_timeout(700)
        return "dropout" in address(visitor)

    wait_until(moved, 60, "the address did not follow")
    before = step(visitor)
    visitor.reload()
    visitor.wait_for_selector("[data-testid=live-board][data-step]", timeout=60_000)
    assert step(visitor) >= before
    wait_until(lambda: step(visitor) > before + 20, 60, "it did not go on")
    pause(visitor)  # the button knew that it plays
    assert board(visitor)["mounts"] == "1"


def test_a_second_tab_and_whoever_opens_the_link_train_for_themselves(visitor):
    first = visitor.context.new_page()
    open_board(first, visitor.url_of("/train_2d"))
    press(first, "×10")
    wait_until(lambda: step(first) == 10, 60, "it did not step")
    (cookie,) = [c for c in visitor.context.cookies() if c["name"] == "gan_runs"]
    assert re.fullmatch(r"\d+-[\w-]{22}(\.\d+-[\w-]{22})*", cookie["value"])
    assert cookie["sameSite"] == "Strict"
    second = visitor.context.new_page()
    open_board(second, first.url)
    assert step(second) == 0
    link = first.url
    first.close()  # its run waits for this browser, and for no other
    stranger = visitor.context.browser.new_context()
    open_board(page := stranger.new_page(), link)
    assert step(page) == 0
    stranger.close()
    open_board(again := visitor.context.new_page(), link)
    assert step(again) == 10


def test_another_experiment_in_the_address_starts_at_step_0(visitor):
    open_board(visitor, visitor.url_of("/train_1d"))
    press(visitor, "×10")
    wait_until(lambda: step(visitor) == 10, 60, "it did not step")
    open_board(visitor, visitor.url_of("/train_1d?seed=2"))
    assert step(visitor) == 0


def test_who_is_one_too_many_is_told_so_and_comes_in_when_another_leaves(visitor):
    full = [True]
    visitor.route_web_socket(
        re.compile("/gan/line/"), lambda socket: socket.close(code=4429) if full[0] else socket.connect_to_server()
    )
    visitor.goto(visitor.url_of())
    visitor.get_by_text("Too many pages are open").wait_for(timeout=60_000)
    full[0] = False
    visitor.wait_for_selector("[data-testid=live-board][data-step]", timeout=60_000)
    assert visitor.get_by_text("Too many pages are open").count() == 0


@pytest.mark.parametrize("hours", [3, -3])
def test_a_browser_whose_clock_jumps_goes_on(visitor, hours):
    open_board(visitor, visitor.url_of("/train_1d"))
    press(visitor, "Play")
    wait_until(lambda: step(visitor) > 20, 60, "it did not train")
    visitor.evaluate(f"(() => {{ const now = Date.now; Date.now = () => now() + {hours} * 3.6e6; }})()")
    before = step(visitor)
    visitor.wait_for_timeout(2500)  # by now the line has looked at the clock
    wait_until(lambda: board(visitor)["line"] == "open" and step(visitor) > before + 40, 60, "it did not go on")
    pause(visitor)
