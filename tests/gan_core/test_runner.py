"""Many runs: fairness, coming and going, and one that fails."""

import gc
import threading
import time
import types
import weakref
from concurrent.futures import CancelledError

import pytest

from gan_core.cost import Budget, TooDear, estimate
from gan_core.messages import Message
from gan_core.runner import RunGone, RunnerFull
from gan_core.snapshot import PAUSED, PLAYING, STOPPED
from gan_core.training import GANTrainer, TrainingDiverged
from tests.gan_core.background import SMALL, steps, wait_for


def test_commands_and_questions_by_id_reach_the_run(runner):
    run = runner.create(SMALL)
    runner.step(run, 3)
    assert runner.settle(run).step == 3
    assert runner.update(run, dropout=0.5) == runner.config(run) == SMALL.replace(dropout=0.5)
    assert runner.ask(run, lambda trainer: trainer.config.dropout).result(20) == 0.5
    runner.set_speed(run, 100)
    runner.play(run)
    wait_for(lambda: runner.snapshot(run).state == PLAYING and runner.snapshot(run).step > 3)
    runner.pause(run)
    assert runner.settle(run).state == PAUSED
    runner.reset(run, SMALL)
    assert (runner.settle(run).step, runner.config(run), runner.problem(run)) == (0, SMALL, "")


def test_one_worker_serves_all_runs_fairly(runner):
    runs = [runner.create(SMALL.replace(seed=i)) for i in range(6)]
    for run in runs:
        runner.settle(run)
    for run in runs:
        runner.play(run)
    wait_for(lambda: min(steps(runner.run(run)) for run in runs) > 50)
    for run in runs:
        runner.pause(run)
    done = [runner.settle(run).step for run in runs]
    assert max(done) < 2 * min(done)


def test_a_caller_never_waits_for_a_training_step(make_runner):
    """Every command returns while a step that takes half a second is still running."""
    stepping = threading.Event()

    class Slow(GANTrainer):
        def step(self):
            stepping.set()
            time.sleep(0.5)
            return super().step()

    runner = make_runner(make_trainer=Slow)
    run = runner.create(SMALL)
    runner.settle(run)
    runner.play(run)
    assert stepping.wait(10)
    start = time.monotonic()
    runner.snapshot(run)
    runner.update(run, dropout=0.1)
    runner.attach(run)
    runner.detach(run)
    runner.pause(run)
    assert time.monotonic() - start < 0.4


class Exploding(GANTrainer):
    """Fails at step 3: an expected way or an unexpected one."""

    error: Exception = TrainingDiverged(Message("The generator's loss became nan."), 3)

    def step(self):
        if self.step_count == 2:
            raise self.error
        return super().step()


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (TrainingDiverged(Message("The generator's loss became nan."), 3), "The generator's loss became nan."),
        (ValueError(Message("Say {what}.", what="cheese")), "Say cheese."),
        (ZeroDivisionError("oops"), "Training stopped by an unexpected ZeroDivisionError: oops"),
    ],
)
def test_a_trainer_that_raises_stops_its_run_only(make_runner, error, message):
    def make(config):
        return (Exploding if config.seed == 7 else GANTrainer)(config)

    runner = make_runner(make_trainer=make)
    Exploding.error = error
    bad, good = runner.create(SMALL.replace(seed=7)), runner.create(SMALL)
    for run in (bad, good):
        runner.play(run)
    wait_for(lambda: runner.snapshot(bad) and runner.snapshot(bad).state == STOPPED)
    assert runner.snapshot(bad).message == message
    assert runner.snapshot(bad).step == 2
    before = steps(runner.run(good))
    wait_for(lambda: steps(runner.run(good)) > before + 20)
    assert runner.snapshot(good).state == PLAYING
    runner.reset(bad, SMALL)
    assert runner.settle(bad).state == PAUSED


def test_a_problem_is_only_what_stops_a_run(runner):
    run = runner.create(SMALL)
    runner.settle(run)
    assert runner.problem(run) == ""
    runner.run(run).state, runner.run(run).message = PAUSED, "Paused, because nobody has looked."
    assert runner.problem(run) == ""
    runner.release(run)
    with pytest.raises(RunGone):
        runner.problem(run)


def test_the_cap_gives_a_clear_sentence(make_runner):
    runner = make_runner(max_runs=2)
    runs = [runner.create(SMALL) for _ in range(2)]
    with pytest.raises(RunnerFull, match="All 2 places for training are taken"):
        runner.create(SMALL)
    runner.release(runs[0])
    runner.create(SMALL)


def test_a_visitor_who_has_gone_is_forgotten_after_the_grace_period(runner):
    run = runner.create(SMALL)
    runner.settle(run)
    trainer = weakref.ref(runner.run(run).trainer)
    runner.attach(run)
    runner.play(run)
    runner.detach(run)
    assert run in runner
    wait_for(lambda: run not in runner)
    with pytest.raises(RunGone, match="start a new one"):
        runner.snapshot(run)

    def freed():
        gc.collect()
        return trainer() is None

    wait_for(freed)


def test_a_blip_of_the_connection_loses_nothing(runner):
    run = runner.create(SMALL)
    runner.attach(run)
    runner.play(run)
    wait_for(lambda: steps(runner.run(run)) > 5)
    before = steps(runner.run(run))
    runner.detach(run)
    time.sleep(0.05)
    runner.attach(run)
    time.sleep(0.4)  # twice the grace period
    assert run in runner
    assert steps(runner.run(run)) >= before


def test_two_tabs_on_one_run_need_both_to_leave(runner):
    run = runner.create(SMALL)
    runner.attach(run)
    runner.attach(run)
    runner.detach(run)
    time.sleep(0.4)
    assert run in runner
    runner.detach(run)
    wait_for(lambda: run not in runner)


def test_detach_returns_at_once_and_forgives_a_run_that_is_gone(runner):
    run = runner.create(SMALL)
    runner.release(run)
    runner.detach(run)
    runner.release(run)


def test_a_question_may_be_withdrawn_and_a_release_withdraws_it(make_runner):
    """Neither stops the run, and nobody waits for ever."""
    busy, go_on = threading.Event(), threading.Event()

    def wait(trainer):
        busy.set()
        assert go_on.wait(20)

    runner = make_runner()
    run, other = runner.create(SMALL), runner.create(SMALL)
    running = runner.ask(run, wait)
    assert busy.wait(20)
    asked = []
    withdrawn = runner.ask(run, asked.append)
    left = runner.ask(other, asked.append)
    assert withdrawn.cancel()
    runner.release(other)
    with pytest.raises(CancelledError):
        left.result(20)
    go_on.set()
    assert running.result(20) is None
    assert runner.settle(run).state == PAUSED
    assert asked == []
    with pytest.raises(RunGone):
        runner.ask(other, asked.append)


DEAR = SMALL.replace(width=512, depth=6, batch_size=8192)


def test_a_run_beyond_the_budget_is_refused_however_it_is_asked_for(runner):
    with pytest.raises(TooDear, match="asks too much of this server"):
        runner.create(DEAR)
    assert len(runner) == 0
    run = runner.create(SMALL)
    with pytest.raises(TooDear):
        runner.reset(run, DEAR)
    runner.budget = Budget(seconds=1.0001 * estimate(SMALL).seconds)
    with pytest.raises(TooDear) as refused:
        runner.update(run, d_steps=10)
    assert refused.value.args[0].values["name"] == "d_steps"
    assert runner.config(run) == SMALL
    runner.update(run, dropout=0.0)
    runner.budget = Budget(seconds=1e6, megabytes=1e6)
    runner.release(runner.create(DEAR))


def test_ids_are_long_and_of_no_pattern(runner):
    ids = [runner.create(SMALL) for _ in range(20)]
    assert all(len(i) == 22 for i in ids)  # 128 bits
    assert len({i[:6] for i in ids}) == 20


def test_only_a_run_that_waits_for_its_visitor_can_be_found_again(make_runner):
    runner = make_runner(grace_seconds=60)
    run = runner.create(SMALL)
    runner.attach(run)
    assert runner.deserted([run], SMALL) is None
    runner.detach(run)
    assert runner.deserted(["unknown", run], SMALL) == run
    assert runner.deserted([run], SMALL.replace(seed=7)) is None  # another experiment
    runner.update(run, dropout=0.5)
    assert runner.deserted([run], SMALL.replace(dropout=0.5)) == run
    runner.attach(run)  # it is not released while somebody is back
    assert runner.deserted([run], runner.config(run)) is None
    assert runner.deserted([], SMALL) is None


# ---- keys, and places ----


def test_a_key_opens_its_run_and_the_watch_key_only_to_watch(runner):
    one, two = runner.create(SMALL), runner.create(SMALL)
    watch = runner.watch_key(one)
    assert runner.find(one) == (one, True)
    assert runner.find(watch) == (one, False)
    assert runner.watch_key(one) == watch  # it stays the same
    assert len({one, two, watch, runner.watch_key(two)}) == 4
    for nobody in ("", "nobody", one[:-1], watch + "=", "é", watch + "\ud800"):
        with pytest.raises(RunGone, match="start a new one"):
            runner.find(nobody)
    runner.release(one)
    for key in (one, watch):
        with pytest.raises(RunGone):
            runner.find(key)
    with pytest.raises(RunGone):
        runner.watch_key(one)


@pytest.fixture
def clock(monkeypatch):
    """The runner's time, moved by the test; its timers have their own."""
    made = types.SimpleNamespace(now=1000.0, monotonic=lambda: made.now)
    monkeypatch.setattr("gan_core.runner.time", made)
    return made


def test_a_full_house_lets_the_run_go_that_was_deserted_the_longest(make_runner, clock):
    runner = make_runner(max_runs=3, grace_seconds=60, keep_seconds=600)
    runs = [runner.create(SMALL) for _ in range(3)]
    for run in runs:
        runner.attach(run)
    for run in (runs[1], runs[0]):
        clock.now += 10
        runner.detach(run)
    with pytest.raises(RunnerFull, match="All 3 places"):  # both may come back yet
        runner.create(SMALL)
    clock.now += 55  # now the first of them has had its grace
    runs.append(runner.create(SMALL))
    assert [run in runner for run in runs] == [True, False, True, True]
    clock.now += 10
    runner.attach(runs[3])
    runs.append(runner.create(SMALL))
    assert [run in runner for run in runs] == [False, False, True, True, True]
    clock.now += 10
    with pytest.raises(RunnerFull):
        runner.create(SMALL)
    clock.now += 1000
    runs.append(runner.create(SMALL))  # nobody has ever come to the fifth
    assert [run in runner for run in runs] == [False, False, True, True, False, True]


def test_nobody_is_sent_away_while_there_is_room(make_runner, clock):
    runner = make_runner(max_runs=2, grace_seconds=60, keep_seconds=600)
    run = runner.create(SMALL)
    clock.now += 10_000
    other = runner.create(SMALL)
    assert run in runner
    assert other in runner


def test_a_deserted_run_is_paused_after_its_grace_and_kept(make_runner):
    runner = make_runner(grace_seconds=0.1, keep_seconds=60)
    run = runner.create(SMALL)
    runner.attach(run)
    runner.play(run)
    wait_for(lambda: steps(runner.run(run)) > 5)
    runner.detach(run)
    wait_for(lambda: runner.run(run).state == PAUSED)
    step = runner.settle(run).step
    assert run in runner
    assert runner.deserted([run], SMALL) == run
    runner.attach(run)
    assert runner.settle(run).step == step


def test_a_visitor_who_is_back_is_not_paused_by_the_old_grace(make_runner):
    runner = make_runner(grace_seconds=60, keep_seconds=60)
    run = runner.create(SMALL)
    runner.attach(run)
    runner.play(run)
    runner.detach(run)
    runner.attach(run)
    runner._pause_if_alone(run)  # the timer was too late to be called off
    runner._release_if_alone(run)
    assert runner.settle(run).state == PLAYING
    assert run in runner
