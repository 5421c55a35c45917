"""A room by itself: who comes in, who is the host, nicknames, codes, and how long it waits."""

import unicodedata

import pytest

from pages.ui.rooms import registry, room
from pages.ui.rooms.nicknames import LONGEST, cleaned
from pages.ui.rooms.registry import ALPHABET, Registry, spelled
from pages.ui.rooms.room import Room, Shown


class Clock:
    """Goes when it is told to."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def found(clock):
    made = Room("BCDFG", clock)
    made.host_comes()
    return made


def device(k):
    return f"device-{k:012d}"


# ---- seats ----


def test_a_device_has_one_seat_however_often_it_comes(found):
    seat = found.enter(device(1), "Mina")
    again = found.enter(device(1))
    assert again is seat
    assert (seat.name, found.present) == ("Mina", 1)
    found.leave(device(1))
    assert found.present == 1  # in another tab
    found.leave(device(1))
    assert found.present == 0
    assert found.enter(device(1)).number == seat.number


def test_nobody_new_comes_into_a_locked_room_and_who_was_there_comes_back(found):
    seat = found.enter(device(1))
    found.leave(device(1))
    found.locked = True
    with pytest.raises(ValueError, match="locked"):
        found.enter(device(2))
    assert found.enter(device(1)) is seat


def test_a_full_room_gives_away_the_seat_of_who_left(found, monkeypatch):
    monkeypatch.setattr(room, "MOST_SEATS", 3)
    seats = [found.enter(device(k)) for k in range(3)]
    with pytest.raises(ValueError, match="full"):
        found.enter(device(3))
    found.hand(seats[1].number, "lr_d")
    found.leave(device(1))
    newcomer = found.enter(device(3))
    assert newcomer.number not in [seat.number for seat in seats]
    assert found.held is None, "the slider is not handed to a stranger"
    assert device(1) not in found.seats


def test_seats_are_five_hundred_at_most(found):
    for k in range(room.MOST_SEATS):
        found.enter(device(k))
    with pytest.raises(ValueError, match="full"):
        found.enter(device(room.MOST_SEATS))
    assert len(found.seats) == found.present == 500


# ---- the host ----


def test_only_the_secret_makes_a_host(found):
    assert found.is_secret(found.secret)
    for forged in ("", found.secret[:-1], found.secret + "x", found.code, None, 7, ["x"], "é", "\ud800"):
        assert not found.is_secret(forged)
    assert Room("BCDFG").secret != Room("BCDFG").secret
    assert len(found.secret) >= 32


def test_a_room_waits_ten_minutes_for_its_host(found, clock):
    found.host_leaves()
    clock.now += 599
    assert not found.is_over
    found.host_comes()
    clock.now += 10_000
    assert not found.is_over  # the host is there
    found.host_leaves()
    clock.now += 601
    assert found.is_over


def test_a_host_with_two_browsers_is_there_until_both_are_gone(found, clock):
    found.host_comes()
    found.host_leaves()
    clock.now += 10_000
    assert found.host_is_there
    assert not found.is_over


def test_a_room_to_which_its_host_never_comes_is_over_after_a_minute(clock):
    new = Room("BCDFG", clock)
    clock.now += 59
    assert not new.is_over
    clock.now += 2
    assert new.is_over


def test_a_slider_is_in_one_hand_and_comes_back_when_another_run_is_shown(found):
    first, second = found.enter(device(1)), found.enter(device(2))
    found.show(Shown("home.py", "run 1"))
    found.hand(first.number, "lr_d")
    found.hand(second.number, "lr_g")
    assert (found.holds(first), found.holds(second)) == ("", "lr_g")
    found.show(Shown("home.py", "run 1", look={"at": 3}))
    assert found.holds(second) == "lr_g"
    found.show(Shown("home.py", "run 2"))
    assert found.holds(second) == ""
    for nobody in (99, "1", None, True and "x"):
        with pytest.raises(ValueError, match="Nobody sits there"):
            found.hand(nobody, "lr_d")


# ---- the registry ----


def test_codes_are_five_letters_that_none_mistakes(clock):
    rooms = Registry(clock)
    codes = [rooms.open().code for _ in range(50)]
    assert len(set(codes)) == 50
    assert all(len(code) == 5 and set(code) <= set(ALPHABET) for code in codes)
    assert not set("AEIOUYL0123456789") & set(ALPHABET)


@pytest.mark.parametrize("typed", ["{}", " {} ", "{}\n", "{}."])
def test_a_code_is_found_however_it_is_typed(clock, typed):
    rooms = Registry(clock)
    made = rooms.open()
    assert rooms.find(typed.format(made.code.lower())) is made
    assert rooms.find("-".join(made.code)) is made


@pytest.mark.parametrize("typed", ["", "BCDF", "BCDFGH", None, 5, "é" * 1000, "\x00", "../BCDFG", {"a": 1}])
def test_what_is_no_code_finds_nothing(clock, typed):
    assert Registry(clock).find(typed) is None
    assert set(spelled(typed)) <= set(ALPHABET)


def test_a_server_has_so_many_rooms_and_no_more_until_some_are_over(clock):
    rooms = Registry(clock)
    made = [rooms.open() for _ in range(registry.MOST)]
    with pytest.raises(ValueError, match="rooms of this server are taken"):
        rooms.open()
    made[0].close()
    assert rooms.open().code
    assert rooms.find(made[0].code) is None
    clock.now += room.ARRIVAL + 1
    assert len(rooms) == 0
    assert rooms.open()


# ---- nicknames ----

NAMES = {
    "Mina": "Mina", "  Mina   Kim ": "Mina Kim", "민아": "민아", "Zoë": "Zoë", "Zoe\u0308": "Zoë", "🎭": "🎭", "👩‍🔬": "👩‍🔬",
    "<script>alert(1)</script>": "<script>alert(1)</script"[:LONGEST], "\u202eanim": "anim", "a\u200bb": "ab",
    "a\nb\tc": "a b c", "\x00\x1b[31mred": "[31mred", "": "", " \u200d ": "", "\ufe0f": "", "\u0301\u0301": "",
    "a" + "\u0301" * 50: "á\u0301\u0301"[:3], "x" * 10_000: "x" * LONGEST, "\ud800x": "x", "\u2066a\u2069": "a",
}  # fmt: skip


@pytest.mark.parametrize(("typed", "shown"), NAMES.items(), ids=range(len(NAMES)))
def test_a_nickname_is_one_harmless_line(typed, shown):
    assert cleaned(typed) == shown
    assert cleaned(cleaned(typed)) == cleaned(typed)


@pytest.mark.parametrize("typed", [None, 7, True, ["a"], {"a": 1}, 1.5])
def test_what_is_no_text_is_no_nickname(typed):
    assert cleaned(typed) == ""


def test_no_character_of_any_kind_gets_a_nickname_to_misbehave():
    for first in range(0, 0x11_0000, 97):
        name = cleaned("".join(map(chr, range(first, min(first + 97, 0x11_0000)))))
        assert len(name) <= LONGEST
        assert not any(unicodedata.category(c) in ("Cc", "Cs", "Co") for c in name)
        assert not any(c in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f" for c in name)
        name.encode()


def test_a_name_that_is_none_leaves_the_one_before(found):
    seat = found.enter(device(1), "Mina")
    found.rename(device(1), "\u200b")
    assert seat.name == "Mina"
    found.rename(device(1), "M. Kim")
    assert seat.name == "M. Kim"
