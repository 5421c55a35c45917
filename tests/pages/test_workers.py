"""Runs in processes of their own: what pages and lines ask of them, and what happens when one is killed."""

import asyncio
import gc
import os
import shutil
import signal
import weakref
from concurrent.futures import Future
from functools import partial

import numpy as np
import pytest

from benchmarks.harness import wait_until
from gan_core import RunGone, TrainConfig, cost
from gan_core.images import conditional as conditional_digits
from gan_core.images import few
from gan_core.lessons import conditional as conditional_ring
from gan_core.map_plan import Axis, Plan
from gan_core.own_targets import from_points
from gan_core.settings_map import SettingsMap
from pages.ui import asking, beside, census, commands, processes
from pages.ui.board import unpack
from pages.ui.looks import Look, View
from pages.ui.relay import WorkerDied
from pages.ui.worker import done
from pages.ui.workers import Worker, Workers

SMALL = TrainConfig(width=8, depth=1, batch_size=32)


@pytest.fixture(scope="module")
def workers():
    made = Workers(2)
    yield made
    pids = [worker.pid for worker in made.processes]
    made.shutdown()
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def frame(workers, run_id, have=0, look=Look(), language="en"):  # noqa: B008, it is frozen
    async with workers.watch(run_id) as channel:
        version, packed = await channel.frame(have, View(language, look))
        return version, unpack(packed)


def test_a_run_is_trained_and_shown(workers):
    run_id = workers.begin(SMALL)
    assert run_id in workers
    assert workers.call(run_id, asking.about).config == SMALL

    async def visit():
        version, first = await frame(workers, run_id)
        await workers.acall(run_id, commands.command, {"do": "step", "n": 30})
        while first["attributes"]["step"] != "30":
            version, first = await frame(workers, run_id, version)
        return first

    shown = asyncio.run(visit())
    assert shown["tiles"]
    assert shown["timeline"]["now"] == 30


def test_frames_are_in_the_watchers_language_and_of_their_moment(workers):
    run_id = workers.begin(SMALL)
    workers.call(run_id, commands.command, {"do": "step", "n": 40})
    wait_until(lambda: workers.call(run_id, asking.ask, steps) == 40, 30, "it did not train")
    _, korean = asyncio.run(frame(workers, run_id, language="ko"))
    assert korean["attributes"]["lang"] == "ko"
    _, early = asyncio.run(frame(workers, run_id, look=Look(at=0)))
    assert early["attributes"]["step"] == "0"


def steps(trainer):
    return trainer.step_count


def test_a_frame_travels_once_for_all_who_wait_for_it(workers):
    run_id = workers.begin(SMALL)

    async def visit():
        async with workers.watch(run_id) as channel:
            version, _ = await channel.frame(0, View("en"))
            waiting = [asyncio.create_task(channel.frame(version, View("en"))) for _ in range(100)]
            await asyncio.sleep(0.1)
            waiting[0].cancel()  # one leaves: the others still get theirs
            await workers.acall(run_id, commands.command, {"do": "step", "n": 1})
            return await asyncio.gather(*waiting[1:])

    found = asyncio.run(visit())
    assert len({id(packed) for _, packed in found}) == 1


def test_what_is_refused_is_refused_in_the_same_words(workers):
    run_id = workers.begin(SMALL)
    with pytest.raises(ValueError, match="lr_g = 99 is not possible") as refused:
        workers.call(run_id, commands.change, {"lr_g": 99})
    assert refused.value.args[0].template  # so that it can be said in Korean
    with pytest.raises(cost.TooDear):
        workers.begin(TrainConfig(width=512, depth=6, batch_size=8192, d_steps=20))


@pytest.mark.parametrize("key", ["", "nobody", "0-nobody", "99-x", "0", "-", "１-x"])
def test_a_key_that_opens_nothing(workers, key):
    assert key not in workers
    with pytest.raises(RunGone):
        workers.call(key, asking.about)


def test_a_watch_key_opens_its_run(workers):
    run_id = workers.begin(SMALL)
    key = workers.call(run_id, asking.watch_key)
    assert workers.call(key, asking.find) == (run_id, False)
    assert workers.call(run_id, asking.find) == (run_id, True)


def test_a_visitors_table_is_known_there_too(workers):
    target = from_points(np.random.default_rng(0).normal(size=(200, 2)), "mine")
    run_id = workers.begin(SMALL.replace(target=target.key))
    _, shown = asyncio.run(frame(workers, run_id))
    assert shown["attributes"]["target"] == target.key


def test_new_processes_are_started_when_the_others_have_some_runs():
    workers = Workers(2)
    try:
        keys = [workers.begin(SMALL).partition("-")[0] for _ in range(4)]
    finally:
        workers.shutdown()
    assert sorted(keys) == ["0", "0", "1", "1"]


def begin_with_a_state(workers):
    """The id of a new run, once the server has got a state of it."""
    run_id = workers.begin(SMALL)
    workers.call(run_id, commands.command, {"do": "step", "n": 250})
    wait_until(lambda: workers.kept_step(run_id) > 0, 90, "no state was sent")
    return run_id


def test_a_run_outlives_its_process():
    workers = Workers(1)
    try:
        run_id = begin_with_a_state(workers)

        async def visit():
            async with workers.watch(run_id) as channel:
                await channel.frame(0, View("en"))
                os.kill(workers.processes[0].pid, signal.SIGKILL)
                version, shown = 10**9, None
                while shown is None or not shown["message"]["text"].startswith("Its process ended"):
                    version, packed = await channel.frame(version, View("en"))
                    shown = unpack(packed)
                return shown

        shown = asyncio.run(asyncio.wait_for(visit(), 90))
        assert int(shown["attributes"]["step"]) == workers.kept_step(run_id) > 0
        workers.call(run_id, commands.command, {"do": "step", "n": 5})  # it obeys the same key
    finally:
        workers.shutdown()


def test_whoever_asks_while_a_process_is_replaced_waits_for_the_next_one():
    workers = Workers(1)
    try:
        run_id = workers.begin(SMALL)
        os.kill(workers.processes[0].pid, signal.SIGKILL)
        assert workers.call(run_id, asking.about).config == SMALL
        os.kill(workers.processes[0].pid, signal.SIGKILL)
        assert workers.begin(SMALL) in workers
        assert run_id in workers
    finally:
        workers.shutdown()


def test_a_process_that_ends_before_it_is_there_keeps_nobody_waiting(monkeypatch):
    monkeypatch.setattr(processes.sys, "executable", shutil.which("true"))
    with pytest.raises(WorkerDied, match="before it was there"):
        Worker(0, lambda worker: None)


def test_a_run_that_was_released_does_not_come_back_with_its_process():
    workers = Workers(1)
    try:
        gone, stays = workers.begin(SMALL), workers.begin(SMALL)
        workers.call(gone, census.release)
        wait_until(lambda: gone not in workers._workers[0].runs, 60, "it was not told")
        os.kill(workers.processes[0].pid, signal.SIGKILL)
        wait_until(lambda: stays in workers, 90, "no process took its place")
        assert gone not in workers
    finally:
        workers.shutdown()


def test_whoever_asks_again_at_once_gets_the_frame(workers):
    """The first question is given up, as a browser does that asks anew; the second is the same."""
    run_id = workers.begin(SMALL)

    async def visit():
        async with workers.watch(run_id) as channel:
            version, _ = await channel.frame(0, View("en"))
            for _ in range(20):
                first = asyncio.create_task(channel.frame(version, View("en")))
                await asyncio.sleep(0.01)
                first.cancel()
                await asyncio.sleep(0)
                again = asyncio.create_task(channel.frame(version, View("en")))
                await asyncio.sleep(0)
                await workers.acall(run_id, commands.command, {"do": "step", "n": 1})
                version, _ = await asyncio.wait_for(again, 20)

    asyncio.run(visit())


def answers():
    gc.collect()
    return sum(type(thing) is Future for thing in gc.get_objects())


def test_whoever_leaves_before_the_answer_leaves_nothing_behind(workers):
    run_id = workers.begin(SMALL)

    async def visit():
        async with workers.watch(run_id) as channel:
            version, _ = await channel.frame(0, View("en"))
            for _ in range(20):
                asked = asyncio.create_task(channel.frame(version, View("en")))
                await asyncio.sleep(0.01)
                asked.cancel()
                await asyncio.gather(asked, return_exceptions=True)

    asyncio.run(visit())
    before = answers()
    asyncio.run(visit())
    assert answers() == before


class Circle:
    """Holds itself, as what is left of a run does."""

    last = staticmethod(lambda: None)

    def __init__(self):
        self.me = self


def leave_circle():
    circle = Circle()
    gc.collect()  # it is old by now: only a look at everything finds that nobody can reach it
    Circle.last = weakref.ref(circle)


def has_circle():
    return Circle.last() is not None


def test_what_nobody_can_reach_is_given_back_when_a_run_is_gone():
    workers = Workers(1)
    try:
        run_id = begin_with_a_state(workers)
        workers.place(leave_circle)
        assert workers.place(has_circle)
        workers.call(run_id, census.release)
        wait_until(lambda: not workers.place(has_circle), 60, "its process holds what nobody can reach")
    finally:
        workers.shutdown()


TRAININGS = {
    "digits to order": (partial(conditional_digits.trainer, "digits"), conditional_digits.course),
    "the ring to order": (conditional_ring.trainer, conditional_ring.course),
    "few digits": (partial(few.Training, few.Attempt(100, augment="adaptive"), "digits"), few.Training.progress),
}


@pytest.mark.parametrize("name", TRAININGS)
def test_the_training_of_a_lesson_goes_on_in_a_process(workers, name):
    make, show = TRAININGS[name]
    key = workers.place(beside.begin_training, make, 3)
    first = workers.call(key, beside.look, show, playing=False)
    assert (first.shown.step, first.done) == (0, False)
    wait_until(lambda: workers.call(key, beside.look, show).done, 60, "it did not end")
    last = workers.call(key, beside.look, show)
    assert (last.shown.step, last.problem) == (3, "")
    assert (last.shown.fakes != first.shown.fakes).any()
    workers.call(key, beside.end)


def test_a_question_ends_with_what_was_asked():
    gone: Future[int] = Future()
    gone.cancel()
    good, error = asyncio.run(done(lambda: gone, (), {}))
    assert not good
    assert isinstance(error, RunGone)


def test_a_question_ends_with_whoever_asked():
    waiting: Future[int] = Future()

    async def leave():
        asked = asyncio.create_task(done(lambda: waiting, (), {}))
        await asyncio.sleep(0)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked

    asyncio.run(leave())
    assert waiting.cancelled()


def test_a_map_is_trained_in_a_process_and_found_by_its_key(workers):
    plan = Plan(SMALL, Axis("lr_g", (1e-3, 4e-3)), Axis("lr_d", (2e-3, 8e-3)), steps=20)
    key = workers.place(beside.begin_map, plan)
    wait_until(lambda: workers.call(key, beside.look).done, 60, "the map was not trained")
    assert SettingsMap(plan, workers.call(key, beside.look).shown.outcomes).complete
    workers.call(key, beside.end)
    with pytest.raises(RunGone):
        workers.call(key, beside.look)
