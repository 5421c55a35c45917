"""What the recipes of CONTRIBUTING.md have added: it trains, and stands in the menu, in the link and on the board.

`tests/test_recipes.py` runs this in a copy of the repository where the recipes have been followed.
"""

import math

import numpy as np
import pytest
import torch

from gan_core import LOSSES, PRESETS, GANTrainer, TrainConfig
from gan_core.config import SETTINGS
from gan_core.slopes import arrows
from tests.pages.board import address, press, shown_with, slider, step_to, visit, widget

LINE = "pages/09_train_1d.py"
SMALL = TrainConfig(width=8, batch_size=32, lr_decay_steps=0)


def trained(config, steps=20):
    trainer = GANTrainer(config)
    for _ in range(steps):
        trainer.step()
    return trainer


def weights(config, steps=20):
    return trained(config, steps).generator.flat


def test_distribution():
    at = visit(LINE, target="triangle", width="8")
    menu = widget(at.selectbox, "target")
    assert menu.value == "triangle"
    assert "Triangle" in menu.options
    press(at, "×10")
    shown = step_to(at, 10)
    density = next(p for p in shown["panels"] if p["id"] == "density")["data"][0]
    x = density["x0"] + density["dx"] * np.arange(len(density["y"]))
    np.testing.assert_allclose(density["y"], np.clip(0.5 - np.abs(x) / 4, 0, None), atol=1e-6)
    assert shown["attributes"]["target"] == "triangle"


def test_loss_steps_along_its_gradient():
    """The step of both players is that of autograd on the published formula."""
    real, fake = (torch.randn(16, 1, dtype=torch.float64, requires_grad=True) for _ in range(2))
    loss = LOSSES["donsker_varadhan"]
    value = fake.exp().mean().log() - real.mean()
    by_real, by_fake = torch.autograd.grad(value, (real, fake))
    judged = loss.d(real.detach(), fake.detach())
    for found, expected in zip(judged, (value.detach(), by_real, by_fake), strict=True):
        torch.testing.assert_close(found, expected)
    judged = loss.g(None, fake.detach())
    torch.testing.assert_close(judged.value, -fake.detach().exp().mean().log())
    torch.testing.assert_close(judged.by_fake, -by_fake)


@pytest.mark.parametrize("target", ["gaussian", "ring_8", "digits"])
def test_loss_trains(target):
    small = (
        {"architecture": "tiny", "latent_dim": 8, "lr_g": 5e-4, "lr_d": 5e-4}
        if target == "digits"
        else {"latent_dim": 2}
    )
    trainer = trained(SMALL.replace(target=target, loss="donsker_varadhan", **small))
    x, directions = arrows(trainer, trainer.fixed_latents(16))
    assert np.isfinite(directions).all()
    assert np.abs(directions).max() > 0
    assert x.shape == directions.shape


def test_loss_brings_fakes_to_the_data():
    config = SMALL.replace(
        target="gaussian", loss="donsker_varadhan", width=16, batch_size=128, lr_decay_steps=600, ema_decay=0
    )
    assert GANTrainer(config).evaluate().jsd > 0.3
    assert trained(config, 400).evaluate().jsd < 0.05


def test_loss_is_on_the_page():
    at = visit(LINE, loss="donsker_varadhan", width="8", seed="3")
    menu = widget(at.selectbox, "loss")
    assert (menu.value, "Donsker-Varadhan" in menu.options) == ("donsker_varadhan", True)
    assert address(at)["loss"] == "donsker_varadhan"
    assert not slider(at, "label_smoothing")["enabled"]  # a score has no labels
    press(at, "×100")
    shown = step_to(at, 100)
    losses = next(p for p in shown["panels"] if p["id"] == "losses")
    assert len(losses["data"][0]["y"]) > 1
    assert [note["text"].split()[:3] for note in losses["layout"]["annotations"]] == [["L_D", "=", "0"]]


def test_penalty_flattens_d_between_reals_and_fakes():
    def slope(config):
        trainer = trained(config, 200)
        fakes = trainer.problem.to_network(trainer.generate(trainer.fixed_latents(256)))
        x = (fakes + trainer.problem.real_samples(256)) / 2
        _, tape = trainer.discriminator.record(x)
        return trainer.discriminator.backward(tape, torch.ones(256, 1), weights=False, inputs=True).norm(dim=1).mean()

    config = SMALL.replace(target="two_modes")
    assert slope(config.replace(zero_gp=10.0)) < slope(config) / 2
    assert torch.equal(weights(config.replace(zero_gp=0.0)), weights(config))


def test_penalty_has_a_slider():
    at = visit(LINE, zero_gp="0.1", width="8")
    slider = widget(at.select_slider, "zero_gp")
    assert (slider.label, slider.value) == ("Penalty half-way γ", 0.1)
    slider.set_value(1.0).run()
    assert address(at)["zero_gp"] == "1.0"


def test_setting_acts_on_the_running_training():
    trainer = trained(SMALL.replace(beta2=0.999), 3)
    trainer.update(shorten=0.01)
    trainer.step()
    assert 0 < trainer.generator.gradient.norm() <= 0.01 * (1 + 1e-5)
    assert 0 < trainer.discriminator.gradient.norm() <= 0.01 * (1 + 1e-5)
    assert str(trainer.marks[-1]) == "shorten 0.01"


def test_setting_has_widget_link_and_refusal():
    at = visit(LINE, shorten="0.1", width="8")
    assert widget(at.select_slider, "shorten").value == 0.1
    assert address(at)["shorten"] == "0.1"
    widget(at.select_slider, "shorten").set_value(1.0).run()
    assert address(at)["shorten"] == "1.0"
    shown_with(at, "last-change", "shorten 1")
    with pytest.raises(ValueError, match="shorten = -1 is not possible: choose a number from 0 to 100"):
        TrainConfig(shorten=-1)
    assert SETTINGS["shorten"].live


def test_curve():
    history = trained(SMALL).history.arrays()
    np.testing.assert_allclose(history["js_distance"], np.sqrt(history["jsd"]))
    at = visit(LINE, width="8")
    press(at, "×100")
    panels = {p["id"]: p for p in step_to(at, 100)["panels"]}
    assert panels["distance"]["title"] == "Jensen-Shannon distance"
    drawn = panels["distance"]["data"][0]["y"]
    jsd = next(trace["y"] for trace in panels["divergences"]["data"] if trace["name"] == "JSD")
    np.testing.assert_allclose(drawn, np.sqrt(jsd), rtol=1e-5)
    assert len(drawn) > 1


def test_architecture():
    config = TrainConfig(target="digits", architecture="thin", latent_dim=8, batch_size=32)
    trainer = trained(config, 5)
    assert trainer.sample(4).shape == (4, 196)
    assert trainer.generator.flat.numel() == 8 * 64 + 4 * 64 + 64 * 196 + 196
    at = visit("pages/11_train_mnist.py", **config.to_params())
    menu = widget(at.selectbox, "architecture")
    assert (menu.value, "Thin, 14 × 14" in menu.options) == ("thin", True)
    assert any("196-64-1" in c.value for c in at.caption)
    assert address(at)["architecture"] == "thin"


def test_preset():
    at = visit(LINE, **PRESETS["triangle"].config.to_params())
    menu = widget(at.selectbox, "preset")
    assert menu.value == "triangle"
    assert "✓ Triangle" in menu.options
    assert any("One corner on top" in c.value for c in at.caption)


@pytest.mark.parametrize(("language", "title"), [("en", "The triangle"), ("ko", "삼각형 밀도")])
def test_page(language, title):
    at = visit("pages/17_triangle.py", lang=language)
    assert at.title[0].value == title
    assert any(
        "17_triangle" in str(link.proto) or "triangle" in str(link.proto) for link in at.sidebar.get("page_link")
    )


def test_kind_trains():
    trainer = trained(TrainConfig(target="cube", latent_dim=4, width=32, batch_size=128), 300)
    first, last = trainer.history.arrays()["modes"][[0, -1]]
    assert first < last
    assert trainer.sample(5).shape == (5, 3)
    x = torch.from_numpy(trainer.target.modes).float()
    torch.testing.assert_close(trainer.problem.to_data(trainer.problem.to_network(x)), x)


def test_kind_measures_its_own_target_as_perfect():
    from gan_core.space import OctantEvaluator

    target = GANTrainer(TrainConfig(target="cube", width=8)).target
    evaluate = OctantEvaluator(target, "normal", 3)
    rng = np.random.default_rng(1)
    e = evaluate(
        lambda z: torch.from_numpy(target.sample(len(z), rng)).float(), lambda x: x[:, :1] * 0, LOSSES["minimax"]
    )
    assert e.jsd < 1e-3
    assert e.modes == 8
    assert e.high_quality == pytest.approx(0.9707, abs=0.01)  # chi with three degrees of freedom, below 3
    assert (e.d_real, e.d_fake) == (0.5, 0.5)
    assert e.proven == pytest.approx(0, abs=1e-9)


def test_kind_has_a_page():
    at = visit("pages/18_train_space.py")
    assert widget(at.selectbox, "target").options == ["Corners of a cube"]
    assert "width" in [w.key.split("_")[-1] for w in at.select_slider]
    press(at, "×10")
    shown = step_to(at, 10)
    panels = {p["id"]: p for p in shown["panels"]}
    assert list(panels) == ["above", "proof", "modes", "opinion", "losses"]
    assert np.abs(panels["above"]["data"][0]["x"]).mean() == pytest.approx(1, abs=0.05)  # at the corners
    assert math.isfinite(float(shown["attributes"]["jsd"]))
    assert shown["attributes"]["target"] == "cube"
