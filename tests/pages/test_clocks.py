"""The clock of the server is set forward or back, by a service that keeps time or by hand: nobody notices."""

import ast
import time

import pytest

from benchmarks.harness import ROOT
from pages.ui.rooms import registry
from tests.pages.classroom import device, school
from tests.pages.visitors import at, house

YEAR = 3e7  # seconds
JUMPS = pytest.mark.parametrize("jump", [YEAR, -YEAR], ids=["forward", "back"])


def jump_by(monkeypatch, seconds):
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + seconds)
    assert abs(time.time() - now() - seconds) < 1000


@JUMPS
def test_a_run_trains_on_and_its_visitor_may_come_back(monkeypatch, jump):
    with house(monkeypatch) as server:
        key = server.create()
        with server.open(key) as visitor:
            visitor.say("play")
            before = int(at(visitor.see_until(lambda frame: int(at(frame, "step")) > 5), "step"))
            jump_by(monkeypatch, jump)
            visitor.see_until(lambda frame: int(at(frame, "step")) > before + 20)
            for _ in range(100):  # not too many messages, whatever the time
                visitor.say("speed", value=0)
        with server.open(key) as again:
            assert int(at(again.see(), "step")) > before


@JUMPS
def test_a_room_waits_for_its_host_as_long_as_ever(monkeypatch, jump):
    with school(monkeypatch) as server, server.lecture() as (host, code, _), server.come(code) as member:
        host.until(lambda p: p.room["present"] == 1)
        secret = registry.ROOMS.find(code).secret
        host.socket.close()
        member.until(lambda p: not p.room["host"])
        jump_by(monkeypatch, jump)
        assert registry.ROOMS.find(code) is not None
        with server.come(code, 0, secret=secret) as again:
            again.until(lambda p: [seat for seat, _, here in p.room["seats"] if here] == [1])
            again.say("ask", question="Who?", options=["G", "D"])
            member.until(lambda p: p.room["poll"])
        assert device(1) in registry.ROOMS.find(code).seats


def test_nothing_reckons_with_the_time_of_day():
    """It may stand in names of files."""
    found = []
    for path in [*(ROOT / "gan_core").rglob("*.py"), *(ROOT / "pages").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            named = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
            if named in ("time.time", "time.time_ns", "time.localtime") or named.startswith("datetime."):
                found.append(f"{path.name}: {named}")
    assert found == []
