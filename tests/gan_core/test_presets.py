"""Every preset does what it says, with its own seed."""

import math

import pytest

from gan_core.config import DEFAULT_CONFIG, SETTINGS
from gan_core.evaluation import SCALARS
from gan_core.history import History
from gan_core.images.metrics import IMAGE_SCALARS
from gan_core.presets import PRESETS, measure
from gan_core.slopes import gradient_norms
from gan_core.training import GANTrainer

every_preset = pytest.mark.parametrize("key", list(PRESETS))


def _marks(preset):
    """On images, and from 1,000 steps in 2D, a run takes ten seconds to one minute; the longest take two."""
    if preset.config.kind == "line" or (preset.config.kind == "plane" and preset.steps < 1000):
        return []
    return [pytest.mark.longest if _is_longest(preset) else pytest.mark.slow]


def _is_longest(preset):
    return preset.steps >= 8000 or preset.config.batch_size >= 1024 or preset.key == "note"


@pytest.fixture
def trainer(key, request):
    """Of the preset of this key."""
    if PRESETS[key].config.target == "mnist":
        request.getfixturevalue("mnist_dir")
    return GANTrainer(PRESETS[key].config)


@pytest.mark.slow
@pytest.mark.parametrize("key", [k for k, p in PRESETS.items() if _is_longest(p) and p.config.kind == "plane"])
def test_the_longest_are_on_their_way(key):
    """What they promise at their end takes `make test-longest`; most modes must be there long before."""
    trainer = GANTrainer(PRESETS[key].config)
    for _ in range(3000):
        trainer.step()
    e = trainer.evaluate()
    assert e.modes >= 0.85 * len(e.covered)
    assert e.high_quality >= 0.6


@pytest.mark.parametrize("key", [pytest.param(k, marks=_marks(p)) for k, p in PRESETS.items()])
def test_evidence(key, trainer):
    preset = PRESETS[key]
    for _ in range(preset.steps):
        trainer.step()
    figures = measure(trainer)
    misses = {
        name: (figures[name], bounds)
        for name, bounds in preset.evidence.items()
        if not bounds[0] <= figures[name] <= bounds[1]
    }
    assert not misses


@every_preset
def test_record(key):
    preset = PRESETS[key]
    assert preset.key == key
    assert preset.steps > 0
    assert preset.name
    assert preset.story
    assert preset.kind in ("converges", "fails", "cure")


@every_preset
def test_evidence_can_be_measured(key, trainer):
    preset = PRESETS[key]
    assert preset.evidence
    figures = measure(trainer)
    for name, (low, high) in preset.evidence.items():
        assert not math.isnan(figures[name]), f"{name} means nothing for this target or loss"
        assert low <= high


@every_preset
def test_a_cure_changes_little(key):
    """At most two settings of the failing one, not counting live ones that go back to their default."""
    preset = PRESETS[key]
    assert (preset.kind == "cure") == bool(preset.cures)
    if preset.cures:
        failing = PRESETS[preset.cures]
        assert failing.kind == "fails"
        changed = {name for name in SETTINGS if getattr(preset.config, name) != getattr(failing.config, name)}
        back = {n for n in changed if SETTINGS[n].live and getattr(preset.config, n) == getattr(DEFAULT_CONFIG, n)}
        assert changed
        assert len(changed - back) <= 2


def test_measure_looks_at_now_and_at_the_second_half():
    trainer = GANTrainer(DEFAULT_CONFIG.replace(width=8, batch_size=16))
    trainer.step_count = 100
    trainer.history = History(("step", "jsd", "modes"))
    for step, jsd, modes in ((0, 0.6, 9), (40, 0.0, 0), (60, 0.2, 3), (80, 0.1, 4), (100, 0.3, 2)):
        trainer.history.append(step=step, jsd=jsd, modes=modes)
    figures, now = measure(trainer), trainer.evaluate()
    late = {"jsd_best": 0.1, "jsd_worst": 0.3, "modes_best": 4, "modes_worst": 2}
    assert figures == {name: getattr(now, name) for name in SCALARS} | gradient_norms(trainer) | late


def test_measure_looks_at_images_too():
    trainer = GANTrainer(DEFAULT_CONFIG.replace(target="digits", architecture="tiny", batch_size=16))
    figures, now = measure(trainer), trainer.evaluate()
    modes = {"modes_best": now.modes, "modes_worst": now.modes}
    expected = {name: getattr(now, name) for name in IMAGE_SCALARS} | modes
    assert figures == pytest.approx(expected, nan_ok=True)
