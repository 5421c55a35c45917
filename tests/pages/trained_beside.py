"""Trains a map and a lesson's training where the runs live, as pages do, and prints what became of them; for `test_cluster`."""

from benchmarks.harness import wait_until
from gan_core import TrainConfig
from gan_core.lessons import conditional
from gan_core.map_plan import Axis, Plan
from pages.ui import admission, beside, census
from pages.ui.studio import studio

ADDRESS = "192.0.2.7"

if __name__ == "__main__":
    small = TrainConfig(width=8, depth=1, batch_size=32)
    plan = Plan(small, Axis("lr_g", (1e-3, 4e-3)), Axis("lr_d", (2e-3, 8e-3)), steps=20)
    the_map = studio().place(beside.begin_map, plan)
    wait_until(lambda: studio().call(the_map, beside.look).done, 60, "the map was not trained")
    outcomes = studio().call(the_map, beside.look).shown.outcomes
    ring = studio().place(beside.begin_training, conditional.trainer, 3)
    wait_until(lambda: studio().call(ring, beside.look, conditional.course).done, 60, "the ring was not trained")
    step = studio().call(ring, beside.look, conditional.course).shown.step
    for key in (the_map, ring):
        studio().call(key, beside.end)
    mine = admission.begin(small, [], ADDRESS)
    found = [answer.result(20) for answer in studio().everywhere(census.living, ADDRESS).values()]
    here = sum(there.of_address for there in found)
    studio().call(mine, census.release)
    print(f"{sum(o.step == plan.steps for o in outcomes)} runs, {step} steps, {here} of the address", flush=True)
    studio().shutdown()
