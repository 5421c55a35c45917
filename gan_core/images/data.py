"""Handwritten digits as tensors: the original MNIST files, and scikit-learn's small digits that need no download.

The only module that touches the network or the data cache. MNIST is looked for in the folder that the environment
variable MNIST_DIR names, or without it in the user's cache, where `download` puts it.
"""

import errno
import functools
import gzip
import hashlib
import math
import os
import struct
import threading
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import pooch
import torch
from torch import Tensor

from gan_core.messages import Message

SIDE = 28  # pixels
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
MAX_IMAGES = 300_000  # of a file: 235 MB
_MNIST = "06b0d1f124c4e5fa796686ade41a9b778edacc8622f2195a352ef479ad44fc16"  # of the numbers in the four files
_IMAGES, _LABELS = 3, 1  # dimensions
_SLOWEST = 4_000  # bytes per second; a mirror below that counts as silent

_loading, _downloading = threading.Lock(), threading.Lock()

Progress = Callable[[str, int, int], None]


class ImagesMissing(LookupError):
    """MNIST is not on this machine; `download` would help."""


class BadImageFile(ValueError):
    """A file is not what it should be, or MNIST_DIR names a folder without it; a download would not help."""


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
        is_mnist: whether all numbers are those of the original MNIST; other files of its format may lie in MNIST_DIR.
    """

    key: str
    name: str
    train: Tensor
    train_labels: Tensor
    test: Tensor
    test_labels: Tensor
    is_mnist: bool = False

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
    """Where the four files lie: MNIST_DIR if it is set, else the user's cache. None if they are not all there.

    In the cache a file counts only with the right hash, so that `download` mends a damaged one.
    """
    if named := _named_folder():
        return named if not _missing(named) else None
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
        if (where := folder()) is not None:
            return _read(where)
    if (named := _named_folder()) is None:
        raise ImagesMissing(
            Message("MNIST is not on this machine yet. Download it, or put its four files into a folder and name it in "
                    "MNIST_DIR.")
        )  # fmt: skip
    raise BadImageFile(
        Message("MNIST_DIR names the folder {folder}, where these files are missing: {files}. Put them there, or start "
                "without MNIST_DIR.", folder=named, files=", ".join(_missing(named)))
    )  # fmt: skip


def _cache() -> Path:
    return Path(pooch.os_cache("gan-explainer"))


def _named_folder() -> Path | None:
    named = os.environ.get("MNIST_DIR", "").strip()
    return Path(os.path.expanduser(named)) if named else None


def _path(where: Path, file: str) -> Path:
    """The file, or its unpacked form if only that is there."""
    packed, plain = where / file, where / file.removesuffix(".gz")
    return plain if os.path.isfile(plain) and not os.path.isfile(packed) else packed


def _missing(where: Path) -> list[str]:
    return [file for file in SHA256 if not os.path.isfile(_path(where, file))]


def _is_right(path: Path) -> bool:
    try:
        return pooch.file_hash(str(path)) == SHA256[path.name]
    except OSError:
        return False


@functools.lru_cache(maxsize=2)
def _read(where: Path) -> ImageSet:
    paths = [_path(where, file) for file in SHA256]
    tensors = [read_idx(path) for path in paths]
    for at in (0, 2):
        (images, labels), (first, second) = tensors[at : at + 2], paths[at : at + 2]
        if images.ndim != _IMAGES:
            raise BadImageFile(Message("{file} holds labels; images are needed. Swap the files.", file=first.name))
        if labels.ndim != _LABELS:
            raise BadImageFile(Message("{file} holds images; labels are needed. Swap the files.", file=second.name))
        if len(images) != len(labels):
            raise BadImageFile(
                Message("{images} holds {n:,} images and {labels} {m:,} labels. Take both files from one source.",
                        images=first.name, n=len(images), labels=second.name, m=len(labels))
            )  # fmt: skip
    digest = hashlib.sha256()
    for tensor in tensors:
        digest.update(tensor.numpy())
    is_mnist = digest.hexdigest() == _MNIST
    train, train_labels, test, test_labels = tensors
    name = IMAGE_TARGETS["mnist"] if is_mnist else Message("Your own images (MNIST_DIR)")
    return ImageSet("mnist", name, train, train_labels.long(), test, test_labels.long(), is_mnist)


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


# ---- the idx format ----


def read_idx(path: Path) -> Tensor:
    """An idx file of 28 x 28 images, (n, 28, 28), or of labels from 0 to 9, (n,), plain or gzipped; uint8.

    No more is read, or unpacked, than the file announces and one byte.

    Raises:
        BadImageFile: it is anything else; the message names the file, what is wrong, and what to do.
    """
    path = Path(path)
    try:
        with open(path, "rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            with gzip.open(raw) if packed else raw as stream:
                shape = _shape(stream, path.name)
                size = math.prod(shape)
                data = bytearray(stream.read(size + 1))
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise BadImageFile(
            Message("{file} is a damaged gzip file. Replace it with a fresh copy.", file=path.name)
        ) from None
    except OSError as error:
        raise BadImageFile(
            Message("{file} cannot be read: {reason}. Check the file and its permissions.", file=path.name,
                    reason=error.strerror)
        ) from None  # fmt: skip
    if len(data) < size:
        raise BadImageFile(
            Message("{file} is cut off: it holds {n:,} of {size:,} pixels or labels. Replace it with a fresh copy.",
                    file=path.name, n=len(data), size=size)
        )  # fmt: skip
    if len(data) > size:
        raise BadImageFile(
            Message("{file} is longer than the {size:,} pixels or labels it announces. Replace it with a fresh copy.",
                    file=path.name, size=size)
        )  # fmt: skip
    numbers = torch.frombuffer(data, dtype=torch.uint8).reshape(shape)
    if numbers.ndim == _LABELS and (highest := int(numbers.max())) > 9:
        raise BadImageFile(
            Message("{file} holds the label {label}; only labels from 0 to 9 are possible. Use a set of ten classes.",
                    file=path.name, label=highest)
        )  # fmt: skip
    return numbers


def _shape(stream: BinaryIO, file: str) -> tuple[int, ...]:
    """The shape that the head of an idx file announces, checked before anything of that size is read."""
    head = stream.read(4)
    if len(head) < 4 or head[:2] != b"\0\0" or head[3] not in (_IMAGES, _LABELS):
        raise BadImageFile(
            Message("{file} is not an idx file of images or labels: it does not begin with 2051 or 2049. Use files in "
                    "the format of MNIST.", file=file)
        )  # fmt: skip
    if head[2] != 8:
        raise BadImageFile(
            Message("{file} holds numbers of type {code}; unsigned bytes (type 8) are needed. Convert it.",
                    file=file, code=head[2])
        )  # fmt: skip
    sizes = stream.read(4 * head[3])
    if len(sizes) < 4 * head[3]:
        raise BadImageFile(Message("{file} ends within its head. Replace it with a fresh copy.", file=file))
    n, *sides = struct.unpack(f">{head[3]}I", sizes)
    if sides not in ([], [SIDE, SIDE]):
        raise BadImageFile(
            Message("{file} must hold images of 28 × 28 pixels; these have {rows} × {columns}. Convert them.",
                    file=file, rows=sides[0], columns=sides[1])
        )  # fmt: skip
    if not 0 < n <= MAX_IMAGES:
        raise BadImageFile(
            Message("{file} announces {n:,} images or labels; from 1 to {high:,} are possible. Use a part of them.",
                    file=file, n=n, high=MAX_IMAGES)
        )  # fmt: skip
    return n, *sides


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
