"""Experiments as links: what they carry, what they mean in later versions, and what is said of bad ones."""

import dataclasses
import json
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_core import config as config_module
from gan_core.config import SETTINGS, TrainConfig
from gan_core.distributions import DISTRIBUTIONS
from gan_core.losses import LOSSES
from gan_core.own_targets import from_points
from tests.gan_core.experiments import DRAWING, TABLE, forget_tables, other_value

NEWEST = {"v": str(config_module.LINK_VERSION)}  # what every link of today carries


def from_link(params, problems=None):
    """The config of a link of today."""
    return TrainConfig.from_params(NEWEST | params, problems)


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


def test_batches_are_cut_into_packs_without_a_rest():
    assert TrainConfig(packing=3, batch_size=510).packing == 3
    with pytest.raises(ValueError, match="packing = 3 does not divide batch_size = 512; choose a batch size"):
        TrainConfig(packing=3)
    problems = []
    assert from_link({"packing": "3"}, problems) == TrainConfig()
    assert len(problems) == 1
    both = {"packing": "3", "batch_size": "510"}
    assert from_link(both) == TrainConfig(packing=3, batch_size=510)


def test_a_link_carries_a_drawing():
    config = TrainConfig(target=DRAWING)
    assert config.target == DRAWING
    assert config.to_params() == {"target": DRAWING, **NEWEST}
    assert from_link({"target": DRAWING}) == config


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
        from_link({"target": target})
    assert from_link({"target": target, "seed": "3"}, problems) == TrainConfig(seed=3)
    assert len(problems) == 1


def test_a_table_can_be_trained_on_as_long_as_it_is_remembered():
    config = TrainConfig(target=from_points(TABLE).key)
    assert TrainConfig.from_params(config.to_params()) == config
    forget_tables()
    with pytest.raises(ValueError, match="server no longer has: upload the table again"):
        TrainConfig.from_params(config.to_params())


def test_params_hold_what_is_not_the_default():
    assert TrainConfig().to_params() == NEWEST
    config = TrainConfig(target="comb", lr_g=0.0123, depth=5, wide_start=not TrainConfig().wide_start)
    flag = {True: "true", False: "false"}[config.wide_start]
    assert config.to_params() == {"target": "comb", "lr_g": "0.0123", "depth": "5", "wide_start": flag, **NEWEST}


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(all_configs())
def test_params_round_trip(config):
    assert TrainConfig.from_params(config.to_params()) == config


@pytest.mark.parametrize("name", SETTINGS)
def test_params_round_trip_of_one_field(name):
    config = TrainConfig(**{name: other_value(name, TrainConfig())})
    assert config != TrainConfig()
    assert list(config.to_params()) == [name, "v"]
    assert TrainConfig.from_params(config.to_params()) == config


def test_other_params_are_left_alone():
    assert from_link({"lang": "ko", "width": "8", "": ""}) == TrainConfig(width=8)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("width", "wide"), ("width", "8.5"), ("width", "100000"), ("lr_g", "nan"), ("lr_g", "-1"), ("lr_g", ""),
        ("target", "cat"), ("wide_start", "1"), ("wide_start", "True"), ("seed", "1e3"),
    ],
)  # fmt: skip
def test_bad_param(name, text):
    with pytest.raises(ValueError, match=f"{name} = .*{text}.* is not possible: choose "):
        from_link({name: text})


def test_problems_keep_the_good_fields():
    problems = []
    params = {"width": "32", "depth": "99", "target": "cat", "seed": "7", "loss": "hinge", "label_smoothing": "0.1"}
    config = from_link(params, problems)
    assert config == TrainConfig(width=32, seed=7, loss="hinge")
    assert sorted(message.split()[0] for message in problems) == ["depth", "label_smoothing", "target"]
    assert from_link({"width": "32"}, problems) == TrainConfig(width=32)
    assert len(problems) == 3


def test_a_link_carries_a_run_on_images():
    link = {"target": "mnist", "latent_dim": "100", "architecture": "note", "warm_start": "late"}
    config = from_link(link)
    assert config == TrainConfig(target="mnist", architecture="note", warm_start="late", latent_dim=100)
    assert config.to_params() == link | NEWEST
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
    config = from_link({"target": "digits", name: text}, problems)
    assert config == (TrainConfig() if name == "target" else TrainConfig(target="digits"))
    assert problems == [f"{name} = {text!r} is not possible: choose one of {choices}"]


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
    assert from_link({name: "1", "seed": "4"}, problems) == TrainConfig(seed=4)
    assert problems == [message]
    with pytest.raises(ValueError) as caught:
        TrainConfig.from_params({name: "1"})
    assert caught.value.args == (message,)


def test_names_of_pages_and_of_messengers_are_no_settings():
    problems = []
    params = {"lang": "ko", **NEWEST, "utm_source": "x", "fbclid": "y", "gclid": "z", "": "", "seed": "4"}
    assert TrainConfig.from_params(params, problems) == TrainConfig(seed=4)
    assert problems == []
