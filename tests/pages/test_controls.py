"""Widgets follow from the records of the settings: a new setting needs nothing else."""

import dataclasses

import pytest
from streamlit.testing.v1 import AppTest

from gan_core import TrainConfig, training
from gan_core.config import SETTINGS
from gan_core.settings import setting, settings_of
from pages.ui import controls, link
from tests.pages.board import address, shown_with, slide, slider, visit, widget

OLD_LINK = {"ema_warm_up": "false", "v": "2"}  # what a link without a version has meant, said in one of today

PAGES = {"line": "pages/09_train_1d.py", "plane": "pages/10_train_2d.py", "images": "pages/11_train_mnist.py"}


@dataclasses.dataclass(frozen=True)
class Wider(TrainConfig):
    """An experiment with five more settings, one of each sort; nothing reads them."""

    twist: float = setting(0.0, 0, 2, group="sliders", options=(0.0, 0.5, 1.0), label="Twist", help="How much.")
    grain: float = setting(0.25, 0, 1, group="more", label="Grain", help="Typed in.")
    charm: str = setting(
        "up", registry={"up": "Upwards", "down": "Downwards"}, group="menus", label="Charm", help="Whither.",
        implies=lambda value: {"twist": 1.0} if value == "down" else {},
    )  # fmt: skip
    mirror: bool = setting(False, group="network", label="Mirror", help="Whether.", shown=lambda c: c.charm == "down")
    blur: int = setting(3, 1, 9, group="network", options=(1, 3, 5), kinds=("images",), label="Blur", help="Of images.")


@pytest.fixture
def wider(monkeypatch):
    """An app whose experiments have these settings, too."""
    for name, record in settings_of(Wider).items():
        monkeypatch.setitem(SETTINGS, name, record)
    monkeypatch.setattr(link, "TrainConfig", Wider)
    return Wider


def labels(at):
    return [w.label for kind in (at.selectbox, at.select_slider, at.toggle, at.number_input) for w in kind]


def test_a_new_setting_has_a_widget_that_acts(wider):
    at = visit(PAGES["line"], twist="0.7", seed="3")
    assert not at.warning
    assert slider(at, "twist") == {
        "field": "twist", "label": "Twist", "help": "How much.", "value": 0.7, "options": [0, 0.5, 0.7, 1],
        "enabled": True,
    }  # fmt: skip
    grain = widget(at.number_input, "grain")
    assert (grain.value, grain.min, grain.max) == (0.25, 0, 1)
    assert widget(at.selectbox, "charm").options == ["Upwards", "Downwards"]
    assert {"Mirror", "Blur"}.isdisjoint(labels(at))
    slide(at, "twist", 0.5)
    assert address(at) == {"seed": "3", "twist": "0.5", **OLD_LINK}
    grain = widget(at.number_input, "grain").set_value(0.75)
    grain.run()
    assert address(at) == {"seed": "3", "twist": "0.5", "grain": "0.75", **OLD_LINK}
    shown_with(at, "last-change", "grain 0.75")


def test_a_new_setting_brings_what_it_implies_and_hides(wider):
    at = visit(PAGES["line"], seed="3")
    widget(at.selectbox, "charm").set_value("down").run()
    assert not at.exception
    assert slider(at, "twist")["value"] == 1
    assert address(at) == {"seed": "3", "charm": "down", "twist": "1.0", **OLD_LINK}
    assert widget(at.toggle, "mirror").value is False


def test_a_new_setting_is_refused_with_its_range(wider):
    at = visit(PAGES["line"], twist="3", charm="sideways", grian="0.5", seed="3")
    assert {w.value for w in at.warning} == {
        "twist = '3' is not possible: choose a number from 0 to 2",
        "charm = 'sideways' is not possible: choose one of up, down",
        "grian is not a setting; did you mean grain?",
    }


def test_a_link_carries_a_new_setting(wider):
    config = Wider(twist=0.1, grain=0.5, charm="down", mirror=True, blur=5)
    params = {"twist": "0.1", "grain": "0.5", "charm": "down", "mirror": "true", "blur": "5"}
    assert config.to_params() == params | {"v": "2"}
    assert Wider.from_params(params | {"v": "2"}) == config


def test_a_new_live_setting_changes_a_running_trainer(wider):
    trainer = training.GANTrainer(Wider(width=8, batch_size=16))
    trainer.update(twist=0.5)
    assert trainer.config.twist == 0.5
    assert trainer.marks == [(0, "twist", 0.5)]
    with pytest.raises(ValueError, match="mirror"):
        trainer.update(mirror=True)


@pytest.mark.parametrize(
    ("kind", "group", "names"),
    [
        ("line", "menus", "loss"),
        ("images", "menus", "architecture warm_start loss"),
        ("plane", "sliders", "lr_g lr_d dropout d_steps label_smoothing instance_noise"),
        ("line", "more", "r1_gamma r2_gamma weight_clip spectral_limit lr_decay_steps ema_decay ema_warm_up show_raw"),
        (
            "plane",
            "network",
            "latent latent_dim width depth g_activation d_activation batch_size beta1 beta2 packing wide_start "
            "spread_start seed",
        ),
        ("images", "network", "latent latent_dim batch_size beta1 beta2 seed"),
    ],
)
def test_what_stands_where(kind, group, names):
    assert controls.fields(group, kind, TrainConfig()) == names.split()


def test_the_weight_of_a_penalty_stands_beside_the_losses_that_have_it():
    assert "gp_weight" not in controls.fields("more", "line", TrainConfig())
    found = controls.fields("more", "line", TrainConfig(loss="wasserstein_gp"))
    assert found == [
        "r1_gamma", "r2_gamma", "gp_weight", "weight_clip", "spectral_limit", "lr_decay_steps", "ema_decay", "ema_warm_up",
        "show_raw",
    ]  # fmt: skip


def _draw():
    from gan_core import TrainConfig
    from gan_core.config import SETTINGS
    from pages.ui import controls

    for name in SETTINGS:
        if name != "target":
            controls.field_widget(name, TrainConfig(lr_g=0.0), lambda field, value: None, "p")


def test_every_setting_can_be_drawn():
    at = AppTest.from_function(_draw).run()
    assert not at.exception
    assert sorted(labels(at)) == sorted(s.label for n, s in SETTINGS.items() if n != "target")
    assert widget(at.selectbox, "warm_start").disabled
    assert not widget(at.select_slider, "label_smoothing").disabled
    assert widget(at.select_slider, "lr_g").options[:2] == ["0", "1e-05"]
    assert widget(at.number_input, "seed").step == 1


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "learning_rate is not a setting; did you mean lr_g?"), ("ko", "learning_rate: 없는")],
)
@pytest.mark.parametrize("kind", ["line", "plane"])
def test_a_name_that_is_no_setting_gets_a_sentence_beside_the_first_experiment(kind, language, sentence):
    at = visit(PAGES[kind], learning_rate="0.1", lang=language)
    assert len(at.warning) == 1
    assert sentence in at.warning[0].value
    config = controls.default_preset(kind)
    assert widget(at.selectbox, "target").value == config.target
    assert {k: v for k, v in address(at).items() if k != "lang"} == config.to_params()


def test_a_link_with_a_version_is_an_experiment():
    at = visit(PAGES["line"], v="1", seed="3")
    assert not at.warning
    assert address(at) == {"seed": "3", **OLD_LINK}


def test_a_link_of_an_unknown_version_gets_a_sentence():
    at = visit(PAGES["line"], v="7")
    assert [w.value for w in at.warning] == [
        "v = '7' is not a version of links: choose a whole number from 1 to 2; the link is read as one of version 2"
    ]


def test_an_old_link_keeps_its_meaning_on_a_page(monkeypatch):
    monkeypatch.setattr("gan_core.config.LINK_VERSION", 2)
    monkeypatch.setattr("gan_core.config.CHANGED_DEFAULTS", {1: {"lr_g": 0.003}})
    at = visit(PAGES["line"], seed="3")
    assert slider(at, "lr_g")["value"] == 0.003
    assert address(at) == {"seed": "3", "lr_g": "0.003", "v": "2"}
    at = visit(PAGES["line"], v="2")  # nothing but its version: the defaults
    assert slider(at, "lr_g")["value"] == 0.002
    assert address(at) == {"v": "2"}
    slide(at, "dropout", 0.5)
    assert address(at) == {"v": "2", "dropout": "0.5"}
