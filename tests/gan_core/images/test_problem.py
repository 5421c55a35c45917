"""The training on images, on the small digits that are always there; MNIST where only the real one will do."""

import dataclasses
import math

import numpy as np
import pytest
import torch

from gan_core.checkpoints import Checkpoints
from gan_core.config import TrainConfig
from gan_core.distributions import DISTRIBUTIONS
from gan_core.images import data as image_data
from gan_core.images import mnist
from gan_core.images import problem as image_problem
from gan_core.images.data import to_range
from gan_core.images.metrics import IMAGE_SCALARS
from gan_core.images.networks import ARCHITECTURES
from gan_core.images.problem import N_REALS, ImageProblem, as_pixels, latent_walk
from gan_core.losses import LOSSES
from gan_core.problem import ToyProblem
from gan_core.training import GANTrainer, TrainingDiverged
from tests.gan_core.images.examples import every_architecture
from tests.gan_core.images.experiments import TINY, trained, weights


def assert_same(a, b):
    assert all(torch.equal(x, y) for x, y in zip(weights(a), weights(b), strict=True))
    one, other = a.history.arrays(), b.history.arrays()
    for column in a.history.columns:
        np.testing.assert_array_equal(one[column], other[column])


# ---- which trainer ----


def test_each_target_gets_its_problem():
    assert type(GANTrainer(TINY).problem) is ImageProblem
    assert type(GANTrainer(TrainConfig(width=8, batch_size=16)).problem) is ToyProblem
    assert set(image_data.IMAGE_TARGETS).isdisjoint(DISTRIBUTIONS)


def test_missing_images_are_named(monkeypatch, tmp_path):
    monkeypatch.delenv("MNIST_DIR", raising=False)
    monkeypatch.setattr(mnist, "cache", lambda: tmp_path)
    with pytest.raises(image_data.ImagesMissing, match="Download it"):
        GANTrainer(TINY.replace(target="mnist"))


# ---- the step ----


def test_a_step_is_the_textbooks():
    """Two players, binary cross-entropy, torch.optim.Adam and autograd, on the same batches and masks."""
    trainer = GANTrainer(TINY.replace(dropout=0.0))
    rng = torch.Generator().manual_seed(3)
    real, z_d, z_g = torch.rand(16, 196, generator=rng) * 2 - 1, *torch.randn(2, 16, 8, generator=rng)
    trainer.real_batches, trainer.latent_batches = iter([real]), iter([z_d, z_g])
    g, d = (ARCHITECTURES["tiny"].generator(8), ARCHITECTURES["tiny"].discriminator())
    for module, network in ((g, trainer.generator), (d, trainer.discriminator)):
        module.load_state_dict(network.module.state_dict())
    bce, one, zero = torch.nn.functional.binary_cross_entropy_with_logits, torch.ones(16, 1), torch.zeros(16, 1)
    adams = [torch.optim.Adam(m.parameters(), lr=2e-3, betas=(0.5, 0.999)) for m in (g, d)]
    d_loss = bce(d(real), one) + bce(d(g(z_d).detach()), zero)
    adams[1].zero_grad()
    d_loss.backward()
    adams[1].step()
    by_d = torch.cat([p.grad.flatten() for p in d.parameters()])
    g_loss = bce(d(g(z_g)), one)
    adams[0].zero_grad()
    g_loss.backward()
    adams[0].step()
    record = trainer.step()
    assert (record.d_loss, record.g_loss) == pytest.approx((d_loss.item(), g_loss.item()), abs=1e-5)
    by_g = torch.cat([p.grad.flatten() for p in g.parameters()])
    for module, network, gradient in ((g, trainer.generator, by_g), (d, trainer.discriminator, by_d)):
        expected = torch.cat([p.detach().flatten() for p in module.parameters()])
        n, sure = len(expected), gradient.abs() > 1e-6
        torch.testing.assert_close(network.gradient[:n], gradient, atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(network.flat[:n][sure], expected[sure], atol=2e-5, rtol=0)
        assert sure.float().mean() > 0.5


@every_architecture
def test_each_player_leaves_the_other_alone(key):
    trainer = GANTrainer(TINY.replace(architecture=key))
    g, d, _ = weights(trainer)
    trainer.step_discriminator()
    assert torch.equal(trainer.generator.flat, g)
    assert not torch.equal(trainer.discriminator.flat, d)
    d = trainer.discriminator.flat.clone()
    trainer.step_generator()
    assert torch.equal(trainer.discriminator.flat, d)
    assert not torch.equal(trainer.generator.flat, g)


@pytest.mark.parametrize("loss", list(LOSSES))
@pytest.mark.parametrize("r1_gamma", [0.0, 1.0])
def test_every_loss_takes_steps(loss, r1_gamma):
    trainer = GANTrainer(TINY.replace(loss=loss, r1_gamma=r1_gamma, instance_noise=0.2, gp_weight=10, d_steps=2))
    start = weights(trainer)
    for _ in range(3):
        record = trainer.step()
        assert math.isfinite(record.d_loss)
        assert math.isfinite(record.g_loss)
    assert all(w.isfinite().all() and not torch.equal(w, s) for w, s in zip(weights(trainer), start, strict=True))
    evaluation = trainer.evaluate()
    assert math.isfinite(evaluation.frechet)
    assert math.isnan(evaluation.d_fake) == (LOSSES[loss].output == "score")


@every_architecture
@pytest.mark.parametrize("change", [{"loss": "wasserstein_gp"}, {"r1_gamma": 1.0}])
def test_penalties_work_on_every_architecture(key, change):
    trainer = GANTrainer(TINY.replace(architecture=key, **change))
    plain = GANTrainer(TINY.replace(architecture=key, **change).replace(gp_weight=0, r1_gamma=0))
    assert trainer.step_discriminator() != plain.step_discriminator()
    assert not torch.equal(trainer.discriminator.flat, plain.discriminator.flat)
    assert math.isfinite(trainer.step().d_loss)


@pytest.mark.parametrize(
    "change", [{"packing": 2}, {"wide_start": True}, {"width": 2, "depth": 1, "g_activation": "relu"}]
)
def test_settings_of_the_small_networks_mean_nothing(change):
    """A link may hold any of them."""
    a, b = trained(2), trained(2, TINY.replace(**change))
    assert_same(a, b)


def test_training_brings_the_fakes_nearer():
    """Over three seeds the distance fell from 117 to 138 down to 29 to 32."""
    trainer = GANTrainer(TINY.replace(latent_dim=32, batch_size=64, ema_decay=0.995))
    start = trainer.evaluate().frechet
    for _ in range(300):
        trainer.step()
    end = trainer.evaluate()
    assert end.frechet < min(45, start / 2.5)
    assert end.modes == 10


# ---- data ----


@pytest.mark.parametrize("key", ["tiny", "fast"])
def test_batches_hold_training_images_only(key):
    trainer = GANTrainer(TINY.replace(architecture=key))
    side = ARCHITECTURES[key].side
    train, test = (
        {bytes(row) for row in pixels.numpy()} for pixels in image_data.load("digits").pixels(side)
    )  # of 1,797 images no two are the same
    seen = set()
    for _ in range(300):
        batch = next(trainer.real_batches)
        assert batch.shape == (16, side**2)
        assert batch.dtype == torch.float32
        seen |= {bytes(row) for row in as_pixels(batch)}
    assert seen <= train
    assert not seen & (test - train)
    assert len(seen) > 0.9 * len(train)  # 4,800 draws of 1,500 leave 4 % unseen
    shown = {bytes(row) for row in trainer.problem.real.reshape(N_REALS, -1)}
    assert shown <= test


def test_both_players_see_the_same_range():
    trainer = GANTrainer(TINY)
    batch = torch.cat([next(trainer.real_batches) for _ in range(20)])
    assert batch.min() == -1
    assert batch.max() == 1
    fakes = trainer.generator.in_training(trainer.fixed_latents(64))
    assert fakes.shape == (64, 196)
    assert fakes.abs().max() <= 1


def test_as_pixels_is_the_inverse_of_to_range():
    pixels = torch.arange(256, dtype=torch.uint8)
    np.testing.assert_array_equal(as_pixels(to_range(pixels)), pixels.numpy())
    np.testing.assert_array_equal(as_pixels(torch.tensor([-1.0, -0.999, 0.0, 0.999, 1.0])), [0, 0, 128, 255, 255])
    np.testing.assert_array_equal(as_pixels(torch.tensor([-3.0, 3.0])), [0, 255])  # never wraps around


# ---- the same seed, the same history ----


@every_architecture
def test_same_config_same_history_bit_for_bit(key, monkeypatch):
    """Two in turns, one of them looked at all the time, amid other randomness: as one alone."""
    config = TINY.replace(architecture=key, instance_noise=0.1, d_steps=2)
    few = dataclasses.replace(ARCHITECTURES[key], stride=2)
    monkeypatch.setitem(image_problem.ARCHITECTURES, key, few)
    torch.manual_seed(0)
    steps = 2 if key in ("note", "dcgan") else 4
    alone = trained(steps, config)
    first, second = GANTrainer(config), GANTrainer(config)
    for _ in range(steps):
        torch.rand(3)
        np.random.standard_normal()
        first.step()
        first.evaluate()
        first.view()
        latent_walk(first, first.fixed_latents(3), 4)
        second.step()
    assert_same(alone, first)
    assert_same(alone, second)
    assert alone.history.arrays()["step"].tolist() == [*range(0, steps + 1, 2)]


def test_another_seed_is_another_history():
    a, b = trained(2), trained(2, TINY.replace(seed=2))
    assert not any(torch.equal(x, y) for x, y in zip(weights(a), weights(b), strict=True))
    assert np.any(a.view().fakes.pixels != b.view().fakes.pixels)


def test_training_leaves_the_global_generator_alone():
    trainer = GANTrainer(TINY)
    before = torch.get_rng_state(), np.random.get_state()[1].copy()
    for _ in range(3):
        trainer.step()
    trainer.evaluate()
    trainer.view()
    assert torch.equal(torch.get_rng_state(), before[0])
    np.testing.assert_array_equal(np.random.get_state()[1], before[1])


# ---- history, changes, divergence ----


def test_history_rows_are_what_was_measured(monkeypatch):
    monkeypatch.setitem(image_problem.ARCHITECTURES, "tiny", dataclasses.replace(ARCHITECTURES["tiny"], stride=3))
    trainer = GANTrainer(TINY)
    rows = [(0, math.nan, math.nan, trainer.evaluate())]
    for _ in range(7):
        record = trainer.step()
        if record.step in (3, 6):
            rows.append((record.step, record.d_loss, record.g_loss, trainer.evaluate()))
    curves = trainer.history.arrays()
    assert tuple(curves) == ("step", "d_loss", "g_loss", *IMAGE_SCALARS)
    for row, (step, d_loss, g_loss, evaluation) in enumerate(rows):
        expected = [step, d_loss, g_loss, *(float(getattr(evaluation, name)) for name in IMAGE_SCALARS)]
        np.testing.assert_array_equal([column[row] for column in curves.values()], expected)
    assert len(curves["step"]) == 3
    assert trainer.last_evaluation[0] == 6
    assert trainer.curves(trainer.evaluate()).keys() == set(IMAGE_SCALARS)


def test_live_changes_are_felt():
    trainer = trained(2)
    trainer.update(lr_g=0, dropout=0.0)
    assert trainer.discriminator.dropout == 0
    g, d, _ = weights(trainer)
    real = to_range(trainer.problem.held_out[:8])
    assert torch.equal(trainer.discriminator.record(real)[0], trainer.judge(real))
    trainer.step()
    n = sum(p.numel() for p in trainer.generator.module.parameters())
    assert torch.equal(trainer.generator.flat[:n], g[:n])
    assert not torch.equal(trainer.discriminator.flat, d)
    trainer.update(dropout=0.5)
    assert not torch.equal(trainer.discriminator.record(real)[0], trainer.judge(real))
    assert [str(mark) for mark in trainer.marks] == ["lr_g 0", "dropout 0", "dropout 0.5"]
    with pytest.raises(ValueError, match="architecture cannot change in a running trainer"):
        trainer.update(architecture="fast")


@pytest.mark.parametrize("network", ["generator", "discriminator"])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_divergence_restores_the_last_good_state(network, value):
    trainer = GANTrainer(TINY.replace(lr_d=0.1, lr_g=0.1))
    start = [w.half().float() for w in weights(trainer)]  # as a checkpoint holds them
    for _ in range(3):
        trainer.step()
    getattr(trainer, network).flat.fill_(value)
    with pytest.raises(TrainingDiverged, match=r"at step 4\. Both networks were put back to step 0\. Lower") as caught:
        trainer.step()
    assert caught.value.args[0].template.startswith("The {network}'s loss became")
    assert all(torch.equal(a, b) for a, b in zip(weights(trainer), start, strict=True))
    trainer.update(lr_g=1e-3, lr_d=1e-3)
    for _ in range(3):
        record = trainer.step()
    assert math.isfinite(record.d_loss + record.g_loss)
    assert all(w.isfinite().all() for w in weights(trainer))


def test_after_divergence_adam_starts_anew():
    """A checkpoint holds the networks only; what Adam remembers of an explosion would stop all learning."""
    trainer, fresh = GANTrainer(TINY), GANTrainer(TINY)
    for w in (fresh.generator.flat, fresh.discriminator.flat, fresh.averaged.flat):
        w.copy_(w.half())  # as a checkpoint holds them
    trainer.step()
    trainer.d_optimizer.tensors[1].fill_(math.inf)
    trainer.generator.flat.fill_(math.nan)
    with pytest.raises(TrainingDiverged):
        trainer.step()
    rng = torch.Generator().manual_seed(0)
    real, z = torch.rand(16, 196, generator=rng), torch.randn(2, 16, 8, generator=rng)
    for t in (trainer, fresh):
        t.real_batches, t.latent_batches = iter([real]), iter(z)
        t.update(dropout=0.0, ema_decay=0.5)
        t.step()
    assert torch.equal(trainer.generator.flat, fresh.generator.flat)
    assert torch.equal(trainer.discriminator.flat, fresh.discriminator.flat)


def test_a_checkpoint_costs_no_more_than_the_networks():
    trainer = GANTrainer(TINY)
    checkpoints = Checkpoints(light=trainer.problem.light_checkpoints)
    checkpoints.keep(trainer)
    ((_, saved),) = checkpoints.kept
    assert sum(t.numel() for t in saved) == sum(len(w) for w in weights(trainer))


# ---- the averaged generator ----


def test_the_average_has_a_short_memory_at_first():
    """(1 + t)/(10 + t) as long as that is below `ema_decay`."""
    trainer = GANTrainer(TINY.replace(ema_decay=0.5))
    average = trainer.generator.flat.clone()
    for t in range(12):
        trainer.step()
        keep = min(0.5, (1 + t) / (10 + t))
        average = keep * average + (1 - keep) * trainer.generator.flat
        torch.testing.assert_close(trainer.shown_generator.flat, average, atol=1e-5, rtol=1e-4)
    assert (1 + 7) / (10 + 7) < 0.5 <= (1 + 8) / (10 + 8)  # both cases were met
    plain = trained(12, TINY.replace(ema_decay=0.0))
    assert plain.shown_generator is plain.generator
    assert torch.equal(plain.generator.flat, trainer.generator.flat)


# ---- MNIST ----


@pytest.mark.usefixtures("mnist_dir")
def test_mnist_can_be_trained_on():
    trainer = trained(2, TINY.replace(target="mnist", architecture="fast"))
    assert trainer.target.key == "mnist"
    assert trainer.config.kind == "images"
    assert next(trainer.real_batches).shape == (16, 784)
    assert math.isfinite(trainer.evaluate().frechet)
