"""A map takes turns with the runs, for as long as somebody looks."""

import threading

import pytest

from gan_core import TrainConfig, map_run
from gan_core.map_plan import Axis, Plan
from gan_core.map_run import MapRun
from gan_core.turns import Turns
from tests.gan_core.background import wait_for

PLAN = Plan(TrainConfig(width=8, batch_size=16), Axis("lr_g", (1e-3, 4e-3)), Axis("lr_d", (2e-3, 8e-3)), steps=60)


class Queue(list):
    """Turns that wait until somebody serves them."""

    def serve(self, n=1):
        for _ in range(n):
            self.pop(0)()


@pytest.fixture
def queue():
    return Queue()


def test_it_trains_to_its_end_and_is_the_same_as_without_turns():
    turns = Turns(1)
    run = MapRun(PLAN, turns.put)
    run.look()
    wait_for(lambda: run.done)
    assert run.progress.step == PLAN.steps
    *_, expected = map_run.train(PLAN)
    assert run.progress.outcomes == expected.outcomes
    turns.shutdown()


def test_one_turn_is_one_slice_and_one_waits_at_a_time(queue):
    run = MapRun(PLAN, queue.append, slice_seconds=0.0)
    for _ in range(3):
        run.look()
    assert len(queue) == 1
    queue.serve(4)
    assert (run.progress.step, len(run.progress.outcomes)) == (0, 4)
    assert len(queue) == 1


def test_without_a_look_it_waits_for_the_next(queue):
    run = MapRun(PLAN, queue.append, slice_seconds=0.0, patience=0.0)
    run.look()
    queue.serve()
    assert queue == []
    run.look()
    assert len(queue) == 1


def test_a_closed_one_forgets_its_trainers_and_takes_no_turns(queue):
    run = MapRun(PLAN, queue.append, slice_seconds=0.0)
    run.look()
    queue.serve()
    run.close()
    before = run.progress
    queue.serve()
    run.look()
    assert queue == []
    assert run.progress is before
    assert not run.done


def test_a_mistake_is_told_and_ends_it(queue, monkeypatch):
    def broken(plan, slice_seconds):
        yield map_run.Progress(0, ())
        raise ZeroDivisionError("by zero")

    heard = []
    monkeypatch.setattr(threading, "excepthook", heard.append)
    monkeypatch.setattr(map_run, "train", broken)
    run = MapRun(PLAN, queue.append)
    run.look()
    queue.serve(2)
    run.look()
    assert queue == []
    assert run.problem == "The map stopped by an unexpected ZeroDivisionError: by zero"
    assert heard[0].exc_type is ZeroDivisionError
