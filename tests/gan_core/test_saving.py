"""A training in a file goes on bit for bit, and a failed save leaves the old file."""

import functools
import math
import os
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch

from gan_core import load, save, tensor_files, training
from gan_core.history import History
from gan_core.messages import Message
from gan_core.own_targets import from_mixture, from_points, lookup, table_behind
from gan_core.training import GANTrainer, TrainingDiverged
from tests.gan_core.experiments import DRAWING, FULL, SMALL, TABLE, trained
from tests.gan_core.images.experiments import TINY, WARM

MIXTURE = from_mixture([-2, 2.5], [0.5, 0.25], [0.8, 0.2]).key
CONFIGS = {
    "line": SMALL,
    "everything at once": FULL.replace(latent_dim=1, ema_warm_up=True, label_smoothing=0.1, lr_decay_steps=300, beta1=0.5),
    "uniform latents": SMALL.replace(latent="uniform", latent_dim=3, wide_start=True),
    "plane": SMALL.replace(target="ring_8", latent_dim=2, packing=2, ema_decay=0.9, dropout=0.3),
    "Wasserstein": SMALL.replace(loss="wasserstein_gp", gp_weight=1.0, d_steps=5),
    "images": TINY.replace(r1_gamma=0.1, instance_noise=0.1),
    "a drawing": SMALL.replace(target=DRAWING, latent_dim=2),
    "a mixture": SMALL.replace(target=MIXTURE),
}  # fmt: skip


def steps(trainer, n):
    """n steps, and all that they leave behind."""
    records = [asdict(trainer.step()) for _ in range(n)]
    return records, trainer.state()


def assert_same(found, expected):
    """Two states, bit for bit; nan is nan."""
    for name in ("step", "decay_from", "marks", "stride"):
        assert getattr(found, name) == getattr(expected, name)
    for name in ("generator", "discriminator", "averaged", "g_optimizer", "d_optimizer"):
        ours, theirs = getattr(found, name), getattr(expected, name)
        assert (ours is None) == (theirs is None)
        for a, b in zip(
            ours if isinstance(ours, list) else [ours], theirs if isinstance(theirs, list) else [theirs], strict=True
        ):
            assert a is b is None or torch.equal(a, b)
    assert found.history.keys() == expected.history.keys()
    for name, column in expected.history.items():
        assert found.history[name].tobytes() == column.tobytes()
    assert found.luck.rng == expected.luck.rng
    assert torch.equal(found.luck.torch_rng, expected.luck.torch_rng)
    assert found.luck.real_batches == expected.luck.real_batches
    a, b = found.luck.latent_batches, expected.luck.latent_batches
    assert a.used == b.used
    assert (a.used == 0) or torch.equal(a.drawn_from, b.drawn_from)


def assert_goes_on(trainer, file, n=15):
    """From a file as if nobody had stopped."""
    save(trainer, file)
    loaded = load(file)
    assert loaded.config == trainer.config
    assert loaded.step_count == trainer.step_count
    assert_same(loaded.state(), trainer.state())
    np.testing.assert_array_equal(loaded.sample(9), trainer.sample(9))
    expected = steps(trainer, n)
    found = steps(loaded, n)
    assert found[0] == expected[0]
    assert_same(found[1], expected[1])
    return loaded


# ---- bit for bit ----


@pytest.mark.parametrize("config", CONFIGS)
def test_a_training_goes_on_bit_for_bit(config, tmp_path):
    """Within a draw of batches, over a row of the history."""
    trainer = GANTrainer(CONFIGS[config])
    trainer.history.stride = 10
    steps(trainer, 7)
    assert_goes_on(trainer, tmp_path / "file")


@pytest.mark.parametrize("n", [0, 73])  # before the first draw, and in the second one of latents
@pytest.mark.parametrize("config", ["line", "plane"])
def test_from_any_place_in_the_batches(config, n, tmp_path):
    assert_goes_on(trained(n, CONFIGS[config]), tmp_path / "file", 60)


def test_at_the_end_of_a_draw(tmp_path):
    trainer = trained(100)
    assert trainer.real_batches.place().used == 100
    assert_goes_on(trainer, tmp_path / "file")


@pytest.mark.parametrize("config", ["line", "images"])
def test_live_changes_go_along(config, tmp_path):
    trainer = trained(3, CONFIGS[config])
    trainer.update(lr_g=5e-4, dropout=0.25, ema_decay=0.8, instance_noise=0.1, d_steps=3, lr_decay_steps=100)
    trainer.step()
    trainer.update(r1_gamma=0.3, show_raw=True, lr_d=1.25e-3)
    trainer.step()
    loaded = assert_goes_on(trainer, tmp_path / "file")
    assert loaded.marks == trainer.marks
    assert loaded.discriminator.dropout == 0.25
    assert loaded.decay_from == 4


def test_averaging_that_begins_later(tmp_path):
    trainer = trained(5)
    save(trainer, tmp_path / "file")
    loaded = load(tmp_path / "file")
    for t in (trainer, loaded):
        t.update(ema_decay=0.9)
    assert_same(steps(loaded, 9)[1], steps(trainer, 9)[1])


@pytest.mark.parametrize(("columns", "proportions"), [(1, False), (2, True)])
def test_a_table_goes_along(columns, proportions, tmp_path, forget):
    names = ("t", "größe")[:columns]
    key = from_points(TABLE[:, :columns], "My table", axes=names, keep_proportions=proportions).key
    trainer = trained(5, SMALL.replace(target=key))
    save(trainer, tmp_path / "file")
    expected = steps(trainer, 9)
    axes = trainer.target.axes
    forget()
    with pytest.raises(ValueError, match="upload the table again"):
        lookup(key)
    loaded = load(tmp_path / "file")
    assert (loaded.target.key, loaded.target.name, loaded.target.axes) == (key, "My table", axes)
    assert_same(steps(loaded, 9)[1], expected[1])
    forget()
    save(loaded, tmp_path / "again")  # from a file, too
    assert table_behind(load(tmp_path / "again").target).name == "My table"


def test_a_table_that_its_owner_changes_later(tmp_path):
    mine = TABLE.copy()
    trainer = trained(1, SMALL.replace(target=from_points(mine[:, 0:1]).key))
    mine[:] = 0
    assert_goes_on(trainer, tmp_path / "file", 3)


def test_a_thinned_history_goes_along(tmp_path, monkeypatch):
    monkeypatch.setattr(training, "History", functools.partial(History, capacity=4))
    trainer = trained(250, SMALL)
    assert trainer.history.stride == 80
    assert_goes_on(trainer, tmp_path / "file", 100)


def test_a_warm_start_goes_along(tmp_path):
    trainer = trained(1, WARM.replace(warm_start="late"))
    loaded = assert_goes_on(trainer, tmp_path / "file", 2)
    assert trainer.step_count % trainer.history.stride == loaded.step_count % trainer.history.stride
    assert len((tmp_path / "file").read_bytes()) < tensor_files.MAX_BYTES


def test_the_largest_networks_can_be_saved(tmp_path):
    """What can be saved can be loaded: both have the same bound."""
    save(GANTrainer(SMALL.replace(width=512, depth=6, latent_dim=128, packing=8, ema_decay=0.9)), tmp_path / "file")


def test_a_loaded_training_that_diverges_falls_back_to_its_file(tmp_path):
    save(trained(7), tmp_path / "file")
    loaded = load(tmp_path / "file")
    before = loaded.generator.flat.clone()
    loaded.step()
    loaded.discriminator.flat.fill_(math.nan)
    with pytest.raises(TrainingDiverged, match="put back to step 7"):
        loaded.step()
    assert torch.equal(loaded.generator.flat, before)


def test_a_file_may_be_replaced_while_its_training_goes_on(tmp_path):
    save(trained(7), tmp_path / "file")
    loaded, other = load(tmp_path / "file"), load(tmp_path / "file")
    (tmp_path / "file").write_bytes(b"")
    assert_same(steps(loaded, 120)[1], steps(other, 120)[1])


# ---- whole or not at all ----


@pytest.mark.parametrize("fails", ["fsync", "replace"])
def test_a_failed_save_leaves_the_old_file(fails, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    file = tmp_path / "file"
    save(trained(3), file)
    before = file.read_bytes()
    monkeypatch.setattr(*((os, "fsync", full) if fails == "fsync" else (Path, "replace", full)))
    with pytest.raises(OSError, match="No space left"):
        save(trained(5), file)
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize("network", ["generator", "discriminator"])
def test_broken_weights_are_not_saved(network, value, tmp_path):
    """The next step would put good ones back."""
    trainer = trained(3)
    save(trainer, tmp_path / "file")
    before = (tmp_path / "file").read_bytes()
    getattr(trainer, network).flat[0] = value
    with pytest.raises(ValueError, match=f"{network} has values that are no finite numbers") as caught:
        save(trainer, tmp_path / "file")
    assert isinstance(caught.value.args[0], Message)
    assert (tmp_path / "file").read_bytes() == before
