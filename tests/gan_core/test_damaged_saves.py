"""Files that are no saved trainings, or damaged or hostile ones: each is refused with a sentence, and does no harm."""

import contextlib
import json
import math
import os
import pickle
import random
import resource
import struct
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from gan_core import load, save, tensor_files
from gan_core.images import mnist
from gan_core.images.warm_starts import path as path_of_warm_start
from gan_core.messages import Message
from gan_core.own_targets import OWN, from_points
from gan_core.training import TrainingDiverged
from tests.gan_core.experiments import SMALL, TABLE, trained
from tests.gan_core.hostile import RUBBISH
from tests.gan_core.images.experiments import TINY


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """A small training with all that a file may hold."""
    trainer = trained(25, SMALL.replace(target=from_points(TABLE[:20, :1]).key, width=4, depth=1, ema_decay=0.9))
    trainer.update(lr_g=5e-4)
    trainer.step()
    file = tmp_path_factory.mktemp("good") / "good.safetensors"
    save(trainer, file)
    return file


def parts(file):
    with safe_open(file, "pt") as opened:
        return load_file(file), json.loads(opened.metadata()["gan"])


def assert_refused(file, match=""):
    """By one sentence of ours."""
    with pytest.raises(ValueError, match=match) as caught:
        load(file)
    message = caught.value.args[0]
    assert isinstance(message, Message)
    assert message.startswith(f"The training in {file.name} cannot go on here. ")
    assert isinstance(message.values["problem"], Message)
    return message


def said(name, value):
    return lambda tensors, meta: meta.update({name: value})


def configured(name, value):
    return lambda tensors, meta: meta["config"].update({name: value})


def streamed(name, value):
    return lambda tensors, meta: meta["rng"].update({name: value})


def changed(name, change):
    def apply(tensors, meta):
        tensors[name] = change(tensors[name].clone()).contiguous()

    return apply


def filled(name, value):
    def put(t):
        t.view(-1)[0] = value
        return t

    return changed(name, put)


def twisted(format, at, value):
    """Another number in the state of PyTorch's generator."""

    def put(t):
        data = bytearray(t.numpy().tobytes())
        struct.pack_into(format, data, at, value)
        return torch.frombuffer(data, dtype=torch.uint8).clone()

    return changed("torch_rng", put)


META, STEPS, SHAPE, STREAM = "its metadata are", "its number of steps", "instead of", "its random numbers are damaged"
FINITE, CURVES = "no finite numbers", "of its history"
DAMAGES = {
    "no version": (lambda tensors, meta: meta.pop("version"), META),
    "a later version": (said("version", 2), "version 2 of the format, and only version 1 can be read"),
    "a version in words": (said("version", "one"), META),
    "no config": (lambda tensors, meta: meta.pop("config"), META),
    "a config of numbers": (said("config", {"lr_g": 0.1}), META),
    "a config as a list": (said("config", ["lr_g"]), META),
    "a config of 1,000 fields": (said("config", {f"field_{i}": "1" for i in range(1000)}), META),
    "an unknown field": (configured("lr_x", "0.1"), "lr_x is not a setting"),
    "an unknown target": (configured("target", "ring_9"), "its table is not"),
    "a huge network": (configured("width", "1000000"), "width = '1000000' is not possible"),
    "a huge batch": (configured("batch_size", "9" * 5000), "batch_size = '9"),
    "a network of another width": (configured("width", "512"), SHAPE),
    "a negative rate": (configured("lr_g", "-1"), "lr_g = '-1' is not possible"),
    "a link from the future": (configured("v", "99"), "not a version of links"),
    "another table": (filled("table", 0.5), "its table is not the one"),
    "a table of nothing": (changed("table", lambda t: t[:0]), "The table has"),
    "a table of nan": (filled("table", math.nan), "Row 1 holds a value"),
    "a table of integers": (changed("table", lambda t: t.int()), META),
    "a table that is told nothing of": (said("table", None), META),
    "too many axes": (said("table", {"name": "a", "axes": ["a"] * 3, "keep_proportions": False}), META),
    "no table": (lambda tensors, meta: tensors.pop("table"), "upload the table again"),
    "no weights": (lambda tensors, meta: tensors.pop("generator"), "it lacks generator"),
    "no average": (lambda tensors, meta: tensors.pop("averaged"), "it lacks averaged"),
    "no memory": (lambda tensors, meta: tensors.pop("d_optimizer.1"), "it lacks d_optimizer.1"),
    "short weights": (changed("generator", lambda t: t[:-1]), SHAPE),
    "weights as a matrix": (changed("discriminator", lambda t: t[None]), SHAPE),
    "weights in half precision": (changed("generator", lambda t: t.half()), SHAPE),
    "nan in G": (filled("generator", math.nan), FINITE),
    "inf in D": (filled("discriminator", math.inf), FINITE),
    "inf in Adam": (filled("g_optimizer.1", math.inf), FINITE),
    "negative second moments": (filled("g_optimizer.1", -1.0), "negative"),
    "a negative count": (filled("d_optimizer.2", -1.0), "negative"),
    "step -1": (said("step", -1), STEPS),
    "half a step": (said("step", 1.5), STEPS),
    "a true step": (said("step", True), STEPS),
    "no step": (said("step", None), STEPS),
    "endless steps": (said("step", math.inf), STEPS),
    "too many steps": (said("step", 10**400), STEPS),
    "a step before its history": (said("step", 3), STEPS + "|" + CURVES),
    "a fall of rates in the future": (said("decay_from", 27), STEPS),
    "stride 0": (said("stride", 0), STEPS),
    "no steps in the history": (lambda tensors, meta: tensors.pop("history.step"), "it lacks history.step"),
    "steps backwards": (changed("history.step", lambda t: t.flip(0)), CURVES),
    "steps in the future": (changed("history.step", lambda t: t + 10), CURVES),
    "nan steps": (filled("history.step", math.nan), CURVES),
    "a column too short": (changed("history.jsd", lambda t: t[:-1]), CURVES),
    "a column in single precision": (changed("history.jsd", lambda t: t.float()), CURVES),
    "marks of nothing": (said("marks", None), META),
    "a mark of another field": (said("marks", [[1, "width", 8]]), META),
    "a mark of no field": (said("marks", [[1, ["lr_g"], 8]]), META),
    "a mark out of range": (said("marks", [[1, "lr_g", math.nan]]), META),
    "a mark in the future": (said("marks", [[27, "lr_g", 0.01]]), META),
    "too many marks": (said("marks", [[1, "lr_g", 0.01]] * 21), META),
    "no stream": (said("rng", None), STREAM),
    "another generator": (streamed("bit_generator", "MT19937"), STREAM),
    "a stream in words": (streamed("state", {"state": "1", "inc": 1}), STREAM),
    "a stream too large": (streamed("state", {"state": 2**128, "inc": 1}), STREAM),
    "a negative stream": (streamed("state", {"state": -1, "inc": 1}), STREAM),
    "an even increment": (streamed("state", {"state": 1, "inc": 2}), STREAM),
    "half a number too many": (streamed("uinteger", 2**32), STREAM),
    "a draw without a place": (said("reals_used", 0), STREAM),
    "a place beyond the draw": (said("latents_used", 101), STREAM),
    "a place without a draw": (lambda tensors, meta: tensors.pop("latents_drawn_from"), STREAM),
    "a short twister": (changed("torch_rng", lambda t: t[:-1]), SHAPE),
    "a twister of ones": (changed("torch_rng", torch.ones_like), STREAM),
    "a twister that was not seeded": (twisted("=i", 12, 0), STREAM),
    "a twister with words beyond its end": (twisted("=i", 8, 624), STREAM),
    "a twister that goes on beyond its end": (twisted("=Q", 16, 2**63), STREAM),
    "a twister that keeps nan": (twisted("=d", 5024, math.nan), STREAM),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_damages_are_named(damage, good, tmp_path, forget):
    tensors, meta = parts(good)
    apply, match = DAMAGES[damage]
    apply(tensors, meta)
    forget()
    save_file(tensors, tmp_path / "file", {"gan": json.dumps(meta)})
    assert_refused(tmp_path / "file", match)


def test_an_unknown_target_is_named(tmp_path):
    save(trained(1), tmp_path / "file")
    tensors, meta = parts(tmp_path / "file")
    for target in ("ring_9", *(f"{kind}!!!" for kind in OWN), "../../etc/passwd"):
        meta["config"]["target"] = target
        save_file(tensors, tmp_path / "file", {"gan": json.dumps(meta)})
        assert_refused(tmp_path / "file", "target = |damaged|upload")


def test_images_that_are_not_here_are_named(tmp_path, monkeypatch):
    save(trained(1, TINY), tmp_path / "file")
    tensors, meta = parts(tmp_path / "file")
    meta["config"]["target"] = "mnist"
    save_file(tensors, tmp_path / "file", {"gan": json.dumps(meta)})
    monkeypatch.delenv("MNIST_DIR", raising=False)
    monkeypatch.setattr(mnist, "cache", lambda: tmp_path / "cache")
    assert_refused(tmp_path / "file", "MNIST is not on this machine yet")


class Bomb:
    def __reduce__(self):
        return pytest.fail, ("it was executed",)


def raw(good):
    data = good.read_bytes()
    return {
        "empty": b"", "short": data[:5], "cut in the header": data[:99], "cut in the numbers": data[:-1000],
        "cut by one byte": data[:-1], "longer by one byte": data + b"\0", "zeros": bytes(1000),
        "pickle": pickle.dumps(Bomb()), "a header of 200 MB": struct.pack("<Q", 2 * 10**8) + data[8:],
        "a header beyond counting": b"\xff" * 8 + data[8:], "a web page": b"<!DOCTYPE html><html><body>404</body></html>",
        "deep json": struct.pack("<Q", 50_000) + b"[" * 50_000,
    }  # fmt: skip


@pytest.mark.parametrize("kind", raw(Path(__file__)))
def test_any_bytes_are_refused(kind, good, tmp_path):
    (tmp_path / "file").write_bytes(raw(good)[kind])
    assert_refused(tmp_path / "file", "it is no safetensors file")


def test_what_is_no_file_is_refused(tmp_path):
    assert_refused(tmp_path / "missing", "it is not there")
    assert_refused(tmp_path, "a folder or a device")
    assert_refused(Path("/dev/zero"), "a folder or a device")
    os.mkfifo(tmp_path / "pipe")
    assert_refused(tmp_path / "pipe", "a folder or a device")
    assert_refused(tmp_path / ("a" * 300), "it cannot be read")
    assert_refused(tmp_path / "a\0b", "it is not there")


def test_other_safetensors_are_refused(tmp_path):
    save_file({"weight": torch.zeros(3)}, tmp_path / "plain")
    assert_refused(tmp_path / "plain", META)
    assert_refused(path_of_warm_start("early"), META)
    torch.save({"generator": Bomb()}, tmp_path / "pickled")
    assert_refused(tmp_path / "pickled", "no safetensors file")


def test_a_large_file_is_not_even_read(tmp_path, monkeypatch):
    with (tmp_path / "file").open("wb") as opened:
        opened.truncate(tensor_files.MAX_BYTES + 1)  # of holes
    monkeypatch.setattr(Path, "open", lambda *_: pytest.fail("it was read"))
    assert_refused(tmp_path / "file", "it has 64 MB; up to 64 MB are possible")


def mutated(rng, data):
    """The bytes of a file with a few of them changed, cut out, doubled, or another number in the header."""
    data, kind = bytearray(data), rng.randrange(5)
    header = 8 + struct.unpack("<Q", data[:8])[0]
    if kind == 0:
        for _ in range(rng.randint(1, 20)):
            data[rng.randrange(len(data))] = rng.randrange(256)
    elif kind == 1:
        for _ in range(rng.randint(1, 3)):
            data[rng.randrange(header)] = rng.randrange(256)
    elif kind == 2:
        digits = [at for at in range(8, header) if chr(data[at]).isdigit()]
        for at in rng.sample(digits, rng.randint(1, 3)):
            data[at] = rng.choice(b"0123456789")
    elif kind == 3:
        at = rng.randrange(len(data))
        del data[at : at + rng.choice([1, 8, 1000])]
    else:
        at, length = rng.randrange(len(data)), rng.choice([1, 8, 1000])
        data[at:at] = data[at : at + length]
    return bytes(data)


def reworded(rng, good):
    """Its tensors, with one value of the metadata replaced by rubbish or by a number that may be legal."""
    tensors, meta = parts(good)
    values = [
        *RUBBISH,
        None,
        True,
        -1,
        0,
        1,
        0.5,
        1e308,
        math.nan,
        2**64,
        10**300,
        [],
        {},
        [[]],
        "8192",
        "128",
        [[1, 2, 3]],
    ]
    home = rng.choice([meta, meta["config"], meta["rng"], meta["rng"]["state"], meta["table"]])
    home[rng.choice([*home, "batch_size", "latent_dim", "width"])] = rng.choice(values)
    return tensors, {"gan": json.dumps(meta)}


def throw(n, seed, good, tmp_path):
    """n bad files; each is refused by a sentence of ours, or is a training after all."""
    rng, file, before = random.Random(seed), tmp_path / "file", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    data, refused, loaded = good.read_bytes(), 0, 0
    for i in range(n):
        if i % 2:
            file.write_bytes(mutated(rng, data))
        else:
            save_file(*(lambda tensors, meta: (tensors, file, meta))(*reworded(rng, good)))
        try:
            trainer = load(file)
        except ValueError as error:
            refused += isinstance(error.args[0], Message)
            continue
        loaded += 1
        with contextlib.suppress(TrainingDiverged):  # numbers like any others
            trainer.step()
    assert refused + loaded == n
    assert refused > n / 2
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < 400  # MB


def test_a_hundred_bad_files_do_no_harm(good, tmp_path):
    throw(100, 0, good, tmp_path)


@pytest.mark.slow
def test_five_hundred_bad_files_do_no_harm(good, tmp_path):
    throw(500, 1, good, tmp_path)
