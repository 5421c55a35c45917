"""A member of a room on the pages: watches the host's run, goes along, takes a copy, and leaves; a host's page is as ever."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import feed
from pages.ui.rooms import registry
from pages.ui.rooms.room import Shown
from tests.gan_core.background import SMALL
from tests.pages.board import stage_of
from tests.pages.board import visit as arrive

LINE, PLANE, LESSON = "pages/09_train_1d.py", "pages/10_train_2d.py", "pages/01_the_game.py"


@pytest.fixture
def lecture(monkeypatch):
    """A room whose host shows a run at step 30."""
    monkeypatch.setattr(registry, "ROOMS", registry.Registry())
    room = registry.ROOMS.open()
    room.host_comes()
    run = feed.runner().create(SMALL)
    feed.runner().attach(run)
    feed.runner().step(run, 30)
    feed.runner().settle(run)
    room.show(Shown(LINE, run, LINE, feed.runner().watch_key(run)))
    yield room
    feed.runner().release(run)


def corner(at):
    """What the page tells the room's corner."""
    (found,) = [c.proto for c in at.get("bidi_component") if c.proto.component_name == "gan.room"]
    return json.loads(found.json)


def wish(at, **wanted):
    """The browser wants something of the page."""

    def script(wanted):
        from pages.ui.rooms import visit

        visit.grant(wanted)

    granted = AppTest.from_function(script, kwargs={"wanted": wanted})
    granted.session_state["gan_room"] = at.session_state["gan_room"]
    granted.run()
    assert not granted.exception
    at.session_state["gan_room"] = granted.session_state["gan_room"]
    at.run()
    assert not at.exception


def menus(at):
    return [box.label for box in at.selectbox]


def test_a_page_without_a_room_has_its_corner_and_its_doors():
    at = arrive(LESSON)
    assert corner(at)["code"] == ""
    assert corner(at)["questions"] == [["the_game", "perfect"], ["the_game", "half"]]
    assert corner(arrive(LINE, lang="ko"))["texts"]["open"] == "강의실 열기"
    assert any('data-room="open"' in html.proto.body for html in at.sidebar.get("html"))
    assert any('data-ask="the_game/perfect"' in html.proto.body for html in at.main.get("html"))


def test_who_follows_the_link_watches_the_hosts_run_and_has_none(lecture):
    runs = len(feed.runner())
    at = arrive(LINE, room=lecture.code.lower())
    assert corner(at)["code"] == lecture.code
    key = stage_of(at)["line"].split("/")[-1]
    assert feed.runner().find(key) == (lecture.shown.run, False)
    assert menus(at) == []
    assert len(feed.runner()) == runs
    assert at.query_params["room"] == lecture.code


@pytest.mark.parametrize("code", ["BCDFG", "nonsense", "é" * 500, ""])
def test_the_code_of_no_room_leaves_the_page_as_it_is(code):
    at = arrive(LINE, room=code)
    assert menus(at) != []
    assert feed.runner().find(stage_of(at)["line"].split("/")[-1])[1]


def test_on_another_live_page_a_member_has_an_own_run(lecture):
    at = arrive(PLANE, room=lecture.code)
    assert feed.runner().find(stage_of(at)["line"].split("/")[-1])[1]
    assert menus(at) != []


def test_the_page_of_the_host_is_one_wish_away(lecture):
    at = arrive(LESSON, room=lecture.code)
    wish(at, do="go")
    assert feed.runner().find(stage_of(at)["line"].split("/")[-1]) == (lecture.shown.run, False)
    lecture.show(Shown(LESSON, lecture.shown.run, LINE, lecture.shown.watch))
    wish(at, do="go")
    assert corner(at)["page"] == LESSON
    assert at.query_params["room"] == lecture.code


def test_a_copy_goes_on_from_the_moment_and_is_ones_own(lecture):
    at = arrive(LESSON, room=lecture.code)
    wish(at, do="copy")
    run_id, commands = feed.runner().find(stage_of(at)["line"].split("/")[-1])
    assert commands
    assert run_id != lecture.shown.run
    assert corner(at)["own"]
    assert menus(at) != []
    theirs, mine = feed.runner().settle(lecture.shown.run), feed.runner().settle(run_id)
    assert (mine.step, mine.config) == (30, theirs.config)
    for run in (run_id, lecture.shown.run):
        feed.runner().step(run, 20)
    theirs, mine = feed.runner().settle(lecture.shown.run), feed.runner().settle(run_id)
    assert mine.evaluation.jsd == theirs.evaluation.jsd, "it goes on exactly as the original does"
    feed.runner().update(run_id, lr_d=0.001)
    assert feed.runner().config(lecture.shown.run) == SMALL
    at.switch_page(LINE)
    at.run()
    assert stage_of(at)["line"].endswith(run_id), "the next run of the page does not take it away"
    wish(at, do="go")  # back to the lecturer
    assert feed.runner().find(stage_of(at)["line"].split("/")[-1]) == (lecture.shown.run, False)


def test_a_copy_for_which_there_is_no_place_is_refused_with_a_sentence(lecture, monkeypatch):
    at = arrive(LINE, room=lecture.code)
    monkeypatch.setattr(feed.runner(), "max_runs", 0)
    monkeypatch.setattr(feed.runner(), "_make_room", lambda: None)
    wish(at, do="copy")
    assert any("places for training are taken" in warning.value for warning in at.warning)


def test_who_leaves_has_a_run_of_the_same_experiment(lecture):
    at = arrive(LINE, room=lecture.code, **SMALL.to_params())
    wish(at, do="leave")
    assert corner(at)["code"] == ""
    assert "room" not in at.query_params
    run_id, commands = feed.runner().find(stage_of(at)["line"].split("/")[-1])
    assert commands
    assert feed.runner().config(run_id) == SMALL


def test_who_types_a_code_is_in(lecture):
    at = arrive(LINE)
    wish(at, do="join", code=f" {lecture.code[:2]}-{lecture.code[2:].lower()}")
    assert corner(at)["code"] == lecture.code
    assert feed.runner().find(stage_of(at)["line"].split("/")[-1]) == (lecture.shown.run, False)


@pytest.mark.parametrize(
    "wanted",
    [{}, {"do": "explode"}, {"do": ["go"]}, {"do": "join"}, {"do": "join", "code": {"a": 1}}, {"do": "copy"}],
    ids=str,
)
def test_a_wish_that_is_none_changes_nothing(wanted):
    at = arrive(LESSON)
    wish(at, **wanted)
    assert corner(at)["page"] == LESSON
    assert not corner(at)["own"]


def test_when_the_room_is_closed_the_page_is_the_visitors_own(lecture):
    at = arrive(LINE, room=lecture.code)
    lecture.close()
    at.run()
    assert not at.exception
    assert feed.runner().find(stage_of(at)["line"].split("/")[-1])[1]
    assert menus(at) != []
