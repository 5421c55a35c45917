"""The queue of turns: in the order they came, and whoever is in a hurry first."""

import threading

import pytest

from gan_core.turns import Turns


@pytest.fixture
def turns():
    made = Turns(1)
    yield made
    made.shutdown()


@pytest.fixture
def busy(turns):
    """The one worker is at work until this is set."""
    done, begun = threading.Event(), threading.Event()
    turns.put(lambda: (begun.set(), done.wait(20)))
    assert begun.wait(20)
    yield done
    done.set()


def served(turns, done):
    """Let the worker go on until the last of the turns that wait."""
    end = threading.Event()
    turns.put(end.set)
    done.set()
    assert end.wait(20)


def test_turns_are_served_in_the_order_they_came(turns, busy):
    order = []
    for i in range(5):
        turns.put(lambda i=i: order.append(i))
    served(turns, busy)
    assert order == [0, 1, 2, 3, 4]


def test_a_turn_in_a_hurry_comes_first_and_once(turns, busy):
    order = []
    all_of_them = [lambda i=i: order.append(i) for i in range(5)]
    for turn in all_of_them:
        turns.put(turn)
    turns.hurry(all_of_them[3])
    turns.hurry(lambda: order.append("never asked for"))
    served(turns, busy)
    assert order == [3, 0, 1, 2, 4]


def test_the_share_is_that_of_those_who_want_some(turns, busy):
    assert turns.share() == 1
    for _ in range(3):
        turns.put(lambda: None)  # each is another one
    assert turns.share() == 0.25


def test_a_turn_that_fails_does_not_take_the_worker_along(turns, monkeypatch):
    monkeypatch.setattr(threading, "excepthook", lambda args: None)

    def fail():
        raise ValueError

    turns.put(fail)
    done = threading.Event()
    turns.put(done.set)
    assert done.wait(20)


def test_after_the_end_nothing_is_taken():
    turns = Turns(2)
    turns.shutdown()
    with pytest.raises(RuntimeError, match="no more turns"):
        turns.put(lambda: None)
