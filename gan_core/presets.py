"""Named experiments: some that are known to converge, some that are known to fail, and their cures.

Every preset states its evidence: what must be measured after its steps with its seed. The tests hold it to that, and
`python -m benchmarks.convergence` repeats the converging ones with five seeds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gan_core.distributions import lookup
from gan_core.metrics import SCALARS
from gan_core.training import GANTrainer, TrainConfig


@dataclass(frozen=True)
class Preset:
    """One experiment.

    Attributes:
        config: the settings, with their seed.
        steps: by when its evidence is there.
        evidence: name of a figure of `measure` -> (lowest, highest) value after these steps.
        story: one line: what it shows.
        look_for: what to watch while it runs.
        kind: whether it "converges", "fails" on purpose, or is the "cure" of a failing one.
        cures: key of the failing preset that it differs from in one setting; "" if it is no cure.
    """

    key: str
    name: str
    config: TrainConfig
    steps: int
    evidence: Mapping[str, tuple[float, float]]
    story: str
    look_for: str = ""
    kind: Literal["converges", "fails", "cure"] = "converges"
    cures: str = ""

    @property
    def dim(self) -> int:
        """Dimension of its target."""
        return lookup(self.config.target).dim


def measure(trainer: GANTrainer) -> dict[str, float]:
    """The figures that evidence is about: those of the last row of the history, now, and over its second half:

    jsd_best, jsd_worst: lowest and highest JSD; modes_best, modes_worst: highest and lowest number of modes.
    """
    evaluation = trainer.evaluate()
    history = trainer.history.arrays()
    late = history["step"] >= trainer.step_count / 2
    return {
        **{name: float(getattr(evaluation, name)) for name in SCALARS},
        **trainer.gradient_norms(),
        "jsd_best": float(history["jsd"][late].min()),
        "jsd_worst": float(history["jsd"][late].max()),
        "modes_best": float(history["modes"][late].max()),
        "modes_worst": float(history["modes"][late].min()),
    }


RECIPE_2D = TrainConfig(target="ring_8", latent_dim=2, lr_decay_steps=6000)  # the 1D recipe, with a plane of latents

PRESETS: dict[str, Preset] = {
    p.key: p
    for p in (
        Preset("two_modes", "Two modes", TrainConfig(target="two_modes"), 4000, {"jsd": (0, 0.012)},
               "Two bells from one: G has to cut its lump in two."),
        Preset("gaussian", "One Gaussian", TrainConfig(target="gaussian"), 4000, {"jsd": (0, 0.01)},
               "The easiest case: shift, stretch, done."),
        Preset("three_modes", "Three modes", TrainConfig(target="three_modes"), 4000, {"jsd": (0, 0.03)},
               "Two cliffs in the map z → G(z), three bells in the data."),
        Preset("skewed", "Skewed", TrainConfig(target="skewed"), 4000, {"jsd": (0, 0.01)},
               "One steep side, one gentle side, no gap."),
        Preset("uniform", "Uniform", TrainConfig(target="uniform"), 4000, {"jsd": (0, 0.015)},
               "Flat, with two cliffs that no smooth density quite reaches."),
        Preset("comb", "Comb", TrainConfig(target="comb"), 4000, {"jsd": (0, 0.15), "modes": (7, 7)},
               "Seven narrow teeth: as near as this recipe comes."),
        Preset("ring_8", "Ring of 8", RECIPE_2D.replace(target="ring_8"), 6000,
               {"jsd": (0, 0.15), "modes": (8, 8), "high_quality": (0.93, 1)},
               "The classic: one lump of fakes has to become eight."),
    )
}  # fmt: skip
