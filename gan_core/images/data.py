"""Handwritten digits as tensors: the original MNIST files, and scikit-learn's small digits that need no download.

The only module that touches the network or the data cache. MNIST is looked for in the folder that the environment
variable MNIST_DIR names, see `folder`, or without it in the user's cache, where `download` puts it. MNIST_TRANSPOSE=1
turns images in MNIST_DIR upright.
"""

import errno
import functools
import hashlib
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pooch
import torch
from torch import Tensor

from gan_core.images.folder import PARTS, find_images, missing_message
from gan_core.images.idx import IMAGES, LABELS, SIDE, BadImageFile, read_idx
from gan_core.messages import Message

IMAGE_TARGETS: dict[str, str] = {"mnist": Message("MNIST"), "digits": Message("Digits 8×8 (offline)")}
SHA256 = {  # of the original files, in the order in which they are read
    "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
)
_MNIST = "06b0d1f124c4e5fa796686ade41a9b778edacc8622f2195a352ef479ad44fc16"  # of the numbers in the four files
_SLOWEST = 4_000  # bytes per second; a mirror below that counts as silent

_loading, _downloading = threading.Lock(), threading.Lock()

Progress = Callable[[str, int, int], None]


class ImagesMissing(LookupError):
    """MNIST is not on this machine; `download` would help."""


class DownloadFailed(RuntimeError):
    """No mirror gave a file, or there is no place for it. What was complete is kept."""


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
    total = sum(images[:, i::block, j::block].int() for i in range(block) for j in range(block))
    return ((total + block**2 // 2) // block**2).byte().flatten(1)


# ---- loading ----


def folder() -> Path | None:
    """Where the four files lie: below MNIST_DIR if it is set, else in the user's cache. None if they are not all there.

    In the cache a file counts only with the right hash, so that `download` mends a damaged one.
    """
    if named := named_folder():
        found = find_images(named)
        return found and found[1][PARTS[0]].parent
    cache = _cache()
    return cache if all(_is_right(cache / file) for file in SHA256) else None


def load(key: str) -> ImageSet:
    """The images of this key, read once per process: all visitors share them, so leave the tensors as they are.

    Raises:
        ImagesMissing: "mnist" is not on this machine; `download` would help.
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
            return _read("", tuple(cache / file for file in SHA256), False)
    raise ImagesMissing(
        Message("MNIST is not on this machine yet. Download it, or put its four files into a folder and name it in "
                "MNIST_DIR.")
    )  # fmt: skip


def _cache() -> Path:
    return Path(pooch.os_cache("gan-explainer"))


def named_folder() -> Path | None:
    """The folder that the environment variable MNIST_DIR names; then a download would not help."""
    named = os.environ.get("MNIST_DIR", "").strip()
    return Path(os.path.expanduser(named)) if named else None


def _transposed() -> bool:
    """Whether images in MNIST_DIR are to be turned upright, rows for columns."""
    return os.environ.get("MNIST_TRANSPOSE", "").strip().lower() in ("1", "true", "yes")


def _is_right(path: Path) -> bool:
    try:
        return pooch.file_hash(str(path)) == SHA256[path.name]
    except OSError:
        return False


@functools.lru_cache(maxsize=2)
def _read(name: str, paths: tuple[Path, ...], transposed: bool) -> ImageSet:
    """The four files, in the order of `folder.PARTS`, as a set; name: of the set, as its files begin."""
    tensors = [read_idx(path) for path in paths]
    for at in (0, 2):
        _check_pair(*tensors[at : at + 2], *paths[at : at + 2])
    digest = hashlib.sha256()
    for tensor in tensors:
        digest.update(tensor.numpy())
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


# ---- the download ----


def download(
    progress: Progress | None = None,
    mirrors: Sequence[str] = MIRRORS,
    cache: Path | None = None,
    timeout: float = 15,
) -> Path:
    """Fetch the four files (12 MB) into the user's cache; those that are there and right are not fetched again.

    A second caller waits for the first, and then finds all files there.

    Args:
        progress: told (file name, bytes so far, total bytes or 0 if unknown), in the caller's thread.
        mirrors: at least one address that ends with a slash; tried in this order.
        cache: another folder.
        timeout: seconds that a mirror may be silent, when called and between two pieces.
    Returns:
        The folder with the files.
    Raises:
        DownloadFailed: the message says what happened and what to do.
    """
    cache = cache or _cache()
    mirrors = list(mirrors)
    with _downloading:
        for file in SHA256:
            worked = _fetch(file, cache, mirrors, progress, timeout)
            mirrors.sort(key=lambda mirror: mirror != worked)  # begin with it next time
    return cache


class _Meter:
    """Stands for pooch's progress bar: tells how far a file is, and gives up a mirror that only drips."""

    def __init__(self, file: str, progress: Progress | None, timeout: float):
        self.file, self.progress, self.timeout = file, progress, timeout
        self.total: int | None = None  # set by pooch when the answer begins
        self.bytes, self.start = 0, time.monotonic()

    def update(self, n: int) -> None:
        self.bytes += n
        total = self.total or 0
        if self.progress and n:
            self.progress(self.file, min(self.bytes, total) if total else self.bytes, total)
        waited = time.monotonic() - self.start
        if waited > self.timeout and self.bytes < _SLOWEST * waited:
            raise TimeoutError("timed out")

    def reset(self) -> None:
        self.bytes, self.start = 0, time.monotonic()

    def close(self) -> None:
        pass


def _fetch(file: str, cache: Path, mirrors: Sequence[str], progress: Progress | None, timeout: float) -> str:
    """Put one file into the cache, unless it is there; returns the mirror that had it, or the first.

    pooch writes to a temporary file, and moves it to its place only when the hash is right.
    """
    failures: list[tuple[int, Message]] = []
    hosts = ", ".join(urlsplit(mirror).netloc for mirror in mirrors)
    for mirror in mirrors:
        meter = _Meter(file, progress, timeout)
        get = pooch.HTTPDownloader(
            progressbar=meter, chunk_size=8192, timeout=timeout, headers={"Accept-Encoding": "identity"}
        )
        try:
            cache.mkdir(parents=True, exist_ok=True)
            pooch.retrieve(mirror + file, known_hash=SHA256[file], fname=file, path=cache, downloader=get)
            return mirror
        except (OSError, ValueError) as error:
            if (
                isinstance(error, PermissionError) or getattr(error, "errno", None) is not None
            ):  # of the disk, not the net
                raise DownloadFailed(_no_place(error, cache)) from None
            failures.append(_failure(error, meter, hosts))
    raise DownloadFailed(max(failures, key=lambda failure: failure[0])[1])


def _no_place(error: OSError, cache: Path) -> Message:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Message(
            "The disk is full: MNIST needs 12 MB in {folder}. Free some space and press again.", folder=cache
        )
    return Message(
        "The folder {folder} cannot be written. Make it writable and press again, or put the four files of MNIST into "
        "another folder and name it in MNIST_DIR.",
        folder=cache,
    )


def _failure(error: Exception, meter: _Meter, hosts: str) -> tuple[int, Message]:
    """What went wrong at one mirror, and how far it got: of several failures the furthest tells most."""
    told = {"file": meter.file, "hosts": hosts}
    if not isinstance(error, OSError):  # pooch compared the hashes
        return 4, Message(
            "{file} is not the original: its hash is another, so it was thrown away (tried: {hosts}). Press again "
            "later, or put the four files of MNIST into a folder and name it in MNIST_DIR.",
            **told,
        )
    if "timed out" in str(error):
        return 2, Message(
            "The mirrors are too slow for {file} (tried: {hosts}). Press again: what is complete is kept.", **told
        )
    if meter.total is not None:
        return 3, Message(
            "The connection broke off within {file} (tried: {hosts}). Press again: what is complete is kept.", **told
        )
    if (answer := getattr(error, "response", None)) is not None:
        return 1, Message(
            "No mirror gives {file}; the answer was {status} (tried: {hosts}). Press again later, or put the four "
            "files of MNIST into a folder and name it in MNIST_DIR.",
            status=answer.status_code,
            **told,
        )
    return 0, Message(
        "No mirror can be reached (tried: {hosts}). Check the network and press again, or put the four files of MNIST "
        "into a folder and name it in MNIST_DIR.",
        **told,
    )
