"""The live pages of numbers by AppTest: links, widgets, and what the board shows."""

import math
import time

import numpy as np
import plotly.graph_objects as go
import pytest

from gan_core import DISTRIBUTIONS, LOSSES, PRESETS, GANTrainer, TrainConfig
from gan_core.config import SETTINGS
from gan_core.messages import Message
from gan_core.own_targets import CELLS, from_cells
from gan_core.state import Mark
from pages.ui import feed, scenes
from pages.ui.controls import default_preset
from pages.ui.figures import marks_layout
from tests.pages.board import (
    LIVE_PAGES,
    address,
    board_of,
    press,
    run_of,
    slide,
    slider,
    stage_of,
    step_to,
    visit,
    widget,
)


def test_the_board_shows_exactly_what_the_core_computes():
    at = visit("pages/09_train_1d.py")
    press(at, "×100")
    shown = step_to(at, 100)
    trainer = GANTrainer(default_preset("line"))
    for _ in range(100):
        trainer.step()
    e = trainer.evaluate()
    tiles = {t["id"]: t["value"] for t in shown["tiles"]}
    assert tiles["jsd"] == f"{e.jsd:.4f}"
    assert tiles["d_real"] == f"{e.d_real:.2f}"
    assert tiles["d_fake"] == f"{e.d_fake:.2f}"
    assert tiles["step"] == "100"
    assert shown["attributes"]["jsd"] == f"{e.jsd:.6f}"
    panels = {p["id"]: p for p in shown["panels"]}
    np.testing.assert_allclose(panels["density"]["data"][1]["y"], e.p_g, rtol=1e-6)
    np.testing.assert_allclose(panels["discriminator"]["data"][1]["y"], e.d, rtol=1e-6)
    history = trainer.history.arrays()
    np.testing.assert_allclose(panels["proof"]["data"][1]["y"], history["provable"], rtol=1e-6)
    np.testing.assert_allclose(panels["losses"]["data"][0]["y"], history["d_loss"], rtol=1e-6)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("target", DISTRIBUTIONS)
def test_every_target_and_loss_by_link(target, loss):
    if LOSSES[loss].key != "non_saturating" and target not in ("two_modes", "uniform", "ring_8", "moons"):
        pytest.skip("every loss on one target with modes and one without, every target with one loss")
    at = visit(LIVE_PAGES[DISTRIBUTIONS[target].dim], target=target, loss=loss, width="8")
    press(at, "×10")
    shown = step_to(at, 10)
    assert not at.warning
    for panel in shown["panels"]:  # Plotly itself knows every property
        if panel.get("kind") != "field":
            go.Figure(_without_roles({"data": panel["data"], "layout": panel["layout"]}))
    opinions = [t["value"] for t in shown["tiles"] if t["id"] in ("d_real", "d_fake")]
    assert (opinions == ["–", "–"]) == (LOSSES[loss].output == "score")
    assert any(t["id"] == "modes" for t in shown["tiles"]) == (_n_modes(target) > 1)


def _n_modes(target):
    found = DISTRIBUTIONS[target]
    return len(found.weights) if found.dim == 1 or found.separated else 0


def _without_roles(value):
    if isinstance(value, dict):
        return {k: _without_roles(v) for k, v in value.items() if k != "of_run"}  # that is for a ghost
    if isinstance(value, list):
        return [_without_roles(v) for v in value]
    return "#123456" if isinstance(value, str) and value.startswith("$") else value


@pytest.mark.parametrize(("language", "name"), [("en", "Dropout in D"), ("ko", "D의 드롭아웃")])
def test_sliders_show_the_config_of_the_link_and_act_on_the_run(language, name):
    at = visit("pages/09_train_1d.py", dropout="0.35", lr_g="0.00123", lang=language)
    assert slider(at, "dropout")["value"] == 0.35
    assert slider(at, "lr_g")["value"] == 0.00123
    slide(at, "dropout", 0.5)
    assert not at.exception
    assert address(at)["dropout"] == "0.5"
    assert address(at)["lr_g"] == "0.00123"
    at.run()
    press(at, "Step ×1")
    shown = step_to(at, 1)
    assert f"{name} 0.5" in [a["text"] for a in _panel(shown, "divergences")["layout"]["annotations"]]
    assert shown["attributes"]["last-change"] == "dropout 0.5"  # the same in every language


def _panel(shown, name):
    return next(p for p in shown["panels"] if p["id"] == name)


def test_every_live_change_can_be_named_on_the_curves():
    live = [name for name, spec in SETTINGS.items() if spec.live]
    texts = [text for _, text in scenes.labelled([Mark(7, name, 0.25) for name in live])]
    assert len(set(texts)) == len(live)
    for name, text in zip(live, texts, strict=True):
        assert "0.25" in text
        assert name not in text


@pytest.mark.parametrize(("at", "anchor"), [(0, "left"), (200, "left"), (300, "right")])
def test_the_name_of_a_change_stands_where_there_is_room(at, anchor):
    (note,) = marks_layout([(at, "Dropout in D 0.5")], labels=True, end=500)["annotations"]
    assert (note["x"], note["xanchor"]) == (at, anchor)


def test_a_preset_sets_every_widget_and_the_address():
    at = visit("pages/09_train_1d.py")
    key = [k for k, p in PRESETS.items() if p.config.kind == "line"][-1]
    widget(at.selectbox, "preset").set_value(key).run()
    assert not at.exception
    config = PRESETS[key].config
    assert widget(at.selectbox, "target").value == config.target
    assert address(at) == config.to_params()
    assert TrainConfig.from_params(address(at)) == config


def test_the_2d_board_shows_exactly_what_the_core_computes():
    at = visit(LIVE_PAGES[2])
    press(at, "×100")
    shown = step_to(at, 100)
    trainer = GANTrainer(default_preset("plane"))
    for _ in range(100):
        trainer.step()
    e = trainer.evaluate()
    view = trainer.view(e)
    tiles = {t["id"]: t["value"] for t in shown["tiles"]}
    assert tiles["jsd"] == f"{e.jsd:.4f}"
    assert tiles["modes"] == f"{e.modes} / 8"
    assert tiles["quality"] == f"{e.high_quality:.1%}"
    layers = {layer["id"]: layer for layer in _panel(shown, "plane")["layers"]}
    np.testing.assert_allclose(layers["d"]["values"], view.d.ravel(), rtol=1e-6)
    np.testing.assert_allclose(layers["d_star"]["values"], view.d_star.ravel(), rtol=1e-6)
    np.testing.assert_allclose(layers["p_g"]["values"], view.p_g.ravel(), rtol=1e-6)
    np.testing.assert_allclose(layers["arrows"]["dx"], view.arrows[:, 0], rtol=1e-6)
    np.testing.assert_allclose(layers["fake"]["x"], trainer.sample(300)[:, 0], rtol=1e-6)
    np.testing.assert_allclose(layers["manifold"]["y"], view.manifold[..., 1].ravel(), rtol=1e-6)
    assert (layers["d"]["n"], layers["d"]["m"]) == (60, 60)
    history = trainer.history.arrays()
    for row, name in enumerate(("grad_non_saturating", "grad_minimax")):
        np.testing.assert_allclose(_panel(shown, "gradients")["data"][row]["y"], history[name], rtol=1e-6)
    np.testing.assert_allclose(_panel(shown, "modes")["data"][1]["y"], 100 * history["high_quality"], rtol=1e-6)


def test_a_target_of_the_other_dimension_is_explained():
    at = visit(LIVE_PAGES[1], target="ring_8")
    assert any("The link names a target of another page: ring_8" in w.value for w in at.warning)
    assert widget(at.selectbox, "target").value == "two_modes"


def test_a_drawing_by_link_is_the_target():
    painted = np.zeros((CELLS, CELLS), dtype=bool)
    painted[3:6, 10] = True
    key = from_cells(painted).key
    at = visit(LIVE_PAGES[2], target=key, latent_dim="2")
    assert not at.warning
    assert board_of(at)["attributes"]["target"] == key
    assert widget(at.selectbox, "target").value == key


def test_a_setting_of_ones_own_makes_the_preset_custom():
    at = visit("pages/09_train_1d.py")
    assert widget(at.selectbox, "preset").value in PRESETS
    slide(at, "instance_noise", 0.1)
    assert widget(at.selectbox, "preset").value == "custom"


def test_a_score_loss_takes_label_smoothing_off():
    at = visit("pages/09_train_1d.py", label_smoothing="0.1")
    widget(at.selectbox, "loss").set_value("hinge").run()
    assert not at.exception
    assert not at.warning
    assert slider(at, "label_smoothing")["value"] == 0
    assert not slider(at, "label_smoothing")["enabled"]


def test_a_bad_link_gets_a_sentence_with_the_allowed_range():
    at = visit("pages/09_train_1d.py", lr_d="5", target="three_modes")
    assert "lr_d = '5' is not possible: choose a number from 0 to 0.1" in [w.value for w in at.warning]
    assert widget(at.selectbox, "target").value == "three_modes"


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_page_tells_the_stage_its_line_and_its_texts(language):
    at = visit(LIVE_PAGES[2], lang=language, hide="losses,<b>,sentence")
    stage = stage_of(at)
    run = run_of(at)
    assert (stage["line"], stage["kind"], stage["lang"]) == (f"gan/line/{run.name}", "plane", language)
    assert stage["hide"] == ["losses", "sentence"]
    assert stage["texts"]["play"] == {"en": "Play", "ko": "재생"}[language]
    assert all(any("가" <= c <= "힣" for c in text) for text in stage["texts"].values()) == (language == "ko")


def test_a_run_that_was_released_is_begun_anew_with_the_same_settings():
    """What the stage asks for when its line is gone."""
    at = visit(LIVE_PAGES[1], dropout="0.5", seed="7")
    before, first = stage_of(at), run_of(at)
    press(at, "×10")
    feed.runner().release(first.name)
    at.run()
    assert stage_of(at)["line"] != before["line"]
    assert run_of(at).config == first.config
    assert step_to(at, 0)["transport"]["state"] == "paused"


def test_widgets_follow_what_was_changed_on_the_stage():
    at = visit(LIVE_PAGES[1])
    assert not board_of(at)["stale"]
    feed.command(run_of(at).name, {"do": "set", "values": {"width": 16}})  # from a sentence's advice, say
    assert board_of(at)["stale"]
    at.run()
    assert widget(at.select_slider, "width").value == 16
    assert widget(at.selectbox, "preset").value == "custom"
    assert not board_of(at)["stale"]


def test_a_full_server_says_so(monkeypatch):
    from gan_core import RunnerFull
    from gan_core.runner import Runner

    def full(self, config):
        raise RunnerFull("All 100 places for training are taken.")

    monkeypatch.setattr(Runner, "create", full)
    at = visit("pages/09_train_1d.py")
    assert "All 100 places for training are taken." in [w.value for w in at.warning]


@pytest.mark.parametrize(("language", "advice"), [("en", "Lower the learning rate of the generator"), ("ko", "생성자")])
def test_a_run_that_diverges_says_what_happened_and_what_to_do(monkeypatch, language, advice):
    step = GANTrainer.step

    def diverge(self):
        if self.step_count == 5:
            raise self.give_up(Message("generator"), math.nan)
        return step(self)

    monkeypatch.setattr(GANTrainer, "step", diverge)
    at = visit("pages/09_train_1d.py", lang=language)
    press(at, "×10")
    for _ in range(100):
        shown = board_of(at)
        if shown["message"]["kind"] == "error":
            break
        time.sleep(0.05)
        at.run()
    assert advice in shown["message"]["text"]
    assert shown["attributes"]["state"] == "stopped"
    assert shown["attributes"]["step"] == "5"
