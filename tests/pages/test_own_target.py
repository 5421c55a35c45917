"""Targets of the visitor's own on the live pages: tables and typed mixtures."""

import time

import numpy as np
import pytest

from gan_core import PRESETS
from gan_core.own_targets import MAX_POINTS, lookup
from tests.pages.board import board_of, visit, widget

LIVE_PAGES = {1: "pages/09_train_1d.py", 2: "pages/10_train_2d.py"}  # by dimension

FLOWERS = "length,width,depth,species\n" + "\n".join(
    f"{5 + i % 7 / 10},{3000 + 100 * (i % 11)},{i * i % 13 / 10},a" for i in range(60)
)


def upload(at, text, name="flowers.csv"):
    at.file_uploader[0].set_value((name, text.encode(), "text/csv")).run()
    assert not at.exception
    return target_of(at)


def target_of(at):
    return widget(at.selectbox, "target").value


def panel_of(at, panel, target):
    """This panel, once the board shows the new target."""
    for _ in range(100):
        shown = board_of(at)
        if shown["attributes"]["target"] == target:
            return next(p for p in shown["panels"] if p["id"] == panel)
        time.sleep(0.05)
        at.run()
    raise AssertionError("the board did not show the target")


def said(at):
    return " ".join(c.value for c in [*at.caption, *at.warning])


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_table_becomes_the_target_and_says_how_it_was_read(language):
    at = visit(LIVE_PAGES[2], lang=language)
    target = lookup(upload(at, FLOWERS))
    assert target.axes == ("length", "width")
    plane = panel_of(at, "plane", target.key)
    assert (plane["xlabel"], plane["ylabel"]) == ("length", "width")
    assert (plane["x"], plane["y"]) == (list(target.bounds[0]), list(target.bounds[1]))
    arrows = next(layer for layer in plane["layers"] if layer["id"] == "arrows")
    assert arrows["scale"][0] / arrows["scale"][1] == pytest.approx((np.ptp(plane["x"]) / np.ptp(plane["y"])) ** 2)
    for part in ("length 5 … 5.6", "width 3000 … 4000", "species", "UTF-8"):
        assert part in said(at)
    next(w for w in at.selectbox if "_column_1_" in w.key).set_value(2).run()
    assert lookup(target_of(at)).axes == ("length", "depth")
    next(w for w in at.checkbox if "_proportions_" in w.key).check().run()
    assert not lookup(target_of(at)).own_units


@pytest.mark.parametrize("dim", LIVE_PAGES)
def test_a_preset_keeps_the_visitors_own_target(dim):
    at = visit(LIVE_PAGES[dim])
    own = upload(at, FLOWERS)
    other = {1: "comb", 2: "hinge"}[dim]
    widget(at.selectbox, "preset").set_value(other).run()
    assert not at.exception
    assert target_of(at) == own
    assert widget(at.selectbox, "preset").value == other
    assert widget(at.selectbox, "loss").value == PRESETS[other].config.loss


def test_a_column_becomes_the_target_of_a_line():
    at = visit(LIVE_PAGES[1])
    target = lookup(upload(at, FLOWERS))
    assert (target.dim, target.axes) == (1, ("length",))
    density = panel_of(at, "density", target.key)
    assert density["layout"]["xaxis"]["title"]["text"] == "length"


def test_a_typed_mixture_becomes_the_target_and_its_link_opens_it():
    at = visit(LIVE_PAGES[1])
    widget(at.text_input, "formula").set_value("N(400, 1.25)").run()
    key = target_of(at)
    assert lookup(key).bounds == ((393.75, 406.25),)
    again = visit(LIVE_PAGES[1], target=key)
    assert not again.warning
    assert target_of(again) == key
    widget(again.text_input, "formula").set_value("N(400").run()
    assert any("cannot be read as a mixture" in w.value for w in again.warning)
    assert target_of(again) == key


def test_another_target_is_not_undone_by_the_table_that_was_uploaded():
    at = visit(LIVE_PAGES[2])
    upload(at, FLOWERS)
    widget(at.selectbox, "target").set_value("moons").run()
    assert target_of(at) == "moons"
    at.run()
    assert target_of(at) == "moons"
    next(b for b in at.button if "train_on_table" in b.key).click().run()
    assert target_of(at).startswith("points-")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("once upon\na time\n", "No column of numbers"),
        ("1\n2\n3\n" * 20, "1 columns of numbers"),
        ("1,2\n3,4\n", "2 rows"),
        ("1,2\n" * 50, "same point"),
        ("1,2\n" * (MAX_POINTS + 1), f"from 20 to {MAX_POINTS:,}"),
        ("1,2\n" * 100_000, "100,000 lines"),
        ("PK\x03\x04", "an Excel workbook"),
        (f"{','.join(map(str, range(60)))}\n" * 2, "transpose it"),
    ],
    ids=["empty", "text", "one column", "few rows", "one spot", "too many", "far too many", "Excel", "transposed"],
)
def test_a_bad_table_gets_a_sentence(text, says):
    at = visit(LIVE_PAGES[2])
    assert upload(at, text) == "ring_8"
    assert says in said(at)
