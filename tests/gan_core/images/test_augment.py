"""Augmentation on D's way in, against shifts and masks by hand; its controller against Karras et al.'s rule."""

import numpy as np
import pytest
import torch

from gan_core.images.augment import Augment, Controller, covered, translated


def images(n=6, side=14):
    return torch.rand(n, side, side, generator=torch.Generator().manual_seed(0)) + 0.1


def test_a_moved_image_is_the_image_elsewhere():
    x = images(4)
    moved = translated(x, torch.tensor([[0, 0], [2, 0], [0, -3], [-1, 2]]))
    assert torch.equal(moved[0], x[0])
    assert torch.equal(moved[1, 2:], x[1, :-2])
    assert (moved[1, :2] == 0).all()
    assert torch.equal(moved[2, :, :-3], x[2, :, 3:])
    assert (moved[2, :, -3:] == 0).all()
    assert torch.equal(moved[3, :-1, 2:], x[3, 1:, :-2])


@pytest.mark.parametrize("middle", [(7, 7), (0, 0), (13, 4)])
def test_a_square_of_half_the_side_is_grey(middle):
    x = images(1)
    hidden = covered(x, torch.tensor([middle]))[0].numpy()
    expected = x[0].numpy().copy()
    for i in range(14):
        for j in range(14):
            if -3 <= i - middle[0] < 4 and -3 <= j - middle[1] < 4:
                expected[i, j] = 0
    np.testing.assert_array_equal(hidden, expected)


def augment(p, side=14, seed=1):
    made = Augment(side, p)
    made.rng = torch.Generator().manual_seed(seed)
    return made


def test_nothing_happens_outside_of_training_or_with_p_0():
    x = images().flatten(1)
    assert torch.equal(augment(1.0).eval()(x), x)
    assert torch.equal(augment(0.0)(x), x)


def test_p_is_how_often_each_of_the_two_happens():
    x = images(4000, 8).flatten(1)
    changed = (augment(0.3, 8)(x) != x).any(1).double().mean()
    # not moved at all, by chance, in one of nine of those that are moved by -1, 0 or 1
    expected = 1 - (1 - 0.3 * 8 / 9) * (1 - 0.3)
    assert changed == pytest.approx(expected, abs=0.03)


def test_the_gradient_goes_back_through_it_to_the_pixels_it_came_from():
    x = images(5).flatten(1).requires_grad_()
    y = augment(1.0)(x)
    (slope,) = torch.autograd.grad(y.sum(), x)
    again = augment(1.0)(x.detach() + slope)  # the same draws: pixels that are seen, and no others, carry the slope
    torch.testing.assert_close(again.sum() - y.sum(), slope.square().sum(), rtol=1e-4, atol=1e-2)
    assert set(slope.unique().tolist()) == {0.0, 1.0}


def test_the_same_seed_draws_the_same():
    x = images().flatten(1)
    assert torch.equal(augment(0.5)(x), augment(0.5)(x))
    assert not torch.equal(augment(0.5)(x), augment(0.5, seed=2)(x))


def test_the_controller_follows_the_rule():
    """Every fourth batch, up by its images if r_t > 0.6, else down, within [0, 1]."""
    c = Controller(images_to_one=1000)
    sure, unsure = torch.ones(50, 1), torch.tensor([[1.0], [-1.0]]).repeat(25, 1)
    assert [c.hear(sure) for _ in range(4)] == [0, 0, 0, 0.2]
    assert c.r_t == 1
    for _ in range(4):
        c.hear(unsure)
    assert (c.p, c.r_t) == (0, 0)
    for _ in range(40):
        c.hear(sure)
    assert c.p == 1
    mostly = torch.cat([torch.ones(39, 1), -torch.ones(11, 1)])  # r_t = 0.56
    for _ in range(4):
        c.hear(mostly)
    assert c.p == pytest.approx(0.8)
