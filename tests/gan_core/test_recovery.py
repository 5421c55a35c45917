"""A training that diverges: noticed, undone, explained."""

import dataclasses
import math

import numpy as np
import pytest
import torch

from gan_core import training
from gan_core.losses import Separate, Term
from gan_core.training import GANTrainer, TrainingDiverged
from tests.gan_core.experiments import SMALL, trained, weights


@pytest.mark.parametrize("value", [math.inf, math.nan, 1e38])
@pytest.mark.parametrize("network", ["generator", "discriminator"])
def test_divergence_is_noticed_and_undone(network, value):
    trainer = GANTrainer(SMALL.replace(ema_decay=0.5))
    start = weights(trainer)
    for _ in range(3):
        trainer.step()
    getattr(trainer, network).flat.fill_(value)
    with pytest.raises(TrainingDiverged, match=r"at step 4\. Both networks were put back to step 0") as caught:
        trainer.step()
    assert "learning rate" in str(caught.value)
    assert all(torch.equal(a, b) for a, b in zip(weights(trainer), start, strict=True))
    assert trainer.shown_generator.flat.isfinite().all()
    for _ in range(20):
        record = trainer.step()
    assert math.isfinite(record.d_loss + record.g_loss)
    assert all(w.isfinite().all() for w in weights(trainer))
    assert np.all(np.diff(trainer.history.arrays()["step"]) > 0)


def test_divergence_goes_back_to_a_checkpoint_known_to_be_good(monkeypatch):
    """Of the last two checkpoints the older one: the weights in the newer one were never tried."""
    monkeypatch.setattr(training, "_STEPS_PER_CHECKPOINT", 5)
    trainer = trained(5)
    at_five = weights(trainer)
    for _ in range(5):
        trainer.step()
    trainer.discriminator.flat.fill_(math.nan)  # goes into the checkpoint of step 10
    with pytest.raises(TrainingDiverged, match=r"at step 11.* put back to step 5"):
        trainer.step()
    assert all(torch.equal(a, b) for a, b in zip(weights(trainer), at_five, strict=True))
    for _ in range(12):
        trainer.step()
    assert all(w.isfinite().all() for w in weights(trainer))


def test_divergence_also_restores_the_optimizers():
    """Otherwise the moments would carry the infinity on."""
    trainer, untouched = trained(0), trained(0)
    for _ in range(3):
        trainer.step()
    trainer.discriminator.flat.fill_(math.inf)
    with pytest.raises(TrainingDiverged):
        trainer.step()
    reals, zs = torch.randn(1, 32, 1), torch.randn(2, 32, 1)
    for t in (trainer, untouched):
        t.real_batches, t.latent_batches = iter(reals), iter(zs)
        t.step()
    assert all(torch.equal(a, b) for a, b in zip(weights(trainer), weights(untouched), strict=True))


@pytest.mark.parametrize(("value", "slope"), [(math.inf, 0.0), (math.nan, 0.0), (0.0, math.nan), (0.0, math.inf)])
def test_loss_and_gradient_are_both_watched(value, slope):
    trainer = GANTrainer(SMALL)
    before = weights(trainer)
    broken = Term(lambda l, s: torch.full_like(l, value), lambda l, s: torch.full_like(l, slope))
    trainer.loss = dataclasses.replace(trainer.loss, d=Separate(real=broken, fake=broken), g=Separate(fake=broken))
    for step in (trainer.step_discriminator, trainer.step_generator):
        with pytest.raises(TrainingDiverged):
            step()
    assert all(torch.equal(a, b) for a, b in zip(weights(trainer), before, strict=True))


def test_a_bad_batch_changes_nothing():
    """One NaN among the data is noticed before any weight moves."""
    trainer = GANTrainer(SMALL)
    before = weights(trainer)
    batch = torch.randn(32, 1)
    batch[7] = math.nan
    trainer.real_batches = iter([batch])
    with pytest.raises(TrainingDiverged, match="The discriminator's loss became nan"):
        trainer.step_discriminator()
    assert all(torch.equal(a, b) for a, b in zip(weights(trainer), before, strict=True))
