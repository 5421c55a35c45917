"""A server of the direct line without pages, and visitors who open it: what a browser does, by hand."""

import contextlib
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.testclient import TestClient, WebSocketTestSession

from gan_core import Runner
from pages.ui import feed, files, line
from pages.ui.board import unpack
from tests.gan_core.background import SMALL

NO_SUCH_SPEED = {"do": "speed", "value": "fast"}  # refused, and nothing has changed


@dataclass
class Visitor:
    """Somebody with an open socket."""

    socket: WebSocketTestSession
    version: int = 0
    versions: list[int] = field(default_factory=list)

    def say(self, do, **values):
        self.socket.send_json({"do": do, **values})

    def want(self):
        """Ask for the next frame."""
        self.say("next", have=self.version)

    def get(self):
        """The frame that was asked for."""
        frame = unpack(self.socket.receive_bytes())
        self.version = frame["version"]
        self.versions.append(self.version)
        return frame

    def see(self):
        self.want()
        return self.get()

    def see_until(self, condition):
        """The first frame that is so."""
        for _ in range(2000):
            frame = self.see()
            if condition(frame):
                return frame
        raise AssertionError("it did not happen")

    def refusal(self):
        """The sentence that comes instead of an effect, and before any frame."""
        note = self.socket.receive_json()
        assert note.keys() == {"note", "text"}
        assert note["note"] == "refused"
        note["text"].encode()  # it can be sent
        return note["text"]

    def closed(self):
        """See `code_of_the_end`."""
        return code_of_the_end(self.socket)


def code_of_the_end(socket):
    """The code with which the server closes a socket, whatever it has sent before."""
    while (message := socket.receive())["type"] != "websocket.close":
        assert message["type"] == "websocket.send"
    return message["code"]


class House:
    """A server with runs of its own."""

    def __init__(self, client: TestClient, runner: Runner):
        self.client, self.runner = client, runner

    def create(self, config=SMALL):
        return self.runner.create(config)

    @contextlib.contextmanager
    def open(self, key, lang="en", **headers):
        with self.client.websocket_connect(f"/gan/line/{key}?lang={lang}", headers=headers) as socket:
            yield Visitor(socket)

    def post(self, key, *messages, lang="en", headers=None):
        return self.client.post(f"/gan/line/{key}?lang={lang}", json=list(messages), headers=headers)

    def code(self, key, **headers):
        """The code with which the socket of this key is closed at once."""
        with self.open(key, **headers) as visitor:
            return visitor.closed()


@contextlib.contextmanager
def house(monkeypatch, **options):
    """A server whose runner has one worker and these options."""
    runner = Runner(**{"workers": 1, "slice_seconds": 0.01} | options)
    monkeypatch.setattr(feed, "runner", lambda: runner)
    monkeypatch.setattr(feed, "CHANNELS", feed.Channels())
    try:
        with TestClient(Starlette(routes=[*line.routes(), *files.routes()])) as client:
            yield House(client, runner)
        assert len(feed.CHANNELS) == 0, "somebody has left, and the server has not noticed"
    finally:
        runner.shutdown()


def at(frame, name):
    """An attribute of a frame."""
    return frame["attributes"][name]


def slider(frame, name):
    return next(s for s in frame["sliders"] if s["field"] == name)
