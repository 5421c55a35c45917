"""Who may begin another run: a visitor's oldest deserted one gives way to it; see `limits` for how many there may be."""

import threading
from collections.abc import Iterable

from gan_core import RunnerFull, TrainConfig
from gan_core.messages import Message
from pages.ui import census
from pages.ui.limits import RUNS_PER_ADDRESS, RUNS_PER_VISITOR, outside
from pages.ui.studio import studio

_PATIENCE = 2.0  # seconds: a process that does not answer has none, as far as this is concerned
_lock = threading.Lock()  # guards `_begun`
_begun: dict[str, set[str]] = {}  # address -> runs


def begin(config: TrainConfig, mine: Iterable[str], address: str | None) -> str:
    """A new paused run.

    Args:
        mine: ids of the visitor's runs, gone ones too. address: of the visitor.
    Raises:
        cost.TooDear: see `Runner.create`.
        RunnerFull: the visitor, or all at this address, have as many as they may, or the server has.
    """
    alone, address = _alone(), outside(address)
    _make_room(alone, mine)
    _check(alone, address)
    run_id = studio().begin(config)
    if address:
        with _lock:
            _begun.setdefault(address, set()).add(run_id)
    return run_id


def _alone() -> dict[str, float]:
    """See `census.alone`, of all processes."""
    found: dict[str, float] = {}
    for answer in studio().everywhere(census.alone).values():
        try:
            found |= answer.result(_PATIENCE)
        except Exception:  # it has ended, or is too busy
            continue
    return found


def _make_room(alone: dict[str, float], mine: Iterable[str]) -> None:
    living = [run_id for run_id in dict.fromkeys(mine) if run_id in alone]
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
        del alone[oldest]


def _check(alone: dict[str, float], address: str) -> None:
    with _lock:
        for other in list(_begun):
            _begun[other] &= alone.keys()
            if not _begun[other]:
                del _begun[other]
        n = len(_begun.get(address, ()))
    if n >= RUNS_PER_ADDRESS.value:
        raise RunnerFull(
            Message(
                "There are {n} trainings at a time from your network, which is as many as one network may have. "
                "Try again in a minute, or watch the training of somebody else.",
                n=n,
            )
        )
