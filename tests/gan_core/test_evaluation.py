"""What is read off a GAN, on generators and discriminators whose numbers are known in advance."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from scipy.special import ndtr

from gan_core.distributions import DISTRIBUTIONS
from gan_core.divergences import LOG2, js_noise_floor, ruler
from gan_core.evaluation import SCALARS
from gan_core.latents import draw_latents
from gan_core.line_evaluation import N_CELLS, N_SAMPLED, Evaluator1D
from gan_core.losses import LOSSES
from gan_core.networks import MLP
from tests.gan_core.measuring import NON_SATURATING, PROBABLE, SCORES, TWO_MODES, along, measure, undecided
from tests.gan_core.test_push_forward import exact_transport

every_1d_target = pytest.mark.parametrize(
    "target", [pytest.param(d, id=d.key) for d in DISTRIBUTIONS.values() if d.dim == 1]
)


# ---- p_g ----


@every_1d_target
def test_exact_transport(target):
    e = measure(target, along(exact_transport(target)))
    assert 0 <= e.jsd < 1e-5
    assert 0 <= e.kl_data_model < 1e-4
    assert 0 <= e.kl_model_data < 1e-4
    assert e.floor == 0
    assert e.covered == (True,) * len(target.weights)
    edges = np.linspace(*target.bounds[0], N_CELLS + 1)
    mass = target.cell_mass(edges)
    np.testing.assert_allclose(e.p_g * np.diff(edges), mass, atol=1e-4)
    np.testing.assert_allclose(e.d_star[mass > 1e-3], 0.5, atol=0.02)


@every_1d_target
def test_exact_transport_of_uniform_latents(target):
    generator = along(exact_transport(target, latent_cdf=lambda z: (z + 1) / 2))
    assert 0 <= measure(target, generator, latent="uniform").jsd < 5e-5


def test_density_of_p_data():
    e = measure()
    np.testing.assert_allclose(e.p_data, np.exp(TWO_MODES.log_prob(e.x[:, None])), atol=1e-12)
    assert e.x.shape == e.p_data.shape == e.p_g.shape == e.d.shape == e.d_star.shape == (N_CELLS,)
    assert e.z.shape == e.g_of_z.shape


def test_one_perfect_mode_of_two():
    e = measure(generator=lambda z: 2 + z / 2)
    assert e.jsd == pytest.approx(ruler(1, 2), abs=1e-4)
    assert e.kl_data_model == pytest.approx(15.307, rel=0.005)  # the tail of p_g reaches the other mode, thin as it is
    assert e.kl_model_data == pytest.approx(LOG2, abs=1e-3)
    assert e.covered == (False, True)
    assert e.high_quality == pytest.approx(0.9973, abs=1e-4)


def test_data_far_away():
    """All of p_g lies beyond the window, in the last cell: nothing is shared but a hair of p_data."""
    e = measure(generator=lambda z: 40 + z)
    assert e.p_g[:-1].sum() < 1e-200  # what lies 35 standard deviations off
    assert e.jsd == pytest.approx(LOG2, abs=1e-6)
    assert e.covered == (False, False)
    assert e.high_quality < 1e-200


def test_map_of_the_latent():
    e = measure(generator=lambda z: 3 * z - 1)
    np.testing.assert_allclose(e.g_of_z, 3 * e.z - 1, atol=1e-5)
    assert np.all(np.diff(e.z) > 0)


def test_best_opinion():
    """p_g = N(0, 1), p_data = N(2, 0.8²): D* = p/(p+q), nan where neither reaches."""
    e = measure("gaussian")
    p, q = np.exp(-(((e.x - 2) / 0.8) ** 2) / 2) / 0.8, np.exp(-(e.x**2) / 2)
    inner = np.abs(e.x) < 4
    np.testing.assert_allclose(e.d_star[inner], (p / (p + q))[inner], atol=0.01)
    far = measure("uniform", lambda z: 0 * z + 1.01)
    assert np.isnan(far.d_star[np.abs(far.x) > 2]).all()
    assert not np.isnan(far.d_star[np.abs(far.x) < 2]).any()


# ---- modes ----


def test_high_quality_ceiling():
    """Even p_data itself has only 99.73 % of its mass within 3 standard deviations of a mode."""
    e = measure(generator=along(exact_transport(TWO_MODES)))
    assert e.high_quality == pytest.approx(0.9973, abs=1e-5 + 5e-5)
    under_dispersed = measure(generator=along(lambda z: np.where(z < 0, -2, 2) + 0.1 * z))
    assert under_dispersed.high_quality > 0.9999


@pytest.mark.parametrize(("share", "covered"), [(0.2, True), (0.06, True), (0.04, False), (0.0, False)])
def test_a_mode_is_covered_from_a_quarter_of_its_mass_on(share, covered):
    """The rare mode of 0.8 N(-2) + 0.2 N(2) holds .2: it needs .05."""
    e = measure("uneven_modes", along(lambda z: np.where(ndtr(z) < 1 - share, -2.01, 2.01)))
    assert e.covered == (True, covered)


def test_junk_between_the_modes_is_not_high_quality():
    e = measure(generator=along(lambda z: np.where(z < 0, 0.01, 2.01)))
    assert e.high_quality == pytest.approx(0.5, abs=1e-3)
    assert e.covered == (False, True)


@pytest.mark.parametrize("key", [d.key for d in DISTRIBUTIONS.values() if d.dim == 1 and d.modes is None])
def test_without_modes(key):
    e = measure(key)
    assert e.covered == ()
    assert math.isnan(e.high_quality)


# ---- D ----


@pytest.mark.parametrize("key", PROBABLE)
def test_an_undecided_discriminator_proves_nothing(key):
    output = 0.0 if LOSSES[key].output == "logit" else 0.5
    e = measure(generator=lambda z: 2 + z / 2, discriminator=lambda x: undecided(x) + output, loss=LOSSES[key])
    assert (e.d_real, e.d_fake) == pytest.approx((0.5, 0.5), abs=1e-12)
    assert e.proven == pytest.approx(0, abs=1e-12)
    assert e.unproven == pytest.approx(e.provable, abs=1e-9)
    assert (e.provable == e.jsd) == (LOSSES[key].proves == "jsd")
    np.testing.assert_allclose(e.d, 0.5)


def test_a_perfect_discriminator_proves_everything():
    """p_data = N(2, 0.8²), p_g = N(0, 1): the best logit is a parabola."""
    e = measure("gaussian", discriminator=lambda x: x**2 / 2 - (x - 2) ** 2 / 2 / 0.64 - math.log(0.8))
    assert e.jsd > 0.3
    assert e.proven == pytest.approx(e.jsd, abs=2e-4)
    assert e.unproven == pytest.approx(0, abs=2e-4)
    assert e.d_real + e.d_fake == pytest.approx(1, abs=2e-3)
    inner = np.abs(e.x) < 4
    np.testing.assert_allclose(e.d[inner], e.d_star[inner], atol=0.01)


def test_mean_opinions():
    """D sure of the right half: D(real) and D(fake) are the masses there."""
    e = measure(generator=lambda z: z + 1, discriminator=lambda x: torch.where(x > 0, 12.0, -12.0))
    assert e.d_real == pytest.approx(0.5, abs=1e-3)
    assert e.d_fake == pytest.approx(ndtr(1), abs=1e-3)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("key", PROBABLE)
@pytest.mark.parametrize("latent", [("normal", 1), ("uniform", 1), ("normal", 3)], ids=str)
def test_truth_is_proven_plus_unproven(key, latent, seed):
    rng = torch.Generator().manual_seed(seed)
    generator, discriminator = MLP([latent[1], 16, 1], "relu", rng), MLP([1, 16, 1], "leaky_relu", rng)
    generator.flat.mul_(2)
    e = measure("three_modes", generator, discriminator, LOSSES[key], latent=latent[0], latent_dim=latent[1])
    assert e.provable == pytest.approx(e.proven + e.unproven, abs=1e-9)
    assert (e.provable == e.jsd) == (LOSSES[key].proves == "jsd")
    assert abs(e.proven) > 1e-4


@pytest.mark.parametrize("key", SCORES)
def test_scores_are_no_probabilities(key):
    e = measure(discriminator=lambda x: 7 * x, loss=LOSSES[key])
    np.testing.assert_allclose(e.d, 7 * e.x, rtol=1e-5)
    assert all(math.isnan(getattr(e, name)) for name in ("d_real", "d_fake"))
    assert e.jsd > 0


def test_dropout_does_not_blur_the_measurement():
    rng = torch.Generator().manual_seed(0)
    discriminator = MLP([1, 32, 1], "leaky_relu", rng, dropout=0.5)
    first, second = (measure(discriminator=discriminator) for _ in range(2))
    np.testing.assert_array_equal(first.d, second.d)


# ---- latents of several dimensions ----


@pytest.mark.parametrize("latent_dim", [2, 8])
def test_sampled_latents_are_debiased(latent_dim):
    """The plug-in JSD of 8,192 perfect samples on these cells is about .0025; what is shown is far below."""
    e = measure(generator=along(exact_transport(TWO_MODES)), latent_dim=latent_dim)
    assert 0 < e.floor <= js_noise_floor(N_CELLS, N_SAMPLED)
    assert 0 <= e.jsd < 0.001
    assert all(e.covered)
    assert e.high_quality == pytest.approx(0.9973, abs=5 * (0.0027 / N_SAMPLED) ** 0.5)
    counts = e.p_g * (e.x[1] - e.x[0]) * N_SAMPLED
    np.testing.assert_allclose(counts, counts.round(), atol=1e-6)
    assert counts.sum() == pytest.approx(N_SAMPLED)


def test_sampled_and_exact_agree():
    exact = measure("gaussian", lambda z: z[:, :1])
    sampled = measure("gaussian", lambda z: z[:, :1], latent_dim=2)
    assert sampled.jsd == pytest.approx(exact.jsd, abs=0.01)
    assert sampled.jsd != exact.jsd


def test_several_latents_are_all_used_but_the_map_is_along_the_first():
    e = measure("gaussian", lambda z: z[:, :1] + 2 * z[:, 1:2], latent_dim=2)
    np.testing.assert_allclose(e.g_of_z, e.z, atol=1e-6)
    cell = e.x[1] - e.x[0]
    assert np.sqrt((e.p_g * cell) @ e.x**2) == pytest.approx(5**0.5, abs=0.1)


def test_evaluation_is_repeatable():
    evaluator = Evaluator1D(TWO_MODES, "uniform", 4)
    generator = MLP([4, 16, 1], "relu", torch.Generator().manual_seed(0))
    first, second = (evaluator(generator, undecided, NON_SATURATING) for _ in range(2))
    assert [getattr(first, s) for s in SCALARS] == [getattr(second, s) for s in SCALARS]


@pytest.mark.parametrize(("latent", "deviation"), [("normal", 1.0), ("uniform", 3**-0.5)])
def test_latents(latent, deviation):
    z = draw_latents(latent, 20_000, 3, torch.Generator().manual_seed(0))
    assert z.shape == (20_000, 3)
    assert z.mean(0).abs().max() < 5 * deviation / 20_000**0.5
    assert z.std(0).sub(deviation).abs().max() < 0.02
    assert (z.abs().max() <= 1) == (latent == "uniform")
    assert torch.equal(z, draw_latents(latent, 20_000, 3, torch.Generator().manual_seed(0)))


def test_evaluator_is_for_one_dimension():
    plane = dataclasses.replace(TWO_MODES, key="plane", dim=2)
    with pytest.raises(ValueError, match="plane has dim 2"):
        Evaluator1D(plane, "normal", 1)


# ---- how often the best D would be right ----


def test_accuracy_of_the_best_d_on_the_line():
    """N(2, 0.8²) against N(2+s, 0.8²): TV = 2 Phi(s/1.6) - 1; a perfect G leaves a coin toss."""
    for shift in (0.0, 0.4, 1.6):
        e = measure("gaussian", lambda z, shift=shift: 2 + shift + 0.8 * z)
        assert e.best_accuracy == pytest.approx(ndtr(shift / 1.6), abs=1e-3)
        assert e.best_accuracy_floor == 0.5
    several = measure("gaussian", lambda z: 3.6 + 0.8 * z[:, :1], latent_dim=2)
    assert several.best_accuracy == pytest.approx(ndtr(1.0), abs=0.01)
    assert 0.5 <= several.best_accuracy_floor < 0.51


# ---- modes have a shape ----


@pytest.mark.parametrize("width", [0.3, 1.0, 1.5, 2.5])
def test_one_lump_over_two_modes_covers_none(width):
    """N(0, width²) has from a thirtieth to a half of its mass within 3 sigma of each mode, and no peak there."""
    e = measure(generator=lambda z: width * z)
    assert e.covered == (False, False)


@pytest.mark.parametrize("width", [0.5, 1.0, 1.5])
@pytest.mark.parametrize("key", [d.key for d in DISTRIBUTIONS.values() if d.dim == 1 and d.modes is not None])
def test_modes_of_other_widths_are_covered(key, width):
    target = DISTRIBUTIONS[key]
    exact = exact_transport(target)

    def generator(z):
        x = exact(z)
        nearest = target.modes[np.abs(x[:, None] - target.modes[:, 0]).argmin(1), 0]
        return nearest + width * (x - nearest)

    assert all(measure(key, along(generator)).covered)


# ---- infinite KLs ----


def test_an_infinite_kl_says_what_is_missed():
    stopped = measure("gaussian", lambda z: (2 + z).clamp(max=2.01))  # half of the data are never reached
    assert stopped.kl_data_model == math.inf
    assert stopped.shown.forward_kl.missed == pytest.approx(0.5, abs=0.03)
    assert 1000 < stopped.shown.forward_kl.at_least < math.inf
    leaking = measure("uniform")
    assert leaking.kl_model_data == math.inf
    assert leaking.shown.reverse_kl.missed == pytest.approx(2 * ndtr(-2), abs=1e-4)
    assert math.isfinite(leaking.kl_data_model)
