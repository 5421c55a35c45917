"""Maps of settings: which runs there are, what is kept of them, and what is counted."""

import dataclasses
import io
import json
import math

import numpy as np
import pytest

from gan_core import GANTrainer, TrainConfig, map_pictures, map_table, settings_map
from gan_core.config import SETTINGS
from gan_core.map_pictures import DATA_LEVEL
from gan_core.map_plan import MAX_RUNS, N_MOMENTS, Axis, Plan
from gan_core.settings_map import DIVERGED, Outcome, SettingsMap, train

SMALL = TrainConfig(target="two_modes", width=8, batch_size=32, d_steps=1, lr_decay_steps=0)
RATES = Plan(SMALL, Axis("lr_g", (1e-3, 4e-3, 1.6e-2)), Axis("lr_d", (2e-3, 8e-3)), seeds=(3, 5), steps=40)
PLANE = Plan(
    SMALL.replace(target="ring_8", latent_dim=2), Axis("lr_g", (1e-3, 4e-3)), Axis("dropout", (0, 0.3)), steps=20
)
LOG2 = math.log(2)


def made_up(run, plan=RATES, **changes):
    """An outcome that nobody trained."""
    figures = {
        "run": run, "step": plan.steps, "diverged_at": 0, "jsd": 0.05, "modes": 2, "n_modes": 2, "high_quality": 0.9,
        "d_real": 0.5, "d_fake": 0.5, "verdict": "close", "curve": (0.5, 0.25), "picture": bytes(range(50)),
    }  # fmt: skip
    return Outcome(**{**figures, **changes})


@pytest.fixture(scope="module")
def trained():
    return list(train(RATES, slice_seconds=math.inf))


def test_a_plan_has_every_pair_with_every_seed_once():
    runs = range(RATES.n_runs)
    configs = [RATES.config(run) for run in runs]
    expected = {(g, d, seed) for g in (1e-3, 4e-3, 1.6e-2) for d in (2e-3, 8e-3) for seed in (3, 5)}
    assert {(c.lr_g, c.lr_d, c.seed) for c in configs} == expected
    assert len(expected) == RATES.n_runs == math.prod(RATES.shape)
    for run, config in zip(runs, configs, strict=True):
        row, column, seed = RATES.place(run)
        assert (RATES.y.values[row], RATES.x.values[column], RATES.seeds[seed]) == (
            config.lr_d,
            config.lr_g,
            config.seed,
        )
        assert config == SMALL.replace(lr_g=config.lr_g, lr_d=config.lr_d, seed=config.seed)
    assert [c.seed for c in configs[:6]] == [3] * 6  # a whole map of one seed comes first


def test_a_plan_comes_back_from_text():
    for plan in (RATES, dataclasses.replace(PLANE, threshold=0.05, seeds=(1, 2, 7))):
        assert Plan.from_json(plan.to_json()) == plan


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Axis("loss", (1,)), "loss cannot be an axis of a map; these can: lr_g, lr_d"),
        (lambda: dataclasses.replace(RATES, x=Axis("seed", (1, 2))), "there are no others: choose one seed"),
        (lambda: dataclasses.replace(RATES, seeds=("x",)), "seed = 'x' is not possible"),
        (lambda: Axis("nothing", (1,)), "nothing cannot be an axis"),
        (lambda: Axis("lr_g", ()), "at least one value of lr_g"),
        (lambda: Axis("lr_g", (0.1, 0.1)), "each once"),
        (lambda: Axis("lr_g", (0.1, 7.0)), "lr_g = 7.0 is not possible"),
        (lambda: dataclasses.replace(RATES, y=RATES.x), "not lr_g twice"),
        (lambda: dataclasses.replace(RATES, seeds=()), "at least one seed"),
        (lambda: dataclasses.replace(RATES, seeds=(1, 1)), "each once"),
        (lambda: dataclasses.replace(RATES, steps=N_MOMENTS - 1), "steps = 19 is not possible"),
        (lambda: dataclasses.replace(RATES, threshold=0.7), "a JSD lies between 0 and log 2 = 0.693"),
        (lambda: dataclasses.replace(RATES, seeds=tuple(range(MAX_RUNS))), "too many for a map: 100,000 at most"),
        (lambda: dataclasses.replace(RATES, base=TrainConfig(target="digits", latent_dim=8)), "not images"),
        (lambda: list(train(RATES, [])), "at least one GAN"),
    ],
)
def test_what_is_no_plan_is_refused_in_words(make, words):
    with pytest.raises(ValueError) as caught:
        make()
    assert words in str(caught.value)


TEXTS = [
    "", "[]", "{}", "null", '{"base": 1}', "[" * 100_000, RATES.to_json().replace("lr_g", "lr"),
    RATES.to_json().replace('"steps": 40', '"steps": Infinity'), RATES.to_json().replace("[3, 5]", "[[3], [5]]"),
    RATES.to_json().replace("[3, 5]", "[3, NaN]"), RATES.to_json().replace("[3, 5]", '[3, "5"]'),
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text[-12:])
def test_what_is_no_text_of_a_plan_is_refused(text):
    with pytest.raises(ValueError):
        Plan.from_json(text)


def test_every_run_is_what_a_trainer_does_alone(trained):
    end = trained[-1]
    assert end.step == RATES.steps
    for outcome in (end.outcomes[1], end.outcomes[10]):
        trainer = GANTrainer(RATES.config(outcome.run))
        expected = [trainer.evaluate().jsd]
        for step in range(1, RATES.steps + 1):
            trainer.step()
            if step in RATES.moments:
                expected.append(trainer.evaluate().jsd)
        alone = trainer.evaluate()
        assert list(outcome.curve) == expected
        assert outcome.jsd == outcome.curve[-1]
        assert outcome.step == trainer.step_count
        assert (outcome.modes, outcome.n_modes) == (alone.modes, alone.n_parts)
        np.testing.assert_array_equal((outcome.d_real, outcome.d_fake), (alone.d_real, alone.d_fake))
        np.testing.assert_array_equal(outcome.high_quality, alone.high_quality)


def test_progress_begins_untrained_and_has_every_moment(trained):
    assert [p.step for p in trained] == list(RATES.moments)
    assert {o.verdict for o in trained[0].outcomes} == {"start"}
    assert all(len(o.curve) == i + 1 for i, p in enumerate(trained) for o in p.outcomes)
    ends = SettingsMap(RATES, trained[-1].outcomes)
    assert ends.complete
    assert not SettingsMap(RATES, trained[-2].outcomes).complete


def test_short_slices_yield_more_often_and_train_the_same(trained):
    often = list(train(RATES, [1, 10], slice_seconds=0.0))
    steps = [p.step for p in often]
    assert steps == sorted(steps)
    assert set(steps) == set(range(RATES.steps + 1))
    assert [len(p.outcomes) for p in often[:3]] == [1, 2, 2]  # while they are made
    at_first_moment = [p for p in often if p.step == RATES.moments[1]]
    assert [len(o.curve) for o in at_first_moment[0].outcomes] == [2, 1]  # while they are measured
    assert [o.run for o in often[-1].outcomes] == [1, 10]
    for one, other in zip(often[-1].outcomes, (trained[-1].outcomes[i] for i in (1, 10)), strict=True):
        assert one == other  # in whatever company


def test_a_picture_on_a_line_is_p_g(trained):
    outcome = trained[-1].outcomes[7]
    trainer = GANTrainer(RATES.config(7))
    for _ in range(RATES.steps):
        trainer.step()
    evaluation = trainer.evaluate()
    low, high = trainer.target.bounds[0]
    masses, _ = np.histogram(evaluation.x, 50, (low, high), weights=evaluation.p_g * np.diff(evaluation.x)[0])
    data = trainer.target.cell_mass(np.linspace(low, high, 51))
    expected = np.clip(DATA_LEVEL * masses / data.max(), 0, 255)
    np.testing.assert_allclose(np.frombuffer(outcome.picture, np.uint8), expected, atol=1)


def test_a_picture_in_the_plane_counts_the_fakes():
    outcome = [*train(PLANE, [1])][-1].outcomes[0]
    trainer = GANTrainer(PLANE.config(1))
    for _ in range(PLANE.steps):
        trainer.step()
    (left, right), (low, high) = trainer.target.bounds
    samples = trainer.evaluate().samples
    masses = np.histogram2d(*samples.T, bins=24, range=((left, right), (low, high)))[0] / len(samples)
    fullest = map_pictures.data_masses(PLANE.base.target).max()
    expected = np.clip(DATA_LEVEL * masses / fullest, 0, 255)
    picture = np.frombuffer(outcome.picture, np.uint8).reshape(24, 24)
    assert np.abs(picture - expected).mean() < 1  # a sample on an edge may fall on either side


def test_the_data_of_a_picture_are_all_of_p_data():
    for plan in (RATES, PLANE):
        assert map_pictures.data_masses(plan.base.target).sum() == pytest.approx(1, abs=1e-3)


def test_the_data_of_a_picture_are_as_full_as_their_fullest_cell():
    for plan in (RATES, PLANE):
        picture = np.frombuffer(map_pictures.of_data(plan.base.target), np.uint8)
        assert picture.max() == DATA_LEVEL
        assert picture.size == map_pictures.data_masses(plan.base.target).size


def test_a_run_that_diverges_is_kept_as_such(monkeypatch):
    real = settings_map.Ensemble

    class Poisoned(real):
        def step(self):
            if self.members[0].step_count == 25:
                self.members[0].generator.flat.fill_(np.nan)
            return super().step()

    monkeypatch.setattr(settings_map, "Ensemble", Poisoned)
    first, second = [*train(RATES, [0, 4])][-1].outcomes
    assert (first.diverged_at, first.verdict) == (26, DIVERGED)
    assert len(first.curve) == 1 + sum(0 < moment <= 25 for moment in RATES.moments)
    assert math.isfinite(first.jsd)
    assert (second.diverged_at, second.step) == (0, RATES.steps)
    both = SettingsMap(RATES, (dataclasses.replace(first, jsd=0.0), second))
    assert both.converged[0, 0, 0] == 0  # near the data, but only because it was put back there
    assert dataclasses.replace(both, plan=dataclasses.replace(RATES, seeds=(3,))).complete is False


def test_shares_are_those_of_the_runs_that_converge():
    jsd = {
        0: 0.01,
        1: 0.2,
        2: 0.1,
        3: 0.3,
        4: 0.05,
        6: 0.02,
        7: 0.02,
        8: 0.5,
    }  # by run; seed 3 has 0 to 5, seed 5 the rest
    found = SettingsMap(RATES, tuple(made_up(run, jsd=value) for run, value in jsd.items()))
    np.testing.assert_array_equal(found.share, [[1, 0.5, 0.5], [0, 1, np.nan]])
    np.testing.assert_array_equal(found.share_along("x"), [2 / 3, 2 / 3, 0.5])
    np.testing.assert_array_equal(found.share_along("y"), [4 / 6, 0.5])
    np.testing.assert_allclose(found.median_jsd, [[0.015, 0.11, 0.3], [0.3, 0.05, np.nan]])
    assert not found.complete
    stricter = dataclasses.replace(found, plan=dataclasses.replace(RATES, threshold=0.03))
    np.testing.assert_array_equal(stricter.share, [[1, 0.5, 0], [0, 0, np.nan]])


def test_newer_outcomes_replace_older_ones():
    found = SettingsMap(RATES, (made_up(0, jsd=0.5), made_up(1)))
    newer = found.with_outcomes([made_up(0, jsd=0.01), made_up(2)])
    assert sorted(newer.by_run) == [0, 1, 2]
    assert newer.by_run[0].jsd == 0.01


def test_the_map_of_one_seed_has_the_runs_of_that_seed(trained):
    found = SettingsMap(RATES, trained[-1].outcomes)
    second = found.of_seeds((5,))
    assert second.complete
    assert second.plan == dataclasses.replace(RATES, seeds=(5,))
    for outcome in second.outcomes:
        alike = next(o for o in found.outcomes if RATES.config(o.run) == second.plan.config(outcome.run))
        assert dataclasses.replace(outcome, run=alike.run) == alike
    np.testing.assert_array_equal(found.of_seeds((5, 3)).values("jsd"), found.values("jsd")[..., ::-1])
    with pytest.raises(ValueError, match="not in tuple"):
        found.of_seeds((4,))


@pytest.mark.parametrize(("side", "value", "shape"), [("x", 4e-3, (2, 2, 1)), ("y", 8e-3, (2, 3, 1))])
def test_seeds_on_a_side_are_the_same_runs_elsewhere(side, value, shape):
    found = SettingsMap(RATES, tuple(made_up(run, jsd=0.01 * run) for run in range(RATES.n_runs) if run != 4))
    turned = found.with_seeds(side, value)
    assert turned.plan.shape == shape
    for outcome in turned.outcomes:
        alike = found.by_run[round(100 * outcome.jsd)]
        assert found.plan.config(alike.run) == turned.plan.config(outcome.run)
        assert dataclasses.replace(outcome, run=alike.run) == alike
    missing = RATES.config(4)
    expected = RATES.n_runs // len(getattr(RATES, side).values) - (
        getattr(missing, getattr(RATES, side).field) == value
    )
    assert len(turned.outcomes) == expected
    with pytest.raises(ValueError, match="not in tuple"):
        found.with_seeds(side, 0.05)


@pytest.mark.parametrize("runs", [(0, 0), (-1,), (12,)])
def test_runs_of_another_plan_are_refused(runs):
    with pytest.raises(ValueError, match="not those of its plan"):
        SettingsMap(RATES, tuple(made_up(run) for run in runs))


def test_a_file_keeps_everything(trained, tmp_path):
    found = SettingsMap(RATES, trained[-1].outcomes)
    map_table.write(found, tmp_path / "map.parquet")
    back = map_table.read(tmp_path / "map.parquet")
    assert back.plan == found.plan
    for ours, theirs in zip(found.outcomes, back.outcomes, strict=True):
        np.testing.assert_allclose(theirs.curve, ours.curve, rtol=1e-6)  # single precision
        assert dataclasses.replace(theirs, curve=()) == dataclasses.replace(ours, curve=())


def test_a_file_of_the_plane_without_scores_comes_back():
    found = SettingsMap(PLANE, (made_up(2, PLANE, d_real=math.nan, high_quality=math.nan, picture=bytes(576)),))
    file = io.BytesIO()
    map_table.write(found, file)
    back = map_table.read(file.getvalue()).by_run[2]
    assert math.isnan(back.d_real)
    assert math.isnan(back.high_quality)
    assert back.picture == bytes(576)


def test_a_table_has_a_row_a_run_with_its_settings():
    table = map_table.to_table(SettingsMap(RATES, (made_up(7), made_up(2))))
    assert table["run"].tolist() == [2, 7]
    for row in table.itertuples():
        config = RATES.config(row.run)
        assert (row.lr_g, row.lr_d, row.seed) == (config.lr_g, config.lr_d, config.seed)


def test_every_number_can_be_an_axis():
    numbers = [name for name, record in SETTINGS.items() if record.type in (int, float)]
    assert [Axis(name, (SETTINGS[name].options[:3] or (1, 2))).field for name in numbers] == numbers
    assert json.loads(RATES.to_json())["x"] == {"field": "lr_g", "values": [1e-3, 4e-3, 1.6e-2]}
