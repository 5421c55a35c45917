"""Hundreds of messages that nobody has thought of: sentences and our own codes, never an exception in the app."""

import json
import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from gan_core.config import SETTINGS
from pages.ui import feed, line
from pages.ui.board import unpack
from tests.gan_core.background import SMALL
from tests.gan_core.hostile import RUBBISH
from tests.pages.visitors import house, slider

OURS = {line.MALFORMED, line.FOREIGN, line.GONE, line.TOO_MANY}


@pytest.fixture(scope="module")
def stranger():
    """A server for all examples."""
    with pytest.MonkeyPatch.context() as monkeypatch, house(monkeypatch, slice_seconds=0.005) as found:
        yield found


WILD = [None, True, [], {}, [[1]], {"a": 1}, "", "nonsense", "cells-\ud800", "points-\ud800", "\udfff", float("nan"), float("inf"),
        -float("inf"), 1e308, -1, 10**3000, 0.1 + 0.2, "١", "N(0, 1)", "mix-N(0,1)", "cells-" + "f" * 3000]  # fmt: skip


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_refuses_wild_values_with_a_sentence(stranger, name):
    key = stranger.create()
    for value in WILD:
        text = json.dumps([{"do": "set", "values": {name: value}}])
        answer = stranger.client.post(f"/gan/line/{key}", content=text)
        assert answer.status_code in (200, 204)
        if answer.status_code == 200:
            assert answer.json()["text"]
            assert len(answer.json()["text"]) < 2 * line.LARGEST


LEAVES = some.one_of(
    some.none(), some.booleans(), some.integers(), some.floats(), some.text(max_size=20), some.sampled_from(RUBBISH[:40]),
    some.sampled_from(["hinge", "ring_8", "gaussian", "cells-", "points-", "N(0, 1)", "mix-N(0,1)"]),
)  # fmt: skip
VALUES = some.recursive(
    LEAVES,
    lambda inner: some.one_of(
        some.lists(inner, max_size=4), some.dictionaries(some.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
NAMES = some.one_of(some.sampled_from(sorted(SETTINGS)), some.text(max_size=12))
COMMANDS = some.one_of(
    some.fixed_dictionaries({"do": some.sampled_from([*feed.COMMANDS, "next", "look"])},
                            optional={"n": VALUES, "value": VALUES, "values": VALUES, "at": VALUES}),
    some.fixed_dictionaries({"do": some.just("set"), "values": some.dictionaries(NAMES, LEAVES, min_size=1, max_size=3)}),
)  # fmt: skip
MESSAGES = some.one_of(
    VALUES,
    some.fixed_dictionaries({"do": some.just("next")}, optional={"have": VALUES}),
    some.fixed_dictionaries({"do": some.just("look")}, optional={"at": VALUES, "picked": VALUES, "ghost": VALUES}),
)
TEXTS = some.one_of(MESSAGES.map(json.dumps), some.text(max_size=200), some.text(string.printable, max_size=200))


# some say one thing that closes the line, and others nothing but commands
TALKS = some.one_of(some.lists(TEXTS, max_size=3), some.lists(COMMANDS.map(json.dumps), min_size=2, max_size=6))


EXAMPLES = settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)  # fmt: skip


@EXAMPLES
@given(texts=TALKS, language=some.sampled_from(["en", "ko"]))
def test_whatever_is_said_on_a_socket_only_our_codes_come_back(stranger, texts, language):
    key = stranger.create()
    try:
        with stranger.open(key, lang=language) as visitor:
            for text in texts:
                visitor.socket.send_text(text)
            visitor.say("pause")
            visitor.say("next", have=10**18)
            while (message := visitor.socket.receive())["type"] == "websocket.send" and not message.get("bytes"):
                assert json.loads(message["text"].encode())["text"]
            assert message.get("bytes") or message["code"] in OURS
            if message.get("bytes"):
                unpack(message["bytes"])
        with stranger.open(key) as visitor:  # whoever comes next
            frame = visitor.see()
            assert slider(frame, "lr_g")
    finally:
        stranger.runner.release(key)


@EXAMPLES
@given(texts=TALKS, watching=some.booleans())
def test_whatever_is_said_by_http_only_our_answers_come_back(stranger, texts, watching):
    key = stranger.create()
    stranger.runner.settle(key)
    try:
        opens = stranger.runner.watch_key(key) if watching else key
        body = f"[{','.join(texts)}]"
        answer = stranger.client.post(f"/gan/line/{opens}", content=body.encode(errors="replace"))
        assert answer.status_code in (200, 204, *line.HTTP_STATUS.values())
        if watching:
            assert stranger.runner.config(key) == SMALL
    finally:
        stranger.runner.release(key)
