"""The recording of a training in one file: to look back through it, and to play on from its end bit for bit.

    recording_file.save(run.tape().result(), "run.gan")
    run.open(recording_file.load("run.gan"))

Inside it is safetensors: the packed moments in a row, the states in a row, each as a file of `saving` would have it, and so
the end, which brings the curves, the marks, and the table of an own target. What is read is bounded by
`tensor_files.MAX_BYTES`, the room of a recording, and `MAX_PARTS`; nothing in it is ever executed.
"""

import dataclasses
import itertools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from gan_core import film, own_targets, saving, tensor_files
from gan_core.config import SETTINGS, TrainConfig
from gan_core.cost import Budget, check
from gan_core.images.data import ImagesMissing
from gan_core.messages import Message
from gan_core.recording import MAX_BREAKS, Kept, Moment, Recording, Tape
from gan_core.saving import Saved
from gan_core.snapshot import PAUSED, Snapshot, take_snapshot
from gan_core.state_tensors import MAX_STEP
from gan_core.tensor_files import damaged
from gan_core.training import GANTrainer

VERSION = 1  # of the format
MAX_PARTS = 10_000  # moments, or states; there are a thousand at most, since none is small
_FORMAT = "recording"
_MOMENTS, _STATES, _END, _LENGTHS = "moments", "states", "end", ".lengths"  # tensors


def save(tape: Tape, path: str | Path) -> None:
    """Write a tape to a file; one that was there stays until all is written.

    Raises:
        ValueError: see `dumps`. OSError: the file cannot be written.
    """
    tensor_files.write(Path(path), dumps(tape))


def load(path: str | Path) -> Tape:
    """The tape in a file.

    Raises:
        ValueError: the file is missing, or see `loads`.
    """
    try:
        data = tensor_files.read(Path(path))
    except ValueError as error:
        raise _unreadable(error) from None
    return loads(data)


def dumps(tape: Tape) -> bytes:
    """A tape as the bytes of a file. States that had broken already are left out.

    Raises:
        ValueError: the weights at its end are no finite numbers, or it is too large for `loads`.
    """
    recording, end = tape
    try:
        table = own_targets.table_behind(own_targets.lookup(end.config.target)) if end.config.kind != "images" else None
        tensors = {
            _END: _bytes(saving.dumps(end.state, end.config, table)),
            **_row(_MOMENTS, [moment.packed for moment in recording.moments]),
            **_row(_STATES, [saving.dumps(kept.state, kept.config) for kept in recording.states if kept.state.finite]),
        }
        meta = {
            "format": _FORMAT, "version": VERSION, "config": recording.config.to_params(), "breaks": recording.breaks,
            "branched_at": recording.branched_at,
        }  # fmt: skip
        return tensor_files.pack(tensors, meta)
    except ValueError as error:
        raise ValueError(
            Message("This recording cannot be saved. The reason: {problem}", problem=error.args[0])
        ) from None


def loads(data: bytes, budget: Budget | None = None) -> Tape:
    """The inverse; everything is checked, and every moment unpacked once.

    Beside the bytes this takes once more their number, and for a while the memory of a training with these settings.

    Args:
        budget: what one turn of the training may cost, in each of its settings.
    Raises:
        ValueError: it is damaged, is no recording, needs images that are not on this machine, or costs too much.
    """
    try:
        return _loads(data, budget)
    except (ValueError, ImagesMissing) as error:
        raise _unreadable(error) from None


def _unreadable(error: Exception) -> ValueError:
    return ValueError(Message("This recording cannot be opened. The reason: {problem}", problem=error.args[0]))


def _loads(data: bytes, budget: Budget | None) -> Tape:
    _check_kind(data)
    meta, tensors = tensor_files.unpack(data)
    _check_format(meta, tensors)
    saved = saving.loads(_data(tensors, _END))  # an own table is a target from now on
    first = _settings(meta.get("config"), saved.config)
    rows = {name: _parts(tensors, name) for name in (_MOMENTS, _STATES)}
    if budget:
        for config in (first, saved.config):
            check(config, budget)
    trainer = GANTrainer(saved.config)
    end = saved.state(trainer)
    trainer.resume(end)
    kept = [_kept(saving.loads(part), first, trainer, budget) for part in rows[_STATES]]
    recording = Recording(first)
    like = recording.resemble(take_snapshot(trainer, 0, PAUSED, "", 0.0))
    recording.moments = tuple(_moment(part, like) for part in rows[_MOMENTS])
    recording.states = tuple(kept)
    _check_room(recording)
    for found in (recording.moments, recording.states):
        _check_rising([one.step for one in found])
    if not recording.moments:
        raise film.Damaged
    recording.curves, recording.marks, recording.last_step = end.history, end.marks, end.step
    recording.breaks = _breaks(meta.get("breaks"))
    branched = meta.get("branched_at")
    recording.branched_at = None if branched is None else tensor_files.step(branched, 0, end.step)
    return Tape(recording, Kept(end.step, end, saved.config))


# ---- what kind of file it is ----


def _check_kind(data: bytes) -> None:
    """ValueError for a file of another kind, or a part of one; what is left is for safetensors to check."""
    if not data:
        raise ValueError(Message("it is empty"))
    start = 8 + int.from_bytes(data[:8], "little")
    if data[8:9] != b"{" or start > 8 + tensor_files.MAX_HEADER:
        raise _foreign()
    try:
        header = json.loads(data[8:start])
        last = max(about["data_offsets"][1] for name, about in header.items() if name != "__metadata__")
        whole = len(data) >= start + last
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        if len(data) < start:
            raise _part() from None
        return
    if not whole:
        raise _part()


def _part() -> ValueError:
    return ValueError(Message("it is only a part of one: get the whole file"))


def _foreign() -> ValueError:
    return ValueError(Message("it is a file of another kind, not a recording"))


def _check_format(meta: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> None:
    if meta.get("format") != _FORMAT:
        if "rng" in meta and "generator" in tensors:
            raise ValueError(Message("it is a saved training, which has no recording"))
        raise _foreign()
    saving.check_version(meta.get("version"), VERSION)


# ---- its parts ----


def _bytes(data: bytes) -> Tensor:
    return torch.frombuffer(bytearray(data), dtype=torch.uint8)


def _row(name: str, parts: Sequence[bytes]) -> dict[str, Tensor]:
    """Parts one after the other, and their lengths."""
    joined = b"".join(parts)
    row = _bytes(joined) if joined else torch.empty(0, dtype=torch.uint8)
    return {name: row, name + _LENGTHS: torch.tensor([len(part) for part in parts], dtype=torch.int64)}


def _data(tensors: Mapping[str, Tensor], name: str) -> bytes:
    return _flat(tensors, name, torch.uint8).numpy().tobytes()


def _flat(tensors: Mapping[str, Tensor], name: str, dtype: torch.dtype) -> Tensor:
    """A tensor of one dimension, however long."""
    return tensor_files.take(tensors, name, (tensors[name].numel() if name in tensors else 0,), dtype)


def _parts(tensors: Mapping[str, Tensor], name: str) -> list[bytes]:
    """The inverse of `_row`."""
    data, lengths = _data(tensors, name), _flat(tensors, name + _LENGTHS, torch.int64).tolist()
    if len(lengths) > MAX_PARTS or any(length < 1 for length in lengths) or sum(lengths) != len(data):
        raise damaged()
    ends = list(itertools.accumulate(lengths))
    return [data[end - length : end] for end, length in zip(ends, lengths, strict=True)]


def _moment(packed: bytes, like: Snapshot) -> Moment:
    return Moment(tensor_files.step(film.unpack(packed, like).step, 0, MAX_STEP), packed)


def _kept(saved: Saved, first: TrainConfig, like: GANTrainer, budget: Budget | None) -> Kept:
    """A state of a training that began with `first`."""
    _check_same(first, saved.config)
    if budget:
        check(saved.config, budget)
    state = saved.state(like, curves=False)
    bare = {name: values[:0].copy() for name, values in like.history.arrays().items()}
    return Kept(state.step, dataclasses.replace(state, history=bare), saved.config)


def _settings(found: Any, last: TrainConfig) -> TrainConfig:
    """The settings with which it began; `last`: those at its end."""
    if not isinstance(found, dict) or len(found) > len(SETTINGS) + 1 or not all(type(v) is str for v in found.values()):
        raise damaged()
    first = TrainConfig.from_params(found)
    _check_same(first, last)
    return first


def _check_same(first: TrainConfig, later: TrainConfig) -> None:
    """ValueError unless live changes lead from one to the other."""
    if any(getattr(first, name) != getattr(later, name) for name, record in SETTINGS.items() if not record.live):
        raise ValueError(Message("its parts are of different trainings"))


def _check_room(recording: Recording) -> None:
    sizes = (sum(moment.size for moment in recording.moments), sum(kept.size for kept in recording.states))
    if any(size > room for size, room in zip(sizes, recording.room, strict=True)):
        raise ValueError(Message("it holds more than a recording may"))


def _check_rising(steps: Sequence[int]) -> None:
    if any(later <= earlier for earlier, later in itertools.pairwise(steps)):
        raise ValueError(Message("its number of steps is impossible"))


def _breaks(found: Any) -> tuple[int, ...]:
    if not isinstance(found, list) or len(found) > MAX_BREAKS:
        raise damaged()
    return tuple(tensor_files.step(step, 0, MAX_STEP) for step in found)
