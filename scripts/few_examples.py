"""Train on few examples, with and without remedies, and write the curves to gan_core/images/weights/few_examples.npz.

    MNIST_DIR=... python -m scripts.few_examples

All of `gan_core.images.few.attempts`: 100, 500, 1,500 and 60,000 images; without and with dropout, R1 and
augmentation, one at a time; one seed, 5,000 steps of batches of 64. Eight minutes on one core. Prints what each training came to.
"""

import time
from pathlib import Path

from gan_core.images import few


def main() -> None:
    """Train, print, and write."""
    courses = {}
    for attempt in few.attempts():
        start = time.process_time()
        courses[attempt] = course = few.follow(attempt)
        last = {name: values[-1] for name, values in course.curves.items()}
        print(
            f"{attempt.examples:6,} images, dropout {attempt.dropout:g}, R1 {attempt.r1_gamma:g}, augment {attempt.augment:8}: "
            f"D {last['d_train']:.2f} train, {last['d_held_out']:.2f} held out, {last['d_fake']:.2f} fakes; "
            f"r_t {last['r_t']:.2f}, p {last['p']:.2f}; FD {last['frechet']:.1f}, "
            f"lowest {course.curves['frechet'].min():.1f}; nearest {course.near_fakes:.2f}, others {course.near_others:.2f}; "
            f"{time.process_time() - start:.0f} s",
            flush=True,
        )
    few.save(courses)
    print(f"{Path(few.TABLE).stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
