"""Two trainings with one Play: the same seed, the same steps, other settings."""

from collections import deque

import pytest
import torch

from gan_core import GANTrainer, Run, TrainConfig
from gan_core.messages import Message
from gan_core.training import TrainingDiverged
from gan_core.twin import twin_of

SMALL = TrainConfig(width=8, depth=1, batch_size=32)


class Table:
    """A run whose turns are taken by hand."""

    def __init__(self, config=SMALL, **args):
        self.queue = deque()
        self.run = Run(config, schedule=self.queue.append, **args)
        self.work()

    def work(self):
        while self.queue:
            self.queue.popleft()()
            self.run.snapshot()

    def step(self, n):
        self.run.step(n)
        self.work()


def trained(config, steps):
    trainer = GANTrainer(config)
    for _ in range(steps):
        trainer.step()
    return trainer


def test_both_do_the_same_steps_and_each_is_what_it_would_be_alone():
    table = Table()
    theirs = table.run.start_twin(loss="minimax", lr_d=1e-3)
    table.work()
    table.step(40)
    assert theirs == SMALL.replace(loss="minimax", lr_d=1e-3)
    assert table.run.latest.step == table.run.twin.latest.step == 40
    assert table.run.latest.evaluation.jsd == pytest.approx(trained(SMALL, 40).evaluate().jsd, abs=1e-12)
    assert table.run.twin.latest.evaluation.jsd == pytest.approx(trained(theirs, 40).evaluate().jsd, abs=1e-12)
    assert table.run.recording.steps == table.run.twin.recording.steps


def test_a_live_change_reaches_the_one_it_is_meant_for():
    table = Table()
    table.run.start_twin(lr_d=1e-3)
    table.work()
    table.run.update(of_twin=True, lr_g=1e-4)
    table.run.update(dropout=0.2)
    table.work()
    assert table.run.config == table.run.trainer.config == SMALL.replace(dropout=0.2)
    assert table.run.twin.config == table.run.twin.latest.config == SMALL.replace(lr_d=1e-3, lr_g=1e-4)
    assert list(table.run.twin_configs) == [SMALL.replace(lr_d=1e-3), table.run.twin.config]


def test_starting_again_keeps_what_is_different():
    table = Table()
    table.run.start_twin(loss="minimax")
    table.work()
    table.step(10)
    table.run.reset(SMALL.replace(seed=7, lr_g=1e-3))
    table.work()
    assert table.run.twin.config == SMALL.replace(seed=7, lr_g=1e-3, loss="minimax")
    assert table.run.twin.latest.step == table.run.latest.step == 0
    table.run.reset(SMALL.replace(loss="minimax"))  # now they are the same
    table.work()
    assert table.run.twin.config == table.run.config


def test_one_that_goes_on_alone_has_the_others_film_as_its_ghost():
    table = Table()
    table.run.start_twin(loss="minimax")
    table.work()
    table.step(30)
    table.run.end_twin()
    table.work()
    assert table.run.twin is None
    assert table.run.ghost.last_step == 30
    assert table.run.ghost.config.loss == "minimax"


def test_a_branch_ends_the_twins():
    table = Table()
    table.run.start_twin(loss="minimax")
    table.work()
    table.step(30)
    table.run.branch(0)
    table.work()
    assert table.run.twin is None
    assert table.run.ghost.config == SMALL


def test_a_twin_that_diverges_stops_alone_until_play():
    def make(config):
        trainer = GANTrainer(config)
        if config.loss == "minimax":

            def fail():
                raise TrainingDiverged(Message("It broke."), 1)

            trainer.step = fail
        return trainer

    table = Table(make_trainer=make)
    table.run.start_twin(loss="minimax")
    table.work()
    table.step(20)
    assert table.run.latest.step == 20
    assert table.run.state == "paused"
    assert table.run.twin.latest.state == "stopped"
    assert table.run.twin.latest.message == "It broke."
    assert table.run.twin.recording.breaks == (1,)
    table.run.play()
    table.queue.popleft()()
    assert table.run.twin.recording.breaks == (1, 1)  # it tried again


@pytest.mark.parametrize("differing", [{"target": "gaussian"}, {"seed": 3}])
def test_twins_share_their_target_and_their_seed(differing):
    with pytest.raises(ValueError, match="Twins share"):
        twin_of(SMALL, differing)
    with pytest.raises(ValueError, match="Twins share"):
        Table().run.start_twin(**differing)


def test_a_twin_of_impossible_settings_is_refused_at_once():
    table = Table()
    with pytest.raises(ValueError, match="lr_g = 99"):
        table.run.start_twin(lr_g=99)
    assert table.run.twin is None


def test_twins_with_the_same_settings_are_the_same():
    table = Table()
    table.run.start_twin()
    table.work()
    table.step(25)
    mine, theirs = table.run.latest, table.run.twin.latest
    assert torch.equal(torch.from_numpy(mine.view.samples), torch.from_numpy(theirs.view.samples))
    assert mine.evaluation.jsd == theirs.evaluation.jsd
