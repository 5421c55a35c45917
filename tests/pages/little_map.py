"""Trains a map where the runs live, as a page does, and prints how many of its runs are finished; for `test_cluster`."""

from benchmarks.harness import wait_until
from gan_core import TrainConfig
from gan_core.map_plan import Axis, Plan
from pages.ui import beside
from pages.ui.studio import studio

if __name__ == "__main__":
    small = TrainConfig(width=8, depth=1, batch_size=32)
    plan = Plan(small, Axis("lr_g", (1e-3, 4e-3)), Axis("lr_d", (2e-3, 8e-3)), steps=20)
    key = studio().place(beside.begin_map, plan)
    wait_until(lambda: studio().call(key, beside.look).done, 60, "the map was not trained")
    print(sum(outcome.step == plan.steps for outcome in studio().call(key, beside.look).shown.outcomes), flush=True)
    studio().shutdown()
