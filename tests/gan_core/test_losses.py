"""Every loss: slopes against autograd, values against closed forms, and what theory says of its optimum."""

import math

import numpy as np
import pytest
import torch
from scipy.special import expit

from gan_core.divergences import LOG2, js_divergence
from gan_core.losses import LOSSES, Separate
from gan_core.proof import PROOFS
from gan_core.theory import LOG4, optimal_discriminator, value_function
from tests.gan_core.test_divergences import normal_masses

every_loss = pytest.mark.parametrize("loss", list(LOSSES.values()), ids=list(LOSSES))
every_term = pytest.mark.parametrize(
    "term",
    [
        pytest.param(term, id=f"{key}-{side}")
        for key, loss in LOSSES.items()
        if isinstance(loss.d, Separate) and isinstance(loss.g, Separate)
        for side, term in (("real", loss.d.real), ("fake", loss.d.fake), ("generator", loss.g.fake))
    ],
)

UNDECIDED = {"logit": 0.0, "probability": 0.5, "score": 0.0}  # the raw output of a D that cannot tell


def logits(n=64, seed=0, scale=4.0):
    return scale * torch.randn(n, 1, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def d_slope(loss, real, fake, smoothing=0.0):
    """Derivative of D's loss by the logits, real before fake."""
    judged = loss.d(real, fake, smoothing=smoothing)
    return torch.cat([judged.by_real, judged.by_fake])


def softplus(l):
    return math.log1p(math.exp(l))


# ---- slopes ----


@every_term
@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.4])
def test_slope_is_the_derivative_of_the_value(term, smoothing):
    l = logits().requires_grad_(True)
    (expected,) = torch.autograd.grad(term.value(l, smoothing).sum(), l)
    torch.testing.assert_close(term.slope(l.detach(), smoothing), expected, check_dtype=False)


@every_loss
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_batch_slopes_are_the_derivatives_of_the_batch_losses(loss, smoothing):
    smoothing = 0.0 if loss.output == "score" else smoothing
    real, fake = logits(16, seed=1).requires_grad_(True), logits(16, seed=2).requires_grad_(True)
    d_slopes = torch.cat(torch.autograd.grad(loss.d(real, fake, smoothing=smoothing).value, (real, fake)))
    torch.testing.assert_close(d_slope(loss, real.detach(), fake.detach(), smoothing), d_slopes, check_dtype=False)
    seen = real.detach() if loss.paired else None
    (g_slopes,) = torch.autograd.grad(loss.g(seen, fake).value, fake)
    torch.testing.assert_close(loss.g(seen, fake.detach()).by_fake, g_slopes, check_dtype=False)


@every_loss
def test_slopes_leave_the_logits_alone(loss):
    real, fake = logits(8, seed=1), logits(8, seed=2)
    before = real.clone(), fake.clone()
    d_slope(loss, real, fake)
    loss.g(real if loss.paired else None, fake)
    assert torch.equal(real, before[0])
    assert torch.equal(fake, before[1])


def test_slopes_of_both_generator_losses():
    """Saturating: -D. Non-saturating: -(1 - D). The ratio at D = .01 is 99."""
    l = logits()
    torch.testing.assert_close(LOSSES["minimax"].g.fake.slope(l, 0.0), -l.sigmoid())
    torch.testing.assert_close(LOSSES["non_saturating"].g.fake.slope(l, 0.0), -(1 - l.sigmoid()))
    hopeless = torch.tensor([[math.log(0.01 / 0.99)]], dtype=torch.float64)
    alive, dead = (LOSSES[key].g(None, hopeless).by_fake.item() for key in ("non_saturating", "minimax"))
    assert alive / dead == pytest.approx(99, rel=1e-9)


def test_non_saturating_slope_is_alive_where_the_other_is_dead():
    """In single precision; log(sigmoid(l) + 1e-8) would have lost it at l = -30."""
    l = torch.tensor([[-30.0]])
    assert LOSSES["non_saturating"].g(None, l).by_fake.item() == pytest.approx(-1, abs=1e-6)
    assert LOSSES["minimax"].g(None, l).by_fake.item() == pytest.approx(0, abs=1e-12)
    assert LOSSES["non_saturating"].g(None, l).value.item() == pytest.approx(30, abs=1e-5)


@pytest.mark.parametrize(
    ("shift", "saturating", "non_saturating"),
    [
        (0.5, 0.235, 0.265),
        (1, 0.398, 0.602),
        (2, 0.450, 1.550),
        (3, 0.296, 2.704),
        (4, 0.137, 3.863),
        (6, 0.012, 5.988),
    ],
)
def test_generator_gradients_under_the_optimal_discriminator(shift, saturating, non_saturating):
    """For p = N(0, 1), q = N(shift, 1) the optimal logit falls by `shift` per unit of x, and every fake moves along.

    The two gradients add up to `shift`, that of KL.
    """
    x, q = np.linspace(-15, 23, 7601), normal_masses(shift)
    l = torch.from_numpy(shift**2 / 2 - shift * x)
    along = [float(q @ (LOSSES[key].g.fake.slope(l, 0.0) * -shift).numpy()) for key in ("minimax", "non_saturating")]
    assert along == pytest.approx([saturating, non_saturating], abs=5e-4)
    assert sum(along) == pytest.approx(shift, abs=1e-9)


# ---- values ----


@pytest.mark.parametrize(
    ("key", "output", "d_loss", "g_loss"),
    [
        ("non_saturating", 0.0, 1.386294, 0.693147),
        ("minimax", 0.0, 1.386294, -0.693147),
        ("least_squares", 0.5, 0.25, 0.125),
        ("hinge", 0.0, 2.0, 0.0),
        ("wasserstein_gp", 0.0, 0.0, 0.0),
        ("relativistic", 0.0, 0.693147, 0.693147),
        ("f_kl", 0.0, 0.0, -1.0),
        ("f_reverse_kl", 0.0, 0.0, 1.0),
        ("f_pearson", 0.0, 0.0, 0.0),
        ("f_hellinger", 0.0, 0.0, 0.0),
    ],
)
def test_values_of_an_undecided_discriminator(key, output, d_loss, g_loss):
    undecided = torch.full((4, 1), output)
    assert LOSSES[key].d(undecided, undecided).value.item() == pytest.approx(d_loss, abs=1e-6)
    reals = undecided if LOSSES[key].paired else None
    assert LOSSES[key].g(reals, undecided).value.item() == pytest.approx(g_loss, abs=1e-6)


@pytest.mark.parametrize(
    ("key", "d_loss", "g_loss"),
    [
        ("non_saturating", softplus(-1) + softplus(-3), softplus(3)),
        ("minimax", softplus(-1) + softplus(-3), -softplus(-3)),
        ("least_squares", 0.0 + 4.5, 8.0),
        ("hinge", 0.0 + 0.0, 3.0),
        ("wasserstein_gp", -1.0 - 3.0, 3.0),
    ],
)
def test_values_of_a_good_discriminator(key, d_loss, g_loss):
    """Raw output 1 on reals, -3 on fakes."""
    real, fake = torch.full((4, 1), 1.0), torch.full((4, 1), -3.0)
    assert LOSSES[key].d(real, fake).value.item() == pytest.approx(d_loss, abs=1e-6)
    assert LOSSES[key].g(None, fake).value.item() == pytest.approx(g_loss, abs=1e-6)


@every_loss
def test_equilibrium(loss):
    """If p_g = p_data, reals and fakes get the same outputs; the best constant output gives the equilibrium values."""
    outputs = torch.linspace(-3, 3, 601, dtype=torch.float64).view(-1, 1, 1)
    least = min(loss.d(output, output).value.item() for output in outputs)
    undecided = torch.full((4, 1), UNDECIDED[loss.output], dtype=torch.float64)
    assert least == pytest.approx(loss.d_equilibrium, abs=1e-9)
    assert loss.d(undecided, undecided).value.item() == pytest.approx(loss.d_equilibrium, abs=1e-9)
    if math.isnan(loss.g_equilibrium):
        assert loss.output == "score"  # any constant score is as good
    else:
        assert loss.g(undecided, undecided).value.item() == pytest.approx(loss.g_equilibrium, abs=1e-9)


def test_equilibria_by_number():
    assert LOSSES["minimax"].d_equilibrium == LOSSES["non_saturating"].d_equilibrium == LOG4
    assert LOSSES["non_saturating"].g_equilibrium == -LOSSES["minimax"].g_equilibrium == LOG2


@every_loss
def test_discriminator_is_pushed_the_right_way(loss):
    """Near its undecided output D learns to raise reals and lower fakes, and G to raise fakes."""
    undecided = torch.full((4, 1), UNDECIDED[loss.output])
    slopes = d_slope(loss, undecided, undecided)
    assert slopes[:4].max() < 0 < slopes[4:].min()
    assert loss.g(undecided, undecided).by_fake.max() < 0


@pytest.mark.parametrize("key", ["non_saturating", "minimax"])
def test_discriminator_loss_is_minus_the_value_function(key):
    p, q = np.array([0.2, 0.3, 0.5]), np.array([0.6, 0.3, 0.1])
    l = torch.tensor([-2.0, 0.3, 1.5], dtype=torch.float64)
    loss = LOSSES[key]
    d_loss = p @ loss.d.real.value(l, 0.0).numpy() + q @ loss.d.fake.value(l, 0.0).numpy()
    assert d_loss == pytest.approx(-value_function(p, q, expit(l.numpy())), abs=1e-12)


@pytest.mark.parametrize(("key", "least"), [("non_saturating", 1.3763), ("minimax", 1.3763), ("least_squares", 0.2025)])
def test_one_sided_smoothing(key, least):
    """With real labels 1 - s = .9 the best D at p_g = p_data is .45."""
    loss = LOSSES[key]
    d = torch.linspace(0.001, 0.999, 999, dtype=torch.float64)
    outputs = d.logit() if loss.output == "logit" else d
    totals = loss.d.real.value(outputs, 0.1) + loss.d.fake.value(outputs, 0.1)
    assert d[totals.argmin()].item() == pytest.approx(0.45, abs=1e-9)
    assert totals.min().item() == pytest.approx(least, abs=5e-5)


def test_smoothing_is_a_mix_of_both_labels():
    """Cross-entropy with label 1 - s is (1 - s) times that of label 1 plus s times that of label 0."""
    l = logits()
    loss = LOSSES["non_saturating"]
    expected = 0.9 * -torch.nn.functional.logsigmoid(l) + 0.1 * -torch.nn.functional.logsigmoid(-l)
    torch.testing.assert_close(loss.d.real.value(l, 0.1), expected)
    torch.testing.assert_close(loss.d.fake.value(l, 0.1), loss.d.fake.value(l, 0.0))


@every_loss
def test_probability(loss):
    l = torch.tensor([-30.0, -2.0, 0.0, 0.3, 0.5, 2.0, 30.0])
    d = loss.probability(l)
    if loss.output == "score":
        assert d is None
    else:
        assert 0 <= d.min() < 0.01
        assert 0.99 < d.max() <= 1
        assert torch.all(d.diff() >= 0)
        assert loss.probability(torch.tensor(UNDECIDED[loss.output])).item() == pytest.approx(0.5, abs=1e-7)
    if loss.output == "logit":
        torch.testing.assert_close(d, torch.tensor(expit(l.numpy())))
    if loss.output == "probability":
        assert d[3:5].tolist() == pytest.approx([0.3, 0.5])


# ---- the divergences behind the losses: p = N(0, 1), q = N(1, 1) ----


def least_loss(key, p, q, outputs):
    """min over D of L_D, point by point, where `outputs` are the candidates."""
    real, fake = (term.value(outputs, 0.0).numpy() for term in (LOSSES[key].d.real, LOSSES[key].d.fake))
    return (p[:, None] * real + q[:, None] * fake).min(1).sum()


def test_hinge_bounds_the_total_variation():
    """1 - L_D/2 <= TV, with equality for D = sign(p - q)."""
    p, q = normal_masses(), normal_masses(1)
    tv = np.abs(p - q).sum() / 2
    loss = LOSSES["hinge"]
    assert tv == pytest.approx(0.3829, abs=5e-5)
    assert least_loss("hinge", p, q, torch.linspace(-2, 2, 41, dtype=torch.float64)) == pytest.approx(1.2342, abs=5e-5)
    for seed in range(20):
        l = logits(len(p), seed, scale=1.5)[:, 0]
        d_loss = p @ loss.d.real.value(l, 0.0).numpy() + q @ loss.d.fake.value(l, 0.0).numpy()
        assert 1 - d_loss / 2 <= tv
    best = torch.from_numpy(np.sign(p - q))
    d_loss = p @ loss.d.real.value(best, 0.0).numpy() + q @ loss.d.fake.value(best, 0.0).numpy()
    assert 1 - d_loss / 2 == pytest.approx(tv, abs=1e-9)


def test_least_squares_optimum():
    """min L_D = (1 - Δ)/4 with Δ = ½ ∫ (p-q)²/(p+q), reached by D = p/(p+q)."""
    p, q = normal_masses(), normal_masses(1)
    loss = LOSSES["least_squares"]
    best = torch.from_numpy(optimal_discriminator(p, q))
    d_loss = p @ loss.d.real.value(best, 0.0).numpy() + q @ loss.d.fake.value(best, 0.0).numpy()
    assert d_loss == pytest.approx(0.198986, abs=1e-6)
    assert d_loss == pytest.approx((1 - ((p - q) ** 2 / (p + q)).sum() / 2) / 4, abs=1e-12)
    grid = torch.linspace(0, 1, 1001, dtype=torch.float64)
    assert least_loss("least_squares", p, q, grid) == pytest.approx(d_loss, abs=1e-6)


def test_wasserstein_critic_of_slope_one_reads_the_distance():
    """E_p f - E_q f = W1 = 1 for f(x) = -x."""
    x = torch.linspace(-15, 23, 7601, dtype=torch.float64)
    loss = LOSSES["wasserstein_gp"]
    p, q = normal_masses(), normal_masses(1)
    d_loss = p @ loss.d.real.value(-x, 0.0).numpy() + q @ loss.d.fake.value(-x, 0.0).numpy()
    assert d_loss == pytest.approx(-1, abs=1e-9)


# ---- pairs ----


def test_a_relativistic_player_steps_along_its_gradient():
    """The step of both players is that of autograd on the published formula."""
    real, fake = (torch.randn(16, 1, dtype=torch.float64, requires_grad=True) for _ in range(2))
    loss = LOSSES["relativistic"]
    for objective, lead in ((loss.d, real - fake), (loss.g, fake - real)):
        value = -torch.nn.functional.logsigmoid(lead).mean()
        by_real, by_fake = torch.autograd.grad(value, (real, fake))
        judged = objective(real.detach(), fake.detach())
        torch.testing.assert_close(judged.value, value.detach())
        torch.testing.assert_close(judged.by_real, by_real)
        torch.testing.assert_close(judged.by_fake, by_fake)


def test_only_differences_count_for_pairs():
    loss = LOSSES["relativistic"]
    real, fake = logits(16, seed=1), logits(16, seed=2)
    for objective in (loss.d, loss.g):
        here, there = objective(real, fake), objective(real + 7, fake + 7)
        for a, b in zip(here, there, strict=True):
            torch.testing.assert_close(a, b)


def loss_of_pairs(p, q, d):
    """E over all pairs of softplus(D(x_f) - D(x_r)), by quadrature."""
    return float(p @ np.logaddexp(0, d - d[:, None]) @ q)


def test_pairs_are_best_told_apart_by_the_log_ratio():
    """p = N(0, 1), q = N(1, 1): the lead of the real sample is N(1, 2) of slope 1, and -E log sigmoid of it is the least."""
    p, q = normal_masses()[::10], normal_masses(1)[::10]
    p, q = p / p.sum(), q / q.sum()
    x = np.linspace(-15, 23, 7601)[::10]
    best = loss_of_pairs(p, q, 0.5 - x)
    lead = np.linspace(-14, 16, 3001)  # x_f - x_r is N(1, 2)
    chance = np.exp(-((lead - 1) ** 2) / 4)
    assert best == pytest.approx(float(np.logaddexp(0, -lead) @ chance / chance.sum()), abs=1e-6)
    assert best == pytest.approx(PROOFS["jsd"].top - PROOFS["jsd_of_pairs"].truth(p, q), abs=1e-9)
    for slope in (-0.5, -0.9, -1.1, -2):
        assert loss_of_pairs(p, q, slope * x) > best
    wiggly = 0.5 - x + 0.3 * np.random.default_rng(0).normal(size=len(x))
    assert loss_of_pairs(p, q, wiggly) > best


def test_pairs_are_easier_to_tell_apart_than_single_samples():
    """A pair tells at least as much as one of its two: JSD(p, q) <= JSD(p ⊗ q, q ⊗ p) <= log 2."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        p, q = rng.dirichlet(np.full(9, 0.5), size=2)
        assert js_divergence(p, q) <= PROOFS["jsd_of_pairs"].truth(p, q) <= LOG2
