"""Masks, their number, and D under them."""

import numpy as np
import pytest

from gan_core.lessons import dropout


@pytest.mark.parametrize("p", [0.2, 0.5, 0.9])
def test_dropped_neurons_are_counted_as_the_binomial_says(p):
    expected = dropout.count(p)
    drawn = np.array([dropout.dropped_neurons(p, seed).sum() for seed in range(400)])
    assert drawn.mean() == pytest.approx(expected.mean, abs=4 * expected.deviation / 20)
    assert drawn.std() == pytest.approx(expected.deviation, rel=0.15)
    assert len(np.unique(drawn)) > 10


def test_half_of_256():
    c = dropout.count(0.5)
    assert (c.mean, c.deviation, c.scale) == (128, 8, 2)
    assert c.probabilities[128] == pytest.approx(0.0498, abs=1e-4)  # exactly half: once in twenty
    assert c.probabilities.sum() == pytest.approx(1)
    assert (c.probabilities * c.values).sum() == pytest.approx(c.mean)


def test_without_dropout_nothing_is_dropped():
    assert not dropout.dropped_neurons(0.0, 1).any()
    c = dropout.count(0.0)
    assert (c.mean, c.deviation, c.scale) == (0, 0, 1)
    o = dropout.opinions(0.0)
    assert o.width == pytest.approx(0, abs=1e-6)
    np.testing.assert_allclose(o.low, o.evaluation, atol=1e-5)


def test_masks_are_reproducible_and_differ():
    assert (dropout.dropped_neurons(0.5, 1) == dropout.dropped_neurons(0.5, 1)).all()
    assert (dropout.dropped_neurons(0.5, 1) != dropout.dropped_neurons(0.5, 2)).any()


def test_training_mode_makes_a_band_around_evaluation_mode():
    little, half = dropout.opinions(0.1), dropout.opinions(0.5)
    assert 0.02 < little.width < half.width
    for o in (little, half):
        inside = (o.low <= o.evaluation) & (o.evaluation <= o.high)
        assert inside.mean() > 0.9
        assert ((o.low <= o.one_pass) & (o.one_pass <= o.high)).mean() == pytest.approx(0.9, abs=0.12)
        jagged = np.abs(np.diff(o.one_pass)).mean()
        assert jagged > 5 * np.abs(np.diff(o.evaluation)).mean()


def test_only_d_has_learnt():
    trainer = dropout.trained_discriminator(0.5, steps=5)
    start = dropout.trained_discriminator(0.5, steps=0)
    assert (trainer.generator.flat == start.generator.flat).all()
    assert (trainer.discriminator.flat != start.discriminator.flat).any()


def test_here_more_dropout_keeps_d_farther_from_the_best():
    errors = [dropout.opinions(p).error for p in (0.0, 0.3, 0.5, 0.7, 0.9)]
    assert errors == sorted(errors)
    assert errors[0] < 0.08
    assert dropout.opinions(0.9).width < dropout.opinions(0.5).width
