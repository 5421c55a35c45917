"""A visitor's part in a room, as far as Streamlit has to know: which room, and whether its run is what the page shows.

All else is between the browser and the room, see `guest`; the pages are not rerun for it.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any

import streamlit as st

from gan_core.messages import Message
from pages.ui.board import room_corner
from pages.ui.rooms import registry
from pages.ui.rooms.registry import spelled
from pages.ui.rooms.room import Room
from pages.ui.rooms.texts import room_texts
from pages.ui.text import language, lesson, tr

if TYPE_CHECKING:
    from gan_core import TrainConfig

ADDRESS = "room"  # in the address of a page: the code
PATIENCE = 5.0  # seconds that a script waits for a copy
_PREFIX = "predict_"


def _state() -> dict[str, Any]:
    """ "code" of the room that the visitor is in, or ""; "here": the page's path; "to": that of a page to go to, or ""; "left": code of the room that was left, which the address may still name;
    "own": whether a run of the visitor's own is shown where the room's would be; "copy": whether it is to be a copy."""
    return st.session_state.setdefault(
        "gan_room", {"code": "", "here": "", "to": "", "left": "", "own": False, "copy": False}
    )


def room() -> Room | None:
    """The room that this visitor is in, not as its host."""
    return registry.rooms().find(_state()["code"])


def take_part(path: str, *, stage: bool) -> None:
    """The room's place on a page, and what its buttons want of the page. Called first on every page.

    Args:
        path: of the page. stage: whether it has one.
    """
    state = _state()
    asked = spelled(st.query_params.get(ADDRESS, ""))
    if asked and asked != state["left"]:
        state["code"] = asked
    with st.container(key="room_corner"):
        data = {"code": state["code"], "page": path, "stage": stage, "lang": language(), "own": state["own"],
                "questions": _questions(path), "texts": room_texts()}  # fmt: skip
        room_corner(data, on_wish=grant)
    state["here"], to, state["to"] = path, state["to"], ""
    if to not in ("", path):
        st.switch_page(to)
    if not state["code"]:
        st.query_params.pop(ADDRESS, None)
    elif st.query_params.get(ADDRESS) != state["code"]:
        st.query_params[ADDRESS] = state["code"]


def grant(wish: Any) -> None:
    """What the browser wants of the page: {"do": "join", "code"}, "leave" the room, "go" where its host is, or a "copy" of its
    run. Anything else changes nothing. A callback."""
    if not isinstance(wish, Mapping):
        return
    state, found, do = _state(), room(), wish.get("do")
    if do == "join":
        state |= {"code": spelled(wish.get("code")), "own": False, "left": ""}
    elif do == "leave":
        state |= {"code": "", "own": False, "left": state["code"]}
    elif do == "go" and found:
        state |= {"to": found.shown.page, "own": False}
    elif do == "copy" and found and found.shown.run:
        state |= {"to": found.shown.run_page, "own": True, "copy": True}


def watched(live: dict[str, Any]) -> str:
    """The id of the room's run, if this page shows it; "": it shows the visitor's own.

    Args:
        live: what the page keeps of its run, see `live.LiveRun`; it gets what it needs to go on alone.
    """
    from pages.ui import asking
    from pages.ui.studio import studio

    found, state = room(), _state()
    if not found or state["own"] or found.shown.run_page != state["here"] or found.shown.run not in studio():
        return ""
    live.setdefault("config", studio().call(found.shown.run, asking.about).config)
    live.setdefault("asked", {})
    return found.shown.run


def take_copy(live: dict[str, Any], begin: "Callable[[TrainConfig], str]") -> None:
    """If the visitor has asked for a copy, let the page's run be a new one that stands where the room's run is now.

    Args:
        live: what the page keeps of its run, see `live.LiveRun`. begin: makes a new run for the visitor.
    """
    from gan_core import RunnerFull
    from pages.ui import link
    from pages.ui.studio import copy_of, studio

    found, wanted = room(), _state().pop("copy", False)
    if not wanted or found is None or found.shown.run not in studio():
        return
    try:
        run_id, config = copy_of(found.shown.run, begin, PATIENCE)
        live.update(run=run_id, config=config, asked=link.query(), problems=[])
    except (ValueError, RunnerFull) as error:
        live["problems"] = [error.args[0]]
    except (TimeoutError, CancelledError, RuntimeError):
        live["problems"] = [Message("The training of the room could not be copied: try again in a moment")]


def door() -> None:
    """Two buttons: open a room, or join one. What they do is the room corner's."""
    names = {"open": tr("Open a room"), "join": tr("Join a room")}
    st.html("".join(f'<button type="button" class="rm-door" data-room="{do}">{name}</button>' for do, name in names.items()))  # fmt: skip


def asker(slug: str, name: str) -> None:
    """A button that asks a Predict question to the room; only its host sees it."""
    st.html(f'<button type="button" class="rm-ask" data-ask="{slug}/{name}">{tr("Ask the room")}</button>')


def _questions(path: str) -> list[list[str]]:
    """[lesson, name] of the Predict questions of a page."""
    slug = path.removesuffix(".py").rpartition("/")[2].partition("_")[2]
    try:
        found = [name.removeprefix(_PREFIX) for name in lesson(slug) if name.startswith(_PREFIX)] if slug else []
    except OSError:
        return []
    return [[slug, name] for name in found]
