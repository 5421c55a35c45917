"""The runs of all web servers, as actors of a Ray cluster on any number of machines; see `pages.ui.studio`.

    GAN_CLUSTER=10.0.0.5:6379 streamlit run app.py

The key of a run begins with the number of its actor, so that every web server finds it. When a web server ends, however it does,
its visitors go on at another one with the same runs; when an actor ends, Ray starts another one, which has its runs.
"""

import asyncio
import contextlib
import itertools
import logging
import os
import pickle
import secrets
import threading
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import Future
from typing import Any, TypeVar

from gan_core import RunGone, TrainConfig, own_targets
from pages.ui import beside, census, keepsakes, meters
from pages.ui.cluster import actors, attendance, lobby, runs
from pages.ui.cluster.actors import Remote
from pages.ui.elsewhere import Elsewhere, number_of, patiently
from pages.ui.looks import View
from pages.ui.relay import Relay, Relays, WorkerDied

T = TypeVar("T")
BEAT = 1.0  # seconds
_log = logging.getLogger(__name__)
_FEW = 2  # runs that an actor has before another one is started
_SOON = 2.0  # seconds within which an actor answers that is not in trouble


class Cluster(Elsewhere):
    """The runs live in a cluster; see `pages.ui.studio.Studio`.

    Args:
        address: of its head, as Ray has it.

    Attributes:
        server: the name of this web server in the cluster. lobby: see `lobby`. on_unknown: called when the lobby has forgotten this server.
        in_rooms: who is in rooms by way of this server, see `lobby.Lobby.beat`.
    """

    def __init__(self, address: str):
        actors.connect(address)
        self.server = secrets.token_hex(8)
        self.on_unknown: list[Callable[[], object]] = []
        self.in_rooms: Callable[[], dict[str, dict[str, int]]] = dict
        self.lobby = actors.start(lobby.NAME, lobby.begin)
        self._remotes: dict[int, Remote] = {}
        self._relays = Relays(self._ask_for_frame, self._attend)
        self._visitors: Counter[tuple[str, bool]] = Counter()  # (run, whether they only watch) -> of this server
        self._taught: defaultdict[int | str, set[str]] = defaultdict(
            set
        )  # actor -> keys of the tables that it was sent
        self._starts: dict[int, int] = {}
        self._is_known = False  # whether the lobby has been told who is here
        self._starting = threading.Lock()
        self._shut = threading.Event()
        with contextlib.suppress(WorkerDied):
            self._beat()
        threading.Thread(target=self._beat_for_ever, name="beat", daemon=True).start()
        threading.Thread(target=self._actor_for_new_run, name="first_actor", daemon=True).start()

    # ---- see `studio.Studio` ----

    def begin(self, config: TrainConfig) -> str:
        """A new paused run, in the actor with the fewest; a new actor once all have a few."""
        return patiently(None, lambda: self._begin(config))

    def _begin(self, config: TrainConfig) -> str:
        number = self._actor_for_new_run()
        run_id, keepsake = self.callee(number).call(attendance.begin, config, self.server)
        with contextlib.suppress(WorkerDied):  # the actor tells the next lobby itself
            self.ask_lobby("keep", number, run_id, runs.told(keepsake))
        return run_id

    def place(self, do: Callable[..., T], *args: Any) -> T:
        """See `studio.Studio`."""
        return patiently(None, lambda: self.callee(self._actor_for_new_run()).call(do, *args))

    def everywhere(self, do: Callable[..., Any], *args: Any) -> dict[str, Future[Any]]:
        """See `studio.Studio`."""
        numbers = runs.numbers(actors.names())
        return {str(number): self._remote(number).submit(do, *args) for number in numbers}

    @contextlib.asynccontextmanager
    async def watch(self, run_id: str, *, watching: bool = False) -> AsyncIterator[Relay]:
        """See `studio.Studio`."""
        relay = self._relays.of(run_id)
        self._visitors[run_id, watching] += 1
        try:
            await self._attend(run_id)
            yield relay
        finally:
            self._visitors[run_id, watching] -= 1
            if not self._visitors[run_id, watching]:
                del self._visitors[run_id, watching]
            with contextlib.suppress(RunGone, WorkerDied):
                await asyncio.shield(self._attend(run_id))

    def waits(self, run_id: str, config: TrainConfig) -> bool:
        """See `studio.Studio`: a visitor who comes from another server is back, too."""
        return self.call(run_id, attendance.waits, config, self.server)

    def keep(self, folder: str) -> dict[str, Future[int]]:
        """See `studio.Studio`: only the last server ends the runs."""
        return self.everywhere(census.keep, folder) if self.ask_lobby("leave", self.server) else {}

    def kept_step(self, run_id: str) -> int:
        """The step from which a run would go on if its process ended now."""
        return self.ask_lobby("kept_step", number_of(run_id), run_id)

    def shutdown(self) -> None:
        """Leave the cluster. Its runs go on: for the visitors who are at other servers by now, and for those who come back."""
        self._shut.set()
        with contextlib.suppress(WorkerDied):
            self.ask_lobby("leave", self.server)
        actors.disconnect()

    # ---- the lobby ----

    def ask_lobby(self, question: str, *args: Any) -> Any:
        """See `lobby.ask`."""
        return self.lobby.call(lobby.ask, question, *args)

    async def aask_lobby(self, question: str, *args: Any, patience: float = 10.0) -> Any:
        """As `ask_lobby`, for an event loop; it waits for so many seconds."""
        try:
            async with asyncio.timeout(patience):
                return await self.lobby.acall(lobby.ask, question, *args)
        except TimeoutError:
            raise WorkerDied("the lobby does not answer") from None

    def _beat_for_ever(self) -> None:
        while not self._shut.wait(BEAT):
            try:
                self._beat()
            except WorkerDied:  # the next one hears another lobby
                continue
            except Exception:
                _log.exception("the lobby could not be told that this server is there")

    def _beat(self) -> None:
        known = self._taught[lobby.NAME]
        tables = {} if known else _pickled(own_targets.tables())
        beat: lobby.Beat = self.ask_lobby("beat", self.server, tables, known, self.in_rooms())
        for key, table in beat.tables.items():
            keepsakes.learn(pickle.loads(table))
            known.add(key)
        restarted = {number for number, n in beat.starts.items() if self._starts.get(number, n) < n}
        meters.RESTARTS.inc(len(restarted))
        self._starts = beat.starts
        if not beat.known:
            known.clear()  # it may be another lobby
            self._is_known = False
        for run_id in {run_id for run_id, _ in list(self._visitors)}:
            if not self._is_known or number_of(run_id) in restarted:
                with contextlib.suppress(RunGone):
                    self.submit(run_id, attendance.attend, self.server, *self._seen(run_id))
        if not self._is_known:
            for do in self.on_unknown:
                do()
            self._is_known = True

    # ---- visitors ----

    def _seen(self, run_id: str) -> tuple[int, int]:
        """Visitors of the run by way of this server, and those of them who only watch."""
        play, watch = self._visitors[run_id, False], self._visitors[run_id, True]
        return play + watch, watch

    async def _attend(self, run_id: str) -> None:
        await self.acall(run_id, attendance.attend, self.server, *self._seen(run_id))

    async def _ask_for_frame(self, run_id: str, have: int, view: View) -> tuple[int, bytes]:
        while True:
            found: Any = await self.acall(run_id, runs.next_frame, have, view)
            if found:
                return found

    # ---- the actors ----

    def _remote(self, number: int) -> Remote:
        if number not in self._remotes:
            found = actors.find(runs.name(number))
            if found is None:
                raise RunGone
            self._remotes[number] = found
        return self._remotes[number]

    def callee(self, number: int) -> Remote:
        """See `Elsewhere`: the actor, once it and the lobby have been sent all visitors' tables."""
        remote = self._remote(number)
        for key, table in own_targets.tables().items():
            if key not in self._taught[lobby.NAME]:
                self._taught[lobby.NAME].add(key)
                self.lobby.submit(lobby.ask, "learn", _pickled({key: table}))
            if key not in self._taught[number]:
                self._taught[number].add(key)
                remote.submit(keepsakes.learn, table)
        return remote

    def _actor_for_new_run(self) -> int:
        with self._starting:
            sizes: list[tuple[int, int]] = []
            for name, answer in self.everywhere(beside.how_much).items():
                with contextlib.suppress(Exception):  # it has ended, or is too busy: others are there
                    sizes.append((answer.result(_SOON), int(name)))
            known = runs.numbers(actors.names())
            if sizes and (min(sizes)[0] < _FEW or len(known) >= self._most()):
                return min(sizes)[1]
            number = next(n for n in itertools.count() if n not in known) if len(known) < self._most() else known[0]
            self._remotes[number] = actors.start(runs.name(number), runs.settle, number)
            return number

    def _most(self) -> int:
        """Actors of runs that there may be: as GAN_WORKERS says, or one per core of the cluster as it is now."""
        asked = os.environ.get("GAN_WORKERS", "")
        return max(int(asked), 1) if asked.isdecimal() else actors.cores()


def _pickled(tables: Mapping[str, own_targets.Table]) -> dict[str, bytes]:
    """As the lobby has them."""
    return {key: pickle.dumps(table) for key, table in tables.items()}
