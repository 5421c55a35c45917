"""Files of warm starts that are damaged, hostile or missing: each is refused with a sentence."""

import json
import math
import pickle
import struct

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from gan_core.images import warm_starts
from gan_core.images.warm_starts import load, read
from gan_core.messages import Message
from gan_core.training import GANTrainer
from tests.gan_core.images.experiments import WARM


def parts(file):
    return load_file(file), {"gan": json.dumps({"step": 6, "seconds": 12})}


def without(name):
    return lambda tensors, meta: tensors.pop(name)


def changed(name, change):
    def apply(tensors, meta):
        tensors[name] = change(tensors[name].clone()).contiguous()

    return apply


def filled(name, value, at=0):
    def put(t):
        t.view(-1)[at] = value
        return t

    return changed(name, put)


def said(text):
    return lambda tensors, meta: meta.update(gan=text)


DAMAGES = {
    "no generator": without("g.0"),
    "no last layer": without("g.7"),
    "no scale": without("d.2.scale"),
    "no second moments": without("d.4.row"),
    "transposed": changed("g.0", lambda t: t.T),
    "flat": changed("g.2", torch.flatten),
    "transposed D": changed("d.0", lambda t: t.T),
    "short": changed("g.1", lambda t: t[:-1]),
    "scale of one number": changed("d.0.scale", lambda t: t[:1]),
    "long row": changed("g.0.row", lambda t: torch.cat([t, t])),
    "matrix as row": changed("g.0.row", lambda t: t[:, None]),
    "G as integers": changed("g.0", lambda t: t.to(torch.int8)),
    "D as floats": changed("d.0", lambda t: t.float()),
    "complex": changed("g.1.column", lambda t: t.to(torch.complex64)),
    "nan in G": filled("g.3", math.nan),
    "inf in G": filled("g.0", math.inf),
    "nan in a scale": filled("d.0.scale", math.nan),
    "inf in a scale": filled("d.0.scale", math.inf),
    "nan in second moments": filled("g.0.row", math.nan),
    "inf in second moments": filled("d.0.column", math.inf),
    "overflow of second moments": changed("g.0.column", lambda t: torch.full_like(t, 3e38)),
    "negative row": filled("g.0.row", -1.0),
    "negative column": filled("d.0.column", -1e-30),
    "both negative": lambda tensors, meta: [filled(f"g.0.{k}", -1e-30)(tensors, meta) for k in ("row", "column")],
    "no metadata": lambda tensors, meta: meta.clear(),
    "other metadata": said("[]"),
    "metadata of another kind": said('"step"'),
    "no json": said("{step: 6}"),
    "deep json": said("[" * 100_000),
    "no step": said('{"seconds": 1}'),
    "no seconds": said('{"step": 1}'),
    "text for a step": said('{"step": "6", "seconds": 1}'),
    "step 0": said('{"step": 0, "seconds": 1}'),
    "step -3": said('{"step": -3, "seconds": 1}'),
    "half a step": said('{"step": 1.5, "seconds": 1}'),
    "a true step": said('{"step": true, "seconds": 1}'),
    "endless steps": said('{"step": Infinity, "seconds": 1}'),
    "too many steps": said('{"step": 1' + "0" * 400 + ', "seconds": 1}'),
    "nan seconds": said('{"step": 6, "seconds": NaN}'),
    "negative seconds": said('{"step": 6, "seconds": -1}'),
    "no history": lambda tensors, meta: [tensors.pop(name) for name in list(tensors) if name.startswith("history.")],
    "no steps in the history": without("history.step"),
    "columns of unequal length": changed("history.modes", lambda t: t[:-1]),
    "columns that are tables": lambda tensors, meta: tensors.update(
        {name: torch.zeros(2, 2) for name in tensors if name.startswith("history.")}
    ),
    "history in integers": changed("history.modes", lambda t: t.int()),
    "steps backwards": changed("history.step", lambda t: t.flip(0)),
    "a step twice": filled("history.step", 2.0),
    "nan steps": filled("history.step", math.nan),
    "half a step in the history": filled("history.step", 0.5),
    "negative steps": filled("history.step", -2.0),
    "endless history": filled("history.step", math.inf, at=-1),
}


def assert_refused(file):
    """By the one sentence that says what to do, and by the trainer too; never by anything else."""
    with pytest.raises(ValueError) as caught:
        read(file)
    message = caught.value.args[0]
    assert isinstance(message, Message)
    assert message.startswith(f"The warm start {file.name} cannot be used: ")
    assert message.endswith("Choose another start, or get the file anew from where this app came from.")
    assert str(file.parent) not in message  # where things lie on the server is nobody's business
    assert len(message) < 400
    return message


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_refused(damage, good, tmp_path):
    tensors, meta = parts(good)
    DAMAGES[damage](tensors, meta)
    file = tmp_path / "note_late.safetensors"
    save_file(tensors, file, meta or None)
    assert_refused(file)


def test_the_undamaged_parts_are_accepted(good, tmp_path):
    """Else the tests above would prove nothing."""
    tensors, meta = parts(good)
    save_file(tensors | {"something else": torch.ones(3)}, tmp_path / "file", meta)
    assert torch.equal(read(tmp_path / "file").generator, read(good).generator)


class Bomb:
    def __reduce__(self):
        return (pytest.fail, ("a file was executed",))


def raw(good):
    data = good.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    return {
        "empty": b"",
        "a few bytes": b"\x01\x02\x03",
        "cut in the header": data[: 8 + length // 2],
        "cut in the numbers": data[: len(data) // 2],
        "cut by one byte": data[:-1],
        "longer by one byte": data + b"\0",
        "random": np.random.default_rng(0).bytes(10_000),
        "zeros": bytes(10_000),
        "pickle": pickle.dumps(Bomb()),
        "a huge header": struct.pack("<Q", 2**62) + data[8:],
        "a header of 200 MB": struct.pack("<Q", 200_000_000) + data[8:],
        "a header that is no json": data[:8] + b"x" * length + data[8 + length :],
        "offsets beyond the end": data[:8] + data[8 : 8 + length].replace(b"data_offsets", b"data_offsetz") + data[8:],
        "a web page": b"<!DOCTYPE html><html><body>404</body></html>",
    }


@pytest.mark.parametrize(
    "damage",
    ["empty", "a few bytes", "cut in the header", "cut in the numbers", "cut by one byte", "longer by one byte",
     "random", "zeros", "pickle", "a huge header", "a header of 200 MB", "a header that is no json",
     "offsets beyond the end", "a web page"],
)  # fmt: skip
def test_any_bytes_are_refused(damage, good, tmp_path):
    file = tmp_path / "note_late.safetensors"
    file.write_bytes(raw(good)[damage])
    assert_refused(file)


def test_a_torch_checkpoint_is_not_unpickled(tmp_path):
    torch.save({"g.0": Bomb()}, tmp_path / "note_late.safetensors")
    assert_refused(tmp_path / "note_late.safetensors")


def test_a_missing_file_is_named(tmp_path):
    assert "it is not there" in assert_refused(tmp_path / "note_late.safetensors")
    (tmp_path / "note_early.safetensors").mkdir()
    assert_refused(tmp_path / "note_early.safetensors")


def test_a_missing_stage_stops_its_trainer_only(tmp_path, monkeypatch):
    monkeypatch.setattr(warm_starts, "FOLDER", tmp_path)
    load.cache_clear()
    with pytest.raises(ValueError, match=r"The warm start note_late\.safetensors cannot be used: it is not there"):
        GANTrainer(WARM.replace(warm_start="late"))
    assert GANTrainer(WARM).step_count == 0
