"""What an activation does, and what it does on the output."""

import math

import numpy as np
import pytest
import torch

from gan_core import theory
from gan_core.lessons import nonlinearity
from gan_core.lessons.nonlinearity import KINDS

every_depth = pytest.mark.parametrize("depth", [1, 2, 6])


@every_depth
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_without_activation_any_stack_is_one_layer(depth, seed):
    network = nonlinearity.random_network("none", depth, seed)
    weight, bias = nonlinearity.collapse(network)
    x = torch.linspace(-9, 9, 50)[:, None]
    torch.testing.assert_close(network(x), x @ weight.T + bias, atol=1e-4, rtol=1e-4)
    assert nonlinearity.curve("none", depth, seed).departure < 5e-4


@every_depth
@pytest.mark.parametrize("kind", ["relu", "leaky_relu", "tanh"])
def test_with_one_it_bends(kind, depth):
    assert nonlinearity.curve(kind, depth, 1).departure > 0.02


@pytest.mark.parametrize("kind", KINDS)
def test_curves_fill_the_same_window(kind):
    c = nonlinearity.curve(kind, 2, 5)
    assert c.y.mean() == pytest.approx(0, abs=1e-4)
    assert c.y.std() == pytest.approx(2, rel=0.01)
    np.testing.assert_allclose(c.d, 1 / (1 + np.exp(-c.y)), atol=1e-6)
    np.testing.assert_allclose(c.straight, np.poly1d(np.polyfit(c.x, c.y, 1))(c.x))


def test_relu_on_the_output_never_says_fake():
    for seed in range(5):
        c = nonlinearity.curve("leaky_relu", 2, seed)
        assert c.d.min() < 0.4
        assert c.clipped_d.min() == 0.5
        np.testing.assert_allclose(c.clipped_d, np.maximum(c.d, 0.5), atol=1e-7)


def test_the_best_value_of_a_d_that_is_never_below_a_half():
    """Data in the first cell, fakes in the second: 0 for the best D, -log 2 for the best one in [1/2, 1]."""
    p, q = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    best = max(
        theory.value_function(p, q, np.array([a, b])) for a in (0.5, 0.9, 1 - 1e-12) for b in np.linspace(0.5, 0.9, 9)
    )
    assert best == pytest.approx(-math.log(2), abs=1e-9)


def test_the_number_of_parameters():
    assert nonlinearity.curve("relu", 2, 1).parameters == 1 * 16 + 16 + 16 * 16 + 16 + 16 + 1
