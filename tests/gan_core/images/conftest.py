"""A short training of the note's network and its file; a machine without MNIST."""

import pytest

from gan_core.images import mnist
from gan_core.images.warm_starts import save
from gan_core.training import GANTrainer
from tests.gan_core.images.experiments import WARM


@pytest.fixture(scope="session")
def trained():
    """A trainer of the note's network after six steps, with a history of four rows."""
    trainer = GANTrainer(WARM)
    trainer.history.stride = 2
    for _ in range(6):
        trainer.step()
    return trainer


@pytest.fixture(scope="session")
def good(trained, tmp_path_factory):
    """Its file."""
    file = tmp_path_factory.mktemp("stages") / "note_early.safetensors"
    save(trained.state(), file, 12.4)
    return file


@pytest.fixture
def no_mnist(monkeypatch, tmp_path):
    """No MNIST_DIR, and an empty cache; returns the cache."""
    monkeypatch.delenv("MNIST_DIR", raising=False)
    monkeypatch.setattr(mnist, "cache", lambda: tmp_path / "cache")
    return tmp_path / "cache"
