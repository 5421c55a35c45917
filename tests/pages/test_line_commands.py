"""Commands over the direct line: what they do, what the next frames show of it, and what is refused."""

import pytest

from gan_core import TrainConfig
from pages.ui import stage_frames
from pages.ui.board import unpack
from pages.ui.controls import default_preset
from pages.ui.looks import View
from pages.ui.text import speaking
from tests.gan_core.background import SMALL
from tests.pages.visitors import NO_SUCH_SPEED, at, house, slider


@pytest.fixture
def server(monkeypatch):
    with house(monkeypatch) as found:
        yield found


def test_play_and_pause(server):
    with server.open(server.create()) as visitor:
        visitor.say("play")
        visitor.see_until(lambda f: f["transport"]["state"] == "playing" and int(at(f, "step")) > 20)
        visitor.say("pause")
        visitor.see_until(lambda f: at(f, "state") == "paused")
        visitor.want()
        visitor.say(**NO_SUCH_SPEED)
        assert visitor.refusal()


def test_a_picture_and_its_transport_are_of_the_same_moment(server):
    """A run may be paused while a frame of it is made; the next frame says so, with the picture of then."""
    run = server.runner.run(server.create())
    run.play()
    playing = run.settle()
    run.pause()
    run.settle()
    with speaking("en"):
        frame = stage_frames.frame(run, playing, View("en"))
    assert (at(frame, "state"), frame["transport"]["state"]) == ("playing", "playing")


def test_steps_are_exact_and_pause(server):
    key = server.create()
    with server.open(key) as visitor:
        for n, total in ((1, 1), (10, 11), (100, 111)):
            visitor.say("step", n=n)
            visitor.see_until(lambda f, total=total: at(f, "step") == str(total))
        assert server.runner.settle(key).step == 111


def test_the_speed_is_capped_and_shown_while_the_run_stands_still_too(server):
    with server.open(server.create()) as visitor:
        visitor.see()
        visitor.want()
        visitor.say("speed", value=10)
        assert visitor.get()["transport"]["speed"] == 10
        visitor.want()
        visitor.say("speed", value=0)
        assert visitor.get()["transport"]["speed"] == 0


def test_reset_while_frames_stream(server):
    with server.open(server.create()) as visitor:
        visitor.say("play")
        before = visitor.see_until(lambda f: int(at(f, "step")) > 200)
        visitor.say("reset")
        after = visitor.see_until(lambda f: int(at(f, "step")) < 200)
        assert after["transport"]["state"] == "playing"
        assert at(after, "seed") == at(before, "seed")
        visitor.see_until(lambda f: int(at(f, "step")) > 20)
    assert visitor.versions == sorted(set(visitor.versions))


def test_another_seed_starts_again_with_other_weights(server):
    with server.open(server.create()) as visitor:
        visitor.say("step", n=3)
        before = visitor.see_until(lambda f: at(f, "step") == "3")
        visitor.say("seed")
        after = visitor.see_until(lambda f: at(f, "step") == "0")
    assert at(after, "seed") != at(before, "seed")
    assert after["link"] == before["link"] | {"seed": at(after, "seed")}


def test_a_live_setting_acts_on_the_running_training(server):
    with server.open(server.create()) as visitor:
        visitor.say("step", n=5)
        visitor.see_until(lambda f: at(f, "step") == "5")
        visitor.say("set", values={"dropout": 0.5, "lr_g": 0.00123})
        frame = visitor.see_until(lambda f: at(f, "last-change") == "lr_g 0.00123")
    assert at(frame, "step") == "5"
    assert (slider(frame, "dropout")["value"], slider(frame, "lr_g")["value"]) == (0.5, 0.00123)
    assert 0.00123 in slider(frame, "lr_g")["options"]
    assert TrainConfig.from_params(frame["link"]) == SMALL.replace(dropout=0.5, lr_g=0.00123)


def test_another_setting_starts_again_and_brings_what_it_implies(server):
    key = server.create(SMALL.replace(label_smoothing=0.1))
    with server.open(key) as visitor:
        visitor.say("step", n=5)
        visitor.see_until(lambda f: at(f, "step") == "5")
        visitor.say("set", values={"loss": "hinge", "width": 16})
        frame = visitor.see_until(lambda f: at(f, "step") == "0")
    assert slider(frame, "label_smoothing")["value"] == 0
    assert not slider(frame, "label_smoothing")["enabled"]
    assert server.runner.config(key) == SMALL.replace(loss="hinge", width=16)


def test_the_same_value_again_changes_nothing(server):
    with server.open(server.create()) as visitor:
        visitor.see()
        visitor.want()
        visitor.say("set", values={"width": SMALL.width, "lr_g": SMALL.lr_g})
        visitor.say(**NO_SUCH_SPEED)
        assert visitor.refusal()


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"do": "set", "values": {"lr_g": 5}},
         {"en": "lr_g = 5 is not possible: choose a number from 0 to 0.1", "ko": "0부터 0.1까지의 수"}),
        ({"do": "set", "values": {"width": 3.5}}, {"en": "width = 3.5 is not possible: choose a whole number", "ko": "정수"}),
        ({"do": "set", "values": {"loss": ["hinge"]}}, {"en": "choose one of non_saturating", "ko": "다음 중 하나를"}),
        ({"do": "set", "values": {"grian": 1}}, {"en": "grian is not a setting", "ko": "grian: 없는 설정"}),
        ({"do": "set", "values": {"target": "ring_8"}}, {"en": "a target of another page: ring_8", "ko": "다른 페이지"}),
        ({"do": "set", "values": {"width": 512, "depth": 6, "batch_size": 8192}},
         {"en": "asks too much of this server", "ko": "벅찬 값"}),
        ({"do": "set", "values": {}}, {"en": "Those are no settings", "ko": "설정으로 읽을 수 없는"}),
        ({"do": "set"}, {"en": "Those are no settings", "ko": "설정으로 읽을 수 없는"}),
        ({"do": "step", "n": 0}, {"en": "That is no number of steps", "ko": "쓸 수 없는 스텝 수"}),
        ({"do": "step", "n": 1e3}, {"en": "That is no number of steps", "ko": "쓸 수 없는 스텝 수"}),
        ({"do": "step", "n": True}, {"en": "That is no number of steps", "ko": "쓸 수 없는 스텝 수"}),
        ({"do": "speed", "value": -1}, {"en": "That is no speed", "ko": "쓸 수 없는 속도"}),
        ({"do": "speed"}, {"en": "That is no speed", "ko": "쓸 수 없는 속도"}),
    ],
)  # fmt: skip
def test_what_is_not_possible_gets_a_sentence_and_changes_nothing(server, asked, says, language):
    key = server.create()
    with server.open(key, lang=language) as visitor:
        frame = visitor.see()
        visitor.want()
        visitor.say(**asked)
        assert says[language] in visitor.refusal()
        assert unpack(server.post(key, {"do": "next"}).content)["version"] == frame["version"]
    assert server.runner.config(key) == SMALL


def test_widgets_beside_the_stage_that_show_something_else_are_stale(server):
    config = default_preset("line").replace(width=8, batch_size=16)
    key = server.create(config)
    stage_frames.widgets_show(key, config)
    with server.open(key) as visitor:
        assert not visitor.see()["stale"]
        visitor.say("set", values={"dropout": 0.5})  # has its slider on the stage
        assert not visitor.see_until(lambda f: slider(f, "dropout")["value"] == 0.5)["stale"]
        visitor.say("set", values={"width": 16})
        assert visitor.see_until(lambda f: f["link"]["width"] == "16")["stale"]
