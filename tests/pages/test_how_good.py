"""The numbers that the lesson on estimators shows."""

import numpy as np
import pytest

from tests.pages.visit import chooser, panel, tiles, visit

PATH = "pages/14_how_good.py"
languages = pytest.mark.parametrize("language", ["en", "ko"])
choose = chooser("how_good")


@languages
def test_the_noise_floor_of_perfect_fakes(language):
    at = visit(PATH, language)
    before = tiles(at, "how_good_floor")
    assert (before["truth"], before["expected"], before["law"]) == ("0", "0.0093", "0.0124")
    assert float(before["plug_in"]) == pytest.approx(0.0093, abs=0.0006)
    assert float(before["debiased"]) < 0.003
    choose(at, n=20_000)
    after = tiles(at, "how_good_floor")
    assert (after["expected"], after["law"], after["debiased"]) == ("0.0005", "0.0006", "0.0001")
    choose(at, bins=400)
    assert tiles(at, "how_good_floor")["expected"] == "0.0021"  # the floor of 20 bins at n = 1000
    choose(at, n=1000, bins=20)
    assert tiles(at, "how_good_floor")["expected"] == "0.0021"


@languages
def test_square_bins_and_sigma_cells(language):
    at = choose(visit(PATH, language), ruler="squares")
    squares = tiles(at, "how_good_floor")
    assert (squares["expected"], squares["law"]) == ("0.0196", "0.1280")
    assert panel(at, "how_good_floor", "squares")["layers"][0]["values"].size == 32**2
    choose(at, ruler="sigma", n=20_000)
    cells = tiles(at, "how_good_floor")
    assert (cells["expected"], cells["law"]) == ("0.0054", "0.0060")
    assert abs(float(cells["debiased"])) <= 0.001  # the first order alone


def test_another_draw_reads_another_value():
    at = visit(PATH)
    first = panel(at, "how_good_floor", "cells")["data"][0]["y"]
    at.button(key="how_good_again").click().run()
    second = panel(at, "how_good_floor", "cells")["data"][0]["y"]
    assert np.abs(first - second).max() > 0
    assert tiles(at, "how_good_floor")["expected"] == "0.0093"


@languages
def test_the_rule_of_thumb_and_the_matched_comparison(language):
    at = choose(visit(PATH, language), kernel_n=5000)
    shows = tiles(at, "how_good_kernel")
    assert float(shows["by_rule"]) == pytest.approx(0.012, abs=0.001)
    assert (shows["rule"], shows["plane"]) == ("0.38", "0.385")
    choose(at, bandwidth=0.6)
    wider = tiles(at, "how_good_kernel")
    assert float(wider["raw"]) > 0.03
    assert float(wider["matched"]) < 0.0005
    assert wider["by_rule"] == shows["by_rule"]
    curve = panel(at, "how_good_kernel", "bandwidths")["data"][0]
    assert np.interp(0.6, curve["x"], curve["y"]) == pytest.approx(float(wider["raw"]), abs=1e-4)


def test_a_thousand_fakes_read_about_as_the_text_says():
    assert float(tiles(visit(PATH), "how_good_kernel")["by_rule"]) == pytest.approx(0.03, abs=0.005)


@languages
def test_modes_quality_and_what_they_do_not_see(language):
    at = visit(PATH, language)
    narrow = tiles(at, "how_good_modes")
    assert (narrow["modes"], narrow["quality"], narrow["ceiling"]) == ("8 / 8", "100.00%", "98.89%")
    assert float(narrow["jsd"]) == pytest.approx(0.1676, abs=0.003)
    choose(at, width=1.0)
    right = tiles(at, "how_good_modes")
    assert float(right["quality"][:-1]) == pytest.approx(98.89, abs=0.2)
    assert abs(float(right["jsd"])) < 0.001
    choose(at, width=2.0)
    assert float(tiles(at, "how_good_modes")["jsd"]) == pytest.approx(0.1705, abs=0.003)
    assert float(tiles(at, "how_good_modes")["quality"][:-1]) == pytest.approx(67.5, abs=1)
    choose(at, width=1.0, kept=5)
    missing = tiles(at, "how_good_modes")
    assert (missing["modes"], missing["ruler"]) == ("5 / 8", "0.1518")
    assert float(missing["jsd"]) == pytest.approx(0.152, abs=0.001)


@languages
def test_a_single_narrow_mode_has_high_quality(language):
    at = choose(visit(PATH, language), kept=1, width=0.9)
    shows = tiles(at, "how_good_modes")
    assert float(shows["quality"][:-1]) == pytest.approx(99.6, abs=0.15)
    assert (shows["modes"], shows["ruler"]) == ("1 / 8", "0.4969")


@languages
def test_predictions_are_judged(language):
    at = visit(PATH, language)
    at.radio(key="how_good_zero").set_value(1).run()
    at.radio(key="how_good_quality").set_value(1).run()
    assert len(at.success) == 2
