"""What tests of runs in the background share."""

import time

from gan_core.config import TrainConfig

SMALL = TrainConfig(width=8, batch_size=16)
DIGITS = TrainConfig(target="digits", architecture="tiny", latent_dim=8, batch_size=16)


def wait_for(condition, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def steps(run):
    snapshot = run.snapshot()
    return snapshot.step if snapshot else 0
