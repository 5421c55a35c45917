"""Shared fixtures: one torch thread, and a running app with a Chromium for the browser tests."""

import os
from collections.abc import Iterator

import pytest
import torch

from benchmarks.harness import app_server, chromium_path, headless_chromium

torch.set_num_threads(1)


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
