"""The small trainings of lessons, where the runs live."""

import time

import pytest
from streamlit.testing.v1 import AppTest

from gan_core.messages import Message
from pages.ui import beside
from pages.ui.limits import TRAININGS_PER_PROCESS
from tests.gan_core.background import wait_for

made = []


class Counting:
    """A training whose step takes a thousandth of a second."""

    def __init__(self):
        made.append(self)
        self.done = 0

    def step(self):
        time.sleep(0.001)
        self.done += 1

    def shown(self):
        return self.done


class Broken:
    """One that cannot be made."""

    def __init__(self):
        raise ValueError(Message("there are no images"))


class Stopping(Counting):
    """One that stops after ten steps."""

    def step(self):
        super().step()
        if self.done > 10:
            raise ArithmeticError(Message("it went wrong at {n}", n=self.done))


def lesson(kind="Counting", steps=400):
    """A page with one training; another kind is another recipe."""
    import streamlit as st

    from pages.ui import lesson_training
    from tests.pages import test_lesson_training as here

    lesson_training.live(
        "x", kind, getattr(here, kind), here.Counting.shown, lambda done: st.metric("done", done), steps=steps
    )


@pytest.fixture
def page():
    """Opens a page: keyword arguments of `lesson`."""
    beside._all.clear()
    made.clear()

    def opened(**named):
        from pages.ui import lesson_training

        lesson_training._beginning.clear()
        return AppTest.from_function(lesson, kwargs=named, default_timeout=30).run()

    yield opened
    for key in list(beside._all):
        beside.end(key)


def done(at):
    assert not at.exception
    return int(at.metric[0].value)


def test_before_anybody_trains_all_see_the_same_beginning(page):
    assert done(page()) == 0
    assert beside._all == {}
    at = AppTest.from_function(lesson, default_timeout=30).run()
    assert done(at) == 0
    assert len(made) == 1


def test_it_goes_on_while_its_button_is_on(page):
    at = page()
    at.button(key="x_play").click().run()
    wait_for(lambda: done(at.run()) > 10)
    assert at.button(key="x_play").label == "Pause"
    at.button(key="x_play").click().run()
    paused = done(at)
    time.sleep(0.1)
    assert done(at.run()) == paused
    at.button(key="x_play").click().run()
    wait_for(lambda: done(at.run()) > paused)
    at.button(key="x_play").click().run()
    at.button(key="x_again").click().run()
    assert done(at) == 0
    assert beside._all == {}


def test_it_ends_by_itself(page):
    at = page(steps=40)
    at.button(key="x_play").click().run()
    wait_for(lambda: at.run().button(key="x_play").label == "Train")
    assert done(at) == 40
    assert at.caption[0].value.startswith("40 steps are done")
    at.button(key="x_play").click().run()
    assert at.button(key="x_play").label == "Train"
    assert done(at) == 40


def test_another_recipe_starts_anew(page):
    at = page()
    at.button(key="x_play").click().run()
    wait_for(lambda: done(at.run()) > 10)
    at.button(key="x_play").click().run()
    (first,) = beside._all
    at.session_state["x_recipe"] = "what was chosen before"
    assert done(at.run()) == 0
    assert first not in beside._all


def test_what_cannot_be_made_says_why(page):
    at = page(kind="Broken")
    assert not at.exception
    assert at.warning[0].value == "there are no images"
    assert not at.metric
    assert beside._all == {}


def test_what_goes_wrong_says_why_and_shows_what_there_is(page):
    at = page(kind="Stopping")
    at.button(key="x_play").click().run()
    wait_for(lambda: at.run().button(key="x_play").label == "Train")
    assert at.warning[0].value == "it went wrong at 11"
    assert done(at) == 11
    at.button(key="x_again").click().run()
    assert not at.warning
    assert done(at) == 0


def test_one_that_was_forgotten_says_so(page):
    at = page()
    at.button(key="x_play").click().run()
    for key in list(beside._all):
        beside.end(key)
    at.run()
    assert "lost" in at.warning[0].value
    assert at.button(key="x_play").label == "Train"
    at.button(key="x_play").click().run()
    assert not at.warning
    wait_for(lambda: done(at.run()) > 10)


def test_a_full_server_gets_a_sentence(page, monkeypatch):
    monkeypatch.setenv(TRAININGS_PER_PROCESS.variable, "1")
    at, other = page(), page()
    at.button(key="x_play").click().run()
    other.button(key="x_play").click().run()
    assert other.warning[0].value.startswith("All 1 places for the trainings of lessons are taken")
    assert other.button(key="x_play").label == "Train"
    assert done(at) >= 0


def test_two_visitors_train_at_the_same_time(page):
    at, other = page(), page()
    for each in (at, other):
        each.button(key="x_play").click().run()
    wait_for(lambda: min(done(at.run()), done(other.run())) > 10)


def test_those_that_nobody_asks_about_are_forgotten(page):
    at = page()
    at.button(key="x_play").click().run()
    (key,) = beside._all
    assert not beside.forget()
    assert beside.how_many() == 1
    beside._all[key][1]._seen_at -= beside.TRAINING.kept + 1
    assert beside.how_many() == 0
    assert beside.forget()
    assert beside._all == {}
