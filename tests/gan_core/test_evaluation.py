"""What is read off a GAN, on generators and discriminators whose numbers are known in advance."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from scipy.special import ndtr

from gan_core.distributions import DISTRIBUTIONS
from gan_core.divergences import LOG2, js_divergence, js_noise_floor, ruler
from gan_core.evaluation import (
    N_CELLS,
    N_SAMPLED,
    N_SAMPLED_2D,
    SCALARS,
    Evaluation1D,
    Evaluation2D,
    Evaluator1D,
    Evaluator2D,
    diagnose,
    draw_latents,
    make_evaluator,
    mode_scores,
)
from gan_core.losses import LOSSES
from gan_core.networks import MLP
from tests.gan_core.test_push_forward import exact_transport

every_1d_target = pytest.mark.parametrize(
    "target", [pytest.param(d, id=d.key) for d in DISTRIBUTIONS.values() if d.dim == 1]
)
every_2d_target = pytest.mark.parametrize(
    "target", [pytest.param(d, id=d.key) for d in DISTRIBUTIONS.values() if d.dim == 2]
)
PROBABLE = [key for key, loss in LOSSES.items() if loss.output != "score"]
SCORES = [key for key, loss in LOSSES.items() if loss.output == "score"]

NON_SATURATING = LOSSES["non_saturating"]
TWO_MODES = DISTRIBUTIONS["two_modes"]


def along(function):
    """A generator (n, dim of z) -> (n, 1) that applies a NumPy function to the first latent."""
    return lambda z: torch.from_numpy(function(z[:, 0].double().numpy())).float()[:, None]


def undecided(x):
    """D with logit 0 everywhere."""
    return torch.zeros(len(x), 1)


def measure(target=TWO_MODES, generator=lambda z: z, discriminator=undecided, loss=NON_SATURATING, **latent):
    """`target` may be a key or a distribution."""
    target = DISTRIBUTIONS.get(target, target)
    evaluator = Evaluator1D(target, latent.get("latent", "normal"), latent.get("latent_dim", 1))
    return evaluator(generator, discriminator, loss)


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
    assert e.unproven == pytest.approx(e.jsd, abs=1e-9)
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
    assert e.jsd == pytest.approx(e.proven + e.unproven, abs=1e-9)
    assert abs(e.proven) > 1e-4


@pytest.mark.parametrize("key", SCORES)
def test_scores_are_no_probabilities(key):
    e = measure(discriminator=lambda x: 7 * x, loss=LOSSES[key])
    np.testing.assert_allclose(e.d, 7 * e.x, rtol=1e-5)
    assert all(math.isnan(getattr(e, name)) for name in ("proven", "unproven", "d_real", "d_fake"))
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


# ---- the plane ----

RING = DISTRIBUTIONS["ring_8"]


def sampler(target, seed=0, change=lambda x: x):
    """A generator that ignores z and draws from the target itself; `change` spoils the samples (n, 2)."""
    rng = np.random.default_rng(seed)
    return lambda z: torch.from_numpy(change(target.sample(len(z), rng))).float()


def on_modes(pick, spread=1.0, target=RING):
    """A generator that makes the modes pick(u) for u ~ U(0, 1), `spread` times as wide as they should be."""
    rng = np.random.default_rng(0)

    def generator(z):
        noise = spread * target.mode_scale * rng.standard_normal((len(z), 2))
        return torch.from_numpy(target.modes[pick(rng.random(len(z)))] + noise).float()

    return generator


def measure_2d(target=RING, generator=None, discriminator=undecided, loss=NON_SATURATING):
    return Evaluator2D(target, "normal", 2)(generator or sampler(target), discriminator, loss)


def by_log_ratio(log_p, log_q):
    """The optimal D, as a raw output: log p - log q, clipped to what a sigmoid can tell from a sure thing."""

    def discriminator(x):
        x = x.numpy().astype(np.float64)
        return torch.from_numpy(np.clip(log_p(x) - log_q(x), -60, 60))[:, None]

    return discriminator


@pytest.mark.parametrize("key", list(DISTRIBUTIONS))
def test_evaluator_of_a_dimension(key):
    target = DISTRIBUTIONS[key]
    e = make_evaluator(target, "normal", 2)(lambda z: z[:, : target.dim], undecided, NON_SATURATING)
    assert type(e) is {1: Evaluation1D, 2: Evaluation2D}[target.dim]


@every_2d_target
def test_exact_samples(target):
    e = measure_2d(target)
    assert 0 <= e.jsd < 2e-3
    assert 0 <= e.kl_data_model < 2e-3
    assert 0 <= e.kl_model_data < 2e-3
    assert e.covered == (True,) * (len(target.weights) if target.separated else 0)
    assert e.modes == len(e.covered)
    assert math.isnan(e.high_quality) != target.separated
    assert (e.proven, e.proven_error) == pytest.approx((0, 0), abs=1e-12)
    assert e.samples.shape == (N_SAMPLED_2D, 2)
    assert e.samples.dtype == np.float32


@every_2d_target
def test_floor_is_what_the_plug_in_jsd_reads_of_exact_samples(target):
    """The mean of 10 draws strays by about 2 %."""
    evaluator, rng = Evaluator2D(target, "normal", 2), np.random.default_rng(0)
    p = evaluator.cells.p
    draws = [evaluator.cells.histogram(target.sample(N_SAMPLED_2D, rng).astype(np.float32)) for _ in range(10)]
    floor = evaluator(sampler(target), undecided, NON_SATURATING).floor
    assert floor == pytest.approx(np.mean([js_divergence(p, q) for q in draws]), rel=0.15)


def test_half_the_ring():
    e = measure_2d(generator=on_modes(lambda u: 2 * (4 * u).astype(int)))
    assert e.jsd == pytest.approx(ruler(4, 8), abs=0.003)
    assert e.kl_data_model == math.inf
    assert e.kl_model_data == pytest.approx(LOG2, abs=0.003)
    assert e.covered == (True, False) * 4
    assert e.modes == 4
    assert e.high_quality == pytest.approx(0.9889, abs=0.003)


@every_2d_target
def test_collapse(target):
    """All fakes on one spot: nearly nothing is shared."""
    spot = torch.from_numpy(target.sample(1, np.random.default_rng(0))).float()
    e = measure_2d(target, lambda z: spot.expand(len(z), 2))
    assert e.kl_data_model == math.inf
    assert ruler(1, 3) < e.jsd <= LOG2
    assert e.covered.count(True) == (1 if target.separated else 0)
    assert diagnose(100, e, NON_SATURATING).key == ("half_but_missing" if target.separated else "half_but_apart")


@every_2d_target
def test_far_from_everything(target):
    """Beyond the window: all that is shared is the last cell."""
    e = measure_2d(target, sampler(target, change=lambda x: x + 100))
    assert e.jsd == pytest.approx(LOG2, abs=0.02)
    assert e.modes == 0
    assert e.high_quality == 0 or not target.separated


@pytest.mark.parametrize(("share", "covered"), [(0.05, True), (0.015, True), (0.01, False), (0.0, False)])
def test_a_2d_mode_is_covered_from_a_quarter_of_its_mass_on(share, covered):
    """The first mode of the uneven ring holds .05: it needs .0125."""
    uneven = DISTRIBUTIONS["uneven_ring"]
    others = np.array([1, 2, 3, 4, 5, 6, 7])
    e = measure_2d(uneven, on_modes(lambda u: np.where(u < share, 0, others[(7 * u).astype(int)]), target=uneven))
    assert e.covered == (covered, *[True] * 7)


@pytest.mark.parametrize(("spread", "jsd", "high_quality"), [(1.5, 0.067, 0.8647), (0.5, 0.166, 1.0)])
def test_width_of_the_modes(spread, jsd, high_quality):
    """Within 3 of its sigmas a mode 1.5 times too wide has 1 - exp(-2) of its samples."""
    e = measure_2d(generator=on_modes(lambda u: (8 * u).astype(int), spread))
    assert e.jsd == pytest.approx(jsd, abs=0.005)
    assert e.high_quality == pytest.approx(high_quality, abs=0.01)
    assert e.modes == 8


def test_junk_is_not_high_quality():
    """Every other fake in the middle of the ring: an equal share of a good ring and of a spot elsewhere."""
    e = measure_2d(generator=sampler(RING, change=lambda x: x * (np.arange(len(x)) % 2)[:, None]))
    assert e.high_quality == pytest.approx(0.9889 / 2, abs=0.005)
    assert all(e.covered)


def test_nothing_outside_is_exactly_nothing():
    """What is left of 1 after a sum is rounding, not mass: where p_data has none, it would make a KL infinite."""
    board = DISTRIBUTIONS["checkerboard"]
    cells, x = Evaluator2D(board, "normal", 2).cells, board.sample(300, np.random.default_rng(0)).astype(np.float32)
    (outside,) = np.flatnonzero(cells.p == 0)
    assert {float(cells.histogram(x[:n])[outside]) for n in range(1, 300)} == {0.0}
    for elsewhere in ((9, 9), (0.5, -0.5)):
        spoilt = np.concatenate([x[:99], [elsewhere]]).astype(np.float32)
        assert cells.histogram(spoilt)[outside] == pytest.approx(0.01)


# ---- D on the plane ----


def test_the_best_d_proves_what_a_half_missing_ring_is_off():
    def log_q(x):
        squares = ((x[:, None] - RING.modes[::2]) ** 2).sum(-1) / RING.mode_scale**2
        return np.logaddexp.reduce(-squares / 2, axis=1) - math.log(4 * 2 * math.pi * RING.mode_scale**2)

    e = measure_2d(RING, on_modes(lambda u: 2 * (4 * u).astype(int)), by_log_ratio(RING.log_prob, log_q))
    assert e.proven == pytest.approx(ruler(4, 8), abs=4 * e.proven_error)
    assert e.d_real == pytest.approx(0.5 * 1 + 0.5 / 3, abs=4 / 3 / 4096**0.5)
    assert e.d_fake == pytest.approx(1 / 3, abs=1e-3)
    assert 0 < e.proven_error < 0.01


@pytest.mark.parametrize("key", ["moons", "two_blobs", "spiral", "ring_8"])
def test_the_best_d_proves_how_far_a_shifted_copy_is(key):
    """Against the JSD of both densities on 300 x 300 cells."""
    target = DISTRIBUTIONS[key]
    shift = 0.1 * target.unit * np.array([1, 1])
    edges = [np.linspace(2 * low - high, 2 * high - low, 301) for low, high in target.bounds]
    p, q = target.grid_mass(*edges), target.grid_mass(*(e - s for e, s in zip(edges, shift, strict=True)))
    truth = js_divergence((p / p.sum()).ravel(), (q / q.sum()).ravel())
    best = by_log_ratio(target.log_prob, lambda x: target.log_prob(x - shift))
    e = measure_2d(target, sampler(target, 7, lambda x: x + shift), best)
    assert truth > 0.02
    assert e.proven == pytest.approx(truth, abs=4 * e.proven_error)
    assert e.jsd <= truth + 2e-3  # cells only lower it
    assert e.d_real + e.d_fake == pytest.approx(1, abs=0.02)


@every_2d_target
@pytest.mark.parametrize("key", PROBABLE)
def test_2d_truth_is_proven_plus_unproven(target, key):
    rng = torch.Generator().manual_seed(0)
    generator, discriminator = MLP([2, 16, 2], "relu", rng), MLP([2, 16, 1], "leaky_relu", rng)
    e = measure_2d(target, generator, discriminator, LOSSES[key])
    assert e.proven + e.unproven == pytest.approx(e.jsd, abs=1e-12)
    assert e.proven_error > 0
    assert e.proven <= e.jsd + 4 * e.proven_error


@pytest.mark.parametrize("key", PROBABLE)
def test_mean_opinions_of_an_undecided_d_on_the_plane(key):
    output = 0.0 if LOSSES[key].output == "logit" else 0.5
    e = measure_2d(discriminator=lambda x: undecided(x) + output, loss=LOSSES[key])
    assert (e.d_real, e.d_fake, e.proven) == pytest.approx((0.5, 0.5, 0), abs=1e-9)


def test_mean_opinions_on_the_plane():
    """D sure of the right half: D(real) and D(fake) are the masses there; 4 standard deviations of 4,096 samples."""
    half_and_quarter = on_modes(lambda u: np.where(u < 0.25, 0, 4))
    e = measure_2d(generator=half_and_quarter, discriminator=lambda x: torch.where(x[:, :1] > 0.5, 12.0, -12.0))
    assert e.d_real == pytest.approx(3 / 8, abs=4 * (3 * 5 / 64 / 4096) ** 0.5)
    assert e.d_fake == pytest.approx(1 / 4, abs=4 * (3 / 16 / 4096) ** 0.5)


def test_a_sure_mistake_stays_finite():
    e = measure_2d(discriminator=lambda x: undecided(x) - 1e4)
    assert math.isfinite(e.proven)
    assert e.proven < -5


@pytest.mark.parametrize("key", SCORES)
def test_scores_are_no_probabilities_on_the_plane(key):
    e = measure_2d(discriminator=lambda x: 7 * x[:, :1], loss=LOSSES[key])
    names = ("proven", "unproven", "proven_error", "d_real", "d_fake")
    assert all(math.isnan(getattr(e, name)) for name in names)
    assert e.jsd < 1e-3


@pytest.mark.parametrize("latent", ["normal", "uniform"])
@pytest.mark.parametrize("latent_dim", [1, 2, 8])
def test_2d_evaluation_is_repeatable(latent, latent_dim):
    evaluator = Evaluator2D(RING, latent, latent_dim)
    generator = MLP([latent_dim, 16, 2], "relu", torch.Generator().manual_seed(0))
    first, second = (evaluator(generator, undecided, NON_SATURATING) for _ in range(2))
    np.testing.assert_array_equal(first.samples, second.samples)
    assert len(np.unique(first.samples, axis=0)) > 0.9 * N_SAMPLED_2D
    assert [getattr(first, s) for s in SCALARS] == [getattr(second, s) for s in SCALARS]


def test_evaluator_is_for_two_dimensions():
    with pytest.raises(ValueError, match="two_modes has dim 1"):
        Evaluator2D(TWO_MODES, "normal", 1)


# ---- the diagnosis ----

GOOD = {"covered": (True, True), "jsd": 0.01, "d_real": 0.5, "d_fake": 0.5, "proven": 0.0}
APART = {**GOOD, "jsd": 0.3}


@pytest.mark.parametrize(
    ("key", "step", "numbers", "loss"),
    [
        ("start", 0, APART, "non_saturating"),
        ("half_but_missing", 100, {**APART, "covered": (True, False)}, "non_saturating"),
        ("missing", 100, {**APART, "covered": (True, False), "d_real": 0.8}, "non_saturating"),
        ("missing", 100, {**APART, "covered": (True, False), "d_real": math.nan, "d_fake": math.nan}, "hinge"),
        ("half_but_apart", 100, APART, "non_saturating"),
        ("half_but_apart", 100, {**APART, "d_real": 0.54, "d_fake": 0.46, "covered": ()}, "non_saturating"),
        ("converged", 100, GOOD, "non_saturating"),
        ("converged", 100, {**GOOD, "d_real": math.nan, "d_fake": math.nan}, "wasserstein_gp"),
        ("fooled", 100, {**APART, "d_real": 0.4, "d_fake": 0.6}, "non_saturating"),
        ("d_wins", 100, {**APART, "d_real": 0.9, "d_fake": 0.1}, "non_saturating"),
        ("saturated", 100, {**APART, "d_real": 0.9, "d_fake": 0.1}, "minimax"),
        ("approaching", 100, {**APART, "d_real": 0.7, "d_fake": 0.3}, "non_saturating"),
        ("approaching", 100, {**APART, "d_real": 0.9, "d_fake": 0.3}, "minimax"),
        ("approaching", 100, {**APART, "d_real": math.nan, "d_fake": math.nan}, "hinge"),
    ],
)
def test_diagnosis(key, step, numbers, loss):
    evaluation = dataclasses.replace(measure(), **numbers)
    diagnosis = diagnose(step, evaluation, LOSSES[loss])
    assert diagnosis.key == key
    assert diagnosis.values["jsd"] == numbers["jsd"]
    assert diagnosis.values["missing"] == numbers["covered"].count(False)
    assert diagnosis.values["modes"] == len(numbers["covered"])


def test_one_half_is_never_taken_for_convergence():
    """D undecided everywhere while one of two modes is missing: the first thing the lesson warns of."""
    e = measure(generator=lambda z: 2 + z / 2)
    assert (e.d_real, e.d_fake) == pytest.approx((0.5, 0.5))
    assert diagnose(100, e, NON_SATURATING).key == "half_but_missing"


def test_mode_scores_of_exact_and_of_half_missing_data():
    target = DISTRIBUTIONS["ring_8"]
    x = target.sample(2500, np.random.default_rng(0)).astype(np.float32)
    exact = mode_scores(x, target)
    assert exact.modes == 8
    assert exact.high_quality == pytest.approx(0.9889, abs=3 * 0.0021)
    assert exact.reverse_kl == pytest.approx(7 / 5000, abs=3e-3)  # the noise floor of eight cells
    half = mode_scores(x[x[:, 0] > 0.5], target)  # three of the eight
    assert half.modes == 3
    assert half.reverse_kl == pytest.approx(np.log(8 / 3), abs=0.01)


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


@every_2d_target
def test_accuracy_of_the_best_d_on_the_plane(target):
    """Exact samples: near a coin toss, as the floor says; on a quarter of them far away, (1 + 1/4)/2."""
    exact = measure_2d(target, sampler(target, 3))
    assert 0.5 <= exact.best_accuracy < 0.52
    assert 0.5 <= exact.best_accuracy_floor < 0.51
    away = measure_2d(target, sampler(target, 3, lambda x: np.where(np.arange(len(x))[:, None] % 4 == 0, x + 100, x)))
    assert away.best_accuracy == pytest.approx(0.625, abs=0.02)


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
    assert stopped.forward_kl.missed == pytest.approx(0.5, abs=0.03)
    assert 1000 < stopped.forward_kl.at_least < math.inf
    leaking = measure("uniform")
    assert leaking.kl_model_data == math.inf
    assert leaking.reverse_kl.missed == pytest.approx(2 * ndtr(-2), abs=1e-4)
    assert math.isfinite(leaking.kl_data_model)


def test_fakes_off_a_checkerboard_make_a_kl_infinite():
    board = DISTRIBUTIONS["checkerboard"]
    e = measure_2d(
        board, sampler(board, change=lambda x: np.where(np.arange(len(x))[:, None] % 10 == 0, x + np.array([1, 0]), x))
    )
    assert e.kl_model_data == math.inf
    assert e.reverse_kl.missed == pytest.approx(0.1, abs=0.01)
    assert math.isfinite(e.kl_data_model)
