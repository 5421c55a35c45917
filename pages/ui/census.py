"""What the server asks of all runs at once, in each process of runs: how many there are, whose, who is there, and to keep them."""

import contextlib
import os
import re
import secrets
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from pathlib import Path
from typing import NamedTuple

from gan_core import Run, RunGone, recording_file
from gan_core.snapshot import PLAYING
from pages.ui import beside, feed

_PATIENCE = 3.0  # seconds for the turn of one run
_addresses: dict[str, str] = {}  # run -> address of its visitor, where that is not this machine


class Figures(NamedTuple):
    """Of one process.

    Attributes:
        runs: that there are. playing: of these. steps_per_second: of all of them.
        turns: that wait in the queue, or are at work. beside: what trains beside the runs.
        memory: bytes; None where the system does not say.
    """

    runs: int
    playing: int
    steps_per_second: float
    turns: int
    beside: int
    memory: int | None


def figures() -> Figures:
    """Those of this process."""
    runs = list(_runs())
    return Figures(
        len(runs),
        sum(run.state == PLAYING for run in runs),
        sum(run.rate for run in runs),
        sum(run.scheduled for run in runs),
        beside.how_many(),
        memory(),
    )


def _runs() -> Iterator[Run]:
    for run_id in feed.runner().alone():
        with contextlib.suppress(RunGone):
            yield feed.runner().run(run_id)


def memory() -> int | None:
    """Bytes that this process holds, on Linux."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
    except OSError:
        return None


def answers() -> bool:
    """True: this process is there."""
    return True


def belongs(run_id: str, address: str) -> None:
    """This run is of a visitor at this address."""
    _addresses[run_id] = address


def address_of(run_id: str) -> str:
    """Of the visitor whose run this is; "" of this machine itself."""
    return _addresses.get(run_id, "")


class Living(NamedTuple):
    """The runs of one process.

    Attributes:
        alone: run -> seconds since its last visitor left; 0 while one is there.
        of_address: how many are of visitors at the address that was asked for.
    """

    alone: dict[str, float]
    of_address: int


def living(address: str) -> Living:
    """See `Living`; addresses of runs that are gone are forgotten."""
    alone = feed.runner().alone()
    for gone in set(_addresses).difference(alone):
        _addresses.pop(gone, None)
    return Living(alone, list(_addresses.values()).count(address))


def release(run_id: str) -> None:
    """See `Runner.release`."""
    feed.runner().release(run_id)


def keep(folder: str) -> int:
    """Write the recordings of the runs that have a visitor, or had one just now, into a folder; returns how many.

    Raises:
        OSError: they cannot be written.
    """
    runner, kept = feed.runner(), 0
    for run_id, seconds in runner.alone().items():
        if seconds > runner.grace_seconds:
            continue
        try:
            tape = runner.run(run_id).tape().result(_PATIENCE)
            if not tape.end.step:
                continue
            recording_file.save(tape, Path(folder) / _name(tape.end.config.target, tape.end.step))
        except (
            RunGone,
            CancelledError,
            RuntimeError,
            TimeoutError,
            ValueError,
        ):  # without a trainer, or of no finite numbers
            continue
        kept += 1
    return kept


def _name(target: str, step: int) -> str:
    """Of a file: when, what, how far; never the id of a run, which is a key."""
    what = re.sub(r"\W", "", target.partition("-")[0])
    return f"{time.strftime('%Y-%m-%d-%H%M%S')}-{what}-step-{step}-{secrets.token_hex(2)}.gan"
