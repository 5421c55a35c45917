"""A sentence's worth of what is going on: the first cause, of an ordered table, that the measurements bear out.

Causes stand before their symptoms. A sentence says what was measured and nothing else: of motion only what the history
shows, of D only what it says and proves. What differs by kind of target is how `Facts` are come by: see `facts` and
`images.facts`.
"""

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gan_core.config import SETTINGS, TrainConfig
from gan_core.losses import LOSSES
from gan_core.messages import Message
from gan_core.optimum import balance
from gan_core.trend import Trend

ABSURD = 1e3  # |loss|: log-likelihoods would speak of odds of e^1000
ABSURD_SCORE = 1e6
EVEN = 0.05  # how near to its balance D has to say it, to see no difference
BLIND, SEEING = 0.25, 0.5  # shares of what there is to prove: below, D misses nearly all of it; above, it sees most
SURE, FOOLED = (
    0.8,
    0.05,
)  # D(real) and 1 - D(fake), of their best, of a D far ahead; D(fake) - D(real) of one far behind
STARVED = 0.01  # the share of G's gradient that is next to nothing
STILL = 5e-4  # of its value, by which a distance changes if G hardly moves
NARROW, WIDE = 0.8, 1.25  # width of p_g, or of its modes, of the true one: the best D is right 56 % of the time
SWINGING = 0.2  # the least swing of a distance that counts, of its mean
SAME = 0.02  # accuracy of the best D above that for p_g = p_data, at which no difference is left to measure

# sentences within sentences: all that a `Message` among the values of one can be
WORDS = frozenset((
    "{missing} of {modes} {parts} missing, {distance}", "", "; D proves nothing of it", "; D proves {proven:.0%} of it",
    "JSD {jsd:.3f}", "Fréchet distance {frechet:.0f}", "modes", "digits",
))  # fmt: skip
FAST = 1e-2  # a learning rate that hardly any D can follow


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a verdict is made of, about the G that D plays against. nan, or None, where a kind of target has no such figure.

    Attributes:
        step: finished steps. config: the settings now.
        apart: the distance of p_g from p_data: a JSD, nats, or a Fréchet distance. distance: the same in words.
        motion: of the distance, over the history. swing: the least that counts as one.
        far: from which distance on D should see a difference. close: up to which distance p_g is good.
        accuracy, accuracy_floor: how often the best D is right, and how often if p_g = p_data.
        modes, missing: number of modes, or digits, and of those that p_g lacks. parts: what they are called.
        d_real, d_fake: what D says on average; nan for scores.
        proven: share of what there is to prove that D proves, in [0, 1]; nan where it is not known.
        spread: standard deviation of the fakes, of that of the data. alike: up to which they are nearly one and the same.
        width: of p_g's modes, or of p_g, of the true one.
        high_quality, too_good: share of p_g in the modes, and the most that a right p_g has.
        heard: share of G's gradient that its loss lets through, in [0, 1].
        d_loss, g_loss: the largest of late, by size.
        confidence: mean confidence of a classifier of digits. unsure: below which the shapes are no digits yet.
        floor: the distance of real images from each other.
        even: whether the digits have their right shares.
    """

    step: int
    config: TrainConfig
    apart: float
    distance: Message
    motion: Trend
    swing: float
    far: float
    close: float
    accuracy: float = math.nan
    accuracy_floor: float = math.nan
    modes: int = 0
    missing: int = 0
    parts: Message
    d_real: float = math.nan
    d_fake: float = math.nan
    proven: float = math.nan
    spread: float = math.nan
    alike: float = 0.0
    width: float = math.nan
    high_quality: float = math.nan
    too_good: float = math.inf
    heard: float = math.nan
    d_loss: float = math.nan
    g_loss: float = math.nan
    confidence: float = math.nan
    unsure: float = math.nan
    floor: float = math.nan
    even: bool = False

    @property
    def is_far(self) -> bool:
        """Whether a D that looks must see a difference."""
        return self.missing > 0 or self.apart > self.far

    @property
    def undecided(self) -> bool:
        """Whether D says on both sides what it would say if they were the same; False for scores."""
        even = balance(LOSSES[self.config.loss], self.config.label_smoothing)
        return even is not None and max(abs(self.d_real - even), abs(self.d_fake - even)) <= EVEN

    @property
    def d_has_won(self) -> bool:
        """Whether D tells almost everything apart; False for scores."""
        return self.d_real >= SURE * (1 - self.config.label_smoothing) and self.d_fake <= 1 - SURE

    @property
    def circles(self) -> bool:
        """Whether the distance goes up and down, by more than it gets on."""
        motion = self.motion
        return motion.swings and motion.high - motion.low > max(self.swing, SWINGING * (motion.low + motion.high) / 2)

    @property
    def state(self) -> Message:
        """The distance, and before it what is missing."""
        if not self.missing:
            return self.distance
        return Message("{missing} of {modes} {parts} missing, {distance}", **self._own())

    @property
    def proof(self) -> Message:
        """What D proves of the difference."""
        if math.isnan(self.proven):
            return Message("")
        if self.proven < 0.005:
            return Message("; D proves nothing of it")
        return Message("; D proves {proven:.0%} of it", proven=self.proven)

    def _own(self) -> dict[str, Any]:
        return {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}

    def values(self) -> dict[str, Any]:
        """All that a sentence may name."""
        motion = self.motion
        return self._own() | {
            "state": self.state, "proof": self.proof, "low": motion.low, "high": motion.high, "change": motion.change,
            "pace": -motion.slope, "pace_error": motion.error, "loss_size": max(abs(self.d_loss), abs(self.g_loss)),
        }  # fmt: skip


@dataclass(frozen=True)
class Cause:
    """One thing that may be going on.

    Attributes:
        kind: of message.
        sentence: a template over `Facts.values`; English, and a key of the translations.
        test: whether it is so.
        advice: what to try; English, and a key of the translations. "" if there is nothing to do.
        change: the settings that would do it, from the present ones, if settings do.
    """

    key: str
    kind: Literal["info", "warning", "good"]
    sentence: str
    test: Callable[[Facts], bool]
    advice: str = ""
    change: Callable[[TrainConfig], Mapping[str, Any]] | None = None


@dataclass(frozen=True)
class Diagnosis:
    """What is going on.

    Attributes:
        key: of the cause. kind: of message. sentence: what a page says.
        advice: what to try, or "". change: the settings that would do it, field of the config -> value.
    """

    key: str
    kind: Literal["info", "warning", "good"]
    sentence: Message
    advice: str
    change: Mapping[str, Any]


def diagnose(facts: Facts) -> Diagnosis:
    """The first of `CAUSES` that is so."""
    cause = next(c for c in CAUSES if c.test(facts))
    change = cause.change(facts.config) if cause.change else {}
    config = facts.config
    change = {name: value for name, value in change.items() if value != getattr(config, name)}
    return Diagnosis(cause.key, cause.kind, Message(cause.sentence, **facts.values()), cause.advice, change)


def near(name: str, value: float) -> Any:
    """The step of a setting's slider next to a value, in ratio."""
    return min((o for o in SETTINGS[name].options if o > 0), key=lambda o: abs(math.log(o / value)))


def _rates(g: float, d: float) -> Callable[[TrainConfig], Mapping[str, Any]]:
    """Both learning rates times these factors."""

    def change(c: TrainConfig) -> Mapping[str, Any]:
        rates = {"lr_g": c.lr_g * g, "lr_d": c.lr_d * d}
        factors = {"lr_g": g, "lr_d": d}
        return {name: near(name, rate) for name, rate in rates.items() if rate > 0 and factors[name] != 1}

    return change


def _exploded(f: Facts) -> bool:
    limit = ABSURD_SCORE if LOSSES[f.config.loss].output == "score" else ABSURD
    return max(abs(f.d_loss), abs(f.g_loss)) > limit  # False for nan


def _sharper_d(c: TrainConfig) -> Mapping[str, Any]:
    """A D with half of its neurons off is blind at any pace."""
    return {"dropout": 0.0} if c.dropout >= 0.3 else _rates(1, 4)(c)


def _level(c: TrainConfig) -> Mapping[str, Any]:
    """D as fast as G, if it is slower and G not too fast for anybody; else a slower G."""
    if 0 < c.lr_d < c.lr_g <= FAST:
        return _rates(1, c.lr_g / c.lr_d)(c)
    return _rates(0.1, 1)(c)


def _more_d(c: TrainConfig) -> Mapping[str, Any]:
    return {"d_steps": near("d_steps", c.d_steps * 2)}


CAUSES: tuple[Cause, ...] = (
    Cause("start", "info", "Untrained: p_g is whatever random weights make of z. Press Play.", lambda f: f.step == 0),
    Cause("exploded", "warning", "The training has blown up: a loss has reached {loss_size:.0e}.", _exploded,
          "Start again with learning rates ten times lower.", _rates(0.1, 0.1)),
    Cause("starved", "warning",
          "D has won ({d_real:.2f} / {d_fake:.2f}), and G's loss is flat there: {heard:.1%} of its gradient is left.",
          lambda f: f.d_has_won and f.heard <= STARVED,
          "Take the non-saturating loss, whose gradient is largest where D is sure.",
          lambda c: {"loss": "non_saturating"}),
    Cause("circling", "warning", "G and D run in circles: the distance swings between {low:.3g} and {high:.3g}. {state}.",
          lambda f: f.circles and f.apart > f.close and not f.proven > SEEING,
          "Lower both learning rates, or let them fall; less momentum β₁ helps, too.", _rates(0.5, 0.5)),
    Cause("blind", "warning", "D sees no difference ({d_real:.2f} / {d_fake:.2f}), but there is one: {state}{proof}.",
          lambda f: f.undecided and f.is_far and not f.proven > BLIND,
          "Let D learn faster than G, or take more steps of D per step of G.", _sharper_d),
    Cause("alike", "warning", "All fakes are nearly alike: their spread is {spread:.1%} of that of the data. {state}.",
          lambda f: f.spread <= f.alike,
          "Let D keep up: a faster D, or a slower G.", _level),
    Cause("frozen", "warning", "G is frozen: its learning rate is 0. {state}.",
          lambda f: f.config.lr_g == 0 and f.apart > f.close,
          "Give G a learning rate.", lambda c: {"lr_g": SETTINGS["lr_g"].default}),
    Cause("still", "warning", "G hardly moves: over the last measurements its distance changed by {change:.4f}. {state}.",
          lambda f: f.motion.change <= STILL * f.apart and f.apart > f.close,
          "Let G learn faster.", _rates(4, 1)),
    Cause("missing", "warning", "{state}. D says {d_real:.2f} / {d_fake:.2f}.",
          lambda f: f.missing > 0 and not math.isnan(f.d_real),
          "Let D judge several samples together (packing), or damp it (R1).", lambda c: {"r1_gamma": 1.0}),
    Cause("missing_score", "warning", "{state}.", lambda f: f.missing > 0,
          "Let D take more steps per step of G.", _more_d),
    Cause("image_unsure", "info", "All digits appear, but blurred: the classifier is {confidence:.0%} sure. {distance}.",
          lambda f: f.confidence < f.unsure),
    Cause("same", "good", "As good as can be measured: even the best D would be right only {accuracy:.0%} of the time. {distance}.",
          lambda f: f.accuracy <= f.accuracy_floor + SAME and f.apart <= f.close),
    Cause("too_good", "warning",
          "Modes too narrow: {high_quality:.1%} of the fakes lie within 3 σ, but 98.9 % of real data. {distance}.",
          lambda f: f.high_quality > f.too_good,
          "Show D finer differences: larger batches, or more steps of D.", _more_d),
    Cause("too_narrow", "warning", "Too narrow: p_g has {width:.0%} of the width of p_data. {distance}.",
          lambda f: f.width < NARROW, "Show D finer differences: larger batches, or more steps of D.", _more_d),
    Cause("too_wide", "warning", "Too wide: p_g has {width:.0%} of the width of p_data. {distance}.",
          lambda f: f.width > WIDE, "Show D finer differences: larger batches, or more steps of D.", _more_d),
    Cause("fooled", "info", "G is ahead: D takes fakes for real ({d_fake:.2f}) more often than data ({d_real:.2f}). {distance}.",
          lambda f: f.d_fake > f.d_real + FOOLED, "Let D learn faster.", _rates(1, 2)),
    Cause("d_wins", "info", "D is far ahead ({d_real:.2f} / {d_fake:.2f}), but G still gets {heard:.0%} of its gradient. {distance}.",
          lambda f: f.d_has_won and f.heard > STARVED),
    Cause("image_very_good", "good", "Good digits in the right shares: {distance}, where real images read {floor:.1f}.",
          lambda f: f.apart <= f.close and f.even),
    Cause("approaching", "info", "Getting closer: {distance}, falling by {pace:.2g} ± {pace_error:.1g} per 1,000 steps.",
          lambda f: f.motion.falls and f.apart > f.close),
    Cause("close", "good", "p_g is close to p_data: the best D would be right {accuracy:.0%} of the time. {distance}.",
          lambda f: f.apart <= f.close and not math.isnan(f.accuracy)),
    Cause("image_good", "good", "Readable digits: {distance}, where real images read {floor:.1f}.",
          lambda f: f.apart <= f.close),
    Cause("image_rough", "info", "All digits, still ragged: {distance}, where real images read {floor:.1f}.",
          lambda f: math.isfinite(f.floor)),
    Cause("apart", "info", "{distance}: the best D would be right {accuracy:.0%} of the time.", lambda f: True),
)  # fmt: skip
