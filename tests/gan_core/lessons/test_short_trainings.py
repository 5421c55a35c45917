"""Short trainings of the lessons, and the optimizer without memory."""

import numpy as np
import pytest
import torch

from gan_core import networks
from gan_core.lessons import short_trainings
from gan_core.training import GANTrainer

SMALL = short_trainings.TWIN.replace(width=8, batch_size=32)


def test_plain_descent_is_rate_times_gradient():
    network = networks.MLP([1, 3, 1], "tanh", torch.Generator().manual_seed(0))
    network.gradient.copy_(torch.arange(len(network.flat)))
    before = network.flat.clone()
    short_trainings.PlainDescent().step(network, 0.1)
    torch.testing.assert_close(network.flat, before - 0.1 * torch.arange(len(before)))


def test_a_history_is_the_trainer_s():
    history = short_trainings.history_of(SMALL, 20, stride=20)
    trainer = GANTrainer(SMALL)
    for _ in range(20):
        trainer.step()
    np.testing.assert_array_equal(history["step"], [0, 20])
    assert history["jsd"][-1] == trainer.evaluate().jsd


def test_plain_descent_is_another_way():
    adam, plain = short_trainings.history_of(SMALL, 20), short_trainings.history_of(SMALL, 20, plain=True)
    assert adam["jsd"][0] == plain["jsd"][0]
    assert adam["jsd"][-1] != plain["jsd"][-1]


def test_late_mean():
    assert short_trainings.late_mean({"step": np.array([0.0, 10, 20]), "jsd": np.array([9.0, 1, 2])}, "jsd") == 1.5


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_twins_say_what_the_lesson_says(seed):
    """Plain descent: -log D arrives and log(1 - D) is far behind. Adam: -log D is behind."""

    def ends(plain):
        rate = short_trainings.PLAIN_RATE if plain else short_trainings.TWIN.lr_g
        config = short_trainings.TWIN.replace(seed=seed, lr_g=rate)
        losses = ("minimax", "non_saturating")
        return [short_trainings.history_of(config.replace(loss=loss), 240, plain=plain)["jsd"][-1] for loss in losses]

    saturating, non_saturating = ends(plain=True)
    assert non_saturating < 0.15
    assert saturating > non_saturating + 0.2
    saturating, non_saturating = ends(plain=False)
    assert saturating < non_saturating


@pytest.mark.slow
def test_more_d_steps_leave_less_unproven():
    few, many = (short_trainings.history_of(short_trainings.D_STEPS.replace(d_steps=n), 200) for n in (1, 10))
    assert short_trainings.late_mean(many, "unproven") < short_trainings.late_mean(few, "unproven") / 2
