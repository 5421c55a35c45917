"""Who may begin another run: a visitor's oldest deserted one gives way to it; see `limits` for how many there may be."""

import contextlib
from collections.abc import Iterable

from gan_core import RunGone, RunnerFull, TrainConfig
from gan_core.messages import Message
from pages.ui import census
from pages.ui.limits import RUNS_PER_ADDRESS, RUNS_PER_VISITOR, outside
from pages.ui.relay import WorkerDied
from pages.ui.studio import studio

_PATIENCE = 2.0  # seconds: a process that does not answer has none, as far as this is concerned


def begin(config: TrainConfig, mine: Iterable[str], address: str | None) -> str:
    """A new paused run.

    Args:
        mine: ids of the visitor's runs, gone ones too. address: of the visitor.
    Raises:
        cost.TooDear: see `Runner.create`.
        RunnerFull: the visitor, or all at this address, have as many as they may, or the server has.
    """
    address = outside(address)
    living = _living(address)
    if _make_room(living.alone, mine):
        living = _living(address)
    if address and living.of_address >= RUNS_PER_ADDRESS.value:
        raise RunnerFull(
            Message(
                "There are {n} trainings at a time from your network, which is as many as one network may have. "
                "Try again in a minute, or watch the training of somebody else.",
                n=living.of_address,
            )
        )
    run_id = studio().begin(config)
    if address:
        with contextlib.suppress(RunGone, WorkerDied):
            studio().call(run_id, census.belongs, address)
    return run_id


def _living(address: str) -> census.Living:
    """See `census.living`, of all processes, of other web servers' visitors, too, where these share them."""
    alone: dict[str, float] = {}
    of_address = 0
    for answer in studio().everywhere(census.living, address).values():
        with contextlib.suppress(Exception):  # it has ended, or is too busy
            there: census.Living = answer.result(_PATIENCE)
            alone |= there.alone
            of_address += there.of_address
    return census.Living(alone, of_address)


def _make_room(alone: dict[str, float], mine: Iterable[str]) -> bool:
    """Release the visitor's oldest deserted runs until there is place for another one; returns whether there were any."""
    living = [run_id for run_id in dict.fromkeys(mine) if run_id in alone]
    released = False
    while len(living) >= RUNS_PER_VISITOR.value:
        oldest = max(living, key=alone.__getitem__)
        if not alone[oldest]:
            raise RunnerFull(
                Message(
                    "You have {n} trainings open at a time, which is as many as one visitor may have. "
                    "Close one of their tabs, and load this page again.",
                    n=len(living),
                )
            )
        studio().call(oldest, census.release)
        living.remove(oldest)
        released = True
    return released
