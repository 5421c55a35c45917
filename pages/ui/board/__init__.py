"""The live board: one component that keeps its charts alive and redraws them in place from packed bytes.

`st.plotly_chart` re-mounts a chart on every change of its data; this does not. A panel is a Plotly figure as a plain
dict whose colours are roles ("$data", "$generator", "$discriminator", ...); the browser fills in those of its theme.
"""

import json
import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import plotly
import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

from gan_core.messages import Message
from pages.ui.text import tr

_NAME, _STAGE, _PAINTER, _ROOM = "gan.board", "gan.stage", "gan.painter", "gan.room"
_ROOM_KEY = "gan_room_corner"
ON_OFFER = 64  # images on the stage from which the visitor can pick two
_HERE = Path(__file__).parent


def pack(message: Mapping[str, Any]) -> bytes:
    """A JSON-able message with numpy arrays anywhere inside, as bytes.

    Layout: uint32 length of the JSON, the JSON, then all arrays, each padded to four bytes: uint8 as it is, others as
    little-endian float32. In the JSON an array is {"$8": [offset, length]} counted in bytes, or {"$": [offset, length]}
    counted in floats.
    """
    arrays: list[bytes] = []
    offset = 0

    def put_aside(value: Any) -> Any:
        nonlocal offset
        if isinstance(value, np.ndarray):
            small = value.dtype == np.uint8
            start = offset if small else offset // 4
            raw = np.ascontiguousarray(value, dtype=None if small else "<f4").tobytes()
            arrays.append(raw + bytes(-len(raw) % 4))
            offset += len(arrays[-1])
            return {"$8" if small else "$": [start, value.size]}
        if isinstance(value, np.generic):
            return value.item()
        raise TypeError(f"{type(value).__name__} cannot be sent to the board")

    header = json.dumps(message, default=put_aside, ensure_ascii=False, separators=(",", ":")).encode()
    header += b" " * (-len(header) % 4)
    return struct.pack("<I", len(header)) + header + b"".join(arrays)


def unpack(packed: bytes) -> dict[str, Any]:
    """The inverse of `pack`; what packing.js does, for tests."""
    (length,) = struct.unpack_from("<I", packed)
    arrays = {
        "$": np.frombuffer(packed, "<f4", offset=4 + length),
        "$8": np.frombuffer(packed, "u1", offset=4 + length),
    }

    def fetch(value: dict[str, Any]) -> Any:
        if len(value) == 1 and value.keys() <= arrays.keys():
            ((kind, (start, size)),) = value.items()
            return arrays[kind][start : start + size]
        return value

    return json.loads(packed[4 : 4 + length], object_hook=fetch)


def _register() -> None:
    """Make the component's files, and Plotly.js from the plotly package, known to this Streamlit server.

    The browser loads board.js or painter.js as an ES module; what that imports lies beside it.

    Streamlit finds asset folders through the pyproject.toml of installed packages only. An app that runs from its
    folder is not one, so we hand over the same manifest ourselves.
    """
    manager = get_bidi_component_manager()
    if manager.get_component_asset_root(_NAME) is None:
        for name, root, folder in (
            ("board", _HERE, "frontend"),
            ("stage", _HERE, "frontend"),
            ("painter", _HERE, "frontend"),
            ("room", _HERE, "frontend"),
            ("plotly", Path(plotly.__file__).parent, "package_data"),
        ):
            manifest = ComponentManifest("gan", "1", [ComponentConfig(name, folder)])
            manager.register_from_manifest(manifest, root)


def live_stage(key: str, data: Mapping[str, Any], *, on_stale: Callable[[], None]) -> list[int]:
    """The stage of a live page, which gets its frames over the direct line; frames hold what `live_board` shows, and
    what `stage_frames.frame` adds.

    Args:
        data: "line": where the line is, below the address of the app; "kind" of target; "lang"; "hide": names of what is
            not shown; "texts" of the controls; "take": see `takeaways.menu`.
        on_stale: called when widgets beside the stage show other settings than the run has.

    The page runs again when the visitor picks images, and when there is no such run any more.

    Returns:
        The images that the visitor picked in the panel that has a "pick", the oldest pick first; at most two.
    """
    _register()
    component = st.components.v2.component(_STAGE, js="stage.js", css="stage.css", isolate_styles=False)
    nothing = lambda: None  # noqa: E731, Streamlit wants to be told of every trigger
    result = component(
        key=key, data=dict(data), on_picked_change=nothing, on_stale_change=on_stale, on_gone_change=nothing
    )
    return _picks(result.get("picked"))


def room_corner(data: Mapping[str, Any], *, on_wish: Callable[[Any], None]) -> None:
    """The windows of a room, and the sign that one is in it; invisible while there is none. The browser speaks with the room
    directly, see `rooms`.

    Args:
        data: "code" of the room, or ""; "page": its path; "stage": whether it has one; "lang"; "own": whether a run of one's
            own is shown; "questions" of the page; "texts".
        on_wish: called, before the page runs again, with what the browser wants of the page.
    """
    _register()
    component = st.components.v2.component(_ROOM, js="room.js", css="room.css", isolate_styles=False)
    component(key=_ROOM_KEY, data=dict(data), on_wish_change=lambda: on_wish(st.session_state[_ROOM_KEY].get("wish")))


def live_board(key: str, packed: bytes) -> None:
    """Show charts, or redraw those already on screen under this key.

    Args:
        packed: by `pack`,
            "panels": dicts with "id", "title", "help", "columns" (of 12), "height" (px), "pace" ("fast": drawn at
            every update; "slow": in turn with the other slow ones), and the Plotly "data" and "layout". Those of
            another "kind" (KINDS in frontend/panel.js maps them to what draws them) are drawn on a canvas: "field" (see
            `plane_figures.plane_panel`), "images" and "film" (see `image_figures`);
            "attributes": set as data-* on the root element, for anyone who tests from outside;
            "message": "kind" ("info", "good", "warning", "error") and "text";
            "tiles": numbers, each "id", "label", "value", "role", "help";
            "legend": each "role", "label", "mark" ("line", "dash", "fill").
    """
    _register()
    component = st.components.v2.component(_NAME, js="board.js", css="board.css", isolate_styles=False)
    component(key=key, data=packed)


def _picks(picked: Any) -> list[int]:
    """The picks as they came from the browser, if they are possible ones; else none."""
    if not isinstance(picked, list) or not 1 <= len(picked) <= 2:
        return []
    possible = all(type(i) is int and 0 <= i < ON_OFFER for i in picked) and len(set(picked)) == len(picked)
    return picked if possible else []


def charts(key: str, panels: Sequence[Mapping[str, Any]], tiles: Sequence[Mapping[str, str]] = ()) -> None:
    """Charts of an exhibit, redrawn in place without flicker when a slider moves; see `live_board`."""
    live_board(
        key, pack({"panels": list(panels), "tiles": list(tiles), "legend": [], "message": None, "attributes": {}})
    )


def pickable_charts(
    key: str,
    panels: Sequence[Mapping[str, Any]],
    tiles: Sequence[Mapping[str, str]],
    legend: Sequence[Mapping[str, str]],
    on_pick: Callable[[int], object],
) -> None:
    """As `charts`, with a panel of `map_figures.cells_panel` among them.

    Args:
        on_pick: called with the number of the cell that the visitor picked, before the fragment runs again.
    """
    _register()
    content: dict[str, Any] = {
        "panels": list(panels), "tiles": list(tiles), "legend": list(legend), "message": None, "attributes": {},
    }  # fmt: skip
    component = st.components.v2.component(_NAME, js="board.js", css="board.css", isolate_styles=False)

    def told() -> None:
        cell = st.session_state[key].get("picked")
        if type(cell) is int and cell >= 0:
            on_pick(cell)

    component(key=key, data=pack(content), on_picked_change=told)


def tile(id: str, label: str, value: str, role: str = "", help: str = "") -> dict[str, str]:
    """A number above the charts; `role` is its colour."""
    return {"id": id, "label": label, "value": value, "role": role, "help": help}


def painter(key: str, painted: np.ndarray) -> np.ndarray | None:
    """A square of cells to paint on; returns the painted cells once the visitor is done, else None.

    Args:
        painted: (n, n) booleans to begin with; first index x from the left, second y from the bottom.
    Raises:
        ValueError: the browser sent something else than n * n zeros and ones.
    """
    _register()
    component = st.components.v2.component(_PAINTER, js="painter.js", css="board.css", isolate_styles=False)
    texts = {"done": tr("Train on this"), "clear": tr("Clear"), "label": tr("Your drawing")}
    bits = "".join("01"[int(b)] for b in painted.ravel())
    result = component(key=key, data={"n": len(painted), "bits": bits, "texts": texts}, on_done_change=lambda: None)
    done = result.get("done")
    if done is None:
        return None
    if not isinstance(done, str) or len(done) != painted.size or set(done) - {"0", "1"}:
        raise ValueError(Message("The drawing did not arrive in one piece. Please press the button again."))
    return np.array([c == "1" for c in done]).reshape(painted.shape)
