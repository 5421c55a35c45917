"""Waiting for a process that takes the place of one that has ended."""

import pytest

from pages.ui import elsewhere
from pages.ui.elsewhere import PATIENCE, patiently
from pages.ui.relay import WorkerDied


class Clock:
    """Time that passes while somebody sleeps."""

    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(elsewhere, "time", made)
    monkeypatch.setattr(elsewhere, "_given_up", {})
    return made


def dead():
    raise WorkerDied


def test_it_asks_again_until_another_process_is_there(clock):
    back = clock.now + PATIENCE / 2
    assert patiently(3, lambda: "here" if clock.now > back else dead()) == "here"


def test_where_none_comes_only_the_first_waits(clock):
    begun = clock.now
    with pytest.raises(WorkerDied):
        patiently(3, dead)
    waited = clock.now - begun
    assert PATIENCE < waited < PATIENCE + 1
    for _ in range(3):
        with pytest.raises(WorkerDied):
            patiently(3, dead)
    assert clock.now - begun == waited


def test_of_another_process_nobody_has_given_up(clock):
    with pytest.raises(WorkerDied):
        patiently(3, dead)
    begun = clock.now
    with pytest.raises(WorkerDied):
        patiently(None, dead)
    assert clock.now - begun > PATIENCE


def test_one_that_has_come_after_all_is_waited_for_the_next_time(clock):
    with pytest.raises(WorkerDied):
        patiently(3, dead)
    assert patiently(3, lambda: "here") == "here"
    begun = clock.now
    with pytest.raises(WorkerDied):
        patiently(3, dead)
    assert clock.now - begun > PATIENCE


def test_after_a_while_somebody_waits_again(clock):
    with pytest.raises(WorkerDied):
        patiently(3, dead)
    clock.now += PATIENCE + 1
    begun = clock.now
    with pytest.raises(WorkerDied):
        patiently(3, dead)
    assert clock.now - begun > PATIENCE
