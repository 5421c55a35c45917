"""The film of a run: its moments, thinned, its curves and marks, and a few states from which it can go on differently.

Whatever the length of the run, a recording stays within the bounds of its kind of target, see `ROOMS`: when it is full,
every other moment goes, and from then on they are taken half as often. The first one stays.

    run.recording.steps
    run.recording.at(1200).evaluation.jsd
"""

import dataclasses
import sys
from collections.abc import Sequence
from typing import NamedTuple, Protocol, TypeVar

from gan_core import film
from gan_core.config import TrainConfig
from gan_core.events import Event, noticed
from gan_core.history import Curves, until
from gan_core.snapshot import STOPPED, Snapshot
from gan_core.state import Mark, State

_FIRST_STATES = 100  # steps from one state to the next, at first
MAX_BREAKS = 20  # of a run that are remembered


class Room(NamedTuple):
    """What a recording may take.

    Attributes:
        moments, states: bytes of all its moments, and of all its states.
    """

    moments: int
    states: int


# kind of target -> room. Beside it a recording has its curves and one whole snapshot: at most 0.4 MB, of images 0.2 MB
ROOMS: dict[str, Room] = {
    "line": Room(2_000_000, 1_500_000),
    "plane": Room(2_200_000, 1_300_000),
    "images": Room(8_000_000, 16_500_000),
}


class Moment(NamedTuple):
    """A moment, see `film`."""

    step: int
    packed: bytes

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.packed)


class Kept(NamedTuple):
    """A state from which the run can go on, without its history, and the settings of then."""

    step: int
    state: State
    config: TrainConfig

    @property
    def size(self) -> int:
        """Bytes."""
        return self.state.size


class _Sized(Protocol):
    @property
    def step(self) -> int: ...

    @property
    def size(self) -> int: ...


S = TypeVar("S", bound=_Sized)


class Recording:
    """What is kept of one run. One thread may add to it while others read.

    Attributes:
        config: with which the run began.
        moments: rising steps. states: rising steps.
        curves: column -> (rows,) values up to the latest moment seen. marks: the live changes.
        breaks: steps at which the training diverged.
        last_step: of the latest moment seen.
        like: a snapshot that moments are unpacked to be like, see `film`; None before the first.
        branched_at: the step from which the run went on differently; None if it did not.
    """

    def __init__(self, config: TrainConfig, room: Room | None = None):
        self.config = config
        self.room = room or ROOMS[config.kind]
        self.moments: tuple[Moment, ...] = ()
        self.states: tuple[Kept, ...] = ()
        self.curves: Curves = {}
        self.marks: tuple[Mark, ...] = ()
        self.breaks: tuple[int, ...] = ()
        self.last_step = 0
        self.branched_at: int | None = None
        self._stride, self._state_stride = 1, _FIRST_STATES
        self.like: Snapshot | None = None

    # ---- as the run goes on ----

    def wants(self, step: int) -> bool:
        """Whether a moment is due."""
        return not self.moments or step // self._stride != self.moments[-1].step // self._stride

    def wants_state(self, step: int) -> bool:
        """Whether a state is due."""
        last = self.states[-1].step if self.states else 0  # at step 0 the config says it all
        return step // self._state_stride != last // self._state_stride and self._state_stride < sys.maxsize

    def add(self, s: Snapshot, *, whatever: bool = False) -> None:
        """The run has come to this; kept as a moment if one is due, or `whatever`."""
        self.curves, self.marks, self.last_step = s.history, s.marks, s.step
        if self.like is None:
            self.resemble(s)
        if s.state == STOPPED:  # the training has gone back, but what it came to can be looked at until it plays on
            return
        if whatever or self.wants(s.step):
            before = _until(self.moments, s.step - 1)  # a training that diverged has gone back
            packed = film.pack(s, self.config)
            self.moments, self._stride = _thinned((*before, Moment(s.step, packed)), self._stride, self.room.moments)

    def resemble(self, s: Snapshot) -> Snapshot:
        """Its moments are like this one; returns what they are unpacked to be like."""
        self.like = dataclasses.replace(film.bare(s), config=self.config)
        return self.like

    def keep(self, state: State, config: TrainConfig) -> None:
        """The run can go on from here."""
        kept = Kept(state.step, state.without_history(), config)
        if kept.size > self.room.states:  # too large: only the beginning is left
            self._state_stride = sys.maxsize
            return
        before = _until(self.states, state.step - 1)
        self.states, self._state_stride = _thinned((*before, kept), self._state_stride, self.room.states)

    def note_break(self, step: int) -> None:
        """The training diverged here."""
        self.breaks = (*self.breaks[1 - MAX_BREAKS :], step)

    # ---- looking at it ----

    @property
    def steps(self) -> tuple[int, ...]:
        """Of its moments."""
        return tuple(moment.step for moment in self.moments)

    @property
    def starts(self) -> tuple[int, ...]:
        """Steps from which the run can go on differently, exactly as it was."""
        return (self.first_step, *(kept.step for kept in self.states))

    @property
    def first_step(self) -> int:
        """Of the run: 0, or where its warm start stands."""
        return self.moments[0].step if self.moments else 0

    @property
    def n_bytes(self) -> int:
        """What it holds, about."""
        curves = sum(values.nbytes for values in self.curves.values())
        return _size(self.moments) + _size(self.states) + curves + (film.weight(self.like) if self.like else 0)

    def at(self, step: int) -> Snapshot:
        """The moment nearest to a step, with the curves of the whole run.

        Raises:
            LookupError: there is none yet.
        """
        moments = self.moments
        if not moments or self.like is None:
            raise LookupError("the recording has no moment yet")
        nearest = min(moments, key=lambda m: abs(m.step - step))
        s = film.unpack(nearest.packed, self.like)
        marks = tuple(mark for mark in self.marks if mark.step <= s.step)
        return dataclasses.replace(s, history=self.curves, marks=marks)

    def last(self) -> Snapshot:
        """The latest moment that is kept.

        Raises:
            LookupError: there is none yet.
        """
        return self.at(self.moments[-1].step if self.moments else 0)

    def nearest_start(self, step: int) -> Kept | None:
        """The latest state up to a step; None: the beginning."""
        return next((kept for kept in reversed(self.states) if kept.step <= step), None)

    def events(self) -> list[Event]:
        """What could be noticed: modes found and lost, and where it broke."""
        parts = self.like.evaluation.n_parts if self.like else 0
        return sorted([*noticed(self.curves, parts), *(Event(step, "diverged") for step in self.breaks)])

    # ---- going on differently ----

    def until(self, step: int) -> "Recording":
        """What it was at this step, as the beginning of another run."""
        new = Recording(self.config, self.room)
        new.moments, new.states = _until(self.moments, step), _until(self.states, step)
        new.curves, new.last_step, new.branched_at = until(self.curves, step), step, step
        new.marks = tuple(mark for mark in self.marks if mark.step <= step)
        new.breaks = tuple(at for at in self.breaks if at <= step)
        new.like = self.like
        return new


class Tape(NamedTuple):
    """A recording, and what it plays on from; see `recording_file`.

    Attributes:
        end: the state with its history, and the settings of then.
    """

    recording: Recording
    end: Kept


def _until(found: Sequence[S], step: int) -> tuple[S, ...]:
    return tuple(one for one in found if one.step <= step)


def _size(found: Sequence[_Sized]) -> int:
    return sum(one.size for one in found)


def _thinned(found: tuple[S, ...], stride: int, room: int) -> tuple[tuple[S, ...], int]:
    """As many as there is room for, one in `stride` steps, and the stride that it took."""
    while _size(found) > room and len(found) > 1:
        stride *= 2
        thin = {one.step // stride: one for one in reversed(found)}  # the first one in every stretch
        found = tuple(sorted(thin.values(), key=lambda one: one.step))
    return found, stride
