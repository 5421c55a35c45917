"""Shipped networks: what a file keeps, and that a training goes on from it."""

import itertools
import math

import numpy as np
import pytest
import torch

from gan_core.config import STAGES
from gan_core.images import warm_starts
from gan_core.images.metrics import ImageEvaluation
from gan_core.images.problem import ImageProblem
from gan_core.images.warm_starts import FOLDER, LATENT, load, path, read, save
from gan_core.messages import Message
from gan_core.presets import NOTE
from gan_core.training import GANTrainer
from tests.gan_core.images.experiments import WARM


@pytest.fixture
def from_file(monkeypatch, good):
    """Makes the file the stage "early"."""
    monkeypatch.setattr(warm_starts, "FOLDER", good.parent)
    load.cache_clear()
    yield
    load.cache_clear()


# ---- what a file keeps ----


def test_the_history_is_that_of_the_trainer(trained, good):
    assert set(read(good).history) == set(trained.history.columns)


@pytest.mark.usefixtures("from_file")
def test_a_new_curve_is_unknown_to_older_files_and_harms_none(monkeypatch):
    """It begins where the trainer goes on; before that it is nan."""
    monkeypatch.setattr(ImageProblem, "scalars", (*ImageProblem.scalars, "novelty"))
    monkeypatch.setattr(ImageEvaluation, "novelty", 0.25, raising=False)
    curves = GANTrainer(WARM.replace(warm_start="early")).history.arrays()
    assert math.isnan(curves["novelty"][0])
    assert curves["novelty"][-1] == 0.25
    assert not np.isnan(curves["frechet"]).any()


def test_a_file_keeps_g_in_half_precision(trained, good):
    weights = trained.shown_generator.flat
    assert not torch.equal(weights, trained.generator.flat)
    torch.testing.assert_close(read(good).generator, weights, rtol=2**-11, atol=2**-25)


def test_a_file_keeps_d_to_half_a_step_of_its_rows(trained, good):
    d = trained.discriminator
    for found, weight in zip(d.split(read(good).discriminator), d.split(d.flat), strict=True):
        rows = weight if weight.dim() > 1 else weight[None]
        step = rows.abs().amax(1, keepdim=True) / 127
        assert ((found.view_as(rows) - rows).abs() <= 0.501 * step).all()


def outer(rng, weight):
    """A matrix of rank one, or a vector, all positive."""
    if weight.dim() == 1:
        return torch.rand(weight.shape, generator=rng) * 1e-4
    row, column = torch.rand(weight.shape[0], generator=rng), torch.rand(weight.shape[1], generator=rng)
    return torch.outer(row, column) * 1e-6


def test_second_moments_of_rank_one_are_kept(tmp_path):
    trainer, rng = GANTrainer(WARM), torch.Generator().manual_seed(0)
    expected = []
    for network, optimizer in (
        (trainer.generator, trainer.g_optimizer),
        (trainer.discriminator, trainer.d_optimizer),
    ):
        second = torch.cat([outer(rng, w).flatten() for w in network.split(network.flat)])
        optimizer.tensors[1].copy_(second)
        expected.append(second)
    trainer.step_count = 1
    save(trainer.state(), tmp_path / "file", 0)
    stage = read(tmp_path / "file")
    torch.testing.assert_close(stage.g_second, expected[0], rtol=1e-4, atol=0)
    torch.testing.assert_close(stage.d_second, expected[1], rtol=1e-4, atol=0)


def test_second_moments_keep_the_means_of_rows_and_columns(trained, good):
    """All that is kept of those that are not of rank one."""
    stage = read(good)
    for network, optimizer, found in (
        (trained.generator, trained.g_optimizer, stage.g_second),
        (trained.discriminator, trained.d_optimizer, stage.d_second),
    ):
        for ours, theirs in zip(network.split(found), network.split(optimizer.tensors[1]), strict=True):
            if ours.dim() > 1:
                torch.testing.assert_close(ours.mean(0), theirs.mean(0), rtol=1e-3, atol=1e-20)
                torch.testing.assert_close(ours.mean(1), theirs.mean(1), rtol=1e-3, atol=1e-20)


def test_a_file_keeps_the_history(trained, good):
    stage, curves = read(good), trained.history.arrays()
    assert (stage.step, stage.seconds) == (6, 12)
    assert stage.history["step"].tolist() == [0, 2, 4, 6]
    for name, column in curves.items():
        np.testing.assert_array_equal(stage.history[name], column.astype(np.float32))


# ---- going on ----


@pytest.mark.usefixtures("from_file")
def test_a_trainer_goes_on(trained, good):
    stage = read(good)
    trainer = GANTrainer(WARM.replace(warm_start="early", seed=2, lr_decay_steps=100))
    assert trainer.step_count == 6
    for network in (trainer.generator, trainer.shown_generator):
        assert torch.equal(network.flat, stage.generator)
    assert torch.equal(trainer.discriminator.flat, stage.discriminator)
    for optimizer, second in ((trainer.g_optimizer, stage.g_second), (trainer.d_optimizer, stage.d_second)):
        first, held, count = optimizer.tensors
        assert (first == 0).all()
        assert torch.equal(held, second)
        assert count.item() == 6
    assert trainer.decay() == 1  # the fall of the learning rate begins now
    curves = trainer.history.arrays()
    assert curves["step"].tolist() == [0, 6]  # every 25 steps, and now
    assert math.isnan(curves["d_loss"][-1])
    assert curves["frechet"][-1] == trainer.evaluate().frechet
    assert curves["frechet"][-1] == pytest.approx(trained.evaluate().frechet, rel=0.05)
    assert trainer.view().fakes.step == 6
    before = trainer.generator.flat.clone()
    assert trainer.step().step == 7
    assert not torch.equal(trainer.generator.flat, before)
    # the stage is shared by all visitors: nobody may change it
    assert torch.equal(load("early").generator, stage.generator)
    assert torch.equal(load("early").g_second, stage.g_second)


@pytest.mark.usefixtures("from_file")
def test_a_warm_start_is_what_divergence_goes_back_to():
    trainer = GANTrainer(WARM.replace(warm_start="early"))
    start = trainer.generator.flat.clone()
    trainer.step()
    trainer.discriminator.flat.fill_(math.nan)
    with pytest.raises(ArithmeticError, match="put back to step 6"):
        trainer.step()
    assert torch.equal(trainer.generator.flat, start)


@pytest.mark.usefixtures("from_file")
@pytest.mark.parametrize("change", [{"architecture": "fast"}, {"architecture": "dcgan"}, {"latent_dim": 99}])
def test_other_networks_are_refused(change):
    config = WARM.replace(warm_start="early", **change)
    with pytest.raises(ValueError, match="belong to the note's network with 100 latent dimensions") as caught:
        GANTrainer(config)
    assert isinstance(caught.value.args[0], Message)


def test_long_histories_are_thinned(trained, good):
    """To what a trainer may hold, at its own distances; the row of now is left to the trainer, who measures anew."""
    stage = read(good)
    n = 1500
    history = {name: np.arange(n + 1, dtype=float) * 25 for name in stage.history}
    longer = warm_starts.WarmStart(
        n * 25, 1.0, stage.generator, stage.discriminator, stage.g_second, stage.d_second, history
    )
    trainer = GANTrainer(WARM)
    trainer.resume(longer.state(trainer.config))
    steps = trainer.history.arrays()["step"]
    assert len(steps) == 375
    assert set(np.diff(steps)) == {100}
    assert trainer.history.stride == 100
    np.testing.assert_array_equal(trainer.history.arrays()["frechet"], steps)


# ---- what is shipped ----


def test_all_stages_together_are_small():
    assert sum(path(stage).stat().st_size for stage in STAGES) <= 15e6


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_can_be_used(stage):
    found = load(stage)
    assert found.history["step"][0] == 0
    assert found.history["step"][-1] <= found.step
    assert found.seconds > 0
    assert load(stage) is found
    assert path(stage).parent == FOLDER
    assert NOTE.latent == LATENT


def test_stages_come_one_after_the_other():
    stages = [load(stage) for stage in STAGES]
    for earlier, later in itertools.pairwise(stages):
        assert earlier.step < later.step
        assert earlier.seconds < later.seconds
        rows = len([s for s in earlier.history["step"] if s in later.history["step"]])
        assert rows > 0


@pytest.fixture(scope="module")
def started(mnist_dir):
    """A trainer of each stage on MNIST."""
    return {stage: GANTrainer(NOTE.replace(warm_start=stage)) for stage in STAGES}


def test_digits_become_better_from_stage_to_stage(started):
    frechet = [started[stage].last_evaluation[1].frechet for stage in STAGES]
    assert sorted(frechet, reverse=True) == frechet
    assert len(set(frechet)) == len(STAGES)


@pytest.mark.parametrize("stage", STAGES)
def test_the_history_leads_to_what_is_seen(started, stage):
    """The last row that was saved was measured on the same G, a little before it was rounded."""
    curves, e = load(stage).history, started[stage].last_evaluation[1]
    assert curves["frechet"][-1] == pytest.approx(e.frechet, rel=0.2, abs=1)
    assert curves["confidence"][-1] == pytest.approx(e.confidence, abs=0.03)
    assert curves["d_fake"][-1] == pytest.approx(e.d_fake, abs=0.1)


def test_the_last_stage_makes_good_digits(started):
    e = started["late"].last_evaluation[1]
    assert e.modes == 10
    assert e.class_jsd <= 0.01
    assert e.frechet <= 15
    assert e.confidence >= 0.85


@pytest.mark.parametrize("stage", STAGES)
def test_the_first_steps_are_as_small_as_later_ones(started, stage):
    """Adam knows the size of the gradients, so no weight jumps, and few move by more than the learning rate."""
    trainer = GANTrainer(started[stage].config.replace(lr_g=2e-4, lr_d=2e-4))
    for network in (trainer.generator, trainer.discriminator):
        before = network.flat.clone()
        trainer.step_generator() if network is trainer.generator else trainer.step_discriminator()
        moved = (network.flat - before).abs() / 2e-4
        assert moved.median() < 0.5
        assert moved.quantile(0.99) < 2.5
        assert moved.square().mean().sqrt() < 0.8
        assert moved.max() < 0.5 / 0.001**0.5  # of a weight whose gradient had been 0 so far


@pytest.mark.usefixtures("mnist_dir")
def test_going_on_does_no_harm():
    trainer = GANTrainer(NOTE.replace(warm_start="late"))
    for _ in range(30):
        record = trainer.step()
    assert math.isfinite(record.d_loss + record.g_loss)
    assert trainer.evaluate().frechet <= 20
