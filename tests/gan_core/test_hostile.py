"""Rubbish in links and extreme settings: sentences, never a crash."""

import contextlib
import random

import pytest

from gan_core import GANTrainer, TrainConfig, TrainingDiverged
from gan_core.config import SETTINGS, defaults_of
from gan_core.cost import Budget, estimate
from gan_core.messages import Message
from tests.gan_core.hostile import RUBBISH, random_config, rubbish


@pytest.mark.parametrize("name", SETTINGS)
def test_rubbish_in_a_link_gets_a_sentence_or_is_a_legal_value(name):
    rng = random.Random(name)
    for value in [*RUBBISH, *(rubbish(rng) for _ in range(100))]:
        problems: list[str] = []
        config = TrainConfig.from_params({name: value}, problems)
        if problems:
            assert all(isinstance(p, Message) for p in problems)
            assert getattr(config, name) == defaults_of(1)[name]  # a link without a version
            with pytest.raises(ValueError):
                TrainConfig.from_params({name: value})
        else:  # what was read is what the link of the config says
            assert TrainConfig.from_params(config.to_params()) == config


def test_links_full_of_rubbish_leave_a_legal_experiment():
    rng = random.Random(1)
    for _ in range(300):
        names = [*rng.sample(list(SETTINGS), rng.randrange(1, len(SETTINGS))), rubbish(rng), "v"]
        problems: list[str] = []
        config = TrainConfig.from_params({name: rubbish(rng) for name in names}, problems)
        assert TrainConfig.from_params(config.to_params()) == config
        assert all(isinstance(p, Message) for p in problems)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(200))
def test_any_legal_experiment_trains_or_says_that_it_diverged(seed):
    rng = random.Random(seed)
    budget = Budget(seconds=0.008)  # small ones: 200 of them
    config = random_config(rng, batch_size=rng.choice([8, 16, 64]), width=rng.choice([2, 8, 32]))
    while not budget.allows(estimate(config)):
        config = random_config(rng, batch_size=rng.choice([8, 16, 64]), width=rng.choice([2, 8, 32]))
    try:
        trainer = GANTrainer(config)
    except ValueError as error:  # a warm start of other networks: a run says so, and stops
        refused = error.args[0]
        assert isinstance(refused, Message)
        assert config.warm_start != "none"
        return
    with contextlib.suppress(TrainingDiverged):  # and nothing else
        for _ in range(200):
            trainer.step()
    evaluation = trainer.evaluate()
    trainer.view(evaluation)
    assert trainer.problem.diagnose(trainer, evaluation, trainer.history.arrays()).key
