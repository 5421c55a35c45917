"""GANs trained together do what each would do alone."""

import numpy as np
import pytest
import torch

from gan_core import GANTrainer, TrainConfig
from gan_core.ensemble import Ensemble
from gan_core.losses import LOSSES

SMALL = TrainConfig(
    target="two_modes", width=16, batch_size=64, d_steps=1, lr_g=5e-4, lr_d=1e-3, beta1=0.5, beta2=0.99, ema_decay=0.0,
    lr_decay_steps=0, g_activation="tanh", d_activation="tanh",
)  # fmt: skip
KINKS = {"g_activation": "relu", "d_activation": "leaky_relu"}
ALL_ON = {
    "dropout": 0.3, "label_smoothing": 0.1, "instance_noise": 0.2, "r1_gamma": 0.1, "ema_decay": 0.99,
    "lr_decay_steps": 150, "d_steps": 3,
}  # fmt: skip
GROUPS = {
    "settings": [
        SMALL.replace(seed=2),
        SMALL.replace(seed=3, lr_g=1e-3, lr_d=3e-4, beta1=0.0),
        SMALL.replace(seed=4, dropout=0.3),
        SMALL.replace(seed=5, label_smoothing=0.1, target="skewed"),
        SMALL.replace(seed=6, instance_noise=0.3, lr_decay_steps=100),
        SMALL.replace(seed=7, ema_decay=0.99, latent="uniform"),
    ],
    "penalties": [SMALL.replace(seed=s, r1_gamma=0.1 * s, wide_start=True) for s in (2, 3)],
    "limits": [SMALL.replace(seed=2, weight_clip=0.2), SMALL.replace(seed=3, spectral_limit=0.7)],
    "several D steps": [SMALL.replace(seed=seed, d_steps=3, ema_decay=0.99, lr_decay_steps=150) for seed in (2, 3)],
    "all at once": [SMALL.replace(seed=seed, **ALL_ON) for seed in (2, 3)],
    "deep": [SMALL.replace(seed=seed, depth=3, g_activation="elu", d_activation="elu") for seed in (2, 3)],
    "kinks": [SMALL.replace(seed=seed, lr_g=0.01 * seed, **KINKS) for seed in (2, 3)],
    "latents": [SMALL.replace(seed=seed, latent_dim=3, label_smoothing=0.1, loss="least_squares") for seed in (2, 3)],
    "smoothing": [SMALL.replace(seed=seed, label_smoothing=0.1 * seed, loss="least_squares") for seed in (1, 3)],
    "odd batches": [SMALL.replace(seed=seed, width=11, batch_size=50, d_activation="elu") for seed in (2, 3)],
    "few rows for D": [SMALL.replace(seed=seed, packing=4, g_activation="elu") for seed in (2, 3)],
    "plane": [SMALL.replace(seed=seed, target="ring_8", latent_dim=2) for seed in (2, 3)],
    "pairs in packs": [SMALL.replace(seed=s, loss="relativistic", packing=2, dropout=0.2, r2_gamma=0.1) for s in (2, 3)],
    "packs": [SMALL.replace(seed=s, target="moons", latent_dim=2, packing=2, instance_noise=0.1) for s in (2, 3)],
} | {loss: [SMALL.replace(seed=seed, loss=loss, target="gaussian") for seed in (2, 5)] for loss in LOSSES}  # fmt: skip


def alone(config, steps):
    trainer = GANTrainer(config)
    records = [trainer.step() for _ in range(steps)]
    return trainer, records


def numbers(trainer):
    """All that training changes."""
    networks = (trainer.discriminator, trainer.generator, trainer.averaged)
    return [n.flat for n in networks] + trainer.d_optimizer.tensors + trainer.g_optimizer.tensors


def same(member, trainer):
    """To the bit: any difference would grow, where training is chaotic, into another end."""
    return all(torch.equal(a, b) for a, b in zip(numbers(member), numbers(trainer), strict=True))


def trained(configs, steps):
    ensemble = Ensemble(configs)
    return ensemble, [ensemble.step() for _ in range(steps)]


@pytest.mark.parametrize("group", GROUPS)
def test_every_member_does_what_it_does_alone(group):
    ensemble, losses = trained(GROUPS[group], 200)
    for i, config in enumerate(GROUPS[group]):
        trainer, records = alone(config, 200)
        assert same(ensemble.members[i], trainer)
        assert np.array(losses)[:, i].tolist() == [[r.d_loss, r.g_loss] for r in records]


@pytest.mark.slow
@pytest.mark.parametrize("target", ["two_modes", "ring_8"])
def test_a_map_of_rates_ends_where_every_run_ends_alone(target):
    dim = 2 if target == "ring_8" else 1
    config = SMALL.replace(target=target, latent_dim=dim, width=32, batch_size=256, ema_decay=0.998, **KINKS)
    rates = [(g, d) for g in (5e-4, 4e-3, 0.03) for d in (1e-3, 0.01)]
    configs = [config.replace(lr_g=g, lr_d=d, seed=seed, lr_decay_steps=2000) for seed, (g, d) in enumerate(rates)]
    ensemble, _ = trained(configs, 2000)
    assert all(same(*pair) for pair in zip(ensemble.members, (alone(c, 2000)[0] for c in configs), strict=True))


def test_members_of_all_shapes_go_together():
    configs = [configs[0] for configs in GROUPS.values()]
    ensemble, _ = trained(configs, 20)
    for member, config in zip(ensemble.members, configs, strict=True):
        assert same(member, alone(config, 20)[0])
    assert [m.step_count for m in ensemble.members] == [20] * len(configs)


def test_more_members_than_are_computed_together():
    configs = [SMALL.replace(seed=seed, width=64, batch_size=512, **KINKS) for seed in range(5)]
    ensemble, _ = trained(configs, 5)
    for member, config in zip(ensemble.members, configs, strict=True):
        assert same(member, alone(config, 5)[0])


@pytest.mark.parametrize("group", ["settings", "penalties", "all at once", "packs"])
def test_random_streams_stand_where_they_would_alone(group):
    ensemble, _ = trained(GROUPS[group], 120)  # batches are drawn a hundred at a time
    for member, config in zip(ensemble.members, GROUPS[group], strict=True):
        trainer, _ = alone(config, 120)
        assert torch.equal(member.torch_rng.get_state(), trainer.torch_rng.get_state())
        assert member.rng.bit_generator.state == trainer.rng.bit_generator.state
        for name in ("real_batches", "latent_batches"):
            assert torch.equal(next(getattr(member, name)), next(getattr(trainer, name)))


def test_a_member_goes_on_by_itself():
    ensemble, _ = trained(GROUPS["settings"], 30)
    trainer, _ = alone(GROUPS["settings"][4], 50)
    member = ensemble.members[4]
    for _ in range(20):
        member.step()
    assert same(member, trainer)
    assert member.state().step == 50
    assert member.history.arrays()["step"].tolist() == [0, 40]
    ensemble.step()
    assert member.step_count == 51


def test_live_changes_are_those_of_a_trainer():
    ensemble, _ = trained([SMALL.replace(seed=seed) for seed in (2, 3)], 20)
    trainer, _ = alone(SMALL.replace(seed=3), 20)
    for changing in (trainer.update, lambda **changes: ensemble.update(1, **changes)):
        changing(lr_d=3e-4, d_steps=3, dropout=0.2, ema_decay=0.9)
    for _ in range(20):
        ensemble.step()
        trainer.step()
    assert same(ensemble.members[1], trainer)
    assert same(ensemble.members[0], alone(SMALL.replace(seed=2), 40)[0])
    assert ensemble.members[1].marks == trainer.marks


@pytest.mark.parametrize("player", ["discriminator", "generator"])
def test_a_member_that_diverges_stops_alone(player):
    configs = [SMALL.replace(seed=seed, ema_decay=0.99) for seed in (2, 3, 4)]
    ensemble = Ensemble(configs)
    good = [w.clone() for w in (ensemble.members[1].generator.flat, ensemble.members[1].discriminator.flat)]
    ensemble.step()
    getattr(ensemble.members[1], player).flat.fill_(torch.nan)
    losses = ensemble.step()
    assert np.isfinite(losses).all(1).tolist() == [True, False, True]
    assert list(ensemble.stopped) == [1]
    assert ensemble.stopped[1].step == 2
    for _ in range(18):
        ensemble.step()
    member = ensemble.members[1]
    assert torch.equal(member.generator.flat, good[0])
    assert torch.equal(member.discriminator.flat, good[1])
    assert member.step_count == 1
    for i in (0, 2):
        assert same(ensemble.members[i], alone(configs[i], 20)[0])
    assert np.isfinite(ensemble.jsd()).all()


def test_jsd_is_that_of_every_member():
    """Measured together, by target and latent: to rounding, whatever p_g has come to."""
    line = [
        SMALL,
        SMALL.replace(seed=2, ema_decay=0.99, wide_start=True),
        SMALL.replace(latent="uniform"),
        SMALL.replace(latent_dim=3),
        SMALL.replace(target="comb", lr_g=0.02),
        SMALL.replace(seed=3, lr_g=0.05, wide_start=True),
    ]
    plane = [SMALL.replace(target=target, latent_dim=2, wide_start=True) for target in ("ring_8", "spiral", "ring_8")]
    ensemble, _ = trained(line + plane, 100)
    ensemble.members[0].generator.flat.zero_()  # all fakes in one point
    ensemble.members[5].generator.flat.mul_(1e3)  # and beyond the window
    found = ensemble.jsd()
    with torch.inference_mode():
        expected = [member.evaluate().jsd for member in ensemble.members]
    np.testing.assert_allclose(found, expected, atol=1e-9)
    assert 0 < min(expected) < 0.4 < max(expected) < np.log(2)


def test_gans_of_one_target_and_latent_share_what_measures_them():
    ensemble = Ensemble([SMALL, SMALL.replace(seed=2), SMALL.replace(latent_dim=2)])
    one, two, other = (member.problem.evaluator for member in ensemble.members)
    assert one is two
    assert one is not other


def test_nobody_and_images_are_refused():
    for configs in ([], [SMALL, TrainConfig(target="digits", latent_dim=16)]):
        with pytest.raises(ValueError, match="none of them about images"):
            Ensemble(configs)
