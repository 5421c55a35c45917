"""What the web servers of a cluster share beside the runs, in one small actor: who they are, what runs come back from, visitors'
tables, and the rooms.

The functions here are done in the lobby's process, for whoever asks; see `actors`. If it ends, another one begins with nothing:
it then says that it does not know who asks, and they tell it again all that they know. It begins within a second, since it loads no
PyTorch: keepsakes and tables it has as their bytes.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pages.ui.rooms.registry import Registry
from pages.ui.rooms.room import Room

NAME = "lobby"
ALIVE = 10.0  # seconds that a web server may be silent; they say every second that they are there
_COMPLETE = 3.0  # seconds after which a new lobby has been told of all rooms
_AGAIN = 0.2  # seconds
FOLLOWS = 10.0  # seconds that who follows a room waits in one go
_MOST_TABLES = 100  # of at most a third of a megabyte each
_LEAP = 1000  # versions: no server may take the state of a room before the lobby ended for the one after


class Beat(NamedTuple):
    """What a web server is told every second.

    Attributes:
        known: whether the lobby has heard of it before; if not, it has forgotten its visitors, or never knew them.
        starts: number of a process of runs -> how often it was started. tables: that the server does not have: key of the target -> pickled
            `own_targets.Table`.
    """

    known: bool
    starts: dict[int, int]
    tables: dict[str, bytes]


class Told(NamedTuple):
    """What a run can be brought back from: the step, and a pickled `keepsakes.Keepsake`."""

    step: int
    pickled: bytes


@dataclass
class Kept:
    """A room, and who waits for its next version."""

    room: Room
    version: int = 1
    bell: asyncio.Event = field(default_factory=asyncio.Event)

    def ring(self) -> None:
        """There is a new version."""
        self.version += 1
        bell, self.bell = self.bell, asyncio.Event()
        bell.set()


class Lobby:
    """See the module.

    Args:
        now: a clock that never goes back, seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic):
        self._now, self._complete_at = now, now() + _COMPLETE
        self._heard: dict[str, float] = {}  # server -> when
        self._starts: dict[int, int] = {}
        self._keepsakes: dict[int, dict[str, Told]] = {}
        self._tables: dict[str, bytes] = {}
        self._registry = Registry(now)
        self._kept: dict[str, Kept] = {}

    # ---- web servers ----

    def beat(
        self, server: str, tables: dict[str, bytes], have: set[str], here: Mapping[str, Mapping[str, int]]
    ) -> Beat:
        """A web server is there, with these new tables, and has those of these keys; and by way of it so many are in rooms:
        code -> device -> sockets. Comings and goings are told at once; this puts right what was told while a lobby was new."""
        known = server in self._heard
        self._heard[server] = self._now()
        self.learn(tables)
        self._sweep()
        for code, kept in self._kept.items():
            devices = {device: n for device, n in here.get(code, {}).items() if n}
            if kept.room.here(server) != devices:
                kept.room.attend(server, devices)
                kept.ring()
        return Beat(known, dict(self._starts), {key: table for key, table in self._tables.items() if key not in have})

    def learn(self, tables: dict[str, bytes]) -> None:
        """Visitors have brought these tables, see `Beat`."""
        for key, table in tables.items():
            self._tables.pop(key, None)
            self._tables[key] = table
        while len(self._tables) > _MOST_TABLES:
            del self._tables[next(iter(self._tables))]

    def leave(self, server: str) -> bool:
        """A web server ends; returns whether it was the last one."""
        self._heard.pop(server, None)
        self._sweep(server)
        return not self._heard

    def servers(self) -> set[str]:
        """Those that are there."""
        self._sweep()
        return set(self._heard)

    def _sweep(self, *ended: str) -> None:
        """Who was in a room by way of a server that is gone is not there any more; rooms that are over go."""
        gone = {server for server, heard in self._heard.items() if self._now() - heard > ALIVE}
        for server in gone:
            del self._heard[server]
        for code, kept in list(self._kept.items()):
            for server in gone.union(ended):
                kept.room.attend(server, {})
            if gone or ended or kept.room.is_over:
                kept.ring()
            if kept.room.is_over:
                del self._kept[code]

    # ---- processes of runs ----

    def settle(self, number: int) -> tuple[list[bytes], list[bytes]]:
        """A process of runs begins: the runs that it is to bring back, and all tables."""
        self._starts[number] = self._starts.get(number, 0) + 1
        return [told.pickled for told in self._keepsakes.get(number, {}).values()], list(self._tables.values())

    def tell(self, number: int, alive: set[str], news: Mapping[str, Told]) -> tuple[bool, set[str]]:
        """Of a process of runs: only these are left, and what the changed ones can be brought back from. Returns whether the
        lobby has heard of it before, and the web servers that are there."""
        known = number in self._starts
        self._starts.setdefault(number, 1)
        kept = self._keepsakes.get(number, {}) | dict(news)
        self._keepsakes[number] = {run_id: told for run_id, told in kept.items() if run_id in alive}
        return known, self.servers()

    def keep(self, number: int, run_id: str, told: Told) -> None:
        """A run has begun."""
        self._keepsakes.setdefault(number, {})[run_id] = told

    def kept_step(self, number: int, run_id: str) -> int:
        """The step from which a run would go on if its process ended now."""
        return self._keepsakes[number][run_id].step

    # ---- rooms ----

    def open_room(self) -> Room:
        """See `Registry.open`."""
        room = self._registry.open()
        self._kept[room.code] = Kept(room)
        return room

    async def look(self, code: str) -> tuple[int, Room] | None:
        """The version of a room, and how it is; None: there is none. A new lobby first waits for what the servers tell it."""
        while code not in self._kept and self._now() < self._complete_at:
            await asyncio.sleep(_AGAIN)
        kept = self._kept.get(code)
        return None if kept is None or kept.room.is_over else (kept.version, kept.room)

    async def follow(self, code: str, have: int) -> tuple[int, Room] | None:
        """As `look`, once there is another version than this one; or after a while."""
        kept = self._kept.get(code)
        if kept is not None and kept.version == have:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FOLLOWS):
                    await kept.bell.wait()
        return None if kept is None else (kept.version, kept.room)

    def change(self, code: str, do: Callable[..., Any], args: tuple[Any, ...]) -> tuple[int, Any] | None:
        """Let this be done to a room; returns the version that shows it, and what it gives. None: there is no such room.

        Raises:
            ValueError: it is refused.
        """
        kept = self._kept.get(code)
        if kept is None or kept.room.is_over:
            return None
        found = do(kept.room, *args)
        kept.ring()
        return kept.version, found

    def offer(self, code: str, version: int, room: Room, server: str, here: dict[str, int]) -> None:
        """What a server knows of a room, for a lobby that has forgotten it, and who is there by way of that server."""
        kept = self._kept.get(code)
        if room.is_over:
            return
        if kept is None:
            for other in room.servers():  # they say themselves who is there
                room.attend(other, {})
            self._registry.put(room)
            kept = self._kept[code] = Kept(room, version + _LEAP)
        kept.room.attend(server, here)
        kept.ring()


_lobby = Lobby()


def ask(question: str, *args: Any) -> Any:
    """What the lobby of this process answers: a method of `Lobby`, and its arguments."""
    return getattr(_lobby, question)(*args)


def begin() -> None:
    """The lobby has nothing to do at first."""
