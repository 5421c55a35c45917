"""Films of short trainings, and what a moment of one has to be like."""

import dataclasses
from collections import deque

import numpy as np

from gan_core.config import TrainConfig
from gan_core.keeping import NEVER, ONCE, kept
from gan_core.run import Run
from gan_core.snapshot import PAUSED, Snapshot, take_snapshot
from gan_core.training import GANTrainer
from tests.gan_core.experiments import FULL, SMALL
from tests.gan_core.images.experiments import TINY

KINDS: dict[str, TrainConfig] = {
    "line": SMALL, "plane": SMALL.replace(target="ring_8", latent_dim=2), "images": TINY,
}  # fmt: skip
RICH: dict[str, TrainConfig] = KINDS | {
    "everything at once": FULL, "a plane without modes": FULL.replace(target="moons", packing=2),
    "scores": SMALL.replace(loss="wasserstein_gp", ema_decay=0.9, target="ring_8"),
    "scores of images": TINY.replace(loss="wasserstein_gp"),
}  # fmt: skip
CHANGES = {"lr_g": 5e-4, "dropout": 0.25, "ema_decay": 0.8, "instance_noise": 0.1, "r1_gamma": 0.3, "d_steps": 3}


def snapshot(trainer: GANTrainer) -> Snapshot:
    """As a run takes it of a training that stands still."""
    return take_snapshot(trainer, 1, PAUSED, "", 0.0)


class Studio:
    """A run, worked in this thread."""

    def __init__(self, config: TrainConfig, **options):
        self.queue: deque = deque()
        self.run = Run(config, schedule=self.queue.append, **options)
        self.work()

    def work(self) -> None:
        """All that is to do."""
        while self.queue:
            self.queue.popleft()()

    def do(self, n: int) -> None:
        """So many steps, and a look."""
        self.run.step(n)
        self.work()
        self.run.snapshot()
        self.work()

    def tape(self):
        answer = self.run.tape()
        self.work()
        return answer.result(0)


def assert_alike(found, expected) -> None:
    """What comes back from a moment: numbers exactly, arrays within half a step of their codes, nothing of NEVER."""
    if dataclasses.is_dataclass(expected):
        for field in dataclasses.fields(expected):
            ours, theirs = getattr(found, field.name), getattr(expected, field.name)
            if kept(field) == NEVER:
                assert len(ours) == 0
            elif kept(field) == ONCE:
                np.testing.assert_array_equal(ours, theirs)
            else:
                assert_alike(ours, theirs)
    elif isinstance(expected, np.ndarray):
        assert_close(found, expected)
    elif isinstance(expected, tuple):
        assert len(found) == len(expected)
        for ours, theirs in zip(found, expected, strict=True):
            assert_alike(ours, theirs)
    else:
        assert found == expected or (np.isnan(found) and np.isnan(expected))


def assert_close(found, expected) -> None:
    """Bytes exactly; other arrays within 1/65533 of their range, and nan and infinities where they were."""
    assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
    if expected.dtype == np.uint8:
        np.testing.assert_array_equal(found, expected)
        return
    finite = np.isfinite(expected)
    np.testing.assert_array_equal(found[~finite], expected[~finite])
    assert np.isfinite(found[finite]).all()
    if finite.any():
        values = expected[finite].astype(np.float64)
        rounding = np.abs(values).max() * np.finfo(expected.dtype).eps * 2 + 1e-300
        assert np.abs(found[finite] - values).max() <= (values.max() - values.min()) / 65533 + rounding
