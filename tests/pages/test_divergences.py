"""The numbers that the lesson on distances shows."""

import pytest

from tests.pages.visit import shown, tiles, visit

PATH = "pages/04_divergences.py"
languages = pytest.mark.parametrize("language", ["en", "ko"])


@languages
def test_sliding_apart_shows_the_table_of_the_theory(language):
    at = visit(PATH, language)
    assert tiles(at, "divergences_slide")["jsd"] == "0.337"
    at.slider(key="divergences_theta").set_value(4.0).run()
    assert not at.exception
    assert tiles(at, "divergences_slide") == {
        "kl": "8.000", "reverse_kl": "8.000", "jeffreys": "8.000", "jsd": "0.633", "wasserstein": "4.000",
    }  # fmt: skip


@languages
def test_one_bell_covers_or_seeks(language):
    at = visit(PATH, language)
    at.slider(key="divergences_scale").set_value(2.05).run()
    wide = tiles(at, "divergences_fit")
    assert (wide["kl"], wide["jsd"]) == ("0.724", "0.201")
    at.slider(key="divergences_mean").set_value(2.0).run()
    at.slider(key="divergences_scale").set_value(0.5).run()
    narrow = tiles(at, "divergences_fit")
    assert (narrow["reverse_kl"], narrow["jsd"]) == ("0.693", "0.216")
    assert not at.exception


def test_the_unit_scales_all_but_the_wasserstein_distance():
    at = visit(PATH)
    next(b for b in at.get("button_group") if b.key == "divergences_unit").set_value("bits").run()
    assert tiles(at, "divergences_slide")["kl"] == "2.885"
    assert tiles(at, "divergences_slide")["wasserstein"] == "2.000"


@languages
def test_predictions_are_judged_and_kept(language):
    at = visit(PATH, language)
    right = at.radio(key="divergences_grows")
    right.set_value(0).run()
    assert len(at.info) == 1
    assert not at.success
    at.radio(key="divergences_grows").set_value(2).run()
    assert len(at.success) == 1
    assert at.session_state["predicted"] == {("divergences", "grows"): 2}


def test_panels_draw_what_they_say():
    panel = next(p for p in shown(visit(PATH), "divergences_slide")["panels"] if p["id"] == "distances")
    assert max(panel["data"][2]["y"]) == pytest.approx(0.6931, abs=1e-4)  # the JSD ends at log 2
