"""The one sentence that sums a run up, on generators whose faults are known in advance, and on real trainings."""

import dataclasses
import math
import string
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy.special import logit

from gan_core.config import SETTINGS, TrainConfig
from gan_core.diagnosis import CAUSES, Facts, diagnose, near
from gan_core.distributions import DISTRIBUTIONS
from gan_core.facts import heard, share, toy_facts
from gan_core.line_evaluation import Evaluator1D
from gan_core.losses import LOSSES
from gan_core.messages import Message
from gan_core.optimum import Conditions
from gan_core.plane_evaluation import Evaluator2D
from gan_core.presets import PRESETS
from gan_core.training import GANTrainer
from gan_core.trend import Trend

STEPS = np.arange(0, 1020, 20.0)
SMALL_LOSSES = {"d_loss": np.full(51, 1.3), "g_loss": np.full(51, 0.7)}


def past(jsd=math.nan, **columns):
    """A history of 51 rows; without figures for its motion unless they are given."""
    gradients = {"grad_minimax": np.full(51, math.nan), "grad_non_saturating": np.full(51, math.nan)}
    return {"step": STEPS, "opponent_jsd": np.broadcast_to(jsd, 51), **SMALL_LOSSES, **gradients, **columns}


def says(d_real, d_fake, is_real):
    """A D that says d_real where it takes x for real, and d_fake elsewhere."""
    return lambda x: torch.where(is_real(x), float(logit(d_real)), float(logit(d_fake)))


def bells(target, width=1.0, shift=0.0, keep=None, seed=0):
    """A generator that draws from the modes `keep`, `width` times as wide, and all of it shifted."""
    centres = target.modes if keep is None else target.modes[keep]
    rng = np.random.default_rng(seed)

    def generator(z):
        noise = width * target.mode_scale * rng.standard_normal((len(z), target.dim))
        return torch.from_numpy(centres[rng.integers(len(centres), size=len(z))] + noise + shift).float()

    return generator


@dataclasses.dataclass(frozen=True)
class Case:
    """A generator on "two_modes" or "ring_8", its D, and what came before."""

    key: str
    target: str
    generator: dict = dataclasses.field(default_factory=dict)
    d: object = None
    history: dict = dataclasses.field(default_factory=past)
    config: dict = dataclasses.field(default_factory=dict)
    step: int = 1000


def diagnosis_of(case):
    """As a trainer's problem makes it."""
    target = DISTRIBUTIONS[case.target]
    config = TrainConfig(target=case.target, latent_dim=2, **case.config)
    evaluator = (Evaluator1D if target.dim == 1 else Evaluator2D)(target, "normal", 2)
    loss = LOSSES[config.loss]
    d = case.d or says(0.7, 0.4, lambda x: x.norm(dim=1, keepdim=True) > 1)
    e = evaluator(bells(target, **case.generator), d, loss, conditions=Conditions(config.label_smoothing))
    problem = SimpleNamespace(target=target)
    game = SimpleNamespace(step_count=case.step, config=config, loss=loss, problem=problem)
    return diagnose(toy_facts(game, e, case.history))


def even(value):
    """A D that says the same everywhere."""
    return says(value, value, lambda x: x[:, :1] > 0)


def wrong_side(target):
    """A D that takes for real what lies to the right of a mode, where a shift to the right puts the fakes."""
    target = DISTRIBUTIONS[target]

    def right(x):
        apart = x[:, None].double() - torch.from_numpy(target.modes)
        nearest = apart.norm(dim=-1).argmin(1)
        return apart[torch.arange(len(x)), nearest, :1] > 0.4 * target.mode_scale

    return says(0.8, 0.2, right)


LEFT = says(0.97, 0.03, lambda x: x[:, :1] < 3)
SOME = {"keep": [0]}
FLAT = {"grad_minimax": np.geomspace(1, 1e-9, 51), "grad_non_saturating": np.full(51, 8.0)}
WAVE = 0.4 + 0.15 * np.sin(STEPS / 40)
CASES = [
    Case(key, target, **case)
    for target in ("two_modes", "ring_8")
    for key, case in [
        ("start", {"step": 0}),
        ("exploded", {"history": past(d_loss=np.full(51, 5e26))}),
        ("exploded", {"history": past(g_loss=np.full(51, -4e3))}),
        ("starved", {"generator": {"keep": [1], "shift": 2.0}, "d": LEFT, "history": past(**FLAT),
                     "config": {"loss": "minimax"}}),
        ("blind", {"generator": SOME, "d": even(0.5)}),
        ("blind", {"generator": SOME, "d": even(0.4), "config": {"label_smoothing": 0.2}}),
        ("missing", {"generator": SOME, "d": even(0.5), "config": {"label_smoothing": 0.4}}),  # its balance is 0.3
        ("alike", {"generator": {"keep": [0], "width": 1e-3}}),
        ("frozen", {"generator": SOME, "config": {"lr_g": 0.0}}),
        ("still", {"generator": SOME, "history": past(0.3)}),
        ("circling", {"generator": SOME, "history": past(WAVE)}),
        ("circling", {"generator": SOME, "history": past(WAVE), "d": even(0.5)}),
        ("missing", {"generator": SOME}),
        ("missing_score", {"generator": SOME, "config": {"loss": "hinge"}}),
        ("missing_score", {"generator": SOME, "config": {"loss": "wasserstein_gp"}}),
        ("same", {}),
        ("same", {"d": even(0.5)}),
        ("too_wide", {"generator": {"width": 1.6}}),
        ("too_narrow" if target == "two_modes" else "too_good", {"generator": {"width": 0.5}}),
        ("fooled", {"generator": {"shift": 0.8 * DISTRIBUTIONS[target].mode_scale}, "d": wrong_side(target)}),
        ("approaching", {"generator": {"shift": 0.8 * DISTRIBUTIONS[target].mode_scale},
                         "history": past(0.5 - 0.3 * STEPS / 1000)}),
        ("close", {"generator": {"width": 1.2}}),
        ("apart", {"generator": {"shift": 0.8 * DISTRIBUTIONS[target].mode_scale}}),
        ("apart", {"generator": {"shift": 0.8 * DISTRIBUTIONS[target].mode_scale},
                   "history": past(0.1 + 0.03 * np.random.default_rng(0).standard_normal(51))}),
    ]
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.target}-{c.key}")
def test_each_fault_is_named(case):
    found = diagnosis_of(case)
    assert found.key == case.key, found.sentence
    assert "nan" not in found.sentence


def test_causes_have_keys_of_their_own_and_one_always_holds():
    assert len({c.key for c in CAUSES}) == len(CAUSES)
    assert CAUSES[-1].test(FACTS)


FACTS = Facts(
    step=9, config=TrainConfig(), apart=0.3, distance=Message("JSD {jsd:.3f}", jsd=0.3), motion=Trend(), swing=0.07, far=0.1,
    close=0.02, parts=Message("modes"),
)  # fmt: skip


@pytest.mark.parametrize("cause", CAUSES, ids=lambda c: c.key)
def test_a_sentence_names_only_what_facts_know(cause):
    names = {name for _, name, _, _ in string.Formatter().parse(cause.sentence) if name}
    assert names <= FACTS.values().keys()


@pytest.mark.parametrize("cause", [c for c in CAUSES if c.change], ids=lambda c: c.key)
@pytest.mark.parametrize(
    "config",
    [TrainConfig(), TrainConfig(lr_g=1e-5, lr_d=0.1, d_steps=20), TrainConfig(lr_g=0.1, lr_d=1e-5, dropout=0.5),
     TrainConfig(lr_g=0.0, lr_d=0.0)],
)  # fmt: skip
def test_what_is_advised_can_be_set(cause, config):
    assert cause.advice
    config.replace(**cause.change(config))


def test_a_step_of_a_slider():
    assert near("lr_d", 0.0033) in SETTINGS["lr_d"].options
    assert near("lr_d", 0.0033) == pytest.approx(0.0032)
    assert near("lr_d", 1e3) == 0.1


# ---- what sentences say of D ----


def test_what_is_proven_is_a_share():
    assert share(0.1, 0.4) == pytest.approx(0.25)
    assert share(-0.02, 0.4) == 0
    assert share(0.5, 0.4) == 1
    assert math.isnan(share(math.nan, 0.4))
    assert math.isnan(share(0.1, 0.0))


@pytest.mark.parametrize(
    ("proven", "says"), [(0.0, "; D proves nothing of it"), (0.12, "; D proves 12% of it"), (math.nan, "")]
)
def test_nothing_is_proven_in_words(proven, says):
    found = diagnose(dataclasses.replace(FACTS, d_real=0.5, d_fake=0.5, proven=proven))
    assert found.key == "blind"
    assert found.sentence.endswith(f"JSD 0.300{says}.")


def test_a_d_that_proves_most_of_it_is_not_called_blind():
    found = diagnose(dataclasses.replace(FACTS, d_real=0.53, d_fake=0.47, proven=0.6, accuracy=0.7))
    assert found.key == "apart"


@pytest.mark.parametrize("key", [key for key, loss in LOSSES.items() if loss.output == "score"])
def test_no_sentence_about_a_score_speaks_of_a_balance(key):
    facts = dataclasses.replace(FACTS, config=TrainConfig(loss=key), d_real=0.5, d_fake=0.5)
    assert not facts.undecided
    assert math.isnan(heard(LOSSES[key], math.nan, {}))


def test_what_g_hears_without_gradients_is_the_slope_of_its_loss():
    assert heard(LOSSES["minimax"], 0.01, {}) == 0.01
    assert heard(LOSSES["non_saturating"], 0.01, {}) == 0.99


def test_d_wins_only_where_g_hears_something():
    won = dataclasses.replace(FACTS, d_real=0.95, d_fake=0.05, heard=0.3)
    assert diagnose(won).key == "d_wins"
    assert diagnose(dataclasses.replace(won, heard=0.001)).key == "starved"
    assert diagnose(dataclasses.replace(won, heard=math.nan, accuracy=0.9)).key == "apart"


# ---- real trainings ----


def after(config, steps):
    """What a run says after so many steps."""
    trainer = GANTrainer(config)
    for _ in range(steps):
        trainer.step()
    return trainer.problem.diagnose(trainer, trainer.evaluate(), trainer.history.arrays())


def test_learning_rates_that_are_far_too_high_blow_up():
    assert after(TrainConfig(lr_g=0.1, lr_d=0.1, beta1=0.99, beta2=0.5), 160).key == "exploded"


@pytest.mark.slow
def test_a_perfect_d_starves_g_of_a_saturating_loss():
    config = TrainConfig(target="ring_8", latent_dim=2, loss="minimax", lr_g=1e-4, lr_d=0.02, d_steps=10)
    assert after(config, 300).key == "starved"


ENDS = {
    "hopping": "blind", "weak_d": "blind", "strong_d": "missing", "one_mode": "missing", "vanishing": "starved",
    "saturating": "starved", "oscillation": "circling", "momentum": "alike", "lr_g_too_high": "alike",
    "dropout_half": "blind", "two_modes": "close",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("key", [key for key, p in PRESETS.items() if p.kind == "fails"] + ["two_modes"])
def test_presets_say_what_they_suffer_from(key):
    assert after(PRESETS[key].config, PRESETS[key].steps).key == ENDS[key]
