"""Where image files lie in a folder, under the names and in the layouts that people have.

MNIST's own names with a hyphen or, as 7-Zip unpacks them, a dot; packed or not; below MNIST/raw, as torchvision lays
them; EMNIST's and QMNIST's, with the name of the set in front.
"""

import os
import re
from pathlib import Path

from gan_core.images.idx import BadImageFile
from gan_core.messages import Message

PARTS = ("train images", "train labels", "test images", "test labels")  # in the order in which they are read
_NAME = re.compile(
    r"(?:(?P<set>.+)[-_.])?(?P<part>train|t10k|test)[-_.](?P<what>images|labels)[-_.]idx\d[-_.](?:ubyte|int)(?:\.gz)?",
    re.IGNORECASE,
)
_PREFERRED = ("", "mnist", "emnist-digits", "emnist-mnist", "qmnist")  # of several complete sets in one folder
_DEPTH, _MAX_FOLDERS, _LISTED = 2, 200, 8

Found = dict[str, Path]  # part -> file


def find_images(where: Path) -> tuple[str, Found] | None:
    """The name of the set ("" for MNIST's own file names) and its four files, in this folder or up to two below it.

    The nearest complete set counts; of several in one folder one that is known to have ten classes.

    Raises:
        BadImageFile: several sets are as near, and nothing tells which is meant.
    """
    level, seen = [where], 0
    for _ in range(_DEPTH + 1):
        complete = {
            (folder, name): files
            for folder in level
            for name, files in _sets(folder).items()
            if len(files) == len(PARTS)
        }
        if complete:
            folder, name = _chosen(list(complete), where)
            return name, complete[folder, name]
        below = [sub for folder in level for sub in _folders(folder)]
        level, seen = below[: _MAX_FOLDERS - seen], seen + len(below)
    return None


def _chosen(complete: list[tuple[Path, str]], where: Path) -> tuple[Path, str]:
    for name in _PREFERRED:
        found = [c for c in complete if c[1].lower() == name]
        named = [c for c in found if "MNIST" in c[0].relative_to(where).parts] or found
        if len(named) == 1:
            return named[0]
    if len(complete) == 1:
        return complete[0]
    names = ", ".join(sorted(str((folder / name).relative_to(where)) for folder, name in complete))
    raise BadImageFile(
        Message("MNIST_DIR names the folder {folder}, where several sets of images lie: {names}. Name the folder of one "
                "of them.", folder=where, names=names)
    )  # fmt: skip


def _sets(folder: Path) -> dict[str, Found]:
    """Per set of images in a folder its files; of a file that is there twice the packed one counts."""
    sets: dict[str, Found] = {}
    for name in sorted(_names(folder)):  # x before x.gz
        match = _NAME.fullmatch(name)
        if match and os.path.isfile(folder / name):
            part = "train" if match["part"].lower() == "train" else "test"
            sets.setdefault(match["set"] or "", {})[f"{part} {match['what'].lower()}"] = folder / name
    return sets


def missing_message(where: Path) -> Message:
    """What is not in a folder that MNIST_DIR names, and what is there instead."""
    if not os.path.isdir(where):
        return Message("MNIST_DIR names {folder}, which is no folder that can be read. Name the folder with the four "
                       "files of MNIST ({file}, …), or start without MNIST_DIR.",
                       folder=where, file="train-images-idx3-ubyte.gz")  # fmt: skip
    best = max(_sets(where).values(), key=len, default={})
    names = _names(where)
    there = ", ".join(names[:_LISTED]) + (f" … ({len(names):,})" if len(names) > _LISTED else "")
    expected = [_file_name(part) for part in PARTS if part not in best]
    return Message("MNIST_DIR names the folder {folder}, where these files are missing: {files}. There are: {there}. Put "
                   "them there, or start without MNIST_DIR.",
                   folder=where, files=", ".join(expected), there=there or "–")  # fmt: skip


def _file_name(part: str) -> str:
    half, what = part.split()
    return f"{'train' if half == 'train' else 't10k'}-{what}-idx{3 if what == 'images' else 1}-ubyte.gz"


def _names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _folders(folder: Path) -> list[Path]:
    return [folder / name for name in _names(folder)[:_MAX_FOLDERS] if os.path.isdir(folder / name)]
