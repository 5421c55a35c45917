"""Trains many GANs side by side in the background of one process, fairly, for visitors who come and go.

Every run is an actor: all work on its trainer is done in slices by a pool of worker threads, and each run has at most
one slice in the pool's first-in-first-out queue, so runs take turns without a scheduler. The caller's thread only
posts commands and reads the latest snapshot; it never waits for a training step.

    runner = Runner()
    run = runner.create(TrainConfig())
    runner.play(run)
    runner.snapshot(run).evaluation.jsd
"""

import dataclasses
import itertools
import os
import sys
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any

import numpy as np
import torch

from gan_core.config import TrainConfig
from gan_core.evaluation import Diagnosis
from gan_core.messages import Message
from gan_core.training import GANTrainer

PLAYING, PAUSED, STOPPED = "playing", "paused", "stopped"
_NOTHING_NEW = True  # what a command returns that changes nothing


class RunnerFull(RuntimeError):
    """No room for another run."""


class RunGone(KeyError):
    """The run was released."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class Snapshot:
    """An immutable picture of a run at one step; a newer one replaces it.

    Attributes:
        version: grows with every snapshot of a run.
        state: "playing", "paused" or "stopped" (by an error).
        message: why it stopped or paused by itself, else "".
        steps_per_second: of the recent past, 0 when not playing.
        history: column name -> (rows,) values, see `GANTrainer.history`.
        marks: (step, text) of live changes.
        evaluation, view: numbers and pictures, of the kinds that the config's problem makes.
    """

    version: int
    step: int
    state: str
    message: str
    config: TrainConfig
    steps_per_second: float
    evaluation: Any
    diagnosis: Diagnosis
    history: Mapping[str, np.ndarray]
    marks: tuple[tuple[int, str], ...]
    view: Any


@dataclass(eq=False)
class _Run:
    id: str
    config: TrainConfig
    speed: float = 0.0  # steps per second, 0 = as fast as it gets
    commands: deque[Callable[[], None]] = field(default_factory=deque)
    lock: threading.Lock = field(default_factory=threading.Lock)  # guards `scheduled` and `answers`
    scheduled: bool = False
    trainer: GANTrainer | None = None
    state: str = PAUSED
    message: str = ""
    steps_due: int = 0
    next_step_at: float = 0.0
    rate: float = 0.0  # steps per second, smoothed over about a second
    rate_at: float = 0.0
    snapshot: Snapshot | None = None
    versions: int = 0  # snapshots so far
    answers: weakref.WeakSet[Future[Any]] = field(default_factory=weakref.WeakSet)  # to questions on their way
    watched: bool = True  # somebody has read the last snapshot and wants the next
    stale: bool = True  # the run has moved on since the last snapshot
    last_read: float = field(default_factory=time.monotonic)
    visitors: int = 0
    grace: threading.Timer | None = None
    released: bool = False


class Runner:
    """Owns the runs of all visitors.

    Args:
        max_runs: cap; one more raises RunnerFull.
        workers: threads; default one less than the cores, at least one.
        slice_seconds: how long one run trains before it queues again.
        grace_seconds: how long a run survives its last visitor.
        unread_seconds: a run that nobody has looked at for so long is paused.
        make_trainer: builds the trainer from a config.
    """

    def __init__(
        self,
        *,
        max_runs: int = 100,
        workers: int | None = None,
        slice_seconds: float = 0.02,
        grace_seconds: float = 60.0,
        unread_seconds: float = 1800.0,
        make_trainer: Callable[[TrainConfig], GANTrainer] = GANTrainer,
    ):
        self.max_runs = max_runs
        self.slice_seconds = slice_seconds
        self.grace_seconds = grace_seconds
        self.unread_seconds = unread_seconds
        self._make_trainer = make_trainer
        self._runs: dict[str, _Run] = {}
        self._ids = itertools.count(1)
        self._lock = threading.Lock()  # guards `_runs`
        # a training thread loses half its speed to any busy Python thread at the default of 5 ms
        sys.setswitchinterval(1e-4)
        self._pool = ThreadPoolExecutor(
            workers or max(1, (os.cpu_count() or 1) - 1),
            thread_name_prefix="trainer",
            initializer=torch.set_num_threads,  # nets this small are slower on two threads than on one
            initargs=(1,),
        )

    # ---- what a visitor can do ----

    def create(self, config: TrainConfig) -> str:
        """A new paused run; returns its id.

        Raises:
            RunnerFull: there are `max_runs` already.
        """
        with self._lock:
            if len(self._runs) >= self.max_runs:
                raise RunnerFull(
                    Message(
                        "All {n} places for training are taken. A place becomes free about {seconds:.0f} seconds after "
                        "another visitor leaves: try again in a minute.",
                        n=self.max_runs,
                        seconds=self.grace_seconds,
                    )
                )
            run = _Run(id=f"run-{next(self._ids)}", config=config)
            self._runs[run.id] = run
        self._post(run, lambda: self._rebuild(run))
        return run.id

    def play(self, run_id: str) -> None:
        """Train until paused."""
        run = self._get(run_id)

        def command() -> None:
            if run.trainer:
                run.state, run.message, run.next_step_at = PLAYING, "", time.monotonic()

        self._post(run, command)

    def pause(self, run_id: str) -> None:
        """Stop training; nothing is lost."""
        run = self._get(run_id)

        def command() -> None:
            if run.trainer:
                run.state, run.message, run.steps_due = PAUSED, "", 0

        self._post(run, command)

    def step(self, run_id: str, n: int = 1) -> None:
        """Pause, then do exactly n steps."""
        if n < 1:
            raise ValueError(f"n = {n} is not possible: choose a whole number of steps, at least 1")
        run = self._get(run_id)

        def command() -> None:
            if run.trainer:
                run.state, run.message = PAUSED, ""
                run.steps_due += n

        self._post(run, command)

    def set_speed(self, run_id: str, steps_per_second: float) -> None:
        """Cap the speed of play; 0 takes the cap off."""
        run = self._get(run_id)
        run.speed = max(float(steps_per_second), 0.0)
        run.next_step_at = time.monotonic()
        self._schedule(run)

    def update(self, run_id: str, **changes: Any) -> TrainConfig:
        """Change live fields of the running trainer; returns the new config.

        Raises:
            ValueError: a value out of range, at once and in the caller's thread.
        """
        run = self._get(run_id)
        run.config = run.config.replace(**changes)
        self._post(run, lambda: run.trainer and run.trainer.update(**changes))
        return run.config

    def reset(self, run_id: str, config: TrainConfig | None = None) -> None:
        """Start again from step 0, with the same config (hence the same history) or a new one; a playing run plays
        on."""
        run = self._get(run_id)
        run.config = config or run.config
        self._post(run, lambda: self._rebuild(run))

    def snapshot(self, run_id: str) -> Snapshot | None:
        """The latest snapshot, and a request for the next one; None while the run is being built."""
        run = self._get(run_id)
        run.last_read = time.monotonic()
        run.watched = True
        if run.stale:  # a run that stands still makes no slices of its own
            self._schedule(run)
        return run.snapshot

    def problem(self, run_id: str) -> str:
        """Why the run has stopped, or ""; if its trainer could not be built, there is no snapshot until a reset."""
        run = self._get(run_id)
        return run.message if run.state == STOPPED else ""

    def config(self, run_id: str) -> TrainConfig:
        """The run's config, including changes that are still on their way to the trainer."""
        return self._get(run_id).config

    def settle(self, run_id: str, timeout: float = 30.0) -> Snapshot:
        """Wait until all commands posted so far, and their steps, are done; returns a fresh snapshot. For notebooks
        and tests: a server's script thread should never wait.

        Raises:
            TimeoutError: it took longer than `timeout` seconds.
            RuntimeError: there is no trainer, see `problem`.
        """
        run = self._get(run_id)
        deadline = time.monotonic() + timeout
        answers: SimpleQueue[bool] = SimpleQueue()

        def ask() -> None:
            if run.trainer:
                self._publish(run)
            answers.put(run.steps_due == 0)

        while True:
            self._post(run, ask)
            try:
                done = answers.get(timeout=max(deadline - time.monotonic(), 0.001))
            except Empty:
                raise TimeoutError(f"{run_id} did not settle within {timeout:g} seconds") from None
            if done and run.snapshot is None:
                raise RuntimeError(run.message)
            if done:
                return run.snapshot

    def ask(self, run_id: str, question: Callable[[GANTrainer], Any]) -> Future[Any]:
        """What `question` makes of the trainer as it is between two slices, in the worker's thread; for what nobody
        wants to see all the time. It must leave the trainer as it is.

        The future also holds an exception of the question, or a RuntimeError if there is no trainer, see `problem`. It
        is cancelled if the run is released first.
        """
        run, answer = self._get(run_id), Future()

        def command() -> bool:
            if not answer.set_running_or_notify_cancel():
                return _NOTHING_NEW
            try:
                if run.trainer is None:
                    raise RuntimeError(run.message)
                answer.set_result(question(run.trainer))
            except Exception as error:
                answer.set_exception(error)
            return _NOTHING_NEW

        with run.lock:
            run.answers.add(answer)
        self._post(run, command)
        if run.released:
            answer.cancel()
        return answer

    # ---- coming and going ----

    def attach(self, run_id: str) -> None:
        """A visitor is there (again)."""
        run = self._get(run_id)
        with self._lock:
            run.visitors += 1
            if run.grace:
                run.grace.cancel()
                run.grace = None

    def detach(self, run_id: str) -> None:
        """A visitor has left. Returns at once; the run is released after the grace period unless somebody attaches."""
        with self._lock:
            run = self._runs.get(run_id)
            if run is None:
                return
            run.visitors = max(run.visitors - 1, 0)
            if run.visitors or run.grace:
                return
            run.grace = threading.Timer(self.grace_seconds, self._release_if_alone, [run_id])
            run.grace.daemon = True
            run.grace.start()

    def release(self, run_id: str) -> None:
        """Forget a run and free its memory. A run that is gone already is no error."""
        with self._lock:
            run = self._runs.pop(run_id, None)
        if run:
            run.released = True
            with run.lock:
                answers = list(run.answers)
            for answer in answers:
                answer.cancel()
            if run.grace:
                run.grace.cancel()

    def __contains__(self, run_id: str) -> bool:
        return run_id in self._runs

    def __len__(self) -> int:
        return len(self._runs)

    def shutdown(self) -> None:
        """Release all runs and end the worker threads."""
        for run_id in list(self._runs):
            self.release(run_id)
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _release_if_alone(self, run_id: str) -> None:
        run = self._runs.get(run_id)
        if run and not run.visitors:
            self.release(run_id)

    def _get(self, run_id: str) -> _Run:
        try:
            return self._runs[run_id]
        except KeyError:
            raise RunGone(
                Message("{run} was released, because its visitor was gone; start a new one", run=run_id)
            ) from None

    # ---- in the worker threads ----

    def _post(self, run: _Run, command: Callable[[], Any]) -> None:
        run.commands.append(command)
        self._schedule(run)

    def _schedule(self, run: _Run) -> None:
        """Put one slice of the run at the end of the queue, unless one is there."""
        with run.lock:
            if run.scheduled or run.released:
                return
            run.scheduled = True
        try:
            self._pool.submit(self._slice, run)
        except RuntimeError:  # the pool has shut down: the process is ending
            run.released = True

    def _slice(self, run: _Run) -> None:
        """One turn of a run: its commands, then training for about `slice_seconds`."""
        try:
            changed = False
            while run.commands:
                changed |= run.commands.popleft()() is not _NOTHING_NEW
            if run.trainer and changed:  # whoever commands wants to see the effect at once
                self._publish(run)
            if self._train(run):
                run.stale = True
            if run.trainer and run.stale and run.watched:
                self._publish(run)
        except Exception as error:  # a bug in one run must not take the worker, and so all other runs, with it
            known = error.args and isinstance(error.args[0], Message)
            unknown = Message(
                "Training stopped by an unexpected {kind}: {error}", kind=type(error).__name__, error=error
            )
            self._stop(run, error.args[0] if known else unknown)
        with run.lock:
            run.scheduled = False
        if run.released:
            run.trainer = run.snapshot = None
            run.commands.clear()
        elif run.commands or run.steps_due:
            self._schedule(run)
        elif run.state == PLAYING:
            wait = run.next_step_at - time.monotonic() if run.speed else 0
            if wait <= 0.001:
                self._schedule(run)
            else:
                timer = threading.Timer(wait, self._schedule, [run])
                timer.daemon = True
                timer.start()

    def _train(self, run: _Run) -> int:
        """Train for one slice, as far as the run is due; returns the number of steps done."""
        if run.trainer is None or not (run.steps_due or run.state == PLAYING):
            run.rate = run.rate_at = 0.0
            return 0
        start = time.monotonic()
        if start - run.last_read > self.unread_seconds:
            run.state, run.steps_due, run.stale = PAUSED, 0, True
            run.message = Message(
                "Paused, because nobody has looked for {minutes:.0f} minutes. Press Play to go on.",
                minutes=self.unread_seconds / 60,
            )
            return 0
        first, end = run.trainer.step_count, start + self.slice_seconds
        while True:
            now = time.monotonic()
            if run.steps_due:
                run.steps_due -= 1
            elif run.state != PLAYING or (run.speed and now < run.next_step_at):
                break
            elif run.speed:
                # a run that could not keep up does not race afterwards
                run.next_step_at = max(run.next_step_at + 1 / run.speed, now - self.slice_seconds)
            run.trainer.step()
            if time.monotonic() >= end or run.commands:
                break
        self._measure_rate(run, run.trainer.step_count - first)
        return run.trainer.step_count - first

    def _measure_rate(self, run: _Run, steps: int) -> None:
        now = time.monotonic()
        since = now - (run.rate_at or now - self.slice_seconds)
        run.rate_at = now
        run.rate += min(since, 1.0) * (steps / max(since, 1e-6) - run.rate)

    def _rebuild(self, run: _Run) -> None:
        run.trainer = None
        run.trainer = self._make_trainer(run.config)
        run.steps_due, run.message, run.stale = 0, "", True
        if run.state == STOPPED:
            run.state = PAUSED

    def _stop(self, run: _Run, message: str) -> None:
        run.state, run.message, run.steps_due = STOPPED, message, 0
        if run.trainer is None:
            run.snapshot = None
            return
        try:
            self._publish(run)
        except Exception:  # what cannot be measured can still be reset
            run.versions += 1
            if run.snapshot:
                changes = {"version": run.versions, "state": STOPPED, "message": message, "steps_per_second": 0.0}
                run.snapshot = dataclasses.replace(run.snapshot, **changes)

    @staticmethod
    def _evaluation(run: _Run, trainer: GANTrainer) -> Any:
        """Of this step, or, while it plays, one that is not older than the problem allows."""
        step, last = trainer.last_evaluation
        age = (trainer.step_count - step) / max(run.rate, 1e-9)  # seconds
        if run.state == PLAYING and age < trainer.problem.max_age:
            return last
        return trainer.evaluate()

    def _publish(self, run: _Run) -> None:
        trainer = run.trainer
        evaluation = self._evaluation(run, trainer)
        run.watched = run.stale = False
        run.versions += 1
        run.snapshot = Snapshot(
            version=run.versions,
            step=trainer.step_count,
            state=run.state,
            message=run.message,
            config=trainer.config,
            steps_per_second=run.rate if run.state == PLAYING else 0.0,
            evaluation=evaluation,
            diagnosis=trainer.problem.diagnose(trainer.step_count, evaluation, trainer.loss),
            history=trainer.history.arrays(),
            marks=tuple(trainer.marks),
            view=trainer.view(evaluation),
        )
