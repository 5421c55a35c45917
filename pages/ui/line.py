"""The direct line between a run and a browser: a WebSocket beside Streamlit's own; frames out, commands in.

The browser asks for the next frame when it has drawn the last, so that a slow one is never flooded, and a run that
nobody watches, or that stands still, costs nothing. Where no WebSocket gets through, the same by HTTP.

Messages are JSON objects, see `commands.COMMANDS`, and:

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
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from pages.ui import limits, meters, stopping

PATH = "gan/line"  # below the address of the app
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
    path = f"{below()}{PATH}/{{key}}"
    return [WebSocketRoute(path, socket), Route(path, poll, methods=["POST"])]


def below() -> str:
    """The path below which the app is served: "/", or e.g. "/gan-class/"."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}/" if base else "/"


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
        from pages.ui import (  # only now: the server answers before PyTorch is loaded
            asking,
            commands,
            ghosts,
            looks,
            studio,
            text,
        )

        self._commands, self._looks, self._text, self._gone, self._modes = commands, looks, text, RunGone, ghosts.MODES
        self._studio = studio.studio()
        self.language = language if language in text.LANGUAGES else "en"
        try:
            self.run_id, self.commands = self._studio.call(key, asking.find)
        except RunGone:
            raise Refusal(GONE) from None
        self.view = looks.View(self.language, watching=not self.commands)
        self.have = 0

    async def do(self, asked: dict[str, Any]) -> str:
        """Carry out a command; returns a sentence if it is not possible, else "".

        Raises:
            Refusal: it is none, or the run is gone.
        """
        if asked["do"] == "look":
            self._look(asked)
            return ""
        if asked["do"] not in self._commands.COMMANDS:
            raise Refusal(MALFORMED)
        if not self.commands:
            with self._text.speaking(self.language):
                return self._text.tr("You are watching: only who started this run can command it.")
        try:
            await self._studio.acall(self.run_id, self._commands.command, asked)
        except self._gone:
            raise Refusal(GONE) from None
        except RecursionError:  # a value too deep to be named
            raise Refusal(MALFORMED) from None
        except ValueError as error:  # what it names may hold half of a character
            with self._text.speaking(self.language):
                return self._text.tr_message(error.args[0]).encode(errors="replace").decode()
        return ""

    def _look(self, asked: dict[str, Any]) -> None:
        at, picked, ghost = looked(asked, self._modes)
        self.view = dataclasses.replace(self.view, look=self._looks.Look(at, tuple(picked), ghost))
        self.have = 0

    async def frame(self, channel: Any) -> bytes:
        """The next frame, as soon as there is one."""
        view = self.view
        self.have, packed = await channel.frame(self.have, view)
        return packed

    @contextlib.asynccontextmanager
    async def watch(self) -> Any:
        """Inside, the visitor is there; yields where frames come from.

        Raises:
            Refusal: the run was released meanwhile.
        """
        async with contextlib.AsyncExitStack() as stack:
            try:
                watch = self._studio.watch(self.run_id, watching=not self.commands)
                channel = await stack.enter_async_context(watch)
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


def looked(asked: Mapping[str, Any], modes: Sequence[str]) -> tuple[int | None, list[int], str]:
    """What somebody asks to see: a step or None for now, picked fakes, and how the other training is shown, one of `modes`
    or "".

    Raises:
        Refusal: it is malformed.
    """
    at, picked, ghost = asked.get("at"), asked.get("picked", []), asked.get("ghost", "")
    if at is not None and (type(at) is not int or not 0 <= at < 2**53):
        raise Refusal(MALFORMED)
    if not isinstance(picked, list) or len(picked) > 2 or not all(type(i) is int and 0 <= i < 512 for i in picked):
        raise Refusal(MALFORMED)
    if not isinstance(ghost, str) or ghost not in ("", *modes):
        raise Refusal(MALFORMED)
    return at, picked, ghost


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
        with _counted(line, websocket):
            async with line.watch() as channel:
                await _serve(websocket, line, channel)
    except Refusal as refusal:
        meters.REFUSED.labels(refusal.args[0]).inc()
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await websocket.close(refusal.args[0])
    except WebSocketDisconnect:
        pass


@contextlib.contextmanager
def _counted(line: Line, websocket: WebSocket) -> Iterator[None]:
    """Inside, the line is one of those that its run and its address have.

    Raises:
        Refusal: they have as many as they may.
    """
    address = limits.outside(websocket.client.host if websocket.client else None)
    try:
        with (
            limits.LINES.one((limits.LINES_PER_RUN, line.run_id), (limits.LINES_PER_ADDRESS, address)),
            meters.LINES.track_inprogress(),
        ):
            yield
    except limits.TooMany:
        raise Refusal(TOO_MANY) from None


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
            if problem := await line.do(message):
                meters.REFUSED.labels("sentence").inc()
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
        meters.sent(packed)


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
        meters.REFUSED.labels(refusal.args[0]).inc()
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
    async with line.watch() as channel:
        wanted = False
        for message in messages:
            if message["do"] == "next":
                line.have, wanted = message.get("have", 0), True
            elif problem := await line.do(message):
                meters.REFUSED.labels("sentence").inc()
                return JSONResponse({"note": "refused", "text": problem})
        if wanted:
            with contextlib.suppress(TimeoutError):
                async with stopping.patience(PATIENCE):
                    packed = await line.frame(channel)
                    meters.sent(packed)
                    return Response(packed, media_type="application/octet-stream")
        return Response(status_code=204)
