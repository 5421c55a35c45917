"""The numbers that the lesson on the game shows."""

import pytest

from tests.pages.visit import panel, tiles, visit

PATH = "pages/01_the_game.py"
languages = pytest.mark.parametrize("language", ["en", "ko"])


@languages
def test_the_police_can_reach_the_record_and_overdo_it(language):
    at = visit(PATH, language)
    before = tiles(at, "the_game_police")
    assert (before["value"], before["best"], before["accuracy"]) == ("-1.061", "-0.713", "73.9%")
    at.slider(key="the_game_threshold").set_value(1.0).run()
    at.slider(key="the_game_steepness").set_value(-2.0).run()
    assert tiles(at, "the_game_police") == {
        "real": "-0.356", "fake": "-0.356", "value": "-0.713", "best": "-0.713", "missing": "0.000",
        "accuracy": "84.1%",
    }  # fmt: skip
    at.slider(key="the_game_steepness").set_value(-4.0).run()
    assert not at.exception
    after = tiles(at, "the_game_police")
    assert (after["value"], after["accuracy"]) == ("-0.864", "84.1%")


def test_perfect_fakes_and_the_try():
    at = visit(PATH)
    at.slider(key="the_game_steepness").set_value(0.0).run()
    at.slider(key="the_game_shift").set_value(0.0).run()
    assert tiles(at, "the_game_police")["value"] == tiles(at, "the_game_police")["best"] == "-1.386"
    at.slider(key="the_game_shift").set_value(4.0).run()
    at.slider(key="the_game_threshold").set_value(2.0).run()
    at.slider(key="the_game_steepness").set_value(-4.0).run()
    assert tiles(at, "the_game_police")["value"] == tiles(at, "the_game_police")["best"] == "-0.121"


def test_wrong_verdicts_are_drawn_open():
    at = visit(PATH)
    at.slider(key="the_game_steepness").set_value(2.0).run()  # the wrong way round, with the threshold at 0
    dots = next(d for d in panel(at, "the_game_police", "verdicts")["data"] if d["name"] == "real")
    assert dots["marker"]["symbol"].count("circle-open") == 15
    assert min(panel(at, "the_game_police", "values")["data"][3]["y"]) >= -5
    at.toggle(key="the_game_best").set_value(True).run()
    assert panel(at, "the_game_police", "verdicts")["data"][0]["name"] == "D*(x)"
    assert not at.exception


@languages
def test_the_arrows_lead_to_the_data(language):
    at = visit(PATH, language)
    before = tiles(at, "the_game_forger")
    assert before["proven"] == before["jsd"] == "0.544"
    heads = panel(at, "the_game_forger", "bells")["data"][4]
    assert set(heads["marker"]["symbol"]) == {"triangle-left"}
    for _ in range(12):
        at.button(key="the_game_follow").click().run()
        assert not at.exception
    assert abs(at.slider(key="the_game_mean").value) < 0.1
    assert tiles(at, "the_game_forger") == {
        "value": "-1.386", "d_real": "0.50", "d_fake": "0.50", "proven": "0.000", "jsd": "0.000",
    }  # fmt: skip


@languages
def test_lazy_police_say_a_half_and_teach_nothing(language):
    at = visit(PATH, language)
    at.toggle(key="the_game_lazy").set_value(True).run()
    assert tiles(at, "the_game_forger") == {
        "value": "-1.386", "d_real": "0.50", "d_fake": "0.50", "proven": "0.000", "jsd": "0.544",
    }  # fmt: skip
    assert len(panel(at, "the_game_forger", "bells")["data"][4]["x"]) == 0
    at.button(key="the_game_follow").click().run()
    assert at.slider(key="the_game_mean").value == 2.5
    assert not at.exception


@languages
def test_predictions_are_judged(language):
    at = visit(PATH, language)
    at.radio(key="the_game_perfect").set_value(1).run()
    at.radio(key="the_game_half").set_value(2).run()
    assert len(at.success) == 2
    assert not at.exception
