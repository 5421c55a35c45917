"""A short training of the note's network, and its file."""

import pytest

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
