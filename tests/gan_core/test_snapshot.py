"""What a snapshot shows, per kind of target."""

import numpy as np

from gan_core.config import TrainConfig
from gan_core.images.metrics import ImageEvaluation
from gan_core.snapshot import shown_evaluation
from gan_core.training import GANTrainer
from tests.gan_core.background import DIGITS, SMALL


def test_a_run_in_the_plane_is_pictured(start):
    config = SMALL.replace(target="ring_8", latent_dim=2)
    snapshot = start(config).settle()
    trainer = GANTrainer(config)
    view = trainer.view(trainer.evaluate())
    for name in ("p_g", "d", "arrows", "manifold", "latent_mode"):
        np.testing.assert_array_equal(getattr(snapshot.view, name), getattr(view, name))
    line = start(SMALL).settle()
    assert line.view.d is line.evaluation.d  # in 1D the evaluation has measured the curves


def test_in_2d_a_playing_run_may_show_an_evaluation_of_a_moment_ago_and_a_paused_one_does_not(start):
    run = start(TrainConfig(target="ring_8", latent_dim=2, width=8, batch_size=32, ema_decay=0.9))
    run.step(33)
    snapshot = run.settle()
    trainer = run.trainer
    assert trainer.last_evaluation[0] == 20
    assert snapshot.evaluation.jsd == trainer.evaluate().jsd
    last = trainer.last_evaluation[1]
    assert shown_evaluation(trainer, playing=True, rate=100.0) is last  # 33 - 20 steps: 0.13 s ago
    assert shown_evaluation(trainer, playing=True, rate=10.0) is not last
    assert shown_evaluation(trainer, playing=False, rate=100.0) is not last


def test_in_1d_every_evaluation_is_of_now():
    trainer = GANTrainer(SMALL)
    assert shown_evaluation(trainer, playing=True, rate=1e6) is not trainer.last_evaluation[1]


def test_a_run_on_images_is_pictured(start):
    run = start(DIGITS)
    run.step(3)
    snapshot = run.settle()
    trainer = GANTrainer(DIGITS)
    for _ in range(3):
        trainer.step()
    view = trainer.view()
    assert snapshot.view.fakes.step == 3
    np.testing.assert_array_equal(snapshot.view.fakes.pixels, view.fakes.pixels)
    np.testing.assert_array_equal(snapshot.view.real_opinions, view.real_opinions)
    np.testing.assert_array_equal(snapshot.view.reals, trainer.problem.real)
    assert isinstance(snapshot.evaluation, ImageEvaluation)
    assert snapshot.evaluation.frechet == trainer.evaluate().frechet  # of now, since it stands still
    assert snapshot.diagnosis.sentence.values["apart"] == snapshot.evaluation.frechet
    assert tuple(snapshot.history) == trainer.history.columns


def test_a_playing_run_on_images_shows_the_last_evaluation_of_its_history():
    trainer = GANTrainer(DIGITS)
    trainer.step()
    last = trainer.last_evaluation[1]
    assert shown_evaluation(trainer, playing=True, rate=0.001) is last
    assert shown_evaluation(trainer, playing=True, rate=0.0) is last  # just about to play
    assert shown_evaluation(trainer, playing=False, rate=0.001) is not last
