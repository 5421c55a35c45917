"""What a recording costs: speed of training, memory, and files.

    python -m benchmarks.recording [--rounds 8]

Speeds are steps per CPU-second of one run that records and one that does not, in turns of two seconds on one thread; the
ratio is the median over the rounds. Watched: somebody asks for the next picture whenever there is one.
"""

import argparse
import copy
import dataclasses
import statistics
import time
from collections import deque
from pathlib import Path

import torch

from gan_core import Run, TrainConfig, film, recording_file
from gan_core.recording import Kept, Moment, Recording, Tape
from gan_core.snapshot import PAUSED, Snapshot, take_snapshot
from gan_core.state import State
from gan_core.training import GANTrainer
from pages.ui.controls import default_preset

TURN = 2.0  # seconds
RUNS = 100
HOUR, LOOKS, STEPS = 3600, 10, 300  # seconds; moments and steps per second


class Silent(Recording):
    """Keeps nothing."""

    def wants(self, step: int) -> bool:
        """Never."""
        return False

    def wants_state(self, step: int) -> bool:
        """Never."""
        return False

    def add(self, s: Snapshot, *, whatever: bool = False) -> None:
        """Let it go."""


class Player:
    """A run that plays, worked in this thread."""

    def __init__(self, config: TrainConfig, *, silent: bool):
        self.queue: deque = deque()
        self.run = Run(config, schedule=self.queue.append)
        while self.queue:
            self.queue.popleft()()
        if silent:
            self.run._actor.bench.recording = Silent(config)
        self.run.play()

    def speed(self, watched: bool) -> float:
        """Steps per CPU-second over one turn."""
        trainer = self.run.trainer
        assert trainer
        first, began, end = trainer.step_count, time.thread_time(), time.monotonic() + TURN
        while time.monotonic() < end:
            if watched:
                self.run.snapshot()
            self.run._actor.see()
            self.queue.popleft()()
        return (trainer.step_count - first) / (time.thread_time() - began)


def speeds(name: str, config: TrainConfig, rounds: int) -> None:
    """Print the ratio of the speeds, watched and not."""
    for watched in (False, True):
        players = [Player(config, silent=silent) for silent in (False, True)]
        for player in players:
            player.speed(watched)
        found = []
        for i in range(rounds):
            pair = {p is players[0]: p.speed(watched) for p in (players if i % 2 else reversed(players))}
            found.append((pair[True], pair[False]))
        ratio = statistics.median(a / b for a, b in found)
        recorded, plain = (statistics.median(speed) for speed in zip(*found, strict=True))
        print(f"| {name}, {'watched' if watched else 'unwatched'} | {recorded:,.0f} | {plain:,.0f} | {ratio:.3f} |")


def moments(name: str, config: TrainConfig) -> None:
    """Print the size of a moment, and how long it takes to pack and to unpack."""
    trainer = GANTrainer(config)
    for _ in range(20):
        trainer.step()
    s = take_snapshot(trainer, 1, PAUSED, "", 0.0)
    like, packed = film.bare(s), film.pack(s, config)
    packs, unpacks = (
        [_ms(do) for _ in range(50)] for do in (lambda: film.pack(s, config), lambda: film.unpack(packed, like))
    )
    print(f"| {name} | {len(packed) / 1000:.1f} | {statistics.median(packs):.2f} | {statistics.median(unpacks):.2f} |")


def _ms(do) -> float:  # type: ignore[no-untyped-def]
    began = time.perf_counter()
    do()
    return 1000 * (time.perf_counter() - began)


def full(config: TrainConfig) -> Tape:
    """An hour of a run, of which forty moments are real ones."""
    trainer, seen = GANTrainer(config), []
    for _ in range(40):
        trainer.step()
        seen.append(take_snapshot(trainer, 1, PAUSED, "", 0.0))
    recording, state = Recording(config), trainer.state()
    for look in range(HOUR * LOOKS):
        step = look * STEPS // LOOKS
        if recording.wants_state(step):
            recording.keep(dataclasses.replace(state, step=step), config)
        if recording.wants(step):
            recording.add(dataclasses.replace(seen[look % len(seen)], step=step))
    return Tape(recording, Kept(state.step, state, config))


def copied(recording: Recording) -> Recording:
    """One that shares no memory with it."""
    new = copy.copy(recording)
    new.moments = tuple(Moment(m.step, bytes(bytearray(m.packed))) for m in recording.moments)
    new.states = tuple(Kept(k.step, _cloned(k.state), k.config) for k in recording.states)
    new.curves, new.like = copy.deepcopy(recording.curves), copy.deepcopy(recording.like)
    return new


def _cloned(state: State) -> State:
    return copy.deepcopy(state)


def memory(name: str, tape: Tape) -> list[Recording]:
    """Print what many full recordings take; returns them, so that the next ones need memory of their own."""
    before = _resident()
    held = [copied(tape.recording) for _ in range(RUNS)]
    each = (_resident() - before) / RUNS
    r = held[0]
    print(f"| {name} | {len(r.moments)} | {len(r.states)} | {r.n_bytes / 1e6:.2f} | {each / 1e6:.2f} |")
    return held


def _resident() -> int:
    """Bytes of this process in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


def files(name: str, tape: Tape) -> None:
    """Print the size of a full recording's file, and how long it takes to write and to read."""
    data = recording_file.dumps(tape)
    writes, reads = (
        [_ms(do) for _ in range(3)] for do in (lambda: recording_file.dumps(tape), lambda: recording_file.loads(data))
    )
    print(f"| {name} | {len(data) / 1e6:.2f} | {min(writes):.0f} | {min(reads):.0f} |")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=8)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    configs = {kind: default_preset(kind) for kind in ("line", "plane", "images")}
    if configs["images"].target == "mnist":
        configs["images"] = configs["images"].replace(target="digits")
    print("| steps per CPU-second | recorded | not recorded | ratio |\n| --- | --- | --- | --- |")
    for name, config in configs.items():
        speeds(name, config, rounds)
    print("\n| a moment | kB | ms to pack | ms to unpack |\n| --- | --- | --- | --- |")
    for name, config in configs.items():
        moments(name, config)
    tapes = {name: full(config) for name, config in configs.items()}
    print(f"\n| {RUNS} recordings of an hour | moments | states | MB each, by its own count | MB each, resident |")
    print("| --- | --- | --- | --- | --- |")
    held = [memory(name, tapes[name]) for name in ("line", "plane")]
    del held
    print("\n| an hour in a file | MB | ms to write | ms to read |\n| --- | --- | --- | --- |")
    for name, tape in tapes.items():
        files(name, tape)


if __name__ == "__main__":
    main()
