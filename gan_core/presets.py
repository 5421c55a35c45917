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


_CALM = TrainConfig(lr_g=1e-3, lr_d=4e-3, lr_decay_steps=4000, ema_decay=0.99)

PRESETS: dict[str, Preset] = {
    p.key: p
    for p in (
        Preset("two_modes", "Two modes, calm", _CALM, 4000, 0.01, "Two bells: G has to cut its lump in two."),
        Preset("gaussian", "One Gaussian", _CALM.replace(target="gaussian"), 4000, 0.01, "The easiest case."),
        Preset("three_modes", "Three modes", _CALM.replace(target="three_modes"), 4000, 0.03, "Three bells."),
    )
}
