"""What there is to see of a training on images."""

import numpy as np
import pytest

from gan_core.images.data import to_range
from gan_core.images.networks import ARCHITECTURES
from gan_core.images.problem import N_FAKES, N_REALS, as_pixels
from gan_core.losses import LOSSES
from gan_core.training import GANTrainer
from tests.gan_core.images.examples import every_architecture
from tests.gan_core.images.experiments import TINY, trained


@every_architecture
def test_a_view_holds_pixels_and_opinions(key):
    trainer = trained(2, TINY.replace(architecture=key))
    view, side = trainer.view(), ARCHITECTURES[key].side
    assert view.fakes.step == 2
    assert view.fakes.pixels.shape == (N_FAKES, side, side)
    assert view.reals.shape == (N_REALS, side, side)
    assert view.fakes.pixels.dtype == view.reals.dtype == np.uint8
    for opinions, n in ((view.fakes.opinions, N_FAKES), (view.real_opinions, N_REALS)):
        assert opinions.shape == (n,)
        assert opinions.dtype == np.float32
        assert opinions.min() >= 0
        assert opinions.max() <= 1
    x = trainer.generate(trainer.fixed_latents(N_FAKES))
    np.testing.assert_array_equal(view.fakes.pixels.reshape(N_FAKES, -1), as_pixels(x))
    np.testing.assert_allclose(view.fakes.opinions, trainer.judge(x)[:, 0].sigmoid(), atol=1e-6)
    np.testing.assert_allclose(
        view.real_opinions, trainer.judge(to_range(trainer.problem.held_out[:N_REALS]))[:, 0].sigmoid(), atol=1e-6
    )
    np.testing.assert_array_equal(view.reals.reshape(N_REALS, -1), trainer.problem.held_out[:N_REALS])


@pytest.mark.parametrize("loss", [key for key, loss in LOSSES.items() if loss.output == "score"])
def test_scores_are_no_opinions(loss):
    view = GANTrainer(TINY.replace(loss=loss)).view()
    assert np.isnan(view.fakes.opinions).all()
    assert np.isnan(view.real_opinions).all()
    assert view.fakes.opinions.shape == (N_FAKES,)
