"""The rows of a history: bounded, even, and copies."""

import math

import numpy as np
import pytest

from gan_core.history import History


@pytest.mark.parametrize(("capacity", "stride"), [(10, 1), (7, 3), (400, 20)])
def test_history_is_bounded_and_even(capacity, stride):
    history = History(("step", "value"), capacity, stride)
    lengths = []
    for step in range(5000):
        if history.wants(step):
            history.append(step=step, value=-step)
        lengths.append(len(history))
        steps = history.arrays()["step"]
    assert max(lengths) <= capacity
    assert len(history) >= min(capacity // 2, 5000 // stride)
    assert steps[0] == 0
    assert np.all(np.diff(steps) == history.stride)  # hence monotone, and multiples of the stride
    assert steps[-1] > 4999 - history.stride
    np.testing.assert_array_equal(history.arrays()["value"], -steps)


def test_every_other_row_goes():
    history = History(("step", "value"), capacity=4, stride=1)
    for step in range(5):
        history.append(step=step, value=10 * step)
    assert history.arrays()["value"].tolist() == [0, 20, 40]
    assert [step for step in range(5, 10) if history.wants(step)] == [6, 8]


def loaded(steps, capacity, stride, columns=("step", "value")):
    history = History(columns, capacity, stride)
    history.load({"value": -np.asarray(steps, dtype=float), "step": np.asarray(steps, dtype=float)})
    return history


@pytest.mark.parametrize(
    ("steps", "capacity", "stride", "kept", "grown"),
    [
        ([0, 20, 40], 400, 20, [0, 20, 40], 20),
        ([0, 200, 400], 400, 20, [0, 200, 400], 20),  # sparse rows may stay as they are
        ([], 400, 20, [], 20),
        (range(0, 200, 20), 10, 20, range(0, 200, 20), 20),
        (range(0, 220, 20), 10, 20, range(0, 220, 40), 40),  # one too many
        (range(0, 2000, 20), 10, 20, range(0, 2000, 320), 320),
        ([0, 10, 20, 30, 40], 400, 20, [0, 40], 40),  # denser than a history is
        ([0, 3], 400, 20, [0], 40),
    ],
)
def test_a_loaded_history_is_bounded_and_even(steps, capacity, stride, kept, grown):
    history = loaded(steps, capacity, stride)
    assert history.arrays()["step"].tolist() == list(kept)
    np.testing.assert_array_equal(history.arrays()["value"], -history.arrays()["step"])
    assert list(history.arrays()) == ["step", "value"]
    assert history.stride == grown
    assert len(history) <= capacity


def test_a_loaded_history_replaces_the_rows_and_goes_on():
    history = History(("step", "value"), capacity=6, stride=10)
    history.append(step=0, value=99)
    history.load({"step": np.arange(0, 60, 10.0), "value": np.arange(6.0)})
    assert history.arrays()["value"].tolist() == [0, 1, 2, 3, 4, 5]
    for step in range(60, 200):
        if history.wants(step):
            history.append(step=step, value=step / 10)
    curves = history.arrays()
    np.testing.assert_array_equal(curves["step"], 10 * curves["value"])
    assert np.all(np.diff(curves["step"]) == history.stride)
    assert len(history) <= 6


def test_what_is_loaded_is_a_copy():
    values = {"step": np.array([0.0, 20.0]), "value": np.array([1.0, math.nan])}
    history = History(("step", "value"))
    history.load(values)
    values["value"][0] = 99
    np.testing.assert_array_equal(history.arrays()["value"], [1, math.nan])
    assert values["step"].tolist() == [0, 20]


def test_history_arrays_are_copies():
    history = History(("step", "value"), stride=1)
    assert history.arrays()["value"].shape == (0,)
    history.append(step=0, value=1.5)
    history.arrays()["value"][0] = 99
    assert history.arrays()["value"].tolist() == [1.5]
