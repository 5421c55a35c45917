"""The 2D lesson and the gallery in a real browser."""

import pytest

from benchmarks.harness import BOARD, board, open_board, wait_until
from gan_core import PRESETS
from gan_core.own_targets import CELLS, painted_cells
from tests.browser.actions import address, pause, press, step

pytestmark = pytest.mark.browser

PLANE = '[data-panel="plane"] canvas'


def pixels(page, selector=PLANE) -> str:
    """The picture on a canvas, as text to compare."""
    return page.eval_on_selector(selector, "canvas => canvas.toDataURL()")


def chip(page, name):
    return page.locator('[data-panel="plane"] .lb-chips').get_by_role("button", name=name, exact=True)


def open_own_target(page, tab):
    page.get_by_role("button", name="Your own target").click()
    page.get_by_role("tab", name=tab).click()


def test_play_finds_modes_and_moves_the_fakes(visitor):
    open_board(visitor, visitor.url_of("/train_2d"))
    assert board(visitor)["target"] == "ring_8"
    assert visitor.locator(f"{BOARD} .lb-panel").count() == 9
    before = pixels(visitor)
    press(visitor, "Play")
    wait_until(lambda: int(board(visitor)["modes"]) >= 4, 120, "it did not find four modes")
    assert pixels(visitor) != before
    at = pause(visitor)
    visitor.wait_for_timeout(1500)
    assert step(visitor) == at
    assert board(visitor)["mounts"] == "1"


def test_every_layer_can_be_switched(visitor):
    open_board(visitor, visitor.url_of("/train_2d"))
    press(visitor, "×100")
    wait_until(lambda: step(visitor) == 100, 60, "step 100 was not reached")
    chips = visitor.locator('[data-panel="plane"] .lb-chips button')
    names = chips.all_inner_texts()
    assert len(names) == 9
    for i in range(len(names)):
        before, pressed = pixels(visitor), chips.nth(i).get_attribute("aria-pressed")
        chips.nth(i).click()
        assert chips.nth(i).get_attribute("aria-pressed") != pressed
        wait_until(lambda before=before: pixels(visitor) != before, 10, f"layer {names[i]} changed nothing")
    assert board(visitor)["mounts"] == "1"
    assert board(visitor)["state"] == "paused"


def test_a_layer_stays_switched_while_it_trains_and_by_keyboard(visitor):
    open_board(visitor, visitor.url_of("/train_2d"))
    chip(visitor, "arrows").focus()
    visitor.keyboard.press("Space")
    assert chip(visitor, "arrows").get_attribute("aria-pressed") == "false"
    assert board(visitor)["state"] == "paused"  # the space bar meant the layer, not Play
    press(visitor, "Play")
    wait_until(lambda: step(visitor) > 60, 60, "it did not train")
    assert chip(visitor, "arrows").get_attribute("aria-pressed") == "false"
    pause(visitor)


def test_the_manifold_morphs_on_demand(visitor):
    open_board(visitor, visitor.url_of("/train_2d"))
    morph = visitor.locator('[data-panel="plane"] .lb-morph')
    assert not morph.is_visible()
    chip(visitor, "manifold").click()
    assert morph.is_visible()
    before, slider = pixels(visitor), morph.get_by_role("slider")
    slider.fill("0")
    wait_until(lambda: pixels(visitor) != before, 10, "the manifold did not morph")
    unfolded = pixels(visitor)
    morph.get_by_role("button").click()
    wait_until(lambda: slider.input_value() == "1", 20, "the manifold did not come back")
    wait_until(lambda: pixels(visitor) != unfolded, 10, "the slider moved alone")


def test_a_card_of_the_gallery_opens_its_preset(visitor):
    visitor.goto(visitor.url_of("/gallery"))
    key, preset = next((k, p) for k, p in PRESETS.items() if p.kind == "fails")
    card = visitor.locator(f".st-key-card_{key}")
    card.locator("img").wait_for()
    loaded = "[...document.images].every(i => i.naturalWidth > 0)"
    wait_until(lambda: visitor.evaluate(loaded), 20, "a picture is missing")
    card.get_by_role("link").click()
    visitor.wait_for_selector(f"{BOARD}[data-updates]", timeout=60_000)
    wait_until(lambda: board(visitor)["target"] == preset.config.target, 20, "another target")
    assert {k: v[0] for k, v in address(visitor).items()} == preset.config.to_params()
    assert visitor.get_by_text(preset.story).first.is_visible()


def test_a_drawing_becomes_the_target_and_survives_a_reload(visitor):
    open_board(visitor, visitor.url_of("/train_2d"))
    open_own_target(visitor, "Draw")
    canvas = visitor.get_by_test_id("painter")
    canvas.click(trial=True)  # waits until it stands still
    box = canvas.bounding_box()
    cell = box["width"] / CELLS

    def go(i, j, **how):
        visitor.mouse.move(box["x"] + (i + 0.5) * cell, box["y"] + box["height"] - (j + 0.5) * cell, **how)

    go(4, 4)
    visitor.mouse.down()
    go(4, 20, steps=4)
    visitor.mouse.up()
    go(4, 12)  # begun on a painted cell, a stroke erases
    visitor.mouse.down()
    visitor.mouse.up()
    visitor.get_by_role("button", name="Train on this").click()
    wait_until(lambda: board(visitor)["target"].startswith("cells-"), 30, "the drawing was not taken")
    painted = painted_cells(board(visitor)["target"])
    column = [j for j in range(4, 21) if j != 12]
    assert [tuple(map(int, c)) for c in zip(*painted.nonzero(), strict=True)] == [(4, j) for j in column]
    wait_until(lambda: address(visitor).get("target") == [board(visitor)["target"]], 20, "not in the address")
    press(visitor, "×10")
    wait_until(lambda: step(visitor) == 10, 30, "it does not train")
    target = board(visitor)["target"]
    visitor.reload()
    visitor.wait_for_selector(f"{BOARD}[data-updates]", timeout=60_000)
    assert board(visitor)["target"] == target


def upload(page, text: str | bytes) -> None:
    data = text.encode() if isinstance(text, str) else text
    page.locator("[data-testid=stFileUploaderDropzoneInput]").set_input_files(
        {"name": "points.csv", "mimeType": "text/csv", "buffer": data}
    )


def test_a_table_becomes_the_target(visitor):
    open_board(visitor, visitor.url_of("/train_2d"))
    open_own_target(visitor, "Upload a table")
    upload(visitor, "x,y\n" + "\n".join(f"{100 + i % 7},{1000 + i % 11}" for i in range(200)))
    wait_until(lambda: board(visitor)["target"].startswith("points-"), 30, "the table was not taken")
    press(visitor, "×10")
    wait_until(lambda: step(visitor) == 10, 30, "it does not train")


BAD_TABLES = {
    "empty": ("", "empty"),
    "text": ("once upon\na time\n", "No column of numbers"),
    "one column": ("1\n2\n3\n" * 20, "1 columns of numbers"),
    "few rows": ("1,2\n3,4\n", "2 rows"),
    "one spot": ("1,2\n" * 50, "same point"),
    "a million rows": ("1,2\n" * 1_000_000, "1,000,000 lines"),
    "no text at all": (bytes(range(256)) * 20, "no text, not a table"),
}


def test_bad_tables_get_a_sentence_each(visitor):
    open_board(visitor, visitor.url_of("/train_2d"))
    open_own_target(visitor, "Upload a table")
    for name, (text, says) in BAD_TABLES.items():
        upload(visitor, text)
        warning = visitor.locator("[data-testid=stAlert]", has_text=says)
        wait_until(lambda w=warning: w.count(), 60, f"no sentence for a table with: {name}")
    assert board(visitor)["target"] == "ring_8"


def test_a_forgotten_table_in_the_link_is_explained(visitor):
    open_board(visitor, visitor.url_of("/train_2d?target=points-0123456789abcdef&latent_dim=2"))
    assert "upload the table again" in visitor.locator("[data-testid=stAlert]").first.inner_text()


def test_phone_width_is_usable(browser, server):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    for path in ("/train_2d", "/gallery"):
        page.goto(server + path)
        page.wait_for_selector("h1", timeout=60_000)
        if path == "/train_2d":
            page.wait_for_selector(f"{BOARD}[data-updates]", timeout=60_000)
            canvas = page.locator(PLANE).bounding_box()
            assert canvas["width"] >= 300
            assert canvas["x"] + canvas["width"] <= 390
        page.wait_for_timeout(1000)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()
