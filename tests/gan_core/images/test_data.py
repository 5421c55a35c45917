"""Handwritten digits: which images are loaded from where, and what is said where there are none."""

import ast
import gzip
import threading
import time
import tomllib
from pathlib import Path

import pytest
import torch

from gan_core.images import data as image_data
from gan_core.images import mnist
from gan_core.images.data import ImagesMissing
from gan_core.images.idx import BadImageFile, read_idx
from gan_core.messages import Message
from tests.gan_core.images.files import (
    TEST_IMAGES,
    TEST_LABELS,
    TRAIN_IMAGES,
    TRAIN_LABELS,
    fake_files,
    write,
)

ROOT = Path(__file__).parents[3]


def test_offline_digits():
    digits = image_data.load("digits")
    assert digits is image_data.load("digits")
    assert (digits.key, digits.name, digits.is_mnist) == ("digits", "Digits 8×8 (offline)", False)
    assert digits.train.shape == (1500, 28, 28)
    assert digits.test.shape == (297, 28, 28)
    for images, labels in ((digits.train, digits.train_labels), (digits.test, digits.test_labels)):
        assert images.dtype == torch.uint8
        assert labels.dtype == torch.int64
        assert len(images) == len(labels)
        assert (labels.bincount() > 20).all()
        assert labels.bincount().shape == (10,)
    every = torch.cat([digits.train, digits.test])
    assert len(every.flatten(1).unique(dim=0)) == 1797, "a digit twice, or in both parts"


def test_offline_digits_look_like_mnist():
    """Within a 20 x 20 box and its soft edge, with full ink, full paper, and little between."""
    train = image_data.load("digits").train
    border = torch.ones(28, 28, dtype=torch.bool)
    border[3:25, 3:25] = False
    assert train[:, border].max() == 0
    assert (train.flatten(1).max(1).values > 200).all()
    assert 0.1 < train.float().mean() / 255 < 0.2  # MNIST: 0.13
    assert ((train > 20) & (train < 235)).float().mean() < 0.15
    ink = train.float().mean(0)
    middle = (ink.sum(0) * torch.arange(28)).sum() / ink.sum(), (ink.sum(1) * torch.arange(28)).sum() / ink.sum()
    assert middle == pytest.approx((13.5, 13.5), abs=0.6)


def test_offline_digits_are_the_same_everywhere():
    first = image_data.load("digits")
    image_data._digits.cache_clear()
    again = image_data.load("digits")
    assert again is not first
    assert torch.equal(first.train, again.train)
    assert torch.equal(first.test_labels, again.test_labels)
    assert first.train_labels[:10].tolist() == [6, 5, 5, 7, 9, 9, 8, 4, 6, 8]


def test_pixels():
    digits = image_data.load("digits")
    train, test = digits.pixels(28)
    assert torch.equal(train.reshape(-1, 28, 28), digits.train)
    assert test.shape == (297, 784)
    train, test = digits.pixels(14)
    assert train is digits.pixels(14)[0]
    assert (train.shape, test.shape, train.dtype) == ((1500, 196), (297, 196), torch.uint8)
    mean = digits.train.double().reshape(-1, 14, 2, 14, 2).mean((2, 4)).flatten(1)
    assert (train.double() - mean).abs().max() <= 0.5
    for side in (0, -14, 13, 56):
        with pytest.raises(ValueError, match="does not divide"):
            digits.pixels(side)


def test_white_stays_white():
    white = torch.full((1, 28, 28), 255, dtype=torch.uint8)
    label = torch.zeros(1, dtype=torch.int64)
    images = image_data.ImageSet("mnist", "white", white, label, white, label)
    assert set(images.pixels(14)[0].flatten().tolist()) == {255}


def test_unknown_images():
    with pytest.raises(ValueError, match="choose one of mnist, digits"):
        image_data.load("cats")


def test_mnist(mnist_dir):
    images = image_data.load("mnist")
    assert image_data.folder() == mnist_dir
    assert images.is_mnist
    assert images.name == "MNIST"
    assert images.train.shape == (60_000, 28, 28)
    assert images.test.shape == (10_000, 28, 28)
    counts = images.train_labels.bincount()
    assert (counts[5], counts[1]) == (5421, 6742)
    assert images.test_labels[:5].tolist() == [7, 2, 1, 0, 4]
    assert (images.train.min(), images.train.max()) == (0, 255)
    assert images.pixels(14)[0].shape == (60_000, 196)


def test_mnist_in_the_cache(mnist_dir, no_mnist):
    """The original files, as the download leaves them."""
    no_mnist.mkdir()
    for file in mnist.SHA256:
        (no_mnist / file).symlink_to(mnist_dir / file)
    assert image_data.folder() == no_mnist
    (no_mnist / TEST_LABELS).unlink()
    (no_mnist / TEST_LABELS).write_bytes(b"damaged")
    assert image_data.folder() is None
    with pytest.raises(ImagesMissing, match="Download it"):
        image_data.load("mnist")


def test_loaded_once_for_all_threads(tmp_path, monkeypatch):
    monkeypatch.setenv("MNIST_DIR", str(write(tmp_path, fake_files())))
    reads = []
    monkeypatch.setattr(image_data, "read_idx", lambda path: time.sleep(0.02) or reads.append(path) or read_idx(path))
    found = []
    threads = [threading.Thread(target=lambda: found.append(image_data.load("mnist"))) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(reads) == 4
    assert len({id(images) for images in found}) == 1


@pytest.mark.parametrize("suffix", [".gz", ""], ids=["gzip", "unpacked"])
def test_other_images_of_the_same_format(tmp_path, monkeypatch, suffix):
    files = fake_files()
    if not suffix:
        files = {name.removesuffix(".gz"): gzip.decompress(data) for name, data in files.items()}
    monkeypatch.setenv("MNIST_DIR", str(write(tmp_path, files)))
    images = image_data.load("mnist")
    assert image_data.folder() == tmp_path
    assert not images.is_mnist
    assert images.name == "Your own images (MNIST_DIR)"
    assert (len(images.train), len(images.test)) == (12, 10)
    assert images.train_labels.tolist() == [*range(10), 0, 1]


def test_nothing_anywhere(no_mnist):
    assert image_data.folder() is None
    with pytest.raises(ImagesMissing, match="name it in MNIST_DIR") as caught:
        image_data.load("mnist")
    assert isinstance(caught.value.args[0], Message)


def test_an_incomplete_folder_is_not_ignored(tmp_path, no_mnist, monkeypatch):
    files = fake_files()
    where = write(tmp_path / "mine", {name: files[name] for name in (TRAIN_IMAGES, TRAIN_LABELS)})
    for place, missing in (
        (where, f"{TEST_IMAGES}, {TEST_LABELS}"),
        (tmp_path / "nowhere", "no folder that can be read"),
    ):
        monkeypatch.setenv("MNIST_DIR", str(place))
        assert image_data.folder() is None
        with pytest.raises(BadImageFile, match=missing) as caught:
            image_data.load("mnist")
        assert str(place) in caught.value.args[0]
    monkeypatch.setenv("MNIST_DIR", "  ")
    with pytest.raises(ImagesMissing):
        image_data.load("mnist")


@pytest.mark.parametrize(
    ("swap", "sentence"),
    [
        ({TRAIN_LABELS: TEST_LABELS}, "12 images and train-labels-idx1-ubyte.gz 10 labels"),
        ({TEST_LABELS: TEST_IMAGES}, "t10k-labels-idx1-ubyte.gz holds images"),
        ({TRAIN_IMAGES: TRAIN_LABELS}, "train-images-idx3-ubyte.gz holds labels"),
    ],
)
def test_files_that_do_not_belong_together(tmp_path, monkeypatch, swap, sentence):
    files = fake_files()
    monkeypatch.setenv("MNIST_DIR", str(write(tmp_path, files | {name: files[other] for name, other in swap.items()})))
    with pytest.raises(BadImageFile, match=sentence):
        image_data.load("mnist")
    write(tmp_path, files)  # mended
    assert len(image_data.load("mnist").train) == 12


# ---- Korean ----


def test_every_sentence_is_in_korean():
    files = [ROOT / "gan_core" / "images" / f"{name}.py" for name in ("data", "folder", "idx", "mnist")]
    nodes = [n for file in files for n in ast.walk(ast.parse(file.read_text("utf-8")))]
    calls = [n for n in nodes if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "Message"]
    sentences = {call.args[0].value for call in calls}
    folder = ROOT / "pages" / "text" / "ko" / "labels"
    korean = {k: v for path in folder.glob("*.toml") for k, v in tomllib.loads(path.read_text("utf-8")).items()}
    assert sentences <= korean.keys()
    own = tomllib.loads((folder / "mnist_data.toml").read_text("utf-8"))
    assert own.keys() <= sentences
