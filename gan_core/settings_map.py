"""Where do settings work? Many small GANs, two of whose settings differ, trained together: a map of what became of them.

A `Plan` says which runs there are, `train` trains them (or some: a sweep gives every worker a few), an `Outcome` is what
is kept of one, and a `SettingsMap` what is drawn, counted and filed (see `map_table`).
"""

import functools
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from gan_core import divergences, map_pictures
from gan_core.config import SETTINGS, TrainConfig
from gan_core.ensemble import Ensemble
from gan_core.facts import FAR
from gan_core.messages import Message
from gan_core.training import GANTrainer

Array = NDArray[np.float64]

MAX_RUNS = 100_000
N_MOMENTS = 20  # measurements of a run after its start
DIVERGED = "diverged"  # beside the keys of `diagnosis.CAUSES`: a loss or gradient was no number
_MAX_STEPS = 1_000_000


@dataclass(frozen=True)
class Axis:
    """A setting and the values that it takes along one side of a map.

    Attributes:
        field: a field of `TrainConfig` that is a number, and not the seed.
        values: different ones, in the order in which they are drawn.

    Raises:
        ValueError: no such field, no value, one twice, or one out of range.
    """

    field: str
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        record = SETTINGS.get(self.field)
        if record is None or record.type not in (int, float) or self.field == "seed":
            numbers = (name for name, s in SETTINGS.items() if s.type in (int, float) and name != "seed")
            raise ValueError(
                Message("{name} cannot be an axis of a map; these can: {choices}", name=self.field,
                        choices=", ".join(numbers))
            )  # fmt: skip
        values = tuple(record.check(self.field, value) for value in self.values)
        if not values or len(set(values)) < len(values):
            raise ValueError(Message("an axis of a map needs at least one value of {name}, each once", name=self.field))
        object.__setattr__(self, "values", values)


@dataclass(frozen=True)
class Plan:
    """Which runs make a map: every pair of values, with every seed.

    Attributes:
        base: all that is the same; its own values of the two settings, and its seed, do not matter.
        x, y: the settings along the sides; rows of a map are values of y.
        seeds: of every pair.
        steps: that every run takes.
        threshold: JSD of the shown p_g, nats, up to which a run counts as converged. By default it is the one
            from which on a D that looks must see a difference (`facts.FAR`).

    Raises:
        ValueError: images, two axes of one setting, no seed, or a number out of range.
    """

    base: TrainConfig
    x: Axis
    y: Axis
    seeds: tuple[int, ...] = (1,)
    steps: int = 2000
    threshold: float = FAR

    def __post_init__(self) -> None:
        if self.base.kind not in map_pictures.SHAPES:
            raise ValueError(Message("a map needs a target on a line or on a plane, not images"))
        if self.x.field == self.y.field:
            raise ValueError(Message("the two axes of a map need two settings, not {name} twice", name=self.x.field))
        if not self.seeds or len(set(self.seeds)) < len(self.seeds):
            raise ValueError(Message("a map needs at least one seed, each once"))
        if not N_MOMENTS <= self.steps <= _MAX_STEPS:
            raise ValueError(
                Message("steps = {value} is not possible: choose a whole number from {low:g} to {high:g}",
                        value=self.steps, low=N_MOMENTS, high=_MAX_STEPS)
            )  # fmt: skip
        if not 0 < self.threshold < divergences.LOG2:
            raise ValueError(
                Message("threshold = {value:g} is not possible: a JSD lies between 0 and log 2 = {high:.3f}",
                        value=self.threshold, high=divergences.LOG2)
            )  # fmt: skip
        if self.n_runs > MAX_RUNS:
            raise ValueError(
                Message("{n:,} runs are too many for a map: {most:,} at most", n=self.n_runs, most=MAX_RUNS)
            )

    @property
    def shape(self) -> tuple[int, int, int]:
        """Rows (values of y), columns (values of x), seeds."""
        return len(self.y.values), len(self.x.values), len(self.seeds)

    @property
    def n_runs(self) -> int:
        """Number of runs."""
        rows, columns, seeds = self.shape
        return rows * columns * seeds

    @property
    def moments(self) -> tuple[int, ...]:
        """Steps at which runs are measured, 0 and `steps` among them; (N_MOMENTS + 1,)."""
        return tuple(round(self.steps * k / N_MOMENTS) for k in range(N_MOMENTS + 1))

    def place(self, run: int) -> tuple[int, int, int]:
        """Row, column and index of the seed of a run: one seed's map after the other, row by row."""
        rows, columns, _ = self.shape
        return run // columns % rows, run % columns, run // (rows * columns)

    def config(self, run: int) -> TrainConfig:
        """The settings of a run, 0 <= run < n_runs.

        Raises:
            ValueError: two of the settings do not go together.
        """
        row, column, seed = self.place(run)
        values = {self.x.field: self.x.values[column], self.y.field: self.y.values[row]}
        return self.base.replace(**values, seed=self.seeds[seed])

    def to_json(self) -> str:
        """As text, for a file."""
        sides = {name: {"field": axis.field, "values": axis.values} for name, axis in (("x", self.x), ("y", self.y))}
        rest = {"seeds": self.seeds, "steps": self.steps, "threshold": self.threshold}
        return json.dumps({"base": self.base.to_params(), **sides, **rest})

    @classmethod
    def from_json(cls, text: str) -> "Plan":
        """The inverse of `to_json`.

        Raises:
            ValueError: it is no plan, or one that is not possible.
        """
        try:
            told = json.loads(text)
            x, y = (Axis(told[side]["field"], tuple(told[side]["values"])) for side in ("x", "y"))
            seeds, steps, threshold = tuple(told["seeds"]), int(told["steps"]), float(told["threshold"])
            params = {str(name): str(value) for name, value in told["base"].items()}
        except (KeyError, TypeError, AttributeError, json.JSONDecodeError):
            raise ValueError(Message("this is not the plan of a map")) from None
        return cls(TrainConfig.from_params(params), x, y, seeds, steps, threshold)


@dataclass(frozen=True)
class Outcome:
    """What is kept of a run.

    Attributes:
        run: its number in the plan.
        step: finished steps.
        diverged_at: step at which a loss or gradient was no number any more, where it stopped; 0 if it did not.
        jsd: JSD(p_data, p_g) of the p_g that pictures show, nats.
        modes, n_modes: modes that this p_g covers, and that there are; 0 without modes.
        high_quality: share of this p_g within 3 standard deviations of a mode; nan without modes.
        d_real, d_fake: means of D on data and on the fakes that it plays against; nan for scores on a line.
        verdict: what is going on: key of one of `diagnosis.CAUSES`, or DIVERGED.
        curve: JSDs at the moments of the plan so far, from step 0 on, nats.
        picture: the shown p_g, see `map_pictures.take`.
    """

    run: int
    step: int
    diverged_at: int
    jsd: float
    modes: int
    n_modes: int
    high_quality: float
    d_real: float
    d_fake: float
    verdict: str
    curve: tuple[float, ...]
    picture: bytes


@dataclass(frozen=True)
class SettingsMap:
    """What became of the runs of a plan: of all, or of those that are known so far.

    Raises:
        ValueError: a run twice, or one that is not in the plan.
    """

    plan: Plan
    outcomes: tuple[Outcome, ...]

    def __post_init__(self) -> None:
        runs = {outcome.run for outcome in self.outcomes}
        if len(runs) < len(self.outcomes) or not all(0 <= run < self.plan.n_runs for run in runs):
            raise ValueError(Message("the runs of this map are not those of its plan"))

    @functools.cached_property
    def by_run(self) -> dict[int, Outcome]:
        """Number of a run -> what became of it."""
        return {outcome.run: outcome for outcome in self.outcomes}

    @property
    def complete(self) -> bool:
        """Whether all runs are there, each at its end."""
        done = (o.step == self.plan.steps or o.diverged_at for o in self.outcomes)
        return len(self.outcomes) == self.plan.n_runs and all(done)

    def values(self, name: str) -> Array:
        """One figure of every run, (rows, columns, seeds); nan where a run is not known.

        Args:
            name: a number of `Outcome`.
        """
        values = np.full(self.plan.shape, np.nan)
        for outcome in self.outcomes:
            values[self.plan.place(outcome.run)] = getattr(outcome, name)
        return values

    @property
    def converged(self) -> Array:
        """Whether runs have: 1 or 0, nan where a run is not known; (rows, columns, seeds)."""
        good = ((jsd := self.values("jsd")) <= self.plan.threshold) & (self.values("diverged_at") == 0)
        return np.where(np.isnan(jsd), np.nan, good)

    @property
    def share(self) -> Array:
        """Share of the seeds that converge, (rows, columns); nan where no run is known."""
        return _mean(self.converged, 2)

    def share_along(self, side: str) -> Array:
        """Share of the runs that converge, per value of the axis "x" or "y"."""
        converged = self.converged
        return _mean(converged.swapaxes(0, 1) if side == "x" else converged, (1, 2))

    @property
    def median_jsd(self) -> Array:
        """Median over the seeds, (rows, columns), nats; nan where no run is known."""
        rows = [[j[~np.isnan(j)] for j in row] for row in self.values("jsd")]
        return np.array([[np.median(known) if len(known) else np.nan for known in row] for row in rows])

    def with_outcomes(self, outcomes: Sequence[Outcome]) -> "SettingsMap":
        """With these in the place of older ones of the same runs."""
        return replace(self, outcomes=tuple({**self.by_run, **{o.run: o for o in outcomes}}.values()))

    def of_seeds(self, seeds: tuple[int, ...]) -> "SettingsMap":
        """The map of some of the seeds.

        Raises:
            ValueError: one of them is not on it.
        """
        cells = len(self.plan.y.values) * len(self.plan.x.values)
        first = {self.plan.seeds.index(seed): k for k, seed in enumerate(seeds)}
        kept = (o for o in self.outcomes if o.run // cells in first)
        renumbered = (replace(o, run=o.run % cells + first[o.run // cells] * cells) for o in kept)
        return SettingsMap(replace(self.plan, seeds=seeds), tuple(sorted(renumbered, key=lambda o: o.run)))


def _mean(values: Array, axis: int | tuple[int, ...]) -> Array:
    """Mean of what is known; nan, without a warning, where nothing is."""
    count = (known := ~np.isnan(values)).sum(axis)
    return np.where(count > 0, np.where(known, values, 0.0).sum(axis) / np.maximum(count, 1), np.nan)


@dataclass(frozen=True)
class Progress:
    """How far `train` has come.

    Attributes:
        step: finished steps of the runs that go on.
        outcomes: of the runs that are made, each as it was last measured.
    """

    step: int
    outcomes: tuple[Outcome, ...]


def train(plan: Plan, runs: Sequence[int] | None = None, *, slice_seconds: float = 0.1) -> Iterator[Progress]:
    """Train runs of a plan together, a slice of time between two yields; stop by not asking for the next.

    Args:
        runs: numbers of the runs, all of them by default.
        slice_seconds: about how long the caller waits for the next progress, or for one step of all, or one measurement.
    Yields:
        Progress, at least at every moment of the plan; the last is of the finished runs.
    Raises:
        ValueError: there are no runs, or the settings of one do not go together.
    """
    numbers = list(range(plan.n_runs) if runs is None else runs)
    clock = _Clock(slice_seconds)
    members: list[GANTrainer] = []
    outcomes: list[Outcome] = []
    for run in numbers:
        members.append(GANTrainer(plan.config(run)))
        outcomes.append(_outcome(run, members[-1]))
        if clock.rings():
            yield Progress(0, tuple(outcomes))
    ensemble = Ensemble(members)
    yield Progress(0, tuple(outcomes))
    due = set(plan.moments[1:])
    for step in range(1, plan.steps + 1):
        losses = ensemble.step()
        for i, error in ensemble.stopped.items():
            outcomes[i] = replace(outcomes[i], diverged_at=error.step, verdict=DIVERGED)
        if step not in due:
            if clock.rings():
                yield Progress(step, tuple(outcomes))
            continue
        for i in [i for i in range(len(members)) if i not in ensemble.stopped]:
            with torch.inference_mode():
                members[i].record(*losses[i])
                outcomes[i] = _outcome(numbers[i], members[i])
            if clock.rings():
                yield Progress(step, tuple(outcomes))
        yield Progress(step, tuple(outcomes))


class _Clock:
    """Says when a slice of time is over; the next one begins when it is asked again."""

    def __init__(self, seconds: float):
        self._seconds, self._end = seconds, time.monotonic() + seconds

    def rings(self) -> bool:
        now = time.monotonic()
        if now < self._end:
            return False
        self._end = now + self._seconds
        return True


def _outcome(run: int, member: GANTrainer) -> Outcome:
    """Of a run that has just been measured."""
    _, evaluation = member.last_evaluation
    history = member.history.arrays()
    return Outcome(
        run=run, step=member.step_count, diverged_at=0, jsd=evaluation.jsd, modes=evaluation.modes,
        n_modes=evaluation.n_parts, high_quality=float(evaluation.high_quality), d_real=float(evaluation.d_real),
        d_fake=float(evaluation.d_fake), verdict=member.problem.diagnose(member, evaluation, history).key,
        curve=tuple(history["jsd"].tolist()), picture=map_pictures.take(member.config.target, evaluation),
    )  # fmt: skip
