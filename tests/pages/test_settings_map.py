"""The map of settings: what it shows, what it says, and what a visitor can do with it."""

import dataclasses

import numpy as np
import pytest

from gan_core import RunGone, RunnerFull, TrainConfig
from gan_core.lessons import map_reading
from gan_core.lessons.finished_maps import finished, finished_maps
from gan_core.lessons.map_reading import BLOWN_UP, D_AHEAD, G_AHEAD, plan_of, read_map
from gan_core.map_plan import Axis, Plan
from gan_core.settings_map import SettingsMap
from pages.ui import beside, map_figures
from pages.ui.limits import MAPS_PER_PROCESS
from pages.ui.map_words import map_says
from tests.gan_core.background import wait_for
from tests.gan_core.test_settings_map import made_up
from tests.pages.visit import shown, tiles, visit

PATH, BOARD = "pages/15_settings_map.py", "map_board"
TINY = Plan(TrainConfig(width=8, batch_size=16), Axis("lr_g", (1e-3, 4e-3)), Axis("lr_d", (2e-3, 8e-3)), steps=40)
languages = pytest.mark.parametrize("language", ["en", "ko"])


def english(text, **values):
    return text.format(**values) if values else text


def said(at):
    return "\n".join(m.value for m in at.markdown)


def cells(at):
    return next(p for p in shown(at, BOARD)["panels"] if p["id"] == "map")


@languages
def test_the_finished_map_is_there_at_once(language):
    at = visit(PATH, language)
    found = finished(plan_of("two_modes"))
    reading = read_map(found)
    assert tiles(at, BOARD)["converged"] == f"{reading.converged} / 64"
    drawn = cells(at)
    assert drawn["marked"].sum() == reading.converged
    assert (drawn["across"], drawn["up"], len(drawn["fills"])) == (8, 8, 64)
    assert all(fill.startswith("$") for fill in drawn["fills"])
    assert [line["label"] for line in drawn["lines"]] == ["1 : 1", "4 : 1"]
    assert drawn["lines"][1]["to"] == pytest.approx([6, 8], abs=0.05)
    assert drawn["picked"] == reading.best.run
    assert f"**{reading.converged}" in said(at) or f"**64개 중 {reading.converged}개" in said(at)


def test_the_map_of_all_seeds_shows_shares_and_says_where_it_is_luck():
    at = visit(PATH)
    at.selectbox(key="map_which").set_value("two_modes_seeds").run()
    assert tiles(at, BOARD)["converged"] == "116 / 256"
    assert "In 32 of 64 cells some seeds converge" in said(at)
    assert "6 of 24 converge where D is four times slower, 17 of 32 at equal pace, 18 of 24" in said(at)
    curve = next(p for p in shown(at, BOARD)["panels"] if p["id"] == "curve")
    assert len(curve["data"]) == 4
    assert not [b for b in at.button if b.key == "map_train"]  # too large to watch


def test_a_slider_moves_the_map_and_the_words_compare():
    at = visit(PATH)
    before = read_map(finished(plan_of("two_modes"))).converged
    at.select_slider(key="map_dropout").set_value(0.5).run()
    after = read_map(finished(plan_of("two_modes", dropout=0.5))).converged
    assert tiles(at, BOARD)["converged"] == f"{after} / 64"
    assert f"On the map before it were {before} of 64." in said(at)
    at.select_slider(key="map_dropout").set_value(0.7).run()  # nobody has trained that
    assert tiles(at, BOARD)["converged"] == "0 / 0"
    assert at.button(key="map_train").label == "Train these 64 GANs live"


@languages
@pytest.mark.parametrize(
    ("x", "y"), [("dropout", "lr_d"), ("instance_noise", "label_smoothing"), ("d_steps", "r1_gamma")]
)
def test_any_two_settings_can_be_the_axes(x, y, language):
    at = visit(PATH, language)
    at.selectbox(key="map_x").set_value(x).run()
    at.selectbox(key="map_y").set_value(y).run()
    assert not at.exception
    assert cells(at)["lines"] == []
    assert cells(at)["xticks"] == [map_figures.tick(v) for v in map_reading.AXES[x]]
    assert at.select_slider(key="map_dropout").disabled == ("dropout" in (x, y))


def test_the_same_axis_twice_gets_a_sentence():
    at = visit(PATH)
    at.selectbox(key="map_y").set_value("lr_g").run()
    assert at.warning[0].value == "Choose two different settings for the two sides of the map."


@languages
def test_a_map_is_trained_and_its_runs_are_links(language, monkeypatch):
    monkeypatch.setattr(map_reading, "plan_of", lambda *args, **settings: TINY)
    monkeypatch.setattr(map_reading, "is_own", lambda plan: plan == TINY)
    at = visit(PATH, language)
    assert tiles(at, BOARD)["converged"] == "0 / 0"
    at.button(key="map_train").click().run()
    assert not at.exception
    wait_for(lambda: "key" not in at.run().session_state["live_map"])
    found = at.session_state["live_map"]["found"]
    assert found.complete
    assert tiles(at, BOARD)["converged"] == f"{read_map(found).converged} / 4"
    assert beside._all == {}
    link = next(page for page in at.get("page_link") if "lr_g" in page.proto.query_string)
    config = TINY.config(map_figures.best_cell(found))
    for name, value in config.to_params().items():
        assert f"{name}={value}" in link.proto.query_string


def test_another_plan_ends_the_training(monkeypatch):
    at = visit(PATH)
    at.select_slider(key="map_dropout").set_value(0.7).run()
    at.button(key="map_train").click().run()
    assert len(beside._all) == 1
    at.select_slider(key="map_dropout").set_value(0.6).run()
    assert beside._all == {}
    at.button(key="map_train").click().run()
    at.button(key="map_stop").click().run()
    assert beside._all == {}
    assert "key" not in at.session_state["live_map"]


def test_a_full_server_and_a_forgotten_map_get_a_sentence(monkeypatch):
    monkeypatch.setenv(MAPS_PER_PROCESS.variable, "1")
    first = beside.begin_map(dataclasses.replace(TINY, steps=100_000))
    with pytest.raises(RunnerFull, match="All 1 places for maps are taken"):
        beside.begin_map(TINY)
    at = visit(PATH)
    at.select_slider(key="map_dropout").set_value(0.7).run()
    at.button(key="map_train").click().run()
    assert at.warning[0].value.startswith("All 1 places for maps are taken")
    beside.end(first)
    with pytest.raises(RunGone):
        beside.look(first)


def test_maps_that_nobody_asks_about_are_forgotten():
    key = beside.begin_map(TINY)
    assert not beside.forget()
    beside._all[key][1]._seen_at -= beside.MAP.kept + 1
    other = beside.begin_map(TINY)
    assert list(beside._all) == [other]
    beside.end(other)


def test_a_map_that_was_lost_says_so(monkeypatch):
    at = visit(PATH)
    at.select_slider(key="map_dropout").set_value(0.7).run()
    at.button(key="map_train").click().run()
    beside.end(at.session_state["live_map"]["key"])
    at.run()
    assert "This map was forgotten" in at.warning[0].value
    assert not at.exception


# ---- panels and words ----


def test_a_cell_with_several_seeds_shows_the_median_run():
    plan = dataclasses.replace(TINY, seeds=(1, 2, 3, 4))
    found = SettingsMap(plan, tuple(made_up(4 * s, plan, jsd=j) for s, j in enumerate((0.4, 0.01, 0.3, 0.2))))
    outcomes = map_figures.shown(found)
    assert [o and o.jsd for o in outcomes] == [0.2, None, None, None]
    assert [o.run for o in map_figures.runs_of(found, 0)] == [0, 4, 8, 12]
    assert map_figures.best_cell(found) == 0
    panel = map_figures.cells_panel(found, "share", 0, english)
    assert panel["fills"] == ["$data/0.175", "", "", ""]
    assert panel["words"][0].endswith("1 of 4 seeds ✓")
    assert panel["marked"].tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("by", ["jsd", "modes", "winner"])
def test_colours_tell_good_from_bad(by):
    good = made_up(0, TINY, jsd=0.01)
    bad = [made_up(1, TINY, jsd=0.6, modes=0), made_up(2, TINY, jsd=0.6, modes=0, d_real=0.9, d_fake=0.1)]
    fills = map_figures.cells_panel(SettingsMap(TINY, (good, *bad)), by, -1, english)["fills"]
    assert fills[0].startswith("$data")
    assert fills[1].startswith("$generator")
    assert fills[2].startswith("$discriminator" if by == "winner" else "$generator")
    assert fills[3] == ""


def test_the_colour_of_a_jsd_turns_at_the_threshold():
    opacities = [float(map_figures.jsd_color(j, 0.1).split("/")[1]) for j in (0, 0.05, 0.1)]
    assert opacities == sorted(opacities, reverse=True)
    beyond = [float(map_figures.jsd_color(j, 0.1).split("/")[1]) for j in (0.11, 0.3, 0.69)]
    assert beyond == sorted(beyond)


def test_the_density_beside_the_map_is_p_g():
    found = finished_maps()["two_modes_seeds"]
    outcome = found.by_run[30]
    panel = map_figures.density_panel(outcome, "two_modes", english)
    data, fake = (np.asarray(trace["y"]) for trace in panel["data"])
    cell = 10 / 50
    assert data.sum() * cell == pytest.approx(1, abs=1e-3)
    assert fake.sum() * cell == pytest.approx(1, abs=0.25)  # twice as high as the data is cut off


def test_words_are_those_of_the_map():
    plan = dataclasses.replace(TINY, seeds=(1, 2))
    good = {0, 2, 4, 6}  # all of the lower rate of G
    runs = tuple(made_up(r, plan, jsd=0.01 if r in good else 0.5, d_real=0.9 if r == 1 else 0.5) for r in range(8))
    found = SettingsMap(plan, runs)
    words = map_says(read_map(found), found, None, english)
    assert "**4 of 8** runs converge (JSD ≤ 0.1)." in words
    assert "Learning rate of G: best at .001 (4 of 4), worst at .004 (0 of 4)." in words
    assert "Learning rate of D" not in words  # it makes no difference
    assert "In 0 of 4 cells" in words
    assert "D sees the difference in 1, and sees next to nothing in 3." in words
    assert {map_reading.winner(run, 0.1) for run in runs} == {"draw", D_AHEAD, G_AHEAD}


def test_blown_up_runs_have_a_colour_of_their_own():
    found = SettingsMap(TINY, (made_up(0, TINY, diverged_at=7),))
    assert map_reading.winner(found.outcomes[0], 0.1) == BLOWN_UP
    assert map_figures.cells_panel(found, "winner", -1, english)["fills"][0] == "$muted"
    assert map_figures.best_cell(found) == -1


def test_a_map_of_the_plane_shows_squares_and_a_field():
    plan = dataclasses.replace(TINY, base=TINY.base.replace(target="ring_8", latent_dim=2))
    found = SettingsMap(plan, (made_up(0, plan, picture=bytes(576), n_modes=8),))
    panel = map_figures.cells_panel(found, "modes", 0, english)
    assert panel["shape"] == [24, 24]
    assert len(panel["pictures"]) == 4 * 576
    assert map_figures.density_panel(found.outcomes[0], "ring_8", english)["kind"] == "field"
    names = [
        note["text"]
        for note in map_figures.curve_panel(found, found.outcomes, found.outcomes[0], english)["layout"]["annotations"]
    ]
    assert names == ["converged"]
