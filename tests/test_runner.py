"""Runs in the background: order, fairness, coming and going, errors."""

import gc
import math
import threading
import time
import weakref

import numpy as np
import pytest

from gan_core.runner import PAUSED, PLAYING, STOPPED, RunGone, Runner, RunnerFull
from gan_core.training import GANTrainer, TrainConfig, TrainingDiverged
from gan_core.views import view_2d

SMALL = TrainConfig(width=8, batch_size=16)


@pytest.fixture
def runner():
    instance = Runner(workers=1, slice_seconds=0.01, grace_seconds=0.2)
    yield instance
    instance.shutdown()


def wait_for(condition, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def steps(runner, run):
    snapshot = runner.snapshot(run)
    return snapshot.step if snapshot else 0


def test_a_new_run_stands_at_step_zero(runner):
    snapshot = runner.settle(runner.create(SMALL))
    assert (snapshot.step, snapshot.state, snapshot.message) == (0, PAUSED, "")
    assert snapshot.diagnosis.key == "start"


def test_steps_in_the_background_equal_steps_by_hand(runner):
    run = runner.create(SMALL)
    for n in (1, 10, 100):
        runner.step(run, n)
    snapshot = runner.settle(run)
    trainer = GANTrainer(SMALL)
    for _ in range(111):
        trainer.step()
    assert snapshot.step == 111
    np.testing.assert_array_equal(snapshot.samples, trainer.sample(300))
    for name, column in trainer.history.arrays().items():
        np.testing.assert_array_equal(snapshot.history[name], column)


def test_a_run_in_the_plane_is_pictured(runner):
    config = SMALL.replace(target="ring_8", latent_dim=2)
    snapshot = runner.settle(runner.create(config))
    trainer = GANTrainer(config)
    view = view_2d(trainer, trainer.evaluate())
    for name in ("p_g", "d", "arrows", "manifold", "latent_mode"):
        np.testing.assert_array_equal(getattr(snapshot.view, name), getattr(view, name))
    assert runner.settle(runner.create(SMALL)).view is None


def test_play_and_pause(runner):
    run = runner.create(SMALL)
    runner.play(run)
    wait_for(lambda: steps(runner, run) > 20)
    assert runner.snapshot(run).state == PLAYING
    runner.pause(run)
    at = runner.settle(run).step
    time.sleep(0.1)
    assert runner.settle(run).step == at
    assert runner.settle(run).steps_per_second == 0


def test_update_acts_on_the_running_trainer_and_leaves_a_mark(runner):
    run = runner.create(SMALL)
    runner.play(run)
    wait_for(lambda: steps(runner, run) > 5)
    assert runner.update(run, dropout=0.5).dropout == 0.5
    assert runner.config(run).dropout == 0.5
    snapshot = runner.settle(run)
    assert snapshot.config.dropout == 0.5
    assert snapshot.step > 5
    assert snapshot.marks[0][1] == "dropout 0.5"


def test_a_bad_update_is_refused_at_once_and_changes_nothing(runner):
    run = runner.create(SMALL)
    with pytest.raises(ValueError, match="lr_g = 5 is not possible: choose a number from 0 to"):
        runner.update(run, lr_g=5)
    with pytest.raises(ValueError, match="at least 1"):
        runner.step(run, 0)
    assert runner.settle(run).config == SMALL


def test_reset_gives_the_same_history_again(runner):
    run = runner.create(SMALL)
    runner.step(run, 40)
    first = runner.settle(run)
    runner.reset(run)
    assert runner.settle(run).step == 0
    runner.step(run, 40)
    second = runner.settle(run)
    np.testing.assert_array_equal(first.samples, second.samples)
    assert second.version > first.version


def test_reset_to_another_config_goes_on_playing(runner):
    run = runner.create(SMALL)
    runner.play(run)
    wait_for(lambda: steps(runner, run) > 5)
    runner.reset(run, SMALL.replace(target="gaussian"))
    wait_for(lambda: runner.snapshot(run).config.target == "gaussian" and steps(runner, run) > 5)
    assert runner.snapshot(run).state == PLAYING


def test_speed_is_capped(runner):
    run = runner.create(SMALL)
    runner.settle(run)
    runner.set_speed(run, 50)
    start = time.monotonic()
    runner.play(run)
    wait_for(lambda: steps(runner, run) >= 20)
    elapsed = time.monotonic() - start
    assert steps(runner, run) <= 50 * elapsed + 5
    runner.set_speed(run, 0)
    before, start = steps(runner, run), time.monotonic()
    wait_for(lambda: steps(runner, run) > before + 200)
    assert 200 / (time.monotonic() - start) > 50


def test_one_worker_serves_all_runs_fairly(runner):
    runs = [runner.create(SMALL.replace(seed=i)) for i in range(6)]
    for run in runs:
        runner.settle(run)
    for run in runs:
        runner.play(run)
    wait_for(lambda: min(steps(runner, run) for run in runs) > 50)
    for run in runs:
        runner.pause(run)
    done = [runner.settle(run).step for run in runs]
    assert max(done) < 2 * min(done)


def test_snapshots_are_made_only_for_those_who_look(runner):
    run = runner.create(SMALL)
    runner.play(run)
    wait_for(lambda: runner.snapshot(run) is not None)
    time.sleep(0.2)
    version = runner.snapshot(run).version
    time.sleep(0.3)  # many slices, but the last snapshot was read only once
    assert runner.snapshot(run).version == version + 1


def test_a_snapshot_does_not_change_afterwards(runner):
    run = runner.create(SMALL)
    snapshot = runner.settle(run)
    samples, rows = snapshot.samples.copy(), len(snapshot.history["step"])
    runner.step(run, 100)
    runner.settle(run)
    np.testing.assert_array_equal(snapshot.samples, samples)
    assert len(snapshot.history["step"]) == rows


def test_the_cap_gives_a_clear_sentence():
    runner = Runner(workers=1, max_runs=2)
    runs = [runner.create(SMALL) for _ in range(2)]
    with pytest.raises(RunnerFull, match="All 2 places for training are taken"):
        runner.create(SMALL)
    runner.release(runs[0])
    runner.create(SMALL)
    runner.shutdown()


def test_a_visitor_who_has_gone_is_forgotten_after_the_grace_period(runner):
    run = runner.create(SMALL)
    runner.settle(run)
    trainer = weakref.ref(runner._get(run).trainer)
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
    wait_for(lambda: steps(runner, run) > 5)
    before = steps(runner, run)
    runner.detach(run)
    time.sleep(0.05)
    runner.attach(run)
    time.sleep(0.4)  # twice the grace period
    assert run in runner
    assert steps(runner, run) >= before


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


def test_a_run_nobody_looks_at_is_paused():
    runner = Runner(workers=1, unread_seconds=0.2)
    run = runner.create(SMALL)
    runner.settle(run)
    runner.play(run)
    wait_for(lambda: runner._get(run).message)
    snapshot = runner.settle(run)
    assert snapshot.state == PAUSED
    assert "nobody has looked" in snapshot.message
    runner.play(run)
    assert runner.settle(run).message == ""
    runner.shutdown()


class Exploding(GANTrainer):
    """Fails at step 3: an expected way or an unexpected one."""

    error: Exception = TrainingDiverged("The generator's loss became nan.")

    def step(self):
        if self.step_count == 2:
            raise self.error
        return super().step()


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (TrainingDiverged("The generator's loss became nan."), "The generator's loss became nan."),
        (ZeroDivisionError("oops"), "Training stopped by an unexpected ZeroDivisionError: oops"),
    ],
)
def test_a_trainer_that_raises_stops_its_run_only(error, message):
    def make(config):
        return (Exploding if config.seed == 7 else GANTrainer)(config)

    runner = Runner(workers=1, make_trainer=make)
    Exploding.error = error
    bad, good = runner.create(SMALL.replace(seed=7)), runner.create(SMALL)
    for run in (bad, good):
        runner.play(run)
    wait_for(lambda: runner.snapshot(bad) and runner.snapshot(bad).state == STOPPED)
    assert runner.snapshot(bad).message == message
    assert runner.snapshot(bad).step == 2
    before = steps(runner, good)
    wait_for(lambda: steps(runner, good) > before + 20)
    assert runner.snapshot(good).state == PLAYING
    runner.reset(bad, SMALL)
    assert runner.settle(bad).state == PAUSED
    runner.shutdown()


def test_a_diverged_run_can_be_played_on():
    runner = Runner(workers=1)
    run = runner.create(SMALL)
    runner.step(run, 10)
    runner.settle(run)
    runner._get(run).trainer.generator.flat[0] = math.nan
    runner.play(run)
    wait_for(lambda: runner.snapshot(run).state == STOPPED)
    assert "put back to step" in runner.snapshot(run).message
    runner.play(run)
    wait_for(lambda: steps(runner, run) > 30)
    assert math.isfinite(runner.snapshot(run).evaluation.jsd)
    runner.shutdown()


def test_a_caller_never_waits_for_a_training_step():
    """Every command returns while a step that takes half a second is still running."""
    stepping = threading.Event()

    class Slow(GANTrainer):
        def step(self):
            stepping.set()
            time.sleep(0.5)
            return super().step()

    runner = Runner(workers=1, make_trainer=Slow)
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
    runner.shutdown()


def test_in_2d_a_playing_run_may_show_an_evaluation_of_a_moment_ago_and_a_paused_one_does_not():
    runner = Runner(workers=1)
    run = runner.create(TrainConfig(target="ring_8", latent_dim=2, width=8, batch_size=32, ema_decay=0.9))
    runner.step(run, 33)
    snapshot = runner.settle(run)
    trainer = runner._runs[run].trainer
    assert trainer.last_evaluation[0] == 20
    assert snapshot.evaluation.jsd == trainer.evaluate().jsd
    runner._runs[run].rate, runner._runs[run].state = 100.0, "playing"  # 33 - 20 steps: 0.13 s ago
    assert runner._evaluation(runner._runs[run], trainer) is trainer.last_evaluation[1]
    runner._runs[run].rate = 10.0
    assert runner._evaluation(runner._runs[run], trainer) is not trainer.last_evaluation[1]
    runner.shutdown()
