"""What the web servers of a cluster share, without a cluster: the lobby by itself, and who visits a run by way of which server."""

import asyncio
import pickle

import pytest

from gan_core import RunGone, Runner
from pages.ui import feed
from pages.ui.cluster import attendance, lobby
from pages.ui.cluster.lobby import Lobby, Told
from pages.ui.rooms import room
from pages.ui.rooms.room import HOST, Room
from tests.gan_core.background import SMALL
from tests.pages.test_rooms import Clock, device


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def shared(clock):
    made = Lobby(clock)
    clock.now += 10
    made.beat("one", {}, set(), {})
    made.beat("two", {}, set(), {})
    return made


HERE: dict = {}  # server -> who is there by way of it, as its beats say


def silent(shared, clock, alive="two"):
    """So long that only this server is there."""
    for _ in range(20):
        clock.now += 1
        shared.beat(alive, {}, set(), HERE.get(alive, {}))


def follow(shared, code, have):
    return asyncio.run(shared.follow(code, have))


def look(shared, code):
    return asyncio.run(shared.look(code))


# ---- servers ----


def test_a_server_that_is_silent_is_gone_and_is_a_stranger_when_it_speaks_again(shared, clock):
    assert shared.servers() == {"one", "two"}
    silent(shared, clock)
    assert shared.servers() == {"two"}
    assert not shared.beat("one", {}, set(), {}).known
    assert shared.beat("one", {}, set(), {}).known


def test_the_last_server_that_leaves_is_told_so(shared):
    assert not shared.leave("one")
    assert shared.leave("two")


def test_a_table_that_one_brings_all_get_once(shared):
    table = b"a table"
    shared.beat("one", {"points-1": table}, {"points-1"}, {})
    assert shared.beat("two", {}, set(), {}).tables == {"points-1": table}
    assert shared.beat("two", {}, {"points-1"}, {}).tables == {}
    assert shared.settle(0)[1] == [table]
    shared.learn({f"points-{k}": table for k in range(1000)})
    assert len(shared.beat("three", {}, set(), {}).tables) == 100


# ---- what runs come back from ----


def test_a_process_that_begins_again_gets_the_runs_of_the_one_before(shared):
    assert shared.settle(3)[0] == []
    shared.keep(3, "3-a", Told(0, b"a"))
    assert shared.tell(3, {"3-a", "3-b"}, {"3-b": Told(70, b"b")}) == (True, {"one", "two"})
    assert shared.settle(3)[0] == [b"a", b"b"]
    assert shared.kept_step(3, "3-b") == 70
    assert shared.beat("one", {}, set(), {}).starts == {3: 2}
    shared.tell(3, {"3-b"}, {})
    assert shared.settle(3)[0] == [b"b"]
    assert shared.settle(4)[0] == []


def test_a_lobby_that_begins_anew_says_that_it_knows_no_process(clock):
    assert not Lobby(clock).tell(3, set(), {})[0]


# ---- rooms ----


def opened(shared):
    """A room with its host and one member by way of the first server, another one by way of the second."""
    code = shared.open_room().code
    shared.change(code, Room.host_comes, ("one",))
    shared.change(code, Room.enter, (device(1), "Mina", "one"))
    shared.change(code, Room.enter, (device(2), "Jo", "two"))
    return code


def test_a_change_by_one_server_is_seen_by_the_other(shared):
    code = opened(shared)
    version, found = follow(shared, code, 0)
    assert [seat.name for seat in found.seats.values()] == ["Mina", "Jo"]

    async def wait():
        waiting = asyncio.create_task(shared.follow(code, version))
        await asyncio.sleep(0)
        assert not waiting.done()
        shared.change(code, Room.rename, (device(1), "M. Kim"))
        return await waiting

    later, found = asyncio.run(wait())
    assert later > version
    assert found.seats[device(1)].name == "M. Kim"


def test_what_is_refused_is_refused_and_a_room_that_is_over_is_closed(shared, clock):
    code = opened(shared)
    with pytest.raises(ValueError, match="over"):
        shared.change(code, Room.vote, (device(1), 1, 0))
    shared.change(code, Room.close, ())
    assert look(shared, code) is None
    assert follow(shared, code, 0)[1].is_over  # so that those who are there are told
    assert shared.change(code, Room.enter, (device(3), "", "one")) is None
    shared.beat("one", {}, set(), {})
    assert follow(shared, code, 0) is None


def test_who_came_by_way_of_a_server_that_is_gone_is_away_and_the_room_waits_for_its_host(shared, clock, monkeypatch):
    code = opened(shared)
    before, _ = follow(shared, code, 0)
    monkeypatch.setitem(HERE, "two", {code: {device(2): 1}})
    silent(shared, clock)
    version, found = follow(shared, code, 0)
    assert version > before
    assert (found.present, found.host_is_there, found.is_over) == (1, False, False)
    clock.now += room.KEPT
    shared.beat("two", {}, set(), {})
    assert look(shared, code) is None


def test_a_new_lobby_gets_a_room_from_those_who_are_in_it(shared, clock):
    code = opened(shared)
    shared.change(code, Room.hand, (1, "lr_d"))
    version, found = follow(shared, code, 0)
    anew = Lobby(clock)
    anew.offer(code, version, found, "one", {HOST: 1, device(1): 2})
    later, again = follow(anew, code, version)
    assert later > version
    assert (again.present, again.host_is_there, again.secret) == (
        1,
        True,
        found.secret,
    )  # of the other server nothing is known
    assert again.held == found.held is not None
    anew.offer(code, version + 1, found, "two", {device(2): 1})
    _, again = follow(anew, code, 0)
    assert (again.present, again.seats[device(1)].lines) == (2, 2)
    stale = pickle.loads(pickle.dumps(found))
    stale.close()
    anew.offer(code, version, stale, "two", {})
    assert look(anew, code), "a closed room is no offer, and closes none"


def test_who_is_there_is_put_right_by_the_next_beat(shared):
    code = opened(shared)
    there = {HOST: 1, device(1): 1}
    before, found = follow(shared, code, 0)
    shared.beat("one", {}, set(), {code: there})
    assert follow(shared, code, 0)[0] == before, "nothing is new"
    shared.offer(code, before, found, "one", {})  # said before they came, and heard after
    assert follow(shared, code, 0)[1].present == 1
    shared.beat("one", {}, set(), {code: there | {device(3): 0}})
    _, found = follow(shared, code, 0)
    assert (found.present, found.host_is_there, found.here("one")) == (2, True, there)
    shared.beat("one", {}, set(), {})
    assert follow(shared, code, 0)[1].here("one") == {}


def test_a_new_lobby_waits_for_what_it_is_told_before_it_says_that_there_is_no_such_room(clock):
    room, anew = Room("BCDFG"), Lobby(clock)

    async def visit():
        looking = asyncio.create_task(anew.look("BCDFG"))
        await asyncio.sleep(0.05)
        assert not looking.done()
        anew.offer("BCDFG", 5, room, "one", {})
        assert (await looking)[1].code == "BCDFG"
        nobody = asyncio.create_task(anew.look("XXXXX"))
        await asyncio.sleep(0)
        clock.now += 10
        assert await nobody is None

    asyncio.run(visit())


def test_a_room_goes_on_elsewhere_with_the_time_that_it_had_left(clock, monkeypatch):
    found = Room("BCDFG", clock)
    found.host_comes()
    found.host_leaves()
    clock.now += 590
    there = Clock()
    there.now = 5.0  # another machine, whose clock began at another time
    monkeypatch.setattr(room.time, "monotonic", there)
    copy = pickle.loads(pickle.dumps(found))
    assert (copy.code, copy.secret, copy.is_over) == (found.code, found.secret, False)
    there.now += 9
    assert not copy.is_over
    there.now += 2
    assert copy.is_over


# ---- visitors of a run ----


@pytest.fixture
def runner(monkeypatch):
    made = Runner(workers=1, grace_seconds=1000)
    monkeypatch.setattr(feed, "runner", lambda: made)
    monkeypatch.setattr(attendance, "_here", attendance.defaultdict(dict))
    monkeypatch.setattr(attendance, "_home", {})
    yield made
    made.shutdown()


def test_a_run_has_the_visitors_that_all_servers_say(runner):
    run_id, _ = attendance.begin(SMALL, "one")
    attendance.attend(run_id, "one", 2, 1)
    attendance.attend(run_id, "two", 1, 1)
    assert runner.alone()[run_id] == 0
    attendance.attend(run_id, "one", 2, 1)  # said again, e.g. after a lobby that has forgotten
    attendance.attend(run_id, "one", 0, 0)
    assert runner.alone()[run_id] == 0
    assert attendance.waits(run_id, SMALL, "one")  # who is left only watches
    attendance.attend(run_id, "two", 0, 0)
    assert runner.alone()[run_id] > 0


def test_visitors_of_a_server_that_is_gone_do_not_keep_a_run(runner):
    run_id, _ = attendance.begin(SMALL, "one")
    attendance.attend(run_id, "one", 300, 299)
    attendance.attend(run_id, "two", 1, 1)
    attendance.only({"two"})
    assert runner.alone()[run_id] == 0
    attendance.only(set())
    assert runner.alone()[run_id] > 0
    runner.release(run_id)
    attendance.only({"two"})
    assert not attendance._here
    assert not attendance._home
    with pytest.raises(RunGone):
        attendance.attend(run_id, "two", 1, 0)


def test_a_visitor_who_was_moved_to_another_server_finds_the_run_even_if_the_line_came_first(runner):
    run_id, _ = attendance.begin(SMALL, "one")
    runner.settle(run_id)
    attendance.attend(run_id, "one", 1, 0)
    assert not attendance.waits(run_id, SMALL, "one")  # another tab of the same browser
    attendance.attend(run_id, "two", 1, 0)
    assert not attendance.waits(run_id, SMALL.replace(seed=7), "two")
    assert attendance.waits(run_id, SMALL, "two")
    assert not attendance.waits(run_id, SMALL, "two")  # now it is there


def test_the_lobby_answers_by_name():
    assert lobby.ask("servers") == set()
