"""The config: its ranges and choices, its links, and their versions."""

import dataclasses
import json
import math
import pickle
from pathlib import Path
from urllib.parse import parse_qsl

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_core import config as config_module
from gan_core.config import SETTINGS, STAGES, TrainConfig
from gan_core.distributions import DISTRIBUTIONS
from gan_core.images.data import IMAGE_TARGETS
from gan_core.images.networks import ARCHITECTURES
from gan_core.losses import LOSSES
from gan_core.own_targets import CELLS, from_cells, from_points
from gan_core.settings import KINDS, setting, settings_of
from gan_core.training import GANTrainer

# small and plain, whatever the defaults are
SMALL = TrainConfig(
    target="two_modes", loss="non_saturating", latent="normal", latent_dim=1, width=8, depth=2,
    g_activation="relu", d_activation="leaky_relu", wide_start=False, spread_start=True,
    batch_size=32, lr_g=1e-3, lr_d=2e-3, beta1=0.0, beta2=0.999, lr_decay_steps=0, d_steps=1, ema_decay=0.0,
    dropout=0.0, label_smoothing=0.0, instance_noise=0.0, r1_gamma=0.0, gp_weight=0.1, packing=1,
)  # fmt: skip
FULL = SMALL.replace(dropout=0.2, instance_noise=0.3, ema_decay=0.9, d_steps=2, r1_gamma=0.1, latent_dim=2)


def other_value(name, config):
    """An allowed value that is not that of the config."""
    spec, present = SETTINGS[name], getattr(config, name)
    if spec.choices:
        return next(choice for choice in spec.choices if choice != present)
    if spec.type is bool:
        return not present
    return spec.type(spec.high if present != spec.high else spec.low)


def bad_values(name):
    spec = SETTINGS[name]
    if spec.choices:
        return ["no such thing", 1, None]
    if spec.type is bool:
        return [1, "true", None]
    wrong = [spec.low - 1, spec.high * 2 + 1, math.nan, math.inf, "1", None, True]
    return [*wrong, (spec.low + spec.high) / 2 + 0.25] if spec.type is int else wrong


def all_configs():
    def values(spec):
        if spec.choices:
            return st.sampled_from(spec.choices)
        if spec.type is bool:
            return st.booleans()
        return (st.integers if spec.type is int else st.floats)(spec.low, spec.high)

    def build(fields):
        if LOSSES[fields["loss"]].output == "score":
            fields["label_smoothing"] = 0.0
        fields["batch_size"] -= fields["batch_size"] % fields["packing"]
        fields["batch_size"] = max(fields["batch_size"], fields["packing"])
        return TrainConfig(**fields)

    return st.fixed_dictionaries({name: values(spec) for name, spec in SETTINGS.items()}).map(build)


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


def test_batches_are_cut_into_packs_without_a_rest():
    assert TrainConfig(packing=3, batch_size=510).packing == 3
    with pytest.raises(ValueError, match="packing = 3 does not divide batch_size = 512; choose a batch size"):
        TrainConfig(packing=3)
    problems = []
    assert TrainConfig.from_params({"packing": "3"}, problems) == TrainConfig()
    assert len(problems) == 1
    both = {"packing": "3", "batch_size": "510"}
    assert TrainConfig.from_params(both) == TrainConfig(packing=3, batch_size=510)


DRAWING = from_cells(np.eye(CELLS)).key
TABLE = np.random.default_rng(0).normal(1e3, 1, (30, 2))


def test_a_link_carries_a_drawing():
    config = TrainConfig(target=DRAWING)
    assert config.target == DRAWING
    assert config.to_params() == {"target": DRAWING}
    assert TrainConfig.from_params({"target": DRAWING}) == config


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("ring", "target = 'ring' is not possible: choose one of gaussian, .*ring_8"),
        ("", "target = '' is not possible: choose one of gaussian, .*ring_8"),
        (DRAWING[:15], "The drawing in this link is damaged"),
        ("points-0123456789abcdef", "upload the table again"),
    ],
)
def test_another_target_is_refused(target, message):
    problems = []
    with pytest.raises(ValueError, match=message):
        TrainConfig(target=target)
    with pytest.raises(ValueError, match=message):
        TrainConfig.from_params({"target": target})
    assert TrainConfig.from_params({"target": target, "seed": "3"}, problems) == TrainConfig(seed=3)
    assert len(problems) == 1


def forget_tables():
    for shift in range(1, 41):
        from_points(TABLE + shift)


def test_a_table_can_be_trained_on_as_long_as_it_is_remembered():
    config = TrainConfig(target=from_points(TABLE).key)
    assert TrainConfig.from_params(config.to_params()) == config
    forget_tables()
    with pytest.raises(ValueError, match="server no longer has: upload the table again"):
        TrainConfig.from_params(config.to_params())


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


def test_params_hold_what_is_not_the_default():
    assert TrainConfig().to_params() == {}
    config = TrainConfig(target="comb", lr_g=0.0123, depth=5, wide_start=not TrainConfig().wide_start)
    flag = {True: "true", False: "false"}[config.wide_start]
    assert config.to_params() == {"target": "comb", "lr_g": "0.0123", "depth": "5", "wide_start": flag}


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(all_configs())
def test_params_round_trip(config):
    assert TrainConfig.from_params(config.to_params()) == config


@pytest.mark.parametrize("name", SETTINGS)
def test_params_round_trip_of_one_field(name):
    config = TrainConfig(**{name: other_value(name, TrainConfig())})
    assert config != TrainConfig()
    assert list(config.to_params()) == [name]
    assert TrainConfig.from_params(config.to_params()) == config


def test_other_params_are_left_alone():
    assert TrainConfig.from_params({"lang": "ko", "width": "8", "": ""}) == TrainConfig(width=8)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("width", "wide"), ("width", "8.5"), ("width", "100000"), ("lr_g", "nan"), ("lr_g", "-1"), ("lr_g", ""),
        ("target", "cat"), ("wide_start", "1"), ("wide_start", "True"), ("seed", "1e3"),
    ],
)  # fmt: skip
def test_bad_param(name, text):
    with pytest.raises(ValueError, match=f"{name} = .*{text}.* is not possible: choose "):
        TrainConfig.from_params({name: text})


def test_problems_keep_the_good_fields():
    problems = []
    params = {"width": "32", "depth": "99", "target": "cat", "seed": "7", "loss": "hinge", "label_smoothing": "0.1"}
    config = TrainConfig.from_params(params, problems)
    assert config == TrainConfig(width=32, seed=7, loss="hinge")
    assert sorted(message.split()[0] for message in problems) == ["depth", "label_smoothing", "target"]
    assert TrainConfig.from_params({"width": "32"}, problems) == TrainConfig(width=32)
    assert len(problems) == 3


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


def test_a_link_carries_a_run_on_images():
    link = {"target": "mnist", "latent_dim": "100", "architecture": "note", "warm_start": "late"}
    config = TrainConfig.from_params(link)
    assert config == TrainConfig(target="mnist", architecture="note", warm_start="late", latent_dim=100)
    assert config.to_params() == link
    assert TrainConfig().architecture == "fast"
    assert TrainConfig().warm_start == "none"


@pytest.mark.parametrize(
    ("name", "text", "choices"),
    [
        ("architecture", "resnet", "fast, tiny, note, dcgan"),
        ("warm_start", "latest", "none, early, middle, late"),
        ("warm_start", "../../x", "none, early, middle, late"),
        ("target", "imagenet", ", ".join([*DISTRIBUTIONS, "mnist", "digits"])),
    ],
)
def test_choices_for_images(name, text, choices):
    problems = []
    config = TrainConfig.from_params({"target": "digits", name: text}, problems)
    assert config == (TrainConfig() if name == "target" else TrainConfig(target="digits"))
    assert problems == [f"{name} = {text!r} is not possible: choose one of {choices}"]


def test_stages_and_architectures_are_choices():
    assert SETTINGS["warm_start"].choices == ("none", *STAGES)
    assert SETTINGS["architecture"].choices == tuple(ARCHITECTURES)
    assert not SETTINGS["warm_start"].live
    assert not SETTINGS["architecture"].live


# ---- links of all versions ----

DEFAULTS = Path(__file__).parents[1] / "link_defaults.json"  # what an empty link of version 1 means
RING = {"target": "ring_8", "latent_dim": 2}
TEXTBOOK = RING | {
    "g_activation": "relu", "spread_start": False, "batch_size": 256, "lr_g": 0.001, "lr_d": 0.001, "beta1": 0.5,
    "beta2": 0.999, "lr_decay_steps": 0, "d_steps": 1, "ema_decay": 0.0,
}  # fmt: skip
IMAGES = {
    "target": "mnist", "batch_size": 64, "beta1": 0.5, "beta2": 0.999, "lr_decay_steps": 0, "d_steps": 1,
    "ema_decay": 0.995, "dropout": 0.3, "latent_dim": 32, "lr_d": 0.002,
}  # fmt: skip

# links as they are out there, without a version -> the fields that they name
LINKS = {
    "": {},
    "target=comb": {"target": "comb"},
    "target=ring_8&latent_dim=2&lr_decay_steps=6000&d_steps=4": RING | {"lr_decay_steps": 6000, "d_steps": 4},
    "target=disjoint&latent_dim=2&lr_decay_steps=5000&instance_noise=0.3":
        RING | {"target": "disjoint", "lr_decay_steps": 5000, "instance_noise": 0.3},
    "target=ring_8&seed=2&latent_dim=2&g_activation=relu&spread_start=false&batch_size=256&lr_g=0.001&lr_d=2e-05"
    "&beta1=0.5&beta2=0.999&lr_decay_steps=0&d_steps=1&ema_decay=0.0": TEXTBOOK | {"seed": 2, "lr_d": 2e-5},
    "target=ring_8&latent_dim=2&g_activation=relu&spread_start=false&batch_size=256&lr_d=0.001&beta1=0.9&beta2=0.999"
    "&lr_decay_steps=0&d_steps=1&ema_decay=0.0": TEXTBOOK | {"beta1": 0.9, "lr_g": 0.002},
    "target=ring_8&loss=wasserstein_gp&latent_dim=2&g_activation=relu&spread_start=false&batch_size=256&lr_g=0.0005"
    "&lr_d=0.002&beta1=0.5&beta2=0.999&lr_decay_steps=0&d_steps=5&ema_decay=0.0":
        TEXTBOOK | {"loss": "wasserstein_gp", "lr_g": 0.0005, "lr_d": 0.002, "d_steps": 5},
    "target=ring_8&loss=minimax&seed=2&latent_dim=2&g_activation=relu&spread_start=false&batch_size=256&lr_g=0.0001"
    "&lr_d=0.01&beta1=0.5&beta2=0.999&lr_decay_steps=0&d_steps=3&ema_decay=0.0&label_smoothing=0.2":
        TEXTBOOK | {"loss": "minimax", "seed": 2, "lr_g": 0.0001, "lr_d": 0.01, "d_steps": 3, "label_smoothing": 0.2},
    "target=gaussian&loss=minimax&seed=2&width=32&g_activation=relu&spread_start=false&batch_size=128&lr_g=0.0001"
    "&lr_d=0.01&beta1=0.5&beta2=0.999&lr_decay_steps=0&d_steps=3&ema_decay=0.0":
        TEXTBOOK | {"target": "gaussian", "loss": "minimax", "seed": 2, "width": 32, "batch_size": 128, "lr_g": 0.0001,
                    "lr_d": 0.01, "d_steps": 3, "latent_dim": 1},
    "target=mnist&latent_dim=32&batch_size=64&lr_d=0.002&beta1=0.5&beta2=0.999&lr_decay_steps=0&d_steps=1"
    "&ema_decay=0.995&dropout=0.3&architecture=tiny": IMAGES | {"architecture": "tiny"},
    "target=mnist&latent_dim=100&batch_size=128&lr_g=0.0002&lr_d=0.0002&beta1=0.5&beta2=0.999&lr_decay_steps=0"
    "&d_steps=1&ema_decay=0.999&dropout=0.5&architecture=note&warm_start=late":
        IMAGES | {"architecture": "note", "warm_start": "late", "latent_dim": 100, "batch_size": 128, "lr_g": 0.0002,
                  "lr_d": 0.0002, "ema_decay": 0.999, "dropout": 0.5},
}  # fmt: skip


def fields_of(query):
    return dataclasses.asdict(TrainConfig.from_params(dict(parse_qsl(query))))


def test_every_default_is_pinned():
    """A new setting belongs into the file, with the value that old links have always meant."""
    assert json.loads(DEFAULTS.read_text("utf-8")).keys() == SETTINGS.keys()


@pytest.mark.parametrize("query", LINKS)
def test_a_link_of_the_first_version_means_what_it_always_did(query):
    """If this fails after a change of a default: raise LINK_VERSION and put the old value into CHANGED_DEFAULTS."""
    meant = json.loads(DEFAULTS.read_text("utf-8")) | LINKS[query]
    assert fields_of(query) == meant
    assert fields_of(f"v=1&{query}") == meant


@pytest.fixture
def version_3(monkeypatch):
    """The app after two more versions: the second changed lr_g from 0.002, the third once more, and width."""

    def change(name, default):
        monkeypatch.setitem(SETTINGS, name, dataclasses.replace(SETTINGS[name], default=default))

    monkeypatch.setattr(config_module, "LINK_VERSION", 3)
    monkeypatch.setattr(config_module, "CHANGED_DEFAULTS", {1: {"lr_g": 0.002}, 2: {"lr_g": 0.003, "width": 64}})
    change("lr_g", 0.004)
    change("width", 128)


@pytest.mark.parametrize(
    ("params", "lr_g", "width"),
    [
        ({}, 0.002, 64),
        ({"v": "1"}, 0.002, 64),
        ({"v": "2"}, 0.003, 64),
        ({"v": "3"}, 0.004, 128),
        ({"width": "32"}, 0.002, 32),
        ({"lr_g": "0.004"}, 0.004, 64),
        ({"v": "2", "lr_g": "0.002", "seed": "7"}, 0.002, 64),
    ],
)
def test_old_links_keep_their_meaning(version_3, params, lr_g, width):
    config = TrainConfig.from_params(params)
    assert (config.lr_g, config.width) == (lr_g, width)
    assert TrainConfig.from_params(config.to_params()) == config


def test_new_links_carry_their_version(version_3):
    assert TrainConfig(lr_g=0.004, width=128).to_params() == {"v": "3"}
    assert TrainConfig(lr_g=0.003, width=128).to_params() == {"lr_g": "0.003", "v": "3"}
    assert TrainConfig.from_params({}).to_params() == {"lr_g": "0.002", "width": "64", "v": "3"}


def test_a_bad_field_of_an_old_link_gets_the_default_of_its_version(version_3):
    problems = []
    assert TrainConfig.from_params({"lr_g": "5"}, problems).lr_g == 0.002
    assert problems == ["lr_g = '5' is not possible: choose a number from 0 to 0.1"]


@pytest.mark.parametrize("version", ["0", "4", "-1", "", "two", "1.0", "01", "9" * 5000])
def test_an_unknown_version_counts_as_the_newest(version_3, version):
    problems = []
    config = TrainConfig.from_params({"v": version, "seed": "3"}, problems)
    assert (config.lr_g, config.width, config.seed) == (0.004, 128, 3)
    assert problems == [
        f"v = {version!r} is not a version of links: choose a whole number from 1 to 3; the link is read as one of "
        "version 3"
    ]
    with pytest.raises(ValueError, match="is not a version of links"):
        TrainConfig.from_params({"v": version})


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("learning_rate", "learning_rate is not a setting; did you mean lr_g?"),
        ("batchsize", "batchsize is not a setting; did you mean batch_size?"),
        ("LR_D", "LR_D is not a setting; did you mean lr_d?"),
        ("hidden_layer", "hidden_layer is not a setting; did you mean depth?"),
        ("dim", "dim is not a setting, and is left out"),
        ("replace", "replace is not a setting, and is left out"),
        ("{0}", "{0} is not a setting, and is left out"),
    ],
)
def test_an_unknown_name_gets_the_nearest_setting(name, message):
    problems = []
    assert TrainConfig.from_params({name: "1", "seed": "4"}, problems) == TrainConfig(seed=4)
    assert problems == [message]
    with pytest.raises(ValueError) as caught:
        TrainConfig.from_params({name: "1"})
    assert caught.value.args == (message,)


def test_names_of_pages_and_of_messengers_are_no_settings():
    problems = []
    params = {"lang": "ko", "v": "1", "utm_source": "x", "fbclid": "y", "gclid": "z", "": "", "seed": "4"}
    assert TrainConfig.from_params(params, problems) == TrainConfig(seed=4)
    assert problems == []


# ---- the records ----


def test_what_acts_on_a_running_training():
    assert {name for name, record in SETTINGS.items() if record.live} == {
        "lr_g", "lr_d", "dropout", "d_steps", "label_smoothing", "instance_noise", "r1_gamma", "gp_weight",
        "lr_decay_steps", "ema_decay",
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
