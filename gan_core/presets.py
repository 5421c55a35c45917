"""Named experiments: settings that are known to converge, from `python -m benchmarks.convergence`."""

from dataclasses import dataclass

from gan_core.training import TrainConfig


@dataclass(frozen=True)
class Preset:
    """One experiment.

    Attributes:
        config: the settings, with their seed.
        steps: by when it has converged.
        jsd: an upper bound of the median JSD over five seeds by then, nats.
        story: one line: what it shows.
    """

    key: str
    name: str
    config: TrainConfig
    steps: int
    jsd: float
    story: str


PRESETS: dict[str, Preset] = {
    p.key: p
    for p in (
        Preset("two_modes", "Two modes", TrainConfig(target="two_modes"), 4000, 0.01,
               "Two bells from one: G has to cut its lump in two."),
        Preset("gaussian", "One Gaussian", TrainConfig(target="gaussian"), 4000, 0.01,
               "The easiest case: shift, stretch, done."),
        Preset("three_modes", "Three modes", TrainConfig(target="three_modes"), 4000, 0.03,
               "Two cliffs in the map z → G(z), three bells in the data."),
        Preset("skewed", "Skewed", TrainConfig(target="skewed"), 4000, 0.01,
               "One steep side, one gentle side, no gap."),
        Preset("uniform", "Uniform", TrainConfig(target="uniform"), 4000, 0.01,
               "Flat, with two cliffs that no smooth density quite reaches."),
        Preset("comb", "Comb", TrainConfig(target="comb"), 4000, 0.15,
               "Seven narrow teeth: as near as this recipe comes."),
    )
}  # fmt: skip
