"""What can be read off a GAN at one moment, exactly or with a stated floor, and one sentence that sums it up."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import ndtr

from gan_core import divergences, theory
from gan_core.diagnosis import Diagnosis
from gan_core.distributions import Distribution
from gan_core.latents import draw_latents
from gan_core.losses import GANLoss
from gan_core.networks import Map

Array = NDArray[np.float64]

N_CELLS = 200
N_SAMPLED = 8192  # latents behind the histogram where z has more than one dimension
HIGH_QUALITY_RADIUS = 3  # standard deviations around a mode, as in Srivastava et al. (2017), VEEGAN
SURE = 1e-12  # how near to 0 or 1 an opinion is allowed to come: log 0 would prove minus infinity
N_SAMPLED_2D = 20_000
N_JUDGED = 4096  # real and fake samples each behind D's figures in 2D
N_GRID = 30
FAIR_SHARE = 0.25  # a mode counts as covered from this part of its true mass on


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """A GAN, measured. Divergences in nats.

    Attributes:
        jsd: JSD(p_data, p_g), range [0, log 2].
        kl_data_model, kl_model_data: KL(p_data||p_g) and KL(p_g||p_data), range [0, inf].
        proven, unproven: what D proves, (V+log 4)/2, and the rest, so that jsd = proven + unproven; nan for scores.
        proven_error: standard error of `proven`; 0 if there is no sampling.
        d_real, d_fake: E_{p_data}[D], E_{p_g}[D]; nan for scores.
        floor: what the plug-in JSD would read on average for p_g = p_data, before `jsd` corrects its bias
            (0 if there is no sampling).
        covered: per mode, whether p_g gives it at least a quarter of its mass; empty without modes.
        high_quality: share of p_g within 3 standard deviations of a mode; nan without modes.
        converged_at: JSD from which on a reader sees no difference, nats.
        too_good: `high_quality` above which the modes are too narrow.
    """

    converged_at: ClassVar[float]
    too_good: ClassVar[float]
    jsd: float
    kl_data_model: float
    kl_model_data: float
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

    For a one-dimensional z the masses of p_g are the exact push-forward. Otherwise they are a histogram of 8,192
    fixed latents, and the JSD is de-biased. About 1 ms on one core.
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
        self.p_data = np.exp(target.log_prob(self.x[:, None]))
        self._x_tensor = torch.from_numpy(self.x[:, None]).float()
        self.latent_dim = latent_dim
        uniform = latent == "uniform"
        self._latent_cdf = (lambda z: (z + 1) / 2) if uniform else ndtr
        self._z = np.linspace(-1, 1, 1024) if uniform else divergences.normal_quantile_points()
        self._samples = (
            draw_latents(latent, N_SAMPLED, latent_dim, torch.Generator().manual_seed(0)) if latent_dim > 1 else None
        )
        self._near = (
            np.abs(self.x - target.modes) < HIGH_QUALITY_RADIUS * target.mode_scale  # (K, B)
            if target.modes is not None
            else np.empty((0, N_CELLS), dtype=bool)
        )
        self._fair = FAIR_SHARE * target.weights

    def __call__(self, generator: Map, discriminator: Map, loss: GANLoss) -> Evaluation1D:
        """Measure G and D, without dropout."""

        def along_first(z: Array) -> Array:
            latents = torch.zeros(len(z), self.latent_dim)
            latents[:, 0] = torch.from_numpy(z)
            return generator(latents).numpy().astype(np.float64).ravel()

        floor = 0.0
        if self._samples is None:
            q, z, g_of_z = divergences.push_forward(along_first, self.edges, z=self._z, latent_cdf=self._latent_cdf)
        else:
            z, g_of_z = self._z, along_first(self._z)
            samples = generator(self._samples).numpy().ravel().clip(self.edges[0], self.edges[-1])
            q = np.histogram(samples, self.edges)[0] / N_SAMPLED
        logits = discriminator(self._x_tensor)[:, 0].double()
        probability = loss.probability(logits)
        d = (logits if probability is None else probability.clamp(SURE, 1 - SURE)).numpy()

        # what the end cells hold is too thin to decide a KL: judge them together
        p_merged, q_merged = divergences.merge_rare_ends(self.p, q)
        jsd = divergences.js_divergence(self.p, q)
        if self._samples is not None:
            floor = divergences.js_noise_floor(len(p_merged), N_SAMPLED)
            jsd = max(divergences.js_divergence_debiased(self.p, q, N_SAMPLED), 0.0)
        proven = unproven = d_real = d_fake = np.nan
        if probability is not None:
            proven = theory.discriminator_bound(self.p, q, d)
            unproven = jsd - proven if self._samples is not None else theory.bound_gap(self.p, q, d)
            d_real, d_fake = float(self.p @ d), float(q @ d)
        near_mass = self._near @ q  # (K,)
        return Evaluation1D(
            x=self.x,
            p_data=self.p_data,
            p_g=q / self.cell,
            d=d,
            d_star=theory.optimal_discriminator(self.p, q),
            z=z,
            g_of_z=g_of_z,
            jsd=jsd,
            kl_data_model=divergences.kl_divergence(p_merged, q_merged),
            kl_model_data=divergences.kl_divergence(q_merged, p_merged),
            proven=proven,
            unproven=unproven,
            proven_error=0.0,
            d_real=d_real,
            d_fake=d_fake,
            floor=floor,
            covered=tuple(bool(c) for c in near_mass >= self._fair),
            high_quality=float(q[self._near.any(0)].sum()) if len(self._near) else np.nan,
        )


class Evaluator2D:
    """Measures generators and discriminators on one 2D target; holds all that does not change between calls.

    Where the modes are separated Gaussians, 20,000 fakes are counted in sigma-cells (see `divergences`), otherwise in
    30 x 30 cells of the window and one for the rest. Masses of p_data are exact and the JSD is de-biased; cells only
    lower a divergence, so it reads "at least". KLs are taken on coarser cells, each of which a sample of this size
    from p_data itself would reach: without sectors, and with all rare grid cells as one.
    """

    def __init__(self, target: Distribution, latent: str, latent_dim: int):
        """Args: target with dim 2; latent "normal" or "uniform" (on [-1, 1]); dimension of z."""
        if target.dim != 2:
            raise ValueError(f"{target.key} has dim {target.dim}; Evaluator2D needs a two-dimensional target")
        self.target = target
        rng = torch.Generator().manual_seed(0)
        self._latents = draw_latents(latent, N_SAMPLED_2D, latent_dim, rng)
        self._real = torch.from_numpy(target.sample(N_JUDGED, np.random.default_rng(0))).float()
        if target.separated:
            self._p = divergences.sigma_cell_mass(target.weights)  # (K, 7, 4)
            coarse = np.arange(self._p[..., 0].size).repeat(divergences.SECTORS)
        else:
            self._p = divergences.with_rest(target.grid_mass(*(np.linspace(*b, N_GRID + 1) for b in target.bounds)))
            rare = self._p < 10 / N_SAMPLED_2D
            coarse = np.where(rare, 0, np.cumsum(~rare))
        self._coarse = coarse
        self._p_coarse = np.bincount(coarse, self._p.ravel())
        self._p = self._p / self._p.sum()
        self._p_coarse /= self._p_coarse.sum()
        # many grid cells are too rare for the closed form (B-1)/(8n): draw
        draws = np.random.default_rng(0).multinomial(N_SAMPLED_2D, self._p.ravel(), size=20) / N_SAMPLED_2D
        self.floor = float(np.mean([divergences.js_divergence(self._p.ravel(), h) for h in draws]))

    def histogram(self, samples: NDArray[np.float32]) -> Array:
        """Shares of the samples (n, 2) in the cells."""
        if self.target.separated:
            return divergences.sigma_cell_histogram(samples, self.target.modes, self.target.mode_scale)
        return divergences.with_rest(divergences.grid_histogram(samples, self.target.bounds, N_GRID))

    def __call__(self, generator: Map, discriminator: Map, loss: GANLoss) -> Evaluation2D:
        """Measure G and D, without dropout."""
        # in blocks that fit into the cache: twice as fast as all at once
        samples = torch.cat([generator(z) for z in self._latents.split(1024)])
        x = samples.numpy()
        q = self.histogram(x)
        n = N_SAMPLED_2D
        jsd = max(divergences.js_divergence_debiased(self._p.ravel(), q.ravel(), n), 0.0)
        q_coarse = np.bincount(self._coarse, q.ravel(), len(self._p_coarse))
        excess = divergences.kl_noise_floor(np.count_nonzero(q_coarse), n)
        kl_data_model = max(divergences.kl_divergence(self._p_coarse, q_coarse) - excess, 0.0)
        kl_model_data = max(divergences.kl_divergence(q_coarse, self._p_coarse) - excess, 0.0)

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
        if self.target.separated:
            share = divergences.high_quality_shares(q)
            covered = tuple(bool(c) for c in share >= FAIR_SHARE * self.target.weights)
            high_quality = float(share.sum())
        return Evaluation2D(
            jsd=jsd, kl_data_model=kl_data_model, kl_model_data=kl_model_data, proven=proven, unproven=unproven,
            proven_error=proven_error, d_real=d_real, d_fake=d_fake, floor=self.floor, covered=covered,
            high_quality=high_quality, samples=x,
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
