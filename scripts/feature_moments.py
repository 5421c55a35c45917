"""Write the principal variances of the classifier's features of handwriting to gan_core/lessons/weights/classifier_features.npy.

    MNIST_DIR=... python -m scripts.feature_moments

Of the 10,000 test images of MNIST, as the live page has it. For comparison it prints what real images read: random
sets of the training images, by the Fréchet distance to the test images, beside the bias that a Gaussian with these
moments would have. Of the 64 features
those are left out that hardly change. Half a minute on one core.
"""

import numpy as np

from gan_core import threads
from gan_core.frechet import frechet_distance, moments
from gan_core.images import data as image_data
from gan_core.images.metrics import reference
from gan_core.lessons import frechet_bias

REPEATS = 300
NOTHING = 1e-6  # of the largest variance


def main() -> None:
    """Measure, write, and compare."""
    threads.use_one()
    images = image_data.load("mnist")
    real = reference(images, 28)
    mean, cov = real.moments
    frechet_bias.CLASSIFIER.parent.mkdir(exist_ok=True)
    variances = np.linalg.eigvalsh(cov)[::-1]
    variances = variances[variances > NOTHING * variances[0]]
    np.save(frechet_bias.CLASSIFIER, variances.astype(np.float32))
    print(f"{len(variances)} of {len(cov)} features; total variance {variances.sum():.1f} of {np.trace(cov):.1f}")
    features = real.features(images.pixels(28)[0])
    own = moments(features)
    rng = np.random.default_rng(0)
    for n in (500, 1000, 2000, 5000, 10_000):
        sets = [features[rng.permutation(len(features))[:n]] for _ in range(REPEATS)]
        to_all = np.mean([frechet_distance(*moments(s), *own) for s in sets])
        to_test = np.mean([frechet_distance(*moments(s), mean, cov) for s in sets])
        rule, exact = frechet_bias.bias_rule(variances, n), frechet_bias.readings(variances, n, REPEATS, 0).mean()
        print(f"n = {n:6,}: to all training images {to_all:.3f}, to the test images {to_test:.3f}; "
              f"a Gaussian reads {exact:.3f}, the rule says {rule:.3f}")  # fmt: skip


if __name__ == "__main__":
    main()
