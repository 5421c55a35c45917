"""The numbers that the lesson on the value function shows."""

import numpy as np
import pytest

from tests.pages.visit import panel, tiles, visit

PATH = "pages/02_value_function.py"
languages = pytest.mark.parametrize("language", ["en", "ko"])


def choose(at, key, value):
    next(b for b in at.get("button_group") if b.key == key).set_value(value).run()
    assert not at.exception


@languages
def test_the_score_of_a_coin_toss_of_certainty_and_of_one_error(language):
    at = visit(PATH, language)
    assert tiles(at, "value_function_scores")["value"] == "-0.693"
    at.slider(key="value_function_sure").set_value(0.0).run()
    assert tiles(at, "value_function_scores") == {
        "real": "-0.693", "fake": "-0.693", "value": "-1.386", "loss": "1.386", "loss_mean": "0.693",
    }  # fmt: skip
    at.slider(key="value_function_sure").set_value(0.5).run()
    choose(at, "value_function_wrong", "real")
    after = tiles(at, "value_function_scores")
    assert (after["value"], after["loss"], after["loss_mean"]) == ("-1.412", "1.412", "0.706")
    choose(at, "value_function_wrong", "fake")
    assert tiles(at, "value_function_scores")["value"] == "-1.412"
    at.slider(key="value_function_sure").set_value(0.55).run()  # sure enough of the others to beat ½ again
    assert float(tiles(at, "value_function_scores")["value"]) > -1.386
    assert not at.exception


def test_the_unit_changes_labels_and_no_shape():
    at = visit(PATH)
    at.slider(key="value_function_sure").set_value(0.0).run()
    nats = panel(at, "value_function_scores", "verdicts")
    for unit, value, loss_mean in (("bits", "-2.000", "1.000"), ("dits", "-0.602", "0.301")):
        choose(at, "value_function_unit", unit)
        assert tiles(at, "value_function_scores")["value"] == value
        assert tiles(at, "value_function_scores")["loss_mean"] == loss_mean
        scaled = panel(at, "value_function_scores", "verdicts")
        for a, b in zip(nats["data"], scaled["data"], strict=True):  # the same place in the window
            place = [np.array(d["y"]) / p["layout"]["yaxis"]["range"][0] for d, p in ((a, nats), (b, scaled))]
            np.testing.assert_allclose(*place, rtol=1e-5)


@languages
def test_three_gaps_and_the_verdicts_that_they_reward(language):
    at = visit(PATH, language)
    assert tiles(at, "value_function_gaps") == {
        "subtraction": "0.800", "log": "1.609", "squared": "0.640",
        "best_subtraction": "1.00", "best_log": "0.70", "best_squared": "0.70",
    }  # fmt: skip
    at.slider(key="value_function_d").set_value(0.01).run()
    at.slider(key="value_function_share").set_value(0.3).run()
    after = tiles(at, "value_function_gaps")
    assert (after["subtraction"], after["log"], after["squared"]) == ("0.990", "4.605", "0.980")
    assert (after["best_subtraction"], after["best_log"]) == ("0.00", "0.30")
    at.slider(key="value_function_share").set_value(0.5).run()
    assert tiles(at, "value_function_gaps")["best_subtraction"] == ("any" if language == "en" else "무엇이든")
    assert len(panel(at, "value_function_gaps", "expected")["data"]) == 5  # no cheapest verdict of the subtraction
    assert not at.exception


@languages
def test_predictions_are_judged(language):
    at = visit(PATH, language)
    for name, right in (("cost", 1), ("base", 2), ("honest", 2)):
        at.radio(key=f"value_function_{name}").set_value(right).run()
    assert len(at.success) == 3
    assert not at.exception
