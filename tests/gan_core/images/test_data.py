"""Handwritten digits: the idx reader refuses what is not good, and the download what is not the original."""

import ast
import errno
import gzip
import hashlib
import struct
import threading
import time
import tomllib
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch

from gan_core.images import data as image_data
from gan_core.images.data import BadImageFile, DownloadFailed, ImagesMissing, read_idx
from gan_core.messages import Message

ROOT = Path(__file__).parents[3]
TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS = image_data.SHA256


def idx(numbers, magic=None, sizes=None):
    """The bytes of an idx file of a uint8 tensor; a wrong head on request."""
    sizes = sizes or numbers.shape
    return struct.pack(f">I{len(sizes)}I", magic or 0x800 + len(sizes), *sizes) + numbers.byte().numpy().tobytes()


def fake_files(n=12, n_test=10, labels=None):
    """File name -> gzipped bytes of random images."""
    rng = torch.Generator().manual_seed(3)
    images = torch.randint(256, (n + n_test, 28, 28), generator=rng)
    labels = torch.arange(n + n_test) % 10 if labels is None else labels
    parts = (images[:n], labels[:n], images[n:], labels[n:])
    return {name: gzip.compress(idx(part)) for name, part in zip(image_data.SHA256, parts, strict=True)}


def write(folder, files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture
def no_mnist(monkeypatch, tmp_path):
    """No MNIST_DIR, and an empty cache; returns the cache."""
    monkeypatch.delenv("MNIST_DIR", raising=False)
    monkeypatch.setattr(image_data, "_cache", lambda: tmp_path / "cache")
    return tmp_path / "cache"


# ---- the idx reader ----

IMAGES = torch.arange(3 * 784).reshape(3, 28, 28) % 256
LABELS = torch.tensor([0, 9, 5])


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("numbers", [IMAGES, LABELS], ids=["images", "labels"])
def test_reads_good_files(tmp_path, numbers, pack):
    path = tmp_path / "file"  # told by its content, not by its name
    path.write_bytes(pack(idx(numbers)))
    read = read_idx(path)
    assert read.dtype == torch.uint8
    assert torch.equal(read, numbers.byte())


GOOD = idx(IMAGES)
BAD = {
    "empty": (b"", "not an idx file"),
    "text": (b"<html>Not found</html>", "not an idx file"),
    "magic 2050": (idx(IMAGES, magic=2050), "28 numbers for each image or label"),
    "floats": (idx(IMAGES, magic=0x0D03), "type 13"),
    "half a head": (GOOD[:9], "ends within its head"),
    "truncated": (GOOD[:-1], r"cut off: it holds 2,351 of 2,352"),
    "too long": (GOOD + b"\0", "longer than the 2,352"),
    "32 x 32": (idx(torch.zeros(2, 32, 32)), "these have 32 × 32"),
    "flat": (idx(IMAGES, sizes=(3, 0, 28)), "these have 0 × 28"),
    "none": (idx(LABELS[:0]), "announces 0 images"),
    "absurdly many images": (idx(IMAGES, sizes=(2**32 - 1, 28, 28)), "announces 4,294,967,295"),
    "absurdly many labels": (idx(LABELS, sizes=(2**31,)), "from 1 to 300,000"),
    "label 10": (idx(LABELS + 1), "the label 10"),
    "gzip, truncated": (gzip.compress(GOOD)[:-9], "damaged gzip"),
    "gzip, without its end": (gzip.compress(GOOD)[:-8], "damaged gzip"),
    "gzip, wrong sum": (gzip.compress(GOOD)[:-8] + bytes(8), "damaged gzip"),
    "gzip, corrupt": (gzip.compress(GOOD)[:10] + b"\xff" * 40, "damaged gzip"),
    "gzip, only its mark": (b"\x1f\x8b", "damaged gzip"),
    "gzip of a truncated file": (gzip.compress(GOOD[:-1]), "cut off"),
    "gzip of text": (gzip.compress(b"hello, world"), "not an idx file"),
}


@pytest.mark.parametrize("case", BAD)
def test_refuses_bad_files(tmp_path, case):
    content, sentence = BAD[case]
    path = tmp_path / "some-images.gz"
    path.write_bytes(content)
    with pytest.raises(BadImageFile, match=sentence) as caught:
        read_idx(path)
    message = caught.value.args[0]
    assert isinstance(message, Message)
    assert "some-images.gz" in message
    assert message.count(".") >= 3  # what is wrong, and what to do


@pytest.mark.parametrize("place", ["missing", "."])
def test_refuses_what_cannot_be_read(tmp_path, place):
    with pytest.raises(BadImageFile, match="cannot be read"):
        read_idx(tmp_path / place)


def test_a_gzip_bomb_is_not_unpacked(tmp_path, monkeypatch):
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(GOOD + bytes(50_000_000)))
    asked = []
    read = gzip.GzipFile.read
    monkeypatch.setattr(gzip.GzipFile, "read", lambda self, size=-1: asked.append(size) or read(self, size))
    with pytest.raises(BadImageFile, match="longer than the 2,352"):
        read_idx(path)
    assert asked == [4, 12, 2353]


# ---- loading ----


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
    for file in image_data.SHA256:
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


# ---- the download ----


@contextmanager
def mirror(files, *, mode="right", delay=3.0):
    """A mirror on this machine; yields its address and the list of the names that it was asked for."""
    asked, over = [], threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            name = self.path.rpartition("/")[2]
            asked.append(name)
            body = files.get(name)
            if mode == "missing" or body is None:
                self.send_error(404)
                return
            if mode == "silent":
                over.wait(delay)
                return
            body = body[::-1] if mode == "wrong" else body
            self.send_response(200)
            if mode != "no length":
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[:20] if mode in ("partial", "stalling", "dripping") else body)
            if mode == "stalling":
                over.wait(delay)
            if mode == "dripping":
                for at in range(20, len(body), 400):
                    if over.wait(0.005):
                        break
                    self.wfile.write(body[at : at + 400])

        def log_message(self, *_):
            pass

        def handle(self):
            with suppress(OSError):  # the visitor hung up
                super().handle()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/mnist/", asked
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def files(monkeypatch, no_mnist):
    """Four small files that stand for MNIST, with their hashes."""
    files = fake_files(40, 10)
    monkeypatch.setattr(image_data, "SHA256", {name: hashlib.sha256(data).hexdigest() for name, data in files.items()})
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    return files


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {}


def test_download(files, no_mnist):
    told = []
    with mirror(files) as (url, asked):
        assert image_data.download(lambda *now: told.append(now), [url]) == no_mnist
    assert content(no_mnist) == files
    assert asked == list(files)
    for name, data in files.items():
        sizes = [bytes_ for file, bytes_, total in told if file == name]
        assert sizes == sorted(sizes)
        assert sizes[-1] == len(data)
        assert {total for file, _, total in told if file == name} == {len(data)}
    assert image_data.folder() == no_mnist
    assert len(image_data.load("mnist").train) == 40


def test_download_of_unknown_length(files, no_mnist):
    told = []
    with mirror(files, mode="no length") as (url, _):
        image_data.download(lambda *now: told.append(now), [url])
    assert content(no_mnist) == files
    assert {total for *_, total in told} == {0}


def test_mirrors_in_order_and_the_good_one_first_afterwards(files, no_mnist):
    with mirror(files, mode="missing") as (first, a), mirror(files) as (second, b), mirror(files) as (third, c):
        image_data.download(mirrors=[first, second, third])
    assert a == [TRAIN_IMAGES]
    assert b == list(files)
    assert c == []
    assert content(no_mnist) == files


FAILURES = {
    "wrong": "train-images-idx3-ubyte.gz is not the original",
    "partial": "broke off within train-images-idx3-ubyte.gz",
    "silent": "too slow for train-images-idx3-ubyte.gz",
    "stalling": "too slow for train-images-idx3-ubyte.gz",
    "dripping": "too slow for train-images-idx3-ubyte.gz",
    "missing": "the answer was 404",
}


@pytest.mark.parametrize("mode", FAILURES)
def test_failures_of_a_mirror(files, no_mnist, monkeypatch, mode):
    if mode == "dripping":
        monkeypatch.setattr(image_data, "_SLOWEST", 1e9)
    with mirror(files, mode=mode) as (url, _):
        start = time.monotonic()
        with pytest.raises(DownloadFailed, match=FAILURES[mode]) as caught:
            image_data.download(mirrors=[url], timeout=0.3)
        assert time.monotonic() - start < 5
    message = caught.value.args[0]
    assert isinstance(message, Message)
    assert url.split("/")[2] in message
    assert "ress again" in message
    assert caught.value.__context__ is None, "a traceback shows more than the sentence"
    assert content(no_mnist) == {}, "left in the cache"
    with mirror(files) as (url, _):
        image_data.download(mirrors=[url])
    assert content(no_mnist) == files


@pytest.mark.parametrize("mode", FAILURES)
def test_a_bad_mirror_is_passed_over(files, no_mnist, monkeypatch, mode):
    with mirror(files, mode=mode) as (bad, _), mirror(files) as (good, _):
        image_data.download(mirrors=[bad, good], timeout=0.3)
    assert content(no_mnist) == files


def nobody():
    """An address where nobody listens."""
    with mirror({}) as (url, _):
        return url


def test_no_network(files, no_mnist):
    with pytest.raises(DownloadFailed, match=r"No mirror can be reached .*127\.0\.0\.1.*, .*Check the network"):
        image_data.download(mirrors=[nobody(), nobody()])
    assert content(no_mnist) == {}


def test_of_several_failures_the_furthest_is_told(files):
    with (
        mirror(files, mode="wrong") as (wrong, _),
        mirror(files, mode="missing") as (missing, _),
        pytest.raises(DownloadFailed, match="not the original") as caught,
    ):
        image_data.download(mirrors=[nobody(), wrong, missing])
    assert caught.value.args[0].values["hosts"].count("127.0.0.1") == 3


def test_pressing_again_resumes(files, no_mnist):
    some = {name: files[name] for name in (TRAIN_IMAGES, TRAIN_LABELS)}
    with mirror(some) as (url, asked), pytest.raises(DownloadFailed, match=TEST_IMAGES):
        image_data.download(mirrors=[url])
    assert content(no_mnist) == some
    (no_mnist / TRAIN_LABELS).write_bytes(b"damaged meanwhile")
    with mirror(files) as (url, asked):
        image_data.download(mirrors=[url])
    assert asked == [TRAIN_LABELS, TEST_IMAGES, TEST_LABELS]
    assert content(no_mnist) == files
    image_data.download(mirrors=[nobody()])  # all there: nobody is asked


def test_two_visitors_at_once(files, no_mnist):
    with mirror(files) as (url, asked):
        threads = [threading.Thread(target=image_data.download, kwargs={"mirrors": [url]}) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert asked == list(files)
    assert content(no_mnist) == files


def test_a_visitor_who_leaves_frees_the_way(files, no_mnist):
    class Gone(BaseException):
        pass

    def leave(*_):
        raise Gone

    with mirror(files) as (url, _):
        with pytest.raises(Gone):
            image_data.download(leave, [url])
        assert content(no_mnist) == {}
        image_data.download(mirrors=[url])
    assert content(no_mnist) == files


def test_the_cache_cannot_be_written(files, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with mirror(files) as (url, asked), pytest.raises(DownloadFailed, match="cannot be written") as caught:
        image_data.download(mirrors=[url, url], cache=tmp_path / "file" / "cache")
    assert "MNIST_DIR" in caught.value.args[0]
    assert asked == []


@pytest.mark.parametrize("error", [PermissionError("no number"), OSError(errno.EROFS, "read-only")])
def test_a_read_only_cache(files, tmp_path, monkeypatch, error):
    def refuse(*_, **__):
        raise error

    monkeypatch.setattr("pooch.core.make_local_storage", refuse)
    with pytest.raises(DownloadFailed, match="cannot be written"):
        image_data.download(mirrors=[nobody()], cache=tmp_path)


def test_a_full_disk(files, no_mnist, monkeypatch):
    class FullDisk:
        def __init__(self, *args, **kwargs):
            self.file = open(*args, **kwargs)  # noqa: SIM115

        def write(self, data):
            self.file.write(data[:10])
            raise OSError(errno.ENOSPC, "No space left on device")

        def close(self):
            self.file.close()

    monkeypatch.setattr("pooch.downloaders.open", FullDisk, raising=False)
    with (
        mirror(files) as (url, asked),
        pytest.raises(DownloadFailed, match="The disk is full: MNIST needs 12 MB") as caught,
    ):
        image_data.download(mirrors=[url, url])
    assert str(no_mnist) in caught.value.args[0]
    assert len(asked) == 1, "another mirror would not help"
    assert content(no_mnist) == {}


# ---- Korean ----


def test_every_sentence_is_in_korean():
    sentences = set()
    for module in ("data", "folder", "idx"):
        tree = ast.parse((ROOT / "gan_core" / "images" / f"{module}.py").read_text("utf-8"))
        calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "Message"]
        sentences |= {call.args[0].value for call in calls}
    folder = ROOT / "pages" / "text" / "ko" / "labels"
    korean = {k: v for path in folder.glob("*.toml") for k, v in tomllib.loads(path.read_text("utf-8")).items()}
    assert sentences <= korean.keys()
    own = tomllib.loads((folder / "mnist_data.toml").read_text("utf-8"))
    assert own.keys() <= sentences
