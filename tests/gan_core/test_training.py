"""A training as a whole: on every target, with every loss, repeatable, and with an honest history."""

import math

import numpy as np
import pytest
import torch

from gan_core.distributions import DISTRIBUTIONS
from gan_core.evaluation import SCALARS
from gan_core.losses import LOSSES
from gan_core.own_targets import from_points
from gan_core.slopes import arrows, gradient_norms
from gan_core.training import GANTrainer
from tests.gan_core.experiments import DRAWING, FULL, SMALL, TABLE, forget_tables, trained, weights


@pytest.mark.parametrize("target", [*DISTRIBUTIONS, DRAWING])
def test_every_target_can_be_trained_on(target):
    trainer = trained(2, SMALL.replace(target=target))
    assert trainer.problem.real.shape == (512, trainer.target.dim)
    assert trainer.sample(5).shape == (5, trainer.target.dim)
    assert 0 <= trainer.evaluate().jsd <= math.log(2)


def test_a_forgotten_table_does_not_disturb_its_run():
    trainer = GANTrainer(SMALL.replace(target=from_points(TABLE).key))
    forget_tables()
    trainer.step()
    trainer.update(lr_g=0.005)
    trainer.step()
    assert trainer.config.lr_g == 0.005


def test_the_unit_of_a_table_does_not_matter():
    one, *others = (
        trained(20, SMALL.replace(target=from_points(TABLE * unit).key)).evaluate()
        for unit in (1, 1e-9, 1e9, np.array([1e-6, 1e6]))
    )
    for other in others:
        assert (other.jsd, other.d_fake) == pytest.approx((one.jsd, one.d_fake), abs=2e-3)


def test_fresh_batches_are_drawn_at_every_step():
    trainer = GANTrainer(SMALL)
    seen = torch.cat([next(trainer.real_batches) for _ in range(250)])
    assert seen.shape == (250 * 32, 1)
    assert len(seen.unique()) > 0.99 * len(seen)


@pytest.mark.parametrize("loss", ["non_saturating", "hinge"])
@pytest.mark.parametrize("packing", range(1, 9))
def test_packs_of_any_size(packing, loss):
    trainer = trained(1, SMALL.replace(target="moons", packing=packing, batch_size=8 * packing, loss=loss))
    assert trainer.discriminator.sizes[0] == 2 * packing
    assert trainer.generator.sizes[-1] == 2
    assert 0 <= trainer.evaluate().jsd <= math.log(2)


@pytest.mark.parametrize("loss", list(LOSSES))
def test_training_approaches_the_data(loss):
    trainer = trained(400, SMALL.replace(target="gaussian", loss=loss, width=32, batch_size=128))
    jsd = trainer.history.arrays()["jsd"]
    assert jsd[-5:].mean() < jsd[0] / 2


# ---- the same seed, the same history ----


@pytest.mark.parametrize(
    "config",
    [
        SMALL,
        FULL,
        SMALL.replace(loss="wasserstein_gp", wide_start=True),
        FULL.replace(target="ring_8", packing=2),
        FULL.replace(target="line", loss="hinge", dropout=0.5),
    ],
)
def test_same_config_same_history_bit_for_bit(config):
    torch.manual_seed(0)
    first = trained(45, config)
    torch.manual_seed(1)
    second = GANTrainer(config)
    for _ in range(45):
        second.step()
        evaluation = second.evaluate()  # looking changes nothing
        second.sample(3)
        gradient_norms(second)
        arrows(second, second.fixed_latents(5))
        if second.target.dim == 2:
            second.view(evaluation)
        np.random.standard_normal()  # nor does anybody else's randomness
        torch.rand(1)
    assert all(torch.equal(a, b) for a, b in zip(weights(first), weights(second), strict=True))
    a, b = first.history.arrays(), second.history.arrays()
    assert len(a["step"]) == 3
    for column in first.history.columns:
        np.testing.assert_array_equal(a[column], b[column])


def test_other_seed_other_history():
    a, b = (trained(20, SMALL.replace(seed=seed)).history.arrays() for seed in (1, 2))
    for column in ("jsd", "d_real"):
        assert not np.any(a[column] == b[column])
    assert a["d_loss"][1] != b["d_loss"][1]


# ---- history ----


def test_history_rows_are_what_was_measured():
    trainer = GANTrainer(SMALL)
    measured = [(0, math.nan, math.nan, trainer.evaluate(), gradient_norms(trainer))]
    for _ in range(40):
        record = trainer.step()
        if record.step in (20, 40):
            measured.append((record.step, record.d_loss, record.g_loss, trainer.evaluate(), gradient_norms(trainer)))
    curves = trainer.history.arrays()
    columns = ("step", "d_loss", "g_loss", *SCALARS, "grad_minimax", "grad_non_saturating")
    assert tuple(curves) == trainer.history.columns == columns
    for row, (step, d_loss, g_loss, evaluation, norms) in enumerate(measured):
        expected = [step, d_loss, g_loss, *(getattr(evaluation, name) for name in SCALARS), *norms.values()]
        np.testing.assert_array_equal([curves[c][row] for c in curves], expected)


@pytest.mark.parametrize("loss", [key for key, loss in LOSSES.items() if loss.output != "score"])
def test_nobody_proves_more_than_the_truth(loss):
    curves = trained(200, SMALL.replace(loss=loss, lr_d=0.01)).history.arrays()
    assert curves["unproven"].min() >= -1e-12
    np.testing.assert_allclose(curves["proven"] + curves["unproven"], curves["provable"], atol=1e-9)
    if LOSSES[loss].proves == "jsd":
        np.testing.assert_array_equal(curves["provable"], curves["jsd"])


@pytest.mark.parametrize("loss", [key for key, loss in LOSSES.items() if loss.output != "score"])
def test_a_proof_climbs_to_the_truth_and_no_higher(loss):
    """D learns while G stands still. Its proof is sampled: never more than 4 standard errors too much."""
    config = SMALL.replace(target="annulus", latent_dim=2, loss=loss, lr_g=0, lr_d=0.01, width=32, batch_size=128)
    curves = trained(300, config).history.arrays()
    assert np.ptp(curves["jsd"]) == 0
    assert np.all(curves["proven"] <= curves["provable"])
    assert curves["proven"][-1] > 0.9 * curves["provable"][-1] > 0.3
