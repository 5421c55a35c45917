"""D trained alone against a G that stands still."""

import pytest
import torch

from gan_core.lessons import short_trainings
from gan_core.training import GANTrainer

AT = (0, 10, 100, 1000)


def test_a_trained_d_comes_close_to_the_jsd_and_never_passes_it():
    run = short_trainings.train_discriminator(short_trainings.POLICE, AT)
    assert len({e.jsd for e in run}) == 1, "G must stand still"
    assert all(e.proven <= e.jsd for e in run)
    assert abs(run[0].proven) < 0.05
    assert run[2].proven == pytest.approx(0.8 * run[2].jsd, rel=0.1), "the lesson says: four fifths by step 100"
    assert run[-1].proven > 0.95 * run[-1].jsd
    assert run[-1].proven + run[-1].unproven == pytest.approx(run[-1].jsd, abs=1e-6)


def test_it_is_the_steps_of_the_trainer():
    trainer = GANTrainer(short_trainings.POLICE)
    weights = trainer.generator.flat.clone()
    for _ in range(10):
        trainer.step_discriminator()
    found = short_trainings.train_discriminator(short_trainings.POLICE, AT[:2])[1]
    assert found.proven == trainer.evaluate().proven
    assert torch.equal(trainer.generator.flat, weights)


@pytest.mark.parametrize(("theta", "best"), [(1.0, -1.163451), (2.0, -0.712633), (4.0, -0.120854)])
def test_v_climbs_to_the_value_of_the_game(theta, best):
    run = short_trainings.train_against_shift(theta, AT)
    assert run[-1].best == pytest.approx(best, abs=1e-6)
    assert all(j.value <= j.best for j in run)
    assert run[0].value < run[1].value < run[-1].value
    assert run[-1].value == pytest.approx(best, abs=0.06)
