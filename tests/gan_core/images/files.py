"""Files like those of MNIST, good and bad."""

import gzip
import struct

import torch

from gan_core.images import mnist

TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS = mnist.SHA256


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
    return {name: gzip.compress(idx(part)) for name, part in zip(mnist.SHA256, parts, strict=True)}


def write(folder, files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {}
