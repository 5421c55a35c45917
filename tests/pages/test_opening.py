"""Opening a recording of a file on a live page: to look at and play on from, or as the ghost; and what is refused."""

import pytest

from gan_core import Run, recording_file
from tests.gan_core.background import DIGITS, SMALL
from tests.pages.board import board_of, run_of, visit
from tests.pages.test_controls import PAGES

CONFIGS = {"line": SMALL.replace(seed=7), "plane": SMALL.replace(target="ring_8", latent_dim=2), "images": DIGITS}
STEPS = 12


@pytest.fixture(scope="module")
def files():
    """Kind -> the bytes of a recording of so many steps."""
    found = {}
    for kind, config in CONFIGS.items():
        turns = []
        run = Run(config, schedule=turns.append)
        for question in (lambda run=run: run.step(STEPS), lambda: None):
            question()
            while turns:
                turns.pop(0)()
        tape = run.tape()
        while turns:
            turns.pop(0)()
        found[kind] = recording_file.dumps(tape.result(1))
    return found


def hand(at, data):
    """Choose a file on the page."""
    next(w for w in at.file_uploader if w.key.endswith("_recording")).set_value(("run.gan", data, "")).run()
    assert not at.exception


def press(at, label):
    next(button for button in at.button if button.label == label).click().run()
    assert not at.exception


@pytest.mark.parametrize("kind", PAGES)
def test_a_recording_opens_at_its_end_and_plays_on(files, kind):
    at = visit(PAGES[kind])
    hand(at, files[kind])
    assert run_of(at).config.seed != 7  # choosing a file changes nothing yet
    press(at, "Look at it and play on")
    run = run_of(at)
    shown = board_of(at)
    assert (shown["attributes"]["step"], shown["attributes"]["state"]) == (str(STEPS), "paused")
    assert run.config == CONFIGS[kind]
    assert run.recording.steps[0] == 0
    run.step(3)
    assert run.settle().step == STEPS + 3
    assert not at.warning


def test_a_recording_becomes_the_ghost(files):
    at = visit(PAGES["line"])
    before = run_of(at).config
    hand(at, files["line"])
    press(at, "Compare with it, as the ghost")
    assert [m.value for m in at.success] == ["It is the ghost of the stage now."]
    assert board_of(at)["ghost"]["last"] == STEPS
    assert run_of(at).config == before


def test_a_recording_of_another_page_names_it(files):
    at = visit(PAGES["line"])
    before = run_of(at).config
    hand(at, files["plane"])
    press(at, "Look at it and play on")
    assert [w.value for w in at.warning] == ["This recording is of another page: open it there."]
    assert any(link.proto.page.endswith("train_2d") for link in at.get("page_link"))
    assert run_of(at).config == before


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: b"GIF89a", lambda data: data[:-500]])
def test_what_is_no_recording_gets_a_sentence(files, damage, language):
    at = visit(PAGES["line"], lang=language)
    before = run_of(at).config
    hand(at, damage(files["line"]))
    press(at, {"en": "Look at it and play on", "ko": "보고 이어서 재생"}[language])
    (warning,) = at.warning
    assert {"en": "cannot be opened", "ko": "열 수 없습니다"}[language] in warning.value
    assert run_of(at).config == before
