"""The numbers that the lesson on the rulers of practice shows."""

import numpy as np
import pytest

from gan_core.distributions import DISTRIBUTIONS
from gan_core.lessons import cheats, frechet_bias, metrics
from pages.ui.exhibits.metrics import verdict_table
from tests.pages.visit import chooser, panel, tiles, visit

PATH = "pages/18_metrics.py"
languages = pytest.mark.parametrize("language", ["en", "ko"])
choose = chooser("metrics")


@languages
def test_a_lump_pleases_fid_and_recall(language):
    at = visit(PATH, language)
    reads = tiles(at, "metrics_clouds")
    assert float(reads["fid"]) < 0.01
    assert (reads["precision"], reads["recall"]) == ("0.070", "0.982")
    assert "7.0%" in panel(at, "metrics_clouds", "precision")["title"]
    assert "98.2%" in panel(at, "metrics_clouds", "recall")["title"]
    choose(at, outliers=True)
    assert tiles(at, "metrics_clouds")["precision"].startswith("0.69")


def test_eight_points_have_the_best_inception_score():
    at = choose(visit(PATH), cheat="one_point")
    reads = tiles(at, "metrics_clouds")
    assert (reads["inception"], reads["precision"], reads["recall"]) == ("7.98", "1.000", "0.000")
    on = next(l for l in panel(at, "metrics_clouds", "precision")["layers"] if l["id"] == "on")
    assert len({*zip(on["x"], on["y"], strict=True)}) == 8
    land = panel(at, "metrics_clouds", "recall")["layers"][0]["values"]
    assert land.sum() == 0  # balls of no size


def test_points_have_no_colour_where_there_is_no_land():
    at = choose(visit(PATH), cheat="moved", k=5)
    drawn = {l["id"]: l for l in panel(at, "metrics_clouds", "precision")["layers"]}
    share = len(drawn["on"]["x"]) / (len(drawn["on"]["x"]) + len(drawn["off"]["x"]))
    assert share == pytest.approx(float(tiles(at, "metrics_clouds")["precision"]), abs=0.06)  # 700 of 2,000 are drawn
    n = round(drawn["land"]["values"].size ** 0.5)
    land = drawn["land"]["values"].reshape(n, n)
    for layer, wanted in (("on", 1), ("off", 0)):
        cell = [((np.asarray(drawn[layer][axis]) + 2.6) / 5.2 * n).astype(int).clip(0, n - 1) for axis in "xy"]
        assert (land[cell[0], cell[1]] == wanted).mean() > 0.85  # but for cells on the shore


def test_without_cheating_all_read_as_the_data_do():
    at = choose(visit(PATH), share=0)
    reads = {key: float(value) for key, value in tiles(at, "metrics_clouds").items()}
    usual = cheats.verdicts(metrics.world(DISTRIBUTIONS["ring_8"], 2000, 3))["lump"]
    assert reads["precision"] == pytest.approx(usual["precision"].usual, abs=0.02)
    assert reads["copying"] == pytest.approx(0.5, abs=0.05)
    assert reads["fid"] < 0.02


def test_the_table_marks_who_is_caught():
    at = visit(PATH)
    table = next(m.value for m in at.markdown if m.value.startswith("| ") and "▲" in m.value)
    lines = table.splitlines()
    assert len(lines) == 3 + len(cheats.CHEATS)
    copies = [cell.strip() for cell in lines[-1].split("|")[2:-1]]
    assert [("✓" in cell) for cell in copies] == [key == "copying" for key in metrics.RULERS]
    assert table.count("✓") == 27
    assert table.count("▲") == 1


def test_a_table_of_verdicts():
    ruler = metrics.RULERS["recall"]
    row = {"a": {"recall": cheats.Verdict(0.5, 0.97, 9.0)}, "b": {"recall": cheats.Verdict(1.0, 0.97, -5.0)}}
    table = verdict_table(row, {"a": "A", "b": "B"}, {"recall": ruler}, lambda text, **values: text)
    lines = table.splitlines()
    assert lines[2] == "| perfect fakes, on average | 0.970 |"
    assert lines[3:] == ["| A | **0.500\u00a0✓** |", "| B | 1.000\u00a0▲ |"]


def test_few_fakes_look_worse_than_they_are():
    at = visit(PATH)
    reads = tiles(at, "metrics_few")
    assert (reads["truth"], reads["mean"], reads["rule"]) == ("0", "1.037", "1.061")
    choose(at, truth=0.5, n=10_000)
    reads = tiles(at, "metrics_few")
    assert (reads["truth"], reads["mean"], reads["rule"]) == ("0.5", "0.603", "0.606")
    assert float(reads["infinite"]) == pytest.approx(0.5, abs=0.2)
    drawn = panel(at, "metrics_few", "extrapolation")["data"]
    assert drawn[2]["y"][0] == pytest.approx(float(reads["infinite"]), abs=1e-3)
    np.testing.assert_allclose(drawn[1]["x"], 1000 / (10_000 // np.arange(1, 6)), rtol=1e-6)


def test_the_curve_is_the_rule_and_its_points_are_measured():
    at = choose(visit(PATH), features="white_64", truth=1.0)
    yours, rule, measured, now = panel(at, "metrics_few", "bias")["data"]
    np.testing.assert_allclose(np.asarray(yours["y"]) - 1, rule["y"], atol=1e-4)
    assert rule["y"][0] == pytest.approx(64 / 200 + 64 * 65 / (4 * 199), rel=1e-4)
    assert list(measured["x"]) == list(frechet_bias.SIZES)
    assert now["y"][0] == pytest.approx(measured["y"][frechet_bias.SIZES.index(1000)] + 1, abs=1e-4)


@languages
def test_predictions_are_judged(language):
    at = visit(PATH, language)
    at.radio(key="metrics_inception").set_value(2).run()
    at.radio(key="metrics_bias").set_value(1).run()
    assert len(at.success) == 2
