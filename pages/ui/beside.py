"""What visitors train beside the runs, in the process in which these are: maps of settings, and small trainings of lessons.
See `studio` for the way there.

It trains for as long as a page asks about it, in turns with the runs, and is forgotten some time after the last question.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from gan_core import RunGone, RunnerFull
from gan_core.map_plan import Plan
from gan_core.messages import Message
from gan_core.settings_map import train
from gan_core.watched import Steps, Watched, stepwise
from pages.ui import feed
from pages.ui.limits import MAPS_PER_PROCESS, TRAININGS_PER_PROCESS, Limit

T = TypeVar("T")
_SLICE = 0.02  # seconds of a turn, about


@dataclass(frozen=True)
class Kind:
    """One kind of what there is here.

    Attributes:
        most: how many a process may have. kept: seconds after the last question.
        full: their number -> what to say to one more.
    """

    most: Limit
    kept: float
    full: Callable[[int], Message]


MAP = Kind(
    MAPS_PER_PROCESS, 60.0,
    lambda n: Message(
        "All {n} places for maps are taken: they take a core each. Try again in a minute, or look at the finished maps.", n=n
    ),
)  # fmt: skip
TRAINING = Kind(
    TRAININGS_PER_PROCESS, 600.0,
    lambda n: Message("All {n} places for the trainings of lessons are taken. Try again in a minute.", n=n),
)  # fmt: skip
_all: dict[str, tuple[Kind, Watched[Any]]] = {}
_lock = threading.Lock()  # guards `_all`


class Seen(NamedTuple, Generic[T]):
    """What a page is told.

    Attributes:
        shown: what there is to see so far; None: nothing yet.
        done: whether the training is finished. problem: why it has stopped, or "".
    """

    shown: T | None
    done: bool
    problem: str


def begin_map(plan: Plan) -> str:
    """Train a map, of which there is its `Progress` to see; returns its key, which nobody can guess.

    Raises:
        RunnerFull: there are as many as this process may have.
    """
    key = _begin(MAP, train(plan, slice_seconds=_SLICE))
    look(key)
    return key


def begin_training(make: Callable[[], Steps], steps: int) -> str:
    """What `make` makes is there to see, and takes so many steps; returns its key, which nobody can guess.

    Raises:
        RunnerFull: there are as many as this process may have.
    """
    return _begin(TRAINING, stepwise(make, steps, slice_seconds=_SLICE))


def _begin(kind: Kind, work: Iterator[Any]) -> str:
    forget()
    turns = feed.runner().turns
    with _lock:
        if sum(of is kind for of, _ in _all.values()) >= kind.most.value:
            raise RunnerFull(kind.full(kind.most.value))
        key = feed.new_key()
        _all[key] = kind, Watched(work, turns.put, turns.hurry)
    return key


def look(key: str, show: Callable[[Any], T] | None = None, *, playing: bool = True) -> Future[Seen[T]]:
    """What there is to see after its next turn.

    Args:
        show: what is made of it for the page; None: it is what the page sees. playing: whether it is to train on.
    Raises:
        RunGone: it was forgotten. The future is cancelled if it is forgotten now.
    """
    found = _all.get(key)
    if found is None:
        raise RunGone
    watched = found[1]
    watched.playing = playing

    def seen(latest: Any) -> Seen[T]:
        return Seen(show(latest) if show and latest is not None else latest, watched.done, watched.problem)

    return watched.ask(seen)


def end(key: str) -> None:
    """Stop and forget; what is gone already is no error."""
    with _lock:
        _, watched = _all.pop(key, (None, None))
    if watched:
        watched.close()


def forget() -> bool:
    """Stop and forget what nobody has asked about for long; returns whether there was anything."""
    old = [key for key, (kind, watched) in list(_all.items()) if watched.alone > kind.kept]
    for key in old:
        end(key)
    return bool(old)


def how_many() -> int:
    """Number of those that train."""
    return sum(watched.goes_on for _, watched in list(_all.values()))


def how_much() -> int:
    """Number of runs in this process, and of what trains beside them, each of which takes as much time as a run."""
    return len(feed.runner()) + how_many()
