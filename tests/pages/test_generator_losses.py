"""The numbers that the lesson on the two losses of G shows."""

from urllib.parse import unquote

import pytest

from gan_core import TrainConfig
from gan_core.lessons import short_trainings
from pages.ui import twin_link
from tests.pages.visit import shown, tiles, visit

PATH = "pages/06_generator_losses.py"
languages = pytest.mark.parametrize("language", ["en", "ko"])


@languages
def test_slopes_at_a_verdict(language):
    at = visit(PATH, language)
    assert tiles(at, "generator_losses_slopes")["ratio"] == "1"
    at.select_slider(key="generator_losses_d").set_value(0.01).run()
    assert not at.exception
    assert tiles(at, "generator_losses_slopes") == {
        "d": "0.01", "minimax_slope": "-0.010", "non_saturating_slope": "-0.990", "ratio": "99",
    }  # fmt: skip


@languages
def test_far_fakes_and_the_best_d(language):
    at = visit(PATH, language)
    now = tiles(at, "generator_losses_far")
    assert (now["saturating"], now["non_saturating"], now["sum"]) == ("0.296", "2.704", "3.000")
    at.slider(key="generator_losses_theta").set_value(6.0).run()
    now = tiles(at, "generator_losses_far")
    assert (now["saturating"], now["non_saturating"], now["sum"]) == ("0.012", "5.988", "6.000")
    walk = next(p for p in shown(at, "generator_losses_far")["panels"] if p["id"] == "walk")
    assert walk["help"].count("5.92") == walk["help"].count("0.12") == 1
    at.slider(key="generator_losses_theta").set_value(10.0).run()
    assert tiles(at, "generator_losses_far")["saturating"] == "4.5e-06"
    assert not at.exception


@languages
def test_twins_show_the_textbook_by_plain_descent_only(language):
    at = visit(PATH, language)
    panels = {p["id"]: p for p in shown(at, "generator_losses_trained")["panels"]}
    assert list(panels) == ["plain", "adam", "even"]
    ends = {k: [t["y"][-1] for t in p["data"]] for k, p in panels.items()}
    assert ends["plain"][0] < 0.15 < 0.35 < ends["plain"][1]
    assert ends["adam"][1] < ends["adam"][0] + 0.05
    assert all(f"{end:.2f}" in panels[k]["help"] for k, both in ends.items() for end in both)


def test_a_link_leads_to_the_same_twins_live():
    (link,) = [link.proto for link in visit(PATH).get("page_link") if "strong D" in link.proto.label]
    asked = {name: unquote(value) for name, value in (p.split("=") for p in link.query_string.split("&"))}
    config = TrainConfig.from_params(asked)
    assert config == short_trainings.TWIN.replace(loss="non_saturating")
    assert twin_link.read(asked["twin"], config, []) == {"loss": "minimax"}
