"""The page of maps and its link: what is chosen is carried, and what a link says that is not possible gets a sentence."""

import pytest

from gan_core.lessons import map_reading
from gan_core.lessons.finished_maps import finished, finished_maps
from gan_core.lessons.map_reading import plan_of, read_map
from pages.ui.map_choice import FILE, LIVE, TARGETS, MapChoice
from pages.ui.text import catalogue
from tests.gan_core.hostile import RUBBISH
from tests.pages.visit import shown, tiles, visit

PATH, BOARD = "pages/15_settings_map.py", "map_board"
CHOICES = [
    MapChoice(),
    MapChoice(target="ring_8", across="d_steps", up="dropout", seed=4, label_smoothing=0.2, by="winner", cell=63),
    MapChoice(dropout=0.3),
    MapChoice(FILE, seeds="x", at=0.001, by="share"),
    MapChoice("ring_8", seeds="y", at=0.0079),
]


def said_by(at):
    """What the address of the page says now, without the language."""
    return {
        name: value[0] if isinstance(value, list) else value
        for name, value in at.query_params.items()
        if name != "lang"
    }


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: choice.map)
def test_a_choice_comes_back_from_its_link(choice):
    back, problems = MapChoice.from_params(choice.to_params(), finished_maps())
    assert repr(back) == repr(choice)
    assert problems == []


def test_a_link_says_only_what_differs_from_what_a_newcomer_sees():
    assert MapChoice().to_params() == {}
    assert MapChoice(dropout=0.3, cell=2).to_params() == {"dropout": "0.3", "cell": "2"}
    assert MapChoice("ring_8", target="comb", dropout=0.5).to_params() == {"map": "ring_8"}


@pytest.mark.parametrize("name", MapChoice().__dict__)
def test_rubbish_in_a_link_is_a_sentence_in_both_languages_or_means_something(name):
    for value in RUBBISH:
        choice, problems = MapChoice.from_params({name: value}, finished_maps())
        if problems:
            assert repr(choice) == repr(MapChoice())
            assert problems[0].template in catalogue()
        assert choice.target in TARGETS
        assert choice.map in (LIVE, FILE, *finished_maps())
        assert choice.cell >= -1


# ---- on the page ----


def test_a_link_opens_what_it_says():
    at = visit(PATH, dropout="0.5", by="winner", cell="9")
    assert tiles(at, BOARD)["converged"] == f"{read_map(finished(plan_of('two_modes', dropout=0.5))).converged} / 64"
    assert at.select_slider(key="map_dropout").value == 0.5
    drawn = next(p for p in shown(at, BOARD)["panels"] if p["id"] == "map")
    assert drawn["picked"] == 9
    assert any(fill.startswith("$discriminator") for fill in drawn["fills"])
    assert said_by(at) == {"dropout": "0.5", "by": "winner", "cell": "9"}


def test_the_address_follows_what_is_chosen():
    at = visit(PATH)
    assert said_by(at) == {}
    at.select_slider(key="map_dropout").set_value(0.3).run()
    at.selectbox(key="map_target").set_value("ring_8").run()
    assert said_by(at) == {"target": "ring_8", "dropout": "0.3"}
    at.selectbox(key="map_which").set_value("ring_8").run()
    assert said_by(at) == {"map": "ring_8"}
    at.selectbox(key="map_seeds").set_value("y").run()
    assert said_by(at) == {"map": "ring_8", "seeds": "y", "at": "0.00025"}
    at.selectbox(key="map_which").set_value(LIVE).run()
    assert said_by(at) == {"target": "ring_8", "dropout": "0.3"}  # as it was left


def test_who_comes_back_finds_what_was_left():
    at = visit(PATH)
    at.select_slider(key="map_dropout").set_value(0.3).run()
    at.switch_page("home.py").run()
    at.query_params.clear()
    at.switch_page(PATH).run()
    assert not at.exception
    assert at.select_slider(key="map_dropout").value == 0.3
    assert said_by(at)["dropout"] == "0.3"


@pytest.mark.parametrize("language", ["en", "ko"])
def test_what_a_link_says_that_is_not_possible_gets_a_sentence(language):
    at = visit(PATH, language, map="nowhere", dropout="0.5")
    expected = MapChoice.from_params(
        {"map": "nowhere"}, [n for n in finished_maps() if n in ("ring_8", "two_modes_seeds")]
    )
    assert len(at.warning) == 1
    assert "nowhere" in at.warning[0].value
    if language == "en":
        assert at.warning[0].value == expected[1][0]
    assert at.select_slider(key="map_dropout").value == 0.5
    at.run()
    assert len(at.warning) == 0  # said once


def test_seeds_can_be_a_side_of_a_finished_map():
    at = visit(PATH, map="two_modes_seeds", seeds="y", at="0.002")
    drawn = next(p for p in shown(at, BOARD)["panels"] if p["id"] == "map")
    assert (drawn["across"], drawn["up"]) == (8, 4)
    assert (drawn["yticks"], drawn["ylabel"]) == (["1", "2", "3", "4"], "Seed")
    found = finished_maps()["two_modes_seeds"]
    row = found.plan.y.values.index(0.002)
    assert tiles(at, BOARD)["converged"] == f"{int(found.converged[row].sum())} / 32"
    assert drawn["marked"].reshape(4, 8).T.tolist() == found.converged[row].tolist()
    query = next(page for page in at.get("page_link") if "lr_g" in page.proto.query_string).proto.query_string
    k = drawn["picked"]
    assert f"lr_g={found.plan.x.values[k % 8]}" in query
    assert "lr_d=0.002" in query or found.plan.base.lr_d == 0.002


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_on_a_line_or_plane_has_a_live_map(target):
    plan = plan_of(target)
    assert map_reading.is_own(plan)
    assert plan.base.target == target
    assert plan.base.latent_dim == {"line": 1, "plane": 2}[plan.base.kind]
