"""A run in the background: commands, order, pace, questions, errors."""

import gc
import threading
import time
import weakref
from collections import deque

import numpy as np
import pytest

from gan_core.run import Run
from gan_core.snapshot import PAUSED, PLAYING
from gan_core.training import GANTrainer
from tests.gan_core.background import SMALL, steps, wait_for


def test_a_new_run_stands_at_step_zero(start):
    snapshot = start(SMALL).settle()
    assert (snapshot.step, snapshot.state, snapshot.message) == (0, PAUSED, "")
    assert snapshot.diagnosis.key == "start"


def test_steps_in_the_background_equal_steps_by_hand(start):
    run = start(SMALL)
    for n in (1, 10, 100):
        run.step(n)
    snapshot = run.settle()
    trainer = GANTrainer(SMALL)
    for _ in range(111):
        trainer.step()
    assert snapshot.step == 111
    np.testing.assert_array_equal(snapshot.view.samples, trainer.sample(300))
    for name, column in trainer.history.arrays().items():
        np.testing.assert_array_equal(snapshot.history[name], column)


def test_play_and_pause(start):
    run = start(SMALL)
    run.play()
    wait_for(lambda: steps(run) > 20)
    assert run.snapshot().state == PLAYING
    run.pause()
    at = run.settle().step
    time.sleep(0.1)
    assert run.settle().step == at
    assert run.settle().steps_per_second == 0


def test_update_acts_on_the_running_trainer_and_leaves_a_mark(start):
    run = start(SMALL)
    run.play()
    wait_for(lambda: steps(run) > 5)
    assert run.update(dropout=0.5).dropout == 0.5
    assert run.config.dropout == 0.5
    snapshot = run.settle()
    assert snapshot.config.dropout == 0.5
    assert snapshot.step > 5
    assert str(snapshot.marks[0]) == "dropout 0.5"


def test_a_bad_update_is_refused_at_once_and_changes_nothing(start):
    run = start(SMALL)
    with pytest.raises(ValueError, match="lr_g = 5 is not possible: choose a number from 0 to"):
        run.update(lr_g=5)
    with pytest.raises(ValueError, match="at least 1"):
        run.step(0)
    assert run.settle().config == SMALL


def test_reset_gives_the_same_history_again(start):
    run = start(SMALL)
    run.step(40)
    first = run.settle()
    run.reset()
    assert run.settle().step == 0
    run.step(40)
    second = run.settle()
    np.testing.assert_array_equal(first.view.samples, second.view.samples)
    assert second.version > first.version


def test_reset_to_another_config_goes_on_playing(start):
    run = start(SMALL)
    run.play()
    wait_for(lambda: steps(run) > 5)
    run.reset(SMALL.replace(target="gaussian"))
    wait_for(lambda: run.snapshot().config.target == "gaussian" and steps(run) > 5)
    assert run.snapshot().state == PLAYING


def test_speed_is_capped(start):
    run = start(SMALL)
    run.settle()
    run.set_speed(50)
    start = time.monotonic()
    run.play()
    wait_for(lambda: steps(run) >= 20)
    elapsed = time.monotonic() - start
    assert steps(run) <= 50 * elapsed + 5
    run.set_speed(0)
    before, start = steps(run), time.monotonic()
    wait_for(lambda: steps(run) > before + 200)
    assert 200 / (time.monotonic() - start) > 50


def test_snapshots_are_made_only_for_those_who_look(start):
    run = start(SMALL)
    run.play()
    wait_for(lambda: run.snapshot() is not None)
    time.sleep(0.2)
    version = run.snapshot().version
    time.sleep(0.3)  # many slices, but the last snapshot was read only once
    assert run.snapshot().version == version + 1


def test_who_listens_is_told_of_every_snapshot_until_they_leave():
    queue, heard = deque(), {"one": [], "two": []}
    run = Run(SMALL, schedule=queue.append)
    leave = {name: run.listen(lambda told=told: told.append(run.latest.version)) for name, told in heard.items()}
    work(queue)
    assert heard == {"one": [1], "two": [1]}
    run.step(3)
    work(queue)
    assert heard["one"] == [1]  # nobody has read the first
    run.snapshot()
    work(queue)
    assert heard["one"] == heard["two"] == [1, 2]
    leave["one"]()
    leave["one"]()  # twice is no harm
    run.snapshot()
    run.update(dropout=0.5)
    work(queue)
    assert heard == {"one": [1, 2], "two": [1, 2, 3]}
    assert run.latest.step == 3


def test_a_listener_hears_of_a_run_that_cannot_be_built():
    queue, heard = deque(), []

    def fail(config):
        raise ValueError("No clay.")

    run = Run(SMALL, schedule=queue.append, make_trainer=fail)
    run.listen(lambda: heard.append(run.why_stopped))
    work(queue)
    assert "No clay." in heard[-1]
    assert run.latest is None


def test_who_commands_sees_the_effect_at_once_others_when_a_snapshot_is_due(monkeypatch):
    queue = deque()
    run = Run(SMALL, schedule=queue.append)
    run.play()
    queue.popleft()()
    assert run.latest.version == 1
    monkeypatch.setattr(run._actor.bench.shots, "wait", lambda *_: 10.0)  # none is due for long
    for _ in range(5):
        run.snapshot()
        queue.popleft()()
    assert (run.latest.version, run.latest.step < run.trainer.step_count) == (1, True)
    run.set_speed(1e6)
    queue.popleft()()
    assert (run.latest.version, run.latest.step) == (2, run.trainer.step_count)
    monkeypatch.setattr(run._actor.bench.shots, "wait", lambda *_: 0.0)
    queue.popleft()()
    assert run.latest.version == 2  # nobody has read it yet
    run.snapshot()
    queue.popleft()()
    assert run.latest.version == 3
    run.pause()
    work(queue)


def test_the_last_step_is_shown_though_a_snapshot_was_just_taken(monkeypatch):
    queue = deque()
    run = Run(SMALL, schedule=queue.append)
    work(queue)
    monkeypatch.setattr(run._actor.bench.shots, "wait", lambda *_: 10.0)
    run.snapshot()
    run.step(30)
    while queue:
        queue.popleft()()
        run.snapshot()
    assert (run.latest.step, run.latest.state) == (30, PAUSED)


def work(queue):
    while queue:
        queue.popleft()()


def test_a_run_remembers_the_experiments_it_has_been():
    run = Run(SMALL, schedule=deque().append)
    run.update(dropout=0.5)
    run.reset(SMALL.replace(width=16))
    assert list(run.configs) == [SMALL, SMALL.replace(dropout=0.5), SMALL.replace(width=16)]
    for i in range(200):
        run.update(dropout=i / 1000)
    assert len(run.configs) == 100


def test_a_snapshot_does_not_change_afterwards(start):
    run = start(SMALL)
    snapshot = run.settle()
    samples, rows = snapshot.view.samples.copy(), len(snapshot.history["step"])
    run.step(100)
    run.settle()
    np.testing.assert_array_equal(snapshot.view.samples, samples)
    assert len(snapshot.history["step"]) == rows


def test_a_run_nobody_looks_at_is_paused(start):
    run = start(SMALL, unread_seconds=0.2)
    run.settle()
    run.play()
    wait_for(lambda: run.message)
    snapshot = run.settle()
    assert snapshot.state == PAUSED
    assert "nobody has looked" in snapshot.message
    run.play()
    assert run.settle().message == ""


# ---- questions ----


def test_a_question_is_answered_between_two_slices(start):
    run = start(SMALL)
    run.step(30)
    answer = run.ask(lambda trainer: (trainer.step_count, threading.current_thread().name))
    steps_done, thread = answer.result(20)
    assert thread.startswith("trainer")
    assert 0 <= steps_done <= 30
    run.settle()
    assert run.ask(lambda trainer: trainer.step_count).result(20) == 30


def test_questions_do_not_disturb_a_playing_run(start):
    run = start(SMALL)
    run.play()
    wait_for(lambda: steps(run) > 5)
    for _ in range(20):
        run.ask(lambda trainer: trainer.sample(5)).result(20)
    run.pause()
    at = run.settle().step
    assert run.snapshot().state == PAUSED
    by_hand = GANTrainer(SMALL)
    for _ in range(at):
        by_hand.step()
    np.testing.assert_array_equal(run.snapshot().view.samples, by_hand.sample(300))


def test_a_question_makes_no_new_snapshot(start):
    """Nothing has changed, and on images a snapshot costs as much as ten steps."""
    run = start(SMALL)
    run.settle()
    wait_for(lambda: not run.scheduled)
    version = run.latest.version
    for _ in range(3):
        run.ask(lambda trainer: trainer.sample(5)).result(20)
    assert run.latest.version == version


def test_an_exception_of_a_question_is_its_own_affair(start):
    run = start(SMALL)
    run.play()
    answer = run.ask(lambda trainer: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        answer.result(20)
    before = steps(run)
    wait_for(lambda: steps(run) > before)
    assert run.snapshot().state == PLAYING
    assert run.why_stopped == ""


# ---- turns, served by hand ----


def test_a_run_has_at_most_one_turn_in_the_queue_and_none_when_it_stands_still():
    queue = deque()
    run = Run(SMALL, schedule=queue.append)
    run.play()
    run.update(dropout=0.5)
    assert (len(queue), run.scheduled, run.latest) == (1, True, None)
    for _ in range(3):  # a playing run queues again
        queue.popleft()()
        assert (len(queue), run.latest.state) == (1, PLAYING)
    run.step(5)
    while queue:
        queue.popleft()()
    assert (run.scheduled, run.state, run.latest.config.dropout) == (False, PAUSED, 0.5)


def test_a_released_run_frees_its_trainer_at_once_or_after_the_turn_that_waits():
    queue = deque()
    for wait in (False, True):
        run = Run(SMALL, schedule=queue.append)
        queue.popleft()()
        trainer = weakref.ref(run.trainer)
        if wait:
            run.play()
        run.release()
        while queue:
            queue.popleft()()
        gc.collect()
        assert trainer() is None
        run.play()
        assert not queue


def test_a_closed_queue_is_no_error():
    """The process is ending."""

    def closed(turn):
        raise RuntimeError("cannot schedule new futures after shutdown")

    run = Run(SMALL, schedule=closed)
    run.play()
    assert run.ask(lambda trainer: trainer.step_count).cancelled()


def test_the_recording_does_not_keep_those_who_watch_waiting():
    """Where many runs share a thread, snapshots are rare: the recording's must not put off the watchers' for ever."""
    queue = deque()
    run = Run(SMALL, schedule=queue.append, share=lambda: 0.02)
    run.play()
    run.snapshot()
    seen, deadline = set(), time.monotonic() + 20
    while len(seen) < 4 and time.monotonic() < deadline:
        queue.popleft()() if queue else time.sleep(0.001)
        seen.add(run.snapshot().version if run.latest else 0)
    assert len(seen) >= 4
