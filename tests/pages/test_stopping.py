"""The end of the server: what is kept, what is let go, and that nothing holds it up."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from benchmarks.harness import ROOT, free_port
from gan_core import Runner, recording_file
from pages.ui import asking, census, feed, processes, stopping
from pages.ui.board import unpack
from pages.ui.studio import Here
from pages.ui.workers import Workers
from tests.gan_core.background import SMALL


@pytest.fixture
def runner(monkeypatch):
    made = Runner(workers=1)
    monkeypatch.setattr(feed, "runner", lambda: made)
    yield made
    made.shutdown()


def visited(runner, steps):
    """A run with a visitor, after so many steps."""
    run_id = runner.create(SMALL)
    runner.attach(run_id)
    if steps:
        runner.step(run_id, steps)
    runner.settle(run_id)
    return run_id


def keep(caplog):
    """What is logged."""
    caplog.clear()
    caplog.set_level("INFO", "pages.ui.stopping")
    stopping.keep(lambda folder: Here().everywhere(census.keep, folder))
    return [record.getMessage() for record in caplog.records]


def test_what_visitors_have_come_to_is_kept_and_plays_on(runner, tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("GAN_KEEP", str(tmp_path))
    run_id = visited(runner, 40)
    visited(runner, 0)  # nothing has happened there
    left = visited(runner, 5)
    runner.detach(left)  # its visitor's line has closed, as all lines have by now
    assert keep(caplog) == [f"recordings kept in {tmp_path}: 2"]
    steps = {}
    for path in tmp_path.iterdir():
        assert run_id not in path.name
        tape = recording_file.load(path)
        steps[tape.end.step] = tape
    assert steps.keys() == {5, 40}
    opened = runner.open(steps[40])
    runner.step(opened, 10)
    runner.step(run_id, 10)
    assert runner.settle(opened).evaluation.jsd == runner.settle(run_id).evaluation.jsd


def test_a_run_whose_visitor_is_long_gone_is_not_kept(tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("GAN_KEEP", str(tmp_path))
    runner = Runner(workers=1, grace_seconds=0.01)
    monkeypatch.setattr(feed, "runner", lambda: runner)
    runner.detach(visited(runner, 5))
    time.sleep(0.05)
    assert keep(caplog) == [f"recordings kept in {tmp_path}: 0"]
    runner.shutdown()


def test_without_the_setting_nothing_is_kept(runner, monkeypatch, caplog):
    monkeypatch.delenv("GAN_KEEP", raising=False)
    visited(runner, 5)
    assert keep(caplog) == []


def test_a_missing_folder_is_one_line_in_the_log(runner, tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("GAN_KEEP", str(tmp_path / "missing"))
    for _ in range(3):
        visited(runner, 5)
    (line,) = keep(caplog)
    assert "not all recordings could be kept" in line
    assert "No such file or directory" in line
    assert "\n" not in line


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full is a thing of Linux")
def test_a_full_disk_is_one_line_in_the_log_and_leaves_nothing_behind(runner, tmp_path, monkeypatch, caplog):
    """/dev/full refuses every write with the error of a full disk."""
    monkeypatch.setenv("GAN_KEEP", str(tmp_path))
    for _ in range(3):
        visited(runner, 5)
    monkeypatch.setattr("gan_core.tensor_files.os.fsync", lambda fd: os.write(os.open("/dev/full", os.O_WRONLY), b"x"))
    (line,) = keep(caplog)
    assert "No space left on device" in line
    assert list(tmp_path.iterdir()) == []


def test_a_process_that_never_answers_does_not_hold_up_the_end(monkeypatch, caplog, tmp_path):
    monkeypatch.setenv("GAN_KEEP", str(tmp_path))
    monkeypatch.setattr(stopping, "LONGEST", 0.2)
    monkeypatch.setattr(processes, "LONGEST", 0.2)
    workers = Workers(1)
    run_id = workers.begin(SMALL)
    (popen,) = workers.processes
    os.kill(popen.pid, signal.SIGSTOP)
    stopping.keep(lambda folder: workers.everywhere(census.keep, folder))
    workers.shutdown()
    assert popen.returncode == -signal.SIGKILL
    assert "not all recordings could be kept" in caplog.text
    assert run_id not in workers


def test_processes_do_not_end_by_the_signal_that_ends_the_server():
    """A terminal and a service manager send it to all at once."""
    workers = Workers(1)
    try:
        run_id = workers.begin(SMALL)
        (popen,) = workers.processes
        for number in (signal.SIGINT, signal.SIGTERM):
            os.kill(popen.pid, number)
        assert workers.call(run_id, asking.about).config == SMALL
    finally:
        workers.shutdown()
    assert popen.returncode == 0  # of itself, when the server has hung up


def test_who_waits_is_let_go():
    async def visit():
        async def wait():
            with pytest.raises(TimeoutError):
                async with stopping.patience(1000):
                    await asyncio.Event().wait()

        waiting = [asyncio.create_task(wait()) for _ in range(3)]
        await asyncio.sleep(0)
        stopping.let_go()
        await asyncio.wait_for(asyncio.gather(*waiting), 20)

    asyncio.run(visit())
    assert not stopping._waits


def test_what_is_to_be_done_before_the_end_is_done_though_one_thing_fails(caplog, monkeypatch):
    monkeypatch.setattr(stopping, "_last", [])  # the end of the runner of other tests is theirs
    done = []
    stopping.before_the_end(lambda: done.append("first"))
    stopping.before_the_end(lambda: 1 / 0)

    async def serve():
        async with stopping.lifespan(None):
            assert done == []

    asyncio.run(serve())
    assert done == ["first"]
    assert "ZeroDivisionError" in caplog.text


# ---- a server of its own ----


def last_by_http(url, frame):
    """The last frame, once the server says that there is nothing new."""
    while True:
        asked = json.dumps([{"do": "next", "have": frame["version"]}]).encode()
        with urllib.request.urlopen(url, asked, 60) as answer:
            if answer.status == 204:
                return frame
            frame = unpack(answer.read())


@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_server_stops_in_time_and_tells_browsers_to_come_back(tmp_path, workers):
    """While somebody watches, and somebody else, who stands still, waits by HTTP for what does not come."""
    port = free_port()
    command = [sys.executable, "-m", "tests.pages.little_server", str(port)]
    environment = os.environ | {"GAN_WORKERS": workers, "GAN_KEEP": str(tmp_path)}
    server = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        key = server.stdout.readline().strip()
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text("utf-8").split()
        assert len(children) == int(workers)
        url = f"http://127.0.0.1:{port}/gan/line/{key}"
        with connect(url.replace("http", "ws")) as line, ThreadPoolExecutor(1) as thread:
            line.send('{"do": "pause"}')
            line.send('{"do": "next", "have": 0}')
            while (frame := unpack(line.recv(60)))["transport"]["state"] != "paused":
                line.send(json.dumps({"do": "next", "have": frame["version"]}))
            waiting = thread.submit(last_by_http, url, frame)
            time.sleep(1)  # it waits now, and would for ten seconds
            server.send_signal(signal.SIGTERM)
            with pytest.raises(ConnectionClosed) as closed:
                line.recv(60)
            assert closed.value.rcvd.code == 1012  # service restart; a browser opens the line anew: line.js
            last = waiting.result(60)
        _, log = server.communicate(timeout=60)
    finally:
        server.kill()
    assert f"recordings kept in {tmp_path}: 1" in log
    (path,) = tmp_path.iterdir()
    assert recording_file.load(path).end.step == int(last["attributes"]["step"])
    for child in children:
        with pytest.raises(ProcessLookupError):
            os.kill(int(child), 0)
