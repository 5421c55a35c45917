"""Walks through the latents."""

import math

import numpy as np
import pytest
import torch

from gan_core.images.problem import as_pixels, latent_walk
from gan_core.latents import draw_latents
from gan_core.training import GANTrainer
from tests.gan_core.images.experiments import TINY, trained


@pytest.fixture
def transparent(monkeypatch):
    """A trainer of 196 latent dimensions, in effect, whose G shows the latents that it is given."""

    def make(latent, dim=8):
        trainer = GANTrainer(TINY.replace(latent=latent, latent_dim=dim))
        trainer.asked = []

        def generate(z):
            trainer.asked.append(z)
            return torch.zeros(len(z), 196)

        monkeypatch.setattr(trainer, "generate", generate)
        return trainer

    return make


def test_a_walk_passes_its_waypoints():
    trainer = trained(3)
    waypoints = trainer.fixed_latents(4)
    walk = latent_walk(trainer, waypoints, 7)
    assert walk.shape == (21, 14, 14)
    assert walk.dtype == np.uint8
    at = as_pixels(trainer.generate(waypoints)).reshape(-1, 14, 14)
    assert np.abs(walk[::7].astype(int) - at[:3]).max() <= 1
    # and each leg leads to the next waypoint: its last frame is nearer to it than to its own start
    fine = latent_walk(trainer, waypoints, 200).astype(int)
    for leg in range(3):
        last = fine[200 * leg + 199]
        assert np.abs(last - at[leg + 1]).mean() < 0.1 * np.abs(at[leg].astype(int) - at[leg + 1]).mean()


@pytest.mark.parametrize("dim", [2, 3, 32, 128])
def test_normal_latents_are_joined_by_arcs(transparent, dim):
    trainer = transparent("normal", dim)
    waypoints = draw_latents("normal", 30, dim, torch.Generator().manual_seed(dim)).double()
    latent_walk(trainer, waypoints, 20)
    z = trainer.asked[0].view(29, 20, dim)
    norms, ends = z.norm(dim=2), waypoints.norm(dim=1)
    low, high = torch.minimum(ends[:-1], ends[1:]), torch.maximum(ends[:-1], ends[1:])
    assert (norms >= low[:, None] - 1e-6).all()
    assert (norms <= high[:, None] + 1e-6).all()
    direction = z / norms[:, :, None]
    turned = torch.acos((direction[:, :-1] * direction[:, 1:]).sum(2).clamp(-1, 1))
    torch.testing.assert_close(turned, turned[:, :1].expand_as(turned), atol=1e-6, rtol=1e-4)  # at an even pace
    torch.testing.assert_close(z[:, 0], waypoints[:-1], atol=1e-6, rtol=1e-5)
    whole = torch.acos((direction[:-1, 0] * direction[1:, 0]).sum(1))
    torch.testing.assert_close(20 * turned[:-1, 0], whole, atol=1e-5, rtol=1e-4)


def test_uniform_latents_are_joined_by_straight_lines(transparent):
    trainer = transparent("uniform", 16)
    a, b = draw_latents("uniform", 2, 16, torch.Generator().manual_seed(0))
    latent_walk(trainer, torch.stack([a, b]), 10)
    expected = torch.stack([a + k / 10 * (b - a) for k in range(10)])
    torch.testing.assert_close(trainer.asked[0], expected)
    assert trainer.asked[0].abs().max() <= 1


@pytest.mark.parametrize(
    "waypoints",
    [
        [[1.0, 2.0], [-1.0, -2.0]],  # opposite
        [[1.0, 0.0], [-3.0, 1e-4]],  # nearly so
        [[1.0, 1.0], [1.0, 1.0]],  # the same
        [[1.0, 1.0], [2.0, 2.0]],  # in line
        [[0.0, 0.0], [1.0, 1.0]],  # from the middle
        [[0.0, 0.0], [0.0, 0.0]],
    ],
)
def test_a_walk_between_any_two_points_stays_between_them(transparent, waypoints):
    trainer = transparent("normal", 2)
    ends = torch.tensor(waypoints)
    latent_walk(trainer, ends, 50)
    z = trainer.asked[0]
    assert z.isfinite().all()
    assert (z.norm(dim=1) <= ends.norm(dim=1).max() + 1e-5).all()
    torch.testing.assert_close(z[0], ends[0], atol=1e-5, rtol=0)
    steps = z.diff(dim=0).norm(dim=1)
    assert steps.max() <= 2 * math.pi * ends.norm(dim=1).max() / 50 + 1e-6  # no jumps


def test_one_latent_dimension_is_a_line(transparent):
    trainer = transparent("normal", 1)
    latent_walk(trainer, torch.tensor([[-1.0], [2.0]]), 3)
    torch.testing.assert_close(trainer.asked[0], torch.tensor([[-1.0], [0.0], [1.0]]))
