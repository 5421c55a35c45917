"""A run that stops by an error: its trainer diverges, cannot be measured or cannot be built."""

import math
import time

import pytest

from gan_core.images import mnist, warm_starts
from gan_core.messages import Message
from gan_core.run import PAUSED, STOPPED
from gan_core.training import GANTrainer
from tests.gan_core.background import DIGITS, SMALL, steps, wait_for


def test_a_diverged_run_can_be_played_on(start):
    run = start(SMALL)
    run.step(10)
    run.settle()
    run.trainer.generator.flat[0] = math.nan
    run.play()
    wait_for(lambda: run.snapshot().state == STOPPED)
    assert "put back to step" in run.snapshot().message
    run.play()
    wait_for(lambda: steps(run) > 30)
    assert math.isfinite(run.snapshot().evaluation.jsd)


def test_divergence_on_images_can_be_played_on(start):
    run = start(DIGITS)
    run.step(2)
    run.settle()
    run.trainer.discriminator.flat.fill_(math.nan)
    run.play()
    wait_for(lambda: run.why_stopped)
    assert "put back to step 0" in run.why_stopped
    wait_for(lambda: run.snapshot().state == STOPPED)
    assert math.isfinite(run.snapshot().evaluation.frechet)
    run.play()
    wait_for(lambda: steps(run) > 10)
    assert run.why_stopped == ""


def test_a_run_that_cannot_be_measured_can_be_reset(start):
    class Unmeasurable(GANTrainer):
        def step(self):
            self.evaluate = lambda: 1 / 0
            return super().step()

    run = start(SMALL.replace(seed=7), make_trainer=lambda c: (Unmeasurable if c.seed == 7 else GANTrainer)(c))
    version = run.settle().version
    run.step(30)
    wait_for(lambda: run.why_stopped)
    assert "unexpected ZeroDivisionError" in run.why_stopped
    wait_for(lambda: run.snapshot().state == STOPPED)
    assert run.snapshot().message == run.why_stopped
    assert run.snapshot().version > version
    run.reset(SMALL)
    assert run.settle().step == 0


def no_mnist(monkeypatch, tmp_path):
    monkeypatch.delenv("MNIST_DIR", raising=False)
    monkeypatch.setattr(mnist, "cache", lambda: tmp_path)
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


def test_a_run_that_cannot_begin_says_why(start, impossible):
    config, sentence = impossible
    run = start(config)
    wait_for(lambda: run.why_stopped)
    problem = run.why_stopped
    assert isinstance(problem, Message)
    assert problem.startswith(sentence)
    assert run.snapshot() is None
    # nothing brings it to life, and nothing hides what is wrong
    run.play()
    run.step(3)
    run.update(dropout=0.5)
    run.set_speed(10)
    with pytest.raises(RuntimeError) as caught:
        run.ask(lambda trainer: trainer.step_count).result(20)
    assert caught.value.args[0] == problem
    with pytest.raises(RuntimeError) as caught:
        run.settle()
    assert caught.value.args[0] == problem
    run.pause()
    assert run.why_stopped == problem
    assert run.snapshot() is None
    # another config does
    run.reset(SMALL)
    snapshot = run.settle()
    assert (snapshot.step, snapshot.state, snapshot.message) == (0, PAUSED, "")
    assert run.why_stopped == ""


def test_commands_on_their_way_do_not_wake_a_run_that_cannot_begin(start, impossible):
    """The worker sees them before or after the failure; it must not spin over a run without a trainer."""
    config, sentence = impossible
    run = start(config)
    run.play()
    run.step()
    run.play()
    wait_for(lambda: run.why_stopped)
    time.sleep(0.1)
    assert run.why_stopped.startswith(sentence)
    assert run.state == STOPPED
    assert not run.scheduled
    other = start(SMALL)
    other.step(10)
    assert other.settle().step == 10


def test_a_reset_to_the_impossible_takes_the_old_picture_away(start, impossible):
    """It would belong to other settings; and the versions of pictures go on growing."""
    config, sentence = impossible
    run = start(SMALL)
    run.play()
    wait_for(lambda: steps(run) > 5)
    version = run.snapshot().version
    run.reset(config)
    wait_for(lambda: run.why_stopped)
    assert run.why_stopped.startswith(sentence)
    assert run.snapshot() is None
    run.reset(SMALL)
    assert run.settle().version > version
