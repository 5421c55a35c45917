"""The config: its ranges and choices, and the records of its settings."""

import dataclasses
import math
import pickle

import numpy as np
import pytest

from gan_core.config import SETTINGS, STAGES, TrainConfig
from gan_core.images.data import IMAGE_TARGETS
from gan_core.images.networks import ARCHITECTURES
from gan_core.losses import LOSSES
from gan_core.settings import KINDS, setting, settings_of
from gan_core.training import GANTrainer
from tests.gan_core.experiments import DRAWING, FULL, SMALL


def bad_values(name):
    spec = SETTINGS[name]
    if spec.choices:
        return ["no such thing", 1, None]
    if spec.type is bool:
        return [1, "true", None]
    wrong = [spec.low - 1, spec.high * 2 + 1, math.nan, math.inf, "1", None, True]
    return [*wrong, (spec.low + spec.high) / 2 + 0.25] if spec.type is int else wrong


@pytest.mark.parametrize("name", SETTINGS)
def test_default_is_allowed(name):
    default = getattr(TrainConfig(), name)
    assert SETTINGS[name].check(name, default) == default
    assert type(default) is SETTINGS[name].type


@pytest.mark.parametrize("name", [n for n, s in SETTINGS.items() if s.type in (int, float)])
def test_ends_of_the_range_are_allowed(name):
    for end in (SETTINGS[name].low, SETTINGS[name].high):
        value = getattr(TrainConfig(**{name: end}), name)
        assert value == end
        assert type(value) is SETTINGS[name].type


@pytest.mark.parametrize(("name", "value"), [(n, v) for n in SETTINGS for v in bad_values(n)])
def test_bad_value_is_refused_with_field_value_and_range(name, value):
    spec = SETTINGS[name]
    with pytest.raises(ValueError) as caught:
        TrainConfig(**{name: value})
    message = str(caught.value)
    assert message.startswith(f"{name} = {value!r} is not possible: choose ")
    allowed = spec.choices or (("true", "false") if spec.type is bool else (f"{spec.low:g}", f"{spec.high:g}"))
    assert all(word in message for word in allowed)


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("lr_g", 0, 0.0),
        ("lr_g", np.float64(0.01), 0.01),
        ("width", np.int64(32), 32),
        ("width", 32.0, 32),
        ("instance_noise", np.float32(0.5), 0.5),
    ],
)
def test_numbers_are_converted_exactly(name, value, kept):
    config = TrainConfig(**{name: value})
    assert getattr(config, name) == kept
    assert type(getattr(config, name)) is SETTINGS[name].type


@pytest.mark.parametrize("loss", list(LOSSES))
def test_only_labels_can_be_smoothed(loss):
    if LOSSES[loss].output == "score":
        with pytest.raises(ValueError, match=rf"label_smoothing = 0\.1 is not possible with loss = '{loss}'"):
            TrainConfig(loss=loss, label_smoothing=0.1)
    else:
        assert TrainConfig(loss=loss, label_smoothing=0.1).label_smoothing == 0.1


def test_config_is_a_frozen_value():
    with pytest.raises(dataclasses.FrozenInstanceError):
        SMALL.width = 9
    assert SMALL.replace(seed=SMALL.seed) == SMALL
    assert hash(SMALL.replace(seed=SMALL.seed)) == hash(SMALL)
    assert SMALL.replace(seed=SMALL.seed + 1) != SMALL
    assert SMALL.replace(width=9).width == 9
    assert SMALL.width == 8
    with pytest.raises(ValueError, match="width = 0 is not possible"):
        SMALL.replace(width=0)


@pytest.mark.parametrize(
    ("target", "dim"),
    [("two_modes", 1), ("comb", 1), ("ring_8", 2), (DRAWING, 2), ("mnist", 784), ("digits", 784)],
)
def test_dim_is_that_of_the_samples(target, dim):
    assert (dim == 784) == (target in IMAGE_TARGETS)
    if dim < 784:
        assert GANTrainer(SMALL.replace(target=target)).sample(3).shape == (3, dim)


@pytest.mark.parametrize(
    ("target", "kind"),
    [("two_modes", "line"), ("comb", "line"), ("ring_8", "plane"), (DRAWING, "plane"), ("mnist", "images"),
     ("digits", "images")],
)  # fmt: skip
def test_kind_is_that_of_the_target(target, kind):
    assert TrainConfig(target=target).kind == kind


def test_every_target_has_a_kind():
    assert {TrainConfig(target=target).kind for target in SETTINGS["target"].choices} == set(KINDS)


def test_stages_and_architectures_are_choices():
    assert SETTINGS["warm_start"].choices == ("none", *STAGES)
    assert SETTINGS["architecture"].choices == tuple(ARCHITECTURES)
    assert not SETTINGS["warm_start"].live
    assert not SETTINGS["architecture"].live


# ---- the records ----


def test_what_acts_on_a_running_training():
    assert {name for name, record in SETTINGS.items() if record.live} == {
        "lr_g", "lr_d", "dropout", "d_steps", "label_smoothing", "instance_noise", "r1_gamma", "r2_gamma", "gp_weight",
        "weight_clip", "spectral_limit",
        "lr_decay_steps", "ema_decay", "ema_warm_up", "show_raw",
    }  # fmt: skip


@pytest.mark.parametrize("name", SETTINGS)
def test_record(name):
    record = SETTINGS[name]
    assert record.label
    assert record.help
    assert record.kinds
    assert set(record.kinds) <= set(KINDS)
    assert record.type in (bool, str) or math.isfinite(record.high - record.low)
    assert list(record.names) == list(record.choices)
    assert all(isinstance(text, str) and text for text in record.names.values())
    assert list(record.options) == sorted(set(record.options))
    for option in record.options:
        assert getattr(TrainConfig(**{name: option}), name) == option


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, s in SETTINGS.items() if s.implies for v in s.choices])
def test_what_a_choice_implies_is_possible(name, value):
    """Whatever is set before: labels smoothed, or trained weights with 100 latent dimensions."""
    before = TrainConfig(target="digits", label_smoothing=0.1, architecture="note", warm_start="late", latent_dim=100)
    after = before.replace(**{name: value}, **SETTINGS[name].implies(value))
    assert getattr(after, name) == value


def test_settings_are_read_off_a_dataclass():
    @dataclasses.dataclass(frozen=True)
    class Small:
        shade: float = setting(0.5, 0, 1, group="sliders", options=(0.0, 0.5, 1.0), label="Shade")
        paper: str = setting("rough", registry={"rough": "Rough", "fine": "Fine"}, kinds=("plane",))

    found = settings_of(Small)
    assert list(found) == ["shade", "paper"]
    assert (found["shade"].type, found["shade"].low, found["shade"].high) == (float, 0, 1)
    assert found["shade"].live
    assert not found["paper"].live
    assert found["paper"].choices == ("rough", "fine")
    assert found["paper"].parse("paper", "fine") == "fine"
    with pytest.raises(ValueError, match="paper = 'thin' is not possible: choose one of rough, fine"):
        found["paper"].parse("paper", "thin")


def test_config_survives_pickling():
    assert pickle.loads(pickle.dumps(FULL)) == FULL
