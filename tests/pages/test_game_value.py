"""The numbers that the lesson on the value of the game shows."""

import pytest

from tests.pages.visit import shown, tiles, visit

PATH = "pages/05_game_value.py"
languages = pytest.mark.parametrize("language", ["en", "ko"])


@languages
def test_the_equation_holds_the_numbers_of_this_moment(language):
    at = visit(PATH, language)
    assert r"-1.3863+2\times0.3368\\&\approx\mathbf{-0.7126}" in at.latex[0].value
    at.slider(key="game_value_theta").set_value(4.0).run()
    assert r"-1.3863+2\times0.6327\\&\approx\mathbf{-0.1209}" in at.latex[0].value
    now = tiles(at, "game_value_numbers")
    assert now == {"real": "-0.060", "fake": "-0.060", "value": "-0.121", "kl_data": "0.633", "kl_model": "0.633",
                   "jsd": "0.633"}  # fmt: skip
    at.slider(key="game_value_theta").set_value(0.0).run()
    assert tiles(at, "game_value_numbers")["value"] == "-1.386"
    assert tiles(at, "game_value_numbers")["jsd"] == "0.000"
    assert not at.exception


def test_the_unit_scales_the_equation():
    at = visit(PATH)
    next(b for b in at.get("button_group") if b.key == "game_value_unit").set_value("bits").run()
    assert r"-2.0000+2\times0.4859\\&\approx\mathbf{-1.0281}" in at.latex[0].value


@languages
def test_v_stops_where_the_theorem_says(language):
    at = visit(PATH, language)
    now = tiles(at, "game_value_frozen")
    assert (now["best"], now["jsd"]) == ("-0.713", "0.337")
    assert float(now["value"]) == pytest.approx(-0.713, abs=0.03)
    next(b for b in at.get("button_group") if b.key == "game_value_alone").set_value(1.0).run()
    now = tiles(at, "game_value_frozen")
    assert (now["best"], now["jsd"]) == ("-1.163", "0.111")
    assert float(now["proven"]) <= float(now["jsd"])
    assert not at.exception


@languages
def test_more_d_steps_leave_less_unproven(language):
    at = visit(PATH, language)
    now = {k: float(v) for k, v in tiles(at, "game_value_played").items()}
    assert set(now) == {f"unproven_{n}" for n in (1, 2, 5, 10)}
    assert now["unproven_10"] < now["unproven_1"] / 2
    assert len(shown(at, "game_value_played")["panels"]) == 4
