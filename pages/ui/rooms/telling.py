"""What a browser is told of its room: the same text for all who have one role and one language, and a little of its own."""

from collections import OrderedDict
from typing import Any

from gan_core import RunGone, TrainConfig
from pages.ui import asking, line, stage_frames
from pages.ui.relay import WorkerDied
from pages.ui.rooms.registry import MOST
from pages.ui.rooms.room import Room, Seat
from pages.ui.studio import studio
from pages.ui.text import speaking

HOST, MEMBER = "host", "member"
_PATIENCE = 0.5  # seconds that all in the server wait for the settings of a run
_heard: OrderedDict[str, TrainConfig] = (
    OrderedDict()
)  # run -> its settings, as they were last heard; the latest at the end


def shared(room: Room, role: str, language: str) -> dict[str, Any]:
    """What all of a role see: "code", "page" of the host, "lead", "locked", "present"; "run": null or its "line" to watch and
    its "page"; "look" of the host at it; "poll", see `Poll.told`; "holder": number of the seat that holds a slider.

    The host sees the votes before they are revealed, and "seats": each [number, name, whether it is there]; "fields": of the
    sliders that can be handed over, each [field, label]; "polls": how many there have been.
    """
    shown, is_host = room.shown, role == HOST
    config = config_of(room)
    told: dict[str, Any] = {
        "note": "room", "role": role, "code": room.code, "page": shown.page, "lead": room.lead, "locked": room.locked,
        "present": room.present, "host": room.host_is_there, "look": shown.look,
        "run": {"line": f"{line.PATH}/{shown.watch}", "page": shown.run_page} if config else None,
        "poll": room.poll.told(language, everything=is_host) if room.poll else None,
        "holder": room.held.seat if room.held else None,
    }  # fmt: skip
    if is_host:
        told["seats"] = [[seat.number, seat.name, seat.lines > 0] for seat in room.seats.values()]
        told["fields"] = [[slider["field"], slider["label"]] for slider in _sliders(config, language)]
        told["polls"] = len(room.polls)
    return told


def own(room: Room, seat: Seat, language: str) -> dict[str, Any]:
    """What only this seat sees: its "seat" number and "name", its "vote" on the poll, and the slider that it "holds"."""
    field = room.holds(seat)
    found = [slider for slider in _sliders(config_of(room), language) if slider["field"] == field] if field else []
    vote = room.poll.votes.get(seat.device) if room.poll else None
    return {"note": "you", "seat": seat.number, "name": seat.name, "vote": vote, "holds": found[0] if found else None}


def config_of(room: Room) -> TrainConfig | None:
    """The settings of the run that the room watches; None without one."""
    run = room.shown.run
    if not run:
        return None
    try:
        config = _heard[run] = studio().submit(run, asking.about).result(_PATIENCE).config
        _heard.move_to_end(run)
        while len(_heard) > MOST:
            _heard.popitem(last=False)
        return config
    except RunGone:
        return None
    except (WorkerDied, TimeoutError):  # another process takes the place of its own: the room need not notice
        return _heard.get(run)


def _sliders(config: TrainConfig | None, language: str) -> list[dict[str, Any]]:
    if config is None:
        return []
    with speaking(language):
        return stage_frames.sliders(config)
