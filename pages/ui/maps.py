"""Maps of settings that visitors train, in the process in which the runs are; see `studio` for the way there.

A visitor has one at a time. It trains for as long as a page asks about it, in turns with the runs, and is forgotten a
minute after the last question.
"""

import threading
from typing import NamedTuple

from gan_core import RunGone, RunnerFull
from gan_core.map_plan import Plan
from gan_core.map_run import MapRun
from gan_core.messages import Message
from gan_core.settings_map import Outcome
from pages.ui import feed
from pages.ui.limits import MAPS_PER_PROCESS

FORGOTTEN = 60.0  # seconds after the last question
_maps: dict[str, MapRun] = {}
_lock = threading.Lock()  # guards `_maps`


class Seen(NamedTuple):
    """What a page is told of a map.

    Attributes:
        step: finished steps. outcomes: of its runs so far.
        done: whether all runs are finished. problem: why it has stopped, or "".
    """

    step: int
    outcomes: tuple[Outcome, ...]
    done: bool
    problem: str


def begin(plan: Plan) -> str:
    """Train a map; returns its key, which nobody can guess.

    Raises:
        RunnerFull: there are as many as this process may have.
    """
    with _lock:
        _forget()
        if len([m for m in _maps.values() if not m.done]) >= MAPS_PER_PROCESS.value:
            raise RunnerFull(
                Message(
                    "All {n} places for maps are taken: they take a core each. Try again in a minute, or look at the "
                    "finished maps.",
                    n=MAPS_PER_PROCESS.value,
                )
            )
        key = feed.new_key()
        _maps[key] = MapRun(plan, feed.runner().turns.put)
    look(key)
    return key


def look(key: str) -> Seen:
    """How far a map is; it trains on.

    Raises:
        RunGone: it was forgotten.
    """
    found = _maps.get(key)
    if found is None:
        raise RunGone(Message("This map was forgotten, because nobody looked at it: train it again"))
    done = found.done  # before the progress, which may still move
    progress = found.look()
    return Seen(progress.step if progress else 0, progress.outcomes if progress else (), done, found.problem)


def end(key: str) -> None:
    """Stop and forget a map; one that is gone already is no error."""
    with _lock:
        if found := _maps.pop(key, None):
            found.close()


def how_much() -> int:
    """Number of runs in this process, and of maps that train, each of which takes as much time as a run."""
    return len(feed.runner()) + sum(not found.done for found in _maps.values())


def _forget() -> None:
    for key in [key for key, found in _maps.items() if found.alone > FORGOTTEN]:
        _maps.pop(key).close()
