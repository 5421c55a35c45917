"""Strangers at the door of a room: forged secrets, commands of others, floods, malformed and huge messages."""

import contextlib

import pytest
from streamlit import net_util

from pages.ui import line
from pages.ui.rooms import registry
from tests.pages.classroom import PAGE, SECRET, device, school

FOREIGN = "https://evil.example"
HOST_COMMANDS = ["show", "lead", "lock", "close", "ask", "reveal", "put_away", "hand", "take_back", "table"]


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(net_util, "get_external_ip", lambda: None)  # asks a server for it
    with school(monkeypatch) as found:
        yield found


@contextlib.contextmanager
def unharmed(server):
    """A lecture that stands as it stood when the attack is over: the code, the run, and the host's own secret."""
    with server.lecture() as (host, code, run):
        room = registry.ROOMS.find(code)
        before = (room.shown, room.lead, room.locked, room.poll, room.held)
        yield code, run, room
        assert registry.ROOMS.find(code) is room
        assert (room.shown, room.lead, room.locked, room.poll, room.held) == before
        host.say("table")
        assert host.answer("table")["csv"].startswith("poll")


@pytest.mark.parametrize("secret", ["", SECRET, "x" * 4000, "None", 7, ["a"], {}, True, "\ud800"])
def test_a_forged_secret_gets_nothing(server, secret):
    with unharmed(server) as (code, _, _), server.come(code, 3, secret=secret) as stranger:
        assert stranger.closed() == line.FOREIGN


def test_the_secret_of_one_room_opens_no_other(server):
    _, secret = server.open()
    with unharmed(server) as (code, _, _), server.come(code, 3, secret=secret) as stranger:
        assert stranger.closed() == line.FOREIGN


@pytest.mark.parametrize("do", HOST_COMMANDS)
def test_a_member_cannot_do_what_a_host_can(server, do):
    with unharmed(server) as (code, run, _), server.come(code) as member:
        member.say(do, on=True, page="home.py", run=run, question="?", options=["a", "b"], seat=1, field="lr_d")
        assert "Only the host" in member.answer()["text"]


def test_the_refusal_is_in_the_language_of_who_asked(server):
    with unharmed(server) as (code, _, _), server.come(code, lang="ko") as member:
        member.say("close")
        assert "강의실" in member.answer()["text"]


def test_a_host_can_show_only_runs_that_are_their_own_to_command(server):
    with server.lecture() as (host, code, run):
        watch = server.runner.watch_key(server.runner.create(server.runner.config(run)))
        host.say("show", page=PAGE, run=watch, look={})
        assert "watching" in host.answer()["text"]
        host.say("show", page=PAGE, run="nobody", look={})
        assert host.answer()["text"]
        assert registry.ROOMS.find(code).shown.run == run


@pytest.mark.parametrize(
    "show",
    [{"page": "https://evil.example"}, {"page": "../app.py"}, {"page": None}, {"run": 7}, {"look": {"at": -1}}, {"look": {"at": "x"}},
     {"look": {"picked": [1, 2, 3]}}, {"look": {"ghost": "boo"}}, {"look": {"at": True}}],
    ids=str,
)  # fmt: skip
def test_a_host_cannot_send_members_where_no_page_is(server, show):
    code, secret = server.open()
    with server.come(code, 0, secret=secret) as host:
        host.say("show", **({"page": PAGE, "run": "", "look": {}} | show))
        assert host.closed() == line.MALFORMED


# ---- who says nothing sensible ----


@pytest.mark.parametrize("code", ["nobody", "BCDFG", "a" * 1000, "%00", "é", "%F0%9F%8E%AD", "%ff", "%2e%2e"])
def test_an_unknown_code_is_gone(server, code):
    with server.socket(code) as stranger:
        stranger.say("hello", device=device(1))
        assert stranger.closed() == line.GONE


@pytest.mark.parametrize("origin", [FOREIGN, "http://testserver.evil.example", "null", ""])
def test_a_page_of_another_origin_gets_nothing(server, origin):
    assert server.client.post("/gan/room", headers={"origin": origin}).status_code == 403
    with unharmed(server) as (code, _, _), server.socket(code, origin=origin) as stranger:
        assert stranger.closed() == line.FOREIGN
    assert len(registry.ROOMS) == 1


MALFORMED = {
    "no JSON": "hello", "half": '{"do":"hello"', "nothing": "", "a list": "[]", "a number": "7", "no command": "{}",
    "another first": '{"do":"vote"}', "no device": '{"do":"hello"}', "a short device": '{"do":"hello","device":"abc"}',
    "a long device": '{"do":"hello","device":"' + "a" * 65 + '"}', "a device of markup": '{"do":"hello","device":"<b>aaaaaaaaaaaaaaaaa"}',
    "a device of numbers": '{"do":"hello","device":1234567890123456}', "deep": "[" * 2000,
}  # fmt: skip


@pytest.mark.parametrize("text", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_hello_closes_the_socket(server, text):
    with unharmed(server) as (code, _, room), server.socket(code) as stranger:
        stranger.socket.send_text(text)
        assert stranger.closed() == line.MALFORMED
        assert room.seats == {}


@pytest.mark.parametrize(
    "text",
    [
        "vote",
        '{"do":"__class__"}',
        '{"do":"explode"}',
        "[]",
        '{"do":["vote"]}',
        '{"do":"hello","device":"aaaaaaaaaaaaaaaaaaaa"}',
    ],
)
def test_a_malformed_message_closes_the_socket_and_frees_the_seat(server, text):
    with unharmed(server) as (code, _, room), server.come(code) as member:
        member.until(lambda p: p.own)
        member.socket.send_text(text)
        assert member.closed() == line.MALFORMED
        assert room.present == 0


@pytest.mark.parametrize("send", ["send_text", "send_bytes"])
@pytest.mark.parametrize("size", [4100, 1_000_000])
def test_a_huge_message_closes_the_socket(server, send, size):
    data = '{"do":"name","name":"' + "a" * size + '"}'
    with unharmed(server) as (code, _, _), server.come(code) as member:
        member.until(lambda p: p.own)
        getattr(member.socket, send)(data if send == "send_text" else data.encode())
        assert member.closed() == line.TOO_MANY


def test_a_flood_of_votes_counts_once_and_ends(server, monkeypatch):
    monkeypatch.setattr(line, "MOST", 0.0)  # the bucket does not fill again
    with server.lecture() as (host, code, _), server.come(code) as member:
        host.say("ask", question="Who?", options=["G", "D"])
        member.until(lambda p: p.room.get("poll"))
        for k in range(int(line.BURST)):
            member.say("vote", poll=1, answer=k % 2)
        assert member.closed() == line.TOO_MANY
        host.until(lambda p: p.room["poll"] and p.room["poll"]["answered"] == 1 and p.room["present"] == 0)
        assert sum(n for _, n in host.room["poll"]["bars"]) == 1


@pytest.mark.parametrize("poll", [None, "1", 2, 1.5, [1], {}])
def test_a_vote_on_no_poll_is_refused(server, poll):
    with server.lecture() as (host, code, _), server.come(code) as member:
        host.say("ask", question="Who?", options=["G", "D"])
        member.until(lambda p: p.room.get("poll"))
        member.say("vote", poll=poll, answer=0)
        assert "over" in member.answer()["text"]


@pytest.mark.parametrize(
    "name",
    ["<script>alert(1)</script>", "\u202eevil\u202c", "x" * 3000, "🎭🎭", "a\u0301\u0301\u0301\u0301", "\\ud800", "  "],
)
def test_a_hostile_nickname_is_a_short_line_by_the_time_the_host_sees_it(server, name):
    with server.lecture() as (host, code, _), server.come(code, name=name) as member:
        member.until(lambda p: p.own)
        ((_, shown, _),) = host.until(lambda p: p.room["present"] == 1).room["seats"]
        assert len(shown) <= 24
        assert shown.isprintable()


@pytest.mark.parametrize("question", [{"question": "?"}, {"options": ["a", "b"]}, {"question": "?", "low": 1, "high": 0}, {"lesson": ["x"]},
                                      {"lesson": "../the_game", "name": "perfect"}, {"lesson": "the_game", "name": None}], ids=str)  # fmt: skip
def test_a_question_that_cannot_be_asked_is_refused_and_the_room_goes_on(server, question):
    with server.lecture() as (host, _, _):
        host.say("ask", **question)
        assert host.answer()["text"]
        assert host.room["poll"] is None


def test_a_value_too_deep_to_be_named_is_refused(server):
    with server.lecture() as (host, code, _), server.come(code) as member:
        number = member.until(lambda p: p.own).own["seat"]
        host.say("hand", seat=number, field="lr_d")
        member.until(lambda p: p.own["holds"])
        for depth in range(900, 1000, 9):
            with server.come(code) as same:
                same.socket.send_text('{"do":"set","value":' + "[" * depth + "]" * depth + "}")
                for _ in range(20):
                    message = same.socket.receive()
                    if message["type"] == "websocket.close" or "refused" in message["text"]:
                        break
                else:
                    raise AssertionError("it was taken")


def test_rooms_are_bounded_for_who_opens_many(server):
    answers = [server.client.post("/gan/room?lang=ko") for _ in range(registry.MOST + 1)]
    assert [answer.status_code for answer in answers] == [200] * registry.MOST + [429]
    assert "강의실" in answers[-1].json()["text"]


def test_three_hundred_come_at_once_and_all_are_counted(server):
    with server.lecture() as (host, code, _), contextlib.ExitStack() as stack:
        for k in range(1, 301):
            stack.enter_context(server.come(code, k, ["en", "ko"][k % 2], name=f"n{k}"))
        assert host.until(lambda p: p.room["present"] == 300)
        assert len({seat for seat, _, _ in host.room["seats"]}) == 300
