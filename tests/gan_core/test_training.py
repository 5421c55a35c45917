"""The training loop against the same game written the textbook way."""

import dataclasses
import itertools
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from gan_core import training
from gan_core.config import SETTINGS
from gan_core.distributions import DISTRIBUTIONS
from gan_core.evaluation import SCALARS
from gan_core.losses import LOSSES, Separate, Term
from gan_core.networks import MLP
from gan_core.own_targets import from_points
from gan_core.slopes import arrows, gradient_norms
from gan_core.training import Adam, GANTrainer, StepRecord, TrainingDiverged
from tests.gan_core.test_config import DRAWING, FULL, SMALL, TABLE, forget_tables, other_value
from tests.gan_core.test_networks import MODULES

LIVE = [name for name, spec in SETTINGS.items() if spec.live]
FIXED = [name for name, spec in SETTINGS.items() if not spec.live]


def trained(steps, config=SMALL):
    trainer = GANTrainer(config)
    for _ in range(steps):
        trainer.step()
    return trainer


def weights(trainer):
    return trainer.generator.flat.clone(), trainer.discriminator.flat.clone()


# ---- one step against the textbook ----

D_LOSSES = {
    "non_saturating": lambda real, fake, s: bce(real, 1 - s) + bce(fake, 0),
    "minimax": lambda real, fake, s: bce(real, 1 - s) + bce(fake, 0),
    "least_squares": lambda real, fake, s: ((real - (1 - s)) ** 2).mean() / 2 + (fake**2).mean() / 2,
    "hinge": lambda real, fake, s: F.relu(1 - real).mean() + F.relu(1 + fake).mean(),
    "wasserstein_gp": lambda real, fake, s: fake.mean() - real.mean(),
}
G_LOSSES = {
    "non_saturating": lambda fake: bce(fake, 1),
    "minimax": lambda fake: torch.log(1 - torch.sigmoid(fake)).mean(),
    "least_squares": lambda fake: ((fake - 1) ** 2).mean() / 2,
    "hinge": lambda fake: -fake.mean(),
    "wasserstein_gp": lambda fake: -fake.mean(),
}


def bce(logits, label):
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, label))


def as_module(mlp, activation):
    """An nn.Sequential with the same weights, its own copies."""
    modules = []
    for (m, n), (weight, bias) in zip(itertools.pairwise(mlp.sizes), mlp.layers, strict=True):
        linear = nn.Linear(m, n)
        linear.weight.data.copy_(weight)
        linear.bias.data.copy_(bias)
        modules += [linear, MODULES[activation]]
    return nn.Sequential(*modules[:-1])


def flat(module):
    return torch.cat([parameter.detach().flatten() for parameter in module.parameters()])


class Textbook:
    """Algorithm 1 with nn.Module, autograd and torch.optim, from the weights and batches of a trainer."""

    def __init__(self, trainer):
        self.c = c = trainer.config
        self.rng = torch.Generator()
        self.rng.set_state(trainer.torch_rng.get_state())
        self.generator = as_module(trainer.generator, c.g_activation)
        self.discriminator = as_module(trainer.discriminator, c.d_activation)
        betas = (c.beta1, c.beta2)
        self.g_optimizer = torch.optim.Adam(self.generator.parameters(), lr=c.lr_g, betas=betas)
        self.d_optimizer = torch.optim.Adam(self.discriminator.parameters(), lr=c.lr_d, betas=betas)

    def noisy(self, x):
        return x + self.c.instance_noise * torch.randn(x.shape, generator=self.rng) if self.c.instance_noise else x

    def packed(self, x):
        return x.reshape(len(x) // self.c.packing, -1)

    def slopes(self, x):
        x = x.clone().requires_grad_(True)
        return torch.autograd.grad(self.discriminator(x).sum(), x, create_graph=True)[0].norm(dim=1)

    def step_discriminator(self, real, z):
        fake = self.generator(z).detach()
        both = self.noisy(torch.cat([real, fake]))
        noisy_real, noisy_fake = self.packed(both[: len(real)]), self.packed(both[len(real) :])
        real_logits, fake_logits = self.discriminator(noisy_real), self.discriminator(noisy_fake)
        loss = D_LOSSES[self.c.loss](real_logits, fake_logits, self.c.label_smoothing)
        if self.c.loss == "wasserstein_gp":
            real, fake = self.packed(real), self.packed(fake)
            mix = torch.rand(len(real), 1, generator=self.rng)
            loss = loss + self.c.gp_weight * ((self.slopes(mix * real + (1 - mix) * fake) - 1) ** 2).mean()
        if self.c.r1_gamma:
            loss = loss + self.c.r1_gamma / 2 * (self.slopes(noisy_real) ** 2).mean()
        return self.apply(loss, self.d_optimizer)

    def step_generator(self, z):
        logits = self.discriminator(self.packed(self.noisy(self.generator(z))))
        return self.apply(G_LOSSES[self.c.loss](logits), self.g_optimizer)

    def apply(self, loss, optimizer):
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()


VARIANTS = [
    *({"loss": loss} for loss in D_LOSSES),
    *({"loss": loss, "r1_gamma": 0.5} for loss in D_LOSSES),
    *({"g_activation": activation, "d_activation": activation} for activation in MODULES),
    {"loss": "wasserstein_gp", "gp_weight": 10.0, "latent_dim": 3},
    {"loss": "least_squares", "label_smoothing": 0.1},
    {"label_smoothing": 0.2, "beta1": 0.5, "beta2": 0.9},
    {"instance_noise": 0.5, "r1_gamma": 1.0, "latent": "uniform"},
    {"wide_start": True, "spread_start": False, "depth": 1},
    {"packing": 2},
    {"packing": 4, "loss": "wasserstein_gp", "target": "ring_8", "latent_dim": 2},
    {"packing": 2, "r1_gamma": 0.5, "instance_noise": 0.5, "target": "line"},
]


def assert_same_step(network, module):
    """Same gradient, same new weights, both to 1e-5; then level the module with the network.

    Adam divides a gradient by its size: where that is nothing but rounding noise, so is the step. There only the
    gradients are compared.
    """
    gradient = torch.cat([parameter.grad.flatten() for parameter in module.parameters()])
    torch.testing.assert_close(network.gradient, gradient, atol=1e-5, rtol=1e-5)
    sure = gradient.abs() > 1e-6
    assert sure.sum() >= 5
    torch.testing.assert_close(network.flat[sure], flat(module)[sure], atol=1e-5, rtol=0)
    nn.utils.vector_to_parameters(network.flat.clone(), module.parameters())


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: ",".join(map(str, v.values())))
def test_steps_are_those_of_the_textbook(variant):
    config = SMALL.replace(**{"target": "three_modes", **variant})
    trainer = GANTrainer(config)
    rng = torch.Generator().manual_seed(5)
    reals = 2 * torch.randn(4, 32, trainer.target.dim, generator=rng)
    zs = torch.randn(8, 32, config.latent_dim, generator=rng)
    trainer.real_batches, trainer.latent_batches = iter(reals), iter(zs)
    textbook = Textbook(trainer)
    for real, (z_for_d, z_for_g) in zip(reals, zs.split(2), strict=True):
        assert trainer.step_discriminator() == pytest.approx(textbook.step_discriminator(real, z_for_d), abs=1e-5)
        assert_same_step(trainer.discriminator, textbook.discriminator)
        assert trainer.step_generator() == pytest.approx(textbook.step_generator(z_for_g), abs=1e-5)
        assert_same_step(trainer.generator, textbook.generator)


@pytest.mark.parametrize("betas", [(0.0, 0.999), (0.5, 0.9), (0.9, 0.999)])
def test_adam_is_that_of_torch(betas):
    rng = torch.Generator().manual_seed(0)
    network = MLP([3, 4, 1], "relu", rng)
    parameter = nn.Parameter(network.flat.clone())
    ours, theirs = Adam(network, *betas), torch.optim.Adam([parameter], betas=betas)
    for lr in (0.01, 0.01, 0.003, 0.02):
        gradient = torch.randn(len(network.flat), generator=rng)
        network.gradient.copy_(gradient)
        parameter.grad = gradient
        theirs.param_groups[0]["lr"] = lr
        ours.step(network, lr)
        theirs.step()
        torch.testing.assert_close(network.flat, parameter.detach(), atol=1e-6, rtol=0)


@pytest.mark.parametrize("loss", list(LOSSES))
def test_each_player_leaves_the_other_alone(loss):
    trainer = GANTrainer(SMALL.replace(loss=loss, r1_gamma=0.1))
    g_before, d_before = weights(trainer)
    trainer.step_discriminator()
    g_after, d_after = weights(trainer)
    assert torch.equal(g_after, g_before)
    assert not torch.equal(d_after, d_before)
    trainer.step_generator()
    assert torch.equal(trainer.discriminator.flat, d_after)
    assert not torch.equal(trainer.generator.flat, g_after)


def test_a_step_is_some_of_d_and_one_of_g():
    config = SMALL.replace(d_steps=3, dropout=0.3)
    trainer, by_hand = GANTrainer(config), GANTrainer(config)
    record = trainer.step()
    d_loss = [by_hand.step_discriminator() for _ in range(3)][-1]
    assert record == StepRecord(1, d_loss, by_hand.step_generator())
    assert all(torch.equal(a, b) for a, b in zip(weights(trainer), weights(by_hand), strict=True))
    assert trainer.step_count == 1


def test_dropout_acts_in_training():
    plain, dropped = GANTrainer(SMALL), GANTrainer(SMALL.replace(dropout=0.5))
    assert torch.equal(plain.discriminator.flat, dropped.discriminator.flat)
    plain.step_discriminator()
    dropped.step_discriminator()
    assert not torch.equal(plain.discriminator.flat, dropped.discriminator.flat)


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
        trained(20, SMALL.replace(target=from_points(TABLE * unit).key)).evaluate() for unit in (1, 1e-9, 1e9)
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
        second.arrows(second.fixed_latents(5))
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
    np.testing.assert_allclose(curves["proven"] + curves["unproven"], curves["jsd"], atol=1e-9)


@pytest.mark.parametrize("loss", [key for key, loss in LOSSES.items() if loss.output != "score"])
def test_a_proof_climbs_to_the_truth_and_no_higher(loss):
    """D learns while G stands still. Its proof is sampled: never more than 4 standard errors too much."""
    config = SMALL.replace(target="annulus", latent_dim=2, loss=loss, lr_g=0, lr_d=0.01, width=32, batch_size=128)
    curves = trained(300, config).history.arrays()
    assert np.ptp(curves["jsd"]) == 0
    assert np.all(curves["proven"] <= curves["jsd"] + 4 * curves["proven_error"])
    assert curves["proven"][-1] > 0.9 * curves["jsd"][-1] > 0.3


# ---- changes while it runs ----


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
    assert trainer.marks[-1] == (0, "lr_g", 0.001 * 51)


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
    trainer = GANTrainer(SMALL.replace(ema_decay=0.9, lr_g=0.01))
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


# ---- starts and pictures ----


def test_wide_start_covers_the_data():
    config = SMALL.replace(width=32, target="three_modes")
    narrow, wide = (GANTrainer(config.replace(wide_start=w)).sample(512) for w in (False, True))
    assert wide.mean() == pytest.approx(0, abs=0.4)
    assert wide.std() == pytest.approx(6.25**0.5, rel=0.15)  # of three modes at -3, 0, 3
    assert narrow.std() < 1


def test_spread_start_lets_d_see_the_whole_window():
    kinks = {}
    for spread in (False, True):
        weight, bias = GANTrainer(SMALL.replace(width=512, spread_start=spread)).discriminator.layers[0]
        kinks[spread] = (-bias / weight[:, 0]).abs()
    assert (kinks[True] <= 5.001).all()  # the window of two_modes is [-5, 5]
    assert kinks[True].median().item() == pytest.approx(2.5, abs=0.5)
    assert kinks[False].median().item() == pytest.approx(1, abs=0.3)


def test_samples_for_a_picture_are_steady():
    trainer = trained(3)
    assert trainer.sample(512).shape == (512, 1)
    np.testing.assert_array_equal(trainer.sample(20), trainer.sample(512)[:20])
    before, real = trainer.sample(512), trainer.problem.real.copy()
    trainer.step()
    assert np.abs(trainer.sample(512) - before).max() < 0.1  # the same latents, a slightly other G
    np.testing.assert_array_equal(trainer.problem.real, real)


# ---- the units of the data ----


@pytest.mark.parametrize("key", ["line", "two_blobs", "grid_25_published", "ring_8", "comb"])
def test_wide_start_covers_the_data_whatever_its_unit(key):
    x, target = GANTrainer(SMALL.replace(width=32, target=key, wide_start=True)).sample(512), DISTRIBUTIONS[key]
    real = target.sample(10_000, np.random.default_rng(0))
    np.testing.assert_allclose(x.mean(0), real.mean(0), atol=0.4 * real.std(0).max())
    np.testing.assert_allclose(x.std(0), real.std(0), rtol=0.25)


@pytest.mark.parametrize("key", ["line", "grid_25_published"])
def test_spread_start_covers_the_window_whatever_its_unit(key):
    """Some point of each neuron's kink w x + b = 0 lies in the window [-2.5, 2.5]² that the network sees."""
    weight, bias = GANTrainer(SMALL.replace(width=512, target=key)).discriminator.layers[0]
    reach = bias.abs() / weight.abs().sum(1)
    assert reach.max() <= 2.501
    assert reach.median().item() == pytest.approx(1, abs=0.3)


@pytest.mark.parametrize("packing", [1, 2])
@pytest.mark.parametrize("key", ["line", "comb"])
def test_generate_and_judge_speak_the_units_of_the_data(key, packing):
    trainer = trained(3, SMALL.replace(target=key, packing=packing, ema_decay=0.9))
    target, z = trainer.target, trainer.fixed_latents(20)
    x = trainer.generate(z)
    scaled = (x - torch.from_numpy(target.center).float()) / target.unit
    torch.testing.assert_close(scaled, trainer.shown_generator(z), atol=1e-5, rtol=0)
    torch.testing.assert_close(trainer.judge(x), trainer.discriminator(torch.cat([scaled] * packing, 1)))
    real = next(trainer.real_batches).numpy() * target.unit + target.center
    assert np.all(real > np.array(target.bounds)[:, 0])
    assert np.all(real < np.array(target.bounds)[:, 1])
    assert np.all(real.std(0) > np.diff(target.bounds)[:, 0] / 20)


# ---- what G feels ----


@pytest.mark.parametrize("packing", [1, 2])
@pytest.mark.parametrize("loss", list(LOSSES))
def test_arrows_are_autograd(loss, packing):
    """-dL_G/dx of each sample's own loss, in the units of the data, without dropout and noise."""
    config = SMALL.replace(
        target="line", loss=loss, packing=packing, latent_dim=2, ema_decay=0.9, dropout=0.5, instance_noise=0.5
    )
    trainer = trained(5, config)
    x, directions = arrows(trainer, trainer.fixed_latents(20))
    np.testing.assert_allclose(x, trainer.sample(20), atol=1e-6)
    target, weights_ = trainer.target, trainer.discriminator.flat.double()
    assert target.unit != 1
    inputs = torch.from_numpy(x).double().requires_grad_(True)
    scaled = (inputs - torch.from_numpy(target.center)) / target.unit
    logits = trainer.discriminator.by_autograd(torch.cat([scaled] * packing, 1), weights_)
    reals = trainer.judge(trainer.problem.real_samples(len(x))).double()
    formula = G_LOSSES.get(loss, lambda fakes: LOSSES[loss].g(reals, fakes).value)
    total = len(x) * formula(logits)
    np.testing.assert_allclose(directions, -torch.autograd.grad(total, inputs)[0].numpy(), rtol=1e-4, atol=1e-5)
    assert np.abs(directions).max() > 0.01


def test_a_sure_d_starves_only_the_saturating_g():
    longest = {}
    for loss in ("minimax", "non_saturating"):
        trainer = GANTrainer(SMALL.replace(target="line", loss=loss, latent_dim=2))
        trainer.discriminator.layers[-1][1].fill_(-30)  # everything is fake
        longest[loss] = np.linalg.norm(arrows(trainer, trainer.fixed_latents(50))[1], axis=1).max()
        norms = gradient_norms(trainer)
        assert norms["grad_minimax"] < 1e-6
        assert norms["grad_non_saturating"] > 1e-3
    assert longest["minimax"] < 1e-6
    assert longest["non_saturating"] > 0.1


@pytest.mark.parametrize("packing", [1, 2])
@pytest.mark.parametrize("loss", ["non_saturating", "minimax"])
def test_gradient_norms_are_autograd(loss, packing):
    """On 256 fixed latents, whatever the selected loss, without dropout and noise."""
    config = SMALL.replace(
        target="line", loss=loss, packing=packing, latent_dim=2, ema_decay=0.9, dropout=0.5, instance_noise=0.5
    )
    trainer = trained(5, config)
    flat_g = trainer.generator.flat.clone().requires_grad_(True)
    fake = trainer.generator.by_autograd(trainer.fixed_latents(256), flat_g)
    logits = trainer.discriminator.by_autograd(fake.reshape(256 // packing, -1), trainer.discriminator.flat)
    norms = gradient_norms(trainer)
    assert list(norms) == ["grad_minimax", "grad_non_saturating"]
    for key in ("minimax", "non_saturating"):
        (gradient,) = torch.autograd.grad(G_LOSSES[key](logits), flat_g, retain_graph=True)
        assert norms[f"grad_{key}"] == pytest.approx(gradient.norm().item(), rel=1e-4)
    assert norms["grad_minimax"] != pytest.approx(norms["grad_non_saturating"], rel=0.01)


@pytest.mark.parametrize("loss", [key for key, loss in LOSSES.items() if loss.output != "logit"])
def test_without_a_logit_there_are_no_two_gradients_to_compare(loss):
    trainer = GANTrainer(SMALL.replace(loss=loss))
    assert all(math.isnan(norm) for norm in gradient_norms(trainer).values())
    assert np.isnan(trainer.history.arrays()["grad_minimax"]).all()


# ---- divergence ----


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
