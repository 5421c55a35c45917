"""A room: who is there, what the host shows to them, who holds which slider, and what they are asked.

Whoever keeps the room calls its methods one at a time; see `hub` for the sockets of those who are there.
"""

import csv
import io
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gan_core.messages import Message
from pages.ui.rooms import nicknames
from pages.ui.rooms.poll import Poll, Question

MOST_SEATS, MOST_POLLS = 500, 100
KEPT = 600.0  # seconds that a room waits for its host
ARRIVAL = 60.0  # seconds that a new room waits for the first time


@dataclass
class Seat:
    """Somebody in the room: a device, no account.

    Attributes:
        number: what others know it by. name: at most a nickname. lines: open sockets of the device.
    """

    number: int
    device: str
    name: str = ""
    lines: int = 0


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
    """One room.

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
        self._now, self._hosts, self._host_until = now, 0, now() + ARRIVAL

    # ---- coming and going ----

    def is_secret(self, told: object) -> bool:
        """Whether this is what only the host's browser knows."""
        return isinstance(told, str) and secrets.compare_digest(told.encode(errors="replace"), self.secret.encode())

    def host_comes(self) -> None:
        """A browser of the host is there."""
        self._hosts += 1

    def host_leaves(self) -> None:
        """One of the host is gone; the room waits for a while."""
        self._hosts -= 1
        self._host_until = self._now() + KEPT

    @property
    def host_is_there(self) -> bool:
        """Whether a browser of the host is."""
        return self._hosts > 0

    @property
    def is_over(self) -> bool:
        """Whether it was closed, or the host has been away for too long."""
        return self.closed or (not self._hosts and self._now() >= self._host_until)

    def enter(self, device: str, name: object = "") -> Seat:
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
        seat.lines += 1
        self.rename(seat, name)
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

    def leave(self, seat: Seat) -> None:
        """A socket of this seat is closed; the seat is kept."""
        seat.lines -= 1

    def rename(self, seat: Seat, name: object) -> None:
        """Another nickname; one that is none leaves it alone."""
        seat.name = nicknames.cleaned(name) or seat.name

    @property
    def present(self) -> int:
        """How many are there, beside the host."""
        return sum(seat.lines > 0 for seat in self.seats.values())

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

    def vote(self, seat: Seat, poll: object, answer: object) -> None:
        """A vote on the poll of this number.

        Raises:
            ValueError: it is not on the screens any more, or see `Poll.vote`.
        """
        if self.poll is None or self.poll.id != poll:
            raise ValueError(Message("This question is over"))
        self.poll.vote(seat.device, answer)

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
