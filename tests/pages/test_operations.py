"""Health and metrics, by Starlette's client: what the server says of itself, to whom, and what it says when in trouble."""

import json
import os
import signal
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.testclient import TestClient

from benchmarks.harness import app_server, wait_until
from gan_core import Runner
from pages.ui import feed, line, meters, operations, studio
from pages.ui.workers import Workers
from tests.gan_core.background import SMALL
from tests.pages.visitors import NO_SUCH_SPEED, House, at

HERE = ("127.0.0.1", 50000)


@pytest.fixture
def house(monkeypatch):
    runner = Runner(workers=1, slice_seconds=0.01)
    monkeypatch.setattr(feed, "runner", lambda: runner)
    monkeypatch.setattr(feed, "CHANNELS", feed.Channels())
    with TestClient(Starlette(routes=[*line.routes(), *operations.routes()]), client=HERE) as client:
        yield House(client, runner)
    runner.shutdown()


def read(house, **headers):
    """name -> value of the sample without labels, or a dict by the value of its only label."""
    answer = house.client.get("/gan/metrics", headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=")
    found = {}
    for family in text_string_to_metric_families(answer.text):
        assert family.documentation
        for sample in family.samples:
            if sample.labels:
                found.setdefault(sample.name, {})[next(iter(sample.labels.values()))] = sample.value
            else:
                found[sample.name] = sample.value
    return found


def test_a_healthy_server_says_so(house):
    answer = house.client.get("/gan/health")
    assert answer.status_code == 200
    assert answer.json() == {"ok": True, "version": operations.version(), "processes": 1}
    assert operations.version()[0].isdigit()


def test_what_visitors_do_is_counted(house):
    before = read(house)
    key = house.create()
    with house.open(key) as one, house.open(key) as other:
        frames = [one.see(), other.see()]
        one.say(**NO_SUCH_SPEED)
        assert one.refusal()
        now = read(house)
        assert now["gan_lines"] == before["gan_lines"] + 2
        one.say("play")
        one.see_until(lambda frame: int(at(frame, "step")) > 5)
        playing = read(house)
        one.say("pause")
        one.see_until(lambda frame: frame["transport"]["state"] == "paused")
    sentences = before.get("gan_refused_total", {}).get("sentence", 0)
    assert now["gan_refused_total"]["sentence"] == sentences + 1
    assert now["gan_frames_total"] == before["gan_frames_total"] + len(frames)
    assert now["gan_frame_bytes_total"] > before["gan_frame_bytes_total"] + 2 * 1000
    assert (now["gan_runs"], now["gan_runs_playing"], now["gan_steps_per_second"]) == (before["gan_runs"] + 1, 0, 0)
    assert playing["gan_runs_playing"] == 1
    assert playing["gan_steps_per_second"] > 0
    assert 0 <= playing["gan_turns"] <= playing["gan_runs"]
    assert playing["gan_beside"] == before["gan_beside"]
    assert read(house)["gan_lines"] == before["gan_lines"]


def test_frames_by_http_count_and_so_do_lines_that_are_closed(house):
    before = read(house)
    answer = house.post(house.create(), {"do": "next"})
    assert house.code("nobody") == line.GONE
    after = read(house)
    assert after["gan_frame_bytes_total"] == before["gan_frame_bytes_total"] + len(answer.content)
    assert after["gan_refused_total"]["4404"] == before.get("gan_refused_total", {}).get("4404", 0) + 1


def test_memory_is_that_of_the_process(house):
    held = read(house)["gan_memory_bytes"]["server"]
    status = dict(row.split(":", 1) for row in Path("/proc/self/status").read_text("utf-8").splitlines())
    assert held == pytest.approx(int(status["VmRSS"].split()[0]) * 1024, rel=0.05)


@pytest.mark.parametrize(
    ("allowed", "client", "headers", "status"),
    [
        ("local", HERE, {}, 200),
        ("local", ("::1", 1), {}, 200),
        ("local", ("::ffff:127.0.0.1", 1), {}, 200),  # a server that was told no address listens on sockets of IPv6
        ("local", ("192.0.2.7", 1), {}, 403),
        ("local", ("::ffff:192.0.2.7", 1), {}, 403),
        ("local", HERE, {"X-Forwarded-For": "192.0.2.7"}, 403),
        ("local", HERE, {"X-Forwarded-Proto": "https"}, 403),  # docs/proxy/nginx.conf sends at least this
        ("off", HERE, {}, 403),
        ("nonsense", HERE, {}, 403),
        ("all", ("192.0.2.7", 1), {}, 200),
    ],
)
def test_who_may_read_the_metrics(house, monkeypatch, allowed, client, headers, status):
    monkeypatch.setenv("GAN_METRICS", allowed)
    with TestClient(Starlette(routes=operations.routes()), client=client) as asking:
        assert asking.get("/gan/metrics", headers=headers).status_code == status
        assert asking.get("/gan/health", headers=headers).status_code == 200


def test_below_a_path(monkeypatch):
    monkeypatch.setattr(line.st, "get_option", {"server.baseUrlPath": "/gan-class/"}.get)
    assert [route.path for route in operations.routes()] == ["/gan-class/gan/health", "/gan-class/gan/metrics"]


# ---- with processes ----


def has_pytorch(pid):
    return "libtorch_cpu" in Path(f"/proc/{pid}/maps").read_text("utf-8")


def test_a_server_that_nobody_has_visited_yet_is_well():
    with app_server(workers="1") as (url, server):
        (process,) = Path(f"/proc/{server}/task/{server}/children").read_text("utf-8").split()
        wait_until(
            lambda: has_pytorch(server) and has_pytorch(process), 120, "nothing was loaded before a visitor came"
        )
        wait_until(lambda: health(url)["ok"], 120, "it was not well")
        assert health(url)["processes"] == 1


def health(url):
    try:
        with urlopen(f"{url}/gan/health", timeout=60) as answer:
            return json.load(answer)
    except HTTPError as error:
        return json.load(error)


@pytest.fixture
def workers(monkeypatch):
    made = Workers(2)
    monkeypatch.setattr(studio, "studio", lambda: made)
    yield made
    made.shutdown()


def test_processes_are_counted_watched_and_replaced(workers, monkeypatch):
    with TestClient(Starlette(routes=operations.routes()), client=HERE) as client:
        keys = [workers.begin(SMALL) for _ in range(3)]
        assert {key.partition("-")[0] for key in keys} == {"0", "1"}
        assert client.get("/gan/health").json()["processes"] == 2
        found = read(House(client, None))
        assert found["gan_process_up"] == {"0": 1, "1": 1}
        assert found["gan_memory_bytes"].keys() == {"0", "1", "server"}
        assert found["gan_runs"] == 3

        monkeypatch.setattr(operations, "PATIENCE", 0.3)
        first = workers.processes[0].pid
        os.kill(first, signal.SIGSTOP)  # it lives, and does not answer
        answer = client.get("/gan/health")
        assert (answer.status_code, answer.json()["ok"], answer.json()["processes"]) == (503, False, 1)
        assert read(House(client, None))["gan_process_up"] == {"0": 0, "1": 1}

        restarts = meters.REGISTRY.get_sample_value("gan_process_restarts_total")
        os.kill(first, signal.SIGKILL)
        monkeypatch.setattr(operations, "PATIENCE", 2.0)
        wait_until(lambda: client.get("/gan/health").status_code == 200, 90, "no process took its place")
        assert meters.REGISTRY.get_sample_value("gan_process_restarts_total") == restarts + 1
        assert read(House(client, None))["gan_runs"] == 3
