"""One visitor cannot have it all: runs per visitor and per address, lines per run and per address."""

import pytest

from gan_core import Runner, RunnerFull
from pages.ui import admission, census, feed, frame, keepsakes, limits, line
from pages.ui.limits import LINES_PER_ADDRESS, LINES_PER_RUN, RUNS_PER_ADDRESS, RUNS_PER_VISITOR
from pages.ui.text import speaking, tr_message
from tests.gan_core.background import SMALL
from tests.pages.visit import visit
from tests.pages.visitors import house


@pytest.fixture
def runner(monkeypatch):
    made = Runner(workers=1)
    monkeypatch.setattr(feed, "runner", lambda: made)
    monkeypatch.setattr(census, "_addresses", {})
    yield made
    made.shutdown()


def begin(mine=(), address=None):
    return admission.begin(SMALL, mine, address)


def test_the_oldest_run_that_is_deserted_gives_way(runner, monkeypatch):
    monkeypatch.setenv("GAN_RUNS_PER_VISITOR", "3")
    mine = []
    for _ in range(3):
        mine.append(begin(mine))
    runner.attach(mine[0])  # somebody is there
    newcomer = begin(mine)
    assert [run_id in runner for run_id in (*mine, newcomer)] == [True, False, True, True]


def test_a_visitor_whose_runs_are_all_open_gets_no_other_one(runner, monkeypatch):
    monkeypatch.setenv("GAN_RUNS_PER_VISITOR", "2")
    mine = [begin(), begin()]
    for run_id in mine:
        runner.attach(run_id)
    with pytest.raises(RunnerFull, match="You have 2 trainings open") as refused:
        begin([*mine, *mine, "gone long ago"])
    with speaking("ko"):
        assert "2개" in tr_message(refused.value.args[0])
    assert begin() in runner  # another visitor does


def test_runs_of_others_are_never_touched(runner, monkeypatch):
    monkeypatch.setenv("GAN_RUNS_PER_VISITOR", "1")
    others = [begin() for _ in range(5)]
    mine = begin([runner.watch_key(others[0])])  # a key to watch is not one to command
    begin([mine])
    assert mine not in runner
    assert all(run_id in runner for run_id in others)


def test_an_address_has_so_many_until_some_are_gone(runner, monkeypatch):
    monkeypatch.setenv("GAN_RUNS_PER_ADDRESS", "3")
    first, *_ = (begin(address="192.0.2.7") for _ in range(3))
    with pytest.raises(RunnerFull, match="from your network") as refused:
        begin(address="192.0.2.7")
    with speaking("ko"):
        assert "3개" in tr_message(refused.value.args[0])
    begin(address="192.0.2.8")
    runner.release(first)
    begin(address="192.0.2.7")
    assert sorted(census._addresses.values()) == 3 * ["192.0.2.7"] + ["192.0.2.8"]


def test_a_run_that_gives_way_makes_room_at_its_address(runner, monkeypatch):
    monkeypatch.setenv("GAN_RUNS_PER_ADDRESS", "2")
    monkeypatch.setenv("GAN_RUNS_PER_VISITOR", "2")
    mine = [begin(address="192.0.2.7") for _ in range(2)]
    assert begin(mine, "192.0.2.7") in runner


def test_a_run_that_comes_back_is_still_of_its_address(runner, monkeypatch):
    monkeypatch.setenv("GAN_RUNS_PER_ADDRESS", "1")
    run_id = begin(address="192.0.2.7")
    keepsakes.forget_what_was_sent()
    (kept,) = keepsakes.keepsakes()
    runner.release(run_id)
    assert census.living("192.0.2.7").of_address == 0
    keepsakes.revive(kept)
    with pytest.raises(RunnerFull, match="from your network"):
        begin(address="192.0.2.7")


@pytest.mark.parametrize("address", [None, "127.0.0.1", "::1", "127.0.5.3", "::ffff:127.0.0.1"])
def test_the_machine_itself_has_no_limit(runner, monkeypatch, address):
    monkeypatch.setenv("GAN_RUNS_PER_ADDRESS", "1")
    assert {begin(address=address), begin(address=address)} <= set(runner.alone())
    assert census._addresses == {}


def test_an_address_is_the_same_on_both_kinds_of_sockets():
    assert limits.outside("::ffff:192.0.2.7") == limits.outside("192.0.2.7") == "192.0.2.7"


def test_addresses_without_runs_are_forgotten(runner):
    for i in range(5):
        runner.release(begin(address=f"192.0.2.{i}"))
    begin(address="192.0.2.99")
    assert list(census._addresses.values()) == ["192.0.2.99"]


# ---- lines ----


@pytest.mark.parametrize("variable", [LINES_PER_RUN.variable, LINES_PER_ADDRESS.variable])
def test_lines_are_as_many_as_there_may_be(monkeypatch, variable):
    monkeypatch.setenv(variable, "2")
    with house(monkeypatch) as server:
        key = server.create()
        with server.open(key) as one:
            with server.open(key) as other:
                assert one.see()["version"] == other.see()["version"]
                assert server.code(key) == line.TOO_MANY
            with server.open(key) as next_one:
                assert next_one.see()
        assert not limits.LINES.count


def test_a_full_run_leaves_others_alone(monkeypatch):
    monkeypatch.setenv(LINES_PER_RUN.variable, "1")
    with house(monkeypatch) as server:
        keys = server.create(), server.create()
        with server.open(keys[0]) as one, server.open(keys[1]) as other:
            assert one.see()
            assert other.see()
            watch = server.runner.watch_key(keys[0])
            assert server.code(watch) == line.TOO_MANY  # watchers count, too


@pytest.mark.parametrize(("asked", "value"), [("9", 9), ("", 6), ("many", 6), ("0", 1), ("-3", 6), ("٣", 6)])
def test_a_limit_is_what_the_environment_says_if_that_is_a_number(monkeypatch, asked, value):
    monkeypatch.setenv(RUNS_PER_VISITOR.variable, asked)
    assert RUNS_PER_VISITOR.value == value
    assert RUNS_PER_ADDRESS.value == 60


# ---- on a page ----


def test_a_visitor_is_told_in_both_languages_that_all_runs_are_taken(runner, monkeypatch):
    """The runs of other tabs come by the browser's cookie."""
    monkeypatch.setenv("GAN_RUNS_PER_VISITOR", "1")
    other_tab = begin()
    runner.attach(other_tab)
    monkeypatch.setattr(frame, "runs_of_browser", lambda: [other_tab])
    for language, says in (("en", "You have 1 trainings open"), ("ko", "학습 1개를")):
        page = visit("pages/09_train_1d.py", language)
        assert any(says in warning.value for warning in page.warning)
        assert list(runner.alone()) == [other_tab]
