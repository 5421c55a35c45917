"""Conditional GANs: the game on pairs, played by the same trainer."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from gan_core import divergences
from gan_core.conditional import (
    N_PER_LABEL,
    ConditionalProblem,
    LabelledGenerator,
    ProjectionDiscriminator,
    mixture,
    ordered,
    with_label,
)
from gan_core.lessons import conditional as ring
from gan_core.training import GANTrainer

SMALL = ring.RECIPE.replace(batch_size=16)


def small():
    return GANTrainer(SMALL, ConditionalProblem(SMALL, ring.labelled()))


def test_a_label_stands_beside_its_row():
    rows = with_label(torch.tensor([[0.5, 2.0], [1.0, 3.0]]), torch.tensor([2, 0]), 3)
    assert rows.tolist() == [[0.5, 2, 0, 0, 1], [1, 3, 1, 0, 0]]


def test_g_hands_its_label_on_and_its_image_depends_on_it():
    trainer = small()
    z = torch.randn(1, 2, generator=torch.Generator().manual_seed(0)).repeat(8, 1)
    pairs = trainer.generator(with_label(z, torch.arange(8), 8))
    torch.testing.assert_close(pairs[:, 2:], torch.eye(8))
    assert len(pairs[:, :2].unique(dim=0)) == 8


def test_d_adds_the_inner_product_with_the_vector_of_the_label():
    """psi(phi(x)) + <v_y, phi(x)>, from the weights, by numpy."""
    d = ProjectionDiscriminator(nn.Sequential(nn.Linear(3, 4), nn.Tanh()), 4, 5)
    x, y = torch.randn(6, 3, generator=torch.Generator().manual_seed(0)), torch.tensor([0, 1, 2, 3, 4, 0])
    found = d(with_label(x, y, 5)).detach().numpy()[:, 0]
    w = {name: value.detach().numpy() for name, value in d.named_parameters()}
    h = np.tanh(x.numpy() @ w["features.0.weight"].T + w["features.0.bias"])
    expected = h @ w["realness.weight"][0] + w["realness.bias"][0] + (h * w["matches.weight"][y.numpy()]).sum(1)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_step_is_the_textbooks_on_pairs():
    """Binary cross-entropy, torch.optim.Adam and autograd with labels, on the same batches."""
    trainer = small()
    real, orders_d, orders_g = next(trainer.real_batches), next(trainer.latent_batches), next(trainer.latent_batches)
    trainer.real_batches, trainer.latent_batches = iter([real]), iter([orders_d, orders_g])
    data = ring.labelled()
    g = LabelledGenerator(data.generator(10), 8)
    d = ProjectionDiscriminator(data.features(), data.width, 8)
    for module, network in ((g, trainer.generator), (d, trainer.discriminator)):
        module.load_state_dict(network.module.state_dict())
    adams = [
        torch.optim.Adam(m.parameters(), lr=lr, betas=(SMALL.beta1, SMALL.beta2))
        for m, lr in ((g, SMALL.lr_g), (d, SMALL.lr_d))
    ]
    d_loss = F.softplus(-d(real)).mean() + F.softplus(d(g(orders_d).detach())).mean()
    d_loss.backward()
    adams[1].step()
    adams[0].zero_grad()
    g_loss = F.softplus(-d(g(orders_g))).mean()
    g_loss.backward()
    adams[0].step()
    record = trainer.step()
    assert (record.d_loss, record.g_loss) == pytest.approx((d_loss.item(), g_loss.item()), abs=1e-5)
    for module, network in ((g, trainer.generator), (d, trainer.discriminator)):
        expected = torch.cat([p.detach().flatten() for p in module.parameters()])
        torch.testing.assert_close(network.flat[: len(expected)], expected, atol=1e-4, rtol=0)


def test_orders_have_the_shares_of_the_data():
    trainer = small()
    orders = torch.cat([next(trainer.latent_batches) for _ in range(100)])
    counts = orders[:, 2:].sum(0).numpy()
    assert counts.sum() == 1600
    assert ((counts - 200) ** 2 / 200).sum() < 24.3  # chi², 7 degrees of freedom: one of 1,000 is larger


def test_real_pairs_are_labelled_by_their_mode():
    batch = next(small().real_batches)
    x = batch[:, :2] * ring.labelled().unit + ring.labelled().center
    middles = torch.from_numpy(ring.TARGET.modes).float()[batch[:, 2:].argmax(1)]
    assert ((x - middles).norm(dim=1) < 6 * ring.TARGET.mode_scale).all()


class Copying(nn.Module):
    """A G that makes what is ordered, perfectly: its latents are the samples."""

    def forward(self, order):
        middles = torch.from_numpy(ring.TARGET.modes).float()[order[:, 2:].argmax(1)]
        x = middles + ring.TARGET.mode_scale * order[:, :2]
        return torch.cat([(x - ring.labelled().center) / ring.labelled().unit, order[:, 2:]], 1)


class Deaf(Copying):
    """The same, but for the label: it always makes the first mode."""

    def forward(self, order):
        first = F.one_hot(torch.zeros(len(order), dtype=torch.int64), 8)
        return torch.cat([super().forward(torch.cat([order[:, :2], first], 1))[:, :2], order[:, 2:]], 1)


@pytest.mark.parametrize(("module", "accuracy"), [(Copying(), 1.0), (Deaf(), 1 / 8)], ids=["perfect", "deaf"])
def test_what_is_measured_of_a_g_that_is_known(module, accuracy):
    trainer = small()
    trainer.averaged = module
    found = trainer.evaluate()
    assert found.accuracy == pytest.approx(accuracy, abs=0.03)  # 1.1 % of a Gaussian lie outside of 3 sigma
    np.testing.assert_allclose(found.spreads, 1, atol=0.25)  # of 100 samples in two dimensions
    assert 0 < found.d_real < 1
    assert 0 < found.d_fake < 1


def test_real_samples_are_judged_as_a_gaussian_must_be():
    assert ring.labelled().real_accuracy() == pytest.approx(1 - np.exp(-4.5), abs=0.01)


def test_the_ring_learns_to_make_what_is_ordered():
    """What the lesson says of 1,000 steps."""
    trainer = ring.trainer()
    for _ in range(1000):
        trainer.step()
    found = trainer.evaluate()
    assert found.accuracy > 0.97
    assert 0.3 < found.spread < 0.95
    assert ring.points(trainer, 3, 50).shape == (50, 2)
    assert (ring.nearest_mode(ring.points(trainer, 3, 200)) == 3).mean() > 0.9
    assert trainer.history.arrays()["accuracy"][-1] == pytest.approx(found.accuracy)
    assert trainer.problem.diagnose(trainer, found, {}).sentence.values["share"] == found.accuracy


def test_units_there_and_back():
    problem = small().problem
    pairs = problem.real_samples(5)
    torch.testing.assert_close(problem.to_data(problem.to_network(pairs)), pairs)
    slope = torch.ones(5, 10)
    torch.testing.assert_close(problem.slope_to_data(slope)[:, :2], 1 / ring.labelled().unit.expand(5, 2))


def test_a_mixture_goes_from_one_label_to_another():
    rows = mixture(2, 0, 3, 4)
    assert rows.tolist() == [[0, 0, 1, 0], [0.5, 0, 0.5, 0], [1, 0, 0, 0]]
    trainer = small()
    z = torch.zeros(3, 2)
    ends = ordered(trainer, z, mixture(2, 0, 3, 8))
    torch.testing.assert_close(ends[[0, 2]], ordered(trainer, z[:2], torch.tensor([2, 0])))


@pytest.mark.parametrize("change", [{"instance_noise": 0.1}, {"r1_gamma": 1.0}, {"packing": 2}])
def test_settings_that_would_act_on_labels_are_refused(change):
    with pytest.raises(ValueError, match="would act on the labels"):
        ConditionalProblem(SMALL.replace(**change), ring.labelled())


def test_a_g_that_ignores_the_label_is_as_far_as_the_lesson_says():
    """JSD of pairs, by the sum over its definition: ten labels, ten kinds of images, all equally often."""
    p = np.eye(10) / 10
    q = np.full((10, 10), 0.01)
    assert divergences.js_divergence(p.ravel(), q.ravel()) == pytest.approx(0.526, abs=5e-4)
    assert divergences.ruler(1, 10) == pytest.approx(divergences.js_divergence(p.ravel(), q.ravel()))
    assert N_PER_LABEL == 100
