"""The map in a real browser: a cell is picked with mouse and keys, and its run opens."""

import pytest

from benchmarks.harness import wait_until
from gan_core.lessons.finished_maps import FOLDER
from tests.browser.actions import address

pytestmark = pytest.mark.browser
MAP = "[data-testid=panel-map] canvas"


def test_a_picked_cell_is_the_run_that_opens(visitor):
    visitor.goto(visitor.url_of("/settings_map"))
    canvas = visitor.locator(MAP)
    canvas.wait_for(timeout=60_000)
    canvas.scroll_into_view_if_needed()
    wait_until(lambda: canvas.get_attribute("data-picked") not in (None, "-1"), 20, "no cell is framed")
    box = canvas.bounding_box()
    visitor.mouse.click(box["x"] + 0.93 * box["width"], box["y"] + 0.8 * box["height"])  # low on the right
    wait_until(lambda: canvas.get_attribute("data-picked") == "15", 10, "the click picked another cell")
    link = visitor.get_by_role("link", name="Open this run live: lr_g .032 · lr_d .0005")
    link.wait_for(timeout=10_000)
    visitor.keyboard.press("ArrowUp")
    visitor.keyboard.press("ArrowLeft")
    assert canvas.get_attribute("data-picked") == "15"  # the frame of the keys moves first
    visitor.keyboard.press("Enter")
    wait_until(lambda: canvas.get_attribute("data-picked") == "22", 10, "Enter picked another cell")
    link = visitor.get_by_role("link", name="Open this run live: lr_g .016 · lr_d .001")
    link.wait_for(timeout=10_000)
    link.click()
    visitor.wait_for_url("**/train_1d?**")
    assert "lr_g=0.016" in visitor.url
    assert "lr_d=0.001" in visitor.url
    assert "width=32" in visitor.url


def test_the_file_of_a_sweep_opens_and_a_loaded_link_shows_the_same(visitor):
    visitor.goto(visitor.url_of("/settings_map?map=file"))
    visitor.locator("input[type=file]").set_input_files(FOLDER / "ring_8.parquet")
    canvas = visitor.locator(MAP)
    canvas.wait_for(timeout=60_000)
    visitor.get_by_text("ring_8.parquet: 128 of 128 runs").wait_for(timeout=10_000)
    visitor.goto(visitor.url_of("/settings_map?map=ring_8&seeds=y&at=0.004&by=winner&cell=9"))
    wait_until(lambda: canvas.get_attribute("data-picked") == "9", 60, "the link's cell is not framed")
    box = canvas.bounding_box()
    canvas.click(position={"x": 0.93 * box["width"], "y": 0.8 * box["height"]})  # low on the right
    wait_until(lambda: canvas.get_attribute("data-picked") != "9", 10, "the click picked no cell")
    picked = canvas.get_attribute("data-picked")
    wait_until(lambda: address(visitor)["cell"] == [picked], 10, "the address does not say the cell")
    visitor.reload()
    wait_until(lambda: canvas.get_attribute("data-picked") == picked, 60, "the loaded page shows another cell")
    assert address(visitor)["by"] == ["winner"]
