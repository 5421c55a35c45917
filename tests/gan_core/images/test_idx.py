"""The idx reader refuses what is not good, with a sentence that names the file and the cure."""

import gzip

import pytest
import torch

from gan_core.images.idx import BadImageFile, read_idx
from gan_core.messages import Message
from tests.gan_core.images.files import idx

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
