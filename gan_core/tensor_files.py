"""Tensors and some metadata in one file, written whole or not at all, and read with suspicion.

The format is safetensors: a header of JSON, then bare numbers. Nothing in such a file is ever executed.
"""

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from gan_core.messages import Message

MAX_BYTES = 64 * 2**20  # the note's network with all its memories takes 41 MB
MAX_HEADER = 64 * 2**10  # bytes: names, shapes and metadata
_HISTORY = "history."  # how the names of its columns begin
_META = "gan"


def pack(tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> bytes:
    """The bytes of a file: tensors, none of which share memory, and metadata for JSON.

    Raises:
        ValueError: `unpack` would find it too large.
    """
    data = save({name: t.contiguous() for name, t in tensors.items()}, {_META: json.dumps(meta)})
    _check_size(data[:8], len(data))
    return data


def unpack(data: bytes) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Metadata and tensors; what they hold is not yet checked.

    Raises:
        ValueError: it is too large or damaged; its `Message` has no full stop.
    """
    _check_size(data[:8], len(data))
    try:
        tensors = load(data)
    except (SafetensorError, KeyError, ValueError, RuntimeError):  # the last three: types that PyTorch does not have
        raise ValueError(Message("it is no safetensors file, or only a part of one")) from None
    try:
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        meta = json.loads(header["__metadata__"][_META])
    except (KeyError, ValueError, RecursionError):
        raise damaged() from None
    if not isinstance(meta, dict):
        raise damaged()
    return meta, tensors


def write(file: Path, data: bytes) -> None:
    """Write a file; one that was there stays until all is written.

    Raises:
        OSError: it cannot be written.
    """
    part = file.with_name(f"{file.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as opened:
            opened.write(data)
            opened.flush()
            os.fsync(opened.fileno())
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def read(file: Path) -> bytes:
    """A file for `unpack`.

    Raises:
        ValueError: it is missing, too large or cannot be read; its `Message` has no full stop.
    """
    try:
        if not file.exists():
            raise ValueError(Message("it is not there"))
        if not file.is_file():
            raise ValueError(Message("it is a folder or a device"))
        _check_size(b"", file.stat().st_size)
        with file.open("rb") as opened:
            return opened.read(MAX_BYTES + 1)  # it may have grown meanwhile
    except OSError as error:
        raise ValueError(Message("it cannot be read ({reason})", reason=error.strerror or error)) from None


def damaged() -> ValueError:
    """The error of metadata that cannot be."""
    return ValueError(Message("its metadata are missing or damaged"))


def take(tensors: Mapping[str, Tensor], name: str, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
    """A tensor; ValueError unless it is there in this shape and type, and finite."""
    if name not in tensors:
        raise ValueError(Message("it lacks {name}", name=name))
    found = tensors[name]
    if found.shape != shape or found.dtype != dtype:
        raise ValueError(
            Message("{name} has shape {shape} and type {dtype} instead of {wanted} and {type}", name=name,
                    shape=tuple(found.shape), dtype=found.dtype, wanted=tuple(shape), type=dtype)
        )  # fmt: skip
    return finite(name, found)


def finite(name: str, tensor: Tensor) -> Tensor:
    """The tensor; ValueError unless all its numbers are finite."""
    if not tensor.isfinite().all():
        raise ValueError(Message("{name} has values that are no finite numbers", name=name))
    return tensor


def not_negative(name: str, tensor: Tensor) -> Tensor:
    """The tensor, of second moments or counts; ValueError if a number is below 0."""
    if (tensor < 0).any():
        raise ValueError(Message("{name} has negative values", name=name))
    return tensor


def step(value: Any, least: int, most: int) -> int:
    """A number of steps from metadata; ValueError unless it is a whole one from `least` to `most`."""
    if not (type(value) is int and least <= value <= most):
        raise ValueError(Message("its number of steps is impossible"))
    return value


def columns(history: Mapping[str, NDArray[np.float64]], dtype: torch.dtype) -> dict[str, Tensor]:
    """A history, column -> (rows,) values, as tensors to write."""
    return {_HISTORY + name: torch.from_numpy(values.copy()).to(dtype) for name, values in history.items()}


def history(tensors: Mapping[str, Tensor], dtype: torch.dtype, latest: int) -> dict[str, NDArray[np.float64]]:
    """The inverse of `columns`; ValueError unless they are equally long, with steps that rise and end at `latest` at most."""
    found = {name.removeprefix(_HISTORY): t for name, t in tensors.items() if name.startswith(_HISTORY)}
    if "step" not in found:
        raise ValueError(Message("it lacks {name}", name=_HISTORY + "step"))
    kinds = {(t.shape, t.dtype) for t in found.values()}
    if len(kinds) != 1 or found["step"].dim() != 1 or found["step"].dtype != dtype:
        raise ValueError(Message("the columns of its history differ in length or type"))
    made = {name: t.double().numpy() for name, t in found.items()}
    steps = made["step"]
    possible = (steps >= 0).all() and (steps <= latest).all() and (steps % 1 == 0).all() and (np.diff(steps) > 0).all()
    if not (len(steps) and possible):
        raise ValueError(Message("the steps of its history are impossible"))
    return made


def _check_size(first: bytes, size: int) -> None:
    """ValueError if a file of so many bytes, or its header, whose length the first eight tell, is too large."""
    if size > MAX_BYTES:
        raise ValueError(
            Message("it has {size:.0f} MB; up to {high:.0f} MB are possible", size=size / 2**20, high=MAX_BYTES / 2**20)
        )
    if int.from_bytes(first, "little") > MAX_HEADER:
        raise ValueError(Message("it is no safetensors file, or its names and metadata are too long"))
