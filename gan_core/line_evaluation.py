"""Measurements on a 1D target: exact where z has one dimension, counted where it has more."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from gan_core import counts, divergences, proof, push_forward
from gan_core.cells import FAIR_SHARE, merged_neighbours
from gan_core.distributions import Distribution
from gan_core.divergences import HIGH_QUALITY_RADIUS
from gan_core.evaluation import Evaluation, Reading
from gan_core.keeping import KEPT_NEVER
from gan_core.latents import draw_latents
from gan_core.losses import GANLoss
from gan_core.networks import Map
from gan_core.optimum import PLAIN, Conditions, best_answer, blurred
from gan_core.packs import judge_packs

Array = NDArray[np.float64]

N_CELLS = 200
N_SAMPLED = 8192  # latents behind the histogram where z has more than one dimension
N_JUDGED = 4096  # real and fake samples each behind D's figures where D judges packs
N_NULL_DRAWS = 20  # of perfect fakes, behind the noise floors
PEAKED_1D = 1.2  # as `cells.PEAKED`; within one standard deviation 2.1 is right


@dataclass(frozen=True, kw_only=True)
class Evaluation1D(Evaluation):
    """With the curves of a 1D target.

    Attributes:
        x: (B,) cell centres. p_data, p_g: (B,) densities on the cells; p_opponent: that of the G that D plays against.
        d: (B,) D(x), a probability, or a raw score where the loss has no probability; a packed D is asked about copies.
        d_star: (B,) the best answer to this loss, see `optimum.best_answer`, of what D sees: with instance noise, of
            blurred densities; nan where there is nothing to see. Shifted to D's mean where only its slope is fixed.
        z, g_of_z: (m,) the map of the latent; along z_1 with the other coordinates 0 if z has several.
    """

    converged_at = 0.02
    too_good = math.inf  # an exact push-forward shows in the JSD
    # a recording has these from the view
    x: Array = field(metadata=KEPT_NEVER)
    p_data: Array = field(metadata=KEPT_NEVER)
    p_g: Array = field(metadata=KEPT_NEVER)
    p_opponent: Array = field(metadata=KEPT_NEVER)
    d: Array = field(metadata=KEPT_NEVER)
    d_star: Array = field(metadata=KEPT_NEVER)
    z: Array = field(metadata=KEPT_NEVER)
    g_of_z: Array = field(metadata=KEPT_NEVER)


@dataclass(frozen=True)
class _Pushed:
    """p_g of one generator: masses (B,), and the (m,) points of its map."""

    reading: Reading
    q: Array
    z: Array
    g_of_z: Array


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
        self._p_coarse = divergences.summed_by_cell(self._coarse, p)
        self._accuracy_floor = 0.5 if self._samples is None else _null_accuracy(self.p, N_SAMPLED)
        # within so many standard deviations of a mode, (K, B)
        modes = np.empty((0, 1)) if target.modes is None else target.modes
        self._near, self._inner = (np.abs(self.x - modes) < r * target.mode_scale for r in (HIGH_QUALITY_RADIUS, 1))
        self._fair = FAIR_SHARE * target.weights
        self._floor = 0.0 if self._samples is None else divergences.js_noise_floor(len(self._p_coarse), N_SAMPLED)
        self._unit = float(np.ravel(target.unit)[0])
        self._real = torch.from_numpy(target.sample(N_JUDGED, np.random.default_rng(0))).float()
        self._latents_for_packs = draw_latents(latent, N_JUDGED, latent_dim, torch.Generator().manual_seed(1))

    def __call__(
        self,
        generator: Map,
        discriminator: Map,
        loss: GANLoss,
        *,
        opponent: Map | None = None,
        conditions: Conditions = PLAIN,
    ) -> Evaluation1D:
        """Measure G and D, without dropout.

        Args:
            generator: the G that is shown. opponent: the one that D plays against, if that is another one.
            discriminator: (n, 1) -> raw outputs (n, 1); a packed D, of packs (n, packing) -> (n, 1).
            conditions: under which D learns.
        """
        shown = self._push(generator)
        met = shown if opponent is None else self._push(opponent)
        raw = discriminator(self._x_tensor.repeat(1, conditions.packing))[:, 0].double()
        probability = loss.probability(raw)
        d = (raw if probability is None else probability).numpy()
        if conditions.packing == 1:
            proven, provable = self._proven(loss, met.q, raw.numpy() if probability is None else d, conditions)
            unproven, error = provable - proven, 0.0
            d_real, d_fake = (np.nan, np.nan) if probability is None else (float(self.p @ d), float(met.q @ d))
        else:
            packs = judge_packs(discriminator, loss, self._real, self._fakes(opponent or generator), conditions)
            (proven, error), (d_real, d_fake), provable, unproven = packs.bound, packs.means, np.nan, np.nan
        drawn = np.abs(shown.z) <= push_forward.BULK
        return Evaluation1D(
            x=self.x, p_data=self.p_data, p_g=shown.q / self.cell, p_opponent=met.q / self.cell, d=d,
            d_star=self._best(loss, met.q, d, conditions), z=shown.z[drawn], g_of_z=shown.g_of_z[drawn],
            shown=shown.reading, opponent=met.reading, best_accuracy_floor=self._accuracy_floor, proven=proven,
            unproven=unproven, provable=provable, proven_error=error, d_real=d_real, d_fake=d_fake, floor=self._floor,
        )  # fmt: skip

    def jsds(self, generators: Sequence[Map]) -> Array:
        """JSD(p_data, p_g) in nats of many generators, (E,): to 1e-6 what a call says of each, in a third of the time."""
        if self._samples is None:
            maps = [self._along_first(generator) for generator in generators]
            q = push_forward.push_forward(maps, self.edges, latent=self.latent, z=self._z)
            q /= q.sum(1, keepdims=True)
            return np.array([divergences.js_divergence(self.p, masses) for masses in q])
        return np.array([self._counted_jsd(self._counted(generator)) for generator in generators])

    def _along_first(self, generator: Map) -> Callable[[Array], Array]:
        """G as a function of the first coordinate of z, the others 0: (n,) -> (n,)."""

        def along_first(z: Array) -> Array:
            latents = torch.zeros(len(z), self.latent_dim, dtype=torch.float32)
            latents[:, 0] = torch.from_numpy(z)
            return generator(latents).numpy().astype(np.float64).ravel()

        return along_first

    def _counted(self, generator: Map) -> Array:
        """Shares (B,) of a histogram, where z has more than one dimension."""
        assert self._samples is not None
        samples = generator(self._samples).numpy().ravel().clip(self.edges[0], self.edges[-1])
        return np.histogram(samples, self.edges)[0] / N_SAMPLED

    def _counted_jsd(self, q: Array) -> float:
        return max(counts.jsd_of_counts(self.p, q, N_SAMPLED), 0.0)

    def _push(self, generator: Map) -> _Pushed:
        """What p_g the generator makes, and how far it is from p_data."""
        along_first = self._along_first(generator)
        if self._samples is None:
            log_q, z, g_of_z = push_forward.log_push_forward(along_first, self.edges, latent=self.latent, z=self._z)
            q = np.exp(log_q)
            q /= q.sum()
            jsd, best_accuracy = divergences.js_divergence(self.p, q), 0.5 + proof.total_variation(self.p, q) / 2
            hidden = push_forward.HIDDEN if self.latent == "normal" else -np.inf
            forward_kl, reverse_kl = counts.kl_reading(self.log_p, log_q, hidden), counts.kl_reading(log_q, self.log_p)
        else:
            z, g_of_z = self._z, along_first(self._z)
            q = self._counted(generator)
            jsd = self._counted_jsd(q)
            best_accuracy = max(counts.best_accuracy_of_counts(self.p, q, N_SAMPLED), 0.5)
            q_coarse = divergences.summed_by_cell(self._coarse, q, len(self._p_coarse))
            forward_kl, reverse_kl = counts.kl_readings_of_counts(self._p_coarse, q_coarse, N_SAMPLED)
        reading = Reading(
            jsd=jsd, best_accuracy=best_accuracy, forward_kl=forward_kl, reverse_kl=reverse_kl,
            covered=self._covered(q), high_quality=float(q[self._near.any(0)].sum()) if len(self._near) else np.nan,
        )  # fmt: skip
        return _Pushed(reading, q, z, g_of_z)

    def _proven(self, loss: GANLoss, q: Array, d: Array, conditions: Conditions) -> tuple[float, float]:
        """What D proves, and the measure that it proves a part of."""
        if loss.proves == "wasserstein":
            said, truth = proof.wasserstein(self.p, q, d)
            return said * float(self.cell), truth * float(self.cell)
        if loss.proves not in proof.PROOFS:
            return np.nan, np.nan
        measure = proof.PROOFS[loss.proves]
        proven = measure.on_masses(self.p, q, d, conditions.smoothing)
        if self._samples is None:
            return proven, measure.truth(self.p, q)
        truth = measure.truth_of_counts(self.p, q, N_SAMPLED) if measure.truth_of_counts else np.nan
        return min(proven, truth), truth  # a bound above the measure is an error of sampling

    def _best(self, loss: GANLoss, q: Array, d: Array, conditions: Conditions) -> Array:
        deviation = conditions.noise * self._unit / self.cell
        p, q = blurred(self.p, deviation), blurred(q, deviation)
        best = best_answer(loss, p, q, conditions.smoothing)
        if loss.optimum not in ("potential", "log_ratio"):
            return best
        # only differences count: as high as D is, on average
        best = best * self.cell if loss.optimum == "potential" else best - float(np.nansum((p + q) * best)) / 2
        return best + float((p + q) @ d) / 2

    def _fakes(self, generator: Map) -> torch.Tensor:
        return generator(self._latents_for_packs)

    def _covered(self, q: Array) -> tuple[bool, ...]:
        """As `cells.covered_modes`, for masses q on the line: near a mode, and with a peak there."""
        near, inner = self._near @ q, self._inner @ q
        part = self._inner.sum(1) / np.maximum(self._near.sum(1), 1)
        return tuple(bool(c) for c in (near >= self._fair) & (inner > PEAKED_1D * part * near))


def _null_accuracy(p: Array, n: int) -> float:
    draws = np.random.default_rng(0).multinomial(n, p, size=N_NULL_DRAWS) / n
    return float(np.mean([max(counts.best_accuracy_of_counts(p, q, n), 0.5) for q in draws]))
