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
from scipy.linalg import eigh
from scipy.ndimage import gaussian_filter

from gan_core import divergences, theory
from gan_core.diagnosis import Diagnosis
from gan_core.evaluation import SURE
from gan_core.images import classifier
from gan_core.images.classifier import N_CLASSES
from gan_core.images.data import ImageSet, to_range
from gan_core.latents import draw_latents
from gan_core.losses import GANLoss
from gan_core.messages import Message
from gan_core.networks import Map

Array = NDArray[np.float64]
Bounds = tuple[tuple[float, float], tuple[float, float]]

N_EVALUATED = 1000  # fakes behind the figures
N_JUDGED = 500  # fakes, training images and held-out images that D judges
N_POINTS = 300
N_STRIPS = 12  # of the shadow's window, and cells in a strip
N_SHADOW_PICTURE = 40
INSIDE = 0.995  # of the data lie in the shadow's window
FAIR_SHARE = 0.01  # a class counts as covered from this share of the fakes on
SURE_OF_CLASS = 0.9
UNSURE = 0.75  # mean confidence below which the shapes are no digits yet
GOOD, VERY_GOOD, APART = 30.0, 8.0, 60.0  # Fréchet distances: readable digits, good ones, hardly any
EVEN = 0.01  # class JSD, nats, at which nobody sees a difference in the shares
_CHUNK, _BLOCK = 250, 4000  # images at once, through networks and in `nearest`
_NULL_DRAWS = 400


def class_shares(labels: NDArray[np.int64], n_classes: int) -> Array:
    """Share of each class among labels (n,), values in [0, n_classes); (n_classes,), summing to 1."""
    return np.bincount(labels, minlength=n_classes) / len(labels)


def frechet_distance(mean1: Array, cov1: Array, mean2: Array, cov2: Array) -> float:
    """|m1 - m2|² + tr(S1 + S2 - 2 (S1 S2)^½), range [0, inf), in squared units of the features.

    The squared 2-Wasserstein distance of the two Gaussians (Heusel et al., 2017, eq. 6). The trace of the root is
    taken from the eigenvalues of S1^½ S2 S1^½, which are real and not negative where those of S1 S2 only should be.

    Args:
        mean1, mean2: (d,). cov1, cov2: (d, d), symmetric; may be singular.
    """
    # PyTorch's linear algebra stays on one thread where NumPy's takes all and waits for them
    s1, s2 = torch.from_numpy(cov1), torch.from_numpy(cov2)
    values, vectors = torch.linalg.eigh(s1)
    root = vectors * values.clamp_min(0).sqrt() @ vectors.T
    overlap = torch.linalg.eigvalsh(root @ s2 @ root).clamp_min(0).sqrt().sum()
    return max(float(np.sum((mean1 - mean2) ** 2)) + float(s1.trace() + s2.trace() - 2 * overlap), 0.0)


def nearest(images: NDArray, pool: NDArray[np.uint8], count: int) -> tuple[NDArray[np.int64], Array]:
    """The images of a pool that resemble others most: does G only repeat what it has seen?

    Distances count a pixel from black to white as 1. Up to 64 images need less than 60 MB beside the arguments.

    Args:
        images: (k, d), uint8, or floats in [-1, 1]. pool: (n, d). count: how many to find for each image, <= n.
    Returns:
        (k, count) indices into the pool, nearest first, and their L2 distances. Of two whose distances differ by less
        than 1e-5 of an image's norm, either may come first.
    """
    given = torch.from_numpy(images).float()
    query = given if images.dtype == np.uint8 else (given + 1) * 127.5
    squared, index = torch.empty(len(query), 0), torch.empty(len(query), 0, dtype=torch.int64)
    for start in range(0, len(pool), _BLOCK):
        block = torch.from_numpy(pool[start : start + _BLOCK]).float()
        found = block.square().sum(1) - 2 * (query @ block.T)  # (k, block); |query|² is the same for all
        squared = torch.cat([squared, found], 1)
        squared, at = squared.topk(min(count, squared.shape[1]), largest=False)
        kept = index.shape[1]
        index = torch.where(at < kept, index.gather(1, at.clamp_max(kept - 1)) if kept else at, at - kept + start)
    found = index.numpy()
    distance = np.stack(
        [np.linalg.norm((pool[i] - q) / 255, axis=1) for i, q in zip(found, query.numpy(), strict=True)]
    )
    order = distance.argsort(1, kind="stable")
    return np.take_along_axis(found, order, 1), np.take_along_axis(distance, order, 1).astype(np.float64)


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
    """

    class_jsd: float
    class_kl_data_model: float
    class_kl_model_data: float
    class_floor: float
    shares: Array
    true_shares: Array
    confidence: float
    black_confidence: float
    sure: float
    frechet: float
    frechet_floor: float
    shadow_jsd: float
    shadow_floor: float
    shadow_data: NDArray[np.float32] = field(repr=False)
    shadow_model: NDArray[np.float32] = field(repr=False)
    shadow_bounds: Bounds
    shadow_points: NDArray[np.float32] = field(repr=False)
    shadow_real: NDArray[np.float32] = field(repr=False)
    proven: float
    proven_error: float
    d_real: float
    d_held_out: float
    d_fake: float

    @property
    def modes(self) -> int:
        """Number of classes with at least 1 % of the fakes."""
        return int(np.count_nonzero(self.shares >= FAIR_SHARE))


# the numbers of an ImageEvaluation that are worth a curve
IMAGE_SCALARS = ("class_jsd", "class_kl_data_model", "class_kl_model_data", "confidence", "sure", "frechet",
                 "shadow_jsd", "proven", "proven_error", "d_real", "d_held_out", "d_fake", "modes")  # fmt: skip


class Shadow:
    """One fixed map of images to the plane, and cells of the plane with the masses of p_data.

    The map is the two directions in which the classifier's features tell the digits apart best (Fisher, 1936), so that
    digits show as islands. Whatever is done alike to both clouds can only lower their JSD (data-processing
    inequality). The cells are 12 upright strips of the window with 12 cells each, all of the same mass, and the rest.
    """

    def __init__(self, features: NDArray[np.float32], labels: NDArray[np.int64]):
        """Args: features (n, 64) and labels (n,) of the training images."""
        self.axes = fisher_directions(features, labels)  # (64, 2)
        plane = self.project(features)
        margin = (1 - INSIDE) / 4
        low, high = np.quantile(plane, [margin, 1 - margin], axis=0)
        self.bounds: Bounds = ((float(low[0]), float(high[0])), (float(low[1]), float(high[1])))
        inside = plane[self._inside(plane)]
        inner = np.arange(1, N_STRIPS) / N_STRIPS
        self._strips = np.quantile(inside[:, 0], inner)  # (11,)
        strip = np.searchsorted(self._strips, inside[:, 0])
        self._cells = np.stack([np.quantile(inside[strip == i, 1], inner) for i in range(N_STRIPS)])  # (12, 11)
        self.p = self.histogram(plane)
        self.density = self.smooth(plane)
        self.points = plane[:N_POINTS]
        # p is a sample too: its error adds to that of the fakes
        self._n = 1 / (1 / N_EVALUATED + 1 / len(plane))
        rng = np.random.default_rng(0)
        real = rng.multinomial(len(plane), self.p, size=_NULL_DRAWS) / len(plane)
        fake = rng.multinomial(N_EVALUATED, self.p, size=_NULL_DRAWS) / N_EVALUATED
        null = [divergences.js_divergence_debiased(p, q, self._n) for p, q in zip(real, fake, strict=True)]
        self.floor = float(np.quantile(null, 0.95))

    def project(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, 64) features -> (n, 2)."""
        return features @ self.axes

    def _inside(self, plane: NDArray[np.float32]) -> NDArray[np.bool_]:
        low, high = np.array(self.bounds).T
        return ((plane >= low) & (plane <= high)).all(1)

    def histogram(self, plane: NDArray[np.float32]) -> Array:
        """Shares of points (n, 2) in the cells, the rest last; (145,)."""
        inside = self._inside(plane)
        x, y = plane[inside].T
        strip = np.searchsorted(self._strips, x)
        cell = (y[:, None] > self._cells[strip]).sum(1)
        counts = np.bincount(strip * N_STRIPS + cell, minlength=N_STRIPS**2)
        return np.append(counts, np.count_nonzero(~inside)) / len(plane)

    def smooth(self, plane: NDArray[np.float32]) -> NDArray[np.float32]:
        """Density of points (n, 2) on the window, smoothed by a Gaussian as wide as a cell; (40, 40)."""
        area = np.prod([(high - low) / N_SHADOW_PICTURE for low, high in self.bounds])
        counts = divergences.grid_histogram(plane, self.bounds, N_SHADOW_PICTURE)
        return gaussian_filter(counts / area, 1.0, mode="constant").astype(np.float32)

    def jsd(self, plane: NDArray[np.float32]) -> float:
        """De-biased JSD of the data's shadow and that of 1,000 fakes (n, 2), at least 0; nats."""
        return max(divergences.js_divergence_debiased(self.p, self.histogram(plane), self._n), 0.0)


def fisher_directions(features: NDArray[np.float32], labels: NDArray[np.int64]) -> NDArray[np.float32]:
    """The two directions with the largest variance between classes for that within them (Fisher, 1936); (d, 2).

    Within a class, the projections have variance 1 on average.

    Args:
        features: (n, d). labels: (n,).
    """
    x = features.astype(np.float64) - features.mean(0, dtype=np.float64)
    classes, inverse, counts = np.unique(labels, return_inverse=True, return_counts=True)
    means = np.stack([x[labels == c].mean(0) for c in classes])
    inner = x - means[inverse]
    within = inner.T @ inner / len(x)
    between = means.T * (counts / len(x)) @ means
    within += 1e-3 * np.trace(within) / len(within) * np.eye(len(within))  # features that never fire
    axes = eigh(between, within, subset_by_index=[len(within) - 2, len(within) - 1])[1][:, ::-1]
    return (axes * np.sign(axes[np.abs(axes).argmax(0), [0, 1]])).astype(np.float32)


class Reference:
    """All that is known about the real images, at one side length; the same for every evaluator.

    The Fréchet distance is taken to the held-out images, and its floor is that of training images. Where fewer than
    2,000 are held out, it is taken to the training images, and the floor is that between two halves of them: a
    little high, since the halves are smaller.
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
        blank = torch.full((1, train.shape[1]), -1.0)
        self.black_confidence = float(self.judge.probabilities_and_features(blank)[0].max())
        features, labels = self.features(train), images.train_labels.numpy()
        self.true_shares = class_shares(labels, N_CLASSES)
        self.shadow = Shadow(features, labels)
        rng = np.random.default_rng(0)
        draws = rng.multinomial(N_EVALUATED, self.true_shares, size=_NULL_DRAWS) / N_EVALUATED
        self.class_floor = float(np.mean([divergences.js_divergence(self.true_shares, q) for q in draws]))
        few = len(test) < 2 * N_EVALUATED
        self.moments = moments(features if few else self.features(test))
        floors = []
        for _ in range(10):
            order = rng.permutation(len(features))
            half = len(order) // 2
            chosen, other = (order[:half], moments(features[order[half:]])) if few else (order[:N_EVALUATED], None)
            floors.append(frechet_distance(*moments(features[chosen]), *(other or self.moments)))
        self.frechet_floor = float(np.mean(floors))

    def features(self, pixels: torch.Tensor) -> NDArray[np.float32]:
        """(n, side²) uint8 -> (n, 64)."""
        return np.concatenate(
            [self.judge.probabilities_and_features(to_range(block))[1].numpy() for block in pixels.split(5000)]
        )


def moments(features: NDArray[np.float32]) -> tuple[Array, Array]:
    """Mean (d,) and covariance (d, d) of features (n, d)."""
    x = torch.from_numpy(features).double()
    return x.mean(0).numpy(), x.T.cov().numpy()


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
    def __call__(self, generator: Map, discriminator: Map, loss: GANLoss) -> ImageEvaluation:
        """Measure G, (n, latent_dim) -> (n, side²) in [-1, 1], and D, (n, side²) -> (n, 1), without dropout."""
        r = self.reference
        fakes = torch.cat([generator(z) for z in self._latents.split(_CHUNK)])
        probabilities, features = r.judge.probabilities_and_features(fakes)
        highest, labels = probabilities.max(1)
        shares = class_shares(labels.numpy(), N_CLASSES)
        plane = r.shadow.project(features.numpy())

        def opinions(images: torch.Tensor) -> Array | None:
            probability = loss.probability(torch.cat([discriminator(x) for x in images.split(_CHUNK)])[:, 0].double())
            return None if probability is None else probability.clamp(SURE, 1 - SURE).numpy()

        proven = proven_error = d_real = d_held_out = d_fake = np.nan
        if loss.output != "score":
            on_train, on_held_out, on_fake = (opinions(x) for x in (r.train, r.held_out, fakes[:N_JUDGED]))
            proven, proven_error = theory.discriminator_bound_sampled(on_held_out, on_fake)
            d_real, d_held_out, d_fake = (float(d.mean()) for d in (on_train, on_held_out, on_fake))
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
            proven=proven,
            proven_error=proven_error,
            d_real=d_real,
            d_held_out=d_held_out,
            d_fake=d_fake,
        )


def diagnose_images(step: int, evaluation: ImageEvaluation, loss: GANLoss) -> Diagnosis:
    """Sum up one evaluation. The first of these that holds: start, image_half_but_apart, image_missing, image_unsure,
    image_very_good, image_good, image_rough."""
    e = evaluation
    total = np.count_nonzero(e.true_shares)
    values = {
        "modes": float(e.modes), "total": float(total), "class_jsd": e.class_jsd, "confidence": e.confidence,
        "frechet": e.frechet, "frechet_floor": e.frechet_floor, "proven": e.proven, "d_real": e.d_real,
        "d_held_out": e.d_held_out, "d_fake": e.d_fake,
    }  # fmt: skip
    says_half = max(abs(e.d_real - 0.5), abs(e.d_fake - 0.5)) <= 0.05  # False for nan
    missing = e.modes < total
    if step == 0:
        key = "start"
    elif says_half and (missing or e.frechet > APART):
        key = "image_half_but_apart"
    elif missing:
        key = "image_missing"
    elif e.confidence < UNSURE:
        key = "image_unsure"
    elif e.frechet <= VERY_GOOD and e.class_jsd <= EVEN:
        key = "image_very_good"
    elif e.frechet <= GOOD:
        key = "image_good"
    else:
        key = "image_rough"
    return Diagnosis(key, values)
