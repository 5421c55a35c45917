"""A map of settings as a table, a row a run, and as one Parquet file, which a sweep writes and a page opens."""

from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd

from gan_core import diagnosis, divergences, map_columns, map_pictures
from gan_core.map_columns import FLOATS, INTEGERS, PLAN, Columns
from gan_core.map_plan import MAX_RUNS, N_MOMENTS, Plan
from gan_core.messages import Message
from gan_core.settings_map import DIVERGED, Outcome, SettingsMap

_VERDICTS = {DIVERGED, *(cause.key for cause in diagnosis.CAUSES)}
MOST_SHOWN, MOST_ALONG = 10_000, 64  # runs of a map that a page shows, and values on one of its axes
_ROUNDING = 1e-3  # by which an estimate may leave its range


def to_table(found: SettingsMap) -> pd.DataFrame:
    """A row a run, by number: its two settings and seed, and the columns of `Outcome`; the plan in `attrs`.

    Curves are lists of single floats, pictures bytes.
    """
    outcomes = sorted(found.outcomes, key=lambda outcome: outcome.run)
    places = [found.plan.place(outcome.run) for outcome in outcomes]
    x, y = found.plan.x, found.plan.y
    columns: dict[str, Any] = {
        "run": [o.run for o in outcomes],
        "seed": [found.plan.seeds[seed] for _, _, seed in places],
        x.field: [x.values[column] for _, column, _ in places],
        y.field: [y.values[row] for row, _, _ in places],
    }
    columns |= {name: [getattr(o, name) for o in outcomes] for name in (*INTEGERS, *FLOATS, "verdict", "picture")}
    columns["curve"] = [np.asarray(o.curve, dtype=np.float32) for o in outcomes]
    table = pd.DataFrame(columns)
    table.attrs[PLAN] = found.plan.to_json()
    return table


def from_columns(found: Columns, most: int = MAX_RUNS, along: int = MAX_RUNS) -> SettingsMap:
    """What a file says, as a map.

    Args:
        most: runs that its plan may have. along: values on an axis.
    Raises:
        ValueError: its plan is not possible, or larger than that, or one of its runs is none of that.
    """
    plan = Plan.from_json(found.plan)
    if plan.n_runs > most or max(plan.shape[:2]) > along:
        rows, columns, seeds = plan.shape
        raise ValueError(
            Message("This map is too large for a page: {columns:,} × {rows:,} cells, {seeds:,} seeds; up to {along} × {along} "
                    "cells and {most:,} runs are possible", columns=columns, rows=rows, seeds=seeds, along=along, most=most)
        )  # fmt: skip
    plan.check()
    size = int(np.prod(map_pictures.SHAPES[plan.base.kind]))
    told = zip(found.integers.tolist(), found.floats.tolist(), found.verdicts.tolist(), found.curves.tolist(),
               found.lengths.tolist(), found.pictures, strict=True)  # fmt: skip
    outcomes = []
    for integers, floats, verdict, curve, length, picture in told:
        named: dict[str, Any] = dict(zip((*INTEGERS, *FLOATS), (*integers, *floats), strict=True))
        outcomes.append(Outcome(**named, verdict=verdict, curve=tuple(curve[:length]), picture=picture.tobytes()))
        if not _possible(outcomes[-1], plan, size):
            raise ValueError(
                Message("Run {run} of this map has a figure that no run can have: the file is damaged; fetch it again from "
                        "where it was made", run=outcomes[-1].run)
            )  # fmt: skip
    return SettingsMap(plan, tuple(outcomes))


def write(found: SettingsMap, file: Path | IO[bytes]) -> None:
    """Write a map as one Parquet file."""
    to_table(found).to_parquet(file, index=False, compression="zstd")


def read(file: Path | bytes) -> SettingsMap:
    """Read a map that `write` has written.

    Args:
        file: its path, or all of it. For a file of a stranger see `map_columns.read_apart`.
    Raises:
        ValueError: it is no Parquet file, or no map.
        OSError: it cannot be read.
    """
    data = file if isinstance(file, bytes) else file.read_bytes()
    return from_columns(map_columns.read(data, MAX_RUNS))


def open_files(files: Sequence[bytes]) -> SettingsMap:
    """A map that a stranger hands over, as a whole or in tiles; read apart, see `map_columns.read_apart`.

    Raises:
        ValueError: it is no map, damaged, or too large to be shown.
    """
    return from_columns(map_columns.read_apart(files, MOST_SHOWN), MOST_SHOWN, MOST_ALONG)


def _possible(outcome: Outcome, plan: Plan, size: int) -> bool:
    jsds = np.array((outcome.jsd, *outcome.curve))
    shares = np.array((outcome.high_quality, outcome.d_real, outcome.d_fake))
    return (
        bool(np.all((jsds >= -_ROUNDING) & (jsds <= divergences.LOG2 + _ROUNDING)))
        and not np.any((shares < -_ROUNDING) | (shares > 1 + _ROUNDING))  # nan where there is none
        and len(outcome.curve) <= N_MOMENTS + 1
        and len(outcome.picture) == size
        and outcome.verdict in _VERDICTS
        and 0 <= outcome.modes <= outcome.n_modes
        and 0 <= outcome.run < plan.n_runs
        and 0 <= outcome.step <= plan.steps
        and 0 <= outcome.diverged_at <= plan.steps
    )
