"""The four original files of MNIST: their names and hashes, where they are kept, and their download.

The only module that touches the network or the user's cache.
"""

import errno
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import pooch

from gan_core.messages import Message

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
_SLOWEST = 4_000  # bytes per second; a mirror below that counts as silent

_downloading = threading.Lock()

Progress = Callable[[str, int, int], None]


class DownloadFailed(RuntimeError):
    """No mirror gave a file, or there is no place for it. What was complete is kept."""


def cache() -> Path:
    """The user's folder for them."""
    return Path(pooch.os_cache("gan-explainer"))


def download(
    progress: Progress | None = None,
    mirrors: Sequence[str] = MIRRORS,
    where: Path | None = None,
    timeout: float = 15,
) -> Path:
    """Fetch the four files (12 MB) into the user's cache; those that are there and right are not fetched again.

    A second caller waits for the first, and then finds all files there.

    Args:
        progress: told (file name, bytes so far, total bytes or 0 if unknown), in the caller's thread.
        mirrors: at least one address that ends with a slash; tried in this order.
        where: another folder.
        timeout: seconds that a mirror may be silent, when called and between two pieces.
    Returns:
        The folder with the files.
    Raises:
        DownloadFailed: the message says what happened and what to do.
    """
    where = where or cache()
    mirrors = list(mirrors)
    with _downloading:
        for file in SHA256:
            worked = _fetch(file, where, mirrors, progress, timeout)
            mirrors.sort(key=lambda mirror: mirror != worked)  # begin with it next time
    return where


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


def _fetch(file: str, where: Path, mirrors: Sequence[str], progress: Progress | None, timeout: float) -> str:
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
            where.mkdir(parents=True, exist_ok=True)
            pooch.retrieve(mirror + file, known_hash=SHA256[file], fname=file, path=where, downloader=get)
            return mirror
        except (OSError, ValueError) as error:
            # of the disk, not the net
            if isinstance(error, PermissionError) or (isinstance(error, OSError) and error.errno is not None):
                raise DownloadFailed(_no_place(error, where)) from None
            failures.append(_failure(error, meter, hosts))
    raise DownloadFailed(max(failures, key=lambda failure: failure[0])[1])


def _no_place(error: OSError, where: Path) -> Message:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Message(
            "The disk is full: MNIST needs 12 MB in {folder}. Free some space and press again.", folder=where
        )
    return Message(
        "The folder {folder} cannot be written. Make it writable and press again, or put the four files of MNIST into "
        "another folder and name it in MNIST_DIR.",
        folder=where,
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
