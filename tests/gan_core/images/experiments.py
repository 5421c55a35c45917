"""Trainings on images, small ones."""

from gan_core.config import TrainConfig
from gan_core.presets import NOTE
from gan_core.training import GANTrainer

TINY = TrainConfig(
    target="digits", architecture="tiny", latent_dim=8, batch_size=16, lr_g=2e-3, lr_d=2e-3, beta1=0.5, beta2=0.999,
    d_steps=1, lr_decay_steps=0, ema_decay=0.9, dropout=0.3,
)  # fmt: skip
WARM = NOTE.replace(target="digits", batch_size=16)  # of the warm starts that tests make


def trained(steps, config=TINY):
    trainer = GANTrainer(config)
    for _ in range(steps):
        trainer.step()
    return trainer


def weights(trainer):
    return [n.flat.clone() for n in (trainer.generator, trainer.discriminator, trainer.shown_generator)]
