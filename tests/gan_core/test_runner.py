"""Runs in the background: order, fairness, coming and going, errors."""

import gc
import math
import threading
import time
import weakref
from concurrent.futures import CancelledError

import numpy as np
import pytest

from gan_core.config import TrainConfig
from gan_core.images import data as image_data
from gan_core.images import warm_starts
from gan_core.images.metrics import ImageEvaluation
from gan_core.images.problem import ImageTrainer
from gan_core.messages import Message
from gan_core.plane_view import view_plane
from gan_core.runner import PAUSED, PLAYING, STOPPED, RunGone, Runner, RunnerFull
from gan_core.training import GANTrainer, TrainingDiverged

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
    view = view_plane(trainer, trainer.evaluate())
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
        (TrainingDiverged(Message("The generator's loss became nan.")), "The generator's loss became nan."),
        (ValueError(Message("Say {what}.", what="cheese")), "Say cheese."),
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


# ---- questions ----


def test_a_question_is_answered_between_two_slices(runner):
    run = runner.create(SMALL)
    runner.step(run, 30)
    answer = runner.ask(run, lambda trainer: (trainer.step_count, threading.current_thread().name))
    steps_done, thread = answer.result(20)
    assert thread.startswith("trainer")
    assert 0 <= steps_done <= 30
    runner.settle(run)
    assert runner.ask(run, lambda trainer: trainer.step_count).result(20) == 30


def test_questions_do_not_disturb_a_playing_run(runner):
    run = runner.create(SMALL)
    runner.play(run)
    wait_for(lambda: steps(runner, run) > 5)
    for _ in range(20):
        runner.ask(run, lambda trainer: trainer.sample(5)).result(20)
    runner.pause(run)
    at = runner.settle(run).step
    assert runner.snapshot(run).state == PAUSED
    by_hand = GANTrainer(SMALL)
    for _ in range(at):
        by_hand.step()
    np.testing.assert_array_equal(runner.snapshot(run).samples, by_hand.sample(300))


def test_a_question_makes_no_new_snapshot(runner):
    """Nothing has changed, and on images a snapshot costs as much as ten steps."""
    run = runner.create(SMALL)
    runner.settle(run)
    wait_for(lambda: not runner._get(run).scheduled)
    version = runner._get(run).snapshot.version
    for _ in range(3):
        runner.ask(run, lambda trainer: trainer.sample(5)).result(20)
    assert runner._get(run).snapshot.version == version


def test_an_exception_of_a_question_is_its_own_affair(runner):
    run = runner.create(SMALL)
    runner.play(run)
    answer = runner.ask(run, lambda trainer: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        answer.result(20)
    before = steps(runner, run)
    wait_for(lambda: steps(runner, run) > before)
    assert runner.snapshot(run).state == PLAYING
    assert runner.problem(run) == ""


def test_a_question_may_be_withdrawn_and_a_release_withdraws_it():
    """Neither stops the run, and nobody waits for ever."""
    busy, go_on = threading.Event(), threading.Event()

    def wait(trainer):
        busy.set()
        assert go_on.wait(20)

    runner = Runner(workers=1)
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
    runner.shutdown()


# ---- trainers that cannot be built ----

DIGITS = TrainConfig(target="digits", architecture="tiny", latent_dim=8, batch_size=16)


def no_mnist(monkeypatch, tmp_path):
    monkeypatch.delenv("MNIST_DIR", raising=False)
    monkeypatch.setattr(image_data, "_cache", lambda: tmp_path)
    return DIGITS.replace(target="mnist"), "MNIST is not on this machine yet"


def no_such_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("MNIST_DIR", str(tmp_path))
    return DIGITS.replace(target="mnist"), "MNIST_DIR names the folder"


def no_warm_start(monkeypatch, tmp_path):
    monkeypatch.setattr(warm_starts, "FOLDER", tmp_path)
    warm_starts.load.cache_clear()
    return DIGITS.replace(
        architecture="note", latent_dim=100, warm_start="late"
    ), "The warm start note_late.safetensors"


def another_network(monkeypatch, tmp_path):
    return DIGITS.replace(warm_start="late"), "These weights belong to the note's network"


@pytest.fixture(params=[no_mnist, no_such_folder, no_warm_start, another_network], ids=lambda f: f.__name__)
def impossible(request, monkeypatch, tmp_path):
    """A config whose trainer cannot be built, and how the sentence about it begins."""
    return request.param(monkeypatch, tmp_path)


def test_a_run_that_cannot_begin_says_why(runner, impossible):
    config, sentence = impossible
    run = runner.create(config)
    wait_for(lambda: runner.problem(run))
    problem = runner.problem(run)
    assert isinstance(problem, Message)
    assert problem.startswith(sentence)
    assert runner.snapshot(run) is None
    # nothing brings it to life, and nothing hides what is wrong
    runner.play(run)
    runner.step(run, 3)
    runner.update(run, dropout=0.5)
    runner.set_speed(run, 10)
    with pytest.raises(RuntimeError) as caught:
        runner.ask(run, lambda trainer: trainer.step_count).result(20)
    assert caught.value.args[0] == problem
    with pytest.raises(RuntimeError) as caught:
        runner.settle(run)
    assert caught.value.args[0] == problem
    runner.pause(run)
    assert runner.problem(run) == problem
    assert runner.snapshot(run) is None
    # another config does
    runner.reset(run, SMALL)
    snapshot = runner.settle(run)
    assert (snapshot.step, snapshot.state, snapshot.message) == (0, PAUSED, "")
    assert runner.problem(run) == ""


def test_commands_on_their_way_do_not_wake_a_run_that_cannot_begin(runner, impossible):
    """The worker sees them before or after the failure; it must not spin over a run without a trainer."""
    config, sentence = impossible
    run = runner.create(config)
    runner.play(run)
    runner.step(run)
    runner.play(run)
    wait_for(lambda: runner.problem(run))
    time.sleep(0.1)
    assert runner.problem(run).startswith(sentence)
    assert runner._get(run).state == STOPPED
    assert not runner._get(run).scheduled
    other = runner.create(SMALL)
    runner.step(other, 10)
    assert runner.settle(other).step == 10


def test_a_reset_to_the_impossible_takes_the_old_picture_away(runner, impossible):
    """It would belong to other settings; and the versions of pictures go on growing."""
    config, sentence = impossible
    run = runner.create(SMALL)
    runner.play(run)
    wait_for(lambda: steps(runner, run) > 5)
    version = runner.snapshot(run).version
    runner.reset(run, config)
    wait_for(lambda: runner.problem(run))
    assert runner.problem(run).startswith(sentence)
    assert runner.snapshot(run) is None
    runner.reset(run, SMALL)
    assert runner.settle(run).version > version


def test_a_run_that_cannot_be_measured_can_be_reset():
    class Unmeasurable(GANTrainer):
        def step(self):
            self.evaluate = lambda: 1 / 0
            return super().step()

    runner = Runner(workers=1, make_trainer=lambda c: (Unmeasurable if c.seed == 7 else GANTrainer)(c))
    run = runner.create(SMALL.replace(seed=7))
    version = runner.settle(run).version
    runner.step(run, 30)
    wait_for(lambda: runner.problem(run))
    assert "unexpected ZeroDivisionError" in runner.problem(run)
    wait_for(lambda: runner.snapshot(run).state == STOPPED)
    assert runner.snapshot(run).message == runner.problem(run)
    assert runner.snapshot(run).version > version
    runner.reset(run, SMALL)
    assert runner.settle(run).step == 0
    runner.shutdown()


def test_a_problem_is_only_what_stops_a_run(runner):
    run = runner.create(SMALL)
    runner.settle(run)
    assert runner.problem(run) == ""
    runner._get(run).state, runner._get(run).message = PAUSED, "Paused, because nobody has looked."
    assert runner.problem(run) == ""
    runner.release(run)
    with pytest.raises(RunGone):
        runner.problem(run)


# ---- images ----


def test_a_run_on_images_is_pictured(runner):
    run = runner.create(DIGITS)
    runner.step(run, 3)
    snapshot = runner.settle(run)
    trainer = GANTrainer(DIGITS)
    for _ in range(3):
        trainer.step()
    view = trainer.view()
    assert snapshot.view.fakes.step == 3
    np.testing.assert_array_equal(snapshot.view.fakes.pixels, view.fakes.pixels)
    np.testing.assert_array_equal(snapshot.view.real_opinions, view.real_opinions)
    np.testing.assert_array_equal(snapshot.real, trainer.real)
    assert snapshot.samples.size == 0
    assert isinstance(snapshot.evaluation, ImageEvaluation)
    assert snapshot.evaluation.frechet == trainer.evaluate().frechet  # of now, since it stands still
    assert snapshot.diagnosis.values["frechet"] == snapshot.evaluation.frechet
    assert tuple(snapshot.history) == ImageTrainer.HISTORY_COLUMNS


def test_a_playing_run_on_images_shows_the_last_evaluation_of_its_history(runner):
    run = runner.create(DIGITS)
    runner.settle(run)
    own = runner._get(run)
    trainer = own.trainer
    trainer.step()
    own.state, own.rate = PLAYING, 0.001
    assert runner._evaluation(own, trainer) is trainer.last_evaluation[1]
    own.state = PAUSED
    assert runner._evaluation(own, trainer) is not trainer.last_evaluation[1]


def test_divergence_on_images_can_be_played_on(runner):
    run = runner.create(DIGITS)
    runner.step(run, 2)
    runner.settle(run)
    runner._get(run).trainer.discriminator.flat.fill_(math.nan)
    runner.play(run)
    wait_for(lambda: runner.problem(run))
    assert "put back to step 0" in runner.problem(run)
    wait_for(lambda: runner.snapshot(run).state == STOPPED)
    assert math.isfinite(runner.snapshot(run).evaluation.frechet)
    runner.play(run)
    wait_for(lambda: steps(runner, run) > 10)
    assert runner.problem(run) == ""
