"""The step in slow motion is the step: same weights, same losses, and every number in between by its own formula."""

import dataclasses
import itertools

import numpy as np
import pytest
import torch

from gan_core import GANTrainer
from gan_core.lessons import one_step

CONFIG = one_step.TINY


@pytest.fixture(scope="module")
def steps():
    return one_step.record_steps(CONFIG, 40)


def test_recording_does_not_change_the_training(steps):
    trainer = GANTrainer(CONFIG)
    for s in steps:
        record = trainer.step()
        assert (record.step, record.d_loss, record.g_loss) == (s.number, s.d_loss, s.g_loss)
    z = np.linspace(-3, 3, 201, dtype=np.float32)
    last = one_step.record_steps(CONFIG, 41)[-1]
    np.testing.assert_allclose(trainer.generate(torch.from_numpy(z)[:, None])[:, 0], last.g_before, atol=1e-5)
    judged = trainer.judge(torch.from_numpy(last.x).float()[:, None]).sigmoid()[:, 0]
    np.testing.assert_allclose(judged, last.d_before, atol=1e-5)


def test_derived_losses_equal_those_of_the_trainer(steps):
    for s in steps:
        assert -np.log(s.d_real).mean() - np.log(1 - s.d_fake).mean() == pytest.approx(s.d_loss, abs=1e-5)
        assert s.loss_real.mean() + s.loss_fake.mean() == pytest.approx(s.d_loss, abs=1e-5)
        assert -np.log(s.d_fake_g).mean() == pytest.approx(s.g_loss, abs=1e-5)
        assert s.loss_g.mean() == pytest.approx(s.g_loss, abs=1e-5)
        after = -np.log(s.d_real_after).mean() - np.log(1 - s.d_fake_after).mean()
        assert after == pytest.approx(s.d_loss_after, abs=1e-5)
        assert -np.log(s.d_fake_g_after).mean() == pytest.approx(s.g_loss_after, abs=1e-5)


def test_slopes_by_the_formula(steps):
    for s in steps:
        np.testing.assert_allclose(s.slope_real, s.d_real - 1, atol=1e-6)
        np.testing.assert_allclose(s.slope_fake, s.d_fake, atol=1e-6)


def test_arrows_by_finite_differences_of_the_curve(steps):
    s = steps[30]
    fine = np.interp(s.fake_g + 0.02, s.x, np.log(s.d_after)) - np.interp(s.fake_g - 0.02, s.x, np.log(s.d_after))
    slope = fine / 0.04
    flat = np.abs(s.arrows - slope) < 0.1  # a kink of D may lie in between
    assert flat.mean() > 0.7
    assert np.abs(s.arrows).max() > 0.1
    big = np.abs(s.arrows) > 0.1
    assert (np.sign(s.arrows[big]) == np.sign(slope[big])).all()


def test_each_turn_moves_one_network(steps):
    for s in steps:
        assert s.d_moved_by[0] > 0
        assert s.d_moved_by[1] == 0
        assert s.g_moved_by[0] == 0
        assert s.g_moved_by[1] > 0


def test_scores_and_fakes_lie_on_the_curves(steps):
    for s in steps[::10]:
        for x, d, curve in (
            (s.real, s.d_real, s.d_before),
            (s.fake, s.d_fake, s.d_before),
            (s.fake_g, s.d_fake_g, s.d_after),
        ):
            inside = np.abs(x) < s.x[-1]
            np.testing.assert_allclose(d[inside], np.interp(x[inside], s.x, curve), atol=0.01)
        inside = np.abs(s.z_g) < 3
        np.testing.assert_allclose(s.fake_g_after[inside], np.interp(s.z_g[inside], s.z, s.g_after), atol=0.01)
        assert s.real.shape == s.z_d.shape == s.z_g.shape == (8,)


def test_steps_follow_each_other(steps):
    for a, b in itertools.pairwise(steps):
        np.testing.assert_array_equal(a.g_after, b.g_before)
        np.testing.assert_array_equal(a.d_after, b.d_before)
        assert (a.z_d != b.z_d).all()
        assert (a.z_d != a.z_g).all()


def test_the_story_that_the_page_tells(steps):
    assert f"{steps[9].d_loss:.3f} {steps[9].d_loss_after:.3f} {steps[10].d_loss:.3f}" == "1.195 1.130 1.316"
    assert all((s.arrows < 0).all() for s in steps[:7])
    assert steps[11].arrows.min() < -0.2
    assert steps[11].arrows.max() > 0.2
    assert sum(s.d_loss_after < s.d_loss for s in steps) > 0.9 * len(steps)
    trainer = GANTrainer(CONFIG)
    assert (trainer.discriminator.flat.numel(), len(steps[0].real)) == (25, 8)


@pytest.mark.parametrize("phase", range(1, 11))
def test_every_phase_finds_its_lines(phase):
    source = one_step.phase_source(phase)
    marked = [line for line in source.splitlines() if line.startswith("==>")]
    assert 1 <= len(marked) <= 3
    assert source.count("def step_") == 1
    assert ("def step_discriminator" in source) == (phase <= 5)


def test_a_changed_trainer_is_noticed(monkeypatch):
    broken = dataclasses.replace(one_step.PHASES[0], lines=("next(self._gone)",))
    monkeypatch.setattr(one_step, "PHASES", (broken, *one_step.PHASES[1:]))
    with pytest.raises(ValueError, match="phase 1"):
        one_step.phase_source(1)


def test_all_lines_of_the_plain_step_belong_to_a_phase():
    """What is not marked in any phase is switched off here, or does not compute anything."""
    for phases in (range(1, 6), range(6, 11)):
        sources = [one_step.phase_source(k).splitlines() for k in phases]
        never = [
            lines[0].strip() for lines in zip(*sources, strict=True) if not any(x.startswith("==>") for x in lines)
        ]
        documented = max(i for i, line in enumerate(never) if line.endswith('"""'))
        for line in never[documented + 1 :]:
            assert line.startswith(
                ("return", "discriminator = ", "constrain(", "for penalty", "if ", "loss +=", "self.averaged")
            ), line


@pytest.mark.parametrize(
    "changes", [{"d_steps": 2}, {"dropout": 0.5}, {"target": "ring_8"}, {"loss": "hinge"}, {"packing": 2}]
)
def test_only_a_plain_step_can_be_taken_apart(changes):
    with pytest.raises(ValueError, match="plain step"):
        one_step.record_steps(CONFIG.replace(**changes), 1)
