"""Trainings that lessons go on with in slices."""

import time

import pytest

from pages.ui import slices


class Counting:
    """A training whose step takes a thousandth of a second."""

    def __init__(self):
        self.done = 0

    def step(self):
        time.sleep(0.001)
        self.done += 1


def test_a_slice_ends_with_its_time_or_its_steps():
    now = Counting()
    assert slices.advance(now, 10, 5) == now.done == 5
    assert 1 <= slices.advance(now, 0.02, 10_000) <= 21


def test_one_slice_at_a_time():
    now = Counting()
    with slices._AT_WORK:
        assert slices.advance(now, 10, 5) == 0
    assert slices.advance(now, 10, 5) == 5


def test_a_step_that_fails_does_not_block_the_others():
    class Failing:
        def step(self):
            raise ArithmeticError

    with pytest.raises(ArithmeticError):
        slices.advance(Failing(), 1, 1)
    assert slices.advance(Counting(), 10, 1) == 1


def test_a_visitor_who_moves_a_slider_right_after_a_slice_waits_for_no_other(monkeypatch):
    now, state = Counting(), {}
    monkeypatch.setattr(slices.st, "session_state", state)
    state["x_on"] = True
    drawn = []
    for _ in range(3):
        slices._slice("x", "recipe", lambda: now, lambda t: drawn.append(t.done), 100, 0.01)
    assert drawn[0] > 0
    assert drawn == [drawn[0]] * 3
    state["x_ended"] -= 2 * slices.REST
    slices._slice("x", "recipe", lambda: now, lambda t: drawn.append(t.done), 100, 0.01)
    assert drawn[3] > drawn[0]
