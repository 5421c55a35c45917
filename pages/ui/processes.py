"""Processes for runs to live in, as such: how many there may be, and how they are started and called.

Imports nothing heavy: the first one is started with the server, so that both load PyTorch at the same time.
"""

import contextlib
import importlib.util
import os
import pickle
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection, Listener
from pathlib import Path
from typing import Any

from pages.ui import tidying

MOST = 8  # processes, where nobody says how many
LONGEST = 4.0  # seconds that the processes have to end
_ROOT = Path(__file__).parents[2]


def allowed() -> int:
    """How many there may be: what the environment variable GAN_WORKERS says, or one per core, at most MOST; with 0 the runs
    live in the server's own process."""
    asked = os.environ.get("GAN_WORKERS", "")
    return min(int(asked), 64) if asked.isdecimal() else min(os.cpu_count() or 1, MOST)


def cluster() -> str:
    """The address of the Ray cluster on whose machines the runs live, as the environment variable GAN_CLUSTER says; "": none."""
    return os.environ.get("GAN_CLUSTER", "").strip()


class Process:
    """A process that does what it is asked, see `worker`; started at once.

    It is reached over a local socket that only our own children can open: they get its key on their standard input.
    """

    def __init__(self) -> None:
        key = secrets.token_bytes(32)
        self._listener = Listener(("127.0.0.1", 0), authkey=key)
        self._address = self._listener.address
        environment = tidying.ARENAS | os.environ
        self.popen = subprocess.Popen(
            [sys.executable, "-m", "pages.ui.worker"], stdin=subprocess.PIPE, cwd=_ROOT, env=environment
        )
        assert self.popen.stdin
        self.popen.stdin.write(f"{self._address[1]} {key.hex()}\n".encode())
        self.popen.stdin.flush()
        self._connection: Connection | None = None

    def connect(self) -> None:
        """Wait until it is there. Call once, before it is spoken to.

        Raises:
            OSError, EOFError, AuthenticationError: it has ended before, or somebody else has come.
        """
        threading.Thread(target=self._knock, name="knock", daemon=True).start()
        try:
            self._connection = self._listener.accept()
        finally:
            self._listener.close()

    def _knock(self) -> None:
        """If it ends before it is there, nobody else lets `connect` go on."""
        self.popen.wait()
        if self._connection is None:
            with contextlib.suppress(OSError):
                socket.create_connection(self._address).close()

    def send(self, message: Any) -> None:
        """Send what pickle can.

        Raises:
            OSError: it has ended.
        """
        if self._connection is None:
            raise ConnectionResetError
        # not by the connection's own pickler, to which PyTorch has taught to share memory between processes
        self._connection.send_bytes(pickle.dumps(message))

    def receive(self) -> Any:
        """What it says next; waits for it.

        Raises:
            OSError, EOFError: it has ended.
        """
        if self._connection is None:
            raise ConnectionResetError
        return pickle.loads(self._connection.recv_bytes())

    def hang_up(self) -> None:
        """Let it end, as it does when nobody is at the other end any more."""
        self._listener.close()
        with contextlib.suppress(OSError):
            if self._connection:  # closing it is not enough while a thread of ours listens
                with socket.fromfd(self._connection.fileno(), socket.AF_INET, socket.SOCK_STREAM) as line:
                    line.shutdown(socket.SHUT_RDWR)


def end(ending: Sequence[Process]) -> None:
    """End these, whatever they do: within LONGEST seconds, all of them together."""
    for process in ending:
        process.hang_up()
    last = time.monotonic() + LONGEST
    for process in ending:
        try:
            process.popen.wait(max(last - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            process.popen.kill()
            process.popen.wait()


_spare: list[Process] = []
_started = False  # whether there has been one
_lock = threading.Lock()


def warm_up() -> None:
    """Start the first process, if there may be one, and if none has been started yet. In a cluster there is none here."""
    if cluster():
        if importlib.util.find_spec("ray") is None:
            raise SystemExit("GAN_CLUSTER needs Ray: pip install -r requirements-cluster.txt -c requirements.lock")
        return
    with _lock:
        if allowed() and not _started:
            _spare.append(_new())


def _new() -> Process:
    global _started
    _started = True
    return Process()


def take() -> Process:
    """The one that has been warmed up, or a new one."""
    with _lock:
        return _spare.pop() if _spare else _new()
