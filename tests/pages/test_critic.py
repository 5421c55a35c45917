"""The numbers that the lesson on the critic shows."""

import pytest

from gan_core.config import TrainConfig
from tests.pages.visit import chooser, shown, tiles, visit

PATH = "pages/16_critic.py"
languages = pytest.mark.parametrize("language", ["en", "ko"])
choose = chooser("critic")


@languages
def test_far_away_the_critic_pulls_on(language):
    at = visit(PATH, language)
    assert tiles(at, "critic_carry") == {
        "w1": "4.000", "says": "4.000", "jsd": "0.633", "pull": "-1.000", "jsd_pull": "-0.069",
    }  # fmt: skip
    choose(at, theta=8.0, steepest=2.0)
    assert tiles(at, "critic_carry") == {
        "w1": "8.000", "says": "16.000", "jsd": "0.693", "pull": "-2.000", "jsd_pull": "-2e-04",
    }  # fmt: skip


def test_both_charts_of_distances_have_their_dot_where_the_tiles_are():
    at = choose(visit(PATH), data="two", theta=-6.0, scale=0.5)
    panels = {p["id"]: p for p in shown(at, "critic_carry")["panels"]}
    w1, jsd = (panels["distances"]["data"][i]["y"][0] for i in (2, 3))
    assert f"{8 * w1:.3f}" == tiles(at, "critic_carry")["w1"]
    assert f"{0.693147 * jsd:.3f}" == tiles(at, "critic_carry")["jsd"]
    assert panels["pulls"]["data"][2]["y"][0] == pytest.approx(1, abs=1e-4)


@languages
def test_three_critics(language):
    at = visit(PATH, language)
    assert tiles(at, "critic_ways") == {
        "weight_clip_slope": "1.04", "weight_clip_proven": "86%", "gp_weight_slope": "2.19", "gp_weight_proven": "86%",
        "spectral_limit_slope": "0.37", "spectral_limit_proven": "74%",
    }  # fmt: skip
    choose(at, gp_weight=10.0, step=1000)
    assert tiles(at, "critic_ways")["gp_weight_proven"] == "7%"
    assert len(shown(at, "critic_ways")["panels"]) == 3


def test_the_live_twins_differ_in_the_limit():
    at = visit(PATH)
    links = [link.proto.query_string for link in at.main.get("page_link") if "twin" in link.proto.query_string]
    assert len(links) == 2
    assert all("loss=wasserstein_gp" in link for link in links)
    assert "weight_clip" in links[0]
    assert "spectral_limit" in links[1]
    assert TrainConfig(loss="wasserstein_gp").gp_weight > 0
