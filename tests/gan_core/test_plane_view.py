"""What the 2D board draws, on generators whose picture is known in advance."""

import dataclasses
import math

import numpy as np
import pytest
import torch

from gan_core.config import TrainConfig
from gan_core.distributions import DISTRIBUTIONS
from gan_core.plane_view import LATENT_WINDOW, N_ARROWS, N_FIELD, N_LATENT, N_LATTICE
from gan_core.slopes import arrows
from gan_core.training import GANTrainer
from tests.gan_core.flaws import flawed

RING = DISTRIBUTIONS["ring_8"]
every_latent = pytest.mark.parametrize("latent", list(LATENT_WINDOW))
every_target = pytest.mark.parametrize("key", ["ring_8", "moons", "line", "two_blobs", "checkerboard"])


def trainer_of(generator=None, **config):
    """A trainer after a few steps; `generator`, in the units of the data, takes the place of its own."""
    defaults = {"target": "ring_8", "latent_dim": 2, "width": 16, "batch_size": 32, "lr_g": 0.01}
    trainer = GANTrainer(TrainConfig(**{**defaults, **config}))
    for _ in range(5):
        trainer.step()
    if generator:
        trainer.generate = trainer.oppose = generator
    return trainer


def look(generator=None, **config):
    trainer = trainer_of(generator, **config)
    return trainer, trainer.view(trainer.evaluate())


def centres(bounds, n=N_FIELD):
    """(n, n, 2) centres of the cells, first index x."""
    (x, wide), (y, high) = ((low + (high - low) * (np.arange(n) + 0.5) / n, (high - low) / n) for low, high in bounds)
    return np.stack([np.repeat(x[:, None], n, 1), np.repeat(y[None], n, 0)], -1), wide * high


@every_latent
@pytest.mark.parametrize("latent_dim", [1, 2, 8])
@pytest.mark.parametrize("key", ["ring_8", "moons"])
def test_shapes(key, latent_dim, latent):
    _, view = look(target=key, latent_dim=latent_dim, latent=latent)
    second = 1 if latent_dim == 1 else N_LATTICE
    assert view.bounds == DISTRIBUTIONS[key].bounds
    for field in (view.p_data, view.p_g, view.d, view.d_star, view.d_star_side):
        assert field.shape == (N_FIELD, N_FIELD)
    assert view.arrows_at.shape == view.arrows.shape == (N_ARROWS, 2)
    assert view.lattice.shape == view.manifold.shape == (N_LATTICE, second, 2)
    if key == "ring_8":
        assert view.latent_mode.shape == (N_LATENT, 1 if latent_dim == 1 else N_LATENT)
    else:
        assert view.latent_mode.size == 0
    arrays = [a for a in vars(view).values() if isinstance(a, np.ndarray)]
    assert len(arrays) == 12
    assert {a.dtype for a in arrays} == {np.dtype(np.float32)}


# ---- the plane of the data ----


@every_target
def test_density_of_the_data(key):
    """Smoothing moves mass, but neither makes nor turns it."""
    _, view = look(target=key)
    target = DISTRIBUTIONS[key]
    at, cell = centres(view.bounds)
    density = view.p_data.astype(float)
    x = target.sample(20_000, np.random.default_rng(0))
    assert density.sum() * cell == pytest.approx(1, abs=0.002)
    weighted = density[..., None] * cell
    middle = (at * weighted).sum((0, 1))
    np.testing.assert_allclose(middle, x.mean(0), atol=0.01 * np.diff(view.bounds).max())
    (xx, xy), (_, yy) = np.einsum("ijk,ijl,ij->kl", at - middle, at - middle, density * cell)
    width = np.diff(view.bounds)[:, 0] / N_FIELD
    (sxx, sxy), (_, syy) = np.cov(x.T) + np.diag(width**2)  # one cell of smoothing, as a variance
    assert (xx, xy, yy) == pytest.approx((sxx, sxy, syy), abs=0.03 * (sxx + syy))


@every_target
def test_data_and_fakes_are_smoothed_alike(key):
    """Exact samples give the densities of the data, and D* = 1/2 where there is some of it."""
    trainer = trainer_of(target=key)
    exact = trainer.target.sample(20_000, np.random.default_rng(0)).astype(np.float32)
    view = trainer.view(dataclasses.replace(trainer.evaluate(), samples=exact, opponent_samples=exact))
    _, cell = centres(view.bounds)
    assert np.abs(view.p_g - view.p_data).sum() * cell < 0.12
    dense = view.p_data * cell > 5 / 20_000
    assert dense.sum() > 50
    enough = dense & (view.d_star_side < 3)  # a hundred of both in the square: 5 standard deviations
    np.testing.assert_allclose(view.d_star[enough], 0.5, atol=0.18)
    assert view.d_star[dense].mean() == pytest.approx(0.5, abs=0.01)


def test_fakes_integrate_to_their_share_inside():
    """Three of four fakes in the middle of the window, the others outside."""
    _, view = look(lambda z: torch.where((z[:, :1] > 0) & (z[:, 1:] > 0), 9, 0.2 * torch.tanh(z)))
    _, cell = centres(view.bounds)
    assert view.p_g.sum() * cell == pytest.approx(0.75, abs=0.015)


def test_fakes_are_not_turned_or_mirrored():
    _, view = look(lambda z: torch.tensor([0.2, 0.9]) + 0.01 * z, target="two_blobs")
    at, _ = centres(view.bounds)
    densest = at[np.unravel_index(view.p_g.argmax(), view.p_g.shape)]
    np.testing.assert_allclose(densest, (0.2, 0.9), atol=1.5 * 1.4 / N_FIELD)


@every_target
def test_best_opinion_of_the_squares(key):
    """p/(p+q) of the masses in the square around each centre; nan only where both are next to nothing."""
    trainer = trainer_of(target=key)
    evaluation = trainer.evaluate()
    view = trainer.view(evaluation)
    at, _ = centres(view.bounds)
    cell = np.diff(view.bounds)[:, 0] / N_FIELD
    rng = np.random.default_rng(0)
    for i, j in rng.integers(3, N_FIELD - 3, (40, 2)):
        low, high = (at[i, j] + side * view.d_star_side[i, j] / 2 * cell for side in (-1, 1))
        p = trainer.target.grid_mass(*np.stack([low, high], 1))[0, 0]
        q = ((evaluation.opponent_samples >= low) & (evaluation.opponent_samples < high)).all(1).mean()
        if np.isnan(view.d_star[i, j]):
            assert p + q < 0.5 / len(evaluation.opponent_samples)
        else:
            assert view.d_star[i, j] == pytest.approx(p / (p + q), abs=0.02)


@pytest.mark.parametrize("key", ["ring_8", "grid_25", "moons", "spiral", "pinwheel"])
@pytest.mark.parametrize("width", [0.5, 2.0])
def test_best_opinion_where_every_width_is_wrong(key, width):
    """At a mode's centre, or on a curve, D* of half-width copies is 1/5 or 1/3, and 4/5 or 2/3 of twice too wide ones.

    Compared with the exact densities at the points themselves, where data are dense. A square is some tenths of a sigma
    wide, and holds 100 of data and fakes.
    """
    trainer = trainer_of(target=key)
    wrong = flawed(key, "half as wide" if width < 1 else "twice as wide")
    samples = wrong.sample(20_000, np.random.default_rng(0)).astype(np.float32)
    view = trainer.view(dataclasses.replace(trainer.evaluate(), samples=samples, opponent_samples=samples))
    at, _ = centres(view.bounds)
    p, q = (np.exp(d.log_prob(at.reshape(-1, 2))).reshape(at.shape[:2]) for d in (trainer.target, wrong))
    dense = p > 0.6 * p.max()
    truth = p / (p + q)
    assert (truth[dense].min() < 0.35) if width < 1 else (truth[dense].max() > 0.65)
    assert np.abs(view.d_star - truth)[dense].mean() < 0.06
    assert (view.d_star - truth)[dense].mean() == pytest.approx(0, abs=0.03)
    assert view.blur <= 2


def test_blur_of_the_best_opinion():
    """Needles, a quarter of a cell wide, are not resolved, and the record says so; a ring of 8 is."""
    assert look(target="ring_8")[1].blur * 5.2 / N_FIELD < 1.8 * RING.mode_scale
    needles = DISTRIBUTIONS["ring_8_published"]
    assert look(target=needles.key)[1].blur * 2.6 / N_FIELD > needles.mode_scale


def test_best_opinion_of_fakes_elsewhere():
    _, view = look(lambda z: torch.tensor([0.0, 0.0]) + 0.01 * torch.tanh(z))
    at, _ = centres(view.bounds)
    distance = np.linalg.norm(at, axis=-1)
    np.testing.assert_allclose(view.d_star[distance < 0.1], 0, atol=1e-9)
    np.testing.assert_allclose(view.d_star[abs(distance - 2) < 0.05][view.p_data[abs(distance - 2) < 0.05] > 0.1], 1)
    assert np.isnan(view.d_star[abs(distance - 1) < 0.3]).all()


@pytest.mark.parametrize("loss", ["non_saturating", "least_squares", "hinge"])
@pytest.mark.parametrize(("key", "packing"), [("two_blobs", 1), ("line", 2)])
def test_opinion_at_the_centres(key, packing, loss):
    trainer, view = look(target=key, packing=packing, loss=loss)
    at, _ = centres(view.bounds)
    raw = trainer.judge(torch.from_numpy(at.reshape(-1, 2)).float())[:, 0]
    expected = {"non_saturating": raw.sigmoid(), "least_squares": raw.clamp(0.001, 0.999), "hinge": raw}[loss]
    np.testing.assert_allclose(view.d.ravel(), expected, atol=1e-5)
    assert np.ptp(view.d) > 1e-3


def test_arrows_start_at_the_fakes():
    """Of the G that D plays against, also where an average is shown."""
    trainer, view = look(ema_decay=0.9)
    np.testing.assert_array_equal(view.arrows_at, trainer.oppose(trainer.fixed_latents(N_ARROWS)))
    at, directions = arrows(trainer, trainer.fixed_latents(N_ARROWS))
    np.testing.assert_array_equal(view.arrows_at, at)
    np.testing.assert_array_equal(view.arrows, directions)


# ---- the plane of the latents ----


@every_latent
@pytest.mark.parametrize("latent_dim", [1, 2, 8])
def test_manifold_is_g_of_the_lattice(latent_dim, latent):
    """Also in order: [i, j] of one belongs to [i, j] of the other; coordinates beyond the plane are 0."""
    trainer, view = look(latent_dim=latent_dim, latent=latent, ema_decay=0.9)
    z = torch.zeros(view.lattice[..., 0].size, latent_dim)
    z[:, :2] = torch.from_numpy(view.lattice.reshape(-1, 2)[:, :latent_dim])
    np.testing.assert_allclose(view.manifold.reshape(-1, 2), trainer.generate(z), atol=1e-6)
    ticks = np.linspace(-LATENT_WINDOW[latent], LATENT_WINDOW[latent], N_LATTICE)
    np.testing.assert_allclose(view.lattice[:, 0, 0], ticks, atol=1e-6)
    np.testing.assert_allclose(view.lattice[0, :, 1], [0] if latent_dim == 1 else ticks, atol=1e-6)
    assert np.all(view.lattice[:, :, 0] == view.lattice[:, :1, 0])
    assert view.latent_window == LATENT_WINDOW[latent]


@every_latent
@pytest.mark.parametrize("latent_dim", [2, 8])
def test_mode_that_a_latent_reaches(latent_dim, latent):
    """By hand: mode 5 for z_1 > 0, mode 2 else, 2.9 sigmas off; where z_2 > 0.3, it is 3.1 and thus none."""

    def generator(z):
        assert z.shape[1] == latent_dim
        mode = torch.from_numpy(RING.modes).float()[torch.where(z[:, 0] > 0, 5, 2)]
        return mode + RING.mode_scale * torch.where(z[:, 1:2] > 0.3, 3.1, 2.9) * torch.tensor([0.6, 0.8])

    _, view = look(generator, latent_dim=latent_dim, latent=latent)
    z = centres([(-view.latent_window, view.latent_window)] * 2, N_LATENT)[0]
    expected = np.where(z[..., 1] > 0.3, -1, np.where(z[..., 0] > 0, 5, 2))
    np.testing.assert_array_equal(view.latent_mode, expected)


def test_mode_that_a_single_latent_reaches():
    def generator(z):
        return torch.from_numpy(RING.modes).float()[torch.where(z[:, 0] > 1, 7, 0)] * torch.where(z < -1, 0, 1)

    _, view = look(generator, latent_dim=1)
    z = view.latent_window * (2 * (np.arange(N_LATENT) + 0.5) / N_LATENT - 1)
    np.testing.assert_array_equal(view.latent_mode[:, 0], np.where(z > 1, 7, np.where(z < -1, -1, 0)))


@pytest.mark.parametrize("key", [d.key for d in DISTRIBUTIONS.values() if d.separated])
def test_mode_is_one_of_the_targets(key):
    trainer, view = look(lambda z: 1.5 * z, target=key)
    modes = np.unique(view.latent_mode)
    assert set(modes) <= set(range(-1, len(trainer.target.modes)))
    assert len(modes) > 1
    assert not math.isnan(view.latent_mode.sum())
