"""What can be read off a GAN at one moment, exactly or with a stated floor, and one sentence that sums it up."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray

from gan_core import counts, divergences, push_forward, theory
from gan_core.cells import FAIR_SHARE, SigmaCells, cells_of, covered_modes, merged_neighbours
from gan_core.counts import KLReading
from gan_core.diagnosis import Diagnosis
from gan_core.distributions import Distribution
from gan_core.divergences import HIGH_QUALITY_RADIUS
from gan_core.latents import draw_latents
from gan_core.losses import GANLoss
from gan_core.networks import Map

Array = NDArray[np.float64]

N_CELLS = 200
N_SAMPLED = 8192  # latents behind the histogram where z has more than one dimension
SURE = 1e-12  # how near to 0 or 1 an opinion is allowed to come: log 0 would prove minus infinity
N_SAMPLED_2D = 20_000
N_JUDGED = 4096  # real and fake samples each behind D's figures in 2D
PEAKED_1D = 1.2  # as `cells.PEAKED`; within one standard deviation 2.1 is right
N_NULL_DRAWS = 20  # of perfect fakes, behind the noise floors


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """A GAN, measured. Divergences in nats.

    Attributes:
        jsd: JSD(p_data, p_g), range [0, log 2].
        best_accuracy: how often the best D would be right about real and fake, (1+TV)/2, range [1/2, 1]; where fakes
            are counted, how often a D that goes by the counts is right, which is at least.
        best_accuracy_floor: what `best_accuracy` reads on average for p_g = p_data.
        forward_kl, reverse_kl: KL(p_data||p_g) and KL(p_g||p_data), with what is known where they are infinite.
        proven, unproven: what D proves, (V+log 4)/2, and the rest, so that jsd = proven + unproven; nan for scores.
        proven_error: standard error of `proven`; 0 if there is no sampling.
        d_real, d_fake: E_{p_data}[D], E_{p_g}[D]; nan for scores.
        floor: what the plug-in JSD would read on average for p_g = p_data, before `jsd` corrects its bias
            (0 if there is no sampling).
        covered: per mode, whether p_g gives it at least a quarter of its mass, with a peak there; empty without modes.
        high_quality: share of p_g within 3 standard deviations of a mode; nan without modes.
        converged_at: JSD from which on a reader sees no difference, nats.
        too_good: `high_quality` above which the modes are too narrow.
    """

    converged_at: ClassVar[float]
    too_good: ClassVar[float]
    jsd: float
    best_accuracy: float
    best_accuracy_floor: float
    forward_kl: KLReading
    reverse_kl: KLReading
    proven: float
    unproven: float
    proven_error: float
    d_real: float
    d_fake: float
    floor: float
    covered: tuple[bool, ...]
    high_quality: float

    @property
    def modes(self) -> int:
        """Number of covered modes."""
        return sum(self.covered)

    @property
    def kl_data_model(self) -> float:
        """KL(p_data||p_g), range [0, inf]."""
        return self.forward_kl.value

    @property
    def kl_model_data(self) -> float:
        """KL(p_g||p_data), range [0, inf]."""
        return self.reverse_kl.value


@dataclass(frozen=True, kw_only=True)
class Evaluation1D(Evaluation):
    """With the curves of a 1D target.

    Attributes:
        x: (B,) cell centres. p_data, p_g: (B,) densities on the cells.
        d: (B,) D(x), a probability, or a raw score where the loss has no probability.
        d_star: (B,) p_data/(p_data+p_g), nan where both vanish.
        z, g_of_z: (m,) the map of the latent; along z_1 with the other coordinates 0 if z has several.
    """

    converged_at = 0.02
    too_good = math.inf  # an exact push-forward shows in the JSD
    x: Array
    p_data: Array
    p_g: Array
    d: Array
    d_star: Array
    z: Array
    g_of_z: Array


@dataclass(frozen=True, kw_only=True)
class Evaluation2D(Evaluation):
    """With the samples behind the numbers of a 2D target.

    Attributes:
        samples: (20000, 2) of p_g, always from the same latents.
    """

    converged_at = 0.05
    too_good = 0.992  # exact data reaches 1 - exp(-9/2) = 0.989, with a standard error of 0.0007 in 20,000 samples
    samples: NDArray[np.float32]


# the numbers of an Evaluation that are worth a curve
SCALARS = ("jsd", "kl_data_model", "kl_model_data", "proven", "unproven", "proven_error", "d_real", "d_fake", "modes",
           "high_quality")  # fmt: skip


class Evaluator1D:
    """Measures generators and discriminators on one 1D target; holds all that does not change between calls.

    For a one-dimensional z the masses of p_g are the exact push-forward, as logarithms: a KL is infinite only where G
    does not come for any z that it was asked for. Otherwise they are a histogram of 8,192 fixed latents, the JSD is
    de-biased, and KLs are taken on cells that a sample of this size from p_data itself would reach.
    """

    def __init__(self, target: Distribution, latent: str, latent_dim: int):
        """Args: target with dim 1; latent "normal" or "uniform" (on [-1, 1]); dimension of z."""
        if target.dim != 1:
            raise ValueError(f"{target.key} has dim {target.dim}; Evaluator1D needs a one-dimensional target")
        low, high = target.bounds[0]
        self.edges = np.linspace(low, high, N_CELLS + 1)
        self.x = (self.edges[:-1] + self.edges[1:]) / 2
        self.cell = self.edges[1] - self.edges[0]
        self.p = target.cell_mass(self.edges)
        self.log_p = push_forward.log_cell_mass(target, self.edges)
        self.p_data = np.exp(target.log_prob(self.x[:, None]))
        self._x_tensor = torch.from_numpy(self.x[:, None]).float()
        self.latent, self.latent_dim = latent, latent_dim
        self._z = push_forward.latent_points(latent)
        self._samples = (
            draw_latents(latent, N_SAMPLED, latent_dim, torch.Generator().manual_seed(0)) if latent_dim > 1 else None
        )
        p = np.exp(self.log_p)  # 0 only where there is no data
        self._coarse = merged_neighbours(p, 10 / N_SAMPLED)
        self._p_coarse = np.bincount(self._coarse, p)
        self._accuracy_floor = 0.5 if self._samples is None else _null_accuracy(self.p, N_SAMPLED)
        # within so many standard deviations of a mode, (K, B)
        modes = np.empty((0, 1)) if target.modes is None else target.modes
        self._near, self._inner = (np.abs(self.x - modes) < r * target.mode_scale for r in (HIGH_QUALITY_RADIUS, 1))
        self._fair = FAIR_SHARE * target.weights

    def __call__(self, generator: Map, discriminator: Map, loss: GANLoss) -> Evaluation1D:
        """Measure G and D, without dropout."""

        def along_first(z: Array) -> Array:
            latents = torch.zeros(len(z), self.latent_dim)
            latents[:, 0] = torch.from_numpy(z)
            return generator(latents).numpy().astype(np.float64).ravel()

        if self._samples is None:
            log_q, z, g_of_z = push_forward.log_push_forward(along_first, self.edges, latent=self.latent, z=self._z)
            q = np.exp(log_q)
            q /= q.sum()
            jsd, floor = divergences.js_divergence(self.p, q), 0.0
            best_accuracy = 0.5 + float(np.abs(self.p - q).sum()) / 4
            hidden = push_forward.HIDDEN if self.latent == "normal" else -np.inf
            forward_kl = counts.kl_reading(self.log_p, log_q, hidden)
            reverse_kl = counts.kl_reading(log_q, self.log_p)
        else:
            z, g_of_z = self._z, along_first(self._z)
            samples = generator(self._samples).numpy().ravel().clip(self.edges[0], self.edges[-1])
            q = np.histogram(samples, self.edges)[0] / N_SAMPLED
            jsd = max(counts.jsd_of_counts(self.p, q, N_SAMPLED), 0.0)
            floor = divergences.js_noise_floor(len(self._p_coarse), N_SAMPLED)
            best_accuracy = max(counts.best_accuracy_of_counts(self.p, q, N_SAMPLED), 0.5)
            q_coarse = np.bincount(self._coarse, q, len(self._p_coarse))
            forward_kl, reverse_kl = counts.kl_readings_of_counts(self._p_coarse, q_coarse, N_SAMPLED)
        logits = discriminator(self._x_tensor)[:, 0].double()
        probability = loss.probability(logits)
        d = (logits if probability is None else probability.clamp(SURE, 1 - SURE)).numpy()

        proven = unproven = d_real = d_fake = np.nan
        if probability is not None:
            proven = theory.discriminator_bound(self.p, q, d)
            unproven = jsd - proven if self._samples is not None else theory.bound_gap(self.p, q, d)
            d_real, d_fake = float(self.p @ d), float(q @ d)
        drawn = np.abs(z) <= push_forward.BULK
        return Evaluation1D(
            x=self.x, p_data=self.p_data, p_g=q / self.cell, d=d, d_star=theory.optimal_discriminator(self.p, q),
            z=z[drawn], g_of_z=g_of_z[drawn], jsd=jsd, best_accuracy=best_accuracy,
            best_accuracy_floor=self._accuracy_floor, forward_kl=forward_kl, reverse_kl=reverse_kl, proven=proven,
            unproven=unproven, proven_error=0.0, d_real=d_real, d_fake=d_fake, floor=floor, covered=self._covered(q),
            high_quality=float(q[self._near.any(0)].sum()) if len(self._near) else np.nan,
        )  # fmt: skip

    def _covered(self, q: Array) -> tuple[bool, ...]:
        """As `cells.covered_modes`, for masses q on the line: near a mode, and with a peak there."""
        near, inner = self._near @ q, self._inner @ q
        part = self._inner.sum(1) / np.maximum(self._near.sum(1), 1)
        return tuple(bool(c) for c in (near >= self._fair) & (inner > PEAKED_1D * part * near))


def _null_accuracy(p: Array, n: int) -> float:
    draws = np.random.default_rng(0).multinomial(n, p, size=N_NULL_DRAWS) / n
    return float(np.mean([max(counts.best_accuracy_of_counts(p, q, n), 0.5) for q in draws]))


class Evaluator2D:
    """Measures generators and discriminators on one 2D target; holds all that does not change between calls.

    20,000 fakes are counted in the target's own cells, see `cells`. Masses of p_data are exact and the JSD is
    de-biased; cells only lower a divergence, so it reads "at least". KLs are taken on coarser cells, each of which a
    sample of this size from p_data itself would reach.
    """

    def __init__(self, target: Distribution, latent: str, latent_dim: int):
        """Args: target with dim 2; latent "normal" or "uniform" (on [-1, 1]); dimension of z."""
        if target.dim != 2:
            raise ValueError(f"{target.key} has dim {target.dim}; Evaluator2D needs a two-dimensional target")
        self.target, self.cells = target, cells_of(target)
        rng = torch.Generator().manual_seed(0)
        self._latents = draw_latents(latent, N_SAMPLED_2D, latent_dim, rng)
        self._real = torch.from_numpy(target.sample(N_JUDGED, np.random.default_rng(0))).float()
        # many cells are too rare for the closed form (B-1)/(8n): draw
        p, n = self.cells.p, N_SAMPLED_2D
        draws = np.random.default_rng(0).multinomial(n, p, size=N_NULL_DRAWS) / n
        self.floor = float(np.mean([divergences.js_divergence(p, q) for q in draws]))
        self.accuracy_floor = float(np.mean([self._best_accuracy(q, self.cells.merged(q)) for q in draws]))

    def _best_accuracy(self, q: Array, q_coarse: Array) -> float:
        """Of a D that goes by fine cells, or by coarse ones, whichever tells more; not below 1/2."""
        both = ((self.cells.p, q), (self.cells.p_coarse, q_coarse))
        return max(0.5, *(counts.best_accuracy_of_counts(p, shares, N_SAMPLED_2D) for p, shares in both))

    def __call__(self, generator: Map, discriminator: Map, loss: GANLoss) -> Evaluation2D:
        """Measure G and D, without dropout."""
        # in blocks that fit into the cache: twice as fast as all at once
        samples = torch.cat([generator(z) for z in self._latents.split(1024)])
        x = samples.numpy()
        q = self.cells.histogram(x)
        jsd = max(counts.jsd_of_counts(self.cells.p, q, N_SAMPLED_2D), 0.0)
        q_coarse = self.cells.merged(q)
        forward_kl, reverse_kl = counts.kl_readings_of_counts(self.cells.p_coarse, q_coarse, N_SAMPLED_2D)

        proven = unproven = proven_error = d_real = d_fake = np.nan
        both = torch.cat([self._real, samples[:N_JUDGED]]).split(1024)
        probability = loss.probability(torch.cat([discriminator(b) for b in both])[:, 0].double())
        if probability is not None:
            d = probability.clamp(SURE, 1 - SURE).numpy()
            on_real, on_fake = d[:N_JUDGED], d[N_JUDGED:]
            d_real, d_fake = float(on_real.mean()), float(on_fake.mean())
            proven, proven_error = theory.discriminator_bound_sampled(on_real, on_fake)
            unproven = jsd - proven

        covered: tuple[bool, ...] = ()
        high_quality = np.nan
        if isinstance(self.cells, SigmaCells):
            by_mode = q.reshape(len(self.target.weights), -1, divergences.SECTORS)
            covered = tuple(bool(c) for c in covered_modes(by_mode, self.target.weights))
            high_quality = float(divergences.high_quality_shares(by_mode).sum())
        return Evaluation2D(
            jsd=jsd, best_accuracy=self._best_accuracy(q, q_coarse), best_accuracy_floor=self.accuracy_floor,
            forward_kl=forward_kl, reverse_kl=reverse_kl, proven=proven, unproven=unproven, proven_error=proven_error,
            d_real=d_real, d_fake=d_fake, floor=self.floor, covered=covered, high_quality=high_quality, samples=x,
        )  # fmt: skip


@dataclass(frozen=True)
class ModeScores:
    """The figures of the published tables, on 2,500 samples (Srivastava et al., 2017; Lin et al., 2018).

    Attributes:
        modes: modes with at least one sample within 3 standard deviations: generous, 0.1 % of the mass mostly do.
        high_quality: share of samples within 3 standard deviations of a mode.
        reverse_kl: KL(share of the samples per nearest mode || weights of the modes), nats.
    """

    modes: int
    high_quality: float
    reverse_kl: float


def mode_scores(samples: NDArray[np.float32], target: Distribution) -> ModeScores:
    """Score samples (n, 2) against a target with separated modes; see ModeScores."""
    cells = divergences.sigma_cell_histogram(samples, target.modes, target.mode_scale)
    near = divergences.high_quality_shares(cells)
    return ModeScores(
        modes=int(np.count_nonzero(near)),
        high_quality=float(near.sum()),
        reverse_kl=divergences.kl_divergence(cells.sum((1, 2)), target.weights),
    )


def make_evaluator(target: Distribution, latent: str, latent_dim: int) -> "Evaluator1D | Evaluator2D":
    """The evaluator for a target's dimension."""
    return (Evaluator1D if target.dim == 1 else Evaluator2D)(target, latent, latent_dim)


def diagnose(step: int, evaluation: Evaluation, loss: GANLoss) -> Diagnosis:
    """Sum up one evaluation. The first of these that holds: start, half_but_missing, missing, half_but_apart,
    converged, too_narrow, fooled, d_wins, saturated, approaching."""
    e = evaluation
    missing, n_modes = e.covered.count(False), len(e.covered)
    values = {
        "jsd": e.jsd, "d_real": e.d_real, "d_fake": e.d_fake, "proven": e.proven,
        "missing": missing, "modes": n_modes, "high_quality": e.high_quality,
    }  # fmt: skip
    says_half = max(abs(e.d_real - 0.5), abs(e.d_fake - 0.5)) <= 0.05  # False for nan
    wins = e.d_real >= 0.8 and e.d_fake <= 0.2
    if step == 0:
        key = "start"
    elif missing and n_modes > 1:
        key = "half_but_missing" if says_half else "missing"
    elif says_half and e.jsd > 0.1:
        key = "half_but_apart"
    elif e.jsd <= e.converged_at:
        key = "converged"
    elif e.high_quality > e.too_good:
        key = "too_narrow"
    elif e.d_fake > e.d_real + 0.05:
        key = "fooled"
    elif wins:
        key = "saturated" if loss.key == "minimax" else "d_wins"
    else:
        key = "approaching"
    return Diagnosis(key, values)
