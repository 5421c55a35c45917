"""A map of settings as a table, a row a run, and as one Parquet file, which a sweep writes and a page opens."""

from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd

from gan_core import diagnosis, map_pictures
from gan_core.messages import Message
from gan_core.settings_map import DIVERGED, N_MOMENTS, Outcome, Plan, SettingsMap

_PLAN = "plan"  # of the table's `attrs`, which pandas keeps in a Parquet file
_INTEGERS = ("run", "step", "diverged_at", "modes", "n_modes")
_FLOATS = ("jsd", "high_quality", "d_real", "d_fake")
_VERDICTS = {DIVERGED, *(cause.key for cause in diagnosis.CAUSES)}


def to_table(found: SettingsMap) -> pd.DataFrame:
    """A row a run, by number: its two settings and seed, and the columns of `Outcome`; the plan in `attrs`.

    Curves are lists of single floats, pictures bytes.
    """
    outcomes = sorted(found.outcomes, key=lambda outcome: outcome.run)
    places = [found.plan.place(outcome.run) for outcome in outcomes]
    x, y = found.plan.x, found.plan.y
    columns: dict[str, Any] = {
        "run": [o.run for o in outcomes],
        x.field: [x.values[column] for _, column, _ in places],
        y.field: [y.values[row] for row, _, _ in places],
        "seed": [found.plan.seeds[seed] for _, _, seed in places],
    }
    columns |= {name: [getattr(o, name) for o in outcomes] for name in (*_INTEGERS, *_FLOATS, "verdict", "picture")}
    columns["curve"] = [np.asarray(o.curve, dtype=np.float32) for o in outcomes]
    table = pd.DataFrame(columns)
    table.attrs[_PLAN] = found.plan.to_json()
    return table


def from_table(table: pd.DataFrame) -> SettingsMap:
    """The inverse of `to_table`; tables of several tiles may be put together before, if `attrs` are kept.

    Raises:
        ValueError: it is no map, or damaged.
    """
    if not isinstance(table.attrs.get(_PLAN), str):
        raise _no_map()
    plan = Plan.from_json(table.attrs[_PLAN])
    try:
        outcomes = tuple(map(_outcome, table.to_dict("records")))
    except (KeyError, TypeError, ValueError):
        raise _no_map() from None
    size = int(np.prod(map_pictures.SHAPES[plan.base.kind]))
    if not all(_possible(o, plan, size) for o in outcomes):
        raise _no_map()
    return SettingsMap(plan, outcomes)


def write(found: SettingsMap, file: Path | IO[bytes]) -> None:
    """Write a map as one Parquet file."""
    to_table(found).to_parquet(file, index=False, compression="zstd")


def read(file: Path | IO[bytes]) -> SettingsMap:
    """Read a map that `write` has written.

    Raises:
        ValueError: it is no Parquet file, or no map.
    """
    try:
        table = pd.read_parquet(file)
    except (ValueError, OSError):  # what Arrow says of a file that is damaged, or something else
        raise _no_map() from None
    return from_table(table)


def _no_map() -> ValueError:
    return ValueError(
        Message("this file is not a map of settings: choose one that `python -m scripts.sweep` has written")
    )


def _outcome(row: dict[Any, Any]) -> Outcome:
    numbers: dict[str, Any] = {name: int(row[name]) for name in _INTEGERS} | {
        name: float(row[name]) for name in _FLOATS
    }
    return Outcome(
        **numbers,
        verdict=str(row["verdict"]),
        curve=tuple(float(v) for v in row["curve"]),
        picture=bytes(row["picture"]),
    )


def _possible(outcome: Outcome, plan: Plan, size: int) -> bool:
    figures = (outcome.jsd, *outcome.curve)
    return (
        bool(np.isfinite(figures).all())
        and len(outcome.curve) <= N_MOMENTS + 1
        and len(outcome.picture) == size
        and outcome.verdict in _VERDICTS
        and 0 <= outcome.step <= plan.steps
    )
