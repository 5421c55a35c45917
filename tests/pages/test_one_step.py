"""The lesson that takes one step apart."""

import pytest

from gan_core.lessons import one_step
from tests.pages.visit import shown, tiles, visit

PATH = "pages/08_one_step.py"
languages = pytest.mark.parametrize("language", ["en", "ko"])


@pytest.fixture(scope="module")
def steps():
    return one_step.record_steps(one_step.TINY, 13)


def to_phase(at, phase):
    next(b for b in at.get("button_group") if b.key == "one_step_phase").set_value(phase).run()
    assert not at.exception


@languages
def test_forward_through_a_step_and_back(language, steps):
    at = visit(PATH, language)
    s = steps[11]
    assert at.slider(key="one_step_step").value == 12
    for phase in range(1, 11):
        assert at.session_state.one_step_phase == phase
        numbers = tiles(at, "one_step")
        assert numbers["d_loss" if phase <= 5 else "g_loss"] == (
            f"{s.d_loss:.3f}" if phase in (4, 5) else f"{s.g_loss:.3f}" if phase >= 9 else "–"
        )
        assert at.code[0].value == one_step.phase_source(phase)
        at.button(key="one_step_forward").click().run()
        assert not at.exception
    assert (at.session_state.one_step_step, at.session_state.one_step_phase) == (13, 1)
    at.button(key="one_step_back").click().run()
    assert (at.session_state.one_step_step, at.session_state.one_step_phase) == (12, 10)
    assert tiles(at, "one_step")["g_loss_after"] == f"{s.g_loss_after:.3f}"


@languages
def test_who_moves_in_which_update(language, steps):
    at = visit(PATH, language)
    to_phase(at, 5)
    numbers = tiles(at, "one_step")
    assert (numbers["d_moved"], numbers["g_moved"]) == (f"{steps[11].d_moved_by[0]:.3f}", "0.000")
    to_phase(at, 10)
    numbers = tiles(at, "one_step")
    assert (numbers["d_moved"], numbers["g_moved"]) == ("0.000", f"{steps[11].g_moved_by[1]:.3f}")


@languages
def test_tables_hold_the_real_numbers(language, steps):
    at = visit(PATH, language)
    s = steps[11]
    assert [list(t.value.columns) for t in at.dataframe] == [["x"], ["z"]]
    to_phase(at, 4)
    real, fake = (t.value for t in at.dataframe)
    assert (real.shape, fake.shape) == ((8, 4), (8, 5))
    assert list(real["D(x)"]) == pytest.approx(list(s.d_real))
    assert list(fake.iloc[:, -1]) == pytest.approx(list(s.slope_fake))
    to_phase(at, 9)
    (fake,) = (t.value for t in at.dataframe)
    assert list(fake.iloc[:, -1]) == pytest.approx(list(s.arrows))


def test_nothing_blue_in_the_turn_of_g():
    at = visit(PATH)
    for phase in range(6, 11):
        to_phase(at, phase)
        assert "$data" not in str(shown(at, "one_step")["panels"])
    to_phase(at, 4)
    assert "$data" in str(shown(at, "one_step")["panels"])


def test_arrows_are_drawn_to_scale(steps):
    at = visit(PATH)
    to_phase(at, 9)
    notes = shown(at, "one_step")["panels"][0]["layout"]["annotations"]
    assert [a["x"] - a["ax"] for a in notes] == pytest.approx(list(2 * steps[11].arrows))  # length 1 is a slope of 0.5


@languages
def test_steps_by_button_slider_and_at_the_ends(language):
    at = visit(PATH, language)
    at.button(key="one_step_next").click().run()
    assert at.slider(key="one_step_step").value == 13
    at.slider(key="one_step_step").set_value(1).run()
    at.button(key="one_step_back").click().run()
    assert (at.session_state.one_step_step, at.session_state.one_step_phase) == (1, 1)
    at.slider(key="one_step_step").set_value(60).run()
    at.button(key="one_step_next").click().run()
    assert (at.session_state.one_step_step, at.session_state.one_step_phase) == (60, 10)
    assert not at.exception


@languages
def test_predictions(language):
    at = visit(PATH, language)
    at.radio(key="one_step_moves").set_value(1).run()
    at.radio(key="one_step_sees").set_value(2).run()
    assert len(at.success) == 2
