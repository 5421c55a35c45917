"""The idx format of MNIST and its relatives: images, labels, and what else there is under the same names.

Nothing of a size that a file only claims is read or made before it has been checked.
"""

import gzip
import io
import math
import struct
import zlib
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from gan_core.messages import Message

SIDE = 28  # pixels
MAX_IMAGES = 300_000  # of a file: 235 MB
IMAGES, LABELS = 3, 1  # dimensions of what `read_idx` returns
_TYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4"}  # of labels; images are unsigned bytes
_MAX_COLUMNS = 16  # of a table of labels


class BadImageFile(ValueError):
    """A file is not what it should be, or MNIST_DIR names a folder without it; a download would not help."""


def read_idx(path: Path) -> Tensor:
    """An idx file of 28 x 28 images, (n, 28, 28), or of labels from 0 to 9, (n,), plain or gzipped; uint8.

    Labels may be integers of any width, and a table with the class in its first column, as QMNIST has it (Yadav and
    Bottou, 2019). No more is read, or unpacked, than the file announces and one byte.

    Raises:
        BadImageFile: it is anything else; the message names the file, what is wrong, and what to do.
    """
    path = Path(path)
    try:
        with open(path, "rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            with gzip.open(raw) if packed else raw as stream:
                shape, kind = _head(stream, path.name)
                size = math.prod(shape) * np.dtype(kind).itemsize
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
            Message("{file} is cut off: it holds {n:,} of {size:,} bytes. Replace it with a fresh copy.",
                    file=path.name, n=len(data), size=size)
        )  # fmt: skip
    if len(data) > size:
        raise BadImageFile(
            Message("{file} is longer than the {size:,} bytes it announces. Replace it with a fresh copy.",
                    file=path.name, size=size)
        )  # fmt: skip
    if len(shape) == IMAGES:
        return torch.frombuffer(data, dtype=torch.uint8).reshape(shape)
    return _labels(np.frombuffer(data, dtype=kind).reshape(shape[0], -1)[:, 0], path.name)


def _labels(labels: np.ndarray, file: str) -> Tensor:
    swapped = labels.byteswap()  # some writers keep the byte order of their machine
    if labels.itemsize > 1 and labels.max() > 9 and swapped.min() >= 0 and swapped.max() <= 9:
        labels = swapped
    for label in (int(labels.min()), int(labels.max())):
        if not 0 <= label <= 9:
            raise BadImageFile(
                Message("{file} holds the label {label}; only labels from 0 to 9 are possible. Use a set of ten classes.",
                        file=file, label=label)
            )  # fmt: skip
    return torch.from_numpy(labels.astype(np.uint8))


def _head(stream: io.BufferedIOBase, file: str) -> tuple[tuple[int, ...], str]:
    """The shape and the type of numbers that the head of an idx file announces, checked."""
    head = stream.read(4)
    if len(head) < 4 or head[:2] != b"\0\0" or head[3] not in (LABELS, 2, IMAGES):
        raise BadImageFile(
            Message("{file} is not an idx file of images or labels: it does not begin with 2051 or 2049. Use files in "
                    "the format of MNIST.", file=file)
        )  # fmt: skip
    n_dims, kind = head[3], _TYPES.get(head[2])
    if kind is None or (n_dims == IMAGES and head[2] != 8):
        raise BadImageFile(
            Message("{file} holds numbers of type {code}; images need unsigned bytes (type 8), labels whole numbers. "
                    "Convert it.", file=file, code=head[2])
        )  # fmt: skip
    sizes = stream.read(4 * n_dims)
    if len(sizes) < 4 * n_dims:
        raise BadImageFile(Message("{file} ends within its head. Replace it with a fresh copy.", file=file))
    n, *sides = struct.unpack(f">{n_dims}I", sizes)
    if n_dims == IMAGES and sides != [SIDE, SIDE]:
        raise BadImageFile(
            Message("{file} must hold images of 28 × 28 pixels; these have {rows} × {columns}. Convert them.",
                    file=file, rows=sides[0], columns=sides[1])
        )  # fmt: skip
    if n_dims == 2 and not 0 < sides[0] <= _MAX_COLUMNS:
        raise BadImageFile(
            Message("{file} holds {columns:,} numbers for each image or label. Images must have the shape 28 × 28, "
                    "labels at most {high} columns. Convert it.", file=file, columns=sides[0], high=_MAX_COLUMNS)
        )  # fmt: skip
    if not 0 < n <= MAX_IMAGES:
        raise BadImageFile(
            Message("{file} announces {n:,} images or labels; from 1 to {high:,} are possible. Use a part of them.",
                    file=file, n=n, high=MAX_IMAGES)
        )  # fmt: skip
    return (n, *sides), kind
