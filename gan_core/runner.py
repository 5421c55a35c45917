"""Trains many GANs side by side in the background of one process, fairly, for visitors who come and go.

Every run is an actor: all work on its trainer is done in slices by a few worker threads, and each run has at most one
slice in their queue, so runs take turns; one that has just been commanded comes first. The caller's thread only posts
commands and reads the latest snapshot; it never waits for a training step.

    runner = Runner()
    run = runner.create(TrainConfig())
    runner.play(run)
    runner.snapshot(run).evaluation.jsd
"""

import os
import secrets
import sys
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from gan_core.config import TrainConfig
from gan_core.cost import Budget, check
from gan_core.messages import Message
from gan_core.recording import Kept, Tape
from gan_core.run import Run
from gan_core.snapshot import Snapshot
from gan_core.state import State
from gan_core.training import GANTrainer
from gan_core.turns import Turns
from gan_core.twin import twin_of

T = TypeVar("T")
_ARRIVAL = 60.0  # seconds from the start of a run until its first visitor comes


class RunnerFull(RuntimeError):
    """No room for another run."""


class RunGone(KeyError):
    """The run was released."""

    def __init__(self, why: str = Message("This run was released, because its visitor was gone; start a new one")):
        super().__init__(why)

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(eq=False)
class _Place:
    """A run and those who are there for it."""

    run: Run
    watch_key: str
    visitors: int = 0
    watchers: int = 0  # of them
    grace: threading.Timer | None = None  # runs while nobody is there
    deserted_at: float = 0.0


class Runner:
    """Owns the runs of all visitors: gives them names, turns, and time to come back.

    Args:
        max_runs: cap; one more raises RunnerFull.
        workers: threads; default one less than the cores, at least one.
        slice_seconds: how long one run trains before it queues again.
        grace_seconds: how long a run trains on without a visitor; then it is paused.
        keep_seconds: how long it is kept after that, unless another visitor needs its place.
        unread_seconds: a run that nobody has looked at for so long is paused.
        budget: what one turn of a run may cost. A worker looks at the clock between two steps only, so nobody waits
            much longer than this for each of the runs before them in the queue.
        make_trainer: builds the trainer from a config.
        prefix: how the keys of the runs begin, where there are other runners with others.

    Attributes:
        turns: who is next; whatever else trains here takes its turns there, too.
    """

    def __init__(
        self,
        *,
        max_runs: int = 100,
        workers: int | None = None,
        slice_seconds: float = 0.02,
        grace_seconds: float = 60.0,
        keep_seconds: float = 600.0,
        unread_seconds: float = 1800.0,
        budget: Budget = Budget(),  # noqa: B008, it is frozen
        make_trainer: Callable[[TrainConfig], GANTrainer] = GANTrainer,
        prefix: str = "",
    ):
        self._prefix = prefix
        self.budget = budget
        self.max_runs = max_runs
        self.slice_seconds = slice_seconds
        self.grace_seconds = grace_seconds
        self.keep_seconds = keep_seconds
        self.unread_seconds = unread_seconds
        self._make_trainer = make_trainer
        self._places: dict[str, _Place] = {}
        self._lock = threading.Lock()  # guards `_places` and what is in them
        # a training thread loses half its speed to any busy Python thread at the default of 5 ms
        sys.setswitchinterval(1e-4)
        self.turns = Turns(workers or max(1, (os.cpu_count() or 1) - 1))

    def create(self, config: TrainConfig) -> str:
        """A new paused run; returns its id, which nobody can guess: whoever knows it can command the run.

        Nobody is there for it yet: they have a minute to come.

        Raises:
            cost.TooDear: it costs more than the budget.
            RunnerFull: there are `max_runs` already, and all have visitors.
        """
        check(config, self.budget)
        return self._create(config, *(self._prefix + secrets.token_urlsafe(16) for _ in range(2)))

    def _create(self, config: TrainConfig, run_id: str, watch_key: str) -> str:
        self._make_room()
        with self._lock:
            if len(self._places) >= self.max_runs:
                raise RunnerFull(
                    Message(
                        "All {n} places for training are taken. A place becomes free about {seconds:.0f} seconds after "
                        "another visitor leaves: try again in a minute.",
                        n=self.max_runs,
                        seconds=self.grace_seconds,
                    )
                )
            place = self._places[run_id] = _Place(
                Run(
                    config,
                    name=run_id,
                    schedule=self.turns.put,
                    hurry=self.turns.hurry,
                    share=self.turns.share,
                    make_trainer=self._make_trainer,
                    slice_seconds=self.slice_seconds,
                    unread_seconds=self.unread_seconds,
                ),
                watch_key=watch_key,
            )
            self._desert(run_id, place, max(self.grace_seconds, _ARRIVAL))
        return run_id

    def revive(self, run_id: str, watch_key: str, config: TrainConfig, state: State | None) -> None:
        """A run of these keys again, which was lost with its process: from a state of it, or from its beginning. It says so."""
        run = self.run(self._create(config, run_id, watch_key))
        run.come_back(Kept(state.step, state, config) if state else None)

    def alone(self) -> dict[str, float]:
        """Id of each run -> seconds since its last visitor left, or since its beginning; 0 while somebody is there."""
        places, now = list(self._places.items()), time.monotonic()
        return {run_id: 0.0 if place.visitors else now - place.deserted_at for run_id, place in places}

    def find(self, key: str) -> tuple[str, bool]:
        """The id of the run that this key opens, and whether it may be commanded: the key is the id, or a watch key.

        Raises:
            RunGone: there is none.
        """
        if key in self._places:
            return key, True
        for run_id, place in list(self._places.items()):
            if secrets.compare_digest(place.watch_key.encode(), key.encode(errors="replace")):
                return run_id, False
        raise RunGone

    def watch_key(self, run_id: str) -> str:
        """What lets others watch this run, but not command it."""
        return self._place(run_id).watch_key

    def run(self, run_id: str) -> Run:
        """The run of this id.

        Raises:
            RunGone: it was released.
        """
        return self._place(run_id).run

    # ---- what a visitor can do: see the methods of Run ----

    def play(self, run_id: str) -> None:
        """Train until paused."""
        self.run(run_id).play()

    def pause(self, run_id: str) -> None:
        """Stop training; nothing is lost."""
        self.run(run_id).pause()

    def step(self, run_id: str, n: int = 1) -> None:
        """Pause, then do exactly n steps."""
        self.run(run_id).step(n)

    def set_speed(self, run_id: str, steps_per_second: float) -> None:
        """Cap the speed of play; 0 takes the cap off."""
        self.run(run_id).set_speed(steps_per_second)

    def update(self, run_id: str, *, of_twin: bool = False, **changes: Any) -> TrainConfig:
        """Change live fields of the running trainer, or of its twin's; returns the new config.

        Raises:
            ValueError: a value out of range, or, as cost.TooDear, one that costs more than the budget.
        """
        run = self.run(run_id)
        config = run.twin.config if of_twin and run.twin else run.config
        check(config.replace(**changes), self.budget, next(iter(changes), ""))
        return run.update(of_twin=of_twin, **changes)

    def start_twin(self, run_id: str, **differing: Any) -> TrainConfig:
        """Start again from step 0 beside a twin in which these settings differ; returns its config.

        Raises:
            ValueError: they do not go together, or, as cost.TooDear, cost more than the budget.
        """
        run = self.run(run_id)
        check(twin_of(run.config, differing), self.budget, next(iter(differing), ""))
        return run.start_twin(**differing)

    def reset(self, run_id: str, config: TrainConfig | None = None) -> None:
        """Start again from step 0, with the same config or a new one.

        Raises:
            cost.TooDear: the new one costs more than the budget.
        """
        if config:
            check(config, self.budget)
        self.run(run_id).reset(config)

    def branch(self, run_id: str, step: int) -> TrainConfig:
        """Go on differently from the nearest state that is kept up to this step; see `Run.branch`."""
        return self.run(run_id).branch(step)

    def open(self, tape: Tape) -> str:
        """A new run that stands, paused, at the end of a tape, see `Run.open`; returns its id, see `create`.

        Raises:
            cost.TooDear: its settings cost more than the budget. RunnerFull: see `create`.
        """
        run_id = self.create(tape.end.config)
        self.run(run_id).open(tape)
        return run_id

    def snapshot(self, run_id: str) -> Snapshot | None:
        """The latest snapshot, and a request for the next one; None while the run is being built."""
        return self.run(run_id).snapshot()

    def problem(self, run_id: str) -> str:
        """Why the run has stopped, or ""."""
        return self.run(run_id).why_stopped

    def config(self, run_id: str) -> TrainConfig:
        """The run's config, including changes that are still on their way to the trainer."""
        return self.run(run_id).config

    def settle(self, run_id: str, timeout: float = 30.0) -> Snapshot:
        """Wait until all commands posted so far, and their steps, are done; returns a fresh snapshot."""
        return self.run(run_id).settle(timeout)

    def ask(self, run_id: str, question: Callable[[GANTrainer], T]) -> Future[T]:
        """What `question` makes of the trainer as it is between two slices."""
        return self.run(run_id).ask(question)

    # ---- coming and going ----

    def attach(self, run_id: str, *, watching: bool = False) -> None:
        """A visitor is there (again), perhaps only to watch."""
        with self._lock:
            place = self._place(run_id)
            place.visitors += 1
            place.watchers += watching
            if place.grace:
                place.grace.cancel()
                place.grace = None

    def deserted(self, run_ids: Iterable[str], config: TrainConfig) -> str | None:
        """The first of these runs that lives, has this config, and waits for its visitor to come back, whoever watches."""
        with self._lock:
            places = [(run_id, self._places.get(run_id)) for run_id in run_ids]
        return next(
            (i for i, place in places if place and place.visitors == place.watchers and place.run.config == config),
            None,
        )

    def detach(self, run_id: str, *, watching: bool = False) -> None:
        """A visitor has left. Returns at once; unless somebody attaches, the run is paused after the grace period, and
        released a while later."""
        with self._lock:
            place = self._places.get(run_id)
            if place is None:
                return
            place.visitors = max(place.visitors - 1, 0)
            place.watchers = max(place.watchers - watching, 0)
            if not place.visitors and not place.grace:
                self._desert(run_id, place, self.grace_seconds)

    def _desert(self, run_id: str, place: _Place, grace: float) -> None:
        place.deserted_at = time.monotonic()
        self._call_later(place, grace, self._pause_if_alone, run_id)

    def _call_later(self, place: _Place, seconds: float, do: Callable[[str], None], run_id: str) -> None:
        place.grace = threading.Timer(seconds, do, [run_id])
        place.grace.daemon = True
        place.grace.start()

    def _pause_if_alone(self, run_id: str) -> None:
        with self._lock:
            place = self._places.get(run_id)
            if not place or place.visitors:
                return
            self._call_later(place, self.keep_seconds, self._release_if_alone, run_id)
        place.run.pause()

    def _make_room(self) -> None:
        """If all places are taken, release the run that nobody has been there for the longest, after its grace."""
        with self._lock:
            before = time.monotonic() - self.grace_seconds
            alone = [
                (place.deserted_at, run_id)
                for run_id, place in self._places.items()
                if not place.visitors and place.deserted_at <= before
            ]
            full = len(self._places) >= self.max_runs
        if full and alone:
            self.release(min(alone)[1])

    def release(self, run_id: str) -> None:
        """Forget a run and free its memory. A run that is gone already is no error."""
        with self._lock:
            place = self._places.pop(run_id, None)
        if place:
            place.run.release()
            if place.grace:
                place.grace.cancel()

    def __contains__(self, run_id: str) -> bool:
        return run_id in self._places

    def __len__(self) -> int:
        return len(self._places)

    def shutdown(self) -> None:
        """Release all runs and end the worker threads."""
        for run_id in list(self._places):
            self.release(run_id)
        self.turns.shutdown()

    def _release_if_alone(self, run_id: str) -> None:
        place = self._places.get(run_id)
        if place and not place.visitors:
            self.release(run_id)

    def _place(self, run_id: str) -> _Place:
        if place := self._places.get(run_id):
            return place
        raise RunGone
