"""The routes of rooms: one that opens a room, and a WebSocket for all who are in it; see `guest` for what they say.

A POST at `gan/room` opens a room: {"code", "secret"}. Who knows the secret is its host.
"""

import asyncio
import contextlib
import json
import logging
from typing import Any

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from pages.ui import line
from pages.ui.line import FOREIGN, GONE, MALFORMED, TOO_MANY, Allowance, Refusal
from pages.ui.relay import WorkerDied

PATH = "gan/room"  # below the address of the app
SHUT = 4423  # the room is locked or full
HELLO = 10.0  # seconds that a browser has to say who it is


def routes() -> list[BaseRoute]:
    """The routes to add to Streamlit's own."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    path = (f"/{base}/" if base else "/") + PATH
    return [Route(path, create, methods=["POST"]), WebSocketRoute(path + "/{code}", socket)]


async def create(request: Request) -> Response:
    """A new room for who asks."""
    if line.is_foreign(request.headers):
        return JSONResponse({"text": ""}, line.HTTP_STATUS[FOREIGN])
    language = request.query_params.get("lang", "en")
    return await asyncio.to_thread(_create, language)  # the first one waits for PyTorch


def _create(language: str) -> Response:
    from pages.ui.rooms import guest, registry  # only now: the server answers before PyTorch is loaded

    try:
        room = registry.rooms().open()
    except ValueError as error:
        return JSONResponse(guest.refused(error.args[0], language), line.HTTP_STATUS[TOO_MANY])
    return JSONResponse({"code": room.code, "secret": room.secret}, headers={"Cache-Control": "no-store"})


async def socket(websocket: WebSocket) -> None:
    """Somebody's place in a room for as long as the socket is open."""
    await websocket.accept()
    try:
        if line.is_foreign(websocket.headers):
            raise Refusal(FOREIGN)
        await asyncio.to_thread(_load)
        await _visit(websocket)
    except Refusal as refusal:
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await websocket.close(refusal.args[0])
    except WorkerDied:  # those who keep the room are away for a moment: this browser comes back
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await websocket.close(line.FAILED)
    except WebSocketDisconnect:
        pass


def _load() -> None:
    from pages.ui.rooms import guest, hub  # noqa: F401


async def _visit(websocket: WebSocket) -> None:
    from pages.ui.rooms import guest, hub, registry

    room = await asyncio.to_thread(registry.rooms().find, websocket.path_params["code"])
    if room is None:
        raise Refusal(GONE)
    allowance, language = Allowance(), websocket.query_params.get("lang", "en")
    try:
        hello = await asyncio.wait_for(_receive(websocket, allowance), HELLO)
    except TimeoutError:
        raise Refusal(MALFORMED) from None
    with hub.HUBS.of(room) as home:
        try:
            visitor = guest.Guest(home, hello, language)
            await visitor.come()
        except ValueError as error:
            await _send(websocket, guest.refused(error.args[0], language))
            raise Refusal(SHUT) from None
        home.ring()
        speaking = asyncio.create_task(_speak(websocket, visitor, home))
        try:
            while True:
                asked = await _receive(websocket, allowance)
                answer = await visitor.do(asked)
                if asked["do"] != "ping":
                    home.ring()
                if answer:
                    await _send(websocket, answer)
        finally:
            speaking.cancel()
            leaving = asyncio.ensure_future(visitor.leave())
            leaving.add_done_callback(home.somebody_left)  # even if we are cancelled meanwhile
            await asyncio.shield(leaving)
            with contextlib.suppress(asyncio.CancelledError):
                await speaking


async def _receive(websocket: WebSocket, allowance: Allowance) -> dict[str, Any]:
    received = await websocket.receive()
    if received["type"] == "websocket.disconnect":
        raise WebSocketDisconnect
    allowance.take()
    return line.checked(line.read(received.get("text") or received.get("bytes") or ""))


async def _speak(websocket: WebSocket, visitor: Any, home: Any) -> None:
    """Tell what is new until the room is over."""
    code = GONE
    try:
        while not home.room.is_over:
            bell = home.bell
            for text in visitor.news():
                await websocket.send_text(text)
            await bell.wait()
        await _send(websocket, {"note": "over"})
    except (RuntimeError, WebSocketDisconnect):  # the visitor left meanwhile
        return
    except Exception:  # a bug in what is told: this browser comes back, and the room goes on
        logging.getLogger(__name__).exception("a room could not be told of")
        code = line.FAILED
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):
        await websocket.close(code)


async def _send(websocket: WebSocket, message: dict[str, Any]) -> None:
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):  # the visitor left meanwhile
        await websocket.send_text(json.dumps(message, ensure_ascii=False))
