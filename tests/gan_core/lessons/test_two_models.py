"""The two shipped models are what the tables say, and the tables say what the lesson says."""

import re

import numpy as np
import pytest

from gan_core.lessons import diffusion, metrics, two_models
from gan_core.training import GANTrainer
from pages.ui.text import TEXT, _sections

MODELS = two_models.load()
LESSONS = {language: _sections(TEXT / language / "to_today.md") for language in ("en", "ko")}


def at(rows, number):
    return next(r for r in rows if r.at == number)


def test_both_have_as_many_weights():
    trainer = GANTrainer(two_models.GAN)
    g, d, denoiser = MODELS.parameters
    assert (g, d) == (len(trainer.generator.flat), len(trainer.discriminator.flat))
    assert denoiser == pytest.approx(g + d, rel=0.001)
    for text in LESSONS.values():
        assert all(f"{n:,}" in text["two"] for n in MODELS.parameters)


def test_both_learn_from_batches_of_the_same_size():
    assert diffusion.Schedule().batch_size == two_models.GAN.batch_size


def test_the_shipped_weights_score_what_the_tables_say():
    gan, drawn = two_models.gan_samples(MODELS.generator, two_models.N), MODELS.sampler.sample(two_models.N, 10, 0)
    for samples, row in ((gan, MODELS.gan[-1]), (drawn, at(MODELS.passes, 10))):
        found = two_models.score(samples)
        assert found.jsd == pytest.approx(row.jsd, abs=1e-3)
        assert found.high_quality == pytest.approx(row.high_quality, abs=1e-3)
        assert found.modes == row.modes


def test_the_tables_end_with_the_same_model():
    assert [r.at for r in MODELS.passes] == list(two_models.PASSES)
    assert MODELS.diffusion[-1].jsd == at(MODELS.passes, two_models.USUAL).jsd
    assert MODELS.gan[-1].at == 6000


def test_the_shipped_gan_is_our_preset():
    """Its first hundred steps read as the first row of the table does."""
    trainer = GANTrainer(two_models.GAN)
    while trainer.step_count < 100:
        trainer.step()
    found = two_models.score(two_models.gan_samples(trainer.averaged, two_models.N))
    assert found.jsd == pytest.approx(MODELS.gan[0].jsd, abs=0.02)


def test_the_first_steps_of_the_diffusion_model_are_those_of_the_table():
    model = diffusion.DiffusionModel(two_models.RING, seed=1)
    while model.step_count < 500:
        model.step()
    found = two_models.score(model.sampler.sample(two_models.N, two_models.USUAL, 0))
    assert found.jsd == pytest.approx(at(MODELS.diffusion, 500).jsd, abs=0.02)


@pytest.mark.parametrize("language", LESSONS)
def test_the_numbers_of_the_text(language):
    both = LESSONS[language]["both"]
    gan, drawn = MODELS.gan[-1], at(MODELS.passes, 50)
    five = at(MODELS.passes, 5)
    for value in (f"{gan.jsd:.3f}", f"{drawn.jsd:.3f}", f"{five.jsd:.3f}"):
        assert value in both
    percents = re.findall(r"(\d+) ?%", both)
    assert percents == [f"{100 * r.high_quality:.0f}" for r in (gan, drawn)]
    assert gan.high_quality > drawn.high_quality
    assert drawn.jsd < gan.jsd
    world = metrics.world(two_models.RING, 2000, 3)
    clouds = (two_models.gan_samples(MODELS.generator, 2000), MODELS.sampler.sample(2000, 50, 0))
    precision, recall = (
        [metrics.RULERS[key].measure(x.astype(np.float64), world) for x in clouds] for key in ("precision", "recall")
    )
    found = [float(number) for number in re.findall(r"0\.\d{3}", both)][2:6]
    assert found == pytest.approx([*precision, *recall], abs=0.002)
    assert precision[0] > precision[1]
    assert recall[0] < recall[1]


def test_what_the_text_says_of_training():
    gan_seconds, gan_jsd = ([getattr(r, name) for r in MODELS.gan] for name in ("seconds", "jsd"))
    for row in MODELS.diffusion:
        if row.seconds >= gan_seconds[0]:
            assert row.jsd < np.interp(row.seconds, gan_seconds, gan_jsd)
    assert next(r for r in MODELS.gan if r.modes == 8).seconds < 2.5
    assert gan_seconds[-1] > 15
    assert at(MODELS.passes, 5).jsd > next(r for r in MODELS.gan if r.seconds > 0.3).jsd  # after half a second


def test_what_the_text_says_of_the_way():
    clouds = list(MODELS.sampler.path(4000, 50, 0))
    angle = [np.arctan2(c[:, 1], c[:, 0]) for c in clouds]
    eightfold = [abs(np.exp(8j * a).mean()) for a in angle]
    assert eightfold[40] < 0.05  # one round cloud
    assert eightfold[50] > 0.8
    assert np.hypot(*clouds[40].T).std() > 0.5
    mode = [np.round(a / (np.pi / 4)).astype(int) % 8 for a in angle]
    assert f"{np.mean(mode[0] == mode[50]):.0%}" == "97%"
    _, one = MODELS.sampler.path(20_000, 1, 0)
    assert 1.8 < np.hypot(*one.T).mean() / 2 < 1.95  # almost twice as far out as the ring
    assert at(MODELS.passes, 1).modes == 0


def test_the_passes_at_which_it_overtakes_the_gan():
    better = [r.at for r in MODELS.passes if r.jsd < MODELS.gan[-1].jsd]
    assert better == [50, 100, 200]


def test_times_are_measured():
    one, many = two_models.seconds_per_thousand(20)
    assert 0 < one < many


def test_the_path_ends_with_the_samples():
    *_, last = MODELS.sampler.path(100, 5, 3)
    np.testing.assert_array_equal(last, MODELS.sampler.sample(100, 5, 3))


def test_a_race_trains_both_for_as_long(monkeypatch):
    monkeypatch.setattr(two_models, "N_RACE", 1000)
    seen = list(two_models.race(0.5, seed=2))
    assert [name for name, _ in seen] == ["gan", "diffusion"] * 6
    rows = {name: [r for n, r in seen if n == name] for name in ("gan", "diffusion")}
    for mark, *pair in zip(0.5 / 2.0 ** np.arange(5, -1, -1), rows["gan"], rows["diffusion"], strict=True):
        assert all(mark <= r.seconds < mark + 0.3 for r in pair)
    for name in rows:
        assert [r.at for r in rows[name]] == sorted({r.at for r in rows[name]})
        assert rows[name][-1].jsd < rows[name][0].jsd


def test_a_race_is_fixed_by_its_seed_but_for_the_number_of_steps():
    """The GAN's first row is what its own trainer reads after as many steps."""
    _, first = next(two_models.race(0.7, seed=5))
    trainer = GANTrainer(two_models.GAN.replace(seed=5))
    while trainer.step_count < first.at:
        trainer.step()
    found = two_models.score(two_models.gan_samples(trainer.averaged, two_models.N_RACE))
    assert found.jsd == pytest.approx(first.jsd, abs=1e-3)
