"""One browser in a room: what it asks for, and what is new for it.

Messages are JSON objects with a "do", see `HOST` and `MEMBER`; the first one is

    {"do": "hello", "device": "…", "name": "…", "secret": "…"}     the secret only from the host
"""

import contextlib
import json
import re
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from gan_core import RunGone
from gan_core.messages import Message
from pages.ui import asking, commands, ghosts, line, stage_frames
from pages.ui.frame import PAGES
from pages.ui.rooms import poll, registry, telling
from pages.ui.rooms.hub import Hub
from pages.ui.rooms.questions import predict_question
from pages.ui.rooms.room import HOST as HOST_DEVICE
from pages.ui.rooms.room import Room, Seat, Shown
from pages.ui.studio import studio
from pages.ui.text import LANGUAGES, speaking, tr_message

DEVICE = re.compile(r"[A-Za-z0-9_-]{16,64}")  # what a browser calls itself, by chance
_PATHS = {page.path for page in PAGES}
Asked = Mapping[str, Any]


class Guest:
    """A browser that has said hello.

    Args:
        home: of the room where it is. hello: what it said. language: of what it is told.

    Raises:
        line.Refusal: it said nothing of the kind, or its secret is wrong.
    """

    def __init__(self, home: Hub, hello: Asked, language: str):
        device, secret = hello.get("device"), hello.get("secret")
        if hello["do"] != "hello" or not isinstance(device, str) or not DEVICE.fullmatch(device):
            raise line.Refusal(line.MALFORMED)
        if secret is not None and not home.room.is_secret(secret):
            raise line.Refusal(line.FOREIGN)
        self._home, self.language = home, language if language in LANGUAGES else "en"
        self.role = telling.MEMBER if secret is None else telling.HOST
        self.device, self._name = HOST_DEVICE if self.role == telling.HOST else device, hello.get("name")
        self._told: tuple[str, dict[str, Any] | None] = ("", None)

    @property
    def room(self) -> Room:
        """The room, as it is now."""
        return self._home.room

    @property
    def seat(self) -> Seat | None:
        """Its seat; a host has none."""
        return self.room.seats.get(self.device)

    async def change(self, do: Callable[..., Any], *args: Any) -> Any:
        """See `Rooms.change`."""
        return await registry.rooms().change(self._home, do, *args)

    async def come(self) -> None:
        """It is in the room from now on.

        Raises:
            ValueError: it cannot come in; the message says why.
        """
        server = registry.rooms().server
        if self.role == telling.HOST:
            await self.change(Room.host_comes, server)
        else:
            await self.change(Room.enter, self.device, self._name, server)
        self._home.here[self.device] += 1

    async def leave(self) -> None:
        """Its socket is closed."""
        self._home.here[self.device] -= 1
        server = registry.rooms().server
        with contextlib.suppress(ValueError):  # the room is over
            if self.role == telling.HOST:
                await self.change(Room.host_leaves, server)
            else:
                await self.change(Room.leave, self.device, server)

    def news(self) -> list[str]:
        """What it has not been told yet."""
        before, mine = self._told
        shared = self._home.text(self.role, self.language)
        own = telling.own(self.room, self.seat, self.language) if self.seat else None
        self._told = shared, own
        news = [shared] if shared != before else []
        return news if own == mine else [*news, json.dumps(own, ensure_ascii=False)]

    async def do(self, asked: Asked) -> dict[str, Any] | None:
        """Carry out a command; returns an answer to this browser alone, if there is one.

        Raises:
            line.Refusal: there is no such command.
        """
        known = HOST if self.role == telling.HOST else MEMBER
        if asked["do"] not in HOST.keys() | MEMBER.keys():
            raise line.Refusal(line.MALFORMED)
        with speaking(self.language):
            try:
                if asked["do"] not in known:
                    raise ValueError(Message("Only the host of this room can do that"))
                return await known[asked["do"]](self, asked)
            except RunGone:
                return refused(Message("The training that this room watches is over"), self.language)
            except RecursionError:
                raise line.Refusal(line.MALFORMED) from None
            except ValueError as error:
                return refused(error.args[0], self.language)


Command = Callable[[Guest, Asked], Coroutine[Any, Any, dict[str, Any] | None]]


def refused(reason: str, language: str) -> dict[str, Any]:
    """A sentence for the one who asked."""
    with speaking(language):
        return {"note": "refused", "text": tr_message(reason).encode(errors="replace").decode()}


async def _pong(guest: Guest, asked: Asked) -> dict[str, Any]:
    """The line is alive."""
    return {"note": "pong"}


# ---- what a host can do ----


async def _show(guest: Guest, asked: Asked) -> None:
    page, run, before = asked.get("page"), asked.get("run"), guest.room.shown
    look = asked.get("look") if isinstance(asked.get("look"), dict) else {}
    at, picked, ghost = line.looked(look or {}, ghosts.MODES)
    if page not in _PATHS or not isinstance(run, str):
        raise line.Refusal(line.MALFORMED)
    shown = Shown(page, before.run, before.run_page, before.watch, {"at": at, "picked": picked, "ghost": ghost})
    if run:
        run_id, commands = await studio().acall(run, asking.find)
        if not commands:
            raise ValueError(Message("You are watching: only who started this run can command it."))
        shown = Shown(page, run_id, page, await studio().acall(run_id, asking.watch_key), shown.look)
    await guest.change(Room.show, shown)


async def _lead(guest: Guest, asked: Asked) -> None:
    await guest.change(Room.set_lead, asked.get("on") is True)


async def _lock(guest: Guest, asked: Asked) -> None:
    await guest.change(Room.set_locked, asked.get("on") is True)


async def _ask(guest: Guest, asked: Asked) -> None:
    if "lesson" in asked:
        slug, name = asked["lesson"], asked.get("name")
        await guest.change(Room.ask, predict_question(str(slug), str(name)))
    else:
        await guest.change(Room.ask, poll.asked(asked))


async def _hand(guest: Guest, asked: Asked) -> None:
    config, field = telling.config_of(guest.room), asked.get("field")
    if config is None or field not in [slider["field"] for slider in stage_frames.sliders(config)]:
        raise ValueError(Message("There is no such slider"))
    await guest.change(Room.hand, asked.get("seat"), str(field))


async def _table(guest: Guest, asked: Asked) -> dict[str, Any]:
    return {"note": "table", "csv": guest.room.table(guest.language)}


# ---- what a member can do ----


async def _name(guest: Guest, asked: Asked) -> None:
    await guest.change(Room.rename, guest.device, asked.get("name"))


async def _vote(guest: Guest, asked: Asked) -> None:
    await guest.change(Room.vote, guest.device, asked.get("poll"), asked.get("answer"))


async def _set(guest: Guest, asked: Asked) -> None:
    field = guest.room.holds(guest.seat) if guest.seat else ""
    if not field:
        raise ValueError(Message("You do not hold a slider"))
    await studio().acall(guest.room.shown.run, commands.command, {"do": "set", "values": {field: asked.get("value")}})


def _plainly(do: Callable[[Room], object]) -> Command:
    """The command that does this to the room, whatever else was asked."""

    async def command(guest: Guest, asked: Asked) -> None:
        await guest.change(do)

    return command


HOST: dict[str, Command] = {
    "show": _show,
    "lead": _lead,
    "lock": _lock,
    "close": _plainly(Room.close),
    "ask": _ask,
    "reveal": _plainly(Room.reveal),
    "put_away": _plainly(Room.put_away),
    "hand": _hand,
    "take_back": _plainly(Room.take_back),
    "table": _table,
    "ping": _pong,
}
MEMBER: dict[str, Command] = {
    "name": _name,
    "vote": _vote,
    "set": _set,
    "ping": _pong,
}
