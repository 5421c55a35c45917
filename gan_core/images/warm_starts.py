"""Trained networks that are shipped, so that a lesson need not wait an hour for the note's network.

`python -m scripts.train_note_network` makes them. A file holds G in half precision; D in 8 bits a weight with one scale
per row, since D moves on within a few steps; of Adam's second moments the row and column means, from which the whole is
the outer product (Shazeer and Stern, 2018, Adafactor, algorithm 1); and the history of the training so far.
"""

import functools
import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from gan_core.config import STAGES, WARM_ARCHITECTURE, WARM_LATENT, WARM_LATENT_DIM, TrainConfig
from gan_core.images.networks import ARCHITECTURES, ModuleNetwork
from gan_core.messages import Message
from gan_core.state import State

FOLDER = Path(__file__).parent / "weights"
ARCHITECTURE, LATENT, LATENT_DIM = WARM_ARCHITECTURE, WARM_LATENT, WARM_LATENT_DIM
_MAX_STEP = 2**24  # up to here single precision counts


@dataclass(frozen=True, eq=False)
class WarmStart:
    """A stage of a training.

    Attributes:
        step: training steps so far. seconds: of CPU that they took.
        generator, discriminator: (n_parameters,) weights.
        g_second, d_second: (n_parameters,) Adam's second moments.
        history: column -> (rows,) values; "step" is one, see `GANTrainer.history`.
    """

    step: int
    seconds: float
    generator: Tensor
    discriminator: Tensor
    g_second: Tensor
    d_second: Tensor
    history: dict[str, np.ndarray]

    def state(self, config: TrainConfig) -> State:
        """What a fresh trainer of this config resumes to go on from here.

        Raises:
            ValueError: it has other networks.
        """
        if config.architecture != ARCHITECTURE or config.latent_dim != LATENT_DIM:
            raise ValueError(
                Message(
                    "These weights belong to the note's network with {n} latent dimensions: choose that network, or no "
                    "warm start",
                    n=LATENT_DIM,
                )
            )
        earlier = self.history["step"] < self.step
        return State(
            step=self.step,
            decay_from=self.step,
            generator=self.generator,
            averaged=self.generator,
            discriminator=self.discriminator,
            g_optimizer=self._memory(self.g_second),
            d_optimizer=self._memory(self.d_second),
            history={column: values[earlier] for column, values in self.history.items()},
        )

    def _memory(self, second: Tensor) -> list[Tensor]:
        return [torch.zeros_like(second), second, torch.tensor(float(self.step), dtype=torch.float32)]


def path(stage: str) -> Path:
    """Where the file of a stage lies."""
    return FOLDER / f"note_{stage}.safetensors"


@functools.lru_cache(maxsize=len(STAGES))
def load(stage: str) -> WarmStart:
    """A shipped stage, one of STAGES.

    Raises:
        ValueError: see `read`.
    """
    return read(path(stage))


def save(state: State, file: Path, seconds: float) -> None:
    """Write the shown G of a training of the note's network, its D and its history to a file."""
    tensors = {f"history.{k}": torch.from_numpy(v).float() for k, v in state.history.items()}
    for key, side, flat, optimizer in (
        ("g", "generator", state.shown, state.g_optimizer),
        ("d", "discriminator", state.discriminator, state.d_optimizer),
    ):
        split = _template(side).split
        weights, seconds_ = split(flat), split(optimizer[1])
        for i, (w, v) in enumerate(zip(weights, seconds_, strict=True)):
            if key == "g":
                tensors[f"g.{i}"] = w.half()
            else:
                scale = _rows(w).abs().amax(1, keepdim=True).clamp_min(1e-12) / 127
                tensors[f"d.{i}"] = (_rows(w) / scale).round().to(torch.int8)
                tensors[f"d.{i}.scale"] = scale
            tensors[f"{key}.{i}.row"], tensors[f"{key}.{i}.column"] = _rows(v).mean(1), _rows(v).mean(0)
    meta = {"step": state.step, "seconds": round(seconds)}
    save_file({k: v.contiguous() for k, v in tensors.items()}, file, {"gan": json.dumps(meta)})


def read(file: Path) -> WarmStart:
    """A stage from a file. Nothing in the file is ever executed, and everything is checked.

    Raises:
        ValueError: the file is missing, damaged, or does not fit the note's network.
    """
    try:
        with safe_open(file, "pt") as opened:
            meta = _meta(opened.metadata())
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
        g, g_second = _unpack(tensors, "g", _template("generator"))
        d, d_second = _unpack(tensors, "d", _template("discriminator"))
        history = _history(tensors)
    except (OSError, SafetensorError, ValueError) as error:
        missing = isinstance(error, FileNotFoundError)
        raise ValueError(
            Message(
                "The warm start {file} cannot be used: {problem}. Choose another start, or get the file anew from where "
                "this app came from.",
                file=Path(file).name,
                problem="it is not there" if missing else getattr(error, "strerror", None) or error,
            )
        ) from None
    return WarmStart(*meta, g, d, g_second, d_second, history)


def _meta(found: dict[str, str] | None) -> tuple[int, float]:
    """Step and seconds from the metadata of a file; ValueError unless they are possible."""
    try:
        meta = json.loads((found or {})["gan"])
        step, seconds = meta["step"], meta["seconds"]
    except (KeyError, TypeError, ValueError, RecursionError):
        raise ValueError("its metadata are missing or damaged") from None
    if not (type(step) is int and 1 <= step <= _MAX_STEP):
        raise ValueError("its number of steps is impossible")
    if not (type(seconds) in (int, float) and 0 <= seconds < math.inf):
        raise ValueError("its number of seconds is impossible")
    return step, float(seconds)


def _template(side: str) -> ModuleNetwork:
    architecture = ARCHITECTURES[ARCHITECTURE]
    module = architecture.generator(LATENT_DIM) if side == "generator" else architecture.discriminator()
    return ModuleNetwork(module, torch.Generator())


def _unpack(tensors: dict[str, Tensor], key: str, template: ModuleNetwork) -> tuple[Tensor, Tensor]:
    """Weights and second moments as (n_parameters,) vectors."""
    weights, seconds = [], []
    for i, like in enumerate(template.split(template.flat)):
        n, m = rows = _rows(like).shape
        if key == "g":
            w = _take(tensors, f"g.{i}", like.shape, torch.float16)
        else:
            w = _take(tensors, f"d.{i}", rows, torch.int8) * _take(tensors, f"d.{i}.scale", (n, 1), torch.float32)
        row = _take(tensors, f"{key}.{i}.row", (n,), torch.float32)
        column = _take(tensors, f"{key}.{i}.column", (m,), torch.float32)
        if (row < 0).any() or (column < 0).any():
            raise ValueError(f"{key}.{i} has negative second moments")
        v = torch.outer(row / row.mean().clamp_min(1e-30), column)
        if not (w.isfinite().all() and v.isfinite().all()):
            raise ValueError(f"{key}.{i} has values that are no finite numbers")
        weights.append(w.flatten())
        seconds.append(v.flatten())
    return torch.cat(weights), torch.cat(seconds)


def _take(tensors: dict[str, Tensor], name: str, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
    """A tensor in single precision; ValueError unless it is there in this shape and type, and finite."""
    if name not in tensors:
        raise ValueError(f"it lacks {name}")
    found = tensors[name]
    if found.shape != shape or found.dtype != dtype:
        raise ValueError(
            f"{name} has shape {tuple(found.shape)} and type {found.dtype} instead of {tuple(shape)} and {dtype}"
        )
    found = found.float()
    if not found.isfinite().all():
        raise ValueError(f"{name} has values that are no finite numbers")
    return found


def _history(tensors: dict[str, Tensor]) -> dict[str, np.ndarray]:
    found = {k.removeprefix("history."): v for k, v in tensors.items() if k.startswith("history.")}
    if "step" not in found:
        raise ValueError("its history lacks step")
    shapes = {v.shape for v in found.values()}
    if len(shapes) != 1 or found["step"].dim() != 1 or not all(v.dtype == torch.float32 for v in found.values()):
        raise ValueError("the columns of its history differ in length or type")
    history = {name: v.double().numpy() for name, v in found.items()}
    steps = history["step"]
    if not (
        (steps >= 0).all() and (steps <= _MAX_STEP).all() and (steps % 1 == 0).all() and (np.diff(steps) > 0).all()
    ):
        raise ValueError("the steps of its history are impossible")
    return history


def _rows(t: Tensor) -> Tensor:
    """A matrix as it is, a vector as one row."""
    return t if t.dim() > 1 else t[None]
