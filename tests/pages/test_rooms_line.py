"""Rooms over their socket: what a host shows reaches all, questions are asked and answered, a slider changes hands."""

import asyncio
import contextlib
from concurrent.futures import Future

import pytest

from pages.ui.board import unpack
from pages.ui.relay import WorkerDied
from pages.ui.rooms import guest, hub, registry, room, telling
from tests.pages.classroom import PAGE, device, school


@pytest.fixture
def server(monkeypatch):
    with school(monkeypatch) as found:
        yield found


def test_a_member_sees_the_run_of_the_host_and_cannot_command_it(server):
    with server.lecture() as (host, code, run), server.come(code) as member:
        member.until(lambda p: p.room)
        assert member.room["role"] == "member"
        assert member.room["page"] == PAGE
        assert member.room["run"]["page"] == PAGE
        path = member.room["run"]["line"]
        assert run not in path
        with server.client.websocket_connect(f"/{path}?lang=ko") as watching:
            watching.send_json({"do": "next"})
            frame = unpack(watching.receive_bytes())
            assert (frame["watching"], frame["attributes"]["lang"], frame["stale"]) == (True, "ko", False)
            watching.send_json({"do": "play"})
            assert watching.receive_json()["note"] == "refused"
        assert host.until(lambda p: p.room["present"] == 1).room["seats"] == [[1, "", True]]


def test_what_the_host_looks_at_is_told_to_all_who_are_there(server):
    with server.lecture() as (host, code, run), server.come(code, 1) as one, server.come(code, 2, "ko") as two:
        host.say("show", page=PAGE, run=run, look={"at": 120, "picked": [3], "ghost": "side"})
        for member in (one, two):
            member.until(lambda p: p.room.get("look", {}).get("at") == 120)
            assert member.room["look"] == {"at": 120, "picked": [3], "ghost": "side"}


def test_the_run_stays_on_screen_while_the_host_opens_a_page_without_one(server):
    with server.lecture() as (host, code, _), server.come(code) as member:
        line = member.until(lambda p: p.room).room["run"]
        host.say("show", page="pages/04_divergences.py", run="", look={})
        member.until(lambda p: p.room["page"] == "pages/04_divergences.py")
        assert member.room["run"] == line
        host.say("lead", on=False)
        assert member.until(lambda p: not p.room["lead"])


def test_a_question_of_a_lesson_reaches_each_in_their_language_and_votes_stay_hidden_until_revealed(server):
    with server.lecture() as (host, code, _), server.come(code, 1, "ko") as korean, server.come(code, 2) as english:
        host.say("ask", lesson="the_game", name="perfect")
        korean.until(lambda p: p.room.get("poll"))
        english.until(lambda p: p.room.get("poll"))
        assert korean.room["poll"]["question"] != english.room["poll"]["question"]
        assert "bars" not in english.room["poll"]
        korean.say("vote", poll=1, answer=0)
        english.say("vote", poll=1, answer=0)
        english.say("vote", poll=1, answer=1)
        host.until(lambda p: p.room["poll"] and [n for _, n in p.room["poll"]["bars"]] == [1, 1, 0])
        assert host.room["poll"]["answered"] == 2
        assert "right" not in host.room["poll"]
        assert english.until(lambda p: p.own.get("vote") == 1)
        host.say("reveal")
        english.until(lambda p: p.room["poll"]["state"] == "revealed")
        assert [n for _, n in english.room["poll"]["bars"]] == [1, 1, 0]
        assert english.room["poll"]["right"] == 1
        assert english.room["poll"]["reason"]
        english.say("vote", poll=1, answer=2)
        assert "too late" in english.answer()["text"]
        host.say("put_away")
        assert korean.until(lambda p: p.room["poll"] is None)
        host.say("table")
        assert host.answer("table")["csv"].count("\r\n") == 4


def test_the_seat_that_holds_a_slider_moves_it_and_nothing_else(server):
    with (
        server.lecture() as (host, code, run),
        server.come(code, 1, name="Mina") as mina,
        server.come(code, 2) as other,
    ):
        number = mina.until(lambda p: p.own).own["seat"]
        assert ["lr_d", "Learning rate of D"] in host.until(lambda p: p.room["present"] == 2).room["fields"]
        host.say("hand", seat=number, field="lr_d")
        spec = mina.until(lambda p: p.own["holds"]).own["holds"]
        assert spec["field"] == "lr_d"
        assert host.until(lambda p: p.room["holder"] == number)
        mina.say("set", value=spec["options"][0], field="lr_g", values={"lr_g": 1.0})
        mina.until(lambda p: p.own["holds"]["value"] == spec["options"][0])
        assert server.runner.config(run).lr_d == spec["options"][0]
        assert server.runner.config(run).lr_g == spec_of(server, run, "lr_g")
        other.say("set", value=spec["options"][1])
        assert "do not hold" in other.answer()["text"]
        mina.say("set", value="much")
        assert mina.answer()["text"]
        host.say("take_back")
        mina.until(lambda p: p.own["holds"] is None)
        mina.say("set", value=spec["options"][1])
        assert "do not hold" in mina.answer()["text"]
        assert server.runner.config(run).lr_d == spec["options"][0]


def spec_of(server, run, field):
    """The value before anything was moved."""
    return server.runner.run(run).configs[0].__getattribute__(field)


def test_a_slider_that_is_none_cannot_be_handed_over(server):
    with server.lecture() as (host, code, _), server.come(code) as member:
        number = member.until(lambda p: p.own).own["seat"]
        for field in ("seed", "width", "nothing", None, ["lr_d"]):
            host.say("hand", seat=number, field=field)
            assert "no such slider" in host.answer()["text"]
        host.say("hand", seat=number + 1, field="lr_d")
        assert "Nobody sits there" in host.answer()["text"]


def test_the_host_comes_back_by_the_secret_and_finds_all_as_it_was(server):
    with contextlib.ExitStack() as stack:
        code, secret = server.open()
        with server.come(code, 0, secret=secret) as host:
            member = stack.enter_context(server.come(code, 1))
            member.until(lambda p: p.own)
            host.say("ask", question="Who?", options=["G", "D"])
            member.until(lambda p: p.room.get("poll"))
            member.say("vote", poll=1, answer=1)
            host.until(lambda p: p.room.get("poll") and p.room["poll"]["answered"] == 1)
        member.until(lambda p: not p.room["host"])
        with server.come(code, 5, secret=secret) as again:  # another device, the same secret
            again.until(lambda p: p.room.get("poll"))
            assert again.room["poll"]["bars"] == [["G", 0], ["D", 1]]
            assert again.room["present"] == 1
            assert member.until(lambda p: p.room["host"])


def test_a_member_who_comes_back_has_the_seat_the_name_and_the_vote_of_before(server):
    with server.lecture() as (host, code, _):
        host.say("ask", question="How many?", low=0, high=10)
        with server.come(code, 1, name="Mina") as mina:
            mina.until(lambda p: p.room.get("poll"))
            mina.say("vote", poll=1, answer=4)
            mina.until(lambda p: p.own.get("vote") == 4)
            seat = mina.own["seat"]
        host.until(lambda p: p.room["present"] == 0)
        with server.come(code, 1) as mina:
            mina.until(lambda p: p.own)
            assert mina.own == {"note": "you", "seat": seat, "name": "Mina", "vote": 4, "holds": None}


def test_the_lock_keeps_newcomers_out_and_lets_members_back(server):
    with server.lecture() as (host, code, _):
        with server.come(code, 1) as member:
            member.until(lambda p: p.own)
        host.say("lock", on=True)
        host.until(lambda p: p.room["locked"])
        with server.come(code, 2) as stranger:
            assert "locked" in stranger.answer()["text"]
            assert stranger.closed() == 4423
        with server.come(code, 1) as member:
            assert member.until(lambda p: p.own)
        host.say("lock", on=False)
        host.until(lambda p: not p.room["locked"])
        with server.come(code, 2) as stranger:
            assert stranger.until(lambda p: p.own)


def test_closing_while_all_vote_ends_it_for_all_at_once(server):
    with server.lecture() as (host, code, _), contextlib.ExitStack() as stack:
        members = [stack.enter_context(server.come(code, k)) for k in range(1, 8)]
        host.say("ask", question="Who?", options=["G", "D"])
        for member in members:
            member.until(lambda p: p.room.get("poll"))
            member.say("vote", poll=1, answer=0)
        host.say("close")
        for person in (host, *members):
            assert person.closed() == 4404
        with server.come(code, 9) as late:
            assert late.closed() == 4404


@pytest.mark.parametrize("seconds", [0, 0.2])
def test_a_room_whose_host_stays_away_ends_for_those_who_wait(server, monkeypatch, seconds):
    """However long it takes to leave: the server ends a socket's task with the socket."""
    leave = guest.Guest.leave

    async def leave_slowly(self):
        await asyncio.sleep(seconds)
        await leave(self)

    monkeypatch.setattr(guest.Guest, "leave", leave_slowly)
    monkeypatch.setattr(room, "KEPT", 0.3)
    monkeypatch.setattr(hub, "KEPT", 0.0)  # whose timer looks a second later
    code, secret = server.open()
    with contextlib.ExitStack() as stack:
        with server.come(code, 0, secret=secret) as host:
            member = stack.enter_context(server.come(code, 1))
            member.until(lambda p: p.own)
            host.until(lambda p: p.room["present"] == 1)
        assert member.answer("over")
        assert member.closed() == 4404
    assert registry.ROOMS.find(code) is None


def test_a_released_run_leaves_the_room_standing(server):
    with server.lecture() as (host, code, run), server.come(code) as member:
        member.until(lambda p: p.room)
        host.say("hand", seat=1, field="lr_d")
        member.until(lambda p: p.own["holds"])
        server.runner.release(run)
        member.say("set", value=0.001)
        assert "is over" in member.answer()["text"]
        member.until(lambda p: p.room["run"] is None)
        host.say("show", page=PAGE, run=run, look={})
        assert host.answer()["text"]


def test_a_room_does_not_notice_that_the_process_of_its_run_is_replaced(server, monkeypatch):
    with server.lecture() as (host, code, _), server.come(code) as member:
        member.until(lambda p: p.room["run"])
        died: Future = Future()
        died.set_exception(WorkerDied())
        with monkeypatch.context() as away:
            away.setattr(telling.studio(), "submit", lambda *asked: died)
            with server.come(code, 2) as other:
                other.until(lambda p: p.room["run"])
                host.until(lambda p: p.room["present"] == 2)
                assert host.room["run"]


def test_all_of_one_language_are_told_by_one_text(server, monkeypatch):
    made = []
    shared = hub.telling.shared
    monkeypatch.setattr(hub.telling, "shared", lambda *asked: made.append(asked[1:]) or shared(*asked))
    with server.lecture() as (host, code, _), contextlib.ExitStack() as stack:
        members = [stack.enter_context(server.come(code, k, ["en", "ko"][k % 2])) for k in range(1, 41)]
        host.until(lambda p: p.room["present"] == 40)
        made.clear()
        host.say("ask", question="Who?", options=["G", "D"])
        for member in members:
            member.until(lambda p: p.room.get("poll"))
        host.until(lambda p: p.room.get("poll"))
        assert sorted(made) == [("host", "en"), ("member", "en"), ("member", "ko")]


def test_many_votes_are_told_to_the_host_together_and_none_is_lost(server):
    with server.lecture() as (host, code, _), contextlib.ExitStack() as stack:
        members = [stack.enter_context(server.come(code, k)) for k in range(1, 61)]
        host.say("ask", question="Who?", options=["G", "D", "E"])
        for k, member in enumerate(members):
            member.until(lambda p: p.room.get("poll"))
            member.say("vote", poll=1, answer=k % 3)
        told = []
        while not told or told[-1]["answered"] < 60:
            if (message := host.hear())["note"] == "room" and message["poll"]:
                told.append(message["poll"])
        assert told[-1]["bars"] == [["G", 20], ["D", 20], ["E", 20]]


def test_a_device_is_never_told_to_others(server):
    with server.lecture() as (host, code, _), server.come(code, 1, name="Mina") as mina, server.come(code, 2) as other:
        for person in (host, mina, other):
            person.until(lambda p: p.room.get("present") == 2)
        assert not any(
            device(k) in str(person.room) + str(person.own) for person in (host, mina, other) for k in (0, 1, 2)
        )
        assert "Mina" not in str(other.room)


def test_a_room_answers_whether_it_hears(server):
    with server.lecture() as (host, code, _), server.come(code) as member:
        for person in (host, member):
            person.say("ping")
            assert person.answer("pong") == {"note": "pong"}


def test_a_run_that_others_only_watch_still_waits_for_its_visitor(server):
    with server.lecture() as (_, _, run):
        config, watch = server.runner.config(run), server.runner.watch_key(run)
        with server.client.websocket_connect(f"/gan/line/{watch}") as watching:
            watching.send_json({"do": "next"})
            watching.receive_bytes()
            assert server.runner.deserted([run], config) == run
            with server.client.websocket_connect(f"/gan/line/{run}") as visitor:
                visitor.send_json({"do": "next"})
                visitor.receive_bytes()
                assert server.runner.deserted([run], config) is None
        assert server.runner.deserted([run], config) == run
