"""The rooms of this server, by their codes; in a cluster they are those of all its servers, and others keep them: `rooms`."""

import secrets
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from gan_core.messages import Message
from pages.ui import processes
from pages.ui.rooms.room import Room

if TYPE_CHECKING:
    from pages.ui.rooms.hub import Hub

ALPHABET = "BCDFGHJKMNPQRSTVWXZ"  # none looks like another, and they make no words
LENGTH = 5
MOST = 60  # rooms


class Rooms(Protocol):
    """Where rooms are kept.

    Attributes:
        server: the name of this web server among those that share the rooms.
    """

    server: str

    def open(self) -> Room:
        """A new room, which waits a minute for its host.

        Raises:
            ValueError: there are too many.
        """
        ...

    def find(self, code: object) -> Room | None:
        """The room of this code, however it is typed; None: there is none any more."""
        ...

    async def change(self, home: "Hub", do: Callable[..., Any], *args: Any) -> Any:
        """What a method of `Room` gives, done to the room of this hub, which shows it then.

        Raises:
            ValueError: it is refused.
        """
        ...

    async def follow(self, home: "Hub") -> None:
        """Let the hub show what others do to its room, as long as somebody is there."""
        ...


class Registry:
    """Rooms by code, in this process. Any thread may look; rooms change in the server's event loop.

    Args:
        now: a clock that never goes back, seconds.
    """

    server = ""

    def __init__(self, now: Callable[[], float] = time.monotonic):
        self._rooms: dict[str, Room] = {}
        self._lock = threading.Lock()
        self._now = now

    def open(self) -> Room:
        """See `Rooms`."""
        with self._lock:
            self._sweep()
            if len(self._rooms) >= MOST:
                raise ValueError(Message("All {n} rooms of this server are taken", n=MOST))
            code = _code()
            while code in self._rooms:
                code = _code()
            room = self._rooms[code] = Room(code, self._now)
            return room

    def find(self, code: object) -> Room | None:
        """See `Rooms`."""
        room = self._rooms.get(spelled(code))
        return None if room is None or room.is_over else room

    async def change(self, home: "Hub", do: Callable[..., Any], *args: Any) -> Any:
        """See `Rooms`."""
        return do(home.room, *args)

    async def follow(self, home: "Hub") -> None:
        """See `Rooms`: there are no others."""

    def put(self, room: Room) -> None:
        """A room that was kept elsewhere."""
        with self._lock:
            self._rooms[room.code] = room

    def _sweep(self) -> None:
        self._rooms = {code: room for code, room in self._rooms.items() if not room.is_over}

    def __len__(self) -> int:
        return sum(not room.is_over for room in list(self._rooms.values()))


def spelled(code: object) -> str:
    """A code as it is kept: capitals, without what was typed between them."""
    return "".join(c for c in str(code)[:40].upper() if c in ALPHABET)


def _code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


ROOMS = Registry()


def rooms() -> Rooms:
    """Where the rooms are."""
    if processes.cluster():
        from pages.ui.cluster.rooms import shared  # only now: it needs Ray, and PyTorch

        return shared()
    return ROOMS
