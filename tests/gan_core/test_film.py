"""A moment comes back as it was, to the eye; and whatever else is unpacked is refused, or is a moment."""

import dataclasses
import json
import random
import tracemalloc
import zlib

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some
from hypothesis.extra.numpy import arrays

from gan_core import film
from gan_core.film import Damaged
from gan_core.messages import Message
from gan_core.snapshot import PAUSED, PLAYING, take_snapshot
from tests.gan_core.experiments import SMALL, trained
from tests.gan_core.filming import CHANGES, KINDS, RICH, assert_alike, snapshot


def back(s, first):
    return film.unpack(film.pack(s, first), dataclasses.replace(film.bare(s), config=first))


# ---- as it was ----


@pytest.mark.parametrize("kind", RICH)
def test_a_moment_comes_back_as_it_was(kind):
    config = RICH[kind]
    s = snapshot(trained(25, config))
    found = back(s, config)
    assert (found.step, found.config, found.state) == (25, config, PAUSED)
    assert_alike(found.evaluation, s.evaluation)
    assert_alike(found.view, s.view)
    assert found.diagnosis == s.diagnosis
    assert found.diagnosis.sentence.template == s.diagnosis.sentence.template


@pytest.mark.parametrize("kind", RICH)
def test_a_moment_after_live_changes_is_like_the_first(kind):
    """With averaging and without, whichever the run began with."""
    trainer = trained(3, RICH[kind])
    like = dataclasses.replace(film.bare(snapshot(trainer)), config=trainer.config)
    first = trainer.config
    for change in ({name: value} for name, value in [*CHANGES.items(), ("ema_decay", 0.0), ("show_raw", True)]):
        trainer.update(**change)
        trainer.step()
        s = snapshot(trainer)
        found = film.unpack(film.pack(s, first), like)
        assert found.config == trainer.config
        assert_alike(found.evaluation, s.evaluation)
        assert_alike(found.view, s.view)
        assert found.diagnosis == s.diagnosis


def test_what_it_says_comes_back_word_for_word():
    """Sentences with numbers, and those that are made of other sentences."""
    said, templates = 0, set()
    for kind in ("line", "plane", "images"):
        for steps in (1, 30, 120):
            s = snapshot(trained(steps, KINDS[kind].replace(lr_d=0.05)))
            found = back(s, s.config).diagnosis
            assert (found.sentence, found.sentence.template) == (s.diagnosis.sentence, s.diagnosis.sentence.template)
            said += bool(found.sentence.values)
            templates.add(found.sentence.template)
    assert said
    assert len(templates) > 2


def test_a_moment_of_a_playing_run_stands_still():
    s = take_snapshot(trained(5), 7, PLAYING, "", 100.0)
    found = back(s, SMALL)
    assert (found.state, found.message, found.steps_per_second, found.history, found.marks) == (PAUSED, "", 0.0, {}, ())


def test_a_bare_snapshot_is_light_and_good_to_unpack_with():
    s = snapshot(trained(5, KINDS["plane"]))
    assert film.weight(film.bare(s)) < film.weight(s)
    assert_alike(film.unpack(film.pack(s, s.config), film.bare(film.bare(s))).view, s.view)


# ---- arrays ----

LINE = snapshot(trained(2))
N = len(LINE.view.p_g)
NUMBERS = some.floats(-1e300, 1e300) | some.sampled_from([np.nan, np.inf, -np.inf, 0.0, -0.0, 5e-324])


@settings(deadline=None, derandomize=True, max_examples=200)
@given(values=arrays(np.float64, N, elements=NUMBERS, fill=NUMBERS))
@example(values=np.full(N, np.nan))
@example(values=np.full(N, -np.inf))
@example(values=np.full(N, 7.25))
@example(values=np.linspace(-1e300, 1e300, N))
def test_any_array_comes_back(values):
    s = dataclasses.replace(LINE, view=dataclasses.replace(LINE.view, p_g=values))
    assert_alike(back(s, SMALL).view, s.view)


def test_nan_and_infinity_among_the_numbers_come_back():
    for value in (np.nan, np.inf, -np.inf, 1e308, 5e-324):
        s = dataclasses.replace(LINE, evaluation=dataclasses.replace(LINE.evaluation, d_fake=value))
        assert_alike(back(s, SMALL).evaluation, s.evaluation)


# ---- what is none ----


def body_of(packed):
    """The header and the arrays of a moment."""
    data = zlib.decompress(packed)
    length = int.from_bytes(data[:4], "little")
    return json.loads(data[4 : 4 + length]), data[4 + length :]


def moment_of(body, rest):
    header = json.dumps(body).encode()
    return zlib.compress(len(header).to_bytes(4, "little") + header + rest)


def mutated(rng, packed):
    """Bytes of a moment, changed as they are, or below the compression, or in a value of the header."""
    kind = rng.randrange(4)
    data = bytearray(packed if kind == 0 else zlib.decompress(packed))
    if kind == 3:
        body, rest = body_of(packed)
        home = rng.choice([body, body["evaluation"], body["view"], body["diagnosis"], body["changed"]])
        values = [None, True, -1, 2**60, 1e308, float("nan"), "", [], {}, [[]], [0, 1], [float("inf"), 0], {"a": 1}]
        home[rng.choice([*home, "lr_g", "width", "target"])] = rng.choice([*values, "ring_8", 0.5])
        return moment_of(body, rest)
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(len(data))
        if kind == 2:
            del data[at : at + rng.choice([1, 2, 500])]
            data = data or bytearray(b"x")
        else:
            data[at] = rng.randrange(256)
    return bytes(data) if kind == 0 else zlib.compress(bytes(data))


@pytest.mark.parametrize("kind", KINDS)
def test_five_hundred_mutations_are_refused_or_are_moments(kind):
    rng, s = random.Random(kind), snapshot(trained(3, KINDS[kind]))
    like, packed, refused = film.bare(s), film.pack(s, s.config), 0
    tracemalloc.start()
    try:
        for _ in range(500):
            try:
                found = film.unpack(mutated(rng, packed), like)
            except Damaged as error:
                refused += isinstance(error.args[0], Message)
                continue
            assert found.config.kind == s.config.kind
            for name, array in vars(s.view).items():
                if isinstance(array, np.ndarray):
                    assert getattr(found.view, name).shape == array.shape
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert 250 < refused < 500
    assert peak < 8 * film.MAX_MOMENT


def test_a_bomb_is_not_inflated():
    bomb = zlib.compress(bytes(200_000_000), 9)
    like = film.bare(LINE)
    tracemalloc.start()
    try:
        with pytest.raises(Damaged):
            film.unpack(bomb, like)
        assert tracemalloc.get_traced_memory()[1] < 4 * film.MAX_MOMENT
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "changed", [{"target": "ring_8"}, {"width": 512}, {"seed": 2}, {"nothing": 1}, {"lr_g": -1.0}, {"lr_g": "fast"}]
)
def test_only_live_settings_may_differ_from_the_first(changed):
    body, rest = body_of(film.pack(LINE, SMALL))
    assert film.unpack(moment_of(body, rest), LINE).step == 2
    with pytest.raises(Damaged):
        film.unpack(moment_of(body | {"changed": changed}, rest), LINE)


def test_a_moment_of_another_kind_is_refused():
    plane = snapshot(trained(1, KINDS["plane"]))
    with pytest.raises(Damaged):
        film.unpack(film.pack(plane, plane.config), film.bare(LINE))
    with pytest.raises(Damaged):
        film.unpack(film.pack(LINE, SMALL), film.bare(plane))


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n", zlib.compress(b""), zlib.compress(b"\xff" * 9), b"x" * 1000])
def test_other_bytes_are_refused(data):
    with pytest.raises(Damaged):
        film.unpack(data, LINE)
