"""Trainings on few examples: short ones anew, and what the lesson says of the shipped table."""

import math
import re

import numpy as np
import pytest
import torch

from gan_core.images import classifier, few
from gan_core.images.data import load, to_range
from gan_core.images.few import Attempt, Training
from gan_core.images.neighbours import nearest
from pages.ui.text import TEXT

languages = pytest.mark.parametrize("language", ["en", "ko"])


def shipped(n, remedy):
    return few.load()[Attempt(n, **few.REMEDIES[remedy])]


def prose(language):
    return re.sub(r"\s+", " ", (TEXT / language / "few_examples.md").read_text("utf-8"))


def test_d_gets_the_first_images_and_no_others():
    training = Training(Attempt(20), "digits")
    pool = load("digits").pixels(14)[0][:20]
    seen = torch.cat([next(training.trainer.real_batches) for _ in range(20)])
    assert (torch.cdist(seen, to_range(pool)).min(1).values < 0.01).all()  # rounding apart
    assert len(seen.unique(dim=0)) == 20


def test_a_reading_is_the_mean_of_what_d_says():
    training = Training(Attempt(100), "digits", stride=20)
    for _ in range(20):
        training.step()
    now, trainer = training.readings[-1], training.trainer
    train, held_out = (to_range(x) for x in (training.problem.train, training.problem.held_out[:500]))
    for value, x in ((now.d_train, train), (now.d_held_out, held_out)):
        assert value == pytest.approx(float(torch.sigmoid(trainer.discriminator(x)).mean()), abs=1e-6)
    assert [r.step for r in training.readings] == [0, 20]
    assert training.read() == now
    assert list(training.curves()) == list(few.COLUMNS)


def test_few_images_are_learnt_by_heart_and_augmentation_helps():
    """250 steps on 30 digits: what the table shows, in small."""
    gaps = []
    for augment in ("none", "fixed"):
        training = Training(Attempt(30, augment=augment), "digits", stride=250)
        for _ in range(250):
            training.step()
        now = training.readings[-1]
        gaps.append(now.d_train - now.d_held_out)
    assert gaps[0] > gaps[1] + 0.15


def test_the_controller_moves_p_and_only_where_it_is_asked_to():
    training = Training(Attempt(30, augment="adaptive"), "digits")
    assert training.augment.p == 0
    for _ in range(300):
        training.step()
    assert training.augment.p > 0
    assert not math.isnan(training.read().r_t)
    fixed = Training(Attempt(30, augment="fixed"), "digits")
    fixed.step()
    assert fixed.augment.p == 1


def test_nearness_knows_copies():
    training = Training(Attempt(100), "digits")
    train = to_range(training.problem.train)
    training.trainer.averaged = lambda z: train[torch.arange(len(z)) % 100]
    near, others = training.nearness()
    assert near == pytest.approx(0, abs=1e-6)
    assert others > 1


def test_what_d_sees_stands_below_what_there_is():
    pixels = few.seen("digits", 5, 1.0, 0)
    np.testing.assert_array_equal(pixels[:5].reshape(5, -1), load("digits").pixels(14)[0][:5])
    assert (pixels[5:] != pixels[:5]).any()
    plain = few.seen("digits", 5, 0.0, 0)
    np.testing.assert_array_equal(plain[:5], plain[5:])


def test_the_table_survives_its_file(tmp_path):
    few.save(few.load(), tmp_path / "table.npz")
    for (a, course), (b, again) in zip(few.load().items(), few.read(tmp_path / "table.npz").items(), strict=True):
        assert a == b
        for name in few.COLUMNS:
            np.testing.assert_array_equal(course.curves[name], again.curves[name])
        np.testing.assert_array_equal(course.fakes, again.fakes)
        assert (course.generator is None) == (again.generator is None) == (a not in few.COPYING)
        assert (course.near_fakes, course.near_others, course.floor) == (
            again.near_fakes,
            again.near_others,
            again.floor,
        )


def test_the_example_that_a_fake_resembles_most_stands_in_its_place():
    pool = load("digits").pixels(14)[0][:50].numpy().reshape(-1, 14, 14)
    fakes = np.clip(pool[[7, 0, 49]].astype(int) + 3, 0, 255).astype(np.uint8)
    np.testing.assert_array_equal(few.originals(fakes, 50, "digits"), pool[[7, 0, 49]])


def test_a_shipped_generator_draws_what_its_training_drew():
    """Half precision apart."""
    attempt = Attempt(100)
    course = few.follow(attempt, steps=100, stride=100, target="digits")
    assert np.abs(few.drawn(course.generator).astype(int) - course.fakes).max() <= 2
    assert few.follow(Attempt(100, dropout=0.5), steps=1, target="digits").generator is None


def test_no_picture_of_a_training_image_is_shipped(mnist_dir):
    """No more of them lie near one than of real digits that nobody trained on, digit by digit; of copies a third does."""
    images = load("mnist")
    train, held_out = (x.numpy() for x in images.pixels(14))
    labels = images.test_labels[:1000].numpy()
    real = nearest(held_out[:1000], train, 1)[1][:, 0]
    near = np.array([np.quantile(real[labels == digit], 0.05) for digit in range(10)])

    def copies(fakes):
        rows = fakes.reshape(len(fakes), -1)
        named = classifier.load().probabilities_and_features(to_range(torch.from_numpy(rows)))[0].argmax(1).numpy()
        return np.mean(nearest(rows, train, 1)[1][:, 0] < near[named])

    with np.load(few.TABLE) as table:
        shipped_pictures = table["fakes"]
    assert len(shipped_pictures) == len(list(few.attempts())) - len(few.COPYING)
    shares = [copies(fakes) for fakes in shipped_pictures]
    assert np.mean(shares) <= 0.05
    assert max(shares) <= 0.15
    assert copies(shipped(100, "nothing").fakes) > 0.3


@pytest.mark.slow
def test_the_script_makes_the_table(mnist_dir):
    """The first 200 steps of one training anew. Rounding differs between machines, and grows: after 200 steps one of another kind was
    off by 0.2, 0.0001 and 0.002, after 600 by 0.26 in D. Another remedy is off by 11, 0.06 and 0.07 after 200."""
    anew = few.follow(Attempt(100), steps=200).curves
    for name, tolerance in (("frechet", 3), ("d_train", 0.02), ("d_held_out", 0.03)):
        np.testing.assert_allclose(anew[name], shipped(100, "nothing").curves[name][:2], atol=tolerance)


# ---- the shipped table, and what the lesson says of it ----


def test_the_table_is_whole_and_small():
    table = few.load()
    assert list(table) == list(few.attempts())
    for course in table.values():
        assert course.curves["step"][-1] == few.STEPS
        assert course.fakes.shape == (few.N_SHOWN, 14, 14)
        for name in ("d_train", "d_held_out", "d_fake", "p"):
            assert ((course.curves[name] >= 0) & (course.curves[name] <= 1)).all()
    assert few.TABLE.stat().st_size < 500_000


def test_generators_are_shipped_of_those_that_copy_and_of_no_others():
    copying = {attempt for attempt, c in few.load().items() if c.near_fakes < 0.49 * c.near_others}
    assert copying == set(few.COPYING)


@languages
def test_the_prose_says_what_was_measured(language):
    text = prose(language)
    end = {(n, key): shipped(n, key).curves["frechet"][-1] for n in few.EXAMPLES for key in few.REMEDIES}
    alone = shipped(100, "nothing")
    at = list(alone.curves["step"]).index(1000)
    numbers = [f"{alone.curves['frechet'].min():.0f}", f"{end[100, 'nothing']:.0f}"]
    numbers += [f"{alone.near_fakes:.2f}", f"{alone.near_others:.2f}"]
    numbers += [f"{alone.curves[name][at]:.2f}" for name in ("d_train", "d_held_out", "d_fake")]
    numbers += [f"{shipped(60_000, 'nothing').curves[name][-1]:.2f}" for name in ("d_train", "d_held_out")]
    lowest = shipped(500, "nothing").curves
    numbers += [f"{lowest['step'][lowest['frechet'].argmin()]:,.0f}", f"{lowest['frechet'].min():.0f}"]
    numbers += [f"{end[500, key]:.0f}" for key in ("r1", "dropout", "fixed", "nothing")]
    numbers += [f"{end[60_000, 'nothing']:.0f}", f"{end[100, 'fixed']:.0f}", f"{end[100, 'r1']:.0f}"]
    numbers += [f"{shipped(100, key).near_fakes:.2f}" for key in ("r1", "fixed")]
    numbers += [f"{end[60_000, key]:.0f}" for key in ("dropout", "fixed")]
    adaptive = shipped(100, "adaptive").curves
    numbers += [f"{adaptive[name][-1]:.2f}" for name in ("p", "d_train", "d_held_out")]
    missing = [number for number in numbers if not re.search(rf"(?<![\d.]){re.escape(number)}(?!\d)", text)]
    assert missing == []


def test_which_remedy_is_best_is_as_the_prose_says():
    def best(n):
        return min(few.REMEDIES, key=lambda key: shipped(n, key).curves["frechet"][-1])

    assert (best(100), best(500), best(60_000)) == ("fixed", "r1", "nothing")
    assert shipped(60_000, "adaptive").curves["p"].max() < 0.01
    assert shipped(60_000, "adaptive").curves["frechet"][-1] == pytest.approx(
        shipped(60_000, "nothing").curves["frechet"][-1], abs=0.5
    )
    assert np.argmin(shipped(100, "nothing").curves["frechet"]) < 5
    assert shipped(500, "nothing").curves["frechet"][-1] > 3 * shipped(500, "nothing").curves["frechet"].min()
