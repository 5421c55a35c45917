"""Train the classifier of handwritten digits and write it to gan_core/images/weights/classifier.safetensors.

    MNIST_DIR=... python -m scripts.train_classifier [--seed 0] [--epochs 10]

MNIST and the offline digits together, each 8 x 8 digit five times as often; two minutes on one core. Prints the
accuracy on images that it has not seen, at 28 x 28 and 14 x 14 pixels, of the weights as they are shipped.
"""

import argparse
import time

import torch
from safetensors.torch import save_file

from gan_core import threads
from gan_core.images import classifier
from gan_core.images import data as image_data
from gan_core.images.data import to_range

REPEATS = 5  # of the small set


def accuracy(judge: classifier.Classifier, pixels: torch.Tensor, labels: torch.Tensor) -> float:
    """Share of the images (n, d) uint8 that get the name of their label."""
    probabilities, _ = judge.probabilities_and_features(to_range(pixels))
    return float((probabilities.argmax(1) == labels).float().mean())


def main() -> None:
    """Train, write, read again, and test."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=10)
    arguments = parser.parse_args()
    threads.use_one()
    sets = [image_data.load("mnist"), image_data.load("digits")]
    big, small = sets
    images = torch.cat([big.train, *[small.train] * REPEATS])
    labels = torch.cat([big.train_labels, *[small.train_labels] * REPEATS])
    start = time.process_time()
    judge = classifier.train(images, labels, seed=arguments.seed, epochs=arguments.epochs)
    print(f"trained in {time.process_time() - start:.0f} s")
    classifier.WEIGHTS.parent.mkdir(exist_ok=True)
    save_file({name: value.half() for name, value in judge.state_dict().items()}, classifier.WEIGHTS)
    judge = classifier.read(classifier.WEIGHTS)
    print(f"{classifier.WEIGHTS.stat().st_size / 1000:.0f} kB")
    for images in sets:
        for side in (28, 14):
            train, test = images.pixels(side)
            seen, unseen = accuracy(judge, train, images.train_labels), accuracy(judge, test, images.test_labels)
            print(
                f"{images.key:6} {side} x {side}: {unseen:.2%} of {len(test):,} unseen, {seen:.2%} of the training images"
            )


if __name__ == "__main__":
    main()
