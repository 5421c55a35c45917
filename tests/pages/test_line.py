"""The direct line by Starlette's own client: frames, commands, and who is there."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from gan_core import TrainConfig
from gan_core.snapshot import PAUSED
from pages.ui import feed, line
from pages.ui.board import unpack
from tests.gan_core.background import DIGITS, SMALL, wait_for
from tests.pages.visitors import NO_SUCH_SPEED, at, house, slider


@pytest.fixture
def server(monkeypatch):
    with house(monkeypatch) as found:
        yield found


# ---- frames ----


def test_the_first_frame_holds_all_that_the_stage_shows(server):
    with server.open(server.create()) as visitor:
        frame = visitor.see()
    assert frame["version"] > 0
    assert frame["transport"] == {"state": "paused", "speed": 0, "speeds": [1, 10, 100, 0]}
    assert [s["field"] for s in frame["sliders"]] == [
        "lr_g", "lr_d", "dropout", "d_steps", "label_smoothing", "instance_noise"
    ]  # fmt: skip
    assert slider(frame, "lr_g")["value"] == SMALL.lr_g
    assert all(s["value"] in s["options"] and s["label"] and s["help"] for s in frame["sliders"])
    assert TrainConfig.from_params(frame["link"]) == SMALL
    assert (frame["watching"], frame["stale"]) == (False, False)
    assert (at(frame, "step"), at(frame, "lang"), frame["message"]["kind"]) == ("0", "en", "info")
    places = [p["place"] for p in frame["panels"]]
    assert places == sorted(places, key=["hero", "beside", "below"].index)
    assert [p["share"] for p in frame["panels"] if p["place"] == "hero"] == [3, 2]
    assert places.count("beside") == 4


def test_every_frame_has_a_version_of_its_own_and_later_ones_more_steps(server):
    with server.open(server.create()) as visitor:
        visitor.say("play")
        steps = [int(at(visitor.see(), "step")) for _ in range(12)]
    assert visitor.versions == sorted(set(visitor.versions))
    assert steps == sorted(steps)
    assert steps[-1] > 0


def test_a_run_that_stands_still_sends_nothing(server):
    with server.open(server.create()) as visitor:
        visitor.see()
        visitor.want()
        visitor.say(**NO_SUCH_SPEED)
        assert visitor.refusal()  # and no frame before it
        visitor.say("step", n=1)
        assert visitor.get()["version"] > visitor.versions[0]


def test_at_most_one_frame_is_on_its_way(server):
    with server.open(server.create()) as visitor:
        visitor.see()
        for _ in range(3):
            visitor.want()
        visitor.say("step", n=1)
        visitor.get()
        server.runner.settle(next(iter(server.runner._places)))
        visitor.say(**NO_SUCH_SPEED)
        assert visitor.refusal()  # and no second frame before it


def test_who_has_nothing_gets_the_frame_that_is_there(server):
    """Also whose version is from before the server was started anew."""
    with server.open(server.create()) as visitor:
        first = visitor.see()["version"]
        for have in (0, 10**9, -7):
            visitor.say("next", have=have)
            assert visitor.get()["version"] == first


@pytest.mark.parametrize(("asked", "spoken"), [("ko", "ko"), ("xx", "en"), ("", "en")])
def test_a_frame_is_in_the_language_of_the_visitor(server, asked, spoken):
    with server.open(server.create(), lang=asked) as visitor:
        frame = visitor.see()
    assert at(frame, "lang") == spoken
    korean = any("가" <= c <= "힣" for c in frame["message"]["text"])
    assert korean == (spoken == "ko")
    assert slider(frame, "dropout")["label"] == {"en": "Dropout in D", "ko": "D의 드롭아웃"}[spoken]


def test_two_visitors_in_two_languages_see_the_same_run(server):
    key = server.create()
    with server.open(key) as one, server.open(key, lang="ko") as other:
        one.see(), other.see()
        one.say("step", n=5)
        frames = [visitor.see_until(lambda f: at(f, "step") == "5") for visitor in (one, other)]
    assert [at(f, "lang") for f in frames] == ["en", "ko"]
    assert frames[0]["attributes"]["jsd"] == frames[1]["attributes"]["jsd"]


def test_a_frame_is_packed_once_for_all_who_see_the_same(server, monkeypatch):
    packed = []
    monkeypatch.setattr(feed, "pack", lambda content: packed.append(content["version"]) or pack(content))
    from pages.ui.board import pack

    key = server.create()
    with server.open(key) as one, server.open(key) as two, server.open(key, lang="ko") as three:
        for _ in range(2):
            for visitor in (one, two, three):
                visitor.say("next", have=0)
                visitor.get()
    assert len(set(packed)) == 1
    assert len(packed) == 2  # one per language


def test_those_who_wait_together_get_the_very_same_bytes(server):
    key = server.create()
    server.runner.settle(key)

    async def visit():
        with feed.CHANNELS.watch(key, server.runner.run(key)) as channel:
            with feed.CHANNELS.watch(key, server.runner.run(key)) as same:
                assert same is channel
                version, first = await channel.frame(0, feed.View("en"))
                waiting = [asyncio.create_task(channel.frame(version, feed.View("en"))) for _ in range(5)]
                await asyncio.sleep(0)
                server.runner.step(key, 1)
                later = await asyncio.gather(*waiting)
                assert len({id(packed) for _, packed in later}) == 1
                assert later[0][1] != first
            assert len(feed.CHANNELS) == 1
        assert len(feed.CHANNELS) == 0

    with ThreadPoolExecutor(1) as thread:  # the browser tests leave a loop that runs in this one
        thread.submit(asyncio.run, visit()).result(60)


def test_a_run_without_a_trainer_says_why_and_is_there_again_after_a_reset(monkeypatch):
    from gan_core import GANTrainer

    broken = [True]

    def make(config):
        if broken[0]:
            raise ValueError("No clay.")
        return GANTrainer(config)

    with house(monkeypatch, make_trainer=make) as server, server.open(server.create()) as visitor:
        frame = visitor.see()
        assert (frame["panels"], frame["message"]) == ([], {"kind": "error", "text": frame["message"]["text"]})
        assert "No clay." in frame["message"]["text"]
        assert frame["transport"]["state"] == "stopped"
        broken.clear()
        broken.append(False)
        visitor.say("reset")
        frame = visitor.see()
        assert (frame["version"] > 0, frame["transport"]["state"], at(frame, "step")) == (True, "paused", "0")


# ---- what each wants to see ----


def test_looking_back_and_picking_on_images(server):
    key = server.create(DIGITS)
    with server.open(key) as visitor, server.open(key) as other:
        first = fakes(visitor.see())
        visitor.say("step", n=20)
        now = fakes(visitor.see_until(lambda f: at(f, "step") == "20"))
        visitor.want()  # nothing new is there, but another look at it
        visitor.say("look", at=0, picked=[3, 5])
        then = fakes(visitor.get())
        assert (then["title"], then["picked"], now["picked"]) == ("Fakes at step 0", [3, 5], [])
        np.testing.assert_array_equal(then["pixels"], first["pixels"])
        assert np.any(then["pixels"] != now["pixels"])
        np.testing.assert_array_equal(fakes(other.see())["pixels"], now["pixels"])  # each has a look of their own


def fakes(frame):
    return next(p for p in frame["panels"] if p["id"] == "fakes")


# ---- who only watches ----


@pytest.mark.parametrize(("language", "says"), [("en", "only who started this run"), ("ko", "보기만")])
def test_who_watches_sees_and_cannot_command(server, language, says):
    key = server.create()
    with server.open(key) as player, server.open(server.runner.watch_key(key), lang=language) as watcher:
        assert not player.see()["watching"]
        assert watcher.see()["watching"]
        for do in feed.COMMANDS:
            watcher.say(do, n=1, value=1, values={"dropout": 0.5})
            assert says in watcher.refusal()
        player.say("step", n=3)
        assert watcher.see_until(lambda f: at(f, "step") == "3")["watching"]
    assert server.runner.config(key) == SMALL


# ---- without a socket ----


def test_the_same_by_http(server):
    key = server.create()
    with server.open(key) as visitor:
        visitor.say("next", have=0)
        frame = visitor.socket.receive_bytes()
        answer = server.post(key, {"do": "next", "have": 0})
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/octet-stream")
        assert answer.content == frame
    answer = server.post(key, {"do": "step", "n": 7}, {"do": "next", "have": unpack(frame)["version"]})
    assert unpack(answer.content)["version"] > unpack(frame)["version"]
    server.runner.settle(key)
    assert at(unpack(server.post(key, {"do": "next"}, lang="ko").content), "step") == "7"


def test_by_http_nothing_new_is_said_after_a_while(server, monkeypatch):
    monkeypatch.setattr(line, "PATIENCE", 0.1)
    key = server.create()
    have = unpack(server.post(key, {"do": "next"}).content)["version"]
    answer = server.post(key, {"do": "next", "have": have})
    assert (answer.status_code, answer.content) == (204, b"")
    assert server.post(key, {"do": "pause"}).status_code == 204
    assert server.post(key).status_code == 204


def test_by_http_a_refusal_is_a_note(server):
    key = server.create()
    answer = server.post(key, {"do": "set", "values": {"lr_g": 5}}, {"do": "next"}, lang="ko")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["note"] == "refused"
    assert "0부터 0.1까지의 수" in answer.json()["text"]
    answer = server.post(server.runner.watch_key(key), {"do": "play"})
    assert "You are watching" in answer.json()["text"]


# ---- who is there ----


def test_a_blip_loses_nothing(server):
    key = server.create()
    with server.open(key) as visitor:
        visitor.say("play")
        step = int(at(visitor.see_until(lambda f: int(at(f, "step")) > 20), "step"))
        assert server.runner.deserted([key], SMALL) is None  # somebody is there
    assert server.runner.deserted([key], SMALL) == key
    with server.open(key) as again:
        again.version = visitor.version
        frame = again.see()
        assert server.runner.deserted([key], SMALL) is None
    assert frame["version"] > visitor.version
    assert int(at(frame, "step")) >= step
    assert frame["transport"]["state"] == "playing"


def test_a_run_counts_all_who_are_there_those_who_watch_too(server):
    key = server.create()
    with server.open(server.runner.watch_key(key)) as watcher:
        with server.open(key) as player:
            player.see()
        watcher.see()
        assert server.runner.deserted([key], SMALL) is None
    assert server.runner.deserted([key], SMALL) == key


def test_a_deserted_run_is_paused_after_its_grace(monkeypatch):
    with house(monkeypatch, grace_seconds=0.1, keep_seconds=60) as server:
        key = server.create()
        with server.open(key) as visitor:
            visitor.say("play")
            visitor.see_until(lambda f: int(at(f, "step")) > 5)
        wait_for(lambda: server.runner.run(key).state == PAUSED)
        with server.open(key) as visitor:  # it is kept a while longer
            assert int(at(visitor.see(), "step")) > 5


def test_a_deserted_run_is_released_later(monkeypatch):
    with house(monkeypatch, grace_seconds=0.05, keep_seconds=0.05) as server:
        key = server.create()
        with server.open(key) as visitor:
            time.sleep(0.3)  # longer than both, but somebody is there
            assert visitor.see()
        wait_for(lambda: key not in server.runner)
        assert server.code(key) == line.GONE


def test_a_picture_that_cannot_be_made_closes_the_line_and_is_logged(server, monkeypatch, caplog):
    run_id = server.create()
    with server.open(run_id) as visitor:
        visitor.see()
        monkeypatch.setattr(feed, "frame", lambda *args: 1 / 0)
        visitor.say("step", n=1)
        visitor.want()
        assert visitor.closed() == 1011
    assert "ZeroDivisionError" in caplog.text
    monkeypatch.undo()


def test_every_failure_of_a_run_without_a_trainer_is_told(server, monkeypatch):
    run_id = server.create()
    with server.open(run_id) as visitor:
        visitor.see()
        run = feed.runner().run(run_id)
        for reason in ("once", "twice"):

            def fail(config, reason=reason):
                raise ValueError(reason)

            monkeypatch.setattr(run, "_make_trainer", fail)
            visitor.say("reset")
            frame = visitor.see_until(lambda f, reason=reason: f["message"] and reason in f["message"]["text"])
            assert (frame["message"]["kind"], frame["panels"]) == ("error", [])
