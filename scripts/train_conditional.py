"""Train the conditional GAN on MNIST and write it to gan_core/images/weights/conditional.safetensors.

    MNIST_DIR=... python -m scripts.train_conditional [--steps 20000]

One seed, one thread; about three minutes on one core. The settings are those of `gan_core.images.conditional.RECIPE`, but for the
learning rates, which fall in a straight line to 1 % at the end. The figures are printed. Rounding differs between machines and
versions: a repetition gives the same quality, not the same bits.
"""

import argparse
import time

import torch

from gan_core.images import conditional, warm_starts


def main() -> None:
    """Train, print, and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=20_000)
    arguments = parser.parse_args()
    trainer = conditional.trainer()
    trainer.history.stride = 500
    trainer.update(lr_decay_steps=arguments.steps)
    start = time.process_time()
    while trainer.step_count < arguments.steps:
        trainer.step()
        if trainer.step_count % 1000 == 0:
            e = trainer.evaluate()
            print(
                f"step {trainer.step_count} {time.process_time() - start:.0f} s: accuracy {e.accuracy:.3f}, worst digit "
                f"{e.by_label.min():.2f}, spread {e.spread:.2f}, D {e.d_real:.2f}/{e.d_fake:.2f}",
                flush=True,
            )
    rng = torch.Generator()
    networks = trainer.problem.generator(rng), trainer.problem.discriminator(rng)
    warm_starts.save(trainer.state(), conditional.TRAINED, time.process_time() - start, networks)
    shipped = conditional.trainer(trained=True).evaluate()
    print(
        f"shipped: accuracy {shipped.accuracy:.3f}, spread {shipped.spread:.2f}, real images {trainer.target.real_accuracy():.4f}"
    )
    print(f"{conditional.TRAINED.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
