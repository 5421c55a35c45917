"""A large map, made in tiles: every few runs that are done go into a file of their own, and are never lost."""

import io
import json
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gan_core import map_table, tensor_files, threads
from gan_core.map_plan import Plan
from gan_core.messages import Message
from gan_core.settings_map import SettingsMap, train


@dataclass(frozen=True)
class Tile:
    """Runs of a plan, trained.

    Attributes:
        parquet: the map of these runs, as `map_table.write` writes it.
        cpu_seconds: that the training has taken, of the one thread that did it.
    """

    parquet: bytes
    cpu_seconds: float


def train_tile(plan: Plan, runs: Sequence[int]) -> Tile:
    """Train runs of a plan to their end, on one thread.

    Raises:
        ValueError: there are no runs, or the settings of one do not go together.
    """
    threads.use_one()
    begun = time.thread_time()
    (last,) = deque(train(plan, runs, slice_seconds=float("inf")), maxlen=1)
    file = io.BytesIO()
    map_table.write(SettingsMap(plan, last.outcomes), file)
    return Tile(file.getvalue(), time.thread_time() - begun)


class TileFolder:
    """The folder of a map that is being made: `plan.json`, and a Parquet file per tile.

    Whatever ends the making, a file is there as a whole or not at all, and the same plan goes on from what is there.

    Attributes:
        damaged: names of files that are no tiles of this plan; their runs count as missing.
    """

    def __init__(self, folder: Path, plan: Plan):
        """Args: folder, which is made if need be, and the plan.

        Raises:
            ValueError: it is the folder of another plan, or of something else.
            OSError: it cannot be written.
        """
        self._folder, self.plan = folder, plan
        folder.mkdir(parents=True, exist_ok=True)
        manifest = folder / "plan.json"
        if manifest.exists():
            if differences := _differences(manifest.read_text("utf-8"), plan.to_json()):
                raise ValueError(
                    Message("{folder} holds tiles of another plan ({names} differ): choose another folder, or go on with "
                            "the plan in {manifest}", folder=folder, names=", ".join(differences), manifest=manifest)
                )  # fmt: skip
        elif any(folder.iterdir()):
            raise ValueError(Message("{folder} is in use for something else: choose another folder", folder=folder))
        else:
            tensor_files.write(manifest, plan.to_json().encode())
        self.damaged: list[str] = []
        self._known = SettingsMap(plan, ())
        for path in sorted(folder.glob("*.parquet")):
            try:
                self._take(map_table.read(path))
            except ValueError:
                self.damaged.append(path.name)

    def _take(self, tile: SettingsMap) -> None:
        if tile.plan != self.plan or not all(o.step == self.plan.steps or o.diverged_at for o in tile.outcomes):
            raise ValueError("not a tile of this plan")
        self._known = self._known.with_outcomes(tile.outcomes)

    @property
    def known(self) -> SettingsMap:
        """The runs that are done."""
        return self._known

    def missing(self, size: int) -> list[tuple[int, ...]]:
        """The runs that are not, `size` or fewer at a time."""
        runs = [run for run in range(self.plan.n_runs) if run not in self._known.by_run]
        return [tuple(runs[at : at + size]) for at in range(0, len(runs), size)]

    def add(self, tile: Tile) -> None:
        """Keep a tile.

        Raises:
            ValueError: it is not one of this plan.
            OSError: it cannot be written.
        """
        found = map_table.read(tile.parquet)
        self._take(found)
        runs = [outcome.run for outcome in found.outcomes]
        tensor_files.write(self._folder / f"{min(runs):06d}-{max(runs):06d}.parquet", tile.parquet)

    def merge(self, file: Path) -> None:
        """Write all that is known as one map, which a page opens."""
        whole = io.BytesIO()
        map_table.write(self._known, whole)
        tensor_files.write(file, whole.getvalue())


def _differences(text: str, other: str) -> list[str]:
    """What differs between two plans as text."""
    try:
        mine, others = json.loads(text), json.loads(other)
        names = ({**plan, **{f"base {name}": value for name, value in plan["base"].items()}} for plan in (mine, others))
        one, two = ({name: value for name, value in plan.items() if name != "base"} for plan in names)
    except (ValueError, TypeError, KeyError, AttributeError):
        return ["all"]
    return sorted(name for name in one.keys() | two.keys() if one.get(name) != two.get(name))
