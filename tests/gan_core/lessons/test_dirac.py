"""The Dirac-GAN against autograd, closed forms and the figures of theory."""

import math

import numpy as np
import pytest
import torch

from gan_core.divergences import js_divergence
from gan_core.lessons import dirac
from gan_core.lessons.dirac import descend, flow, follow, growth_per_step, long_run_radius, r1_threshold, velocity
from gan_core.losses import LOSSES

IN_THE_REGISTRY = {"minimax": "minimax", "non_saturating": "non_saturating", "wasserstein": "wasserstein_gp"}


@pytest.mark.parametrize("loss", dirac.LOSSES)
@pytest.mark.parametrize("gamma", [0.0, 0.3])
def test_velocity_is_minus_the_gradient_of_the_losses_that_the_live_pages_train_with(loss, gamma):
    pair = LOSSES[IN_THE_REGISTRY[loss]]
    for theta, psi in [(1.0, 0.5), (-0.7, 1.9), (0.0, 1.0), (2.0, -2.0)]:
        t, s = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (theta, psi))
        fake, real = (s * t).reshape(1, 1), (s * 0).reshape(1, 1)
        (g,) = torch.autograd.grad(pair.g(None, fake).value, t, retain_graph=True)
        (d,) = torch.autograd.grad(pair.d(real, fake).value + gamma / 2 * s**2, s)
        assert velocity(loss, theta, psi, gamma) == pytest.approx((-g.item(), -d.item()), abs=1e-14)


@pytest.mark.parametrize("loss", dirac.LOSSES)
def test_velocity_of_arrays_is_that_of_numbers(loss):
    theta, psi = np.array([0.3, -2.0, 1e3]), np.array([1.0, 0.4, -1e3])
    both = np.array(velocity(loss, theta, psi, 0.1))
    one = np.array([velocity(loss, float(t), float(p), 0.1) for t, p in zip(theta, psi, strict=True)]).T
    np.testing.assert_allclose(both, one, rtol=1e-14)


@pytest.mark.parametrize("loss", ["minimax", "wasserstein"])
@pytest.mark.parametrize("start", [(1.0, 0.0), (1.2, 1.2)])
def test_the_flow_keeps_its_distance_for_ever(loss, start):
    radius = flow(loss, start, duration=200).radius
    assert np.abs(radius**2 - radius[0] ** 2).max() < 1e-6


def test_the_flow_of_minimax_turns_once_in_four_pi_near_the_solution():
    path = flow("minimax", (0.01, 0.0), duration=4 * math.pi, dt=4 * math.pi / 400)
    assert (path.theta[-1], path.psi[-1]) == pytest.approx((0.01, 0.0), abs=1e-5)


def test_the_flow_of_the_non_saturating_loss_comes_in_like_the_root_of_8_over_t():
    radius = flow("non_saturating", (1.0, 0.0), duration=200).radius[-1]
    assert radius == pytest.approx(math.sqrt(8 / 200), rel=0.03)
    assert radius == pytest.approx(1 / math.sqrt(1 + 200 / 8), rel=0.01)  # the same, with the start accounted for


@pytest.mark.parametrize("loss", dirac.LOSSES)
def test_r1_brings_every_flow_in(loss):
    assert flow(loss, (1.0, 0.0), 0.1, duration=200).radius[-1] < 1e-3


@pytest.mark.parametrize("h", [0.05, 0.1, 0.2])
@pytest.mark.parametrize("start", [0.05, 1.0])
def test_the_non_saturating_loss_ends_on_a_circle_of_radius_root_2h(h, start):
    path = descend("non_saturating", (start, 0.0), h, h, steps=int(150 / h**2))
    assert path.radius[-1000:].mean() == pytest.approx(math.sqrt(2 * h), rel=0.02)
    assert long_run_radius("non_saturating", "simultaneous", h, 0.0, start) == pytest.approx(math.sqrt(2 * h))


@pytest.mark.parametrize("gamma", [0.005, 0.01, 0.015])
def test_a_little_r1_shrinks_the_circle(gamma):
    path = descend("non_saturating", (1.0, 0.0), 0.1, 0.1, gamma, steps=15_000)
    predicted = long_run_radius("non_saturating", "simultaneous", 0.1, gamma, 1.0)
    assert predicted == pytest.approx(math.sqrt(0.2 - 8 * gamma))
    assert path.radius[-3000:].mean() == pytest.approx(predicted, rel=0.02)


@pytest.mark.parametrize("loss", dirac.LOSSES)
@pytest.mark.parametrize("h_g", [0.04, 0.1, 0.4])
@pytest.mark.parametrize("h_d", [0.04, 0.1, 0.4])
def test_r1_needs_more_than_h_g_over_4_whatever_h_d_is(loss, h_g, h_d):
    threshold = r1_threshold(loss, "simultaneous", h_g)
    assert threshold == (h_g if loss == "wasserstein" else h_g / 4)
    for factor, attracts in ((0.8, False), (1.2, True)):
        # from so near that the loss counts as linear; far enough to see a tenth of a percent per turn
        path = descend(loss, (1e-3, 0.0), h_g, h_d, factor * threshold, steps=int(60 / (h_g * h_d)))
        assert (path.radius[-1] < 1e-3) == attracts
        assert (growth_per_step(loss, "simultaneous", h_g, h_d, factor * threshold) < 1) == attracts


@pytest.mark.parametrize("loss", dirac.LOSSES)
@pytest.mark.parametrize(("h_g", "h_d"), [(0.1, 0.1), (0.1, 1.0), (0.5, 0.5)])
def test_too_much_r1_makes_d_overshoot(loss, h_g, h_d):
    s = 1.0 if loss == "wasserstein" else 0.5
    most = (2 + h_g * h_d * s**2 / 2) / h_d
    for factor, attracts in ((0.99, True), (1.01, False)):
        assert (growth_per_step(loss, "simultaneous", h_g, h_d, factor * most) < 1) == attracts
        path = descend(loss, (1e-3, 1e-3), h_g, h_d, factor * most, steps=2000)
        assert (path.radius[-1] < 1e-3) == attracts


@pytest.mark.parametrize("loss", dirac.LOSSES)
def test_alternating_steps_need_no_more_than_a_little_r1(loss):
    assert r1_threshold(loss, "alternating", 0.1) == 0
    assert descend(loss, (0.3, 0.0), 0.1, 0.1, 0.01, steps=10_000, alternating=True).radius[-1] < 0.01


@pytest.mark.parametrize("h", [0.02, 0.1, 0.5])
def test_wasserstein_grows_by_the_root_of_1_plus_h_squared_with_every_step(h):
    radius = descend("wasserstein", (1.0, 0.3), h, h, steps=50).radius
    np.testing.assert_allclose(radius[1:] / radius[:-1], math.sqrt(1 + h**2), rtol=1e-12)
    assert growth_per_step("wasserstein", "simultaneous", h, h) == pytest.approx(math.sqrt(1 + h**2))


def test_growth_of_wasserstein_as_quoted():
    assert growth_per_step("wasserstein", "simultaneous", 0.1, 0.1) == pytest.approx(1.004988, abs=1e-6)


@pytest.mark.parametrize("loss", ["minimax", "non_saturating"])
def test_growth_near_the_solution(loss):
    radius = descend(loss, (1e-4, 0.0), 0.1, 0.1, steps=100).radius
    assert (radius[-1] / radius[0]) ** 0.01 == pytest.approx(math.sqrt(1 + 0.1**2 / 4), rel=1e-6)
    assert growth_per_step(loss, "simultaneous", 0.1, 0.1) == pytest.approx(math.sqrt(1 + 0.1**2 / 4))
    assert growth_per_step(loss, "alternating", 0.1, 0.1) == pytest.approx(1)


@pytest.mark.parametrize("loss", ["minimax", "wasserstein"])
@pytest.mark.parametrize("scheme", ["alternating", "continuous"])
def test_minimax_and_wasserstein_stay_about_where_they_are(loss, scheme):
    path = follow(loss, scheme, (1.0, 0.0), 0.1, duration=300)
    assert path.radius[-1] == pytest.approx(long_run_radius(loss, scheme, 0.1, 0.0, 1.0), abs=0.03)


@pytest.mark.parametrize("loss", ["minimax", "wasserstein"])
def test_simultaneous_steps_drive_them_apart(loss):
    assert long_run_radius(loss, "simultaneous", 0.1, 0.0, 1.0) == math.inf
    assert follow(loss, "simultaneous", (1.0, 0.0), 0.1, duration=300).radius[-1] > 3


def test_a_path_that_leaves_ends():
    path = descend("wasserstein", (1.0, 0.0), 0.5, 0.5, steps=10_000)
    assert len(path.time) == len(path.theta) == len(path.psi) < 200
    assert np.isfinite(path.radius).all()
    assert path.radius[-1] > dirac.GONE


def test_momentum_makes_the_circle_wider_and_negative_momentum_makes_it_smaller():
    radius = {b: descend("non_saturating", (1.0, 0.0), 0.1, 0.1, steps=10_000, momentum=b).radius[-1000:].mean()
              for b in (-0.3, 0.0, 0.5)}  # fmt: skip
    assert radius[0.0] == pytest.approx(0.447, abs=0.001)
    assert radius[-0.3] == pytest.approx(0.288, abs=0.002)
    assert radius[0.5] == pytest.approx(1.08, abs=0.01)
    # not only because momentum lengthens the steps: without it, h/(1 - beta) gives this
    longer = descend("non_saturating", (1.0, 0.0), 0.2, 0.2, steps=10_000).radius[-1000:].mean()
    assert longer == pytest.approx(0.63, abs=0.02)


def test_the_average_of_a_circle_is_near_its_centre():
    path = descend("non_saturating", (1.0, 0.0), 0.1, 0.1, steps=10_000)
    assert path.swing == pytest.approx(0.447, abs=0.01)
    assert dirac.largest(dirac.averaged(path.theta, 0.998)) == pytest.approx(0.018, abs=0.001)


def test_average_of_a_constant_and_of_a_jump():
    np.testing.assert_allclose(dirac.averaged(np.ones(5), 0.9), 1)
    np.testing.assert_allclose(dirac.averaged(np.array([0.0, 1, 1, 1]), 0.5), [0, 0.5, 0.75, 0.875])


def test_the_flow_has_no_steps():
    with pytest.raises(ValueError, match="no steps"):
        growth_per_step("minimax", "continuous", 0.1, 0.1)


def test_the_jsd_of_two_points():
    """By the definition, on a grid of cells so fine that two points share one only where they coincide."""
    theta = np.array([1.0, 0.001, 0.0, -0.5])
    np.testing.assert_allclose(dirac.jsd(theta), [math.log(2), math.log(2), 0, math.log(2)])
    for value, expected in zip(theta, dirac.jsd(theta), strict=True):
        p, q = np.array([1.0, 0.0]), np.array([1.0, 0.0]) if value == 0 else np.array([0.0, 1.0])
        assert js_divergence(p, q) == pytest.approx(expected)


# ---- losses that the lesson only tells of ----

TOLD = {"relativistic": 0.5, "f_kl": 1.0, "f_reverse_kl": 1.0, "f_pearson": 1.0, "f_hellinger": 1.0}


def pulls(key, theta, psi, gamma):
    """(-dL_G/dtheta, -dL_D/dpsi) of a loss of the registry by autograd, R1 and R2 with half of gamma each."""
    t, s = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (theta, psi))
    fake, real = (s * t).reshape(1, 1), (s * 0).reshape(1, 1)
    pair = LOSSES[key]
    (g,) = torch.autograd.grad(pair.g(real if pair.paired else None, fake).value, t, retain_graph=True)
    flatness = sum(gamma / 2 * slope**2 / 2 for slope in (s, s))  # at the real sample, and at the fake
    (d,) = torch.autograd.grad(pair.d(real, fake).value + flatness, s)
    return np.array([-g.item(), -d.item()])


@pytest.mark.parametrize("key", TOLD)
@pytest.mark.parametrize("h", [0.05, 0.3])
def test_the_threshold_of_the_other_losses_is_h_times_the_slope_squared(key, h):
    def growth(gamma, e=1e-6):
        columns = [
            (pulls(key, *at, gamma) - pulls(key, *(-a for a in at), gamma)) / (2 * e) for at in ((e, 0.0), (0.0, e))
        ]
        return np.abs(np.linalg.eigvals(np.eye(2) + h * np.array(columns).T)).max()

    threshold = TOLD[key] ** 2 * h
    assert growth(0.98 * threshold) > 1
    assert growth(1.02 * threshold) < 1


def test_relativistic_pairs_play_the_non_saturating_game():
    for theta, psi in [(1.0, 0.5), (-0.7, 1.9), (2.0, -2.0)]:
        assert pulls("relativistic", theta, psi, 0.2) == pytest.approx(
            velocity("non_saturating", theta, psi, 0.2), abs=1e-14
        )
