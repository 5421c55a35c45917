"""Handwritten digits as tensors: the original MNIST files, and scikit-learn's small digits that need no download.

MNIST is looked for in the folder that the environment
variable MNIST_DIR names, see `folder`, or without it in the user's cache, where `mnist.download` puts it. MNIST_TRANSPOSE=1
turns images in MNIST_DIR upright.
"""

import functools
import hashlib
import os
import threading
from dataclasses import dataclass
from pathlib import Path

import pooch
import torch
from torch import Tensor

from gan_core.images import mnist
from gan_core.images.folder import PARTS, find_images, missing_message
from gan_core.images.idx import IMAGES, LABELS, SIDE, BadImageFile, read_idx
from gan_core.messages import Message

IMAGE_TARGETS: dict[str, str] = {"mnist": Message("MNIST"), "digits": Message("Digits 8×8 (offline)")}
_MNIST = "06b0d1f124c4e5fa796686ade41a9b778edacc8622f2195a352ef479ad44fc16"  # of the numbers in the four files

_loading = threading.Lock()


class ImagesMissing(LookupError):
    """MNIST is not on this machine; `mnist.download` would help."""


@dataclass(frozen=True, eq=False)
class ImageSet:
    """Images of ten classes with their labels.

    Attributes:
        key: a key of `IMAGE_TARGETS`.
        name: what a menu shows.
        train, test: (n, 28, 28) uint8, 0 = background, 255 = ink.
        train_labels, test_labels: (n,) int64, 0 to 9.
        notes: what a reader should know about them.
        is_mnist: whether all numbers are those of the original MNIST; other files of its format may lie in MNIST_DIR.
    """

    key: str
    name: str
    train: Tensor
    train_labels: Tensor
    test: Tensor
    test_labels: Tensor
    is_mnist: bool = False
    notes: tuple[Message, ...] = ()

    def pixels(self, side: int = SIDE) -> tuple[Tensor, Tensor]:
        """Images for training and held out, (n, side * side) uint8; below 28, each pixel is the mean of a block.

        Raises:
            ValueError: `side` does not divide 28.
        """
        return _pixels(self, side)


def to_range(pixels: Tensor) -> Tensor:
    """Pixels 0 to 255 as floats in [-1, 1], the range of tanh; any shape."""
    return pixels.float() / 127.5 - 1


@functools.lru_cache(maxsize=8)
def _pixels(images: ImageSet, side: int) -> tuple[Tensor, Tensor]:
    if side < 1 or SIDE % side:
        raise ValueError(f"side = {side} does not divide {SIDE}")
    return _pooled(images.train, SIDE // side), _pooled(images.test, SIDE // side)


def _pooled(images: Tensor, block: int) -> Tensor:
    """Means of block x block pixels, rounded half up: (n, 28, 28) uint8 -> (n, (28 / block)^2) uint8."""
    if block == 1:
        return images.flatten(1)
    parts = (images[:, i::block, j::block].int() for i in range(block) for j in range(block))
    total = functools.reduce(torch.add, parts)
    return ((total + block**2 // 2) // block**2).byte().flatten(1)


# ---- loading ----


def folder() -> Path | None:
    """Where the four files lie: below MNIST_DIR if it is set, else in the user's cache. None if they are not all there.

    In the cache a file counts only with the right hash, so that `mnist.download` mends a damaged one.
    """
    if named := named_folder():
        found = find_images(named)
        return found and found[1][PARTS[0]].parent
    cache = mnist.cache()
    return cache if all(_is_right(cache / file) for file in mnist.SHA256) else None


def load(key: str) -> ImageSet:
    """The images of this key, read once per process: all visitors share them, so leave the tensors as they are.

    Raises:
        ImagesMissing: "mnist" is not on this machine; `mnist.download` would help.
        BadImageFile: a file in MNIST_DIR is missing, or is not a good idx file; the message says which and what to do.
        ValueError: an unknown key.
    """
    if key not in IMAGE_TARGETS:
        raise ValueError(
            Message("target = {value} is not possible: choose one of {choices}", value=repr(key),
                    choices=", ".join(IMAGE_TARGETS))
        )  # fmt: skip
    with _loading:
        if key == "digits":
            return _digits()
        if named := named_folder():
            if found := find_images(named):
                return _read(found[0], tuple(found[1][part] for part in PARTS), _transposed())
            raise BadImageFile(missing_message(named))
        if (cache := folder()) is not None:
            return _read("", tuple(cache / file for file in mnist.SHA256), False)
    raise ImagesMissing(
        Message("MNIST is not on this machine yet. Download it, or put its four files into a folder and name it in "
                "MNIST_DIR.")
    )  # fmt: skip


def named_folder() -> Path | None:
    """The folder that the environment variable MNIST_DIR names; then a download would not help."""
    named = os.environ.get("MNIST_DIR", "").strip()
    return Path(os.path.expanduser(named)) if named else None


def _transposed() -> bool:
    """Whether images in MNIST_DIR are to be turned upright, rows for columns."""
    return os.environ.get("MNIST_TRANSPOSE", "").strip().lower() in ("1", "true", "yes")


def _is_right(path: Path) -> bool:
    try:
        return pooch.file_hash(str(path)) == mnist.SHA256[path.name]
    except OSError:
        return False


@functools.lru_cache(maxsize=2)
def _read(name: str, paths: tuple[Path, ...], transposed: bool) -> ImageSet:
    """The four files, in the order of `folder.PARTS`, as a set; name: of the set, as its files begin."""
    tensors = [read_idx(path) for path in paths]
    for at in (0, 2):
        _check_pair(tensors[at], tensors[at + 1], paths[at], paths[at + 1])
    digest = hashlib.sha256()
    for tensor in tensors:
        digest.update(tensor.numpy().data)
    is_mnist = digest.hexdigest() == _MNIST
    train, train_labels, test, test_labels = tensors
    train, test, notes = (train, test, ()) if is_mnist else _as_ink(train, test, name, transposed)
    shown = IMAGE_TARGETS["mnist"] if is_mnist else Message("Your own images (MNIST_DIR)")
    return ImageSet("mnist", shown, train, train_labels.long(), test, test_labels.long(), is_mnist, notes)


def _check_pair(images: Tensor, labels: Tensor, first: Path, second: Path) -> None:
    if images.ndim != IMAGES:
        raise BadImageFile(Message("{file} holds labels; images are needed. Swap the files.", file=first.name))
    if labels.ndim != LABELS:
        raise BadImageFile(Message("{file} holds images; labels are needed. Swap the files.", file=second.name))
    if len(images) != len(labels):
        raise BadImageFile(
            Message("{images} holds {n:,} images and {labels} {m:,} labels. Take both files from one source.",
                    images=first.name, n=len(images), labels=second.name, m=len(labels))
        )  # fmt: skip
    if len(images) > 1 and (images == images[0]).all():
        raise BadImageFile(
            Message("All {n:,} images in {file} are the same; there is nothing to learn from them. Use images that "
                    "differ.", n=len(images), file=first.name)
        )  # fmt: skip


def _as_ink(train: Tensor, test: Tensor, name: str, transposed: bool) -> tuple[Tensor, Tensor, tuple[Message, ...]]:
    """Images of another source as MNIST has them, 0 to 255 and upright, and what was done to them."""
    notes = []
    if max(train.max(), test.max()) == 1:
        train, test = train * 255, test * 255
        notes.append(Message("Their pixels are 0 and 1; they were scaled to 0 and 255."))
    if transposed:
        train, test = train.mT.contiguous(), test.mT.contiguous()
        notes.append(Message("Rows and columns were swapped (MNIST_TRANSPOSE)."))
    elif name.lower().startswith("emnist"):
        notes.append(
            Message(
                "EMNIST's images lie on their side. If these do, start with MNIST_TRANSPOSE=1 to turn them upright."
            )
        )
    return train, test, tuple(notes)


@functools.cache
def _digits() -> ImageSet:
    """1,797 digits of 8 x 8 pixels, enlarged to MNIST's box of 20 x 20 in the middle of 28 x 28."""
    from sklearn.datasets import load_digits  # takes a second to import

    data = load_digits()
    small = torch.from_numpy(data.images).float()[:, None] / 16  # (n, 1, 8, 8), 0 to 1
    framed = torch.nn.functional.pad(small, (2, 2, 2, 2))
    large = torch.nn.functional.interpolate(framed, scale_factor=2.5, mode="bicubic")[:, 0, 1:-1, 1:-1]
    ink = (2 * large - 0.5).clamp(0, 1)  # twice the contrast, so that strokes have edges
    images = ink.mul(255).round().byte()
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
    images, labels = images[order], torch.from_numpy(data.target).long()[order]
    return ImageSet("digits", IMAGE_TARGETS["digits"], images[:1500], labels[:1500], images[1500:], labels[1500:])
