"""Strangers at the direct line: no key, another origin, malformed, huge or too many messages; the run is never harmed."""

import inspect

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from streamlit import config, net_util
from streamlit.web.server.starlette import starlette_websocket

from gan_core import RunGone
from pages.ui import feed, line
from pages.ui.board import unpack
from tests.gan_core.background import SMALL
from tests.pages.visitors import NO_SUCH_SPEED, at, house

FOREIGN, HERE = "https://evil.example", "http://testserver"


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(net_util, "get_external_ip", lambda: None)  # asks a server for it
    with house(monkeypatch) as found:
        yield found


def unharmed(server, key):
    """Somebody else still sees this run as it was."""
    with server.open(key) as visitor:
        frame = visitor.see()
    assert (at(frame, "step"), frame["transport"]["state"]) == ("0", "paused")
    return server.runner.config(key) == SMALL


# ---- whose line it is ----


@pytest.mark.parametrize("key", ["nobody", "a" * 1000, "%00", "é", "%F0%9F%8E%AD", "%ff"])
def test_an_unknown_key_is_gone(server, key):
    assert server.code(key) == line.GONE == 4404
    assert server.post(key, {"do": "next"}).status_code == 404


def test_a_released_run_is_gone(server):
    key = server.create()
    watch = server.runner.watch_key(key)
    with server.open(key) as visitor:
        visitor.see()
        server.runner.release(key)
        visitor.say("play")
        assert visitor.closed() == line.GONE
    assert server.code(key) == server.code(watch) == line.GONE


def test_a_run_that_is_released_while_its_line_opens_is_gone(server, monkeypatch):
    key = server.create()

    def gone(run_id, **_):
        raise RunGone("gone")

    monkeypatch.setattr(server.runner, "attach", gone)
    assert server.code(key) == line.GONE
    assert server.post(key, {"do": "next"}).status_code == 404
    assert len(feed.CHANNELS) == 0


@pytest.mark.parametrize(
    "origin", [FOREIGN, "http://testserver.evil.example", "http://testserver:81", "null", "http://[", ""]
)
def test_a_page_of_another_origin_gets_nothing(server, origin):
    key = server.create()
    assert server.code(key, origin=origin) == line.FOREIGN == 4403
    answer = server.post(key, {"do": "play"}, headers={"origin": origin})
    assert (answer.status_code, answer.json().keys()) == (403, {"text"})
    assert unharmed(server, key)


def test_a_page_of_the_same_origin_gets_what_it_asks_for(server):
    with server.open(server.create(), origin=HERE) as visitor:
        assert visitor.see()["version"]


@pytest.fixture
def option():
    """Set an option of Streamlit; it has its own value again after the test."""
    before = {}

    def set_option(name, value):
        before.setdefault(name, config.get_option(name))
        config.set_option(name, value)

    yield set_option
    for name, value in before.items():
        config.set_option(name, value)


def test_who_is_foreign_follows_the_settings_of_streamlits_own_socket(server, option):
    key = server.create()
    option("server.corsAllowedOrigins", [FOREIGN])
    with server.open(key, origin=FOREIGN) as visitor:
        assert visitor.see()
    option("server.corsAllowedOrigins", [])
    assert server.code(key, origin=FOREIGN) == line.FOREIGN
    option("server.enableCORS", False)
    with server.open(key, origin=FOREIGN) as visitor:
        assert visitor.see()
    option("server.allowedHosts", ["gan.example"])
    assert server.code(key, origin=HERE) == line.FOREIGN


def test_streamlit_still_has_the_check_of_origins_that_the_line_shares(monkeypatch):
    """If this fails after an upgrade: see what its own socket asks now, and let `line.is_foreign` ask the same."""
    monkeypatch.setattr(net_util, "get_external_ip", lambda: None)
    allowed = starlette_websocket._is_origin_allowed
    assert allowed(None, "gan.example")
    assert allowed("https://gan.example", "gan.example")
    assert not allowed(FOREIGN, "gan.example")
    source = inspect.getsource(starlette_websocket)
    assert source.count("_is_origin_allowed(") > 1, "it is there, but Streamlit's own socket does not ask it any more"


@pytest.mark.parametrize("base", ["", "some/where", "/some/where/"])
def test_the_line_lies_below_the_address_of_the_app(monkeypatch, base):
    asked = st.get_option
    monkeypatch.setattr(st, "get_option", lambda name: base if name == "server.baseUrlPath" else asked(name))
    below = "/some/where" if base else ""
    socket, poll = line.routes()
    assert (socket.path, poll.path) == (f"{below}/gan/line/{{key}}",) * 2
    assert isinstance(socket, WebSocketRoute)
    assert isinstance(poll, Route)
    assert poll.methods == {"POST"}
    with house(monkeypatch) as server:
        key = server.create()
        with server.client.websocket_connect(f"{below}/gan/line/{key}") as websocket:
            websocket.send_json({"do": "next"})
            assert unpack(websocket.receive_bytes())["version"]


def test_the_app_has_the_line_and_rooms_beside_streamlits_own_routes():
    import app

    ours = {
        "/gan/line/{key}", "/gan/qr", "/gan/take/{key}/{what}", "/gan/health", "/gan/metrics", "/gan/room", "/gan/room/{code}",
    }  # fmt: skip
    assert {route.path for route in app.app._user_routes} == ours


# ---- what is said ----

MALFORMED = {
    "no JSON": "play", "half an object": '{"do":"play"', "nothing": "", "a list": "[]", "a number": "7", "null": "null",
    "no command": "{}", "no such command": '{"do":"explode"}', "a hidden one": '{"do":"__class__"}',
    "a command of another type": '{"do":["play"]}', "a version in words": '{"do":"next","have":"1"}',
    "half a version": '{"do":"next","have":1.5}', "a true version": '{"do":"next","have":true}',
    "deep": "[" * 2000, "deep and whole": '{"do":"set","values":' + "[" * 1500 + "]" * 1500 + "}",
    "looking at half a step": '{"do":"look","at":1.5}', "looking nowhere": '{"do":"look","at":NaN}',
    "looking in words": '{"do":"look","at":"now"}', "looking before the beginning": '{"do":"look","at":-1}',
    "looking at a true step": '{"do":"look","at":true}', "looking too far": '{"do":"look","at":9007199254740992}',
    "a ghost in numbers": '{"do":"look","ghost":1}', "a ghost in a list": '{"do":"look","ghost":["side"]}',
    "no such ghost": '{"do":"look","ghost":"above"}', "no ghost at all": '{"do":"look","ghost":null}', "picking too many": '{"do":"look","picked":[1,2,3]}',
    "picking no image": '{"do":"look","picked":[-1]}', "picking a far one": '{"do":"look","picked":[512]}',
    "picking true": '{"do":"look","picked":[true]}', "picking in words": '{"do":"look","picked":"12"}',
}  # fmt: skip


@pytest.mark.parametrize("text", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_message_closes_the_line_and_harms_nothing(server, text):
    key = server.create()
    with server.open(key) as visitor:
        visitor.socket.send_text(text)
        visitor.say("play")  # nobody listens any more
        assert visitor.closed() == line.MALFORMED == 4400
    answer = server.client.post(f"/gan/line/{key}", content=f"[{text}]" if text else "")
    assert answer.status_code == 400
    assert unharmed(server, key)


@pytest.mark.parametrize("data", [b"\xff\xfe", b"\x00" * 8, b"[" * 2000])
def test_bytes_that_are_no_text_close_the_line(server, data):
    key = server.create()
    with server.open(key) as visitor:
        visitor.socket.send_bytes(data)
        assert visitor.closed() == line.MALFORMED
    assert server.client.post(f"/gan/line/{key}", content=data).status_code == 400
    assert unharmed(server, key)


def test_a_message_in_bytes_is_read_as_well(server):
    with server.open(server.create()) as visitor:
        visitor.socket.send_bytes(b'{"do":"next"}')
        assert visitor.get()["version"]


@pytest.mark.parametrize("data", ['{"do":"pause","x":"' + "a" * 4100 + '"}', "a" * 1_000_000])
def test_a_huge_message_closes_the_line(server, data):
    key = server.create()
    for send in ("send_text", "send_bytes"):
        with server.open(key) as visitor:
            getattr(visitor.socket, send)(data if send == "send_text" else data.encode())
            assert visitor.closed() == line.TOO_MANY == 4429
    assert server.client.post(f"/gan/line/{key}", content=data).status_code == 429
    assert unharmed(server, key)


def test_too_many_messages_close_the_line(server, monkeypatch):
    monkeypatch.setattr(line, "MOST", 0.0)  # the bucket does not fill again
    key = server.create()
    with server.open(key) as visitor:
        for _ in range(int(line.BURST) - 1):
            visitor.say("look")
        visitor.say(**NO_SUCH_SPEED)
        assert visitor.refusal()
        visitor.say("look")
        assert visitor.closed() == line.TOO_MANY
    assert unharmed(server, key)


def test_the_bucket_fills_again(monkeypatch):
    clock = iter([0.0, 0.0, 0.0, 0.5, 0.5, 0.5])
    monkeypatch.setattr(line.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(line, "BURST", 2.0)
    monkeypatch.setattr(line, "MOST", 2.0)
    allowance = line.Allowance()
    allowance.take(), allowance.take()
    allowance.take()  # half a second later one more is there
    with pytest.raises(line.Refusal):
        allowance.take()


@pytest.mark.parametrize("depth", range(900, 1000))
def test_a_value_too_deep_to_be_named_is_refused(server, depth):
    """It can be read just so, but not written into a sentence."""
    key = server.create()
    with server.open(key) as visitor:
        visitor.socket.send_text('{"do":"set","values":{"loss":' + "[" * depth + "]" * depth + "}}")
        message = visitor.socket.receive()
        assert message["type"] == "websocket.send" or message["code"] == line.MALFORMED


@pytest.mark.parametrize("name", ["\\ud800", "\\udfff", "a\\ud800b"])
def test_half_a_character_in_a_refusal_can_be_sent(server, name):
    key = server.create()
    text = '{"do":"set","values":{"' + name + '":1}}'
    with server.open(key) as visitor:
        visitor.socket.send_text(text)
        assert "is not a setting" in visitor.refusal()
    answer = server.client.post(f"/gan/line/{key}", content=f"[{text}]")
    assert (answer.status_code, answer.json()["note"]) == (200, "refused")


def test_the_client_of_these_tests_raises_what_the_app_raises():
    """So that the tests above would notice an exception."""

    async def broken(websocket):
        await websocket.accept()
        raise ZeroDivisionError

    with (
        TestClient(Starlette(routes=[WebSocketRoute("/", broken)])) as client,
        pytest.raises(ZeroDivisionError),
        client.websocket_connect("/"),
    ):
        pass
