"""For those who run the server: whether it is well, and what it does.

    GET gan/health    {"ok": true, "version": "0.1.0", "processes": 2}; status 503 where one does not answer
    GET gan/metrics   in the text format of Prometheus; the environment variable GAN_METRICS says for whom: "local" (as
                      usual) for this machine, "all", or "off"

Everything is gathered when it is asked for, once for all who ask at the same time. The runs have a place from the start on,
so that a server that nobody has visited yet is as well as any.
"""

import asyncio
import contextlib
import functools
import os
import threading
import tomllib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from pages.ui import limits, meters, stopping
from pages.ui.line import below

if TYPE_CHECKING:
    from pages.ui import studio

HEALTH_PATH, METRICS_PATH = "gan/health", "gan/metrics"
PATIENCE = 2.0  # seconds that a process has to answer
_PROXIES_SAY = ("forwarded", "via", "x-forwarded-for", "x-forwarded-proto", "x-real-ip")
_asked: dict[str, "asyncio.Task[Mapping[str, Any]]"] = {}


def routes() -> list[BaseRoute]:
    """The routes to add to Streamlit's own."""
    return [
        Route(below() + HEALTH_PATH, health, methods=["GET"]),
        Route(below() + METRICS_PATH, metrics, methods=["GET"]),
    ]


@contextlib.asynccontextmanager
async def lifespan(app: object) -> AsyncIterator[None]:
    """While the server serves; for `st.App`. PyTorch, and a first process, are there before the first visitor needs them."""
    async with stopping.lifespan(app):
        threading.Thread(target=_studio, name="studio").start()
        yield


@functools.cache
def version() -> str:
    """Of the app."""
    about = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))
    return str(about["project"]["version"])


async def health(request: Request) -> Response:
    """See the module."""
    found = await _ask("answers")
    answering = sum(answer is not None for answer in found.values())
    ok = bool(found) and answering == len(found)
    return JSONResponse(
        {"ok": ok, "version": version(), "processes": answering}, 200 if ok else 503, {"Cache-Control": "no-store"}
    )


async def metrics(request: Request) -> Response:
    """See the module."""
    if not may_read(request):
        return Response("the metrics of this server are not for you", 403, media_type="text/plain")
    now = CollectorRegistry()
    now.register(_Now(await _ask("figures")))
    content = generate_latest(meters.REGISTRY) + generate_latest(now)
    return Response(content, headers={"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"})


def may_read(request: Request) -> bool:
    """Whether who asks may know what the server does. A visitor by way of a proxy is none of this machine, even where the
    proxy does not say whose request it is."""
    allowed = os.environ.get("GAN_METRICS", "local")
    if allowed == "all":
        return True
    if allowed != "local" or request.client is None or any(name in request.headers for name in _PROXIES_SAY):
        return False
    return not limits.outside(request.client.host)


class _Now(Collector):
    """What the processes have answered: name -> `census.Figures`, or None."""

    def __init__(self, found: Mapping[str, Any]):
        self._found = found

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """See `Collector`."""
        from pages.ui import census

        figures = [f for f in self._found.values() if f is not None]
        up = GaugeMetricFamily("gan_process_up", "Whether a process of runs answers.", labels=["process"])
        memory = GaugeMetricFamily("gan_memory_bytes", "Memory of the server and its processes.", labels=["process"])
        for name, answer in self._found.items():
            up.add_metric([name], answer is not None)
        for name, held in {"server": census.memory(), **{n: f.memory for n, f in self._found.items() if f}}.items():
            if held is not None:
                memory.add_metric([name], held)
        yield up
        yield memory
        yield GaugeMetricFamily("gan_runs", "Runs that there are.", sum(f.runs for f in figures))
        yield GaugeMetricFamily("gan_runs_playing", "Runs that play.", sum(f.playing for f in figures))
        beside = sum(f.beside for f in figures)
        yield GaugeMetricFamily("gan_beside", "Maps, and trainings of lessons, that train beside the runs.", beside)
        rate = sum(f.steps_per_second for f in figures)
        yield GaugeMetricFamily("gan_steps_per_second", "Steps per second of all runs.", rate)
        yield GaugeMetricFamily(
            "gan_turns", "Turns of runs that wait in a queue, or are at work.", sum(f.turns for f in figures)
        )


async def _ask(question: str) -> Mapping[str, Any]:
    """Process -> what its `census` answers, None where it does not; asked once for all who ask at the same time."""
    task = _asked.get(question)
    if task is None or task.done() or task.get_loop() is not asyncio.get_running_loop():
        task = _asked[question] = asyncio.create_task(_gather(question))
    return await asyncio.shield(task)


async def _gather(question: str) -> Mapping[str, Any]:
    def ask() -> Mapping[str, Any]:
        from pages.ui import census

        do: Callable[[], Any] = getattr(census, question)
        return _studio().everywhere(do)

    answers = {name: asyncio.wrap_future(answer) for name, answer in (await asyncio.to_thread(ask)).items()}
    if answers:
        await asyncio.wait(answers.values(), timeout=PATIENCE)
    return {name: _result(answer) for name, answer in answers.items()}


def _studio() -> "studio.Studio":
    from pages.ui import studio  # only now: it waits for PyTorch

    return studio.studio()


def _result(answer: "asyncio.Future[Any]") -> Any:
    """What it holds; None if that is nothing yet, or an exception."""
    if not answer.done():
        answer.cancel()
        return None
    with contextlib.suppress(Exception):
        return answer.result()
    return None
