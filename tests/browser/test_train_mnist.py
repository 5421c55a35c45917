"""The page of images in a real browser: with MNIST if it is on this machine, else with the small digits."""

import pytest

from benchmarks.harness import BOARD, app_server, board, open_board, wait_until
from gan_core import PRESETS
from tests.browser.actions import pause, press, slide, step, url

pytestmark = pytest.mark.browser

FAKES = '[data-panel="fakes"] canvas'


def pixels(page, selector=FAKES) -> str:
    """The picture on a canvas, as text to compare."""
    return page.eval_on_selector(selector, "canvas => canvas.toDataURL()")


def click_fake(page, column, row):
    """Click the image in this place of the 8 x 8 grid."""
    box = page.locator(FAKES).bounding_box()
    page.locator(FAKES).click(position={"x": (column + 0.5) / 8 * box["width"], "y": (row + 0.4) / 8 * box["height"]})


def test_play_turns_noise_into_digits(visitor):
    open_board(visitor, visitor.url_of("/train_mnist"))
    assert board(visitor)["step"] == "0"
    assert visitor.locator(f"{BOARD}[data-step] .lb-panel").count() == 10
    before, opinion, frechet = pixels(visitor), board(visitor)["d-real"], float(board(visitor)["frechet"])
    press(visitor, "Play")
    wait_until(lambda: float(board(visitor)["frechet"]) < 0.7 * frechet, 120, "the fakes did not come nearer")
    assert pixels(visitor) != before
    assert board(visitor)["d-real"] != opinion
    slide(visitor, "dropout", 2)
    wait_until(lambda: "dropout=" in url(visitor), 30, "the address did not follow the slider")
    wait_until(lambda: "dropout" in board(visitor)["last-change"], 30, "the slider did not reach the training")
    at = pause(visitor)
    visitor.wait_for_timeout(1500)
    assert step(visitor) == at
    assert board(visitor)["mounts"] == "1"


def test_look_back_and_pick(visitor):
    open_board(
        visitor,
        visitor.url_of("/train_mnist?target=digits&architecture=tiny&latent_dim=16&ema_decay=0.9&lr_decay_steps=0"),
    )
    start = pixels(visitor)
    for total in (100, 200):
        visitor.get_by_role("button", name="×100", exact=True).click()
        wait_until(lambda total=total: step(visitor) == total, 60, f"step {total} was not reached")
    assert pixels(visitor) != start
    film = '[data-panel="film"] canvas'
    visitor.locator(film).wait_for(timeout=20_000)  # the endless walk
    visitor.locator(film).scroll_into_view_if_needed()
    frame = pixels(visitor, film)
    wait_until(lambda: pixels(visitor, film) != frame, 20, "the walk stands still")
    click_fake(visitor, 2, 1)
    visitor.locator('[data-panel="neighbours_1"]').wait_for(timeout=20_000)
    click_fake(visitor, 5, 4)
    visitor.locator('[data-panel="neighbours_2"]').wait_for(timeout=20_000)
    visitor.get_by_role("img", name="From 1 to 2").wait_for(timeout=20_000)
    wait_until(lambda: visitor.locator(film).count() == 1, 20, "the endless walk is still there")
    picked = pixels(visitor)
    visitor.get_by_test_id("track").press("Home")
    wait_until(lambda: pixels(visitor) != picked, 20, "looking back changed nothing")
    wait_until(lambda: "step 0" in visitor.locator('[data-panel="fakes"]').inner_text(), 20, "not the first fakes")


def test_a_warm_start_shows_digits_at_once(visitor, mnist_dir):
    query = "&".join(f"{k}={v}" for k, v in PRESETS["note"].config.replace(warm_start="late").to_params().items())
    open_board(visitor, visitor.url_of(f"/train_mnist?{query}"))
    at = step(visitor)
    assert at > 1000
    assert float(board(visitor)["frechet"]) < 15
    assert board(visitor)["modes"] == "10"
    press(visitor, "Play")
    wait_until(lambda: step(visitor) > at, 60, "it did not train on")
    pause(visitor)


def test_offline_it_trains_on_the_small_digits(browser, monkeypatch, tmp_path):
    monkeypatch.setenv("MNIST_DIR", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    with app_server() as (url, _):
        page = browser.new_page()
        open_board(page, f"{url}/train_mnist")
        assert board(page)["target"] == "digits"
        assert page.get_by_role("button", name="Get MNIST").is_visible()
        press(page, "Play")
        wait_until(lambda: step(page) > 20, 60, "it did not train")
        page.close()
