"""A lecturer and a student in two real browsers: the student comes by link on a phone, goes along, votes, and takes a copy."""

import contextlib

import pytest

from benchmarks.harness import BOARD, board, open_board, wait_until
from tests.browser.actions import address, go_to, press, setting, url

pytestmark = pytest.mark.browser

HOSTED_LONG_AGO = "localStorage.gan_room_hosted = JSON.stringify({ code: 'BCDFG', secret: 'of a room that is gone' })"
PHONE = {"width": 390, "height": 844}


def open_room(page):
    """Open a room from the page; its link."""
    page.locator(".lb-tools [data-room=open]").click()
    code = page.get_by_test_id("room-code").first
    code.wait_for()
    link = page.get_by_test_id("room-host").locator(".rm-link").inner_text()
    assert link.endswith(f"?room={code.inner_text()}")
    page.keyboard.press("Escape")
    return link


@contextlib.contextmanager
def phone(host, link, script=""):
    """A student with a phone who follows the link; the script runs before each page is loaded."""
    context = host.context.browser.new_context(viewport=PHONE, has_touch=True)
    context.add_init_script(script or "0")
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda e: errors.append(str(e)))
    page.goto(link)
    chip(page).wait_for(timeout=60_000)
    yield page
    assert errors == []
    context.close()


def chip(page):
    return page.get_by_test_id("room-chip")


def card(page):
    return page.get_by_test_id("room-card")


def step(page):
    """That the stage shows; -1 while there is none, as when the page turns to another run."""
    return page.evaluate(f"Number(document.querySelector('{BOARD}')?.dataset.step ?? -1)")


def heading(page):
    return page.locator("h1").first.inner_text()


def present(page, n):
    wait_until(lambda: chip(page).get_by_text(f"{n} here").count(), 30, f"there were not {n}")


def test_a_student_sees_what_the_lecturer_does_and_comes_back_after_looking_around(visitor):
    open_board(visitor, visitor.url_of("/train_1d"))
    with phone(visitor, open_room(visitor)) as student:
        present(visitor, 1)
        visitor.get_by_test_id("play").click()
        wait_until(lambda: step(student) > 5, 60, "the student saw nothing")
        assert not student.get_by_test_id("play").is_visible()
        assert student.locator("[data-testid=stSelectbox]").count() == 0
        press(visitor, "Pause")
        wait_until(lambda: board(student)["state"] == "paused", 30, "the student saw no pause")
        wait_until(lambda: step(student) == step(visitor), 30, "the student saw another moment")
        now = step(visitor)
        visitor.keyboard.press(",")  # a moment back
        wait_until(lambda: step(visitor) < now, 30, "the lecturer does not look back")
        wait_until(lambda: step(student) == step(visitor), 30, "the student does not look back")
        assert student.get_by_role("button", name="Back to the lecturer").count() == 0
        go_to(visitor, "How far apart?")
        wait_until(lambda: heading(student) == "How far apart?", 60, "the student did not go along")
        assert address(student)["room"]
        student.get_by_test_id("stExpandSidebarButton").click()
        student.get_by_role("link", name="The value function").first.click()
        back = student.get_by_role("button", name="Back to the lecturer")
        back.wait_for(timeout=60_000)
        back.click()
        wait_until(lambda: heading(student) == "How far apart?", 60, "the student did not come back")
        wait_until(lambda: not back.is_visible(), 30, "the student is still astray")


def test_a_question_of_the_lesson_is_asked_with_one_click_and_answered_on_a_phone(visitor):
    open_board(visitor, visitor.url_of("/train_1d"))
    with phone(visitor, open_room(visitor) + "&lang=ko") as student:
        go_to(visitor, "What is the game?")
        visitor.locator("[data-ask='the_game/perfect']").click(timeout=60_000)
        results = visitor.get_by_test_id("room-results")
        results.wait_for()
        options = card(student).locator(".rm-option")
        options.nth(2).wait_for(timeout=60_000)
        wait_until(  # it may just be drawn anew
            lambda: (box := card(student).bounding_box()) and box["width"] <= PHONE["width"], 20, "the card is too wide"
        )
        assert "위조범" in card(student).inner_text()
        options.nth(0).tap()
        wait_until(lambda: results.locator("[data-n='1']").count() == 1, 30, "the vote was not counted")
        options.nth(1).tap()  # another opinion
        wait_until(
            lambda: results.locator(".rm-bar").nth(1).get_attribute("data-n") == "1", 30, "the mind was not changed"
        )
        assert results.locator(".rm-right").count() == 0
        assert card(student).get_by_test_id("room-bars").count() == 0
        results.get_by_role("button", name="Reveal").click()
        wait_until(lambda: results.locator(".rm-right").count() == 1, 30, "the answer was not revealed")
        wait_until(lambda: card(student).locator(".rm-right.rm-mine").count() == 1, 30, "the phone does not show it")
        with visitor.expect_download() as download:
            results.get_by_role("button", name="CSV").click()
        with open(download.value.path(), encoding="utf-8-sig") as file:
            assert [line.split(",")[-2:] for line in file.read().splitlines()[1:]] == [
                ["0", ""],
                ["1", "right"],
                ["0", ""],
            ]
        results.get_by_role("button", name="End the question").click()
        wait_until(lambda: not card(student).is_visible(), 30, "the question is still there")


def test_a_student_moves_a_slider_in_hand_and_takes_a_copy(visitor):
    open_board(visitor, visitor.url_of("/train_1d"))
    with phone(visitor, open_room(visitor), HOSTED_LONG_AGO) as student:
        present(visitor, 1)
        chip(visitor).locator("button").first.click()
        window = visitor.get_by_test_id("room-host")
        window.get_by_role("combobox", name="Slider").select_option("lr_d")
        window.get_by_role("button", name="Hand it over").click()
        visitor.keyboard.press("Escape")
        slider = student.get_by_test_id("room-slider").get_by_role("slider")
        slider.wait_for()
        before = setting(visitor, "lr_d").get_attribute("aria-valuetext")
        slider.focus()
        slider.press("ArrowLeft")
        wait_until(lambda: setting(visitor, "lr_d").get_attribute("aria-valuetext") != before, 30, "nothing moved")
        chip(visitor).locator("button").first.click()
        window.get_by_role("button", name="Take it back").click()
        visitor.keyboard.press("Escape")
        wait_until(lambda: not slider.is_visible(), 30, "the slider was not taken back")

        visitor.get_by_role("button", name="×10", exact=True).click()
        wait_until(lambda: step(student) == 10, 60, "the student saw no steps")
        chip(student).locator("button").first.click()
        student.get_by_role("button", name="Take a copy").click()
        play = student.get_by_test_id("play")
        play.wait_for(timeout=60_000)
        wait_until(lambda: step(student) == 10, 60, "the copy begins elsewhere")
        play.click()
        wait_until(lambda: step(student) > 15, 60, "the copy does not train")
        assert step(visitor) == 10
        student.get_by_role("button", name="Back to the lecturer").click()
        wait_until(lambda: not play.is_visible() and step(student) == 10, 60, "the student did not come back")


def test_a_room_is_still_the_lecturers_after_the_page_is_loaded_again_and_ends_when_it_is_closed(visitor):
    open_board(visitor, visitor.url_of("/train_1d"))
    with phone(visitor, open_room(visitor)) as student:
        present(visitor, 1)
        visitor.get_by_role("button", name="×10", exact=True).click()
        wait_until(lambda: step(student) == 10, 60, "the student saw no steps")
        visitor.wait_for_timeout(600)  # the address names the experiment by now
        visitor.reload()
        present(visitor, 1)
        wait_until(
            lambda: step(visitor) == 10, 60, "the lecturer has another run, although it was only watched meanwhile"
        )
        chip(visitor).locator("button").first.click()
        visitor.get_by_role("textbox", name="Question").fill("Who wins?")
        for name, text in (("Answer 1", "G"), ("Answer 2", "D")):
            visitor.get_by_role("textbox", name=name).fill(text)
        visitor.get_by_test_id("room-host").get_by_role("button", name="Ask the room").click()
        card(student).get_by_role("button", name="D", exact=True).tap()
        results = visitor.get_by_test_id("room-results")
        wait_until(
            lambda: results.locator(".rm-bar").nth(1).get_attribute("data-n") == "1", 30, "the vote was not counted"
        )
        visitor.keyboard.press("Escape")
        chip(visitor).locator("button").first.click()
        visitor.get_by_role("button", name="Close the room").click()
        for page in (visitor, student):
            wait_until(lambda page=page: not chip(page).is_visible(), 30, "the room is still there")
        wait_until(lambda: "room" not in url(student), 30, "the address still names the room")
        student.get_by_test_id("play").wait_for(timeout=60_000)
