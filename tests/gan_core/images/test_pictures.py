"""What there is to see of a training on images, and the album of what there was."""

import dataclasses

import numpy as np
import pytest

from gan_core.images import problem as image_problem
from gan_core.images.data import to_range
from gan_core.images.networks import ARCHITECTURES
from gan_core.images.problem import N_FAKES, N_REALS, as_pixels
from gan_core.losses import LOSSES
from gan_core.training import GANTrainer
from tests.gan_core.images.examples import every_architecture
from tests.gan_core.images.experiments import TINY, trained


@every_architecture
def test_a_view_holds_pixels_and_opinions(key):
    trainer = trained(2, TINY.replace(architecture=key))
    view, side = trainer.view(), ARCHITECTURES[key].side
    assert view.fakes.step == 2
    assert view.fakes.pixels.shape == (N_FAKES, side, side)
    assert view.reals.shape == (N_REALS, side, side)
    assert view.fakes.pixels.dtype == view.reals.dtype == np.uint8
    for opinions, n in ((view.fakes.opinions, N_FAKES), (view.real_opinions, N_REALS)):
        assert opinions.shape == (n,)
        assert opinions.dtype == np.float32
        assert opinions.min() >= 0
        assert opinions.max() <= 1
    x = trainer.generate(trainer.fixed_latents(N_FAKES))
    np.testing.assert_array_equal(view.fakes.pixels.reshape(N_FAKES, -1), as_pixels(x))
    np.testing.assert_allclose(view.fakes.opinions, trainer.judge(x)[:, 0].sigmoid(), atol=1e-6)
    np.testing.assert_allclose(
        view.real_opinions, trainer.judge(to_range(trainer.problem.held_out[:N_REALS]))[:, 0].sigmoid(), atol=1e-6
    )
    np.testing.assert_array_equal(view.reals.reshape(N_REALS, -1), trainer.problem.held_out[:N_REALS])


@pytest.mark.parametrize("loss", [key for key, loss in LOSSES.items() if loss.output == "score"])
def test_scores_are_no_opinions(loss):
    view = GANTrainer(TINY.replace(loss=loss)).view()
    assert np.isnan(view.fakes.opinions).all()
    assert np.isnan(view.real_opinions).all()
    assert view.fakes.opinions.shape == (N_FAKES,)


def test_the_album_is_bounded_and_even(monkeypatch):
    trainer = GANTrainer(TINY)
    assert trainer.problem.stride == 100
    first = trainer.problem.album[0]
    monkeypatch.setattr(trainer.problem, "_page", lambda game: dataclasses.replace(first, step=trainer.step_count))
    monkeypatch.setattr(trainer, "evaluate", lambda: trainer.last_evaluation[1])
    for step in range(100, 100_000, 100):
        trainer.step_count = step
        if trainer.history.wants(step):
            trainer.record(0.0, 0.0)
        steps = [page.step for page in trainer.problem.album]
        assert 1 <= len(steps) <= 48
        assert steps[0] == 0
        gaps = np.diff(steps)
        assert np.all(gaps > 0)
        assert len(set(gaps)) <= 1
        assert step - steps[-1] < max(gaps, default=100)
        if step == 4700:
            assert len(steps) == 48
    assert len(steps) >= 24


def test_an_album_may_begin_anywhere(monkeypatch):
    """After a warm start the first page is not a multiple of anything."""
    trainer = GANTrainer(TINY)
    first = dataclasses.replace(trainer.problem.album[0], step=1234)
    trainer.problem.album = (first,)
    monkeypatch.setattr(trainer.problem, "_page", lambda game: dataclasses.replace(first, step=trainer.step_count))
    monkeypatch.setattr(trainer, "evaluate", lambda: trainer.last_evaluation[1])
    for step in range(1300, 30_000, 100):
        trainer.step_count = step
        if trainer.history.wants(step):
            trainer.record(0.0, 0.0)
        steps = [page.step for page in trainer.problem.album]
        assert steps[0] == 1234
        assert len(steps) <= 48
        assert len(set(np.diff(steps[1:]))) <= 1


def test_pages_are_what_there_was_to_see(monkeypatch):
    monkeypatch.setitem(image_problem.ARCHITECTURES, "tiny", dataclasses.replace(ARCHITECTURES["tiny"], stride=2))
    trainer = GANTrainer(TINY)
    seen = [trainer.view().fakes]
    for _ in range(2):
        trainer.step()
        trainer.step()
        seen.append(trainer.view().fakes)
    album = trainer.view().album
    assert [page.step for page in album] == [0, 2, 4]
    for page, view in zip(album, seen, strict=True):
        np.testing.assert_array_equal(page.pixels, view.pixels)
        np.testing.assert_array_equal(page.opinions, view.opinions)
    assert np.any(album[0].pixels != album[2].pixels)
