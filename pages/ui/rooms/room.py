"""A room: who is there, what the host shows to them, who holds which slider, and what they are asked.

Whoever keeps the room calls its methods one at a time; see `hub` for the sockets of those who are there.
"""

import csv
import io
import secrets
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gan_core.messages import Message
from pages.ui.rooms import nicknames
from pages.ui.rooms.poll import Poll, Question

MOST_SEATS, MOST_POLLS = 500, 100
KEPT = 600.0  # seconds that a room waits for its host
ARRIVAL = 60.0  # seconds that a new room waits for the first time
HOST = "host"  # in the place of a device, none of which is called so: they have 16 characters


@dataclass
class Seat:
    """Somebody in the room: a device, no account.

    Attributes:
        number: what others know it by. name: at most a nickname. at: web server -> open sockets of the device there.
    """

    number: int
    device: str
    name: str = ""
    at: Counter[str] = field(default_factory=Counter)

    @property
    def lines(self) -> int:
        """Open sockets of the device."""
        return self.at.total()


@dataclass(frozen=True)
class Shown:
    """What the host has on screen.

    Attributes:
        page: its path. run: id of the live run that was shown last, "" without. run_page: where. watch: key to watch it.
        look: what the host sees of it, as a line understands it.
    """

    page: str = ""
    run: str = ""
    run_page: str = ""
    watch: str = ""
    look: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Held:
    """A slider in the hand of a seat: `field` of the config."""

    seat: int
    field: str


class Room:
    """One room. It can be pickled, and goes on elsewhere with as much time as it had left.

    Where several web servers share it, `server` is the name of the one by way of which somebody comes, or leaves.

    Args:
        code: its name, which everybody may know. now: a clock that never goes back, seconds.

    Attributes:
        secret: who knows it is the host. shown: see `Shown`. lead: whether all go along to the page that the host opens.
        locked: whether nobody new may come. closed: whether it is over. seats: device -> seat. poll: the one that is on
            all screens, or None. held: a slider that a seat holds, or None.
    """

    def __init__(self, code: str, now: Callable[[], float] = time.monotonic):
        self.code, self.secret = code, secrets.token_urlsafe(24)
        self.shown = Shown()
        self.lead, self.locked, self.closed = True, False, False
        self.seats: dict[str, Seat] = {}
        self.poll: Poll | None = None
        self.polls: list[Poll] = []
        self.held: Held | None = None
        self._numbers = 0
        self._hosts: Counter[str] = Counter()  # web server -> browsers of the host there
        self._now, self._host_until = now, now() + ARRIVAL

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"_now": None, "_host_until": self._host_until - self._now()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state | {"_now": time.monotonic, "_host_until": state["_host_until"] + time.monotonic()})

    # ---- coming and going ----

    def is_secret(self, told: object) -> bool:
        """Whether this is what only the host's browser knows."""
        return isinstance(told, str) and secrets.compare_digest(told.encode(errors="replace"), self.secret.encode())

    def host_comes(self, server: str = "") -> None:
        """A browser of the host is there."""
        self._hosts[server] += 1

    def host_leaves(self, server: str = "") -> None:
        """One of the host is gone; the room waits for a while."""
        self._hosts[server] = max(self._hosts[server] - 1, 0)
        self._host_until = self._now() + KEPT

    @property
    def host_is_there(self) -> bool:
        """Whether a browser of the host is."""
        return self._hosts.total() > 0

    @property
    def is_over(self) -> bool:
        """Whether it was closed, or the host has been away for too long."""
        return self.closed or (not self.host_is_there and self._now() >= self._host_until)

    def servers(self) -> set[str]:
        """The web servers by way of which somebody has come."""
        return {*self._hosts, *(server for seat in self.seats.values() for server in seat.at)}

    def here(self, server: str) -> dict[str, int]:
        """Who is there by way of this server, as `attend` has it."""
        found = {seat.device: seat.at[server] for seat in self.seats.values() if seat.at[server]}
        return found | ({HOST: self._hosts[server]} if self._hosts[server] else {})

    def attend(self, server: str, here: Mapping[str, int]) -> None:
        """By way of this server these are there, and nobody else: device -> open sockets, of the host HOST."""
        if self._hosts.pop(server, 0):
            self._host_until = self._now() + KEPT
        if hosts := here.get(HOST, 0):
            self._hosts[server] = hosts
        for seat in self.seats.values():
            seat.at.pop(server, None)
            if lines := here.get(seat.device, 0):
                seat.at[server] = lines

    def enter(self, device: str, name: object = "", server: str = "") -> Seat:
        """The seat of this device, the old one if it had one.

        Raises:
            ValueError: the room is locked or full.
        """
        seat = self.seats.get(device)
        if seat is None:
            if self.locked:
                raise ValueError(Message("This room is locked: nobody new can join"))
            self._make_place()
            self._numbers += 1
            seat = self.seats[device] = Seat(self._numbers, device)
        seat.at[server] += 1
        self.rename(device, name)
        return seat

    def _make_place(self) -> None:
        if len(self.seats) < MOST_SEATS:
            return
        away = next((device for device, seat in self.seats.items() if not seat.lines), None)
        if away is None:
            raise ValueError(Message("This room is full: {n} are there", n=MOST_SEATS))
        self._free(away)

    def _free(self, device: str) -> None:
        gone = self.seats.pop(device)
        if self.held and self.held.seat == gone.number:
            self.held = None

    def leave(self, device: str, server: str = "") -> None:
        """A socket of this device is closed; its seat is kept."""
        if seat := self.seats.get(device):
            seat.at[server] = max(seat.at[server] - 1, 0)

    def rename(self, device: str, name: object) -> None:
        """Another nickname; one that is none leaves it alone."""
        if seat := self.seats.get(device):
            seat.name = nicknames.cleaned(name) or seat.name

    @property
    def present(self) -> int:
        """How many are there, beside the host."""
        return sum(seat.lines > 0 for seat in self.seats.values())

    def set_lead(self, on: bool) -> None:
        """Whether all go along."""
        self.lead = on

    def set_locked(self, on: bool) -> None:
        """Whether nobody new may come."""
        self.locked = on

    def close(self) -> None:
        """It is over."""
        self.closed = True

    # ---- what the host shows and hands over ----

    def show(self, shown: Shown) -> None:
        """The host has something else on screen; another run takes a slider back."""
        if shown.run != self.shown.run:
            self.held = None
        self.shown = shown

    def hand(self, number: object, name: str) -> None:
        """Let this seat move one slider.

        Raises:
            ValueError: nobody sits there.
        """
        if not any(seat.number == number for seat in self.seats.values()):
            raise ValueError(Message("Nobody sits there any more"))
        assert isinstance(number, int)
        self.held = Held(number, name)

    def take_back(self) -> None:
        """No seat holds a slider."""
        self.held = None

    def holds(self, seat: Seat) -> str:
        """The field whose slider this seat holds, or ""."""
        return self.held.field if self.held and self.held.seat == seat.number else ""

    # ---- questions ----

    def ask(self, question: Question) -> Poll:
        """Put a question onto all screens, in place of the one before.

        Raises:
            ValueError: there have been too many.
        """
        if len(self.polls) >= MOST_POLLS:
            raise ValueError(Message("{n} questions are enough for one room", n=MOST_POLLS))
        self.poll = Poll(len(self.polls) + 1, question)
        self.polls.append(self.poll)
        return self.poll

    def vote(self, device: str, poll: object, answer: object) -> None:
        """A vote of this device on the poll of this number.

        Raises:
            ValueError: it is not on the screens any more, or see `Poll.vote`.
        """
        if self.poll is None or self.poll.id != poll:
            raise ValueError(Message("This question is over"))
        self.poll.vote(device, answer)

    def reveal(self) -> None:
        """Show the votes, and the right answer, to everybody."""
        if self.poll:
            self.poll.reveal()

    def put_away(self) -> None:
        """Take the question off the screens; its votes are kept as counts for the table."""
        if self.poll:
            self.poll.reveal()
            self.poll = None

    def table(self, language: str) -> str:
        """All votes so far as CSV: of answers, not of people."""
        file = io.StringIO()
        writer = csv.writer(file)
        writer.writerow(["poll", "question", "answer", "votes", "right"])
        for poll in self.polls:
            writer.writerows([poll.id, *row] for row in poll.rows(language))
        return file.getvalue()
