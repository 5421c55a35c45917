"""The timeline in a real browser: looking back, the film, going on differently, the ghost and the twins."""

import pytest

from benchmarks.harness import board, open_board, wait_until
from tests.browser.actions import press, setting, step

pytestmark = pytest.mark.browser

SMALL = "?target=digits&architecture=tiny&latent_dim=16"
PAGES = {"line": "/train_1d?", "plane": "/train_2d?", "images": f"/train_mnist{SMALL}"}
BACK = {"en": "looking back at step", "ko": "보는 중"}


def trained(page, url: str, n: int) -> None:
    """Open a live page and let it do n steps, one by one: every one is a moment of its recording."""
    open_board(page, url)
    for k in range(1, n + 1):
        page.keyboard.press("s")
        wait_until(lambda k=k: step(page) == k, 60, f"step {k} was not reached")


def at(page) -> int | None:
    """The moment that the stage shows; None: now."""
    return int(found) if (found := board(page).get("at")) else None


def spot(page, part: float) -> tuple[float, float]:
    """A place on the timeline, as x and y."""
    box = page.locator(".lb-rail").bounding_box()
    return box["x"] + part * box["width"], box["y"] + box["height"] / 2


def track(page):
    return page.get_by_test_id("track")


def wait_for(page, moment: int | None) -> None:
    wait_until(lambda: at(page) == moment, 20, f"moment {moment} was not shown")


def test_the_mouse_looks_back_while_the_training_goes_on(visitor):
    trained(visitor, visitor.url_of(), 3)
    press(visitor, "Play")
    wait_until(lambda: step(visitor) > 60, 60, "it did not train")
    visitor.mouse.move(*spot(visitor, 0.9))
    visitor.mouse.down()
    visitor.mouse.move(*spot(visitor, 0.0), steps=8)
    wait_for(visitor, 0)
    visitor.mouse.up()
    assert step(visitor) == 0  # the numbers are of that moment
    assert visitor.get_by_test_id("past").inner_text() == "looking back at step 0"
    last = int(track(visitor).get_attribute("aria-valuemax"))
    wait_until(lambda: int(track(visitor).get_attribute("aria-valuemax")) > last + 20, 30, "it did not train on")
    assert (at(visitor), step(visitor)) == (0, 0)
    assert visitor.get_by_test_id("play").inner_text() == "Pause"
    visitor.get_by_role("button", name="To the training as it is now").click()
    wait_for(visitor, None)
    assert step(visitor) > last
    visitor.keyboard.press("Space")  # a click on a button leaves the keys to the training
    wait_until(lambda: board(visitor)["state"] == "paused", 20, "space did not pause")
    assert not visitor.get_by_test_id("past").is_visible()


def test_the_keys_go_from_moment_to_moment(visitor):
    trained(visitor, visitor.url_of(), 12)
    for key, moment in ((",", 11), (",", 10), (".", 11), (".", None), (",", 11), ("Escape", None)):
        visitor.keyboard.press(key)
        wait_for(visitor, moment)
        assert step(visitor) == (moment if moment is not None else 12)
    slider = track(visitor)
    slider.focus()
    for key, moment in (
        ("ArrowLeft", 11),
        ("PageDown", 1),
        ("ArrowRight", 2),
        ("Home", 0),
        ("PageUp", 10),
        ("End", None),
    ):
        slider.press(key)
        wait_for(visitor, moment)
        assert slider.get_attribute("aria-valuenow") == str(12 if moment is None else moment)
    assert slider.get_attribute("aria-valuetext") == "now: step 12"
    slider.press("ArrowLeft")
    wait_for(visitor, 11)
    visitor.keyboard.press("s")  # whoever trains on wants to see it
    wait_until(lambda: (at(visitor), step(visitor)) == (None, 13), 20, "it did not show the step that it took")


@pytest.mark.parametrize("kind", ["images", pytest.param("line", marks=pytest.mark.longest)])
def test_a_finger_looks_back_on_a_phone(browser, server, kind):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    trained(page, f"{server}{PAGES[kind]}&lang=ko", 3)
    page.get_by_test_id("timeline").scroll_into_view_if_needed()
    page.evaluate("document.querySelector('[data-testid=timeline]').scrollIntoView({ block: 'center' })")
    page.touchscreen.tap(*spot(page, 0.34))
    wait_for(page, 1)
    assert step(page) == 1
    assert page.get_by_test_id("past").inner_text().endswith(BACK["ko"])
    hero = page.locator("[data-testid=hero] canvas").first.bounding_box()
    assert hero["y"] + hero["height"] > 150  # the picture stays in sight
    for part in (".lb-track", "[data-testid=film]", "[data-testid=past]", ".lb-state button:visible"):
        box = page.locator(part).first.bounding_box()
        assert 0 <= box["x"] <= 390 - box["width"], part
        assert 0 <= box["y"] <= 844 - box["height"], part
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


def test_the_film_plays_to_its_end_and_again(visitor):
    trained(visitor, visitor.url_of(), 4)
    visitor.evaluate(
        """() => { const board = document.querySelector('[data-testid=live-board]'); window.seen = [];
            new MutationObserver(() => window.seen.push(board.dataset.at)).observe(board, { attributeFilter: ['data-at'] }); }"""
    )
    film = visitor.get_by_test_id("film")
    visitor.get_by_label("Speed of the film").select_option("4")
    film.click()
    wait_until(lambda: film.get_attribute("aria-pressed") == "false", 60, "the film did not end")
    wait_for(visitor, None)
    seen = list(dict.fromkeys(visitor.evaluate("window.seen")))
    assert [a for a in ("0", "1", "2", "3", "") if a in seen] == seen
    assert len(seen) >= 4  # a slow machine may leave one out
    visitor.get_by_label("again and again").click()
    visitor.evaluate("window.seen = []")
    film.click()
    wait_until(lambda: visitor.evaluate("window.seen").count("0") >= 2, 60, "the film did not begin again")
    film.click()
    assert film.get_attribute("aria-pressed") == "false"


@pytest.mark.parametrize("language", [pytest.param("en", marks=pytest.mark.longest), "ko"])
def test_a_run_goes_on_differently_from_an_earlier_step(visitor, language):
    open_board(visitor, visitor.url_of(f"/train_1d?lang={language}"))
    press(visitor, "×100")
    wait_until(lambda: step(visitor) == 100, 60, "it did not step")
    press(visitor, "×10")
    wait_until(lambda: step(visitor) == 110, 60, "it did not step")
    visitor.keyboard.press(",")
    wait_until(lambda: at(visitor) is not None, 20, "it did not look back")
    go_on = visitor.locator(".lb-state").get_by_role("button", name="100")
    assert go_on.inner_text().strip() == {"en": "Go on from step 100", "ko": "스텝 100에서 이어 가기"}[language]
    go_on.click()
    wait_until(lambda: (at(visitor), step(visitor)) == (None, 100), 20, "it did not go back to step 100")
    assert {"en": "branched at step 100", "ko": "스텝 100에서 갈라짐"}[language] in visitor.locator(
        ".lb-state"
    ).inner_text()
    hint = visitor.locator(".lb-state .lb-hint button").get_attribute("title")
    assert {"en": "A link always begins at step 0", "ko": "언제나 스텝 0에서 시작"}[language] in hint
    assert visitor.get_by_test_id("race").is_visible()  # against what came of it the first time
    press(visitor, "×10")
    wait_until(lambda: step(visitor) == 110, 60, "it does not train")


def test_a_ghost_behind_beside_and_gone(visitor):
    trained(visitor, visitor.url_of(), 3)
    ghost = visitor.get_by_test_id("ghost")
    assert not ghost.is_visible()
    press(visitor, "Keep as ghost")
    wait_until(ghost.is_visible, 20, "there is no ghost")
    visitor.keyboard.press("r")
    wait_until(lambda: step(visitor) == 0, 20, "R did not reset")
    visitor.keyboard.press("ArrowRight")  # the learning rate of G
    visitor.keyboard.press("s")
    wait_until(lambda: step(visitor) == 1, 60, "it did not step")
    race = visitor.get_by_test_id("race")
    wait_until(lambda: "JSD at step" in race.inner_text(), 20, "there is no race")
    assert {"this run", "ghost"} <= set(race.inner_text().split("\n"))
    wait_until(lambda: "Learning rate of G" in ghost.inner_text(), 20, "it is not said what differs")
    own, other = (visitor.get_by_test_id(f"panel-{name}") for name in ("density", "other_density"))
    assert other.count() == 0
    for width, height in ((1280, 720), (1920, 1080)):
        visitor.set_viewport_size({"width": width, "height": height})
        visitor.locator("[data-mode=side]").click()
        wait_until(other.is_visible, 20, "the ghost does not stand beside")
        visitor.wait_for_timeout(400)
        one, two = own.bounding_box(), other.bounding_box()
        assert two["x"] >= one["x"] + one["width"]
        assert (two["y"], two["height"]) == (one["y"], one["height"])
        assert abs(two["width"] - one["width"]) <= 1
        box = ghost.bounding_box()
        assert box["y"] + box["height"] <= height
    visitor.locator("[data-mode=off]").click()
    wait_until(lambda: other.count() == 0, 20, "the ghost stands beside for ever")
    press(visitor, "Let the ghost go")
    wait_until(lambda: not ghost.is_visible(), 20, "the ghost stays")


def test_the_sliders_move_one_twin_or_the_other(visitor):
    lines = []
    visitor.on("websocket", lambda socket: lines.append(socket.url))
    open_board(visitor, visitor.url_of())
    line = next(url for url in lines if "gan/line" in url).replace("ws", "http", 1)
    visitor.evaluate("([line, body]) => fetch(line, { method: 'POST', body })",
                     [line, '[{"do": "twin", "values": {"lr_d": 0.002}}]'])  # fmt: skip
    twins = visitor.get_by_test_id("twins")
    wait_until(twins.is_visible, 20, "there are no twins")
    slider = setting(visitor, "lr_d")
    assert slider.get_attribute("aria-valuetext") == "0.008"
    twins.get_by_role("button", name="B").click()
    assert slider.get_attribute("aria-valuetext") == "0.002"
    slider.press("ArrowLeft")
    differs = visitor.locator(".lb-differs")
    moved = slider.get_attribute("aria-valuetext")
    wait_until(lambda: differs.inner_text() == f"Learning rate of D 0.008 / {moved}", 20, "B was not told")
    twins.get_by_role("button", name="A").click()
    assert slider.get_attribute("aria-valuetext") == "0.008"
    assert not visitor.get_by_role("button", name="Keep as ghost").is_visible()
    press(visitor, "End twins")
    wait_until(lambda: not twins.is_visible(), 20, "the twins did not end")


def test_a_link_hides_the_timeline_and_the_ghost(visitor):
    open_board(visitor, visitor.url_of("/train_1d?hide=timeline"))
    press(visitor, "×10")
    wait_until(lambda: step(visitor) == 10, 60, "it did not step")
    assert not visitor.get_by_test_id("timeline").is_visible()
    visitor.keyboard.press(",")
    visitor.wait_for_timeout(500)
    assert (at(visitor), step(visitor)) == (None, 10)
    open_board(visitor, visitor.url_of("/train_1d?hide=ghost"))
    press(visitor, "×10")
    wait_until(lambda: step(visitor) in (10, 20), 60, "it did not step")
    assert visitor.get_by_test_id("timeline").is_visible()
    assert not visitor.get_by_role("button", name="Keep as ghost").is_visible()
