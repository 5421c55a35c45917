"""A GAN in numbers: what is measured of the p_g that is shown, and of the one that D plays against."""

from dataclasses import dataclass
from typing import ClassVar

from gan_core.counts import KLReading


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How far one p_g is from p_data. Divergences in nats.

    Attributes:
        jsd: JSD(p_data, p_g), range [0, log 2].
        best_accuracy: how often the best D would be right about real and fake, (1+TV)/2, range [1/2, 1]; where fakes
            are counted, how often a D that goes by the counts is right, which is at least.
        forward_kl, reverse_kl: KL(p_data||p_g) and KL(p_g||p_data), with what is known where they are infinite.
        covered: per mode, whether p_g gives it at least a quarter of its mass, with a peak there; empty without modes.
        high_quality: share of p_g within 3 standard deviations of a mode; nan without modes.
    """

    jsd: float
    best_accuracy: float
    forward_kl: KLReading
    reverse_kl: KLReading
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
class Evaluation:
    """A GAN, measured: the p_g that is shown, and, where that is an average, the one that D plays against.

    What D says, the best D* and what D proves are always about the G that D plays against.

    Attributes:
        shown: of the p_g that pictures show. opponent: of the one that D plays against; the same object if they are one.
        best_accuracy_floor: what `best_accuracy` reads on average for p_g = p_data.
        proven, unproven: what D proves of the measure that its loss bounds (see `proof`), and the rest, so that
            proven + unproven = provable, the measure itself. nan where D judges packs, or where nothing can be proven.
        proven_error: standard error of `proven`; 0 if there is no sampling.
        d_real, d_fake: means of D on data and on fakes, in packs if D judges packs; probabilities, or raw scores.
        floor: what the plug-in JSD would read on average for p_g = p_data, before `jsd` corrects its bias
            (0 if there is no sampling).
        converged_at: JSD from which on a reader sees no difference, nats.
        too_good: `high_quality` above which the modes are too narrow.
    """

    converged_at: ClassVar[float]
    too_good: ClassVar[float]
    shown: Reading
    opponent: Reading
    best_accuracy_floor: float
    proven: float
    unproven: float
    provable: float
    proven_error: float
    d_real: float
    d_fake: float
    floor: float

    @property
    def jsd(self) -> float:
        """JSD(p_data, p_g) of the shown p_g, nats."""
        return self.shown.jsd

    @property
    def opponent_jsd(self) -> float:
        """JSD(p_data, p_g) of the p_g that D plays against, nats."""
        return self.opponent.jsd

    @property
    def kl_data_model(self) -> float:
        """KL(p_data||p_g) of the shown p_g, range [0, inf]."""
        return self.shown.kl_data_model

    @property
    def kl_model_data(self) -> float:
        """KL(p_g||p_data) of the shown p_g, range [0, inf]."""
        return self.shown.kl_model_data

    @property
    def best_accuracy(self) -> float:
        """Of the shown p_g, see `Reading`."""
        return self.shown.best_accuracy

    @property
    def covered(self) -> tuple[bool, ...]:
        """Of the shown p_g, see `Reading`."""
        return self.shown.covered

    @property
    def modes(self) -> int:
        """Number of modes that the shown p_g covers."""
        return self.shown.modes

    @property
    def n_parts(self) -> int:
        """Number of modes that there are to be covered; 0 without modes."""
        return len(self.shown.covered)

    @property
    def high_quality(self) -> float:
        """Of the shown p_g, see `Reading`."""
        return self.shown.high_quality


# the numbers of an Evaluation that are worth a curve
SCALARS: tuple[str, ...] = (
    "jsd", "opponent_jsd", "kl_data_model", "kl_model_data", "proven", "unproven", "provable", "proven_error", "d_real",
    "d_fake", "modes", "high_quality",
)  # fmt: skip
