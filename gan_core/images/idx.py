"""The idx format of MNIST's files: read with care, since anybody may put other files in their place."""

import gzip
import math
import struct
import zlib
from pathlib import Path
from typing import BinaryIO

import torch
from torch import Tensor

from gan_core.messages import Message

SIDE = 28  # pixels
IMAGES, LABELS = 3, 1  # dimensions
MAX_IMAGES = 300_000  # of a file: 235 MB


class BadImageFile(ValueError):
    """A file is not what it should be, or MNIST_DIR names a folder without it; a download would not help."""


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
    if numbers.ndim == LABELS and (highest := int(numbers.max())) > 9:
        raise BadImageFile(
            Message("{file} holds the label {label}; only labels from 0 to 9 are possible. Use a set of ten classes.",
                    file=path.name, label=highest)
        )  # fmt: skip
    return numbers


def _shape(stream: BinaryIO, file: str) -> tuple[int, ...]:
    """The shape that the head of an idx file announces, checked before anything of that size is read."""
    head = stream.read(4)
    if len(head) < 4 or head[:2] != b"\0\0" or head[3] not in (IMAGES, LABELS):
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
