"""A running app and a headless Chromium, for the benchmarks, the screenshots and the browser tests."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent
BOARD = "[data-testid=live-board]"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def chromium_path() -> str | None:
    """Path of a Chromium or Chrome on this machine, or the one in the environment variable CHROMIUM."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def app_server(
    port: int = 0, workers: str = "", path: str = "", environment: Mapping[str, str] | None = None
) -> Iterator[tuple[str, int]]:
    """The app on this port, or on a free one: its address and the server's process id.

    Args:
        workers: number of processes for the runs, see `pages.ui.studio`; "" leaves it to the app.
        path: below which it is served, e.g. "gan-class"; "" for none. environment: what else it has in its environment.
    """
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.address", "127.0.0.1"]
    server = subprocess.Popen(
        [*command, "--server.port", str(port), "--server.baseUrlPath", path], cwd=ROOT, stdout=subprocess.DEVNULL, start_new_session=True,
        env=os.environ | {"GAN_WORKERS": workers} | dict(environment or {}),
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}/{path}".rstrip("/")
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server does not outlive us
    try:
        wait_until(lambda: _answers(url + "/_stcore/health"), 60, "the Streamlit server did not start")
        yield url, server.pid
    finally:
        with contextlib.suppress(ProcessLookupError):  # a test has ended it
            os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)


@contextlib.contextmanager
def headless_chromium() -> Iterator:
    """A Playwright browser.

    Raises:
        FileNotFoundError: there is no Chromium.
    """
    from playwright.sync_api import sync_playwright

    if chromium_path() is None:
        raise FileNotFoundError("no Chromium found: install chromium, or set CHROMIUM to its path")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        yield browser
        browser.close()


def board(page) -> dict[str, str]:
    """The data-* attributes of the live board, e.g. {"step": "120", "state": "playing", ...}."""
    return page.eval_on_selector(
        BOARD, "e => Object.fromEntries([...e.attributes].map(a => [a.name.replace('data-', ''), a.value]))"
    )


def open_board(page, url: str) -> None:
    """Open a live page and wait for its first picture."""
    page.goto(url)
    page.wait_for_selector(f"{BOARD}[data-step]", timeout=60_000)  # boards of exhibits have no step


def wait_until(condition: Callable[[], object], seconds: float, message: str) -> None:
    """Poll until the condition holds.

    Raises:
        TimeoutError: it did not hold within `seconds`.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{message} within {seconds:g} seconds")
        time.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=1)
    except OSError:
        return False
    return True
