"""Two web servers of one Ray cluster: what one has begun the other goes on with, whoever ends.

A real cluster, of this machine alone. Needs the packages of requirements-cluster.txt; without them these tests are skipped.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from benchmarks.harness import ROOT, free_port, wait_until
from benchmarks.ray_cluster import ray_cluster
from gan_core import recording_file
from pages.ui.board import unpack

pytest.importorskip("ray", reason="needs requirements-cluster.txt")
pytestmark = pytest.mark.slow
PATIENCE = 120  # seconds: an actor that starts loads PyTorch


@pytest.fixture(scope="module")
def cluster():
    """The environment of those whom a cluster serves."""
    with ray_cluster() as environment:
        yield environment


@pytest.fixture(scope="module")
def machines():
    """The same of a cluster of two machines."""
    with ray_cluster(machines=2) as environment:
        yield environment


class Server:
    """A web server of the cluster, with a run that plays."""

    def __init__(self, process, port):
        self.process, self.port = process, port
        self.key = process.stdout.readline().strip()
        assert self.key, "it did not begin"

    def url(self, path, scheme="http"):
        return f"{scheme}://127.0.0.1:{self.port}/gan/{path}"

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE)

    @contextlib.contextmanager
    def line(self, key):
        with connect(self.url(f"line/{key}", "ws"), max_size=None, open_timeout=PATIENCE) as socket:
            yield socket


@pytest.fixture
def serve(cluster, tmp_path):
    """Starts web servers."""
    started = []

    def start(**environment):
        port = free_port()
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.pages.little_server", str(port)], cwd=ROOT,
            env=os.environ | cluster | environment, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        started.append(process)
        return Server(process, port)

    yield start
    for process in started:
        process.kill()


def say(socket, do, **values):
    socket.send(json.dumps({"do": do, **values}))


def see(socket, have=0):
    say(socket, "next", have=have)
    return unpack(socket.recv(PATIENCE))


def see_until(socket, condition):
    frame = see(socket)
    while not condition(frame):
        frame = see(socket, frame["version"])
    return frame


def step(frame):
    return int(frame["attributes"]["step"])


def ask(server, question):
    """What a server says of itself, see `little_server`."""
    with urllib.request.urlopen(server.url(question), timeout=PATIENCE) as answer:
        return json.load(answer)


def kept_step(server, key):
    """The step from which this run would go on if its process ended now."""
    return ask(server, f"kept/{key}")


def end(server, name):
    """Kill the process of this actor."""
    os.kill(ask(server, "processes")[name], signal.SIGKILL)


def test_a_run_is_seen_and_commanded_by_way_of_another_server(serve):
    one, two = serve(), serve()
    with one.line(one.key) as at_one, two.line(one.key) as at_two:
        assert step(see(at_two)) > 0
        say(at_two, "pause")
        paused = see_until(at_one, lambda frame: frame["transport"]["state"] == "paused")
        say(at_two, "step", n=7)
        see_until(at_one, lambda frame: step(frame) == step(paused) + 7)
        one.kill()  # without a word
        say(at_two, "step", n=3)
        see_until(at_two, lambda frame: step(frame) == step(paused) + 10)
        with pytest.raises(ConnectionClosed):
            at_one.recv(PATIENCE)


def test_a_run_outlives_the_process_that_trains_it(serve):
    one, two = serve(), serve()
    with one.line(one.key) as at_one, two.line(one.key) as at_two:
        wait_until(lambda: kept_step(one, one.key) > 0, PATIENCE, "no state was told")
        say(at_one, "pause")
        see_until(at_one, lambda frame: frame["transport"]["state"] == "paused")
        before = kept_step(one, one.key)
        end(one, one.key.partition("-")[0])
        for line in (at_one, at_two):
            back = see_until(line, lambda frame: frame["message"]["text"].startswith("Its process ended"))
            assert step(back) >= before > 0
        say(at_two, "step", n=5)
        see_until(at_one, lambda frame: step(frame) == step(back) + 5)


def machine_of(pid):
    """The process that is one of the cluster's machines, on which this actor lives: its parent."""
    return int(Path(f"/proc/{pid}/stat").read_text("utf-8").rsplit(")", 1)[1].split()[1])


def test_a_run_outlives_its_machine(machines, serve):
    server = serve(**machines | {"GAN_WORKERS": "4"})
    keys = [server.key, *(ask(server, "table") for _ in range(5))]  # enough for more than one actor
    places = {name: machine_of(pid) for name, pid in ask(server, "processes").items()}
    assert len(set(places.values())) == 2
    key = next(key for key in keys if places[key.partition("-")[0]] != places["lobby"])
    with server.line(key) as line:
        say(line, "step", n=150)
        wait_until(lambda: kept_step(server, key) > 0, PATIENCE, "no state was told")
        before = kept_step(server, key)
        os.kill(places[key.partition("-")[0]], signal.SIGKILL)
        back = see_until(line, lambda frame: frame["message"]["text"].startswith("Its process ended"))
        assert step(back) >= before
        say(line, "step", n=5)
        see_until(line, lambda frame: step(frame) == step(back) + 5)

    def all_are_where_it_still_is():
        with contextlib.suppress(urllib.error.HTTPError):  # one of them is away, and comes back by itself
            return set(map(machine_of, ask(server, "processes").values())) == {places["lobby"]}

    wait_until(all_are_where_it_still_is, PATIENCE, "not all came to the machine that is left")


# ---- rooms ----


class Person:
    """Somebody in a room, by way of a server."""

    def __init__(self, socket):
        self.socket, self.room, self.own = socket, {}, {}

    def until(self, condition):
        """Listen until it is so."""
        while not (self.room and condition(self)):
            message = json.loads(self.socket.recv(PATIENCE))
            if message["note"] == "room":
                self.room = message
            if message["note"] == "you":
                self.own = message
        return self


@pytest.fixture
def come():
    """Brings the device of this number into a room, by way of a server."""
    with contextlib.ExitStack() as stack:

        def come(server, code, k, **hello):
            url = server.url(f"room/{code}", "ws")
            person = Person(stack.enter_context(connect(url, open_timeout=PATIENCE)))
            say(person.socket, "hello", device=f"device-{k:012d}", **hello)
            return person

        yield come


def open_room(server):
    with urllib.request.urlopen(urllib.request.Request(server.url("room"), method="POST"), timeout=PATIENCE) as answer:
        return json.load(answer)


def bars(person):
    return person.room["poll"] and person.room["poll"].get("bars")


def test_a_room_is_one_for_all_servers_and_outlives_each_of_them(serve, come):
    one, two = serve(), serve()
    opened = open_room(one)
    host = come(one, opened["code"], 0, secret=opened["secret"])
    here, there = come(one, opened["code"], 1, name="Mina"), come(two, opened["code"].lower(), 2, name="Jo")
    host.until(lambda p: p.room["present"] == 2)
    say(host.socket, "show", page="pages/09_train_1d.py", run=one.key, look={})
    say(host.socket, "ask", question="Who wins?", options=["G", "D"])
    for person, answer in ((here, 0), (there, 1)):
        person.until(lambda p: p.room["poll"] and p.room["run"])
        say(person.socket, "vote", poll=1, answer=answer)
    host.until(lambda p: bars(p) == [["G", 1], ["D", 1]])
    with connect(two.url(there.room["run"]["line"].removeprefix("gan/"), "ws"), max_size=None) as watching:
        assert step(see(watching)) > 0

    one.kill()
    there.until(lambda p: not p.room["host"] and p.room["present"] == 1)  # who came by way of it is away
    again = come(two, opened["code"], 0, secret=opened["secret"])
    mina = come(two, opened["code"], 1)
    again.until(lambda p: p.room["present"] == 2)
    assert sorted([name, is_here] for _, name, is_here in again.room["seats"]) == [["Jo", True], ["Mina", True]]
    assert bars(again) == [["G", 1], ["D", 1]]
    mina.until(lambda p: p.own and p.own["vote"] == 0)
    say(mina.socket, "vote", poll=1, answer=1)  # changes her mind
    again.until(lambda p: bars(p) == [["G", 0], ["D", 2]])
    stranger = come(two, opened["code"], 3, secret="s" * 32)
    with pytest.raises(ConnectionClosed) as closed:
        stranger.until(lambda p: False)
    assert closed.value.rcvd.code == 4403


def test_a_room_outlives_the_process_that_keeps_it(serve, come):
    one, two = serve(), serve()
    opened = open_room(one)
    host, member = (come(one, opened["code"], 0, secret=opened["secret"]), come(two, opened["code"], 1, name="Jo"))
    host.until(lambda p: p.room["present"] == 1)
    say(host.socket, "ask", question="Who wins?", options=["G", "D"])
    member.until(lambda p: p.room["poll"])
    say(member.socket, "vote", poll=1, answer=1)
    host.until(lambda p: bars(p) == [["G", 0], ["D", 1]])
    end(one, "lobby")

    def voted():
        """Whoever is refused while it is away comes back, as a browser does."""
        with contextlib.suppress(ConnectionClosed):
            person = come(two, opened["code"], 2)
            person.until(lambda p: p.room["poll"])
            say(person.socket, "vote", poll=1, answer=0)
            return person
        return None

    found = []
    wait_until(lambda: found.append(voted()) or found[-1], PATIENCE, "the room did not come back")
    host.until(lambda p: bars(p) == [["G", 1], ["D", 1]] and p.room["present"] == 2)
    say(host.socket, "close")
    with pytest.raises(ConnectionClosed) as closed:
        member.until(lambda p: False)
    assert closed.value.rcvd.code == 4404


def test_a_map_and_a_lesson_are_trained_in_the_cluster(cluster):
    told = subprocess.run(
        [sys.executable, "-m", "tests.pages.trained_beside"], cwd=ROOT, env=os.environ | cluster, capture_output=True,
        text=True, timeout=PATIENCE, check=True,
    )  # fmt: skip
    assert told.stdout.splitlines()[-1] == "4 runs, 3 steps, 1 of the address"


# ---- the end ----


def test_only_the_last_server_that_stops_keeps_the_recordings_and_one_that_comes_back_finds_the_runs(serve, tmp_path):
    one, two = serve(GAN_KEEP=str(tmp_path)), serve(GAN_KEEP=str(tmp_path))
    wait_until(lambda: ask(one, "servers") == 2, PATIENCE, "servers that were killed before are still counted")
    with two.line(two.key) as line:
        see(line)
        one.stop()
        assert list(tmp_path.iterdir()) == []
        before = step(see(line))
        two.stop()
        with pytest.raises(ConnectionClosed) as closed:
            see_until(line, lambda frame: False)
        assert closed.value.rcvd.code == 1012  # come back
    assert [path for path in tmp_path.iterdir() if recording_file.load(path).end.step >= before]
    three = serve()
    with three.line(two.key) as line:
        assert step(see(line)) >= before


def test_a_table_that_a_visitor_brings_to_one_server_is_known_to_the_other(serve):
    one, two = serve(), serve()
    key = ask(one, "table")
    with two.line(key) as line:
        target = see(line)["attributes"]["target"]
    assert target.startswith("points-")
    wait_until(lambda: ask(two, f"knows/{target}"), PATIENCE, "it was not told")
