"""Image folders as people have them: other names, layouts, types and pixels; and hostile ones, each with a sentence."""

import gzip
import os
import struct

import numpy as np
import pytest

from gan_core.images import data as image_data
from gan_core.images.data import BadImageFile
from gan_core.messages import Message

NAMES = (
    "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte",
)  # fmt: skip
RNG = np.random.default_rng(5)
TRAIN, TEST = (RNG.integers(256, size=(n, 28, 28), dtype=np.uint8) for n in (30, 20))
TRAIN_LABELS, TEST_LABELS = (np.arange(n, dtype=np.uint8) % 10 for n in (30, 20))
PARTS = (TRAIN, TRAIN_LABELS, TEST, TEST_LABELS)


def idx(numbers, kind=8, order=">"):
    """The bytes of an idx file; its numbers are those of the array, as they lie in memory."""
    return struct.pack(f"{order}BBBB{numbers.ndim}I", 0, 0, kind, numbers.ndim, *numbers.shape) + numbers.tobytes()


FULL = {name: idx(part) for name, part in zip(NAMES, PARTS, strict=True)}


def named(change):
    return {change(name): data for name, data in FULL.items()}


def wide(labels, order=">"):
    """QMNIST's table: the class, and seven columns more."""
    return np.c_[labels, np.full((len(labels), 7), 123)].astype(f"{order}i4")


def write(folder, files):
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") and data[:2] != b"\x1f\x8b" else data)
    return folder


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Write files into a folder that MNIST_DIR names, and load them."""
    monkeypatch.delenv("MNIST_TRANSPOSE", raising=False)

    def load_files(files, folder=tmp_path / "mine"):
        folder.mkdir(exist_ok=True)
        monkeypatch.setenv("MNIST_DIR", str(write(folder, files)))
        return image_data.load("mnist")

    return load_files


GOOD = {
    "plain": FULL,
    "packed": named(lambda n: f"{n}.gz"),
    "dots": named(lambda n: n.replace("-idx", ".idx")),
    "dots, packed": named(lambda n: n.replace("-idx", ".idx") + ".gz"),
    "capitals": named(str.upper),
    "torchvision": named(lambda n: f"MNIST/raw/{n}"),
    "torchvision, both forms": named(lambda n: f"MNIST/raw/{n}") | named(lambda n: f"MNIST/raw/{n}.gz"),
    "torchvision, several sets": named(lambda n: f"MNIST/raw/{n}") | {f"FashionMNIST/raw/{n}": FULL[n] for n in NAMES},
    "Fashion-MNIST of torchvision": named(lambda n: f"FashionMNIST/raw/{n}"),
    "raw": named(lambda n: f"raw/{n}"),
    "EMNIST": named(lambda n: f"emnist-digits-{n.replace('t10k', 'test')}.gz"),
    "EMNIST, unzipped": named(lambda n: f"gzip/emnist-mnist-{n.replace('t10k', 'test')}.gz"),
    "EMNIST, all of it": {
        f"emnist-{s}-{n.replace('t10k', 'test')}.gz": FULL[n] for s in ("balanced", "letters", "digits") for n in NAMES
    },
    "QMNIST": {
        "qmnist-train-images-idx3-ubyte.gz": FULL[NAMES[0]],
        "qmnist-train-labels-idx2-int.gz": idx(wide(TRAIN_LABELS), 12),
        "qmnist-test-images-idx3-ubyte.gz": FULL[NAMES[2]],
        "qmnist-test-labels-idx2-int.gz": idx(wide(TEST_LABELS), 12),
    },
    "QMNIST's labels under MNIST's names": FULL | {NAMES[1]: idx(wide(TRAIN_LABELS), 12)},
    "labels of the machine's order": FULL | {NAMES[1]: idx(wide(TRAIN_LABELS, "<"), 12)},
    "labels of four bytes": FULL | {NAMES[1]: idx(TRAIN_LABELS.astype(">i4"), 12)},
    "labels of two bytes": FULL | {NAMES[1]: idx(TRAIN_LABELS.astype(">i2"), 11)},
    "signed labels": FULL | {NAMES[3]: idx(TEST_LABELS.astype("i1"), 9)},
    "other files beside them": FULL | {"README.md": b"hello", "train.csv": b"1,2", "x/y/z.txt": b""},
    "packed without saying so": {n: gzip.compress(d) for n, d in FULL.items()},
}


@pytest.mark.parametrize("kind", GOOD)
def test_folders_as_people_have_them(load, kind):
    images = load(GOOD[kind])
    found = (images.train, images.train_labels, images.test, images.test_labels)
    for part, expected in zip(found, PARTS, strict=True):
        np.testing.assert_array_equal(part.numpy(), expected)
    assert image_data.folder() is not None
    assert all(isinstance(note, Message) for note in images.notes)


def test_pixels_of_0_and_1_become_0_and_255(load):
    images = load(FULL | {NAMES[0]: idx(TRAIN >> 7), NAMES[2]: idx(TEST >> 7)})
    np.testing.assert_array_equal(images.train, 255 * (TRAIN >> 7))
    np.testing.assert_array_equal(images.test, 255 * (TEST >> 7))
    assert "scaled to 0 and 255" in images.notes[0]


def test_dark_images_stay_as_they_are(load):
    images = load(FULL | {NAMES[0]: idx(TRAIN >> 6), NAMES[2]: idx(TEST >> 7)})
    assert images.train.max() == 3
    assert images.notes == ()


def test_emnist_is_turned_upright_on_demand(load, monkeypatch):
    files = GOOD["EMNIST"]
    assert "MNIST_TRANSPOSE=1" in load(files).notes[0]
    monkeypatch.setenv("MNIST_TRANSPOSE", "1")
    images = load(files)
    np.testing.assert_array_equal(images.train, TRAIN.transpose(0, 2, 1))
    np.testing.assert_array_equal(images.test, TEST.transpose(0, 2, 1))
    assert images.train.is_contiguous()
    assert "swapped" in images.notes[0]


def without(*names):
    return {n: d for n, d in FULL.items() if n not in names}


def with_images(data):
    return FULL | {NAMES[0]: data}


def with_labels(data):
    return FULL | {NAMES[1]: data}


HOSTILE = {
    "empty": ({}, "these files are missing: train-images-idx3-ubyte.gz, .* There are: –"),
    "half": (without(NAMES[2], NAMES[3]), r"missing: t10k-images-idx3-ubyte.gz, t10k-labels-idx1-ubyte.gz\. There are: t"),
    "others": ({f"photo_{i}.png": b"x" for i in range(50)}, r"There are: photo_0.png, .* … \(50\)"),
    "too deep": (named(lambda n: f"a/b/c/{n}"), "are missing"),
    "two sets": ({f"{s}/{n}": FULL[n] for s in ("a", "b") for n in NAMES}, "several sets of images lie: a, b"),
    "two names": ({f"{s}-{n}": FULL[n] for s in ("kuzushiji", "fashion") for n in NAMES}, "fashion, kuzushiji"),
    "parts of two sets": ({f"{'ab'[i % 2]}-{n}": FULL[n] for i, n in enumerate(NAMES)}, "are missing"),
    "a folder for a file": (without(NAMES[0]) | {f"{NAMES[0]}/x": b""}, "missing: train-images-idx3-ubyte.gz"),
    "empty file": (with_images(b""), "not an idx file"),
    "a web page": (with_images(b"<html><title>403 Forbidden</title>"), "not an idx file"),
    "NPY": (with_images(b"\x93NUMPY\x01\x00"), "not an idx file"),
    "little endian": (with_images(struct.pack("<4I", 2051, 30, 28, 28) + TRAIN.tobytes()), "not an idx file"),
    "four dimensions": (with_images(idx(TRAIN[:, None])), "not an idx file"),
    "no dimension": (with_images(bytes([0, 0, 8, 0]) + b"1234"), "not an idx file"),
    "255 dimensions": (with_images(bytes([0, 0, 8, 255]) + bytes(2000)), "not an idx file"),
    "flat": (with_images(idx(TRAIN.reshape(30, 784))), "784 numbers for each"),
    "32 x 32": (with_images(idx(np.zeros((30, 32, 32), np.uint8))), "32 × 32"),
    "0 x 0": (with_images(idx(np.zeros((30, 0, 0), np.uint8))), "0 × 0"),
    "floats": (with_images(idx(TRAIN.astype(">f4"), 13)), "type 13"),
    "doubles": (with_images(idx(TRAIN.astype(">f8"), 14)), "type 14"),
    "signed images": (with_images(idx(TRAIN.astype("i1"), 9)), "type 9"),
    "images of ints": (with_images(idx(TRAIN.astype(">i4"), 12)), "type 12"),
    "unknown type": (with_images(idx(TRAIN, 77)), "type 77"),
    "float labels": (with_labels(idx(TRAIN_LABELS.astype(">f4"), 13)), "type 13"),
    "huge claim": (with_images(struct.pack(">4B3I", 0, 0, 8, 3, 2**32 - 1, 28, 28)), "announces 4,294,967,295"),
    "huge sides": (with_images(struct.pack(">4B3I", 0, 0, 8, 3, 30, 2**32 - 1, 2**32 - 1)), "4294967295"),
    "huge table of labels": (with_labels(struct.pack(">4B2I", 0, 0, 12, 2, 30, 2**32 - 1)), "4,294,967,295 numbers"),
    "no images": (with_images(struct.pack(">4B3I", 0, 0, 8, 3, 0, 28, 28)), "announces 0"),
    "a claim just too large": (with_images(struct.pack(">4B3I", 0, 0, 8, 3, 300_000, 28, 28)), "cut off: it holds 0"),
    "half a head": (with_images(FULL[NAMES[0]][:9]), "ends within its head"),
    "truncated": (with_images(FULL[NAMES[0]][:-1]), "cut off"),
    "truncated labels": (with_labels(idx(wide(TRAIN_LABELS), 12)[:-1]), "cut off"),
    "too long": (with_images(FULL[NAMES[0]] + b"\0"), "longer than"),
    "gzip, truncated": (with_images(gzip.compress(FULL[NAMES[0]])[:-9]), "damaged gzip"),
    "gzip, its mark only": (with_images(b"\x1f\x8b"), "damaged gzip"),
    "packed twice": (with_images(gzip.compress(gzip.compress(FULL[NAMES[0]]))), "not an idx file"),
    "a gzip bomb": (with_images(gzip.compress(FULL[NAMES[0]] + bytes(10_000_000))), "longer than"),
    "label 10": (with_labels(idx(TRAIN_LABELS + 1)), "label 10"),
    "label -1": (with_labels(idx((TRAIN_LABELS.astype(int) - 1).astype(">i4"), 12)), "label -1"),
    "letters": (with_labels(idx((TRAIN_LABELS + 20).astype(np.uint8))), "the label 20"),
    "swapped": (FULL | {NAMES[0]: FULL[NAMES[1]], NAMES[1]: FULL[NAMES[0]]}, "holds labels; images are needed"),
    "mismatch": (with_labels(FULL[NAMES[3]]), "30 images and train-labels-idx1-ubyte 20 labels"),
    "all black": (with_images(idx(np.zeros_like(TRAIN))), "All 30 images in train-images-idx3-ubyte are the same"),
    "one image, many times": (with_images(idx(np.repeat(TRAIN[:1], 30, 0))), "are the same"),
    "all test images alike": (FULL | {NAMES[2]: idx(np.full_like(TEST, 7))}, "All 20 images in t10k"),
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_folders_get_a_sentence(load, kind):
    files, says = HOSTILE[kind]
    with pytest.raises(BadImageFile, match=says) as refusal:
        load(files)
    assert isinstance(refusal.value.args[0], Message)


def test_enough_hostile_folders():
    assert len(HOSTILE) >= 40


@pytest.mark.parametrize("kind", ["nowhere", "a file", "a loop", "a pipe"])
def test_what_is_no_folder(tmp_path, monkeypatch, kind):
    place = tmp_path / "place"
    if kind == "a file":
        place.write_bytes(b"")
    elif kind == "a loop":
        place.symlink_to(place)
    elif kind == "a pipe":
        os.mkfifo(place)
    monkeypatch.setenv("MNIST_DIR", str(place))
    with pytest.raises(BadImageFile, match="no folder that can be read"):
        image_data.load("mnist")


def test_a_pipe_for_a_file_does_not_hang(load, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    os.mkfifo(folder / NAMES[0])
    with pytest.raises(BadImageFile, match="missing: train-images"):
        load(without(NAMES[0]))


def test_a_folder_that_contains_itself(load, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "again").symlink_to(folder)
    with pytest.raises(BadImageFile, match="are missing"):
        load({"x": b""})


@pytest.mark.slow
def test_many_folders_are_not_searched_for_ever(load, tmp_path):
    for i in range(60):
        for j in range(60):
            (tmp_path / "mine" / f"{i}" / f"{j}").mkdir(parents=True)
    with pytest.raises(BadImageFile, match="are missing"):
        load({})
