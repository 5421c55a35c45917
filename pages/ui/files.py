"""Files that a browser fetches: the QR code of a link, and what a visitor takes away of a run."""

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from pages.ui import qr
from pages.ui.line import below, is_foreign

QR_PATH, TAKE_PATH = "gan/qr", "gan/take"  # below the address of the app


def routes() -> list[BaseRoute]:
    """The routes to add to Streamlit's own."""
    return [
        Route(below() + QR_PATH, qr_code, methods=["GET"]),
        Route(f"{below()}{TAKE_PATH}/{{key}}/{{what}}", take, methods=["GET"]),
    ]


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
