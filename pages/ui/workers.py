"""Processes in which runs live, seen from the web server: each has a runner of its own, and so a core.

A process is started when it is needed, see `Workers.begin`. The key of a run begins with the number of its process, so that
every call finds its way. Calls go there as pickled messages over a local socket that only this server's own children can
open. A process that ends takes nothing with it but a few seconds of training: another one takes its place, and its runs go
on from the last state that they had sent.
"""

import asyncio
import atexit
import contextlib
import itertools
import logging
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Future
from multiprocessing import AuthenticationError
from typing import Any, TypeVar

from gan_core import RunGone, TrainConfig, own_targets
from pages.ui import asking, beside, census, feed, keepsakes, meters, processes
from pages.ui.elsewhere import Elsewhere, number_of, patiently
from pages.ui.keepsakes import Keepsake
from pages.ui.looks import View
from pages.ui.processes import Process
from pages.ui.relay import Relay, Relays, WorkerDied

T = TypeVar("T")
_AGAIN = 1.0  # seconds until another process is tried where one ended before it was there
_FEW = 2  # runs that a process has before another one is started
_log = logging.getLogger(__name__)


class Worker:
    """One process.

    Args:
        number: its place among the workers; the keys of its runs begin with it.
        ended: called once, in a thread of its own, when the process has ended.
    Raises:
        WorkerDied: it has ended before it was there.

    Attributes:
        process: the process. runs: what is known of its runs, by their ids.
    """

    def __init__(self, number: int, ended: Callable[["Worker"], None]):
        self.number = number
        self.runs: dict[str, Keepsake] = {}
        self._ended = ended
        self._waiting: dict[int, Future[Any]] = {}
        self._numbers = itertools.count()
        self._lock = threading.Lock()  # guards sending, and the tables that it knows
        self._tables: set[str] = set()
        self._closing = self._gone = False
        try:
            self.process = processes.take()
            self.process.connect()
        except (OSError, EOFError, AuthenticationError) as error:
            raise WorkerDied("the process has ended before it was there") from error
        threading.Thread(target=self._listen, name=f"worker_{number}", daemon=True).start()
        self.call(feed.settle_in, f"{number}-")

    def submit(self, do: Callable[..., T], *args: Any, **named: Any) -> Future[T]:
        """See `Callee`."""
        return self._ask(do, args, named)[1]

    def call(self, do: Callable[..., T], *args: Any, **named: Any) -> T:
        """See `Callee`."""
        return self.submit(do, *args, **named).result()

    async def acall(self, do: Callable[..., T], *args: Any, **named: Any) -> T:
        """See `Callee`."""
        n, answer = self._ask(do, args, named)
        try:
            return await asyncio.wrap_future(answer)
        except asyncio.CancelledError:
            self._waiting.pop(n, None)  # no answer will come
            with self._lock, contextlib.suppress(OSError):
                self.process.send((n, None, (), {}))
            raise

    def close(self) -> Process:
        """Its end is meant; returns the process, which is still to be ended."""
        self._closing = True
        return self.process

    def _ask(self, do: Callable[..., T], args: tuple[Any, ...], named: dict[str, Any]) -> tuple[int, Future[T]]:
        """The number of the call, and the answer to come."""
        answer: Future[T] = Future()
        with self._lock:
            n = next(self._numbers)
            self._waiting[n] = answer
            try:
                if self._gone:
                    raise ConnectionResetError
                self._teach()
                self.process.send((n, do, args, named))
            except OSError:
                self._waiting.pop(n, None)
                answer.set_exception(WorkerDied("the process has ended"))
        return n, answer

    def _teach(self) -> None:
        """Send the visitors' own tables that it does not know."""
        for key, table in own_targets.tables().items():
            if key not in self._tables:
                self._tables.add(key)
                self.process.send((next(self._numbers), keepsakes.learn, (table,), {}))

    def _know(self, alive: set[str], news: Sequence[Keepsake]) -> None:
        """Only these runs live. One that has just begun may be missing: it is in the next news."""
        known = self.runs | {keepsake.run_id: keepsake for keepsake in news}
        self.runs = {run_id: keepsake for run_id, keepsake in known.items() if run_id in alive}

    def _listen(self) -> None:
        """Answers come back in any order, and in between what runs send of themselves."""
        with contextlib.suppress(EOFError, OSError):
            while True:
                n, good, value = self.process.receive()
                if n is None:
                    self._know(good, value)
                    continue
                answer = self._waiting.pop(n, None)
                if answer is None or answer.done():
                    continue
                with contextlib.suppress(Exception):  # nobody waits any more
                    (answer.set_result if good else answer.set_exception)(value)
        with self._lock:
            self._gone = True
        for answer in list(self._waiting.values()):
            with contextlib.suppress(Exception):
                answer.set_exception(WorkerDied("the process has ended"))
        self.process.popen.wait()
        if not self._closing:
            self._ended(self)


class Workers(Elsewhere):
    """The runs live in other processes; see `studio.Studio`.

    Args:
        most: number of processes that there may be.
    """

    def __init__(self, most: int):
        self._most = most
        self._workers: dict[int, Worker] = {}
        self._relays = Relays(self._ask_for_frame, self._come_back)
        self._starting = threading.Lock()
        self._shut = False
        atexit.register(self.shutdown)
        threading.Thread(target=self._worker_for_new_run, name="first_worker", daemon=True).start()

    # ---- see `studio.Studio` ----

    def begin(self, config: TrainConfig) -> str:
        """A new paused run, in the process with the fewest; a new process once all have a few."""
        return patiently(None, lambda: self._begin(config))

    def _begin(self, config: TrainConfig) -> str:
        worker = self._worker_for_new_run()
        run_id, keepsake = worker.call(keepsakes.begin_and_keep, config)
        worker.runs[run_id] = keepsake
        return run_id

    def place(self, do: Callable[..., T], *args: Any) -> T:
        """See `studio.Studio`."""
        return patiently(None, lambda: self._worker_for_new_run().call(do, *args))

    def everywhere(self, do: Callable[..., Any], *args: Any) -> dict[str, Future[Any]]:
        """See `studio.Studio`."""
        return {str(number): worker.submit(do, *args) for number, worker in list(self._workers.items())}

    @contextlib.asynccontextmanager
    async def watch(self, run_id: str, *, watching: bool = False) -> AsyncIterator[Relay]:
        """See `studio.Studio`."""
        relay = self._relays.of(run_id)
        await self.acall(run_id, asking.attach, watching=watching)
        try:
            yield relay
        finally:
            with contextlib.suppress(RunGone, WorkerDied):
                await asyncio.shield(self.acall(run_id, asking.detach, watching=watching))

    def waits(self, run_id: str, config: TrainConfig) -> bool:
        """See `studio.Studio`."""
        return self.call(run_id, asking.waits, config)

    def keep(self, folder: str) -> dict[str, Future[int]]:
        """See `studio.Studio`."""
        return self.everywhere(census.keep, folder)

    @property
    def processes(self) -> list[subprocess.Popen[bytes]]:
        """Those that run."""
        return [worker.process.popen for worker in self._workers.values()]

    def kept_step(self, run_id: str) -> int:
        """The step from which a run would go on if its process ended now."""
        state = self.callee(number_of(run_id)).runs[run_id].state
        return state.step if state else 0

    def shutdown(self) -> None:
        """End all processes."""
        self._shut = True
        processes.end([worker.close() for worker in list(self._workers.values())])
        self._workers.clear()

    async def _ask_for_frame(self, run_id: str, have: int, view: View) -> tuple[int, bytes]:
        return await self.acall(run_id, feed.next_frame, have, view)  # type: ignore[arg-type]

    async def _come_back(self, run_id: str) -> None:
        await self.acall(run_id, asking.attach)

    # ---- the processes ----

    def callee(self, number: int) -> Worker:
        """See `Elsewhere`."""
        if worker := self._workers.get(number):
            return worker
        raise RunGone

    def _worker_for_new_run(self) -> Worker:
        with self._starting:
            sizes = {worker.call(beside.how_much): worker for worker in self._workers.values()}
            if sizes and (min(sizes) < _FEW or len(self._workers) >= self._most):
                return sizes[min(sizes)]
            number = next(n for n in itertools.count() if n not in self._workers)
            try:
                self._workers[number] = Worker(number, self._replace)
            except WorkerDied:
                if not sizes:
                    raise
                return sizes[min(sizes)]
            return self._workers[number]

    def _replace(self, dead: Worker) -> None:
        """Another process takes the place of one that has ended, and its runs."""
        if self._shut:
            return
        meters.RESTARTS.inc()
        _log.warning("worker %d has ended; another one takes its %d runs", dead.number, len(dead.runs))
        while not self._shut:
            with contextlib.suppress(WorkerDied), self._starting:
                if self._workers.get(dead.number) is dead:
                    worker = Worker(dead.number, self._replace)
                    for keepsake in dead.runs.values():
                        with contextlib.suppress(Exception):
                            worker.call(keepsakes.revive, keepsake)
                    worker.runs = dict(dead.runs)
                    self._workers[dead.number] = worker
                return
            time.sleep(_AGAIN)
