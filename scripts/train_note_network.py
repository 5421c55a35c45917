"""Train the note's network on MNIST and write its warm starts to gan_core/images/weights.

    MNIST_DIR=... python -m scripts.train_note_network [--steps 40000] [--out gan_core/images/weights]

One seed, one thread; about an hour on one core. The recipe is the preset "note" but for the learning rates, which begin
twice as high and fall in a straight line that would reach 1 % after 60,000 steps. The figures of every stage are printed.
Rounding differs between machines and versions: a repetition gives the same quality, not the same bits.
"""

import argparse
import time
from pathlib import Path

from gan_core import PRESETS, threads
from gan_core.images import warm_starts
from gan_core.training import GANTrainer

SCHEDULE = 60_000  # steps over which the learning rates would fall to 1 %
STAGES = {"early": 1200, "middle": 6000}  # steps after which they are written; "late" is the end


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=40_000)
    parser.add_argument("--out", type=Path, default=warm_starts.FOLDER)
    arguments = parser.parse_args()
    threads.use_one()
    arguments.out.mkdir(parents=True, exist_ok=True)
    note = PRESETS["note"].config
    trainer = GANTrainer(
        note.replace(lr_g=2 * note.lr_g, lr_d=2 * note.lr_d, lr_decay_steps=SCHEDULE, warm_start="none")
    )
    trainer.history.stride = 200
    start = time.process_time()
    while trainer.step_count < arguments.steps:
        trainer.step()
        at, seconds = trainer.step_count, time.process_time() - start
        if at % 1000 == 0:
            e = trainer.evaluate()
            print(
                f"step {at} {seconds:.0f} s: {e.modes}/10 classes, class JSD {e.class_jsd:.4f}, confidence "
                f"{e.confidence:.3f}, FD {e.frechet:.1f}, shadow {e.shadow_jsd:.3f}, proven {e.proven:.3f}, "
                f"D {e.d_real:.2f}/{e.d_held_out:.2f}/{e.d_fake:.2f}",
                flush=True,
            )
        stage = next((name for name, step in STAGES.items() if step == at), None)
        if stage or at % 1000 == 0 or at == arguments.steps:
            warm_starts.save(trainer.state(), arguments.out / f"note_{stage or 'late'}.safetensors", seconds)


if __name__ == "__main__":
    main()
