"""How good generated digits are, in numbers that keep their word.

The density p_g of images has no formula, so JSD(p_data, p_g) cannot be read off. Four things can: how the classes are
shared out, how far the features of a classifier lie apart (Heusel et al., 2017), what D itself proves, and the JSD of
a flat shadow of both clouds. The last two never exceed the true JSD, but for a sampling error that is stated.
"""

import threading
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray

from gan_core import divergences
from gan_core.frechet import Moments, frechet_distance, moments
from gan_core.images import classifier
from gan_core.images.classifier import N_CLASSES
from gan_core.images.data import ImageSet, to_range
from gan_core.images.shadow import N_EVALUATED, N_POINTS, Bounds, Shadow
from gan_core.keeping import KEPT_ONCE
from gan_core.latents import draw_latents
from gan_core.losses import GANLoss
from gan_core.messages import Message
from gan_core.networks import Map
from gan_core.optimum import PLAIN, Conditions
from gan_core.proof import PROOFS

Array = NDArray[np.float64]

N_JUDGED = 500  # fakes, training images and held-out images that D judges
FAIR_SHARE = 0.01  # a class counts as covered from this share of the fakes on
SURE_OF_CLASS = 0.9
_CHUNK = 250  # images at once through networks
_NULL_DRAWS, _SPLITS = 400, 10  # behind the floors


def class_shares(labels: NDArray[np.int64], n_classes: int) -> Array:
    """Share of each class among labels (n,), values in [0, n_classes); (n_classes,), summing to 1."""
    return np.bincount(labels, minlength=n_classes) / len(labels)


@dataclass(frozen=True, kw_only=True)
class ImageEvaluation:
    """A GAN of images, measured on 1,000 fakes. Divergences in nats.

    Attributes:
        class_jsd, class_kl_data_model, class_kl_model_data: between the true shares of the classes and those among the
            fakes, plug-in; KL(data || model) is inf where a class is missing. Blind to all but the shares.
        class_floor: what `class_jsd` reads on average for perfect shares.
        shares, true_shares: (10,) of the fakes, as the classifier names them, and of the training labels.
        confidence: mean of the classifier's highest probability; about 0.99 for real images.
        black_confidence: the same for an image without any ink: confidence alone proves nothing.
        sure: share of the fakes with a highest probability above 0.9.
        frechet: Fréchet distance of the classifier's features to those of real images; comparable only in this app.
        frechet_floor: what `frechet` reads on average for real images.
        shadow_jsd: de-biased JSD of the two clouds' shadows in the plane; at most the true JSD, but for sampling error.
        shadow_floor: what `shadow_jsd` stays below in 95 of 100 cases if p_g = p_data.
        shadow_data, shadow_model: (40, 40) smoothed densities of the shadows, first index along the first coordinate.
        shadow_bounds: the window ((low, high), (low, high)); 99.5 % of the data lie in it.
        shadow_points, shadow_real: (300, 2) fakes and training images.
        proven, proven_error: what D proves on held-out images, (V+log 4)/2, at most the true JSD, and its standard
            error; nan for scores.
        d_real, d_held_out, d_fake: mean of D on training images, held-out images and fakes; nan for scores.
        spread: standard deviation of a pixel among the fakes that D meets, of that among real images; 0: all are alike.
    """

    class_jsd: float
    class_kl_data_model: float
    class_kl_model_data: float
    class_floor: float
    shares: Array
    true_shares: Array = field(metadata=KEPT_ONCE)
    confidence: float
    black_confidence: float
    sure: float
    frechet: float
    frechet_floor: float
    shadow_jsd: float
    shadow_floor: float
    shadow_data: NDArray[np.float32] = field(repr=False, metadata=KEPT_ONCE)
    shadow_model: NDArray[np.float32] = field(repr=False)
    shadow_bounds: Bounds = field(metadata=KEPT_ONCE)
    shadow_points: NDArray[np.float32] = field(repr=False)
    shadow_real: NDArray[np.float32] = field(repr=False, metadata=KEPT_ONCE)
    proven: float
    proven_error: float
    d_real: float
    d_held_out: float
    d_fake: float
    spread: float

    @property
    def modes(self) -> int:
        """Number of classes with at least 1 % of the fakes."""
        return int(np.count_nonzero(self.shares >= FAIR_SHARE))

    @property
    def n_parts(self) -> int:
        """Number of classes among the data."""
        return int(np.count_nonzero(self.true_shares))


# the numbers of an ImageEvaluation that are worth a curve
IMAGE_SCALARS: tuple[str, ...] = ("class_jsd", "class_kl_data_model", "class_kl_model_data", "confidence", "sure", "frechet",
                 "shadow_jsd", "proven", "proven_error", "d_real", "d_held_out", "d_fake", "modes")  # fmt: skip


class Reference:
    """All that is known about the real images, at one side length; the same for every evaluator.

    The Fréchet distance is taken to the held-out images, and its floor is that of training images. Where fewer than
    2,000 are held out, it is taken to the training images, and the floor is that between two halves of them: a
    little high, since the halves are smaller.

    Attributes:
        judge: the classifier of this image set.
        train, held_out: up to 500 images each for D, (n, side²) in [-1, 1].
        black_confidence, true_shares, class_floor, frechet_floor: see `ImageEvaluation`.
        shadow: the map to the plane, with the data's shadow.
        moments: mean and covariance of the features that the Fréchet distance is taken to.
    """

    def __init__(self, images: ImageSet, side: int):
        """Args:
            images: at least 1,000 for training.
            side: 28 or 14, the width of the pictures in pixels.

        Raises:
            ValueError: there are fewer.
        """
        if len(images.train) < N_EVALUATED:
            raise ValueError(
                Message("{n:,} training images are too few to measure by: take a set of {low:,} or more.",
                        n=len(images.train), low=N_EVALUATED)
            )  # fmt: skip
        self.judge = classifier.for_images(images)
        train, test = images.pixels(side)
        self.train, self.held_out = to_range(train[:N_JUDGED]), to_range(test[:N_JUDGED])
        blank = torch.full((1, train.shape[1]), -1.0, dtype=torch.float32)
        self.black_confidence = float(self.judge.probabilities_and_features(blank)[0].max())

        rng = np.random.default_rng(0)
        features, labels = self.features(train), images.train_labels.numpy()
        self.shadow = Shadow(features, labels)
        self.true_shares = class_shares(labels, N_CLASSES)
        self.class_floor = class_floor(self.true_shares, rng)
        if len(test) >= 2 * N_EVALUATED:
            self.moments = moments(self.features(test))
            self.frechet_floor = floor_of_batches(features, self.moments, rng)
        else:
            self.moments = moments(features)
            self.frechet_floor = floor_of_halves(features, rng)

    def features(self, pixels: torch.Tensor) -> NDArray[np.float32]:
        """(n, side²) uint8 -> (n, 64)."""
        return np.concatenate(
            [self.judge.probabilities_and_features(to_range(block))[1].numpy() for block in pixels.split(5000)]
        )


def class_floor(true_shares: Array, rng: np.random.Generator) -> float:
    """The JSD, nats, that shares of 1,000 fakes have on average from the shares that they are drawn from."""
    draws = rng.multinomial(N_EVALUATED, true_shares, size=_NULL_DRAWS) / N_EVALUATED
    return float(np.mean([divergences.js_divergence(true_shares, shares) for shares in draws]))


def floor_of_batches(features: NDArray[np.float32], others: Moments, rng: np.random.Generator) -> float:
    """Mean Fréchet distance of 1,000 of these features (n, d) to the moments of other real images."""
    batches = (rng.permutation(len(features))[:N_EVALUATED] for _ in range(_SPLITS))
    return float(np.mean([frechet_distance(*moments(features[batch]), *others) for batch in batches]))


def floor_of_halves(features: NDArray[np.float32], rng: np.random.Generator) -> float:
    """Mean Fréchet distance between two halves of these features (n, d)."""
    halves = (np.split(rng.permutation(len(features)), [len(features) // 2]) for _ in range(_SPLITS))
    return float(np.mean([frechet_distance(*moments(features[a]), *moments(features[b])) for a, b in halves]))


_making = threading.Lock()


def reference(images: ImageSet, side: int) -> Reference:
    """The Reference of an image set, made at the first call, which takes seconds, and kept."""
    with _making:  # the second of two that ask at once waits for the first
        return _reference(images, side)


_reference = lru_cache(maxsize=8)(Reference)


class ImageEvaluator:
    """Measures generators and discriminators of images, always from the same 1,000 latents.

    About 40 ms on one core, beside what G and D need for 1,000 and 1,500 images.
    """

    def __init__(self, images: ImageSet, side: int, latent: str, latent_dim: int):
        """Args: images; side 28 or 14; latent "normal" or "uniform" (on [-1, 1]); dimension of z."""
        self.reference = reference(images, side)
        self._latents = draw_latents(latent, N_EVALUATED, latent_dim, torch.Generator().manual_seed(0))

    @torch.no_grad()
    def __call__(
        self,
        generator: Map,
        discriminator: Map,
        loss: GANLoss,
        *,
        opponent: Map | None = None,
        conditions: Conditions = PLAIN,
    ) -> ImageEvaluation:
        """Measure G, (n, latent_dim) -> (n, side²) in [-1, 1], and D, (n, side²) -> (n, 1), without dropout.

        Args:
            generator: the G that is shown. opponent: the one that D plays against, if that is another one.
            conditions: under which D learns.
        """
        r = self.reference
        fakes = torch.cat([generator(z) for z in self._latents.split(_CHUNK)])
        probabilities, features = r.judge.probabilities_and_features(fakes)
        highest, labels = probabilities.max(1)
        shares = class_shares(labels.numpy(), N_CLASSES)
        plane = r.shadow.project(features.numpy())

        met = (
            fakes[:N_JUDGED]
            if opponent is None
            else torch.cat([opponent(z) for z in self._latents[:N_JUDGED].split(_CHUNK)])
        )
        return ImageEvaluation(
            class_jsd=divergences.js_divergence(r.true_shares, shares),
            class_kl_data_model=divergences.kl_divergence(r.true_shares, shares),
            class_kl_model_data=divergences.kl_divergence(shares, r.true_shares),
            class_floor=r.class_floor,
            shares=shares,
            true_shares=r.true_shares,
            confidence=float(highest.mean()),
            black_confidence=r.black_confidence,
            sure=float((highest > SURE_OF_CLASS).float().mean()),
            frechet=frechet_distance(*r.moments, *moments(features.numpy())),
            frechet_floor=r.frechet_floor,
            shadow_jsd=r.shadow.jsd(plane),
            shadow_floor=r.shadow.floor,
            shadow_data=r.shadow.density,
            shadow_model=r.shadow.smooth(plane),
            shadow_bounds=r.shadow.bounds,
            shadow_points=plane[:N_POINTS],
            shadow_real=r.shadow.points,
            **self._judged(discriminator, loss, met, conditions.smoothing),
            spread=_spread(met) / _spread(r.train),
        )

    def _judged(self, discriminator: Map, loss: GANLoss, met: torch.Tensor, smoothing: float) -> dict[str, float]:
        """What D says of training images, held-out ones and fakes, and what it proves; nan for scores."""

        def outputs(images: torch.Tensor) -> Array:
            raw = torch.cat([discriminator(x) for x in images.split(_CHUNK)])[:, 0].double()
            d = loss.probability(raw)
            return (raw if d is None else d).numpy()

        names = ("proven", "proven_error", "d_real", "d_held_out", "d_fake")
        if loss.output == "score":
            return dict.fromkeys(names, np.nan)
        on_train, on_held_out, on_fake = (outputs(x) for x in (self.reference.train, self.reference.held_out, met))
        # any D with values in (0, 1) proves a part of the JSD
        proof = PROOFS["jsd"].on_samples(on_held_out, on_fake, smoothing)
        means = (float(d.mean()) for d in (on_train, on_held_out, on_fake))
        return dict(zip(names, (*proof, *means), strict=True))


def _spread(images: torch.Tensor) -> float:
    """Root mean square over the pixels of their standard deviation among images (n, side²)."""
    return float(images.double().var(0, correction=0).mean().sqrt())
