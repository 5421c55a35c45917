"""The sockets of a room: a change is told to all at once, as one text per role and language, at most five times a second."""

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import Iterator

from pages.ui.rooms import registry, telling
from pages.ui.rooms.room import KEPT, Room

PAUSE = 0.2  # seconds from one telling to the next


class Hub:
    """Where those who are in a room wait for what is new. In the server's event loop.

    Attributes:
        room: as it is known here. version: of that, where others keep the room. here: device -> open sockets on this server, of
            the host `room.HOST`. bell: set when there is something new; another one is there by then.
    """

    def __init__(self, room: Room):
        self.room, self.version = room, 0
        self.here: Counter[str] = Counter()
        self.guests = 0
        self.bell = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self.following: asyncio.Task[None]
        self._texts: dict[tuple[str, str], str] = {}
        self._due: asyncio.TimerHandle | None = None
        self._last = self._loop.time() - PAUSE
        self._newer = asyncio.Event()

    def ring(self) -> None:
        """Something has changed; it is told soon, together with what changes until then."""
        if self._due is None:
            self._due = self._loop.call_at(max(self._last + PAUSE, self._loop.time()), self._tell)

    def show(self, version: int, room: Room) -> None:
        """The room, as others keep it."""
        self.version, self.room = version, room
        newer, self._newer = self._newer, asyncio.Event()
        newer.set()
        self.ring()

    async def reach(self, version: int) -> None:
        """Until it shows this version, or a later one."""
        while self.version < version:
            await self._newer.wait()

    def somebody_left(self, _: object = None) -> None:
        """The others are told; if that was the host, look again when the room's patience is over."""
        self.ring()
        if not self.room.host_is_there:
            self._loop.call_later(KEPT + 1, self.ring)

    def _tell(self) -> None:
        self._due, self._last = None, self._loop.time()
        self._texts.clear()
        bell, self.bell = self.bell, asyncio.Event()
        bell.set()

    def text(self, role: str, language: str) -> str:
        """What all of this role and language are told; made once."""
        key = role, language
        if key not in self._texts:
            self._texts[key] = json.dumps(telling.shared(self.room, role, language), ensure_ascii=False)
        return self._texts[key]


class Hubs:
    """The hubs of the rooms in which somebody is."""

    def __init__(self) -> None:
        self._open: dict[str, Hub] = {}

    @contextlib.contextmanager
    def of(self, room: Room) -> Iterator[Hub]:
        """Inside, somebody is in the room."""
        hub = self._open.get(room.code)
        if hub is None or hub.room.secret != room.secret:
            hub = self._open[room.code] = Hub(room)
            hub.following = asyncio.create_task(registry.rooms().follow(hub))
        hub.guests += 1
        try:
            yield hub
        finally:
            hub.guests -= 1
            if not hub.guests and self._open.get(room.code) is hub:
                hub.following.cancel()
                del self._open[room.code]

    def get(self, code: str) -> Hub | None:
        """That of the room of this code, if somebody is in it. Any thread may ask."""
        return self._open.get(code)

    def all(self) -> list[Hub]:
        """All of them. Any thread may ask."""
        return list(self._open.values())

    def __len__(self) -> int:
        return len(self._open)


HUBS = Hubs()
