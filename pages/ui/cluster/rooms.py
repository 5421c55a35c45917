"""The rooms of all web servers of a cluster: the lobby keeps them, and every server shows its copy to those who are there.

A change is done to the room in the lobby, by one server after the other; all servers then get the room as it is, a small thing. If
a server ends, its visitors come back to the room at another one; if the lobby ends, the servers tell it of their rooms.
"""

import asyncio
import functools
import time
from collections.abc import Callable
from typing import Any

from gan_core.messages import Message
from pages.ui.cluster import lobby
from pages.ui.cluster.studio import BEAT, Cluster
from pages.ui.relay import WorkerDied
from pages.ui.rooms import hub
from pages.ui.rooms.hub import Hub
from pages.ui.rooms.registry import spelled
from pages.ui.rooms.room import Room
from pages.ui.studio import studio

PAUSE = 0.05  # seconds from one copy of a room to the next
LOST = 5.0  # seconds without a room in the lobby after which it is over: a new lobby hears of it sooner
_PATIENCE = 10.0  # seconds for a change to come back


class SharedRooms:
    """See `registry.Rooms`.

    Args:
        cluster: whose rooms they are.
    """

    def __init__(self, cluster: Cluster):
        self.server = cluster.server
        self._cluster = cluster
        cluster.on_unknown.append(self._offer)
        cluster.in_rooms = lambda: {home.room.code: dict(home.here) for home in hub.HUBS.all()}

    def open(self) -> Room:
        """See `registry.Rooms`."""
        room: Room = self._cluster.ask_lobby("open_room")
        return room

    def find(self, code: object) -> Room | None:
        """See `registry.Rooms`."""
        home = hub.HUBS.get(spelled(code))
        if home:
            return None if home.room.is_over else home.room
        found = self._cluster.ask_lobby("look", spelled(code))
        return found[1] if found else None

    async def change(self, home: Hub, do: Callable[..., Any], *args: Any) -> Any:
        """See `registry.Rooms`.

        Raises:
            WorkerDied: the lobby has ended; another one takes its place, and is soon told of the room.
        """
        done = await self._cluster.aask_lobby("change", home.room.code, do, args)
        if done is None:
            raise (
                ValueError(Message("This room is closed."))
                if home.room.is_over
                else WorkerDied("it knows no such room")
            )
        version, found = done
        try:
            async with asyncio.timeout(_PATIENCE):
                await home.reach(version)
        except TimeoutError:
            raise WorkerDied("the lobby does not answer") from None
        return found

    async def follow(self, home: Hub) -> None:
        """See `registry.Rooms`."""
        seen = time.monotonic()
        while not home.room.is_over:
            try:
                found = await self._cluster.aask_lobby(
                    "follow", home.room.code, home.version, patience=2 * lobby.FOLLOWS
                )
            except WorkerDied:
                found, seen = None, time.monotonic()
            if found:
                seen = time.monotonic()
                if found[0] != home.version:
                    home.show(*found)
                await asyncio.sleep(PAUSE)
            elif time.monotonic() - seen > LOST:
                home.room.close()
                home.ring()
            else:
                await asyncio.sleep(BEAT / 2)

    def _offer(self) -> None:
        """The lobby has forgotten who is where by way of this server. In any thread."""
        for home in hub.HUBS.all():
            self._cluster.ask_lobby("offer", home.room.code, home.version, home.room, self.server, dict(home.here))


@functools.cache
def shared() -> SharedRooms:
    """Those of this server's cluster."""
    made = studio()
    assert isinstance(made, Cluster)
    return SharedRooms(made)
