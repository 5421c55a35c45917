"""Masses of x = G(z) against closed forms, quadrature and samples: in the bulk, and in tails that no sample reaches."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import log_ndtr, ndtr
from scipy.stats import norm

from gan_core.counts import kl_reading
from gan_core.distributions import DISTRIBUTIONS
from gan_core.divergences import LOG2, js_divergence, js_divergence_debiased, kl_divergence, ruler
from gan_core.networks import MLP
from gan_core.push_forward import (
    BULK,
    FARTHEST,
    HIDDEN,
    latent_points,
    log_cell_mass,
    log_interval_mass,
    log_push_forward,
)
from gan_core.push_forward import push_forward as push_together

properties = settings(max_examples=100, deadline=None, derandomize=True, database=None)
every_1d_target = pytest.mark.parametrize(
    "target", [d for d in DISTRIBUTIONS.values() if d.dim == 1], ids=lambda d: d.key
)

# ---- masses ----


def push_forward(generator, edges, **latent):
    log_masses, z, x = log_push_forward(generator, edges, **latent)
    return np.exp(log_masses), z, x


EDGES = np.linspace(-5, 5, 201)


def exact_transport(target, latent_cdf=ndtr):
    """The increasing G with G(z) ~ target on 200 cells: a table of quantiles, tails cut at the window."""
    x = np.linspace(*target.bounds[0], 1001)
    cumulative = np.r_[0, np.cumsum(target.cell_mass(x))]
    climbs = np.diff(cumulative) > 0
    support = np.r_[climbs, False] | np.r_[False, climbs]
    return lambda z: np.interp(latent_cdf(z), cumulative[support], x[support])


def test_latent_points():
    z = latent_points("normal")
    assert np.all(np.diff(z) > 0)
    assert -z[0] == z[-1] == pytest.approx(FARTHEST)
    assert np.diff(ndtr(z)).max() < 0.005
    assert np.diff(z[np.abs(z) <= BULK]).max() < 0.03
    np.testing.assert_allclose(latent_points("uniform"), np.linspace(-1, 1, 1024))


def test_push_forward_of_the_identity_is_the_normal():
    expected = np.diff(ndtr(EDGES))
    expected[[0, -1]] = ndtr(EDGES[1])
    masses, z, x = push_forward(lambda z: z, EDGES)
    np.testing.assert_array_equal(z, x)
    np.testing.assert_allclose(masses, expected, atol=1e-5)
    assert js_divergence(expected, masses) < 1e-7


def test_push_forward_of_a_fold():
    masses, _, _ = push_forward(np.abs, EDGES)
    expected = np.where(EDGES[:-1] >= -1e-9, 2 * np.diff(ndtr(EDGES)), 0)
    expected[-1] = 2 * ndtr(-EDGES[-2])
    assert masses[:100].sum() < 1e-12
    assert js_divergence(expected, masses) < 1e-6


@pytest.mark.parametrize(("constant", "cell"), [(0.51, 110), (-7.0, 0), (7.0, 199), (EDGES[0], 0), (EDGES[-1], 199)])
def test_push_forward_of_a_constant_is_one_cell(constant, cell):
    masses, _, _ = push_forward(lambda z: np.full_like(z, constant), EDGES)
    assert masses[cell] == pytest.approx(1, abs=1e-12)
    assert np.delete(masses, cell).sum() == 0


@pytest.mark.parametrize("latent", ["normal", "uniform"])
def test_many_generators_at_once_are_each_by_itself(latent):
    """Steep, folded, collapsed and far away ones side by side: nothing of one reaches the next."""
    maps = [
        np.abs,
        lambda z: np.full_like(z, 7.0),
        lambda z: 40 * np.tanh(30 * z),
        lambda z: -z,
        lambda z: np.full_like(z, -7.0),
        lambda z: 4 * np.sin(20 * z),
        lambda z: np.full_like(z, 0.51),
    ]
    found = push_together(maps, EDGES, latent=latent)
    for masses, generator in zip(found, maps, strict=True):
        np.testing.assert_allclose(masses, push_forward(generator, EDGES, latent=latent)[0], atol=1e-14)
    np.testing.assert_allclose(found.sum(1), 1, atol=1e-12)


def test_push_forward_of_a_step():
    """A jump at z = 1 splits the mass into Φ(1) and 1 - Φ(1); hardly anything lies on the bridge."""
    masses, _, _ = push_forward(lambda z: np.where(z < 1, -2.01, 2.01), EDGES)
    assert masses[59] == pytest.approx(ndtr(1), abs=2e-4)
    assert masses[140] == pytest.approx(ndtr(-1), abs=2e-4)
    assert masses.sum() == pytest.approx(1, abs=1e-12)


def test_push_forward_with_uniform_latents():
    masses, _, _ = push_forward(lambda z: 3 * z, np.linspace(-5, 5, 11), latent="uniform")
    np.testing.assert_allclose(masses, [0, 0, *[1 / 6] * 6, 0, 0], atol=1e-12)


def test_one_perfect_mode_of_two():
    """G = 2 + z/2 makes one of two modes; only its thin tail reaches the missed one."""
    p = DISTRIBUTIONS["two_modes"].cell_mass(EDGES)
    q, _, _ = push_forward(lambda z: 2 + z / 2, EDGES)
    assert js_divergence(p, q) == pytest.approx(ruler(1, 2), abs=1e-4)
    assert js_divergence(p, q) == pytest.approx(0.215728, abs=2e-6)
    assert kl_divergence(p, q) == pytest.approx(15.307, rel=0.005)
    assert kl_divergence(q, p) == pytest.approx(LOG2, abs=1e-3)


@every_1d_target
def test_exact_transport(target):
    edges = np.linspace(*target.bounds[0], 201)
    q, _, _ = push_forward(exact_transport(target), edges)
    p = target.cell_mass(edges)
    assert js_divergence(p, q) < 1e-5


def test_exact_transport_of_two_modes():
    q, _, _ = push_forward(exact_transport(DISTRIBUTIONS["two_modes"]), EDGES)
    assert js_divergence(DISTRIBUTIONS["two_modes"].cell_mass(EDGES), q) < 1e-7


@pytest.mark.parametrize("seed", [0, 1])
def test_push_forward_agrees_with_samples(seed):
    """A random MLP, made steep, against 2 million samples: the de-biased JSD is 0 within 1e-5."""
    rng = torch.Generator().manual_seed(seed)
    mlp = MLP([1, 32, 32, 1], "relu", rng)
    mlp.flat.mul_(2.5)
    masses, _, _ = push_forward(lambda z: mlp(torch.from_numpy(z).float()[:, None]).numpy()[:, 0].astype(float), EDGES)
    counts = np.zeros(200)
    for _ in range(10):
        x = mlp(torch.randn(200_000, 1, generator=rng)).numpy()[:, 0].clip(-5, 5)
        counts += np.histogram(x, EDGES)[0]
    assert np.count_nonzero(counts > 1000) > 10  # not collapsed
    assert js_divergence_debiased(masses, counts / 2e6, 2_000_000) == pytest.approx(0, abs=1e-5)


@properties
@given(st.floats(-50, 50), st.floats(0, 20), st.floats(-10, 10))
def test_push_forward_masses_are_masses(amplitude, frequency, slope):
    """Folds, cliffs and values far outside the window."""
    masses, z, x = push_forward(lambda z: amplitude * np.sin(frequency * z) + slope * z, EDGES)
    assert masses.min() >= 0
    assert masses.sum() == pytest.approx(1, abs=1e-12)
    assert np.all(np.diff(z) > 0)
    assert z.shape == x.shape


# ---- tails ----


@pytest.mark.parametrize("low", [-149.0, -40.0, -7.5, -1.0, 0.2, 5.0, 39.0, 140.0])
@pytest.mark.parametrize("width", [1e-6, 0.01, 1.0])
def test_log_mass_of_a_latent_interval(low, width):
    """Against an integral of the density, scaled by its largest value."""
    high = low + width
    nearest = min(abs(low), abs(high)) if low * high > 0 else 0.0
    scaled = quad(lambda z: np.exp((nearest**2 - z**2) / 2), low, high, epsabs=0, epsrel=1e-10, limit=200)[0]
    expected = np.log(scaled) - nearest**2 / 2 - np.log(2 * np.pi) / 2
    found = log_interval_mass("normal", np.array([low]), np.array([high]))[0]
    assert found == pytest.approx(expected, abs=1e-5)


def test_what_is_farther_than_looked_for():
    assert pytest.approx(log_ndtr(-150) + np.log(2)) == HIDDEN
    assert np.isneginf(log_interval_mass("normal", np.array([3.0]), np.array([3.0]))[0])


def gaussians_kl(mean, scale, other_mean, other_scale):
    """KL(N(mean, scale²) || N(other_mean, other_scale²)), closed form."""
    apart = (mean - other_mean) ** 2
    return np.log(other_scale / scale) + (scale**2 + apart) / (2 * other_scale**2) - 0.5


def both_ways(target, generator, latent="normal"):
    edges = np.linspace(*target.bounds[0], 201)
    log_p = log_cell_mass(target, edges)
    log_q, _, _ = log_push_forward(generator, edges, latent=latent)
    return kl_reading(log_p, log_q, HIDDEN if latent == "normal" else -np.inf), kl_reading(log_q, log_p)


@pytest.mark.parametrize(
    ("mean", "scale"), [(2.4, 0.6), (2, 0.8), (2, 0.4), (2, 0.2), (1, 1.2), (0, 0.5), (-2, 0.7), (4, 0.3), (-3, 0.3)]
)
def test_both_kls_of_an_affine_generator(mean, scale):
    """Finite for every affine G, however far; cells of .05 lower them by 1 % or less."""
    forward, reverse = both_ways(DISTRIBUTIONS["gaussian"], lambda z: mean + scale * z)
    for found, expected in (
        (forward, gaussians_kl(2, 0.8, mean, scale)),
        (reverse, gaussians_kl(mean, scale, 2, 0.8)),
    ):
        assert expected * 0.99 - 1e-9 <= found.value <= expected + 1e-6
        assert found.missed == 0
        assert found.at_least == found.value


@pytest.mark.parametrize("slopes", [(0.5, 2.0), (0.1, 0.6), (1.0, 0.25)])
def test_kls_of_a_bent_line(slopes):
    """G with another slope on either side of 0 has half a Gaussian on either side of 1.5: against quadrature."""
    left, right = slopes
    target = DISTRIBUTIONS["two_modes"]

    def log_q(x):
        return np.where(x < 1.5, norm.logpdf(x, 1.5, left), norm.logpdf(x, 1.5, right))

    x = np.linspace(-15, 25, 400_001)
    log_p = target.log_prob(x[:, None])
    forward, reverse = both_ways(target, lambda z: 1.5 + z * np.where(z < 0, left, right))
    expected = np.trapezoid(np.exp(log_p) * (log_p - log_q(x)), x)
    assert forward.value == pytest.approx(expected, rel=0.02)
    inside = np.abs(x) <= 5  # what lies beyond is judged as a whole
    least = np.trapezoid((np.exp(log_q(x)) * (log_q(x) - log_p))[inside], x[inside])
    assert reverse.value >= 0.98 * least
    assert reverse.value <= np.trapezoid(np.exp(log_q(x)) * (log_q(x) - log_p), x) + 1e-6


def test_fakes_where_there_are_no_data_make_one_kl_infinite():
    """U(-2, 2) against N(0, 1): 4.55 % of the fakes lie outside; against N(0, 0.2²), 1.5e-23: rounding."""
    forward, reverse = both_ways(DISTRIBUTIONS["uniform"], lambda z: z)
    expected = quad(lambda x: -np.log(4) / 4 - norm.logpdf(x) / 4, -2, 2)[0]
    assert forward.value == pytest.approx(expected, abs=1e-3)
    assert reverse.value == reverse.at_least == np.inf
    assert reverse.missed == pytest.approx(2 * ndtr(-2), abs=1e-6)
    _, narrow = both_ways(DISTRIBUTIONS["uniform"], lambda z: 0.2 * z)
    entropy = np.log(0.2) + np.log(2 * np.pi * np.e) / 2
    assert narrow.value == pytest.approx(np.log(4) - entropy, abs=0.01)
    assert narrow.missed == 0


@pytest.mark.parametrize(("latent", "sure"), [("normal", False), ("uniform", True)])
def test_data_where_no_fake_can_be_make_the_other_kl_infinite(latent, sure):
    """G stops at 3: what N(2, 0.8²) has beyond is missed; beyond |z| = 150 nobody has looked."""
    target = DISTRIBUTIONS["gaussian"]
    stretch = 3.0 if latent == "normal" else 9.0
    forward, reverse = both_ways(target, lambda z: np.minimum(stretch * z, 2.99), latent)
    assert forward.value == np.inf
    assert forward.missed == pytest.approx(ndtr(-1 / 0.8), abs=1e-3)
    assert (forward.at_least == np.inf) == sure
    if not sure:
        assert 0.1 * 150**2 / 2 < forward.at_least < 0.11 * 150**2 / 2
    assert np.isfinite(reverse.value)


@every_1d_target
def test_log_masses_are_those_of_the_cells(target):
    edges = np.linspace(*target.bounds[0], 201)
    log_mass = log_cell_mass(target, edges)
    np.testing.assert_allclose(np.exp(log_mass), target.cell_mass(edges), atol=1e-10)
    middle = (edges[:-1] + edges[1:]) / 2
    density = target.log_prob(middle[:, None])
    np.testing.assert_array_equal(np.isneginf(log_mass), np.isneginf(density))


def test_log_masses_far_out():
    """The last cell of the comb, [4.95, 5] and beyond: 9 standard deviations from its last tooth."""
    edges = np.linspace(-5, 5, 201)
    expected = log_ndtr(-(4.95 - 3.6) / 0.15) - np.log(7)
    log_mass = log_cell_mass(DISTRIBUTIONS["comb"], edges)
    assert log_mass[-1] == pytest.approx(expected, abs=1e-6)
    assert log_mass[0] == pytest.approx(expected, abs=1e-6)
