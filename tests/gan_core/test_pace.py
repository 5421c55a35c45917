"""How fast a run goes, by a clock that the test moves."""

import pytest

from gan_core import pace
from gan_core.pace import Pace, Shots


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 1000.0

        def monotonic(self):
            return self.now

    made = Clock()
    monkeypatch.setattr(pace, "time", made)
    return made


def take(shots, clock, seconds):
    """A snapshot that takes so long."""
    with shots:
        clock.now += seconds


def test_the_first_snapshot_is_due_at_once_and_the_next_not_too_soon(clock):
    shots = Shots()
    assert shots.wait() <= 0
    take(shots, clock, 0.0)
    assert shots.wait() == pytest.approx(Shots.SOONEST)
    clock.now += Shots.SOONEST
    assert shots.wait() == pytest.approx(0)


@pytest.mark.parametrize(("seconds", "pause"), [(0.001, 0.05), (0.012, 0.1), (0.03, 0.25), (0.2, 0.5)])
def test_snapshots_take_their_share_of_the_time_and_no_more(clock, seconds, pause):
    """Within limits: nobody sees more than 20 a second, and nobody waits longer than 0.5 s."""
    shots = Shots()
    for _ in range(60):
        take(shots, clock, seconds)
        clock.now += shots.wait()
    take(shots, clock, seconds)
    assert shots.wait() == pytest.approx(pause, rel=0.01)
    if Shots.SOONEST < pause < Shots.LATEST:
        assert seconds / pause == pytest.approx(Shots.SHARE, rel=0.01)


def test_one_slow_snapshot_does_not_decide(clock):
    shots = Shots()
    for _ in range(60):
        take(shots, clock, 0.001)
    take(shots, clock, 0.1)
    assert shots.wait() < Shots.LATEST / 2


def test_a_limited_pace_counts_its_steps(clock):
    p = Pace(slice_seconds=0.02)
    p.limit = 10.0
    p.start()
    assert p.take_step()
    assert not p.take_step()
    assert p.wait() == pytest.approx(0.1)
    clock.now += 0.1
    assert p.take_step()
    clock.now += 5.0  # a run that could not keep up does not race afterwards
    assert [p.take_step() for _ in range(4)] == [True, True, False, False]


def test_without_a_limit_a_step_is_always_due(clock):
    p = Pace(slice_seconds=0.02)
    assert all(p.take_step() for _ in range(1000))
    assert p.wait() == 0


def test_the_rate_is_measured_over_about_a_second(clock):
    p = Pace(slice_seconds=0.02)
    for _ in range(200):
        p.measure(2)
        clock.now += 0.02
    assert p.rate == pytest.approx(100, rel=0.05)
    p.rest()
    assert p.rate == 0


def test_in_a_crowd_snapshots_take_no_more_of_all_the_time(clock):
    """Ten runs that share a thread take each a tenth of the snapshots, as far as nobody waits longer than half a second."""
    shots = Shots()
    for _ in range(60):
        take(shots, clock, 0.003)
    assert shots.wait(0.1) == pytest.approx(0.25, rel=0.01)
    assert shots.wait(0.01) == pytest.approx(Shots.LATEST, rel=0.01)
