"""A run that goes on from a state of its recording does exactly what it did from there, until something is changed."""

import itertools

import numpy as np
import pytest
import torch

from gan_core.recording import ROOMS, Room
from gan_core.snapshot import PAUSED
from gan_core.training import GANTrainer
from tests.gan_core.experiments import SMALL, trained
from tests.gan_core.filming import KINDS, RICH, Studio
from tests.gan_core.images.experiments import TINY
from tests.gan_core.test_saving import assert_same

BRANCHED = RICH | {
    "Adam with momentum": SMALL.replace(beta1=0.5, ema_decay=0.9, ema_warm_up=True, lr_decay_steps=200),
    "noise on images": TINY.replace(instance_noise=0.1, r1_gamma=0.1, lr_decay_steps=300),
}  # fmt: skip


def states(trainer, steps):
    """The training at each of these steps."""
    found = {}
    for step in range(trainer.step_count, max(steps) + 1):
        if step in steps:
            found[step] = trainer.state()
        if step < max(steps):
            trainer.step()
    return found


def changed(studio):
    """A run to step 160, with live changes before every state that it keeps."""
    studio.do(30)
    studio.run.update(lr_g=5e-4, dropout=0.25, instance_noise=0.1)
    studio.do(40)
    studio.run.update(ema_decay=0.8, r1_gamma=0.3)
    studio.do(45)
    studio.do(45)
    return studio


@pytest.mark.parametrize("kind", BRANCHED)
def test_without_a_change_a_branch_repeats_the_run_bit_for_bit(kind):
    """Weights, optimizers, random numbers, marks and curves."""
    studio = changed(Studio(BRANCHED[kind]))
    run, last = studio.run, studio.run.trainer.state()
    start = run.recording.nearest_start(160)
    assert 100 <= start.step < 160
    config = run.branch(159)
    studio.work()
    assert config == run.config == run.trainer.config == start.config
    assert (config.lr_g, config.ema_decay, config.r1_gamma) == (5e-4, 0.8, 0.3)
    assert (run.trainer.step_count, run.state) == (start.step, PAUSED)
    assert len(run.trainer.marks) >= 4
    at_start = run.trainer.state()
    for name in ("generator", "averaged", "discriminator"):
        assert torch.equal(getattr(at_start, name), getattr(start.state, name))
    studio.do(160 - start.step)
    assert_same(run.trainer.state(), last)


@pytest.mark.parametrize("kind", KINDS)
def test_a_branch_from_the_beginning_is_the_same_training_without_its_changes(kind):
    studio = changed(Studio(KINDS[kind]))
    config = studio.run.branch(20)
    studio.work()
    assert config == KINDS[kind]
    assert studio.run.trainer.step_count == 0
    studio.do(40)
    assert_same(studio.run.trainer.state(), trained(40, KINDS[kind]).state())


def test_a_branch_goes_another_way_after_a_change():
    studio = changed(Studio(SMALL))
    last, start = studio.run.trainer.state(), studio.run.recording.nearest_start(160)
    studio.run.branch(160)
    studio.run.update(lr_d=1e-2)  # at once, before the branch is there
    studio.do(160 - start.step)
    assert not torch.equal(studio.run.trainer.state().discriminator, last.discriminator)
    assert [str(mark) for mark in studio.run.trainer.marks if mark.step == start.step] == ["lr_d 0.01"]
    oracle = GANTrainer(start.config)
    oracle.resume(start.state.with_history(studio.run.ghost.until(start.step).curves))
    oracle.update(lr_d=1e-2)
    while oracle.step_count < 160:
        oracle.step()
    assert_same(studio.run.trainer.state(), oracle.state())


def test_the_run_until_now_becomes_the_ghost():
    studio = changed(Studio(SMALL))
    before, n = studio.run.recording, len(studio.run.recording.moments)
    studio.run.branch(160)
    studio.work()
    run = studio.run
    start = before.nearest_start(160).step
    assert run.ghost is before
    assert (run.ghost.steps[-1], len(run.ghost.moments)) == (160, n)
    assert run.recording.branched_at == run.recording.last_step == start
    assert run.recording.steps == tuple(step for step in before.steps if step <= start)
    assert run.recording.starts == (0, start)
    studio.do(10)
    assert run.recording.steps[-1] == start + 10
    assert before.steps[-1] == 160


def test_a_branch_of_a_branch_repeats_it_too():
    studio = changed(Studio(SMALL))
    studio.run.branch(160)
    studio.run.update(lr_d=1e-2)
    for _ in range(4):
        studio.do(40)
    last, step = studio.run.trainer.state(), studio.run.trainer.step_count
    start = studio.run.recording.nearest_start(step)
    assert start.step >= 200
    studio.run.branch(step)
    studio.do(step - start.step)
    assert_same(studio.run.trainer.state(), last)
    assert studio.run.recording.branched_at == start.step


def test_a_state_is_exact_even_after_the_history_was_thinned():
    """Its curves are those of later, with fewer rows."""
    studio = Studio(SMALL)
    studio.run.trainer.history.capacity = 6
    for _ in range(20):
        studio.do(20)
    last = studio.run.trainer.state()
    assert studio.run.trainer.history.stride == 80
    start = studio.run.recording.nearest_start(210)
    assert start.state.stride < 80
    studio.run.branch(210)
    studio.work()
    studio.run.trainer.history.capacity = 6
    studio.do(400 - start.step)
    assert_same(studio.run.trainer.state(), last)


def test_where_no_state_has_room_a_branch_begins_at_the_beginning(monkeypatch):
    monkeypatch.setitem(ROOMS, "line", Room(100_000, 0))
    studio = changed(Studio(SMALL))
    assert studio.run.recording.starts == (0,)
    studio.run.branch(160)
    studio.do(7)
    assert_same(studio.run.trainer.state(), trained(7).state())


def test_states_come_as_the_steps_do():
    studio = Studio(SMALL)
    for _ in range(60):
        studio.do(25)
    starts = studio.run.recording.starts
    assert all(a < b for a, b in itertools.pairwise(starts))
    assert np.diff(starts).max() <= 2 * np.diff(starts)[1:].min()


def test_branching_starts_a_stopped_run_again():
    studio = changed(Studio(SMALL))
    studio.run.ask(lambda trainer: trainer.discriminator.flat.fill_(torch.nan))
    studio.do(5)
    assert studio.run.why_stopped
    studio.run.branch(130)
    studio.work()
    assert (studio.run.why_stopped, studio.run.state) == ("", PAUSED)
    studio.do(5)
    assert studio.run.trainer.state().finite
