"""The numbers that the lesson on the Dirac-GAN shows."""

import numpy as np
import pytest

from tests.pages.visit import chooser, shown, tiles, visit

PATH = "pages/13_why_it_spins.py"
languages = pytest.mark.parametrize("language", ["en", "ko"])
choose = chooser("spins")


@languages
def test_the_non_saturating_loss_ends_on_the_predicted_circle(language):
    at = visit(PATH, language)
    before = tiles(at, "spins_plane")
    assert (before["start"], before["predicted"], before["threshold"]) == ("1.000", "0.447", "> 0.025 ✗")
    assert before["growth"] == "× 1.0012"
    choose(at, time=500)
    assert float(tiles(at, "spins_plane")["end"]) == pytest.approx(0.447, abs=0.01)
    choose(at, gamma=0.01)
    assert tiles(at, "spins_plane")["predicted"] == "0.346"
    assert float(tiles(at, "spins_plane")["end"]) == pytest.approx(0.346, abs=0.02)
    choose(at, gamma=0.05)
    assert tiles(at, "spins_plane")["predicted"] == "0.000"
    assert tiles(at, "spins_plane")["threshold"] == "> 0.025 ✓"
    assert float(tiles(at, "spins_plane")["end"]) < 0.005


@languages
def test_the_minimax_flow_keeps_its_distance(language):
    at = choose(visit(PATH, language), loss="minimax", scheme="continuous", time=500, start=1.3)
    shows = tiles(at, "spins_plane")
    assert (shows["start"], shows["end"], shows["predicted"]) == ("1.300", "1.300", "1.300")
    assert "growth" not in shows


def test_minimax_steps_get_stuck_where_the_text_says():
    at = choose(visit(PATH), loss="minimax", h=0.5, time=500)
    assert tiles(at, "spins_plane")["predicted"] == "∞"
    assert tiles(at, "spins_plane")["end"].startswith("5.1")


def test_wasserstein_leaves():
    at = choose(visit(PATH), loss="wasserstein", h=0.5, time=500)
    assert tiles(at, "spins_plane")["end"] == "> 100"
    assert tiles(at, "spins_plane")["growth"] == "× 1.1180"
    drawn = next(layer for layer in shown(at, "spins_plane")["panels"][0]["layers"] if layer["id"] == "path")
    assert np.abs(drawn["x"]).max() < 20


def test_before_the_run_only_the_prediction_is_drawn():
    at = choose(visit(PATH), time=0)
    layers = {layer["id"]: layer for layer in shown(at, "spins_plane")["panels"][0]["layers"]}
    assert len(layers["path"]["x"]) == 1
    assert layers["predicted"]["radius"] == pytest.approx(np.sqrt(0.2))


@languages
def test_averaging_r1_and_momentum_side_by_side(language):
    at = visit(PATH, language)
    before = tiles(at, "spins_swing")
    assert (before["plain"], before["plain_mean"]) == ("± 0.447", "± 0.019")
    assert float(before["yours"][2:]) < 0.01
    choose(at, gamma_2=0.0, momentum=0.5)
    after = tiles(at, "spins_swing")
    assert after["plain"] == before["plain"]
    assert float(after["yours"][2:]) == pytest.approx(1.1, abs=0.05)


@languages
def test_predictions_are_judged(language):
    at = visit(PATH, language)
    for name, right in (("flow", 2), ("smaller", 1), ("gamma", 1)):
        at.radio(key=f"why_it_spins_{name}").set_value(right).run()
    assert len(at.success) == 3
    assert not at.info
