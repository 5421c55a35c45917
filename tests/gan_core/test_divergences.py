"""Divergences against closed forms, against SciPy, and against what theory says of their estimates."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import entropy, norm

from gan_core.distributions import DISTRIBUTIONS
from gan_core.divergences import (
    LOG2,
    NEAR_SHELLS,
    SECTORS,
    SHELLS,
    grid_histogram,
    js_divergence,
    js_divergence_debiased,
    js_noise_floor,
    kl_divergence,
    kl_noise_floor,
    ruler,
    sigma_cell_histogram,
    sigma_cell_mass,
)

SHIFTS = (0.5, 1, 2, 3, 4, 6, 8)  # of N(shift, 1) against N(0, 1)
SHIFTED_JSD = (0.030311, 0.111421, 0.336831, 0.526777, 0.632720, 0.689298, 0.693054)

properties = settings(max_examples=100, deadline=None, derandomize=True, database=None)


def normal_masses(mean=0.0, scale=1.0):
    """N(mean, scale²) on 7,600 cells of [-15, 23], all positive for means in [0, 8]."""
    x = np.linspace(-15, 23, 7601)
    mass = np.exp(-(((x - mean) / scale) ** 2) / 2)
    return mass / mass.sum()


@st.composite
def mass_vectors(draw, count):
    """`count` mass vectors on the same 2 to 12 cells, some cells empty."""
    n_cells = draw(st.integers(2, 12))
    raw = st.lists(st.one_of(st.just(0.0), st.floats(1e-6, 1)), min_size=n_cells, max_size=n_cells).filter(any)
    return [np.array(cells) / np.sum(cells) for cells in (draw(raw) for _ in range(count))]


# ---- KL and JSD ----


@pytest.mark.parametrize("shift", SHIFTS)
def test_kl_of_two_gaussians(shift):
    p, q = normal_masses(), normal_masses(shift)
    assert kl_divergence(p, q) == pytest.approx(shift**2 / 2, abs=1e-9)
    assert kl_divergence(q, p) == pytest.approx(shift**2 / 2, abs=1e-9)


def test_kl_is_not_symmetric():
    """KL(N(0, 1) || N(1, 4)) = log 2 + 2/8 - 1/2, and the other way -log 2 + 5/2 - 1/2."""
    p, q = normal_masses(), normal_masses(1, 2)
    assert kl_divergence(p, q) == pytest.approx(LOG2 - 0.25, abs=1e-9)
    assert kl_divergence(q, p) == pytest.approx(2 - LOG2, abs=1e-9)


@pytest.mark.parametrize(("shift", "jsd"), list(zip(SHIFTS, SHIFTED_JSD, strict=True)))
def test_jsd_of_two_gaussians(shift, jsd):
    assert js_divergence(normal_masses(), normal_masses(shift)) == pytest.approx(jsd, abs=1e-6)


def test_jsd_is_not_the_mean_of_both_kls():
    """Jeffreys/2 of N(0, 1) and N(4, 1) is 8, far above log 2."""
    p, q = normal_masses(), normal_masses(4)
    assert (kl_divergence(p, q) + kl_divergence(q, p)) / 2 == pytest.approx(8, abs=1e-9)
    assert js_divergence(p, q) == pytest.approx(0.632720, abs=1e-6)


@pytest.mark.parametrize(
    ("mean", "scale", "forward", "reverse", "jsd"),
    [(0, 4.25**0.5, 0.7236, 2.098, 0.2010), (2, 0.5, 15.307, 0.6931, 0.2157)],
    ids=["covers both", "seeks one"],
)
def test_one_gaussian_on_two_modes(mean, scale, forward, reverse, jsd):
    """The best fit of one Gaussian by KL(p||q) covers both modes; one of the best by KL(q||p) sits on one."""
    x = np.linspace(-15, 15, 6001)
    p = norm.pdf(x, -2, 0.5) + norm.pdf(x, 2, 0.5)
    q = norm.pdf(x, mean, scale)
    p, q = p / p.sum(), q / q.sum()
    assert kl_divergence(p, q) == pytest.approx(forward, rel=5e-4)
    assert kl_divergence(q, p) == pytest.approx(reverse, rel=5e-4)
    assert js_divergence(p, q) == pytest.approx(jsd, abs=5e-5)


def test_unequal_weights_count():
    p, q = np.array([0.5, 0.5]), np.array([0.9, 0.1])
    assert js_divergence(p, q) == pytest.approx(0.1017, abs=5e-5)
    assert kl_divergence(p, q) == pytest.approx(0.5108, abs=5e-5)
    assert kl_divergence(q, p) == pytest.approx(0.3681, abs=5e-5)


def test_disjoint():
    p, q = np.array([0.3, 0.7, 0, 0]), np.array([0, 0, 0.1, 0.9])
    assert js_divergence(p, q) == pytest.approx(LOG2, abs=1e-15)
    assert kl_divergence(p, q) == kl_divergence(q, p) == np.inf


def test_kl_is_infinite_only_where_mass_is_missed():
    p, q = np.array([0.5, 0.5]), np.array([1.0, 0.0])
    assert kl_divergence(p, q) == np.inf
    assert kl_divergence(q, p) == pytest.approx(LOG2, abs=1e-15)


def test_denormal_masses_stay_finite():
    """Half of 1e-320 loses digits and half of 5e-324 is 0: p log(p/m) would be infinite."""
    for tiny in (1e-320, 5e-324):
        p, q = np.array([1.0, tiny, 0.0]), np.array([1.0, 0.0, tiny])
        assert js_divergence(p, q) == 0
        assert kl_divergence(p, q) == 0


@properties
@given(mass_vectors(2))
def test_jsd_and_kl_agree_with_scipy(pair):
    p, q = pair
    m = (p + q) / 2
    assert js_divergence(p, q) == pytest.approx(entropy(m) - (entropy(p) + entropy(q)) / 2, abs=1e-12)
    assert kl_divergence(p, q) == pytest.approx(entropy(p, q), abs=1e-12)


@properties
@given(mass_vectors(2))
def test_range_and_symmetry(pair):
    p, q = pair
    assert 0 <= js_divergence(p, q) <= LOG2
    assert js_divergence(p, q) == js_divergence(q, p)
    assert js_divergence(p, p) == kl_divergence(p, p) == 0
    assert kl_divergence(p, q) >= 0


@properties
@given(mass_vectors(3))
def test_root_of_the_jsd_is_a_metric(three):
    pq, qr, pr = (js_divergence(three[i], three[j]) ** 0.5 for i, j in ((0, 1), (1, 2), (0, 2)))
    assert pr <= pq + qr + 1e-7


@properties
@given(mass_vectors(2), st.lists(st.integers(0, 3), min_size=12, max_size=12))
def test_merging_cells_never_increases(pair, labels):
    """Data-processing inequality."""
    p, q = pair
    merged_p, merged_q = (np.bincount(labels[: len(p)], mass) for mass in pair)
    assert js_divergence(merged_p, merged_q) <= js_divergence(p, q) + 1e-12
    assert kl_divergence(merged_p, merged_q) <= kl_divergence(p, q) + 1e-12


@pytest.mark.parametrize("divergence", [kl_divergence, js_divergence])
@pytest.mark.parametrize(
    ("p", "q", "message"),
    [
        ([0.5, 0.5], [0.2, 0.3, 0.5], r"p has \(2,\) cells and q has \(3,\)"),
        ([0.5, 0.4], [0.5, 0.5], "p sums to 0.9"),
        ([0.5, 0.5], [1.0, 0.1], "q sums to 1.1"),
        ([1.5, -0.5], [0.5, 0.5], "p sums to 1; masses must be >= 0"),
        ([0.5, 0.5], [np.nan, 1.0], "q sums to nan"),
    ],
)
def test_bad_masses_are_refused(divergence, p, q, message):
    with pytest.raises(ValueError, match=message):
        divergence(np.array(p), np.array(q))


# ---- the ruler ----


@pytest.mark.parametrize(
    ("n_modes", "values"),
    [
        (8, {1: 0.4969, 2: 0.3804, 3: 0.2903, 4: 0.2158, 5: 0.1518, 6: 0.0956, 7: 0.0454}),
        (10, {1: 0.5256, 5: 0.2158, 9: 0.0360}),
        (25, {1: 0.6084, 5: 0.4228, 10: 0.2744, 15: 0.1639, 20: 0.0749, 24: 0.0141}),
    ],
)
def test_ruler_values(n_modes, values):
    for k, jsd in values.items():
        assert ruler(k, n_modes) == pytest.approx(jsd, abs=5e-5)


@pytest.mark.parametrize("n_modes", [1, 2, 8, 25])
def test_ruler_is_the_jsd_of_disjoint_modes(n_modes):
    p = np.full(n_modes, 1 / n_modes)
    for k in range(1, n_modes + 1):
        q = np.r_[np.full(k, 1 / k), np.zeros(n_modes - k)]
        assert ruler(k, n_modes) == pytest.approx(js_divergence(p, q), abs=1e-12)
        assert kl_divergence(q, p) == pytest.approx(np.log(n_modes / k), abs=1e-12)
    assert ruler(0, n_modes) == pytest.approx(LOG2, abs=1e-15)  # all mass elsewhere
    assert ruler(n_modes, n_modes) == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize(("k", "n_modes"), [(-1, 8), (9, 8), (0, 0)])
def test_ruler_refuses_impossible_counts(k, n_modes):
    with pytest.raises(ValueError, match=f"k = {k} of K = {n_modes}"):
        ruler(k, n_modes)


# ---- noise floors and the de-bias ----


def histograms(q, n, draws, seed=0):
    """(draws, B) shares of n samples of q."""
    return np.random.default_rng(seed).multinomial(n, q, size=draws) / n


@pytest.mark.parametrize(("n_cells", "n", "draws"), [(200, 20_000, 50), (10, 2_000, 1_000)])
def test_noise_floors(n_cells, n, draws):
    """At the null, 8n JSD and 2n KL are chi-square with B-1 degrees of freedom: mean B-1, variance 2(B-1)."""
    p = np.full(n_cells, 1 / n_cells)
    null = histograms(p, n, draws)
    tolerance = 3 * np.sqrt(2 / (n_cells - 1) / draws) + 0.01  # the last: higher orders in cells/n
    for estimate, floor in (
        ([js_divergence(p, q) for q in null], js_noise_floor(n_cells, n)),
        ([kl_divergence(p, q) for q in null], kl_noise_floor(n_cells, n)),
        ([kl_divergence(q, p) for q in null], kl_noise_floor(n_cells, n)),
    ):
        assert np.mean(estimate) == pytest.approx(floor, rel=tolerance)


@pytest.mark.parametrize("wrong", ["nothing", "half the cells missing", "tilted"])
def test_debias(wrong):
    """The plug-in value is visibly too high, the de-biased one right within 3 s.e. and 2e-5."""
    n, draws, n_cells = 20_000, 1_000, 200
    p = np.full(n_cells, 1 / n_cells)
    q = {
        "nothing": p,
        "half the cells missing": np.r_[np.full(100, 1 / 100), np.zeros(100)],
        "tilted": np.linspace(0.2, 1.8, n_cells) / n_cells,
    }[wrong]
    truth = js_divergence(p, q)
    estimates = histograms(q, n, draws)
    plain = np.array([js_divergence(p, h) for h in estimates])
    debiased = np.array([js_divergence_debiased(p, h, n) for h in estimates])
    tolerance = 3 * debiased.std() / np.sqrt(draws) + 2e-5
    assert debiased.mean() == pytest.approx(truth, abs=tolerance)
    assert plain.mean() - truth > 3 * tolerance


# ---- cells of the plane ----

RING = DISTRIBUTIONS["ring_8"]


def ring_sample(n, seed=0, modes=range(8), width=1.0):
    """n samples of a ring with these modes only, each `width` times as wide as it should be."""
    rng = np.random.default_rng(seed)
    x = RING.modes[rng.choice(list(modes), n)] + width * RING.mode_scale * rng.standard_normal((n, 2))
    return x.astype(np.float32)


def ring_cells(x):
    return sigma_cell_histogram(x, RING.modes, RING.mode_scale)


@pytest.mark.parametrize("target", [d for d in DISTRIBUTIONS.values() if d.separated], ids=lambda d: d.key)
def test_sigma_cell_masses(target):
    """Within r standard deviations of its middle a 2D Gaussian holds 1 - exp(-r²/2) of its mass: for 3, .98889."""
    mass = sigma_cell_mass(target.weights)
    assert mass.shape == (len(target.weights), len(SHELLS), SECTORS)
    assert mass.sum() == pytest.approx(1, abs=1e-12)
    np.testing.assert_allclose(mass.sum((1, 2)), target.weights)
    assert mass[:, :NEAR_SHELLS].sum() == pytest.approx(0.988891, abs=1e-6)
    np.testing.assert_allclose(mass[:, :3].sum((1, 2)), target.weights * (1 - np.exp(-(1.2**2) / 2)))
    assert np.ptp(mass, axis=2).max() == 0  # all directions alike


def test_sigma_cells_by_hand():
    """A sample in the middle of each sector around a mode, at a distance within each shell."""
    angles = 2 * np.pi * (np.arange(SECTORS) + 0.5) / SECTORS
    directions = np.stack([np.cos(angles), np.sin(angles)], 1)
    middles = [*(SHELLS[:-1] + SHELLS[1:]) / 2, 5.5]
    for k, mode in enumerate(RING.modes):
        for shell, r in enumerate(middles):
            around = (mode + r * RING.mode_scale * directions).astype(np.float32)
            expected = np.zeros((8, len(SHELLS), SECTORS))
            expected[k, shell] = 1 / SECTORS
            np.testing.assert_array_equal(ring_cells(around), expected)


def test_sigma_cells_lose_nobody():
    x = np.array([(0, 0), (1e6, 3), (-1e30, 0), (2, 0)], dtype=np.float32)
    cells = ring_cells(x)
    assert cells.sum() == 1
    assert cells[:, -1].sum() == 0.75  # beyond the last edge


@pytest.mark.parametrize(
    ("sample", "jsd", "tolerance"),
    [
        ({}, 0, 5e-4),
        ({"modes": (0, 2, 4, 6)}, 0.2158, 3e-3),
        ({"modes": (0, 1, 2, 3)}, ruler(4, 8), 3e-3),
        ({"width": 1.5}, 0.0712, 4e-3),
        ({"width": 0.5}, 0.1733, 8e-3),
    ],
    ids=str,
)
def test_sigma_cells_see_what_is_wrong_with_a_mode(sample, jsd, tolerance):
    """20,000 samples of a ring that is exact, has half its modes, or has all of them too wide or too narrow."""
    p, q = sigma_cell_mass(RING.weights).ravel(), ring_cells(ring_sample(20_000, **sample)).ravel()
    assert js_divergence_debiased(p, q, 20_000) == pytest.approx(jsd, abs=tolerance)


def test_sigma_cells_of_a_true_sample():
    cells = ring_cells(RING.sample(20_000, np.random.default_rng(0)).astype(np.float32))
    assert cells[:, :NEAR_SHELLS].sum() == pytest.approx(0.9889, abs=0.003)
    np.testing.assert_allclose(cells.sum((1, 2)), 1 / 8, atol=0.01)
    assert cells.sum() == pytest.approx(1, abs=1e-12)


def test_sigma_cells_have_the_noise_floor_of_their_number():
    """(B-1)/(8n) for 768 cells, and a little for the rare ones far out; the mean of 30 draws strays 2 % by chance."""
    p, n = sigma_cell_mass(RING.weights).ravel(), 20_000
    plain = [js_divergence(p, ring_cells(ring_sample(n, seed)).ravel()) for seed in range(30)]
    assert np.mean(plain) == pytest.approx(js_noise_floor(768, n), rel=0.2)


@pytest.mark.parametrize("bounds", [((-2.5, 2.5), (-2.5, 2.5)), ((-0.2, 1.2), (-3, 1.1)), ((5, 6), (7, 8))])
def test_grid_histogram_is_that_of_numpy(bounds):
    x = np.random.default_rng(0).normal(0.3, 1.5, (20_000, 2)).astype(np.float32)
    expected = np.histogram2d(*x.T, bins=30, range=bounds)[0] / len(x)
    np.testing.assert_allclose(grid_histogram(x, bounds, 30), expected, atol=1e-12)


def test_grid_histogram_leaves_out_what_is_outside():
    inside = [(0, 0), (0.9, 1.9)]
    outside = [(-0.1, 1), (1, 1), (0.5, 2), (0.5, -1e30), (np.inf, 1), (np.nan, 1)]
    shares = grid_histogram(np.array(inside + outside, dtype=np.float32), ((0, 1), (0, 2)), 2)
    np.testing.assert_array_equal(shares, [[1 / 8, 0], [0, 1 / 8]])
