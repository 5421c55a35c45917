"""Measurements on a 2D target: fakes counted in cells as fine as the target."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan_core import counts, divergences, proof
from gan_core.cells import SigmaCells, cells_of, covered_modes
from gan_core.distributions import Distribution
from gan_core.evaluation import Evaluation, Reading
from gan_core.keeping import KEPT_NEVER
from gan_core.latents import draw_latents
from gan_core.losses import GANLoss
from gan_core.networks import Map
from gan_core.optimum import PLAIN, Conditions
from gan_core.packs import judge_packs

Array = NDArray[np.float64]

N_SAMPLED_2D = 20_000
N_OPPONENT = 8192  # fakes of a G that is not shown
N_JUDGED = 4096  # real and fake samples each behind D's figures
N_NULL_DRAWS = 20  # of perfect fakes, behind the noise floors


@dataclass(frozen=True, kw_only=True)
class Evaluation2D(Evaluation):
    """With the samples behind the numbers of a 2D target.

    Attributes:
        samples: (20000, 2) of the p_g that is shown, always from the same latents.
        opponent_samples: (20000, 2) or fewer of the p_g that D plays against.
    """

    converged_at = 0.05
    too_good = 0.992  # exact data reaches 1 - exp(-9/2) = 0.989, with a standard error of 0.0007 in 20,000 samples
    samples: NDArray[np.float32] = field(metadata=KEPT_NEVER)
    opponent_samples: NDArray[np.float32] = field(metadata=KEPT_NEVER)


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

    def _best_accuracy(self, q: Array, q_coarse: Array, n: int = N_SAMPLED_2D) -> float:
        """Of a D that goes by fine cells, or by coarse ones, whichever tells more; not below 1/2."""
        both = ((self.cells.p, q), (self.cells.p_coarse, q_coarse))
        return max(0.5, *(counts.best_accuracy_of_counts(p, shares, n) for p, shares in both))

    def __call__(
        self,
        generator: Map,
        discriminator: Map,
        loss: GANLoss,
        *,
        opponent: Map | None = None,
        conditions: Conditions = PLAIN,
    ) -> Evaluation2D:
        """Measure G and D, without dropout.

        Args:
            generator: the G that is shown. opponent: the one that D plays against, if that is another one.
            discriminator: packs (n, 2 * packing) of samples -> raw outputs (n, 1); packing is mostly 1.
            conditions: under which D learns.
        """
        samples, shown, q = self._read(generator, N_SAMPLED_2D)
        fakes, met, q_met = (samples, shown, q) if opponent is None else self._read(opponent, N_OPPONENT)
        packs = judge_packs(discriminator, loss, self._real, fakes[:N_JUDGED], conditions)
        proven, error = packs.bound
        provable = np.nan
        if conditions.packing == 1 and loss.proves in proof.PROOFS:
            truth_of_counts = proof.PROOFS[loss.proves].truth_of_counts
            provable = truth_of_counts(self.cells.p, q_met, len(fakes)) if truth_of_counts else np.nan
            proven = min(proven, provable)  # a bound above the measure is an error of sampling
        return Evaluation2D(
            shown=shown, opponent=met, best_accuracy_floor=self.accuracy_floor, proven=proven,
            unproven=provable - proven, provable=provable, proven_error=error, d_real=packs.means[0],
            d_fake=packs.means[1], floor=self.floor, samples=samples.numpy(), opponent_samples=fakes.numpy(),
        )  # fmt: skip

    def jsds(self, generators: Sequence[Map]) -> Array:
        """JSD(p_data, p_g) in nats of many generators, (E,): what a call says of each, without the rest that it says."""
        shares = [self.cells.histogram(self._samples(g, N_SAMPLED_2D).numpy()) for g in generators]
        return np.array([max(counts.jsd_of_counts(self.cells.p, q, N_SAMPLED_2D), 0.0) for q in shares])

    def _samples(self, generator: Map, n: int) -> Tensor:
        """n samples of a generator, (n, 2), in blocks that fit into the cache: twice as fast as all at once."""
        return torch.cat([generator(z) for z in self._latents[:n].split(1024)])

    def _read(self, generator: Map, n: int) -> tuple[Tensor, Reading, Array]:
        """n samples of a generator, how far its p_g is from p_data, and the shares in the cells."""
        samples = self._samples(generator, n)
        q = self.cells.histogram(samples.numpy())
        q_coarse = self.cells.merged(q)
        forward_kl, reverse_kl = counts.kl_readings_of_counts(self.cells.p_coarse, q_coarse, n)
        covered: tuple[bool, ...] = ()
        high_quality = np.nan
        if isinstance(self.cells, SigmaCells):
            by_mode = q.reshape(len(self.target.weights), -1, divergences.SECTORS)
            covered = tuple(bool(c) for c in covered_modes(by_mode, self.target.weights))
            high_quality = float(divergences.high_quality_shares(by_mode).sum())
        reading = Reading(
            jsd=max(counts.jsd_of_counts(self.cells.p, q, n), 0.0), best_accuracy=self._best_accuracy(q, q_coarse, n),
            forward_kl=forward_kl, reverse_kl=reverse_kl, covered=covered, high_quality=high_quality,
        )  # fmt: skip
        return samples, reading, q


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
    assert target.modes is not None
    cells = divergences.sigma_cell_histogram(samples, target.modes, target.mode_scale)
    near = divergences.high_quality_shares(cells)
    return ModeScores(
        modes=int(np.count_nonzero(near)),
        high_quality=float(near.sum()),
        reverse_kl=divergences.kl_divergence(cells.sum((1, 2)), target.weights),
    )
