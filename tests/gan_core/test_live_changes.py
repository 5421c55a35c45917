"""Changes of a running trainer."""

import numpy as np
import pytest
import torch

from gan_core.config import SETTINGS
from gan_core.training import GANTrainer
from tests.gan_core.experiments import SMALL, other_value, trained, weights

LIVE = [name for name, spec in SETTINGS.items() if spec.live]
FIXED = [name for name, spec in SETTINGS.items() if not spec.live]


@pytest.mark.parametrize("name", LIVE)
def test_live_change(name):
    trainer = trained(3)
    value = other_value(name, SMALL)
    trainer.update(**{name: value})
    assert trainer.config == SMALL.replace(**{name: value})
    assert trainer.marks == [(3, name, value)]
    assert str(trainer.marks[0]) == f"{name} {value:g}"
    trainer.update(**{name: value})  # no change, no mark
    assert len(trainer.marks) == 1
    trainer.step()
    assert trainer.step_count == 4


@pytest.mark.parametrize("name", [*FIXED, "nonsense"])
def test_other_fields_cannot_change(name):
    trainer = GANTrainer(SMALL)
    with pytest.raises(ValueError, match=f"{name} cannot change in a running trainer") as caught:
        trainer.update(**{"lr_g": 0.005, name: other_value(name, SMALL) if name in SETTINGS else 1})
    assert all(live in str(caught.value) for live in LIVE)
    assert trainer.config == SMALL
    assert trainer.marks == []


def test_bad_live_change_changes_nothing():
    trainer = GANTrainer(SMALL.replace(loss="hinge"))
    for change in ({"lr_g": -1}, {"dropout": 1.0}, {"lr_d": 0.005, "label_smoothing": 0.1}):
        with pytest.raises(ValueError, match="is not possible"):
            trainer.update(**change)
    assert trainer.config == SMALL.replace(loss="hinge")
    assert trainer.marks == []


def test_marks_are_bounded():
    trainer = GANTrainer(SMALL)
    for k in range(50):
        trainer.update(lr_g=0.001 * (k + 2))
    assert len(trainer.marks) <= 20
    assert str(trainer.marks[-1]) == "lr_g 0.051"


def test_changes_are_felt():
    trainer = trained(2)
    trainer.update(lr_g=0, dropout=0.5)
    g_before, d_before = weights(trainer)
    trainer.step()
    g_after, d_after = weights(trainer)
    assert torch.equal(g_before, g_after)
    assert not torch.equal(d_before, d_after)
    assert trainer.discriminator.dropout == 0.5


def test_dropout_can_come_and_go_without_a_trace():
    """Unused dropout draws nothing: the rest of the run is as if it had never been mentioned."""
    a, b = trained(2), trained(2)
    a.update(dropout=0.5)
    a.update(dropout=0.0)
    a.step()
    b.step()
    assert all(torch.equal(x, y) for x, y in zip(weights(a), weights(b), strict=True))


def test_learning_rates_decay_linearly_to_a_hundredth(monkeypatch):
    trainer = GANTrainer(SMALL.replace(lr_g=0.001, lr_d=0.004, lr_decay_steps=10))
    used = {"g": [], "d": []}
    monkeypatch.setattr(trainer.g_optimizer, "step", lambda network, lr: used["g"].append(lr))
    monkeypatch.setattr(trainer.d_optimizer, "step", lambda network, lr: used["d"].append(lr))
    for _ in range(15):
        trainer.step()
    trainer.update(dropout=0.1)  # does not restart the decay
    trainer.step()
    trainer.update(lr_g=0.002)  # does
    for _ in range(5):
        trainer.step()
    trainer.update(lr_decay_steps=0)
    trainer.step()
    falling = [1 - t / 10 for t in range(10)] + [0.01] * 6
    again = [1 - t / 10 for t in range(5)] + [1]
    np.testing.assert_allclose(used["g"], [0.001 * f for f in falling] + [0.002 * f for f in again])
    np.testing.assert_allclose(used["d"], [0.004 * f for f in falling + again])


def test_averaged_generator():
    trainer = GANTrainer(SMALL.replace(ema_decay=0.9, ema_warm_up=False, lr_g=0.01))
    average = trainer.generator.flat.clone()
    for _ in range(10):
        trainer.step()
        average = 0.9 * average + 0.1 * trainer.generator.flat
    torch.testing.assert_close(trainer.shown_generator.flat, average, atol=1e-6, rtol=0)
    assert not torch.allclose(average, trainer.generator.flat, atol=1e-3)
    plain = trained(10, SMALL.replace(lr_g=0.01))
    assert torch.equal(plain.generator.flat, trainer.generator.flat)  # averaging does not touch the training
    assert not np.array_equal(plain.sample(9), trainer.sample(9))
    assert plain.evaluate().jsd != trainer.evaluate().jsd


def test_averaging_switched_on_starts_at_the_generator():
    trainer = trained(5, SMALL.replace(lr_g=0.01))
    assert trainer.shown_generator is trainer.generator
    trainer.update(ema_decay=0.99)
    assert trainer.shown_generator is not trainer.generator
    assert torch.equal(trainer.shown_generator.flat, trainer.generator.flat)
    trainer.step()
    trainer.update(ema_decay=0.5)  # another decay goes on from the average
    assert not torch.equal(trainer.shown_generator.flat, trainer.generator.flat)
    trainer.update(ema_decay=0)
    assert trainer.shown_generator is trainer.generator
