"""What is read off a GAN on the plane, on samples whose numbers are known in advance."""

import math

import numpy as np
import pytest
import torch

from gan_core.distributions import DISTRIBUTIONS
from gan_core.divergences import LOG2, js_divergence, ruler
from gan_core.evaluation import SCALARS
from gan_core.line_evaluation import Evaluation1D, Evaluator1D
from gan_core.losses import LOSSES
from gan_core.networks import MLP
from gan_core.plane_evaluation import N_SAMPLED_2D, Evaluation2D, Evaluator2D, mode_scores
from tests.gan_core.measuring import NON_SATURATING, PROBABLE, SCORES, TWO_MODES, undecided

every_2d_target = pytest.mark.parametrize(
    "target", [pytest.param(d, id=d.key) for d in DISTRIBUTIONS.values() if d.dim == 2]
)


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
    e = {1: Evaluator1D, 2: Evaluator2D}[target.dim](target, "normal", 2)(
        lambda z: z[:, : target.dim], undecided, NON_SATURATING
    )
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
    assert e.proven + e.unproven == pytest.approx(e.provable, abs=1e-12)
    assert (e.provable == e.jsd) == (LOSSES[key].proves == "jsd")
    assert e.proven_error > 0
    assert e.proven <= e.provable


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
    assert math.isnan(e.d_real)
    assert math.isnan(e.d_fake)
    assert math.isnan(e.proven) == (key == "wasserstein_gp")  # samples do not tell Wasserstein's distance
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


# ---- accuracy of the best D, infinite KLs ----


@every_2d_target
def test_accuracy_of_the_best_d_on_the_plane(target):
    """Exact samples: near a coin toss, as the floor says; on a quarter of them far away, (1 + 1/4)/2."""
    exact = measure_2d(target, sampler(target, 3))
    assert 0.5 <= exact.best_accuracy < 0.52
    assert 0.5 <= exact.best_accuracy_floor < 0.51
    away = measure_2d(target, sampler(target, 3, lambda x: np.where(np.arange(len(x))[:, None] % 4 == 0, x + 100, x)))
    assert away.best_accuracy == pytest.approx(0.625, abs=0.02)


def test_fakes_off_a_checkerboard_make_a_kl_infinite():
    board = DISTRIBUTIONS["checkerboard"]
    e = measure_2d(
        board, sampler(board, change=lambda x: np.where(np.arange(len(x))[:, None] % 10 == 0, x + np.array([1, 0]), x))
    )
    assert e.kl_model_data == math.inf
    assert e.shown.reverse_kl.missed == pytest.approx(0.1, abs=0.01)
    assert math.isfinite(e.kl_data_model)
