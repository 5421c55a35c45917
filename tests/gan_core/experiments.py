"""Experiments that many tests train: small ones, a drawing, a table."""

import numpy as np

from gan_core.config import SETTINGS, TrainConfig
from gan_core.own_targets import CELLS, from_cells, from_points
from gan_core.training import GANTrainer

# small and plain, whatever the defaults are
SMALL = TrainConfig(
    target="two_modes", loss="non_saturating", latent="normal", latent_dim=1, width=8, depth=2,
    g_activation="relu", d_activation="leaky_relu", wide_start=False, spread_start=True,
    batch_size=32, lr_g=1e-3, lr_d=2e-3, beta1=0.0, beta2=0.999, lr_decay_steps=0, d_steps=1, ema_decay=0.0,
    dropout=0.0, label_smoothing=0.0, instance_noise=0.0, r1_gamma=0.0, gp_weight=0.1, packing=1,
)  # fmt: skip
FULL = SMALL.replace(dropout=0.2, instance_noise=0.3, ema_decay=0.9, d_steps=2, r1_gamma=0.1, latent_dim=2)


def other_value(name, config):
    """An allowed value that is not that of the config."""
    spec, present = SETTINGS[name], getattr(config, name)
    if spec.choices:
        return next(choice for choice in spec.choices if choice != present)
    if spec.type is bool:
        return not present
    return spec.type(spec.high if present != spec.high else spec.low)


DRAWING = from_cells(np.eye(CELLS)).key
TABLE = np.random.default_rng(0).normal(1e3, 1, (30, 2))


def forget_tables():
    for shift in range(1, 41):
        from_points(TABLE + shift)


def trained(steps, config=SMALL):
    trainer = GANTrainer(config)
    for _ in range(steps):
        trainer.step()
    return trainer


def weights(trainer):
    return trainer.generator.flat.clone(), trainer.discriminator.flat.clone()
