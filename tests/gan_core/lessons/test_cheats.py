"""Fakes with a fault have just that fault, and the table of verdicts says what the lesson says."""

import numpy as np
import pytest

from gan_core.distributions import DISTRIBUTIONS
from gan_core.lessons import cheats, metrics

RING = DISTRIBUTIONS["ring_8"]
N = 2000


@pytest.fixture(scope="module")
def world():
    return metrics.world(RING, N, 3)


@pytest.fixture(scope="module")
def table(world):
    return cheats.verdicts(world)


def nearest_mode(x):
    return np.argmin(np.sum((x[:, None] - RING.modes) ** 2, 2), 1)


def test_every_cheat_gives_as_many_fakes_as_asked(world):
    for key in cheats.CHEATS:
        assert cheats.fakes(key, 1.0, 500, world, 0).shape == (500, 2)
        honest = cheats.fakes(key, 0.0, 500, world, 0)
        assert np.linalg.norm(honest - RING.modes[nearest_mode(honest)], axis=1).max() < 0.6  # within 6 sigma
        half = cheats.fakes(key, 0.5, 500, world, 0)
        assert half.shape == (500, 2)
        np.testing.assert_array_equal(half, cheats.fakes(key, 0.5, 500, world, 0))
        assert (half != cheats.fakes(key, 0.5, 500, world, 1)).any()


def test_each_fault(world):
    of = {key: cheats.fakes(key, 1.0, N, world, 0) for key in cheats.CHEATS}
    assert {tuple(p) for p in of["one_point"]} == {tuple(p) for p in RING.modes}
    assert set(nearest_mode(of["every_second"])) == {0, 2, 4, 6}
    shares = np.bincount(nearest_mode(of["uneven"])) / N
    np.testing.assert_allclose(shares, np.tile([0.05, 0.2], 4), atol=0.03)
    spread = of["wide"] - RING.modes[nearest_mode(of["wide"])]
    assert spread.std() == pytest.approx(0.2, rel=0.03)
    assert of["moved"].mean(0) == pytest.approx([0.3, 0], abs=0.1)
    assert np.cov(of["lump"].T) == pytest.approx((2 + 0.01) * np.eye(2), abs=0.2)  # r²/2 + sigma²
    assert {tuple(p) for p in of["copies"]} == {tuple(p) for p in world.train}


CAUGHT = {
    "fid": {"moved"},
    "fid_neurons": {"one_point", "every_second", "uneven", "wide", "moved", "lump"},
    "inception": {"every_second", "uneven", "lump"},
    "precision": {"wide", "moved", "lump"},
    "recall": {"one_point", "every_second", "moved"},
    "copying": {"one_point", "wide", "moved", "lump", "copies"},
    "jsd": {"one_point", "every_second", "uneven", "wide", "moved", "lump"},
}


@pytest.mark.parametrize("ruler", metrics.RULERS)
def test_who_catches_whom(ruler, table):
    """As the lesson says below its table."""
    assert {cheat for cheat, row in table.items() if row[ruler].caught} == CAUGHT[ruler]


def test_every_fault_is_caught_by_some_ruler_and_none_catches_all(table):
    assert set.union(*CAUGHT.values()) == set(cheats.CHEATS)
    assert all(caught != set(cheats.CHEATS) for caught in CAUGHT.values())
    assert [ruler for ruler, caught in CAUGHT.items() if "copies" in caught] == ["copying"]


def test_repeated_points_have_a_higher_precision_than_data(table, world):
    verdict = table["one_point"]["precision"]
    assert verdict.flattered
    assert verdict.reading == 1
    assert [key for key, row in table.items() if any(v.flattered for v in row.values())] == ["one_point"]
    assert table["one_point"]["inception"].reading == pytest.approx(8, abs=0.05)


def test_the_numbers_of_the_text(table, world):
    usual = table["lump"]
    assert f"{usual['precision'].usual:.2f} {usual['recall'].usual:.2f}" == "0.98 0.97"
    assert f"{usual['copying'].usual:.1f}" == "0.5"
    assert usual["fid"].reading < 0.01
    lump = cheats.fakes("lump", 1.0, N, world, 0)
    strewn = metrics.world(RING, N, 3, 20)
    before, after = (metrics.RULERS["precision"].measure(lump, w) for w in (world, strewn))
    assert (round(100 * before), round(100 * after)) == (7, 69)
    near = metrics.world(RING, N, 1)
    assert metrics.RULERS["precision"].measure(cheats.honest(N, near, np.random.default_rng(9)), near) == pytest.approx(
        0.7, abs=0.03
    )


def test_a_score_is_in_standard_deviations_of_perfect_fakes(world, table):
    perfect = [cheats.honest(N, world, np.random.default_rng([4, seed])) for seed in range(cheats.N_HONEST)]
    usual = np.array([metrics.RULERS["inception"].measure(x, world) for x in perfect])
    verdict = table["every_second"]["inception"]
    assert verdict.usual == pytest.approx(usual.mean())
    assert verdict.score == pytest.approx((usual.mean() - verdict.reading) / usual.std(ddof=1))
