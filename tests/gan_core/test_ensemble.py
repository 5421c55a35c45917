"""GANs trained together do what each would do alone."""

import numpy as np
import pytest
import torch

from gan_core import GANTrainer, TrainConfig
from gan_core.ensemble import Ensemble
from gan_core.losses import LOSSES

# calm and smooth: where a training is chaotic, or a sample crosses a kink, rounding grows into anything
CALM = TrainConfig(
    target="two_modes", width=16, batch_size=64, d_steps=1, lr_g=5e-4, lr_d=1e-3, beta1=0.5, beta2=0.99, ema_decay=0.0,
    lr_decay_steps=0, g_activation="tanh", d_activation="tanh",
)  # fmt: skip
ALL_ON = {
    "dropout": 0.3, "label_smoothing": 0.1, "instance_noise": 0.2, "r1_gamma": 0.1, "ema_decay": 0.99,
    "lr_decay_steps": 150, "d_steps": 3,
}  # fmt: skip
GROUPS = {
    "settings": [
        CALM.replace(seed=2),
        CALM.replace(seed=3, lr_g=1e-3, lr_d=3e-4, beta1=0.0),
        CALM.replace(seed=4, dropout=0.3),
        CALM.replace(seed=5, label_smoothing=0.1, target="skewed"),
        CALM.replace(seed=6, instance_noise=0.3, lr_decay_steps=100),
        CALM.replace(seed=7, ema_decay=0.99, latent="uniform"),
    ],
    "penalties": [CALM.replace(seed=s, r1_gamma=0.1 * s, wide_start=True) for s in (2, 3)],
    "limits": [CALM.replace(seed=2, weight_clip=0.2), CALM.replace(seed=3, spectral_limit=0.7)],
    "several D steps": [CALM.replace(seed=seed, d_steps=3, ema_decay=0.99, lr_decay_steps=150) for seed in (2, 3)],
    "all at once": [CALM.replace(seed=seed, **ALL_ON) for seed in (2, 3)],
    "deep": [CALM.replace(seed=seed, depth=3, g_activation="elu", d_activation="elu") for seed in (2, 3)],
    "plane": [CALM.replace(seed=seed, target="ring_8", latent_dim=2) for seed in (2, 3)],
    "pairs in packs": [CALM.replace(seed=s, loss="relativistic", packing=2, dropout=0.2, r2_gamma=0.1) for s in (2, 3)],
    "packs": [CALM.replace(seed=s, target="moons", latent_dim=2, packing=2, instance_noise=0.1) for s in (2, 3)],
} | {loss: [CALM.replace(seed=seed, loss=loss, target="gaussian") for seed in (2, 5)] for loss in LOSSES}  # fmt: skip


def alone(config, steps):
    trainer = GANTrainer(config)
    records = [trainer.step() for _ in range(steps)]
    return trainer, records


def differences(member, trainer):
    """The largest ones in the weights of D, of G and of the averaged G.

    Where only differences of scores count, the last bias of D has no gradient but the noise of rounding, and Adam makes
    a step of it.
    """
    names = ("discriminator", "generator", "averaged")
    gaps = {n: (getattr(member, n).flat - getattr(trainer, n).flat).abs() for n in names}
    if trainer.loss.paired:
        gaps["discriminator"] = gaps["discriminator"][:-1]
    return [gap.max().item() for gap in gaps.values()]


def trained(configs, steps):
    ensemble = Ensemble(configs)
    return ensemble, [ensemble.step() for _ in range(steps)]


@pytest.mark.parametrize("group", GROUPS)
def test_every_member_does_what_it_does_alone(group):
    ensemble, losses = trained(GROUPS[group], 200)
    for i, config in enumerate(GROUPS[group]):
        trainer, records = alone(config, 200)
        assert max(differences(ensemble.members[i], trainer)) < 1e-5
        expected = [(r.d_loss, r.g_loss) for r in records]
        np.testing.assert_allclose(np.array(losses)[:, i], expected, atol=1e-5)


def test_members_of_all_shapes_go_together():
    configs = [configs[0] for configs in GROUPS.values()]
    ensemble, _ = trained(configs, 20)
    for member, config in zip(ensemble.members, configs, strict=True):
        assert max(differences(member, alone(config, 20)[0])) < 1e-5
    assert [m.step_count for m in ensemble.members] == [20] * len(configs)


def test_more_members_than_are_computed_together():
    kinks = {"g_activation": "relu", "d_activation": "leaky_relu"}
    configs = [CALM.replace(seed=seed, width=64, batch_size=512, **kinks) for seed in range(5)]
    ensemble, _ = trained(configs, 5)
    for member, config in zip(ensemble.members, configs, strict=True):
        assert max(differences(member, alone(config, 5)[0])) < 1e-5


@pytest.mark.parametrize("group", ["settings", "penalties", "all at once", "packs"])
def test_random_streams_stand_where_they_would_alone(group):
    """To the bit: rounding of the weights does not touch them."""
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
    assert max(differences(member, trainer)) < 1e-5
    assert member.state().step == 50
    assert member.history.arrays()["step"].tolist() == [0, 40]
    ensemble.step()
    assert member.step_count == 51


def test_live_changes_are_those_of_a_trainer():
    ensemble, _ = trained([CALM.replace(seed=seed) for seed in (2, 3)], 20)
    trainer, _ = alone(CALM.replace(seed=3), 20)
    for changing in (trainer.update, lambda **changes: ensemble.update(1, **changes)):
        changing(lr_d=3e-4, d_steps=3, dropout=0.2, ema_decay=0.9)
    for _ in range(20):
        ensemble.step()
        trainer.step()
    assert max(differences(ensemble.members[1], trainer)) < 1e-5
    assert max(differences(ensemble.members[0], alone(CALM.replace(seed=2), 40)[0])) < 1e-5
    assert ensemble.members[1].marks == trainer.marks


@pytest.mark.parametrize("player", ["discriminator", "generator"])
def test_a_member_that_diverges_stops_alone(player):
    configs = [CALM.replace(seed=seed, ema_decay=0.99) for seed in (2, 3, 4)]
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
        assert max(differences(ensemble.members[i], alone(configs[i], 20)[0])) < 1e-5
    assert np.isfinite(ensemble.jsd()).all()


def test_jsd_is_that_of_every_member():
    """Measured together, by target and latent: to rounding, whatever p_g has come to."""
    line = [
        CALM,
        CALM.replace(seed=2, ema_decay=0.99, wide_start=True),
        CALM.replace(latent="uniform"),
        CALM.replace(latent_dim=3),
        CALM.replace(target="comb", lr_g=0.02),
        CALM.replace(seed=3, lr_g=0.05, wide_start=True),
    ]
    plane = [CALM.replace(target=target, latent_dim=2, wide_start=True) for target in ("ring_8", "spiral", "ring_8")]
    ensemble, _ = trained(line + plane, 100)
    ensemble.members[0].generator.flat.zero_()  # all fakes in one point
    ensemble.members[5].generator.flat.mul_(1e3)  # and beyond the window
    found = ensemble.jsd()
    with torch.inference_mode():
        expected = [member.evaluate().jsd for member in ensemble.members]
    np.testing.assert_allclose(found, expected, atol=1e-9)
    assert 0 < min(expected) < 0.4 < max(expected) < np.log(2)


def test_gans_of_one_target_and_latent_share_what_measures_them():
    ensemble = Ensemble([CALM, CALM.replace(seed=2), CALM.replace(latent_dim=2)])
    one, two, other = (member.problem.evaluator for member in ensemble.members)
    assert one is two
    assert one is not other


def test_nobody_and_images_are_refused():
    for configs in ([], [CALM, TrainConfig(target="digits", latent_dim=16)]):
        with pytest.raises(ValueError, match="none of them about images"):
            Ensemble(configs)
