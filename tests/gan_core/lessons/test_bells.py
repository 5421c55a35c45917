"""Two Gaussians slid apart, against closed forms and the table that textbooks integrate numerically."""

import math

import numpy as np
import pytest

from gan_core.divergences import LOG2
from gan_core.lessons import bells
from gan_core.theory import LOG4

# theta -> JSD, V*, slope of the saturating loss, slope of the non-saturating one, best accuracy of D
TABLE = {
    0.5: (0.030311, -1.325672, 0.235, 0.265, 0.5987),
    1.0: (0.111421, -1.163451, 0.398, 0.602, 0.6915),
    2.0: (0.336831, -0.712633, 0.450, 1.550, 0.8413),
    3.0: (0.526777, -0.332740, 0.296, 2.704, 0.9332),
    4.0: (0.632720, -0.120854, 0.137, 3.863, 0.9772),
    6.0: (0.689298, -0.007698, 0.012, 5.988, 0.9987),
    8.0: (0.693054, -0.000187, 0.000, 8.000, 1.0000),
}
every_shift = pytest.mark.parametrize("theta", TABLE)


@every_shift
def test_distances(theta):
    jsd, value, _, _, accuracy = TABLE[theta]
    d = bells.shifted(theta)
    assert d.kl == pytest.approx(theta**2 / 2, abs=1e-9)
    assert d.reverse_kl == pytest.approx(theta**2 / 2, abs=1e-9)
    assert d.jeffreys == pytest.approx(theta**2 / 2, abs=1e-9)
    assert d.wasserstein == pytest.approx(theta, abs=1e-9)
    assert d.jsd == pytest.approx(jsd, abs=1e-5)
    assert (1 + d.total_variation) / 2 == pytest.approx(accuracy, abs=1e-4)
    assert bells.value_with_optimal_d(theta) == pytest.approx(value, abs=1e-5)
    assert bells.value_with_optimal_d(theta) == pytest.approx(-LOG4 + 2 * d.jsd, abs=1e-12)


@every_shift
def test_slopes_of_both_losses_add_up_to_the_slope_of_the_kl(theta):
    _, _, saturating, non_saturating, _ = TABLE[theta]
    found = bells.generator_slopes(theta)
    assert found == pytest.approx((saturating, non_saturating), abs=6e-4)
    assert sum(found) == pytest.approx(theta, abs=1e-9)


def test_the_saturating_slope_is_that_of_twice_the_jsd():
    for theta in (0.5, 1.0, 2.0, 4.0):
        step = 1e-4
        slope = 2 * (bells.shifted(theta + step).jsd - bells.shifted(theta - step).jsd) / (2 * step)
        assert bells.generator_slopes(theta)[0] == pytest.approx(slope, abs=1e-5)


def test_far_out_the_non_saturating_loss_still_pulls():
    saturating, non_saturating = bells.generator_slopes(10.0)
    assert saturating == pytest.approx(4.46e-6, rel=0.01)
    assert non_saturating == pytest.approx(10.0, abs=1e-5)


def test_one_bell_on_two_modes():
    data = bells.mixture_log_masses([-2, 2], 0.5)
    wide = bells.distances(data, bells.normal_log_masses(0, math.sqrt(4.25)))
    assert (wide.kl, wide.reverse_kl, wide.jsd) == pytest.approx((0.7236, 2.098, 0.2010), abs=5e-4)
    narrow = bells.distances(data, bells.normal_log_masses(2, 0.5))
    assert (narrow.reverse_kl, narrow.kl, narrow.jsd) == pytest.approx((LOG2, 15.307, 0.2157), abs=5e-4)
    for mean in (-0.2, 0.2):  # the forward KL is least at the data's own mean and variance
        assert bells.distances(data, bells.normal_log_masses(mean, math.sqrt(4.25))).kl > wide.kl
    for scale in (1.9, 2.2):
        assert bells.distances(data, bells.normal_log_masses(0, scale)).kl > wide.kl


def test_log_masses_are_normalised_and_finite():
    for log_mass in (bells.normal_log_masses(3, 0.3), bells.mixture_log_masses([-2, 0, 5], 0.4)):
        assert np.isfinite(log_mass).all()
        assert np.exp(log_mass).sum() == pytest.approx(1, abs=1e-12)
