"""The numbers that the lesson on the best discriminator shows."""

import numpy as np
import pytest

from tests.pages.visit import shown, tiles, visit

PATH = "pages/03_optimal_discriminator.py"
languages = pytest.mark.parametrize("language", ["en", "ko"])


@languages
def test_a_line_of_ones_own_proves_what_the_theory_says(language):
    at = visit(PATH, language)
    assert tiles(at, "optimal_perfect") == {"proven": "0.000", "unproven": "0.337", "jsd": "0.337"}
    at.slider(key="optimal_shift").set_value(1.0).run()
    at.slider(key="optimal_a").set_value(0.5).run()
    at.slider(key="optimal_b").set_value(-1.0).run()
    assert tiles(at, "optimal_perfect") == {"proven": "0.111", "unproven": "0.000", "jsd": "0.111"}
    at.slider(key="optimal_a").set_value(0.0).run()
    at.slider(key="optimal_b").set_value(1.0).run()
    assert tiles(at, "optimal_perfect") == {"proven": "-0.413", "unproven": "0.525", "jsd": "0.111"}
    assert not at.exception


@languages
def test_another_mix_moves_d_star_and_hides_the_proof(language):
    at = visit(PATH, language)
    at.slider(key="optimal_prior").set_value(0.75).run()
    assert not at.exception
    content = shown(at, "optimal_perfect")
    assert content["tiles"] == []
    assert [p["id"] for p in content["panels"]] == ["batch", "opinions"]
    real, fake = (np.array(t["y"]) for t in content["panels"][0]["data"])
    d_star = np.array(content["panels"][1]["data"][0]["y"])
    np.testing.assert_allclose(d_star, real / (real + fake), atol=1e-5)
    crossing = np.abs(3 * fake - real).argmin()  # where p = q
    assert d_star[crossing] == pytest.approx(0.75, abs=0.02)


@languages
def test_a_network_climbs_to_the_jsd(language):
    at = visit(PATH, language)
    before = tiles(at, "optimal_trained")
    at.select_slider(key="optimal_steps").set_value(3000).run()
    after = tiles(at, "optimal_trained")
    assert not at.exception
    assert (before["step"], after["step"]) == ("0", "3,000")
    assert before["jsd"] == after["jsd"] == "0.274"
    assert abs(float(before["proven"])) < 0.02
    assert 0.25 < float(after["proven"]) <= float(after["jsd"])
    assert float(after["d_real"]) > float(after["d_fake"]) + 0.3


def test_areas_are_the_numbers():
    panel = next(p for p in shown(visit(PATH), "optimal_perfect")["panels"] if p["id"] == "doubt")
    x, coin = np.array(panel["data"][0]["x"]), np.array(panel["data"][0]["y"])
    assert np.sum(coin) * (x[1] - x[0]) == pytest.approx(0.3368, abs=2e-3)
    np.testing.assert_allclose(coin, panel["data"][1]["y"], atol=1e-6)  # D = 1/2 misses all of it
