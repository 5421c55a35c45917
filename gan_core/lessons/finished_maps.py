"""Maps of settings that are shipped: every Parquet file in the folder `maps`, whoever made it.

`python -m scripts.settings_maps` makes those of the lesson, `python -m scripts.sweep` any other.
"""

import functools
from dataclasses import replace
from pathlib import Path

from gan_core import map_table
from gan_core.map_plan import Plan
from gan_core.settings_map import SettingsMap

FOLDER = Path(__file__).parent / "maps"


@functools.cache
def finished_maps() -> dict[str, SettingsMap]:
    """Name of a file -> its map, in the order of the names."""
    return {path.stem: map_table.read(path) for path in sorted(FOLDER.glob("*.parquet"))}


def finished(plan: Plan) -> SettingsMap | None:
    """The shipped map of exactly this plan, or of one of the seeds of a shipped one; None without one."""
    for found in finished_maps().values():
        if replace(found.plan, seeds=plan.seeds) == plan and set(plan.seeds) <= set(found.plan.seeds):
            return found.of_seeds(plan.seeds)
    return None
