"""The hand-written network against torch.nn and autograd."""

import itertools

import pytest
import torch
from torch import nn

from gan_core.networks import ACTIVATIONS, MLP, widen

MODULES = {"relu": nn.ReLU(), "leaky_relu": nn.LeakyReLU(0.2), "elu": nn.ELU(), "tanh": nn.Tanh()}  # those we know

every_activation = pytest.mark.parametrize("activation", list(ACTIVATIONS))
every_depth = pytest.mark.parametrize("depth", [1, 2, 3])


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def network(activation="relu", depth=2, dropout=0.0, seed=0):
    return MLP([3, *[16] * depth, 2], activation, seeded(seed), dropout)


def batch(n=20, dim=3, seed=1):
    return torch.randn(n, dim, generator=seeded(seed))


def by_torch(mlp, x, flat, activation, masks=None):
    """The same network for autograd; `masks` are the factors of dropout, one per hidden layer."""
    layers = mlp.split(flat)
    for i, (weight, bias) in enumerate(layers):
        x = nn.functional.linear(x, weight, bias)
        if i < len(layers) - 1:
            x = ACTIVATIONS[activation].forward(x)
            if masks is not None and masks[i] is not None:
                x = x * masks[i]
    return x


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_quick_way_through_an_activation_is_as_exact(activation, dtype):
    a = torch.linspace(-20, 20, 4001, dtype=dtype)
    truth = ACTIVATIONS[activation].forward(a.double())
    error = (ACTIVATIONS[activation].quick(a.clone()) - truth).abs() / truth.abs().clamp_min(1)
    assert error.max() < torch.finfo(dtype).eps


# ---- weights ----


def test_flat_holds_the_layers_in_order():
    mlp = MLP([2, 3, 1], "relu", seeded())
    mlp.flat.copy_(torch.arange(13.0))
    (w1, b1), (w2, b2) = mlp.layers
    assert w1.tolist() == [[0, 1], [2, 3], [4, 5]]
    assert b1.tolist() == [6, 7, 8]
    assert w2.tolist() == [[9, 10, 11]]
    assert b2.tolist() == [12]


def test_layers_stay_views_of_flat():
    mlp, x = network(), batch()
    before = mlp(x)
    mlp.flat.mul_(2)
    assert not torch.allclose(mlp(x), before)
    mlp.layers[0][0].zero_()
    assert mlp.flat[: 3 * 16].abs().sum() == 0
    assert mlp.flat[3 * 16 :].abs().min() > 0


def test_initial_weights_are_those_of_torch():
    """U(±1/sqrt(fan_in)), weights and biases."""
    mlp = MLP([4, 300, 100, 1], "relu", seeded())
    for weight, bias in mlp.layers:
        limit = weight.shape[1] ** -0.5
        values = torch.cat([weight.flatten(), bias])
        assert values.abs().max() <= limit
        assert values.abs().max() > 0.9 * limit
        assert values.mean().abs() < 5 * limit / (3 * len(values)) ** 0.5
        if len(values) > 1000:
            assert values.std().item() == pytest.approx(limit / 3**0.5, rel=0.05)


def test_same_seed_same_weights():
    assert torch.equal(network(seed=3).flat, network(seed=3).flat)
    assert not torch.equal(network(seed=3).flat, network(seed=4).flat)


@pytest.mark.parametrize("spread", [2.0, 8.0])
def test_spread_puts_the_kinks_evenly_over_the_window(spread):
    """The neuron w x + b has its kink at -b/w; uniform on ±spread its standard deviation is spread/sqrt(3)."""
    mlp = MLP([1, 2000, 4, 1], "relu", seeded(), spread=spread)
    weight, bias = mlp.layers[0]
    kinks = -bias / weight[:, 0]
    assert kinks.abs().max() <= spread * 1.001
    assert kinks.std().item() == pytest.approx(spread / 3**0.5, rel=0.05)
    assert kinks.mean().item() == pytest.approx(0, abs=5 * spread / 6000**0.5)
    for w, b in mlp.layers[1:]:  # the rest starts as ever
        assert torch.cat([w.flatten(), b]).abs().max() <= w.shape[1] ** -0.5


# ---- forward ----


@every_activation
def test_activation(activation):
    a, incoming = torch.linspace(-4, 4, 80, requires_grad=True), torch.linspace(1, 2, 80)
    h = ACTIVATIONS[activation].forward(a)
    (slope,) = torch.autograd.grad(h, a, incoming)
    torch.testing.assert_close(ACTIVATIONS[activation].backward(incoming, h.detach()), slope)
    torch.testing.assert_close(h, MODULES.get(activation, ACTIVATIONS[activation].forward)(a))


@pytest.mark.parametrize("activation", list(MODULES))
def test_forward_is_that_of_torch(activation):
    mlp, x = network(activation, depth=2), batch()
    modules = []
    for (m, n), (weight, bias) in zip(itertools.pairwise(mlp.sizes), mlp.layers, strict=True):
        linear = nn.Linear(m, n)
        linear.weight, linear.bias = nn.Parameter(weight), nn.Parameter(bias)
        modules += [linear, MODULES[activation]]
    torch.testing.assert_close(mlp(x), nn.Sequential(*modules[:-1])(x).detach())  # no activation on the last layer


@every_activation
@every_depth
def test_forward(activation, depth):
    mlp, x = network(activation, depth), batch()
    expected = by_torch(mlp, x, mlp.flat, activation)
    torch.testing.assert_close(mlp(x), expected)
    torch.testing.assert_close(mlp.by_autograd(x, mlp.flat), expected)
    torch.testing.assert_close(mlp.record(x)[0], expected)


def test_output_may_have_any_sign_and_size():
    mlp = network()
    mlp.layers[-1][1].copy_(torch.tensor([-50.0, 50.0]))
    assert mlp(batch())[:, 0].max() < -40
    assert mlp(batch())[:, 1].min() > 40


# ---- backward ----


@every_activation
@every_depth
@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_backward_is_autograd(activation, depth, dropout):
    mlp, x = network(activation, depth, dropout), batch().requires_grad_(True)
    flat = mlp.flat.clone().requires_grad_(True)
    incoming = batch(dim=2, seed=2)

    y, tape = mlp.record(x.detach())
    expected_y = by_torch(mlp, x, flat, activation, tape.masks)
    expected_x, expected_flat = torch.autograd.grad(expected_y, (x, flat), incoming)
    gradient_x = mlp.backward(tape, incoming, inputs=True)

    torch.testing.assert_close(y, expected_y.detach())
    torch.testing.assert_close(gradient_x, expected_x)
    torch.testing.assert_close(mlp.gradient, expected_flat)


def test_backward_does_only_what_is_asked():
    mlp = network()
    incoming = batch(dim=2, seed=2)
    _, tape = mlp.record(batch())
    assert mlp.backward(tape, incoming) is None
    wanted = mlp.gradient.clone()
    assert wanted.abs().sum() > 0
    mlp.gradient.fill_(7)
    inputs = mlp.backward(tape, incoming, weights=False, inputs=True)
    assert inputs.shape == (20, 3)
    assert torch.all(mlp.gradient == 7)
    mlp.backward(tape, incoming)  # replaces, does not add
    assert torch.equal(mlp.gradient, wanted)


@every_activation
def test_by_autograd_can_be_differentiated_twice(activation):
    """The weights' derivative of |dD/dx|² against central differences, in double precision."""
    mlp = network(activation)
    x = batch(seed=5).double().requires_grad_(True)

    def slope_energy(flat):
        (slope,) = torch.autograd.grad(mlp.by_autograd(x, flat).sum(), x, create_graph=True)
        return slope.square().sum()

    flat = mlp.flat.double().requires_grad_(True)
    (gradient,) = torch.autograd.grad(slope_energy(flat), flat)
    direction = torch.randn(len(flat), generator=seeded(9), dtype=torch.float64)
    ahead, behind = (slope_energy((flat + h * direction).detach().requires_grad_(True)) for h in (1e-6, -1e-6))
    assert (gradient @ direction).item() == pytest.approx((ahead - behind).item() / 2e-6, rel=1e-5)


# ---- dropout ----


@pytest.mark.parametrize("dropout", [0.2, 0.5])
def test_dropout_masks(dropout):
    """Each unit on its own is kept with probability 1 - p and scaled by 1/(1 - p): mean 1, 5 standard deviations."""
    mlp = MLP([1, 100, 50, 1], "relu", seeded(), dropout)
    _, tape = mlp.record(batch(400, 1))
    assert len(tape.masks) == 2  # hidden layers only, none after the last
    for mask, width in zip(tape.masks, (100, 50), strict=True):
        assert mask.shape == (400, width)
        assert mask.unique().tolist() == pytest.approx([0, 1 / (1 - dropout)])
        spread = (dropout / (1 - dropout)) ** 0.5
        assert mask.mean().item() == pytest.approx(1, abs=5 * spread / mask.numel() ** 0.5)
        assert mask.mean(0).sub(1).abs().max() < 5 * spread / 400**0.5  # no unit is always off
        assert mask.mean(1).sub(1).abs().max() < 5 * spread / width**0.5  # no sample loses all


def test_dropout_never_touches_the_output():
    mlp = MLP([1, 8, 1], "relu", seeded(), 0.5)
    mlp.layers[-1][1].fill_(10)
    y, tape = mlp.record(batch(500, 1))
    assert y.min() > 1  # a dropped logit would be 0
    torch.testing.assert_close(y, by_torch(mlp, tape.inputs[0], mlp.flat, "relu", tape.masks))


def test_dropout_acts_in_training_only():
    mlp, x = network(dropout=0.5), batch()
    plain = network(dropout=0.0)
    assert torch.equal(mlp(x), plain(x))
    assert torch.equal(mlp(x), mlp(x))
    assert torch.equal(mlp.by_autograd(x, mlp.flat), plain.by_autograd(x, plain.flat))
    assert not torch.allclose(mlp.record(x)[0], mlp(x))
    mlp.dropout = 0.0
    assert torch.equal(mlp.record(x)[0], mlp(x))


def test_dropout_can_be_refused():
    """Then the pass is that of a network without dropout, backwards too, and draws nothing."""
    mlp, plain, incoming = network(dropout=0.5), network(dropout=0.0), batch(dim=2, seed=2)
    y, tape = mlp.record(batch(), dropout=False)
    expected, plain_tape = plain.record(batch())
    assert torch.equal(y, expected)
    assert tape.masks == [None, None]
    assert torch.equal(mlp.backward(tape, incoming, inputs=True), plain.backward(plain_tape, incoming, inputs=True))
    assert torch.equal(mlp.gradient, plain.gradient)
    assert torch.equal(mlp.record(batch())[0], network(dropout=0.5).record(batch())[0])


def test_dropout_draws_from_the_networks_own_generator():
    torch.manual_seed(0)
    first = network(dropout=0.5).record(batch())[0]
    torch.manual_seed(1)
    assert torch.equal(network(dropout=0.5).record(batch())[0], first)
    mlp = network(dropout=0.5)
    assert not torch.equal(mlp.record(batch())[0], mlp.record(batch())[0])  # a fresh mask each time


def test_dropout_keeps_the_mean():
    """The average over masks of a network with one hidden layer is the network without dropout."""
    mlp = MLP([1, 200, 1], "relu", seeded(), 0.5)
    x = torch.full((20_000, 1), 0.7)
    outputs, expected = mlp.record(x)[0], mlp(x[:1]).item()
    assert outputs.mean().item() == pytest.approx(expected, abs=5 * outputs.std().item() / 20_000**0.5)


# ---- a wide start ----


def test_widen_hits_mean_and_deviation():
    mlp, z = network("relu"), batch(1000)
    hidden = [layer.clone() for layer in mlp.layers[0]]
    center, scale = torch.tensor([3.0, -1.0]), torch.tensor([2.0, 0.5])
    widen(mlp, z, center, scale)
    x = mlp(z)
    torch.testing.assert_close(x.mean(0), center, atol=1e-4, rtol=0)
    torch.testing.assert_close(x.std(0), scale, atol=1e-4, rtol=0)
    assert all(torch.equal(a, b) for a, b in zip(hidden, mlp.layers[0], strict=True))


def test_widen_survives_a_constant_generator():
    mlp = network()
    mlp.flat.zero_()
    widen(mlp, batch(50), torch.tensor([3.0, -1.0]), torch.ones(2))
    torch.testing.assert_close(mlp(batch(5)), torch.tensor([3.0, -1.0]).expand(5, 2))
