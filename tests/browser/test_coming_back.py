"""Leaving a live page and coming back to it, in a real browser."""

import re

import pytest

from benchmarks.harness import board, open_board, wait_until
from tests.browser.actions import address, pause, press, slide, step

pytestmark = pytest.mark.browser


def test_back_leaves_the_page_at_once_whatever_was_moved_on_it(visitor):
    visitor.goto(visitor.url_of("/gallery"))
    visitor.get_by_role("link", name="Train a 2D GAN").first.click(timeout=90_000)
    visitor.wait_for_selector("[data-testid=live-board][data-step]", timeout=60_000)
    entries = visitor.evaluate("history.length")
    for presses in (1, 2, 3):  # each is an address of its own
        before = address(visitor).get("dropout")
        slide(visitor, "Dropout in D", presses)
        wait_until(lambda before=before: address(visitor).get("dropout") != before, 30, "the address stood still")
    assert visitor.evaluate("history.length") == entries
    visitor.go_back()
    wait_until(lambda: visitor.url.endswith("/gallery"), 20, "Back did not leave the page")
    visitor.get_by_role("heading", name="Gallery").first.wait_for(timeout=30_000)


def test_a_page_loaded_again_goes_on_with_its_run(visitor):
    open_board(visitor, visitor.url_of("/train_2d"))
    slide(visitor, "Dropout in D", 2)
    wait_until(lambda: "dropout" in address(visitor), 30, "the address did not follow")
    press(visitor, "Play")
    wait_until(lambda: step(visitor) > 50, 60, "it did not train")
    before = step(visitor)
    visitor.reload()
    visitor.wait_for_selector("[data-testid=live-board][data-step]", timeout=60_000)
    assert step(visitor) >= before
    wait_until(lambda: step(visitor) > before + 20, 60, "it did not go on")
    pause(visitor)  # the button knew that it plays
    assert board(visitor)["mounts"] == "1"


def test_a_second_tab_and_whoever_opens_the_link_train_for_themselves(visitor):
    open_board(visitor, visitor.url_of("/train_2d"))
    press(visitor, "×10")
    wait_until(lambda: step(visitor) == 10, 60, "it did not step")
    (cookie,) = [c for c in visitor.context.cookies() if c["name"] == "gan_runs"]
    assert re.fullmatch(r"[\w-]{22}(\.[\w-]{22})*", cookie["value"])
    assert cookie["sameSite"] == "Strict"
    assert cookie["value"] not in visitor.url
    second = visitor.context.new_page()
    open_board(second, visitor.url)
    assert step(second) == 0
    second.close()
    stranger = visitor.context.browser.new_context().new_page()
    visitor.close()  # its run waits for it, and only for it
    open_board(stranger, visitor.url_of("/train_2d"))
    assert step(stranger) == 0
    stranger.context.close()


def test_another_experiment_in_the_address_starts_at_step_0(visitor):
    open_board(visitor, visitor.url_of("/train_1d"))
    press(visitor, "×10")
    wait_until(lambda: step(visitor) == 10, 60, "it did not step")
    open_board(visitor, visitor.url_of("/train_1d?seed=2"))
    assert step(visitor) == 0
