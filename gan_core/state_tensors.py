"""The state of a training as tensors and metadata, and back with suspicion; see `saving` and `recording_file`."""

import struct
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from gan_core import tensor_files
from gan_core.batches import BATCHES_PER_DRAW, Place
from gan_core.config import SETTINGS, TrainConfig
from gan_core.messages import Message
from gan_core.own_targets import Table, from_points
from gan_core.state import MAX_MARKS, Luck, Mark, State
from gan_core.tensor_files import damaged, finite, not_negative, take
from gan_core.training import GANTrainer

MAX_STEP = 2**53  # up to here double precision counts
_TORCH_RNG = "torch_rng"
_DRAWN_FROM, _TABLE = "latents_drawn_from", "table"  # tensors that not every training has
_TWISTER = 624  # words of the Mersenne twister

Meta = dict[str, Any]
Tensors = dict[str, Tensor]


def apart(state: State, config: TrainConfig, table: Table | None = None) -> tuple[Meta, Tensors]:
    """Metadata for JSON, and tensors by name, none of which share memory.

    Args:
        table: behind an own target; None if there is none, or if somebody else keeps it.
    Raises:
        ValueError: its weights are no finite numbers.
    """
    assert state.luck
    real, latents = state.luck.real_batches, state.luck.latent_batches
    meta = {
        "config": config.to_params(), "step": state.step, "decay_from": state.decay_from,
        "stride": state.stride, "marks": state.marks, "rng": state.luck.rng, "reals_drawn_from": real.drawn_from,
        "reals_used": real.used, "latents_used": latents.used,
    }  # fmt: skip
    tensors = {name: finite(name, tensor) for name, tensor in _tensors(state).items()}
    if latents.used:
        tensors[_DRAWN_FROM] = latents.drawn_from
    if table:
        tensors[_TABLE] = torch.from_numpy(table.points)
        meta[_TABLE] = {"name": table.name, "axes": table.axes, "keep_proportions": table.keep_proportions}
    curves = state.history if len(state.history["step"]) else {}  # what is kept beside longer curves has none of its own
    return meta, tensors | tensor_files.columns(curves, torch.float64)


def _tensors(state: State) -> Tensors:
    """The tensors that every training with these settings has, by their names in a file."""
    assert state.luck
    return _named(state.generator, state.averaged, state.discriminator, state.g_optimizer, state.d_optimizer) | {
        _TORCH_RNG: state.luck.torch_rng
    }


def _named(
    generator: Tensor, averaged: Tensor | None, discriminator: Tensor, g_optimizer: list[Tensor], d_optimizer: list[Tensor]
) -> Tensors:  # fmt: skip
    named = {"generator": generator, "discriminator": discriminator}
    if averaged is not None:
        named["averaged"] = averaged
    for key, memories in (("g", g_optimizer), ("d", d_optimizer)):
        named |= {f"{key}_optimizer.{i}": memory for i, memory in enumerate(memories)}
    return named


# ---- back again ----


def config_in(meta: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> TrainConfig:
    """The settings; an own table is a target from now on.

    Raises:
        ValueError: they are damaged or impossible, or the table is another one.
    """
    params = meta.get("config")
    if not isinstance(params, dict) or len(params) > len(SETTINGS) + 1:
        raise damaged()
    if not all(isinstance(value, str) for value in params.values()):
        raise damaged()
    if _TABLE in tensors:
        table = _table(meta.get(_TABLE), tensors[_TABLE])
        target = from_points(table.points, table.name, axes=table.axes, keep_proportions=table.keep_proportions)
        if target.key != params.get("target"):
            raise ValueError(Message("its table is not the one that it was trained on"))
    return TrainConfig.from_params(params)


def state_in(
    meta: Mapping[str, Any], tensors: Mapping[str, Tensor], config: TrainConfig, like: GANTrainer, *, curves: bool = True
) -> State:  # fmt: skip
    """The state, of a training with this config, shaped as that of a trainer with the same networks.

    Args:
        curves: whether it has its history.
    Raises:
        ValueError: it is damaged, or of another training.
    """
    state = State(**_story(meta, tensors, curves), **_networks(like, config, tensors))
    if len(state.history.get("step", ())) > like.history.capacity:
        raise ValueError(Message("the steps of its history are impossible"))
    return state


def _table(about: Any, points: Tensor) -> Table:
    found = about if isinstance(about, dict) else {}
    name, axes, proportions = (found.get(key) for key in ("name", "axes", "keep_proportions"))
    if not (isinstance(name, str) and isinstance(axes, list) and isinstance(proportions, bool)):
        raise damaged()
    if points.dtype != torch.float64 or points.dim() != 2 or len(axes) not in (0, points.shape[1]):
        raise damaged()
    if not all(isinstance(axis, str) for axis in axes):
        raise damaged()
    return Table(points.numpy(), name, tuple(axes), proportions)


def _story(meta: Mapping[str, Any], tensors: Mapping[str, Tensor], curves: bool) -> dict[str, Any]:
    """The fields of a `State` that are the same for all networks."""
    step = tensor_files.step(meta.get("step"), 0, MAX_STEP)
    return {
        "step": step,
        "decay_from": tensor_files.step(meta.get("decay_from"), 0, step),
        "history": tensor_files.history(tensors, torch.float64, step) if curves else {},
        "stride": tensor_files.step(meta.get("stride"), 1, MAX_STEP),
        "marks": _marks(meta.get("marks"), step),
        "luck": _luck(meta, tensors),
    }


def _networks(like: GANTrainer, config: TrainConfig, tensors: Mapping[str, Tensor]) -> dict[str, Any]:
    """The other fields."""
    averaged = like.averaged.flat if config.ema_decay else None
    shaped = _named(
        like.generator.flat, averaged, like.discriminator.flat, like.g_optimizer.tensors, like.d_optimizer.tensors
    )
    found = {name: take(tensors, name, tuple(t.shape), t.dtype) for name, t in shaped.items()}
    memories = {key: [found[name] for name in found if name.startswith(f"{key}_optimizer.")] for key in ("g", "d")}
    for key in memories:
        for memory in memories[key][1:]:  # second moments, and a count
            not_negative(f"{key}_optimizer", memory)
    return {
        "generator": found["generator"],
        "averaged": found.get("averaged"),
        "discriminator": found["discriminator"],
        "g_optimizer": memories["g"],
        "d_optimizer": memories["d"],
    }


def _marks(found: Any, step: int) -> tuple[Mark, ...]:
    try:
        marks = tuple(
            Mark(tensor_files.step(at, 0, step), name, SETTINGS[name].check(name, value)) for at, name, value in found
        )
    except (TypeError, KeyError, ValueError):
        raise damaged() from None
    if len(marks) > MAX_MARKS or not all(SETTINGS[mark.field].live for mark in marks):
        raise damaged()
    return marks


# ---- random streams: what their libraries would take without a look ----


def _luck(meta: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> Luck:
    reals, latents = meta.get("reals_drawn_from"), _DRAWN_FROM in tensors
    return Luck(
        rng=_pcg64(meta.get("rng")),
        torch_rng=_twister(tensors, _TORCH_RNG),
        real_batches=_place(None if reals is None else _pcg64(reals), meta.get("reals_used")),
        latent_batches=_place(_twister(tensors, _DRAWN_FROM) if latents else None, meta.get("latents_used")),
    )


def _place(drawn_from: Any, used: Any) -> Place:
    if not (type(used) is int and 0 <= used <= BATCHES_PER_DRAW and (used == 0) == (drawn_from is None)):
        raise _no_stream()
    return Place(drawn_from, used)


def _pcg64(found: Any) -> dict[str, Any]:
    """A state of NumPy's generator."""
    try:
        inner = found["state"]
        numbers = {128: inner["state"], 127: inner["inc"] >> 1, 1: found["has_uint32"], 32: found["uinteger"]}
        good = found["bit_generator"] == "PCG64" and inner["inc"] % 2 == 1
    except (KeyError, TypeError):
        raise _no_stream() from None
    if not (good and all(type(n) is int and 0 <= n < 2**bits for bits, n in numbers.items())):
        raise _no_stream()
    return found


def _twister(tensors: Mapping[str, Tensor], name: str) -> Tensor:
    """A state of PyTorch's generator, in the layout of its CPUGeneratorImplState. PyTorch itself would read words beyond
    the end of one with too many left."""
    like = torch.Generator().get_state()
    found = take(tensors, name, tuple(like.shape), like.dtype)
    data = found.numpy().tobytes()
    left, seeded, following = struct.unpack_from("=iiQ", data, 8)
    normals = torch.tensor([*struct.unpack_from("=3d", data, 5016), *struct.unpack_from("=f", data, 5048)])
    if not (seeded == 1 and 1 <= left <= _TWISTER and left + following <= _TWISTER + 1 and normals.isfinite().all()):
        raise _no_stream()
    return found


def _no_stream() -> ValueError:
    return ValueError(Message("its random numbers are damaged"))
