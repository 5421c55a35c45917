"""Train the maps that the lesson opens at once: two modes on a line from four seeds and at steps of its two sliders, and the
ring of eight in the plane.

python -m scripts.settings_maps            all that are missing
python -m scripts.settings_maps --again    all
"""

import argparse
import time
from dataclasses import replace

from gan_core import map_table, threads
from gan_core.lessons.finished_maps import FOLDER
from gan_core.lessons.map_reading import DROPOUTS, SEEDS, SMOOTHINGS, TARGET, plan_of, read_map
from gan_core.settings_map import SettingsMap, train

PLANS = {"two_modes_seeds": replace(plan_of(TARGET), seeds=SEEDS), "ring_8_live": plan_of("ring_8")} | {
    f"two_modes_{name}_{value:g}": plan_of(TARGET, **{name: value})
    for name, values in (("dropout", DROPOUTS), ("label_smoothing", SMOOTHINGS))
    for value in values
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--again", action="store_true", help="those that are there, too")
    again = parser.parse_args().again
    threads.use_one()
    FOLDER.mkdir(exist_ok=True)
    for name, plan in PLANS.items():
        path = FOLDER / f"{name}.parquet"
        if path.exists() and not again:
            continue
        begun = time.process_time()
        *_, last = train(plan)
        found = SettingsMap(plan, last.outcomes)
        map_table.write(found, path)
        reading = read_map(found)
        print(f"{path.name}: {reading.converged} of {reading.runs} converge, {time.process_time() - begun:.0f} s of CPU, "
              f"{path.stat().st_size / 1000:.0f} kB", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
