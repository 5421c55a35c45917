"""The direct line between a run and a browser: a WebSocket beside Streamlit's own; frames out, commands in.

The browser asks for the next frame when it has drawn the last, so that a slow one is never flooded, and a run that
nobody watches, or that stands still, costs nothing. Where no WebSocket gets through, the same by HTTP.

Messages are JSON objects, see `feed.COMMANDS`, and:

    {"do": "next", "have": 17}                 answered, once, by the first frame of another version
    {"do": "look", "at": 1200, "picked": [3], "ghost": "side"}  what one sees from now on: an earlier step, or null for
                                               now; which fakes are picked; how the other training is shown
"""

import asyncio
import contextlib
import dataclasses
import json
import logging
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from pages.ui import qr

PATH, QR_PATH, TAKE_PATH = "gan/line", "gan/qr", "gan/take"  # below the address of the app
LARGEST = 4096  # bytes of a message
MOST, BURST = 120.0, 240.0  # messages per second, and at once
PATIENCE = 10.0  # seconds that an HTTP request waits for a frame
MALFORMED, FOREIGN, GONE, TOO_MANY = 4400, 4403, 4404, 4429  # codes with which a socket is closed
FAILED = 1011  # the standard code for an error of the server
HTTP_STATUS = {MALFORMED: 400, FOREIGN: 403, GONE: 404, TOO_MANY: 429}


class Refusal(Exception):
    """This line is not served any more; args: one of the codes above."""


def routes() -> list[BaseRoute]:
    """The routes to add to Streamlit's own."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    below = f"/{base}/" if base else "/"
    path = f"{below}{PATH}/{{key}}"
    return [
        WebSocketRoute(path, socket),
        Route(path, poll, methods=["POST"]),
        Route(below + QR_PATH, qr_code, methods=["GET"]),
        Route(f"{below}{TAKE_PATH}/{{key}}/{{what}}", take, methods=["GET"]),
    ]


class Allowance:
    """How many messages may still come: a bucket that fills again."""

    def __init__(self) -> None:
        self._left, self._at = BURST, time.monotonic()

    def take(self) -> None:
        """One has come.

        Raises:
            Refusal: that was too many.
        """
        now = time.monotonic()
        self._left = min(self._left + MOST * (now - self._at), BURST) - 1
        self._at = now
        if self._left < 0:
            raise Refusal(TOO_MANY)


class Line:
    """What one browser asks of one run.

    Args:
        key: the run's id, or its key to watch. language: of the frames.
    """

    def __init__(self, key: str, language: str):
        from gan_core import RunGone
        from pages.ui import feed, ghosts, text  # only now: the server answers before PyTorch is loaded

        self._feed, self._text, self._gone, self._modes = feed, text, RunGone, ghosts.MODES
        self.language = language if language in text.LANGUAGES else "en"
        try:
            self.run_id, self.commands = feed.runner().find(key)
            self.run = feed.runner().run(self.run_id)
        except RunGone:
            raise Refusal(GONE) from None
        self.view = feed.View(self.language, watching=not self.commands)
        self.have = 0

    def do(self, asked: dict[str, Any]) -> str:
        """Carry out a command; returns a sentence if it is not possible, else "".

        Raises:
            Refusal: it is none, or the run is gone.
        """
        if asked["do"] == "look":
            self._look(asked)
            return ""
        if asked["do"] not in self._feed.COMMANDS:
            raise Refusal(MALFORMED)
        with self._text.speaking(self.language):
            if not self.commands:
                return self._text.tr("You are watching: only who started this run can command it.")
            try:
                self._feed.command(self.run_id, asked)
            except self._gone:
                raise Refusal(GONE) from None
            except RecursionError:  # a value too deep to be named
                raise Refusal(MALFORMED) from None
            except ValueError as error:  # what it names may hold half of a character
                return self._text.tr_message(error.args[0]).encode(errors="replace").decode()
        return ""

    def _look(self, asked: dict[str, Any]) -> None:
        at, picked, ghost = asked.get("at"), asked.get("picked", []), asked.get("ghost", "")
        if at is not None and (type(at) is not int or not 0 <= at < 2**53):
            raise Refusal(MALFORMED)
        if not isinstance(picked, list) or len(picked) > 2 or not all(type(i) is int and 0 <= i < 512 for i in picked):
            raise Refusal(MALFORMED)
        if not isinstance(ghost, str) or ghost not in ("", *self._modes):
            raise Refusal(MALFORMED)
        self.view = dataclasses.replace(self.view, look=self._feed.Look(at, tuple(picked), ghost))
        self.have = 0

    async def frame(self, channel: Any) -> bytes:
        """The next frame, as soon as there is one."""
        view = self.view
        self.have, packed = await channel.frame(self.have, view)
        return packed

    @contextlib.contextmanager
    def watch(self) -> Any:
        """Inside, the visitor is there; yields where frames come from.

        Raises:
            Refusal: the run was released meanwhile.
        """
        with contextlib.ExitStack() as stack:
            try:
                channel = stack.enter_context(self._feed.CHANNELS.watch(self.run_id, self.run))
            except self._gone:
                raise Refusal(GONE) from None
            yield channel


def read(text: str | bytes) -> Any:
    """A message.

    Raises:
        Refusal: it is too large or malformed.
    """
    if len(text) > LARGEST:
        raise Refusal(TOO_MANY)
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Refusal(MALFORMED) from None


def checked(message: Any) -> dict[str, Any]:
    """The message, if it is one: an object with a "do"."""
    if not isinstance(message, dict) or not isinstance(message.get("do"), str):
        raise Refusal(MALFORMED)
    have = message.get("have", 0)
    if type(have) is not int:
        raise Refusal(MALFORMED)
    return message


def is_foreign(headers: Any) -> bool:
    """Whether a page of another origin asks, which a WebSocket is not protected from otherwise.

    The check of Streamlit's own socket, with its settings (server.enableCORS, corsAllowedOrigins, allowedHosts). It is not
    public: a test fails if an upgrade takes it away.
    """
    from streamlit.web.server.starlette.starlette_websocket import _is_origin_allowed

    try:
        return not _is_origin_allowed(headers.get("origin"), headers.get("host"))
    except ValueError:  # no address
        return True


# ---- the socket ----


async def socket(websocket: WebSocket) -> None:
    """A visitor's line for as long as it is open."""
    await websocket.accept()
    try:
        if is_foreign(websocket.headers):
            raise Refusal(FOREIGN)
        key, language = websocket.path_params["key"], websocket.query_params.get("lang", "en")
        line = await asyncio.to_thread(Line, key, language)  # the first one waits for PyTorch
        with line.watch() as channel:
            await _serve(websocket, line, channel)
    except Refusal as refusal:
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await websocket.close(refusal.args[0])
    except WebSocketDisconnect:
        pass


async def _serve(websocket: WebSocket, line: Line, channel: Any) -> None:
    """Answer what comes until the visitor leaves; at most one frame is on its way."""
    sending: asyncio.Task[None] | None = None
    try:
        async for message in _messages(websocket):
            if message["do"] == "next":
                line.have = message.get("have", 0)
                if sending:  # the latest question counts
                    sending.cancel()
                sending = asyncio.create_task(_send_frame(websocket, line, channel))
                continue
            if problem := line.do(message):
                await websocket.send_text(json.dumps({"note": "refused", "text": problem}, ensure_ascii=False))
            if message["do"] == "look" and sending and not sending.done():  # it waits for a frame of another view
                sending.cancel()
                sending = asyncio.create_task(_send_frame(websocket, line, channel))
    finally:
        if sending:
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await sending


async def _messages(websocket: WebSocket) -> AsyncIterator[dict[str, Any]]:
    allowance = Allowance()
    while True:
        received = await websocket.receive()
        if received["type"] == "websocket.disconnect":
            return
        allowance.take()
        yield checked(read(received.get("text") or received.get("bytes") or ""))


async def _send_frame(websocket: WebSocket, line: Line, channel: Any) -> None:
    try:
        packed = await line.frame(channel)
    except Exception:  # a bug in one picture: the visitor's line opens anew, the others' go on
        logging.getLogger(__name__).exception("a frame could not be made")
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await websocket.close(FAILED)
        return
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):  # the visitor left meanwhile
        await websocket.send_bytes(packed)


# ---- without a socket ----


async def poll(request: Request) -> Response:
    """The same by HTTP: a list of messages; the answer is a frame, a note, or nothing new."""
    try:
        if is_foreign(request.headers):
            raise Refusal(FOREIGN)
        messages = await _body(request)
        key, language = request.path_params["key"], request.query_params.get("lang", "en")
        line = await asyncio.to_thread(Line, key, language)
        return await _answer(line, messages)
    except Refusal as refusal:
        return JSONResponse({"text": ""}, HTTP_STATUS[refusal.args[0]])


async def _body(request: Request) -> Sequence[dict[str, Any]]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise Refusal(TOO_MANY)
    messages = read(body)
    if not isinstance(messages, list):
        raise Refusal(MALFORMED)
    return [checked(message) for message in messages]


async def _answer(line: Line, messages: Sequence[dict[str, Any]]) -> Response:
    with line.watch() as channel:
        wanted = False
        for message in messages:
            if message["do"] == "next":
                line.have, wanted = message.get("have", 0), True
            elif problem := line.do(message):
                return JSONResponse({"note": "refused", "text": problem})
        if wanted:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    return Response(await line.frame(channel), media_type="application/octet-stream")
        return Response(status_code=204)


# ---- the QR code of a link, and what a visitor takes away ----


def qr_code(request: Request) -> Response:
    """`?text=…` as a QR code; not in the event loop, since a long one takes a quarter of a second."""
    if is_foreign(request.headers):
        return Response("asked by a page of another origin", 403, media_type="text/plain")
    try:
        picture = qr.svg(request.query_params.get("text", ""))
    except ValueError:
        return Response(f"text: 1 to {qr.LONGEST} characters", 400, media_type="text/plain")
    headers = {"Cache-Control": "private, max-age=86400, immutable", "X-Content-Type-Options": "nosniff"}
    return Response(picture, media_type="image/svg+xml", headers=headers)


async def take(request: Request) -> Response:
    """Something of a run as a file, see `taking`."""
    if is_foreign(request.headers):
        return JSONResponse({"text": "asked by a page of another origin"}, 403)
    answer = await asyncio.to_thread(_taking)
    return await answer(request.path_params["key"], request.path_params["what"], request.query_params)


def _taking() -> Any:
    from pages.ui import taking  # only now: it waits for PyTorch

    return taking.answer
