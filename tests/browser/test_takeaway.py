"""Taking something away in a real browser, and opening a recording again."""

import io

import pytest
from PIL import Image

from benchmarks.harness import board, open_board, wait_until
from tests.browser import actions
from tests.browser.actions import step
from tests.browser.test_timeline import at, spot, trained

pytestmark = pytest.mark.browser

TITLE = {"en": "Take it with you", "ko": "가져가기"}


def window(page, language="en"):
    """Open the window of what can be taken."""
    return actions.dialog(page, TITLE[language])


def row(dialog, key):
    return dialog.locator(f"[data-key={key}]")


def fetched(page, dialog, key):
    """The name and the bytes of a file, once the browser has it."""
    with page.expect_download(timeout=90_000) as download:
        row(dialog, key).get_by_role("button").click()
    found = download.value
    return found.suggested_filename, found.path().read_bytes()


def test_a_picture_and_the_film_arrive(visitor):
    trained(visitor, visitor.url_of("/train_1d?lang=ko"), 4)
    dialog = window(visitor, "ko")
    name, picture = fetched(visitor, dialog, "png")
    assert name == "gan-two_modes-step-4.png"
    assert Image.open(io.BytesIO(picture)).format == "PNG"
    row(dialog, "png").get_by_text(name).wait_for()
    name, film = fetched(visitor, dialog, "film")
    assert name == "gan-two_modes-step-4.webp"
    assert Image.open(io.BytesIO(film)).n_frames == 5
    assert not row(dialog, "film").get_by_role("progressbar").is_visible()
    assert row(dialog, "film").get_by_role("button").is_enabled()
    visitor.keyboard.press("Escape")
    dialog.wait_for(state="hidden")


def test_a_film_shows_its_progress_and_a_refusal_is_a_sentence(visitor):
    trained(visitor, visitor.url_of(), 1)
    dialog = window(visitor)
    answers = [(202, {"done": 0.25, "job": "a"}), (202, {"done": 0.75, "job": "a"}), (503, {"text": "Too many."})]
    asked = []

    def answer(route):
        asked.append(route.request.url)
        status, told = answers[min(len(asked), len(answers)) - 1]
        if status == 503:
            bar.wait_for()
            seen.append(bar.get_attribute("value"))
        route.fulfill(status=status, json=told)

    bar, seen = row(dialog, "film").get_by_role("progressbar"), []
    visitor.route("**/gan/take/**", answer)
    row(dialog, "film").get_by_role("button").click()
    row(dialog, "film").get_by_text("Too many.").wait_for(timeout=20_000)
    assert seen == ["0.75"]
    assert not bar.is_visible()
    assert ["job=a" in url for url in asked] == [False, True, True]
    visitor.unroute("**/gan/take/**")


def test_the_first_row_is_the_link(visitor):
    open_board(visitor, visitor.url_of())
    row(window(visitor), "link").get_by_role("button").click()
    visitor.get_by_role("dialog", name="Share this view").wait_for()


def test_a_recording_is_taken_opened_and_looked_back_through(visitor, tmp_path):
    trained(visitor, visitor.url_of("/train_2d"), 5)
    name, recording = fetched(visitor, window(visitor), "recording")
    (tmp_path / name).write_bytes(recording)
    visitor.goto("about:blank")
    open_board(visitor, visitor.url_of("/train_2d?seed=3"))
    assert step(visitor) == 0
    visitor.get_by_role("button", name="More settings").click()
    visitor.get_by_text("Open a recording").click()
    visitor.locator("input[type=file]").last.set_input_files(tmp_path / name)
    visitor.get_by_role("button", name="Look at it and play on").click()
    wait_until(lambda: (step(visitor), board(visitor)["seed"]) == (5, "1"), 60, "the recording was not opened")
    visitor.keyboard.press("Escape")
    visitor.mouse.click(*spot(visitor, 0.0))
    wait_until(lambda: at(visitor) == 0, 20, "it did not look back")
