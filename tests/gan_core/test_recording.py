"""The recording of a run: within its room however long the run, even enough, and true to what there was."""

import dataclasses
import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from gan_core import film
from gan_core.config import TrainConfig
from gan_core.events import noticed
from gan_core.pace import Shots
from gan_core.recording import MAX_BREAKS, ROOMS, Recording, Room
from gan_core.run import Run
from gan_core.snapshot import PAUSED, STOPPED
from gan_core.training import GANTrainer
from tests.gan_core.experiments import SMALL, trained
from tests.gan_core.filming import KINDS, Studio, assert_alike, snapshot

FIRST = snapshot(trained(1))
STATE = trained(1).state()
EXAMPLES = settings(deadline=None, derandomize=True, max_examples=150)


@pytest.fixture
def sized(monkeypatch):
    """Lets a moment be as large as its JSD says, so that a test chooses: filming is somebody else's test."""
    monkeypatch.setattr(film, "pack", lambda s, first: bytes(s.version))

    def at(step, size):
        return dataclasses.replace(FIRST, step=step, version=size)

    return at


def fill(recording, at, gaps, sizes):
    step = recording.moments[-1].step if recording.moments else 0
    for gap, size in zip(gaps, itertools.cycle(sizes)):
        recording.add(at(step, size))
        yield step
        step += gap


# ---- room ----


def test_whatever_comes_the_moments_stay_within_their_room(sized):
    @EXAMPLES
    @given(
        gaps=some.lists(some.integers(1, 5000), min_size=1, max_size=300),
        sizes=some.lists(some.integers(1, 999), min_size=1, max_size=20),
        room=some.integers(1000, 20_000),
        start=some.integers(0, 10**9),
    )
    def check(gaps, sizes, room, start):
        recording = Recording(SMALL, Room(room, 0))
        for step in fill(recording, lambda step, size: sized(start + step, size), gaps, sizes):
            assert sum(moment.size for moment in recording.moments) <= room
            assert recording.first_step == recording.steps[0] == start
            assert all(a < b for a, b in itertools.pairwise(recording.steps))
            assert recording.last_step == start + step

    check()


def test_a_long_run_is_kept_evenly(sized):
    """An hour at 300 steps a second, seen ten times a second: half the room at least is used, and gaps are alike."""
    recording = Recording(SMALL, Room(100_000, 0))
    for step in fill(recording, sized, itertools.repeat(30, 36_000), [480, 500, 520]):
        if step > 10_000 and step % 3000 == 0:
            assert 45_000 < sum(moment.size for moment in recording.moments) <= 100_000
            gaps = np.diff(recording.steps)
            assert gaps.max() <= 2 * gaps.min() + 30
            assert step - recording.steps[-1] <= gaps.max()


def test_states_stay_within_their_room_and_are_even():
    size = STATE.without_history().size
    recording = Recording(SMALL, Room(0, 12 * size))
    for step in range(0, 50_000, 25):
        if recording.wants_state(step):
            recording.keep(dataclasses.replace(STATE, step=step), SMALL)
        assert len(recording.states) <= 12
    steps = [kept.step for kept in recording.states]
    assert len(steps) >= 5
    assert steps[0] == 100  # the first one stays
    assert len(set(np.diff(steps[1:]))) == 1


def test_a_state_too_large_for_its_room_is_asked_for_once():
    recording = Recording(SMALL, Room(0, STATE.size - 1))
    assert recording.wants_state(100)
    recording.keep(dataclasses.replace(STATE, step=100), SMALL)
    assert recording.states == ()
    assert not any(recording.wants_state(step) for step in range(100, 10_000, 7))
    assert recording.nearest_start(10**6) is None


@pytest.mark.parametrize("kind", KINDS)
def test_what_it_says_of_its_size_is_near_the_room(kind):
    """Toy recordings take up to 4 MB, those of images 25 MB."""
    most = sum(ROOMS[kind])
    assert most <= (25e6 if kind == "images" else 3.6e6)
    studio = Studio(KINDS[kind])
    studio.do(130)
    recording = studio.run.recording
    held = sum(m.size for m in recording.moments) + sum(k.size for k in recording.states)
    assert held <= recording.n_bytes <= held + 400_000


# ---- as a run films it ----


def test_a_moment_is_what_there_was(monkeypatch):
    monkeypatch.setattr(Shots, "SOONEST", 0.0)
    monkeypatch.setattr(Shots, "SHARE", math.inf)  # every slice is filmed
    studio = Studio(KINDS["plane"])
    for _ in range(3):
        studio.do(20)
    studio.run.update(lr_g=5e-4)
    studio.do(20)
    recording, seen = studio.run.recording, {}
    trainer = GANTrainer(KINDS["plane"])
    seen[0] = snapshot(trainer)
    for step in range(1, 81):
        if step == 61:
            trainer.update(lr_g=5e-4)
        trainer.step()
        seen[step] = snapshot(trainer)
    assert recording.steps[0] == 0
    assert recording.steps[-1] == 80
    for step in recording.steps:
        found = recording.at(step)
        assert (found.step, found.state) == (step, PAUSED)
        assert_alike(found.evaluation, seen[step].evaluation)
        assert_alike(found.view, seen[step].view)
        assert found.config.lr_g == (5e-4 if step > 60 else KINDS["plane"].lr_g)
        assert found.marks == tuple(mark for mark in trainer.marks if mark.step <= step)
        np.testing.assert_array_equal(found.history["step"], seen[80].history["step"])


def test_at_is_the_nearest_moment(sized, monkeypatch):
    monkeypatch.setattr(film, "unpack", lambda packed, like: dataclasses.replace(like, version=len(packed)))
    recording = Recording(SMALL)
    with pytest.raises(LookupError):
        recording.at(0)
    with pytest.raises(LookupError):
        recording.last()
    for step in (0, 10, 50):
        recording.add(sized(step, step + 1))
    found = [recording.at(step).version - 1 for step in (-5, 0, 4, 6, 29, 31, 10**9)]
    assert found == [0, 0, 0, 10, 10, 50, 50]
    assert recording.last().version == 51


def test_a_run_that_nobody_watches_is_filmed(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    real = GANTrainer.step

    def step(trainer):
        now[0] += 0.004
        return real(trainer)

    monkeypatch.setattr(GANTrainer, "step", step)
    studio = Studio(SMALL)
    version = studio.run.version
    looks = []
    look = Run._look

    def slow(run, trainer):
        now[0] += 0.010
        looks.append(0.010)
        return look(run, trainer)

    monkeypatch.setattr(Run, "_look", slow)
    start = now[0]
    studio.run.play()
    for _ in range(400):
        studio.queue.popleft()()
    studio.run.pause()
    recording = studio.run.recording
    spent = now[0] - start
    assert len(recording.moments) > 8
    assert sum(looks) / spent < 0.04  # a small part of what watched ones may take, and the first looks are unpaced
    assert studio.run.version - version <= 2  # nobody has asked for a picture


def test_a_run_that_stands_still_is_not_filmed_again():
    studio = Studio(SMALL)
    studio.do(30)
    before = studio.run.recording.moments
    for _ in range(5):
        studio.run.snapshot()
        studio.work()
        studio.run.set_speed(10)
        studio.work()
    assert studio.run.recording.moments == before


def test_states_are_kept_as_the_run_goes_on():
    studio = Studio(SMALL)
    for _ in range(5):
        studio.do(70)
    kept = studio.run.recording.states
    assert [k.step // 100 for k in kept] == [1, 2, 3]
    trainer = trained(kept[1].step)
    assert trainer.generator.flat.equal(kept[1].state.generator)
    assert all(len(column) == 0 for column in kept[1].state.history.values())
    assert studio.run.recording.starts == (0, *(k.step for k in kept))
    assert studio.run.recording.nearest_start(kept[1].step) is kept[1]
    assert studio.run.recording.nearest_start(kept[1].step - 1) is kept[0]
    assert studio.run.recording.nearest_start(kept[0].step - 1) is None


def test_a_reset_begins_a_new_recording():
    studio = Studio(SMALL)
    studio.do(120)
    before = studio.run.recording
    studio.run.reset(SMALL.replace(seed=2))
    studio.work()
    studio.do(5)
    recording = studio.run.recording
    assert recording is not before
    assert (recording.config.seed, recording.steps[0], recording.states) == (2, 0, ())
    assert recording.steps[-1] <= 5
    assert before.steps[-1] == 120


# ---- a training that diverges ----


def diverged():
    studio = Studio(SMALL)
    for _ in range(13):
        studio.do(10)
    studio.run.ask(lambda trainer: trainer.discriminator.flat.fill_(math.nan))
    studio.do(10)
    assert studio.run.state == STOPPED
    return studio


def test_a_diverged_run_keeps_its_moments():
    """Its weights go back, its steps do not."""
    studio = diverged()
    recording = studio.run.recording
    assert recording.breaks == (131,)
    assert [event.key for event in recording.events()][-1] == "diverged"
    before = recording.moments
    assert before[-1].step == 130
    assert recording.at(130).state == PAUSED
    for _ in range(3):  # to look is not to play
        studio.run.snapshot()
        studio.work()
    assert recording.moments == before
    studio.do(40)
    assert recording.steps[: len(before)] == tuple(moment.step for moment in before)
    assert recording.steps[-1] == 170
    assert recording.at(170).evaluation.d_fake == studio.run.trainer.evaluate().d_fake
    assert recording.breaks == (131,)


def test_a_training_that_goes_back_leaves_what_it_had_come_to(sized):
    recording = Recording(SMALL)
    for step in (0, 10, 20, 30, 15):
        recording.add(sized(step, 5))
        recording.keep(dataclasses.replace(STATE, step=step), SMALL)
    assert recording.steps == (0, 10, 15)
    assert [kept.step for kept in recording.states] == [0, 10, 15]


def test_breaks_are_bounded():
    recording = Recording(SMALL)
    for step in range(100):
        recording.note_break(step)
    assert recording.breaks == tuple(range(100 - MAX_BREAKS, 100))


# ---- a part of it ----


def test_until_is_what_it_was_at_that_step():
    studio = Studio(SMALL)
    for _ in range(10):
        studio.do(25)
    studio.run.update(lr_g=5e-4)
    studio.do(50)
    whole = studio.run.recording
    whole.note_break(260)
    part = whole.until(250)
    assert part.steps == tuple(step for step in whole.steps if step <= 250)
    assert [k.step for k in part.states] == [k.step for k in whole.states if k.step <= 250]
    assert part.curves["step"].tolist() == [*range(0, 251, 20)]
    assert (part.marks, len(whole.marks)) == (tuple(m for m in whole.marks if m.step <= 250), 1)
    assert (part.breaks, part.branched_at, part.last_step) == ((), 250, 250)
    assert_alike(part.last().view, whole.at(part.steps[-1]).view)
    part.add(dataclasses.replace(FIRST, step=251))
    assert whole.steps[-1] == 300
    assert whole.branched_at is None


# ---- what could be noticed ----


def curves(modes):
    return {"step": 20.0 * np.arange(len(modes)), "modes": np.array(modes, dtype=float)}


def test_modes_found_and_lost_are_noticed_and_flicker_is_not():
    found = noticed(curves([1, 1, 2, 2, 2, 1, 2, 2, 3, 2, 2, 2, 0, 0, 0, 0]), 3)
    assert [(e.step, e.key, e.parts, e.total) for e in found] == [(40, "found", 2, 3), (240, "lost", 0, 3)]
    assert noticed(curves([1, 2, 1, 2, 1, 2, 1, 2]), 2) == []
    assert [e.key for e in noticed(curves([0, 2, 2, 2]), 2)] == ["found"]


def test_a_change_at_the_very_end_is_not_yet_firm():
    assert noticed(curves([1, 1, 2, 2]), 2) == []
    assert len(noticed(curves([1, 1, 2, 2, 2]), 2)) == 1


@pytest.mark.parametrize(
    ("given", "total"), [({}, 8), (curves([]), 8), (curves([1, 0, 0, 0]), 1), ({"step": np.zeros(3)}, 8)]
)
def test_where_there_is_nothing_to_count_nothing_is_noticed(given, total):
    assert noticed(given, total) == []


def test_events_are_bounded_and_in_order():
    modes = [i // 3 % 2 for i in range(900)]
    found = noticed(curves(modes), 2)
    assert len(found) == 40
    assert [e.step for e in found] == sorted(e.step for e in found)
    assert found[-1].step > 17_000


def test_a_run_tells_of_modes_that_it_found():
    studio = Studio(TrainConfig())
    studio.do(400)
    events = studio.run.recording.events()
    assert [event.key for event in events][:1] == ["found"]
    assert {event.total for event in events} == {2}
    assert events[-1].parts == studio.run.recording.curves["modes"][-1]
