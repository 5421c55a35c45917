"""Links full of rubbish, and experiments too dear for a server, on the live pages: sentences, never a traceback."""

import random

import pytest

from gan_core import TrainConfig
from gan_core.config import SETTINGS
from gan_core.cost import Budget, estimate
from pages.ui import controls, feed, live
from pages.ui.text import catalogue
from tests.gan_core.hostile import rubbish
from tests.gan_core.test_cost import MONSTER
from tests.pages.board import address, board_of, press, run_of, slide, slider, step_to, visit, widget
from tests.pages.test_controls import PAGES


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("kind", PAGES)
def test_an_unknown_name_gets_a_sentence_with_the_nearest_known_one(kind, language):
    at = visit(PAGES[kind], lang=language, learning_rate_of_g="0.001", dropuot="0.5", zzzzzz="1")
    says = [w.value for w in at.warning]
    for sentence, values in (
        ("{name} is not a setting; did you mean {nearest}?", {"name": "learning_rate_of_g", "nearest": "lr_g"}),
        ("{name} is not a setting; did you mean {nearest}?", {"name": "dropuot", "nearest": "dropout"}),
        ("{name} is not a setting, and is left out", {"name": "zzzzzz"}),
    ):
        assert (sentence if language == "en" else catalogue()[sentence]).format(**values) in says


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_link_too_dear_is_lowered_and_says_to_what(language):
    at = visit(PAGES["plane"], lang=language, **MONSTER.to_params())
    shown = board_of(at)
    config = TrainConfig.from_params(MONSTER.to_params())
    said = [w.value for w in at.warning]
    assert said
    for field in ("width", "batch_size", "depth", "latent_dim", "d_steps"):
        now = (
            slider(at, field)["value"] if SETTINGS[field].group == "sliders" else widget(at.select_slider, field).value
        )
        assert now <= getattr(config, field)
        if now < getattr(config, field):  # what is said is what is there
            of_field = [s for s in said if f"{field} = {getattr(config, field)}" in s]
            assert len(of_field) == 1
            assert (f"Lower it to {now}" if language == "en" else f"{now}(으)로") in of_field[0]
            config = config.replace(**{field: now})
    assert config != MONSTER
    assert Budget().allows(estimate(config))
    assert shown["attributes"]["step"] == "0"
    press(at, "Step ×1")
    step_to(at, 1)


def test_a_slider_that_makes_it_too_dear_is_refused_and_goes_back(monkeypatch):
    at = visit(PAGES["plane"])
    config = run_of(at).config
    budget = Budget(seconds=1.2 * estimate(config).seconds)
    monkeypatch.setattr(live, "BUDGET", budget)
    monkeypatch.setattr(feed.runner(), "budget", budget)
    widget(at.select_slider, "width").set_value(256).run()
    assert not at.exception
    assert any("width = 256 asks too much of this server" in w.value for w in at.warning)
    assert widget(at.select_slider, "width").value == config.width == 64
    with pytest.raises(ValueError, match="d_steps = 10 asks too much of this server"):
        slide(at, "d_steps", 10)  # it acts on a running training
    assert slider(at, "d_steps")["value"] == config.d_steps
    assert run_of(at).config == config
    widget(at.select_slider, "width").set_value(32).run()
    assert not at.warning
    assert address(at)["width"] == "32"


@pytest.mark.parametrize("kind", PAGES)
def test_settings_without_a_target_are_those_of_the_first_experiment_of_the_page(kind):
    at = visit(PAGES[kind], dropout="0.25", g_activation="tanhh")
    (says,) = [w.value for w in at.warning]
    assert says.startswith("g_activation = 'tanhh' is not possible")
    shown = run_of(at).config
    assert (shown.kind, shown.dropout) == (kind, 0.25)
    first = controls.default_preset(kind)
    assert (shown.d_steps, shown.latent_dim) == (first.d_steps, first.latent_dim)


def test_images_too_dear_are_lowered():
    at = visit(PAGES["images"], target="digits", architecture="note", latent_dim="100", batch_size="8192", d_steps="20")
    assert any("asks too much of this server" in w.value for w in at.warning)
    assert Budget().allows(estimate(run_of(at).config))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(66))
def test_no_link_breaks_a_page(seed):
    rng = random.Random(seed)
    kind = list(PAGES)[seed % 3]
    names = rng.sample(list(SETTINGS), rng.randrange(1, 6))
    query = {name: rubbish(rng) for name in names}
    if rng.random() < 0.3:
        query[rubbish(rng) or "x"] = rubbish(rng)
    # as a server decodes an address: half a surrogate pair does not come through one
    query = {k.encode("utf-8", "replace").decode(): v.encode("utf-8", "replace").decode() for k, v in query.items()}
    if kind == "images":
        query["target"] = "digits"
    language = rng.choice(["en", "ko"])
    at = visit(PAGES[kind], lang=language, **query)
    assert not at.exception
    assert not at.error
    press(at, "×10")
    assert not at.exception
    assert board_of(at)["panels"]
