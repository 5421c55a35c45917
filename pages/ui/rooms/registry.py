"""The rooms of this server, by their codes."""

import secrets
import threading
import time
from collections.abc import Callable

from gan_core.messages import Message
from pages.ui.rooms.room import Room

ALPHABET = "BCDFGHJKMNPQRSTVWXZ"  # none looks like another, and they make no words
LENGTH = 5
MOST = 60  # rooms


class Registry:
    """Rooms by code. Any thread may look; rooms change in the server's event loop.

    Args:
        now: a clock that never goes back, seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic):
        self._rooms: dict[str, Room] = {}
        self._lock = threading.Lock()
        self._now = now

    def open(self) -> Room:
        """A new room, which waits a minute for its host.

        Raises:
            ValueError: there are too many.
        """
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
        """The room of this code, however it is typed; None: there is none any more."""
        room = self._rooms.get(spelled(code))
        return None if room is None or room.is_over else room

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
