"""Targets of one's own: tables of any unit and offset, and mixtures typed as a formula."""

import itertools

import numpy as np
import pytest
from scipy import integrate, special, stats

from gan_core.config import TrainConfig
from gan_core.distributions import NETWORK_WINDOW, NETWORK_WINDOW_1D
from gan_core.own_targets import (
    MAX_COMPONENTS,
    MAX_POINTS,
    MIN_POINTS,
    from_formula,
    from_mixture,
    from_points,
    lookup,
)
from gan_core.training import GANTrainer

RNG = np.random.default_rng(1)
TABLE = RNG.normal((10, -300), (2, 50), (200, 2))
U = RNG.uniform(-1, 1, 300)
SHAPES = {  # columns in two units and two scales, and far from zero
    "a parabola": np.c_[50 * U, 10 + 2500 * U**2],
    "age and income": np.c_[40 + 25 * U, 50_000 - 30_000 * U + 3000 * RNG.standard_normal(300)],
    "latitude and longitude of a street": np.c_[52.52 + 5e-5 * U, 13.405 - 3e-5 * U + 3e-6 * RNG.standard_normal(300)],
    "seconds since 1970 and a wave": np.c_[1.7e9 + 1500 * U, np.sin(3 * U)],
    "UTM": np.c_[392_000 + 450 * U, 5_820_000 - 280 * U + 20 * RNG.standard_normal(300)],
    "huge and tiny": np.c_[1e12 * U, 1e-9 * np.abs(U)],
}


# ---- your table ----


def with_value(value):
    table = TABLE.copy()
    table[16, 1] = value
    return table


@pytest.mark.parametrize("proportions", [False, True])
def test_a_table_is_its_rows_blurred_by_two_percent_of_the_window(proportions):
    target = from_points(TABLE, "Height and weight", axes=("cm", "kg"), keep_proportions=proportions)
    assert (target.name, target.dim, target.modes, target.separated) == ("Height and weight", 2, None, False)
    assert target.axes == ("cm", "kg")
    sides, ranges = np.diff(target.bounds)[:, 0], np.ptp(TABLE, axis=0)
    np.testing.assert_allclose(sides, 1.2 * (ranges.max() if proportions else ranges))
    x = target.sample(100_000, np.random.default_rng(0))
    np.testing.assert_allclose(x.var(0), TABLE.var(0) + (0.02 * sides) ** 2, rtol=0.03)
    np.testing.assert_allclose(x.mean(0), TABLE.mean(0), atol=5 * 50 / 100_000**0.5)


def test_rows_on_a_line_are_enough():
    target = from_points(np.stack([np.arange(30.0), np.full(30, 7.0)], 1))
    assert target.bounds[1][0] < 7 < target.bounds[1][1]
    assert np.isfinite(target.log_prob(target.sample(50, np.random.default_rng(0)))).all()


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (with_value(np.nan), "Row 17 holds a value that is missing, infinite or absurdly large"),
        (with_value(np.inf), "Row 17 holds a value"),
        (with_value(-np.inf), "Row 17 holds a value"),
        (with_value(1e200), "Row 17 holds a value"),
        (with_value(1e39), "Row 17 holds a value"),  # more than a network's single precision can hold
        (np.c_[TABLE, TABLE], r"shape \(200, 4\); one or two columns"),
        (TABLE[0], r"shape \(2,\); one or two columns"),
        (TABLE[None], r"shape \(1, 200, 2\); one or two columns"),
        ([], r"shape \(0,\); one or two columns"),
        (TABLE[: MIN_POINTS - 1], "19 rows; from 20 to 20,000"),
        (TABLE[:0], "0 rows; from 20 to 20,000"),
        (np.zeros((MAX_POINTS + 1, 2)), "20,001 rows; from 20 to 20,000"),
        (np.full((50, 2), 3.5), "All rows are the same point"),
        (np.zeros((50, 2)), "All rows are the same point"),
        (1e9 + 1e-12 * TABLE, "All rows are the same point"),
        (1e9 + 1e-8 * TABLE, "All rows are nearly the same point"),
        (1e-21 * TABLE, "All rows are nearly the same point"),
    ],
)
def test_a_bad_table_is_refused(points, message):
    with pytest.raises(ValueError, match=message):
        from_points(points)


def test_the_smallest_and_the_largest_table():
    points = np.random.default_rng(0).normal(size=(MAX_POINTS, 2))
    for n in (MIN_POINTS, MAX_POINTS):
        assert np.isfinite(from_points(points[:n]).log_prob(points[:3])).all()


def test_a_table_is_found_by_its_key():
    target = from_points(TABLE)
    assert lookup(target.key) is target
    assert from_points(TABLE.tolist()).key == target.key
    assert from_points(TABLE + 1).key != target.key


def test_only_the_last_tables_are_remembered():
    """40 of them; one that is used counts as new."""
    keys = [from_points(TABLE + i).key for i in range(40)]
    lookup(keys[0])
    keys += [from_points(TABLE + 40 + i).key for i in range(39)]
    for key in (keys[0], *keys[40:]):
        assert lookup(key).key == key
    for key in keys[1:40]:
        with pytest.raises(ValueError, match="server no longer has: upload the table again"):
            lookup(key)


def test_an_unknown_key():
    with pytest.raises(ValueError, match=r"which a link cannot carry .* upload the table again"):
        lookup("points-0123456789abcdef")
    with pytest.raises(ValueError, match=r"target = 'ring' is not possible: choose one of gaussian, .*ring_8"):
        lookup("ring")


# ---- the units of a table ----


@pytest.mark.parametrize("shape", SHAPES)
def test_a_table_keeps_its_shape_whatever_its_units(shape):
    """20,000 samples: the correlation within 0.1, less than 10 % outside the range of the data in each column."""
    points = SHAPES[shape]
    target = from_points(points)
    x = target.sample(20_000, np.random.default_rng(0))
    assert np.corrcoef(x.T)[0, 1] == pytest.approx(np.corrcoef(points.T)[0, 1], abs=0.1)
    low, high = points.min(0), points.max(0)
    shift = (low + high) / 2 - target.center
    outside = (x + shift < low) | (x + shift > high)
    assert (outside.mean(0) < 0.1).all()
    as_seen = (x - target.center) / target.unit
    assert (np.ptp(np.quantile(as_seen, [0.01, 0.99], axis=0), axis=0) > 1.3 * NETWORK_WINDOW).all()


@pytest.mark.parametrize("shape", SHAPES)
def test_nothing_is_lost_in_single_precision(shape):
    """What a trainer hands out, as 32-bit floats in the units of the target, tells the rows apart."""
    target = from_points(SHAPES[shape])
    trainer = GANTrainer(TrainConfig(target=target.key, width=8, depth=1, batch_size=32, latent_dim=2))
    sides = np.diff(target.bounds)[:, 0]
    exact = target.sample(512, np.random.default_rng(trainer.config.seed))
    np.testing.assert_allclose(trainer.problem.real / sides, exact / sides, atol=2e-4)
    for _ in range(3):
        trainer.step()
    assert np.isfinite(trainer.evaluate().jsd)


def test_what_is_subtracted_is_a_round_number_that_the_axis_tells():
    street = from_points(SHAPES["latitude and longitude of a street"], axes=("lat", "lon"))
    assert street.axes == ("lat − 52.52000", "lon − 13.40500")
    seconds = from_points(SHAPES["seconds since 1970 and a wave"], axes=("t", "v"))
    assert seconds.axes == ("t − 1,700,000,000", "v")
    assert from_points(-SHAPES["UTM"], axes=("e", "n")).axes == ("e", "n + 5,820,000")
    for target, origin in ((street, (52.52, 13.405)), (seconds, (1.7e9, 0))):
        shape = "latitude and longitude of a street" if target is street else "seconds since 1970 and a wave"
        centre = (SHAPES[shape].min(0) + SHAPES[shape].max(0)) / 2
        np.testing.assert_allclose(target.center + origin, centre, rtol=1e-12, atol=1e-12)


def test_a_constant_column_takes_the_unit_of_the_other():
    target = from_points(np.c_[np.full(50, 3.0), np.linspace(0, 10, 50)])
    np.testing.assert_allclose(np.diff(target.bounds)[:, 0], 12)
    np.testing.assert_allclose(target.center, [3, 5])


def test_the_key_tells_all_that_matters():
    keys = {
        from_points(TABLE).key,
        from_points(TABLE, keep_proportions=True).key,
        from_points(TABLE, axes=("a", "b")).key,
        from_points(TABLE[:, :1]).key,
        from_points(TABLE[:, ::-1]).key,
    }
    assert len(keys) == 5


# ---- one column ----


def density_1d(target):
    """The density on the real line, for quadrature."""
    return lambda x: float(np.exp(target.log_prob(np.array([[x]])))[0])


@pytest.mark.parametrize("rows", [50, MAX_POINTS])
def test_one_column_is_a_kernel_density(rows):
    values = np.random.default_rng(0).gamma(2, 3, rows)
    target = from_points(values[:, None], axes=("income",))
    assert (target.dim, target.axes, target.modes) == (1, ("income",), None)
    side = np.diff(target.bounds[0])[0]
    assert side == pytest.approx(1.2 * np.ptp(values))
    x = np.linspace(*target.bounds[0], 23)
    kernels = stats.norm.pdf(x[:, None], values, 0.02 * side).mean(1)
    np.testing.assert_allclose(np.exp(target.log_prob(x[:, None])), kernels, rtol=1e-9, atol=1e-300)
    edges = np.linspace(*target.bounds[0], 11)
    inner = np.diff(special.ndtr((edges[:, None] - values) / (0.02 * side)).mean(1))
    np.testing.assert_allclose(target.cell_mass(edges)[1:-1], inner[1:-1], atol=1e-12)
    assert target.cell_mass(edges).sum() == pytest.approx(1)
    counts = np.histogram(target.sample(50_000, np.random.default_rng(1)), edges)[0] / 50_000
    np.testing.assert_allclose(counts, target.cell_mass(edges), atol=0.012)


def test_a_1d_network_sees_an_own_target_as_wide_as_a_built_in_one():
    for target in (from_points(1e6 + 1e3 * TABLE[:, :1]), from_mixture([400], [1.25]), from_mixture([-1e-6], [1e-8])):
        ends = (np.array(target.bounds[0]) - target.center) / target.unit
        np.testing.assert_allclose(ends, [-NETWORK_WINDOW_1D, NETWORK_WINDOW_1D], rtol=1e-9)


@pytest.mark.slow
def test_a_gan_learns_a_bell_far_from_zero():
    """N(400, 1.25), where an unscaled network would need thousands of steps to arrive at all."""
    trainer = GANTrainer(TrainConfig(target=from_formula("N(400, 1.25)").key))
    for _ in range(2000):
        trainer.step()
    x = trainer.sample(512)
    assert x.mean() == pytest.approx(400, abs=0.5)
    assert x.std() == pytest.approx(1.25, rel=0.35)
    assert trainer.evaluate().jsd < 0.05


# ---- a mixture of Gaussians ----

FORMULAS = {
    "N(400, 1.25)": ([400], [1.25], [1]),
    "N(400, 1.25²)": ([400], [1.25], [1]),
    " N( -2 , 0.5^2 ) ": ([-2], [0.5], [1]),
    "0.8 N(−2, 0.5) + 0.2 N(2, 0.5)": ([-2, 2], [0.5, 0.5], [0.8, 0.2]),
    "0.8*N(-2,.5)+.2*N(2,5e-1)": ([-2, 2], [0.5, 0.5], [0.8, 0.2]),
    "½ N(−2, 0.5²) + ½ N(+2, 0.5²)": ([-2, 2], [0.5, 0.5], [0.5, 0.5]),
    "⅓N(−3, 0.5)+⅓N(0, 0.5)+⅓N(3, 0.5)": ([-3, 0, 3], [0.5] * 3, [1, 1, 1]),
    "1/4 N(0, 1) + 3/4 N(6, 2)": ([0, 6], [1, 2], [1, 3]),
    "N(0; 1,5) + N(9; 1,5)": ([0, 9], [1.5, 1.5], [1, 1]),
    "2 N(0, 1) N(5, 1)": ([0, 5], [1, 1], [2, 1]),
}


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_is_the_mixture_it_says(formula):
    means, widths, weights = (np.array(v, dtype=float) for v in FORMULAS[formula])
    target = from_formula(formula)
    weights = weights / weights.sum()
    x = np.linspace(*target.bounds[0], 41)
    density = stats.norm.pdf(x[:, None], means, widths) @ weights
    np.testing.assert_allclose(np.exp(target.log_prob(x[:, None])), density, rtol=1e-9)
    edges = np.linspace(*target.bounds[0], 7)
    inner = [integrate.quad(density_1d(target), a, b)[0] for a, b in itertools.pairwise(edges[1:-1])]
    np.testing.assert_allclose(target.cell_mass(edges)[1:-1], inner, atol=1e-8)
    counts = np.histogram(target.sample(20_000, np.random.default_rng(0)), edges)[0] / 20_000
    np.testing.assert_allclose(counts, target.cell_mass(edges), atol=0.02)


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_link_carries_a_mixture(formula):
    target = from_formula(formula)
    assert lookup(target.key) is target
    assert TrainConfig.from_params(TrainConfig(target=target.key).to_params()).target == target.key
    assert from_formula(target.summary).bounds == target.bounds


def test_modes_are_bells_of_one_width_that_stand_apart():
    target = from_formula("0.8 N(−2, 0.5) + 0.2 N(2, 0.5)")
    np.testing.assert_array_equal(target.modes, [[-2], [2]])
    np.testing.assert_allclose(target.weights, [0.8, 0.2])
    assert target.mode_scale == 0.5
    assert from_formula("N(0, 1) + N(6, 2)").modes is None  # one radius would not fit both
    assert from_formula("N(0, 1) + N(2, 1)").modes is None  # one bump


def test_a_mixture_far_from_zero_is_shifted():
    target = from_mixture([1_700_000_000, 1_700_000_010], [1, 1])
    assert target.axes == ("x − 1,700,000,000",)
    np.testing.assert_array_equal(target.modes, [[0], [10]])


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("", "cannot be read as a mixture"),
        ("normal", "'normal' cannot be read"),
        ("N(1)", "cannot be read"),
        ("N(1, 2) and more", "cannot be read"),
        ("N(1, 2", "cannot be read"),
        ("N(nan, 1)", "cannot be read"),
        ("N(0, 0)", "standard deviations and weights above 0"),
        ("N(0, -1)", "standard deviations and weights above 0"),
        ("0 N(0, 1)", "standard deviations and weights above 0"),
        ("1/0 N(0, 1)", "standard deviations and weights above 0"),
        ("N(1e300, 1)", "Means must be finite"),
        ("N(1e999, 1)", "Means must be finite"),
        ("N(0, 1) + N(100000, 1)", r"narrowest bell, 1 wide, would be lost in a window of 100010"),
        ("N(1e17, 1e-3)", "narrowest bell"),
        ("N(0, 1)" * (MAX_COMPONENTS + 1), "21 bells; from 1 to 20"),
        ("N(0, 1)" * 200, "21 bells"),
        ("N(0, 1)" * 10_000, "cannot be read"),
        ("9" * 1_900, "cannot be read"),
        ("9" * 10_000, "cannot be read"),
    ],
)
def test_a_bad_formula_is_refused(formula, message):
    with pytest.raises(ValueError, match=message):
        from_formula(formula)


@pytest.mark.parametrize("code", ["", "1", "1~2", "1~2~3~4", "a~b~c", "1~1~1_", "nan~1~1", "1~nan~1", "1~1~inf", "~~"])
def test_a_damaged_link_is_refused(code):
    with pytest.raises(ValueError, match=r"damaged|must be finite"):
        lookup("mixture-" + code)


def test_lists_are_as_good_as_arrays():
    assert from_mixture([0, 5], 1).key == from_mixture(np.array([0.0, 5.0]), np.array([1, 1])).key
    assert from_mixture(0, 1).dim == 1
    assert from_points(TABLE.tolist()).key == from_points(TABLE).key
