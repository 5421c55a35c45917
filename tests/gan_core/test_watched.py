"""What trains beside the runs takes turns with them, for as long as somebody looks."""

import threading
import time

import pytest

from gan_core import TrainConfig, TrainingDiverged
from gan_core.map_plan import Axis, Plan
from gan_core.messages import Message
from gan_core.settings_map import train
from gan_core.turns import Turns
from gan_core.watched import Watched, stepwise
from tests.gan_core.background import wait_for

PLAN = Plan(TrainConfig(width=8, batch_size=16), Axis("lr_g", (1e-3, 4e-3)), Axis("lr_d", (2e-3, 8e-3)), steps=60)


class Queue(list):
    """Turns that wait until somebody serves them."""

    def serve(self, n=1):
        for _ in range(n):
            self.pop(0)()

    def serve_all(self):
        while self:
            self.serve()


class Counting:
    """What trains: it counts its steps."""

    def __init__(self):
        self.done = 0

    def step(self):
        self.done += 1


def same(latest):
    return latest


@pytest.fixture
def queue():
    return Queue()


@pytest.fixture
def counting(queue):
    """One that counts to five, a step a turn."""
    return Watched(stepwise(Counting, 5, slice_seconds=0.0), queue.append)


def test_a_map_trains_to_its_end_and_is_the_same_as_without_turns():
    turns = Turns(1)
    watched = Watched(train(PLAN, slice_seconds=0.02), turns.put, turns.hurry)
    watched.ask(same)
    wait_for(lambda: watched.done)
    assert watched.latest.step == PLAN.steps
    *_, expected = train(PLAN)
    assert watched.latest.outcomes == expected.outcomes
    turns.shutdown()


def test_one_turn_is_one_slice_and_one_waits_at_a_time(queue, counting):
    answers = [counting.ask(lambda latest: latest.done) for _ in range(3)]
    assert len(queue) == 1
    queue.serve()
    assert [answer.result(0) for answer in answers] == [0, 0, 0]
    queue.serve(2)
    assert counting.latest.done == 2
    assert len(queue) == 1


def test_it_takes_so_many_steps(queue, counting):
    counting.ask(same)
    queue.serve_all()
    assert counting.latest.done == 5
    assert counting.done
    answer = counting.ask(lambda latest: latest.done)
    queue.serve()
    assert answer.result(0) == 5


def test_a_slice_is_a_time():
    class Slow(Counting):
        def step(self):
            time.sleep(0.001)
            super().step()

    work = stepwise(Slow, 10_000, slice_seconds=0.02)
    assert next(work).done == 0
    assert 1 <= next(work).done <= 21


def test_without_a_look_it_waits_for_the_next(queue):
    watched = Watched(stepwise(Counting, 5, slice_seconds=0.0), queue.append, patience=0.0)
    watched.ask(same)
    queue.serve()
    assert queue == []
    watched.ask(same)
    assert len(queue) == 1


def test_paused_it_shows_what_there_is_and_does_not_go_on(queue, counting):
    counting.playing = False
    answer = counting.ask(lambda latest: latest.done)
    queue.serve()
    assert answer.result(0) == 0  # it has been made, so that there is something to see
    counting.ask(same)
    queue.serve()
    assert queue == []
    assert counting.latest.done == 0
    counting.playing = True
    counting.ask(same)
    queue.serve()
    assert counting.latest.done == 1


def test_a_closed_one_forgets_its_training_and_takes_no_turns(queue, counting):
    counting.ask(same)
    queue.serve()
    answer = counting.ask(same)
    counting.close()
    assert answer.cancelled()
    queue.serve()
    assert counting.ask(same).cancelled()
    assert queue == []
    assert counting.latest.done == 0
    assert not counting.done


def failing(error):
    yield 1
    raise error


def test_a_mistake_is_told_and_ends_it(queue, monkeypatch):
    heard = []
    monkeypatch.setattr(threading, "excepthook", heard.append)
    watched = Watched(failing(ZeroDivisionError("by zero")), queue.append)
    watched.ask(same)
    queue.serve(2)
    answer = watched.ask(same)
    queue.serve()
    assert answer.result(0) == 1
    assert queue == []
    assert watched.problem == "Training stopped by an unexpected ZeroDivisionError: by zero"
    assert heard[0].exc_type is ZeroDivisionError


def test_an_end_that_has_its_sentence_says_it(queue):
    watched = Watched(failing(TrainingDiverged(Message("D at {n}", n=3), 3)), queue.append)
    watched.ask(same)
    queue.serve(2)
    assert (watched.problem, queue) == ("D at 3", [])


def test_a_question_that_fails_harms_nothing(queue, counting):
    answer = counting.ask(lambda latest: 1 / 0)
    queue.serve()
    with pytest.raises(ZeroDivisionError):
        answer.result(0)
    queue.serve_all()
    assert counting.done
