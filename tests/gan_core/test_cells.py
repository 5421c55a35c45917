"""Cells as fine as their targets: masses against exact integrals, readings against quadrature of the true divergence."""

import numpy as np
import pytest

from gan_core.cells import RasterCells, SigmaCells, cells_of, covered_modes, merged_neighbours
from gan_core.counts import best_accuracy_of_counts, jsd_of_counts
from gan_core.distributions import DISTRIBUTIONS
from gan_core.divergences import LOG2, high_quality_shares, js_divergence, kl_divergence, sigma_cell_histogram
from tests.gan_core.flaws import FLAWS, TARGETS, flawed, true_distances

N = 20_000
every_target = pytest.mark.parametrize("key", TARGETS)
every_flaw = pytest.mark.parametrize("flaw", FLAWS)


def shares(key, flaw, seed, n=N):
    x = flawed(key, flaw).sample(n, np.random.default_rng(seed)).astype(np.float32)
    return cells_of(TARGETS[key]).histogram(x)


# ---- the cells ----


@every_target
def test_masses_are_those_of_the_target(key):
    """A million samples: every cell within 5 standard deviations, all together as chi-square has it."""
    cells, n = cells_of(TARGETS[key]), 1_000_000
    assert cells.p.sum() == pytest.approx(1, abs=1e-9)
    found = shares(key, "none", 0, n)
    expected = cells.p * n
    assert found[cells.p == 0].sum() == 0
    some = expected > 5
    squares = (found * n - expected)[some] ** 2 / expected[some]
    assert squares.max() < 5.5**2
    assert squares.mean() == pytest.approx(1, abs=5 * (2 / some.sum()) ** 0.5)


@every_target
def test_coarse_cells_are_the_fine_ones_merged(key):
    cells = cells_of(TARGETS[key])
    np.testing.assert_allclose(cells.merged(cells.p), cells.p_coarse, atol=1e-12)
    assert len(cells.p_coarse) < len(cells.p) / 3
    held = cells.p_coarse[cells.p_coarse > 0]
    assert N * held.min() > 7  # a sample of p_data reaches each


@every_target
def test_cells_lose_nobody(key):
    x = np.array([(0, 0), (1e6, 3), (-1e30, 0), (2, 1e30)], dtype=np.float32)
    assert cells_of(TARGETS[key]).histogram(x).sum() == 1


def test_cells_of_a_target_are_made_once():
    assert cells_of(TARGETS["moons"]) is cells_of(TARGETS["moons"])
    assert isinstance(cells_of(TARGETS["ring_8"]), SigmaCells)
    assert isinstance(cells_of(TARGETS["moons"]), RasterCells)
    with pytest.raises(ValueError, match="two_modes has dim 1"):
        cells_of(DISTRIBUTIONS["two_modes"])


def test_outside_of_a_support_is_a_cell_without_mass():
    cells = cells_of(TARGETS["checkerboard"])
    assert np.count_nonzero(cells.p == 0) == 1
    off = np.array([(0.5, -0.5), (-0.5, 0.5), (2.2, 0), (7, 7)], dtype=np.float32)
    assert (cells.p[cells.index(off)] == 0).all()
    corners = np.array([(-1.999, -1.999), (-1.001, -1.001), (0.001, 0.001)], dtype=np.float32)
    assert (cells.p[cells.index(corners)] > 0).all()


# ---- what is read ----


@every_target
@every_flaw
def test_readings_are_near_the_truth(key, flaw):
    """Within 5 % or .004 of the quadrature, and .002 where there is no flaw: means of four draws of 20,000.

    A table's curve, of 300 bells of its own, is resolved a little less well: 7 %.
    """
    truth = true_distances(key, flaw)[0]
    p = cells_of(TARGETS[key]).p
    found = np.mean([jsd_of_counts(p, shares(key, flaw, seed), N) for seed in range(4)])
    assert found == pytest.approx(
        truth, abs=max((0.07 if key == "table" else 0.05) * truth, 0.004) if flaw != "none" else 0.002
    )


@every_target
@every_flaw
def test_cells_only_lower_a_divergence(key, flaw):
    """Data-processing inequality, with 2 million samples, whose noise is below .0005; coarse cells lower it further."""
    cells = cells_of(TARGETS[key])
    q = shares(key, flaw, 9, 2_000_000)
    fine = jsd_of_counts(cells.p, q, 2_000_000)
    assert fine <= true_distances(key, flaw)[0] + 5e-4
    assert js_divergence(cells.p_coarse, cells.merged(q)) <= js_divergence(cells.p, q) + 1e-12
    assert kl_divergence(cells.merged(q), cells.p_coarse) <= kl_divergence(q, cells.p) + 1e-12


@every_target
@every_flaw
def test_best_accuracy_is_at_least(key, flaw):
    """Never above (1+TV)/2, but for noise, and by fine or by coarse cells within .03 of it."""
    truth = (1 + true_distances(key, flaw)[1]) / 2
    cells = cells_of(TARGETS[key])
    found = []
    for seed in range(4):
        q = shares(key, flaw, seed)
        both = (cells.p, q), (cells.p_coarse, cells.merged(q))
        found.append([best_accuracy_of_counts(*pair, N) for pair in both])
    fine, coarse = np.mean(found, 0)
    assert max(fine, coarse) <= truth + 0.006
    assert max(fine, coarse) >= truth - 0.03


@every_target
def test_what_lies_far_away_is_not_taken_for_data(key):
    """Disjoint but for a hair: the JSD is log 2."""
    target = TARGETS[key]
    x = target.sample(N, np.random.default_rng(0)) + 3 * np.diff(target.bounds).max()
    cells = cells_of(target)
    assert jsd_of_counts(cells.p, cells.histogram(x.astype(np.float32)), N) == pytest.approx(LOG2, abs=1e-3)


# ---- modes ----

RING, GRID = DISTRIBUTIONS["ring_8"], DISTRIBUTIONS["grid_25"]


def covered(target, x):
    return covered_modes(
        sigma_cell_histogram(x.astype(np.float32), target.modes, target.mode_scale), target.weights
    ).tolist()


@pytest.mark.parametrize("width", [0.1, 0.5, 1.0, 1.5])
@pytest.mark.parametrize("target", [d for d in DISTRIBUTIONS.values() if d.separated], ids=lambda d: d.key)
def test_modes_of_any_reasonable_width_are_covered(target, width):
    rng = np.random.default_rng(0)
    x = target.modes[rng.choice(len(target.modes), N, p=target.weights)]
    assert all(covered(target, x + width * target.mode_scale * rng.standard_normal((N, 2))))


@pytest.mark.parametrize("spread", [0.8, 1.4, 2.0])
def test_one_lump_over_all_modes_covers_none(spread):
    x = spread * np.random.default_rng(0).standard_normal((N, 2))
    assert not any(covered(GRID, x))
    assert not any(covered(RING, x))


def test_a_flat_cloud_covers_none():
    assert not any(covered(GRID, np.random.default_rng(0).uniform(-2.5, 2.5, (N, 2))))


def test_a_lump_between_two_modes_covers_neither():
    """Halfway between neighbours of the lattice, and so wide that a quarter of it lies within 3 sigma of either."""
    x = np.array([0.5, 0.0]) + 0.25 * np.random.default_rng(0).standard_normal((N, 2))
    cells = sigma_cell_histogram(x.astype(np.float32), GRID.modes, GRID.mode_scale)
    left, right = (int(np.flatnonzero((GRID.modes == m).all(1))[0]) for m in ((0, 0), (1, 0)))
    assert high_quality_shares(cells)[[left, right]].sum() > 0.2
    assert not covered(GRID, x)[left]
    assert not covered(GRID, x)[right]


# ---- merging on the line ----


def test_merged_neighbours_by_hand():
    p = np.array([0.0, 0.0, 0.01, 0.03, 0.3, 0.5, 0.0, 0.1, 0.05, 0.01])
    np.testing.assert_array_equal(merged_neighbours(p, 0.04), [0, 0, 1, 1, 2, 3, 4, 5, 6, 6])
