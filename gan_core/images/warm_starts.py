"""Trained networks that are shipped, so that a lesson need not wait an hour for the note's network.

`python -m scripts.train_note_network` makes them. A file holds G in half precision; D in 8 bits a weight with one scale
per row, since D moves on within a few steps; of Adam's second moments the row and column means, from which the whole is
the outer product (Shazeer and Stern, 2018, Adafactor, algorithm 1); and the history of the training so far.
"""

import functools
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_core import tensor_files
from gan_core.config import STAGES, WARM_ARCHITECTURE, WARM_LATENT, WARM_LATENT_DIM, TrainConfig
from gan_core.images.networks import ARCHITECTURES, ModuleNetwork
from gan_core.messages import Message
from gan_core.state import State
from gan_core.tensor_files import finite, not_negative, take

FOLDER = Path(__file__).parent / "weights"
ARCHITECTURE, LATENT, LATENT_DIM = WARM_ARCHITECTURE, WARM_LATENT, WARM_LATENT_DIM
Networks = tuple[ModuleNetwork, ModuleNetwork]
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
        return self.resumed()

    def resumed(self) -> State:
        """What a fresh trainer with these networks resumes to go on from here."""
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


def save(state: State, file: Path, seconds: float, networks: Networks | None = None) -> None:
    """Write the shown G of a training, its D and its history to a file.

    Args:
        networks: a G and a D like the training's; without them those of the note.
    """
    tensors = tensor_files.columns(state.history, torch.float32)
    generator, discriminator = networks or _note()
    for key, network, flat, optimizer in (
        ("g", generator, state.shown, state.g_optimizer),
        ("d", discriminator, state.discriminator, state.d_optimizer),
    ):
        split = network.split
        weights, seconds_ = split(flat), split(optimizer[1])
        for i, (w, v) in enumerate(zip(weights, seconds_, strict=True)):
            if key == "g":
                tensors[f"g.{i}"] = w.half()
            else:
                scale = _rows(w).abs().amax(1, keepdim=True).clamp_min(1e-12) / 127
                tensors[f"d.{i}"] = (_rows(w) / scale).round().to(torch.int8)
                tensors[f"d.{i}.scale"] = scale
            tensors[f"{key}.{i}.row"], tensors[f"{key}.{i}.column"] = _rows(v).mean(1), _rows(v).mean(0)
    tensor_files.write(file, tensor_files.pack(tensors, {"step": state.step, "seconds": round(seconds)}))


def read(file: Path, networks: Networks | None = None) -> WarmStart:
    """A stage from a file. Nothing in the file is ever executed, and everything is checked.

    Args:
        networks: see `save`.
    Raises:
        ValueError: the file is missing, damaged, or does not fit the networks.
    """
    generator, discriminator = networks or _note()
    try:
        meta, tensors = tensor_files.unpack(tensor_files.read(Path(file)))
        step, seconds = tensor_files.step(meta.get("step"), 1, _MAX_STEP), _seconds(meta.get("seconds"))
        g, g_second = _unpack(tensors, "g", generator)
        d, d_second = _unpack(tensors, "d", discriminator)
        history = tensor_files.history(tensors, torch.float32, _MAX_STEP)
    except ValueError as error:
        raise ValueError(
            Message(
                "The warm start {file} cannot be used: {problem}. Choose another start, or get the file anew from where "
                "this app came from.",
                file=Path(file).name,
                problem=error.args[0],
            )
        ) from None
    return WarmStart(step, seconds, g, d, g_second, d_second, history)


def _seconds(found: Any) -> float:
    if not (type(found) in (int, float) and 0 <= found < math.inf):
        raise ValueError(Message("its number of seconds is impossible"))
    return float(found)


def _note() -> Networks:
    architecture = ARCHITECTURES[ARCHITECTURE]
    rng = torch.Generator()
    return ModuleNetwork(architecture.generator(LATENT_DIM), rng), ModuleNetwork(architecture.discriminator(), rng)


def _unpack(tensors: dict[str, Tensor], key: str, template: ModuleNetwork) -> tuple[Tensor, Tensor]:
    """Weights and second moments as (n_parameters,) vectors."""
    weights, seconds = [], []
    for i, like in enumerate(template.split(template.flat)):
        n, m = rows = _rows(like).shape
        if key == "g":
            w = take(tensors, f"g.{i}", like.shape, torch.float16)
        else:
            w = take(tensors, f"d.{i}", rows, torch.int8) * take(tensors, f"d.{i}.scale", (n, 1), torch.float32)
        row = not_negative(f"{key}.{i}.row", take(tensors, f"{key}.{i}.row", (n,), torch.float32))
        column = not_negative(f"{key}.{i}.column", take(tensors, f"{key}.{i}.column", (m,), torch.float32))
        v = torch.outer(row / row.mean().clamp_min(1e-30), column)
        weights.append(finite(f"{key}.{i}", w.float()).flatten())
        seconds.append(finite(f"{key}.{i}", v).flatten())
    return torch.cat(weights), torch.cat(seconds)


def _rows(t: Tensor) -> Tensor:
    """A matrix as it is, a vector as one row."""
    return t if t.dim() > 1 else t[None]
