"""Twins on the pages: by a link, by the menu, from the gallery and from the lesson."""

import pytest

from gan_core import PRESETS, TrainConfig
from pages.ui import twin_link
from pages.ui.feed import runner
from tests.pages.board import board_of, slide, visit

SMALL = {"width": "8", "depth": "1", "batch_size": "32"}
CURES = [preset for preset in PRESETS.values() if preset.cures]


def run_of(at):
    return runner().run(at.session_state["live_1d"]["run"])


def settled(at):
    run = run_of(at)
    run.settle()
    return run


def test_a_link_starts_twins():
    at = visit("pages/09_train_1d.py", **SMALL, twin="loss:minimax,lr_d:0.001")
    assert not at.warning
    run = settled(at)
    assert run.twin.config == run.config.replace(loss="minimax", lr_d=0.001)
    shown = board_of(at)
    assert shown["twins"]["names"] == ["A", "B"]
    assert shown["link"]["twin"] == "loss:minimax,lr_d:0.001"
    assert next(s for s in shown["twins"]["sliders"] if s["field"] == "lr_d")["value"] == 0.001
    assert shown["ghost"]["race"]["names"] == ["A", "B"]
    assert any("0.008 / 0.001" in text for text in shown["ghost"]["race"]["differs"])


def test_the_same_link_does_not_start_them_again():
    at = visit("pages/09_train_1d.py", **SMALL, twin="loss:minimax")
    run = settled(at)
    run.step(20)
    run.settle()
    slide(at, "lr_g", 1e-3)
    at.run()
    assert run_of(at) is run
    assert run.settle().step == 20


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [("nonsense:1", "nonsense is not a setting"), ("lr_g:99", "lr_g = '99' is not possible"), ("seed:3", "Twins share"),
     ("loss", "loss = "), (":::", "is not a setting")],
)  # fmt: skip
def test_a_wrong_link_says_what_is_wrong(asked, sentence):
    at = visit("pages/09_train_1d.py", **SMALL, twin=asked)
    assert not at.exception
    assert any(sentence in warning.value for warning in at.warning), [w.value for w in at.warning]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_menu_starts_twins(language):
    at = visit("pages/09_train_1d.py", **SMALL, lang=language)
    chooser = next(m for m in at.multiselect if m.key.endswith("_fields"))
    chooser.set_value(["lr_d"]).run()
    start = next(b for b in at.button if b.key.endswith("_start"))
    assert start.disabled
    slider = next(s for s in at.select_slider if s.key.endswith("_b_lr_d"))
    slider.set_value(0.001).run()
    start = next(b for b in at.button if b.key.endswith("_start"))
    assert not start.disabled
    start.click().run()
    assert not at.exception
    run = settled(at)
    assert run.twin.config == run.config.replace(lr_d=0.001)


@pytest.mark.parametrize("cure", CURES, ids=lambda preset: preset.key)
def test_a_cure_and_its_failure_are_twins_by_link(cure):
    failing = PRESETS[cure.cures].config
    link = failing.to_params() | {twin_link.NAME: twin_link.written(failing, cure.config)}
    config = TrainConfig.from_params(link)
    problems = []
    differing = twin_link.read(link[twin_link.NAME], config, problems)
    assert problems == []
    assert config == failing
    assert config.replace(**differing) == cure.config


def test_twins_that_differ_in_nothing_have_a_link_too():
    config = TrainConfig()
    assert twin_link.written(config, config) == "same"
    assert twin_link.read("same", config, []) == {}
    assert twin_link.read("", config, []) is None
