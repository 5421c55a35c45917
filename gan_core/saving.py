"""A training in one file, from which it goes on bit for bit: with the same packages, and the same images where it is on
images.

The settings are in it as a link has them, and the table of an own target as well. Not in it: the checkpoints, so that a
training that diverges falls back no further than to the file.
"""

from pathlib import Path
from typing import Any, NamedTuple

from gan_core import own_targets, state_tensors, tensor_files
from gan_core.config import TrainConfig
from gan_core.images.data import ImagesMissing
from gan_core.messages import Message
from gan_core.state import State
from gan_core.state_tensors import Meta, Tensors
from gan_core.tensor_files import damaged
from gan_core.training import GANTrainer

VERSION = 1  # of the format


def save(trainer: GANTrainer, path: str | Path) -> None:
    """Write a training to a file; one that was there stays until all is written.

    Raises:
        ValueError: its weights are no finite numbers, or it is too large for `load`. OSError: the file cannot be written.
    """
    file = Path(path)
    try:
        data = dumps(trainer.state(), trainer.config, own_targets.table_behind(trainer.target))
    except ValueError as error:
        raise ValueError(
            Message("The training cannot be saved as {file}. The reason: {problem}", file=file.name,
                    problem=error.args[0])
        ) from None  # fmt: skip
    tensor_files.write(file, data)


def load(path: str | Path) -> GANTrainer:
    """The trainer in a file by `save`, as it was then. Nothing in the file is ever executed, and everything is checked.

    A file of more than `tensor_files.MAX_BYTES` is not read; beside it this takes the memory that its settings take in
    any training.

    Raises:
        ValueError: the file is missing or damaged, is no saved training, or needs images that are not on this machine.
    """
    file = Path(path)
    try:
        saved = loads(tensor_files.read(file))
        trainer = GANTrainer(saved.config)
        trainer.resume(saved.state(trainer))
    except (ValueError, ImagesMissing) as error:
        raise ValueError(
            Message("The training in {file} cannot go on here. Take another file, or save it anew. The reason: {problem}",
                    file=file.name, problem=error.args[0])
        ) from None  # fmt: skip
    return trainer


class Saved(NamedTuple):
    """A saved training, of which nothing but its version and its settings is checked yet."""

    config: TrainConfig
    meta: Meta
    tensors: Tensors

    def state(self, like: GANTrainer, *, curves: bool = True) -> State:
        """What it had come to, for a trainer with the same networks; see `state_tensors.state_in`."""
        return state_tensors.state_in(self.meta, self.tensors, self.config, like, curves=curves)


def dumps(state: State, config: TrainConfig, table: own_targets.Table | None = None) -> bytes:
    """A training as the bytes of a file; see `state_tensors.apart`.

    Raises:
        ValueError: its weights are no finite numbers, or it is too large for `loads`.
    """
    meta, tensors = state_tensors.apart(state, config, table)
    return tensor_files.pack(tensors, {"version": VERSION, **meta})


def loads(data: bytes) -> Saved:
    """The inverse.

    Raises:
        ValueError: it is damaged, or of another version; its `Message` has no full stop.
    """
    meta, tensors = tensor_files.unpack(data)
    check_version(meta.get("version"), VERSION)
    return Saved(state_tensors.config_in(meta, tensors), meta, tensors)


def check_version(found: Any, known: int) -> None:
    """ValueError unless the version of a format is the one that is known."""
    if type(found) is not int:
        raise damaged()
    if found != known:
        raise ValueError(
            Message("it has version {found} of the format, and only version {known} can be read", found=found,
                    known=known)
        )  # fmt: skip
