"""Shared fixtures: one torch thread, no deprecated Streamlit, and a running app with a Chromium for the browser tests."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pooch
import pytest
import torch

from benchmarks.harness import ROOT, app_server, chromium_path, headless_chromium

torch.set_num_threads(1)
os.environ.setdefault("GAN_WORKERS", "0")  # in the tests' own process; the app that browsers visit has others

if not os.environ.get("MNIST_DIR"):  # MNIST lies beside the repository, or where the app has downloaded it
    for place in (ROOT / "../shared/data/mnist", Path(pooch.os_cache("gan-explainer"))):
        if (place / "train-images-idx3-ubyte.gz").is_file():
            os.environ["MNIST_DIR"] = str(place.resolve())
            break


class _Heard(logging.Handler):
    """Remembers what a logger says."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@pytest.fixture(autouse=True)
def streamlit_deprecations() -> Iterator[list[str]]:
    """What Streamlit said of its own deprecated functions during a test, which fails if that is anything.

    Streamlit warns by a logger that does not propagate, so neither `warnings` nor pytest's caplog hear it.
    """
    heard, logger = _Heard(), logging.getLogger("streamlit.deprecation_util")
    logger.addHandler(heard)
    yield heard.messages
    logger.removeHandler(heard)
    assert heard.messages == []


@pytest.fixture(scope="session")
def mnist_dir() -> Path:
    """The folder of the four original MNIST files; tests that need them are skipped without it."""
    if not os.environ.get("MNIST_DIR"):
        pytest.skip("no MNIST files found: set MNIST_DIR to their folder, or download them in the app")
    return Path(os.environ["MNIST_DIR"])


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Address of a running app."""
    with app_server() as (url, _):
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator:
    """A headless Chromium. Without one the tests are skipped, unless REQUIRE_BROWSER is set: then they fail."""
    if chromium_path() is None and not os.environ.get("REQUIRE_BROWSER"):
        pytest.skip("no Chromium found: install chromium, or set CHROMIUM to its path")
    with headless_chromium() as instance:
        yield instance
