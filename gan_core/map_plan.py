"""Which runs make a map of settings: two axes, seeds, and all that is the same."""

import json
from dataclasses import dataclass

from gan_core import divergences, map_pictures
from gan_core.config import SETTINGS, TrainConfig
from gan_core.facts import FAR
from gan_core.messages import Message

MAX_RUNS = 100_000
N_MOMENTS = 20  # measurements of a run after its start
_MAX_STEPS = 1_000_000


@dataclass(frozen=True)
class Axis:
    """A setting and the values that it takes along one side of a map.

    Attributes:
        field: a field of `TrainConfig` that is a number.
        values: different ones, in the order in which they are drawn.

    Raises:
        ValueError: no such field, no value, one twice, or one out of range.
    """

    field: str
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        record = SETTINGS.get(self.field)
        if record is None or record.type not in (int, float):
            numbers = (name for name, s in SETTINGS.items() if s.type in (int, float))
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
        seeds: of every pair; does not matter, but is one, where the seed is on a side.
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
        seeds = tuple(SETTINGS["seed"].check("seed", seed) for seed in self.seeds)
        object.__setattr__(self, "seeds", seeds)
        if not seeds or len(set(seeds)) < len(seeds):
            raise ValueError(Message("a map needs at least one seed, each once"))
        if len(seeds) > 1 and "seed" in (self.x.field, self.y.field):
            raise ValueError(Message("where the seeds are on a side of a map there are no others: choose one seed"))
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
        values = {"seed": self.seeds[seed], self.x.field: self.x.values[column], self.y.field: self.y.values[row]}
        return self.base.replace(**values)

    def check(self) -> None:
        """Refuse it now, and not at one of its runs.

        Raises:
            ValueError: two of the settings of a run do not go together.
        """
        rows, columns, _ = self.shape
        for run in range(rows * columns):  # seeds go with everything
            self.config(run)

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
        except (KeyError, TypeError, AttributeError, OverflowError, RecursionError, json.JSONDecodeError):
            raise ValueError(Message("this is not the plan of a map")) from None
        return cls(TrainConfig.from_params(params), x, y, seeds, steps, threshold)
