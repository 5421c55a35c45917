"""How what a visitor takes away is asked for and made: beside the event loop, and never more at once than is good for the
trainings.

    GET gan/take/<key>/<what>?lang=ko&at=1200&ghost=side

<key> is a run's id, or its key to watch; <what> a key of `takeaways.TAKEAWAYS`. The answer is the file; a sentence,
{"text": …}, why there is none; or, with status 202, {"done": 0.4, "job": …}: it takes long, ask again with &job=….
"""

import asyncio
import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from starlette.responses import JSONResponse, Response

from gan_core import RunGone
from gan_core.messages import Message
from pages.ui import feed, ghosts
from pages.ui.takeaway.source import NothingYet, Source
from pages.ui.takeaway.takeaways import TAKEAWAYS, Takeaway
from pages.ui.text import LANGUAGES, speaking, tr_message

T = TypeVar("T")
WAITING = 30  # that may wait to be made, beside those that take long
JOBS = 6  # that take long: in the making, or made and not dropped yet
UNASKED = 20.0  # seconds after which nobody waits for a job any more


class Refused(Exception):
    """args: a status of HTTP, and a sentence."""


class _Unasked(Exception):
    """Nobody waits for it any more."""


def _too_late() -> Refused:
    return Refused(404, Message("It was made too long ago. Ask for it anew."))


@dataclass(eq=False)
class Job:
    """Something that takes long.

    Attributes:
        of: for whom it is. done: the share that is, from 0 to 1. file: of its bytes.
    """

    of: tuple[str, str, str]
    id: str = field(default_factory=lambda: secrets.token_urlsafe(8))
    done: float = 0.0
    asked_at: float = field(default_factory=time.monotonic)
    file: "Future[bytes]" = field(default_factory=Future)

    def progress(self, done: float) -> None:
        """It has come so far.

        Raises:
            _Unasked: nobody has asked for it for a while.
        """
        self.done = done
        if time.monotonic() - self.asked_at > UNASKED:
            raise _Unasked


class Workshop:
    """The threads in which things are made: two for quick ones, one for those that take long, one after the other."""

    def __init__(self) -> None:
        self._quick = ThreadPoolExecutor(2, "taking")
        self._slow = ThreadPoolExecutor(1, "film")
        self._waiting = 0
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()  # guards `_waiting` and `_jobs`

    async def make(self, make: Callable[[], T]) -> T:
        """What this returns, made in a thread.

        Raises:
            Refused: too many wait already.
        """
        with self._lock:
            if self._waiting >= WAITING:
                raise Refused(503, Message("Too many visitors take something away just now. Try again in a minute."))
            self._waiting += 1
        try:
            return await asyncio.wrap_future(self._quick.submit(make))
        finally:
            with self._lock:
                self._waiting -= 1

    def job(self, of: tuple[str, str, str], id: str, make: Callable[[Callable[[float], object]], bytes]) -> Job:
        """The job of this id; without one that which is in the making for the same, or a new one.

        Raises:
            Refused: there is no such job any more, or too many are in the making.
        """
        with self._lock:
            if id:
                job = self._jobs.get(id)
                if job is None or job.of != of:
                    raise _too_late()
            else:
                job = next((j for j in self._jobs.values() if j.of == of and not j.file.done()), None) or self._new(
                    of, make
                )
            job.asked_at = time.monotonic()
        return job

    def _new(self, of: tuple[str, str, str], make: Callable[[Callable[[float], object]], bytes]) -> Job:
        while len(self._jobs) >= JOBS:
            old = next((id for id, job in self._jobs.items() if job.file.done()), None)
            if old is None:
                raise Refused(503, Message("Too many films are in the making. Try again in a minute."))
            del self._jobs[old]
        job = Job(of)
        self._jobs[job.id] = job
        job.file = self._slow.submit(make, job.progress)
        return job


WORKSHOP = Workshop()


async def answer(key: str, what: str, asked: Mapping[str, str]) -> Response:
    """The file that is asked for, or why there is none; see the module.

    Args:
        asked: "lang"; "at": the step that one looks back to; "ghost": how another training is shown; "job".
    """
    language = asked.get("lang", "en")
    language = language if language in LANGUAGES else "en"
    try:
        return await _answer(key, what, asked, language)
    except Refused as refused:
        status, text = refused.args
    except NothingYet as nothing:
        status, text = 409, nothing.args[0]
    except Exception as error:
        if isinstance(error, ValueError) and error.args and isinstance(error.args[0], Message):
            status, text = 409, error.args[0]  # it is so large, or so broken, that it cannot be written
        else:  # a bug in one drawing
            status, text = 500, Message("This could not be made: an error of the app, not yours.")
            logging.getLogger(__name__).exception("%s could not be made", what)
    with speaking(language):
        return JSONResponse({"text": tr_message(text)}, status)


async def _answer(key: str, what: str, asked: Mapping[str, str], language: str) -> Response:
    if what not in TAKEAWAYS:
        raise Refused(404, Message("There is nothing of this name to take away."))
    takeaway = TAKEAWAYS[what]
    try:
        run_id, commands = feed.runner().find(key)
        run = feed.runner().run(run_id)
    except RunGone as gone:
        raise Refused(404, gone.args[0]) from None
    if not (commands or takeaway.watchers):
        raise Refused(403, Message("You are watching: only who started this run can take this away."))
    source = Source(run, _look(asked), language)
    if not takeaway.takes_long:
        return await WORKSHOP.make(lambda: _file(takeaway, source, made(takeaway, source)))

    def make(progress: Callable[[float], object]) -> bytes:
        return made(takeaway, Source(run, source.look, language, progress))

    job = WORKSHOP.job((run_id, what, language), asked.get("job", ""), make)
    if not job.file.done():
        return JSONResponse({"done": job.done, "job": job.id}, 202)
    try:
        return _file(takeaway, source, job.file.result())
    except _Unasked:
        raise _too_late() from None


def made(takeaway: Takeaway, source: Source) -> bytes:
    """The bytes, with words in the visitor's language."""
    with speaking(source.language):
        return takeaway.make(source)


def _file(takeaway: Takeaway, source: Source, data: bytes) -> Response:
    name = source.name(takeaway.suffix, (source.now if takeaway.of_now else source.shown).step)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store",
               "X-Content-Type-Options": "nosniff"}  # fmt: skip
    return Response(data, media_type=takeaway.media_type, headers=headers)


def _look(asked: Mapping[str, str]) -> feed.Look:
    at, ghost = asked.get("at", ""), asked.get("ghost", "")
    if not (at == "" or (at.isascii() and at.isdigit() and len(at) < 16)) or ghost not in ("", *ghosts.MODES):
        raise Refused(400, Message("That is no moment of a training."))
    return feed.Look(int(at) if at else None, (), ghost)
