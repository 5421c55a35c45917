"""Train a GAN and a diffusion model on the ring of eight, and write what the lesson shows of them.

    python -m scripts.train_diffusion

The GAN is the preset `ring_8`; the diffusion model has as many weights as its G and D together, see
`gan_core.lessons.diffusion`. Both are measured by the same estimator from 20,000 samples each, at growing numbers of steps,
with the CPU time that training took until then. Writes gan_core/lessons/weights/two_models.safetensors: the weights that draw
samples, and the tables. Some two minutes on one core.
"""

import time

import torch

from gan_core import threads
from gan_core.lessons import diffusion, two_models
from gan_core.training import GANTrainer

GAN_AT = (100, 200, 500, 1000, 2000, 3000, 4000, 5000, 6000)  # steps
AT = (100, 200, 500, 1000, 2000, 4000, 8000, 12_000, 16_000, 20_000)


def said(name: str, row: two_models.Row) -> two_models.Row:
    """The row, printed."""
    print(f"{name:10} {row.at:6,}  {row.seconds:6.1f} s  JSD {row.jsd:.4f}  {row.modes} modes  "
          f"{row.high_quality:.1%} within 3 sigma", flush=True)  # fmt: skip
    return row


def main() -> None:
    """Train both, measure, write."""
    threads.use_one()
    trainer, model = GANTrainer(two_models.GAN), diffusion.DiffusionModel(two_models.RING, seed=1)
    tables: dict[str, list[two_models.Row]] = {"gan": [], "diffusion": [], "passes": []}
    seconds = 0.0
    for steps in GAN_AT:
        start = time.process_time()
        while trainer.step_count < steps:
            trainer.step()
        seconds += time.process_time() - start
        fakes = two_models.gan_samples(trainer.averaged, two_models.N)
        tables["gan"].append(said("gan", two_models.row(steps, seconds, fakes)))
    seconds = 0.0
    for steps in AT:
        start = time.process_time()
        with torch.inference_mode():
            while model.step_count < steps:
                model.step()
        seconds += time.process_time() - start
        samples = model.sampler.sample(two_models.N, two_models.USUAL, 0)
        tables["diffusion"].append(said("diffusion", two_models.row(steps, seconds, samples)))
    for passes in two_models.PASSES:
        samples = model.sampler.sample(two_models.N, passes, 0)
        tables["passes"].append(said("passes", two_models.row(passes, seconds, samples)))
    two_models.write(trainer.averaged, model.sampler, tables)


if __name__ == "__main__":
    main()
