"""How long a full map of settings takes, and how often a run of the shipped one ends so on this processor, too.

python -m benchmarks.settings_map                  seconds of one core for the lesson's map of 64 GANs on a line, and in the plane
python -m benchmarks.settings_map --alone 16       so many runs of the shipped map trained here, spread over it
"""

import argparse
import time

import numpy as np

from gan_core import GANTrainer, threads
from gan_core.lessons.finished_maps import finished
from gan_core.lessons.map_reading import TARGET, plan_of
from gan_core.map_plan import Plan
from gan_core.settings_map import SettingsMap, train


def seconds_of(plan: Plan) -> dict[int, float]:
    """Train a map: moment of the plan -> CPU seconds until every run was measured there."""
    begun, reached = time.process_time(), {}
    for progress in train(plan):
        if progress.step in plan.moments and all(o.step == progress.step for o in progress.outcomes):
            reached[progress.step] = time.process_time() - begun
    return reached


def compare(found: SettingsMap, n: int) -> int:
    """Train runs of a map alone, and print how many end on the same side of the threshold, and how near; returns how many."""
    plan = found.plan
    runs = np.linspace(0, plan.n_runs - 1, n).round().astype(int).tolist()
    alone = []
    for run in runs:
        trainer = GANTrainer(plan.config(run))
        trainer.history.stride = 10**9
        for _ in range(plan.steps):
            trainer.step()
        alone.append(trainer.evaluate().jsd)
    together = np.array([found.by_run[run].jsd for run in runs])
    same = (together <= plan.threshold) == (np.array(alone) <= plan.threshold)
    apart = np.abs(together - alone)
    print(f"of {n} runs trained alone {same.sum()} end on the same side of JSD = {plan.threshold:g}; "
          f"the JSDs differ by {np.median(apart):.4f} (median), {apart.max():.3f} (most)", flush=True)  # fmt: skip
    return int(same.sum())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--alone", type=int, default=0, metavar="N", help="train so many runs alone and compare")
    alone = parser.parse_args().alone
    threads.use_one()
    if alone:
        plan = plan_of(TARGET)
        found = finished(plan)
        assert found is not None, "run python -m scripts.settings_maps"
        compare(found, alone)
        return
    for target in (TARGET, "ring_8"):
        plan = plan_of(target)
        reached, first = seconds_of(plan), plan.moments[1]
        print(f"64 GANs of {plan.base.width}x{plan.base.depth} on {target}, batch {plan.base.batch_size}: measured at step "
              f"{first} after {reached[first]:.1f} s, all {plan.steps:,} steps after {reached[plan.steps]:.1f} s of CPU",
              flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
