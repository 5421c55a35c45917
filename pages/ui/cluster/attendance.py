"""In a process of runs: by way of which web server a run has how many visitors, and whose visitor's it is.

A web server says how many there are, not who comes and goes: it can say so again, and what it said goes when it is gone.
"""

import threading
from collections import defaultdict
from collections.abc import Collection

from gan_core import TrainConfig
from pages.ui import asking, feed, keepsakes
from pages.ui.keepsakes import Keepsake

_lock = threading.Lock()  # guards what follows, and what is said to the runner of it
_here: defaultdict[str, dict[str, tuple[int, int]]] = defaultdict(dict)  # run -> server -> visitors, watchers of them
_home: dict[str, str] = {}  # run -> server of the page that has it


def begin(config: TrainConfig, server: str) -> tuple[str, Keepsake]:
    """A new paused run of a visitor of this server; see `keepsakes.begin_and_keep`."""
    run_id, keepsake = keepsakes.begin_and_keep(config)
    with _lock:
        _home[run_id] = server
    return run_id, keepsake


def attend(run_id: str, server: str, visitors: int, watchers: int) -> None:
    """By way of this server the run has so many visitors, of whom some only watch.

    Raises:
        RunGone: there is no such run.
    """
    with _lock:
        before, before_watching = _here[run_id].get(server, (0, 0))
        _change(run_id, visitors - watchers - (before - before_watching), watching=False)
        _change(run_id, watchers - before_watching, watching=True)
        _here[run_id][server] = visitors, watchers
        if not visitors:
            del _here[run_id][server]


def _change(run_id: str, n: int, *, watching: bool) -> None:
    for _ in range(n):
        asking.attach(run_id, watching=watching)
    for _ in range(-n):
        asking.detach(run_id, watching=watching)


def only(servers: Collection[str]) -> None:
    """Only these web servers are there; runs that are gone have no visitors."""
    for run_id, seen in list(_here.items()):
        if run_id not in feed.runner():
            with _lock:
                _here.pop(run_id, None)
                _home.pop(run_id, None)
            continue
        for server in set(seen).difference(servers):
            attend(run_id, server, 0, 0)


def waits(run_id: str, config: TrainConfig, server: str) -> bool:
    """Whether the run waits for its visitor to come back, with these settings, to this server. Whoever asks has its key: if its
    page was on another server, then the visitor has moved here, and its line perhaps sooner than its page.

    Raises:
        RunGone: there is no such run.
    """
    moved = _home.get(run_id, server) != server and feed.runner().run(run_id).config == config
    if not moved and not asking.waits(run_id, config):
        return False
    with _lock:
        _home[run_id] = server
    return True
