"""One browser in a room: what it asks for, and what is new for it.

Messages are JSON objects with a "do", see `HOST` and `MEMBER`; the first one is

    {"do": "hello", "device": "…", "name": "…", "secret": "…"}     the secret only from the host
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from gan_core import RunGone
from gan_core.messages import Message
from pages.ui import asking, commands, ghosts, line, stage_frames
from pages.ui.frame import PAGES
from pages.ui.rooms import poll, telling
from pages.ui.rooms.questions import predict_question
from pages.ui.rooms.room import Room, Seat, Shown
from pages.ui.studio import studio
from pages.ui.text import LANGUAGES, speaking, tr_message

DEVICE = re.compile(r"[A-Za-z0-9_-]{16,64}")  # what a browser calls itself, by chance
_PATHS = {page.path for page in PAGES}
Asked = Mapping[str, Any]


class Guest:
    """A browser that has said hello.

    Args:
        room: where it is. hello: what it said. language: of what it is told. share: (role, language) -> the text for all.

    Raises:
        line.Refusal: it said nothing of the kind, or its secret is wrong.
        ValueError: it cannot come in; the message says why.
    """

    def __init__(self, room: Room, hello: Asked, language: str, share: Callable[[str, str], str]):
        device, secret = hello.get("device"), hello.get("secret")
        if hello["do"] != "hello" or not isinstance(device, str) or not DEVICE.fullmatch(device):
            raise line.Refusal(line.MALFORMED)
        if secret is not None and not room.is_secret(secret):
            raise line.Refusal(line.FOREIGN)
        self.room, self.language, self._share = room, language if language in LANGUAGES else "en", share
        self.role = telling.MEMBER if secret is None else telling.HOST
        self.seat: Seat | None = None
        self._told: tuple[str, dict[str, Any] | None] = ("", None)
        if self.role == telling.HOST:
            room.host_comes()
        else:
            self.seat = room.enter(device, hello.get("name"))

    def leave(self) -> None:
        """Its socket is closed."""
        if self.seat:
            self.room.leave(self.seat)
        else:
            self.room.host_leaves()

    def news(self) -> list[str]:
        """What it has not been told yet."""
        before, mine = self._told
        shared = self._share(self.role, self.language)
        own = telling.own(self.room, self.seat, self.language) if self.seat else None
        self._told = shared, own
        news = [shared] if shared != before else []
        return news if own == mine else [*news, json.dumps(own, ensure_ascii=False)]

    def do(self, asked: Asked) -> dict[str, Any] | None:
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
                return known[asked["do"]](self, asked)
            except RunGone:
                return refused(Message("The training that this room watches is over"), self.language)
            except RecursionError:
                raise line.Refusal(line.MALFORMED) from None
            except ValueError as error:
                return refused(error.args[0], self.language)


def refused(reason: str, language: str) -> dict[str, Any]:
    """A sentence for the one who asked."""
    with speaking(language):
        return {"note": "refused", "text": tr_message(reason).encode(errors="replace").decode()}


def _pong(guest: Guest, asked: Asked) -> dict[str, Any]:
    """The line is alive."""
    return {"note": "pong"}


# ---- what a host can do ----


def _show(guest: Guest, asked: Asked) -> None:
    page, run, before = asked.get("page"), asked.get("run"), guest.room.shown
    look = asked.get("look") if isinstance(asked.get("look"), dict) else {}
    at, picked, ghost = line.looked(look or {}, ghosts.MODES)
    if page not in _PATHS or not isinstance(run, str):
        raise line.Refusal(line.MALFORMED)
    shown = Shown(page, before.run, before.run_page, before.watch, {"at": at, "picked": picked, "ghost": ghost})
    if run:
        run_id, commands = studio().call(run, asking.find)
        if not commands:
            raise ValueError(Message("You are watching: only who started this run can command it."))
        shown = Shown(page, run_id, page, studio().call(run_id, asking.watch_key), shown.look)
    guest.room.show(shown)


def _lead(guest: Guest, asked: Asked) -> None:
    guest.room.lead = asked.get("on") is True


def _lock(guest: Guest, asked: Asked) -> None:
    guest.room.locked = asked.get("on") is True


def _ask(guest: Guest, asked: Asked) -> None:
    if "lesson" in asked:
        slug, name = asked["lesson"], asked.get("name")
        guest.room.ask(predict_question(str(slug), str(name)))
    else:
        guest.room.ask(poll.asked(asked))


def _hand(guest: Guest, asked: Asked) -> None:
    config, field = telling.config_of(guest.room), asked.get("field")
    if config is None or field not in [slider["field"] for slider in stage_frames.sliders(config)]:
        raise ValueError(Message("There is no such slider"))
    guest.room.hand(asked.get("seat"), str(field))


def _table(guest: Guest, asked: Asked) -> dict[str, Any]:
    return {"note": "table", "csv": guest.room.table(guest.language)}


# ---- what a member can do ----


def _name(guest: Guest, asked: Asked) -> None:
    if guest.seat:
        guest.room.rename(guest.seat, asked.get("name"))


def _vote(guest: Guest, asked: Asked) -> None:
    if guest.seat:
        guest.room.vote(guest.seat, asked.get("poll"), asked.get("answer"))


def _set(guest: Guest, asked: Asked) -> None:
    field = guest.room.holds(guest.seat) if guest.seat else ""
    if not field:
        raise ValueError(Message("You do not hold a slider"))
    studio().call(guest.room.shown.run, commands.command, {"do": "set", "values": {field: asked.get("value")}})


HOST: dict[str, Callable[[Guest, Asked], dict[str, Any] | None]] = {
    "show": _show,
    "lead": _lead,
    "lock": _lock,
    "close": lambda guest, asked: guest.room.close(),
    "ask": _ask,
    "reveal": lambda guest, asked: guest.room.reveal(),
    "put_away": lambda guest, asked: guest.room.put_away(),
    "hand": _hand,
    "take_back": lambda guest, asked: guest.room.take_back(),
    "table": _table,
    "ping": _pong,
}
MEMBER: dict[str, Callable[[Guest, Asked], dict[str, Any] | None]] = {
    "name": _name,
    "vote": _vote,
    "set": _set,
    "ping": _pong,
}
