"""The queue of turns: by the time that each has had, and whoever is in a hurry first."""

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


class Crowd:
    """Actors who want to be served for ever, in one thread and by a clock of their own.

    Attributes:
        had: name -> seconds. order: of the names.
    """

    def __init__(self, until):
        self.now, self.had, self.order, self._until = 0.0, {}, [], until
        self.turns, self._end = Turns(1, clock=lambda: self.now), threading.Event()

    def actor(self, name, seconds, first=lambda: None):
        def turn():
            first()
            self.now += seconds
            self.had[name] = self.had.get(name, 0.0) + seconds
            self.order.append(name)
            if self.now < self._until:
                self.turns.put(turn)  # as a run does: before its turn has ended
            else:
                self._end.set()

        return turn

    def serve(self, *actors):
        gate = threading.Event()
        self.turns.put(gate.wait)
        for turn in actors:
            self.turns.put(turn)
        gate.set()
        assert self._end.wait(20)
        self.turns.shutdown()


def test_turns_are_fair_by_time_and_not_by_number():
    """A wide network, whose single step lasts as long as forty turns of a small one, gets no more than its share."""
    crowd = Crowd(until=80.0)
    crowd.serve(crowd.actor("wide", 0.8), *(crowd.actor(f"small {i}", 0.02) for i in range(3)))
    assert crowd.had == pytest.approx(dict.fromkeys(crowd.had, 20.0), abs=0.85)  # as exact as one turn of the widest
    assert len(crowd.had) == 4


def test_equal_turns_go_round():
    crowd = Crowd(until=20.0)
    crowd.serve(*(crowd.actor(name, 1.0) for name in "abcd"))
    assert "".join(crowd.order[:16]) == "abcd" * 4


def test_time_that_was_not_asked_for_is_not_saved_up():
    """Who comes late, or comes back, shares from then on, and does not shut out those who were there."""
    crowd = Crowd(until=20.0)
    late = crowd.actor("late", 0.1)

    def let_it_come():
        if len(crowd.order) == 100:
            crowd.turns.put(late)

    crowd.serve(crowd.actor("early", 0.1, first=let_it_come))
    after = crowd.order[101:]
    assert after.count("early") == pytest.approx(after.count("late"), abs=2)
    assert "late" in after


def test_a_hurry_is_paid_for():
    crowd = Crowd(until=40.0)
    hasty = crowd.actor("hasty", 0.1)
    crowd.serve(hasty, crowd.actor("patient", 0.1, first=lambda: crowd.turns.hurry(hasty)))
    assert crowd.had["hasty"] == pytest.approx(crowd.had["patient"], abs=0.3)


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
