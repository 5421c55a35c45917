"""Where do settings work? Many small GANs, two of whose settings differ, trained together: a map of what became of them.

A `Plan` says which runs there are (see `map_plan`), `train` trains them (or some: a sweep gives every worker a few), an
`Outcome` is what is kept of one, and a `SettingsMap` what is drawn, counted and filed (see `map_table`).
"""

import functools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from gan_core import map_pictures
from gan_core.ensemble import Ensemble
from gan_core.map_plan import Axis, Plan
from gan_core.messages import Message
from gan_core.training import GANTrainer

Array = NDArray[np.float64]

DIVERGED = "diverged"  # beside the keys of `diagnosis.CAUSES`: a loss or gradient was no number


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

    @functools.cached_property
    def converged(self) -> Array:
        """Whether runs have: 1 or 0, nan where a run is not known; (rows, columns, seeds)."""
        good = ((jsd := self.values("jsd")) <= self.plan.threshold) & (self.values("diverged_at") == 0)
        return np.where(np.isnan(jsd), np.nan, good)

    @functools.cached_property
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

    def with_seeds(self, side: str, value: float) -> "SettingsMap":
        """The map with its seeds on a side, in the place of a setting that keeps one of its values.

        Args:
            side: "x" or "y". value: one of that axis.
        Raises:
            ValueError: the value is not on it, or there is one seed only.
        """
        replaced = getattr(self.plan, side)
        at, seeds = replaced.values.index(value), self.plan.seeds
        base = self.plan.base.replace(**{replaced.field: value})
        axis = Axis("seed", seeds)
        x, y = (axis, self.plan.y) if side == "x" else (self.plan.x, axis)
        plan = replace(self.plan, base=base, seeds=seeds[:1], x=x, y=y)
        outcomes = []
        for outcome in self.outcomes:
            row, column, seed = self.plan.place(outcome.run)
            if (column if side == "x" else row) == at:
                run = row * len(seeds) + seed if side == "x" else seed * len(self.plan.x.values) + column
                outcomes.append(replace(outcome, run=run))
        return SettingsMap(plan, tuple(outcomes))


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
