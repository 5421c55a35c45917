"""A server of rooms without pages, and those who come: what their browsers do, by hand."""

import contextlib
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.testclient import TestClient, WebSocketTestSession

from gan_core import Runner
from pages.ui import feed, line
from pages.ui.rooms import hub, registry, route
from tests.gan_core.background import SMALL
from tests.pages.visitors import code_of_the_end

PAGE = "pages/09_train_1d.py"
SECRET = "s" * 32


def device(k):
    return f"device-{k:012d}"


@dataclass
class Person:
    """Somebody with an open socket to a room."""

    socket: WebSocketTestSession
    room: dict = field(default_factory=dict)
    own: dict = field(default_factory=dict)

    def say(self, do, **values):
        self.socket.send_json({"do": do, **values})

    def hear(self):
        """The next message; what it says of the room and of oneself is remembered."""
        message = self.socket.receive_json()
        if message["note"] == "room":
            self.room = message
        if message["note"] == "you":
            self.own = message
        return message

    def until(self, condition):
        """Listen until it is so, of this person; first until it knows of the room and of itself."""
        for _ in range(500):
            knows = self.room and (self.own or self.room["role"] == "host")
            if knows and condition(self):
                return self
            self.hear()
        raise AssertionError("it was never told")

    def answer(self, note="refused"):
        """The next message of this kind."""
        for _ in range(500):
            if (message := self.hear())["note"] == note:
                return message
        raise AssertionError("there was no answer")

    def closed(self):
        """See `code_of_the_end`."""
        return code_of_the_end(self.socket)


class School:
    """A server with rooms and runs of its own."""

    def __init__(self, client: TestClient, runner: Runner):
        self.client, self.runner = client, runner

    def open(self):
        """A new room: its code and its secret."""
        found = self.client.post("/gan/room").json()
        return found["code"], found["secret"]

    @contextlib.contextmanager
    def socket(self, code, lang="en", **headers):
        with self.client.websocket_connect(f"/gan/room/{code}?lang={lang}", headers=headers) as socket:
            yield Person(socket)

    @contextlib.contextmanager
    def come(self, code, k=1, lang="en", **hello):
        """Somebody who has said hello, with device number k."""
        with self.socket(code, lang) as person:
            person.say("hello", device=device(k), **hello)
            yield person

    @contextlib.contextmanager
    def lecture(self, **hello):
        """A room with its host, who shows a run: the host, the code, the id of the run."""
        (code, secret), run = self.open(), self.runner.create(SMALL)
        self.runner.settle(run)
        with self.come(code, 0, secret=secret, **hello) as host:
            host.say("show", page=PAGE, run=run, look={})
            host.until(lambda p: p.room.get("run"))
            yield host, code, run


@contextlib.contextmanager
def school(monkeypatch):
    """A server whose runner has one worker."""
    runner = Runner(workers=1, slice_seconds=0.01)
    monkeypatch.setattr(feed, "runner", lambda: runner)
    monkeypatch.setattr(feed, "CHANNELS", feed.Channels())
    monkeypatch.setattr(registry, "ROOMS", registry.Registry())
    monkeypatch.setattr(hub, "HUBS", hub.Hubs())
    try:
        with TestClient(Starlette(routes=[*line.routes(), *route.routes()])) as client:
            yield School(client, runner)
        assert len(hub.HUBS) == 0, "somebody has left, and the server has not noticed"
    finally:
        runner.shutdown()
