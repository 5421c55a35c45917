"""The download of MNIST, from mirrors that are slow, wrong, broken or good."""

import errno
import hashlib
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from gan_core.images import data as image_data
from gan_core.images import mnist
from gan_core.images.mnist import DownloadFailed
from gan_core.messages import Message
from tests.gan_core.images.files import TEST_IMAGES, TEST_LABELS, TRAIN_IMAGES, TRAIN_LABELS, content, fake_files


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
    monkeypatch.setattr(mnist, "SHA256", {name: hashlib.sha256(data).hexdigest() for name, data in files.items()})
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    return files


def test_download(files, no_mnist):
    told = []
    with mirror(files) as (url, asked):
        assert mnist.download(lambda *now: told.append(now), [url]) == no_mnist
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
        mnist.download(lambda *now: told.append(now), [url])
    assert content(no_mnist) == files
    assert {total for *_, total in told} == {0}


def test_mirrors_in_order_and_the_good_one_first_afterwards(files, no_mnist):
    with mirror(files, mode="missing") as (first, a), mirror(files) as (second, b), mirror(files) as (third, c):
        mnist.download(mirrors=[first, second, third])
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
        monkeypatch.setattr(mnist, "_SLOWEST", 1e9)
    with mirror(files, mode=mode) as (url, _):
        start = time.monotonic()
        with pytest.raises(DownloadFailed, match=FAILURES[mode]) as caught:
            mnist.download(mirrors=[url], timeout=0.3)
        assert time.monotonic() - start < 5
    message = caught.value.args[0]
    assert isinstance(message, Message)
    assert url.split("/")[2] in message
    assert "ress again" in message
    assert caught.value.__context__ is None, "a traceback shows more than the sentence"
    assert content(no_mnist) == {}, "left in the cache"
    with mirror(files) as (url, _):
        mnist.download(mirrors=[url])
    assert content(no_mnist) == files


@pytest.mark.parametrize("mode", FAILURES)
def test_a_bad_mirror_is_passed_over(files, no_mnist, monkeypatch, mode):
    with mirror(files, mode=mode) as (bad, _), mirror(files) as (good, _):
        mnist.download(mirrors=[bad, good], timeout=0.3)
    assert content(no_mnist) == files


def nobody():
    """An address where nobody listens."""
    with mirror({}) as (url, _):
        return url


def test_no_network(files, no_mnist):
    with pytest.raises(DownloadFailed, match=r"No mirror can be reached .*127\.0\.0\.1.*, .*Check the network"):
        mnist.download(mirrors=[nobody(), nobody()])
    assert content(no_mnist) == {}


def test_of_several_failures_the_furthest_is_told(files):
    with (
        mirror(files, mode="wrong") as (wrong, _),
        mirror(files, mode="missing") as (missing, _),
        pytest.raises(DownloadFailed, match="not the original") as caught,
    ):
        mnist.download(mirrors=[nobody(), wrong, missing])
    assert caught.value.args[0].values["hosts"].count("127.0.0.1") == 3


def test_pressing_again_resumes(files, no_mnist):
    some = {name: files[name] for name in (TRAIN_IMAGES, TRAIN_LABELS)}
    with mirror(some) as (url, asked), pytest.raises(DownloadFailed, match=TEST_IMAGES):
        mnist.download(mirrors=[url])
    assert content(no_mnist) == some
    (no_mnist / TRAIN_LABELS).write_bytes(b"damaged meanwhile")
    with mirror(files) as (url, asked):
        mnist.download(mirrors=[url])
    assert asked == [TRAIN_LABELS, TEST_IMAGES, TEST_LABELS]
    assert content(no_mnist) == files
    mnist.download(mirrors=[nobody()])  # all there: nobody is asked


def test_two_visitors_at_once(files, no_mnist):
    with mirror(files) as (url, asked):
        threads = [threading.Thread(target=mnist.download, kwargs={"mirrors": [url]}) for _ in range(4)]
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
            mnist.download(leave, [url])
        assert content(no_mnist) == {}
        mnist.download(mirrors=[url])
    assert content(no_mnist) == files


def test_the_cache_cannot_be_written(files, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with mirror(files) as (url, asked), pytest.raises(DownloadFailed, match="cannot be written") as caught:
        mnist.download(mirrors=[url, url], where=tmp_path / "file" / "cache")
    assert "MNIST_DIR" in caught.value.args[0]
    assert asked == []


@pytest.mark.parametrize("error", [PermissionError("no number"), OSError(errno.EROFS, "read-only")])
def test_a_read_only_cache(files, tmp_path, monkeypatch, error):
    def refuse(*_, **__):
        raise error

    monkeypatch.setattr("pooch.core.make_local_storage", refuse)
    with pytest.raises(DownloadFailed, match="cannot be written"):
        mnist.download(mirrors=[nobody()], where=tmp_path)


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
        mnist.download(mirrors=[url, url])
    assert str(no_mnist) in caught.value.args[0]
    assert len(asked) == 1, "another mirror would not help"
    assert content(no_mnist) == {}
