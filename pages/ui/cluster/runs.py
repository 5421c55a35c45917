"""An actor in which runs live: what it does besides what it is asked.

It tells the lobby every few seconds what its runs can be brought back from. If it ends, Ray starts it anew, and it begins by
bringing back the runs that the one before it had.
"""

import asyncio
import contextlib
import logging
import pickle
import threading
import time

from pages.ui import beside, feed, keepsakes
from pages.ui.cluster import actors, attendance, lobby
from pages.ui.keepsakes import Keepsake
from pages.ui.looks import View
from pages.ui.relay import WorkerDied

TELLS_EVERY = 5.0  # seconds
_PREFIX = "runs_"
_PATIENCE = 20.0  # seconds that a question for a frame may wait


def name(number: int) -> str:
    """Of the actor of this number, with which the keys of its runs begin."""
    return f"{_PREFIX}{number}"


def numbers(names: list[str]) -> list[int]:
    """Of the actors in which runs live, among these names."""
    return sorted(int(found.removeprefix(_PREFIX)) for found in names if found.startswith(_PREFIX))


def settle(number: int) -> None:
    """The actor begins: it has the runs that the one before it had."""
    feed.settle_in(f"{number}-")
    home = actors.start(lobby.NAME, lobby.begin)
    lost, tables = home.call(lobby.ask, "settle", number)
    for table in tables:
        keepsakes.learn(pickle.loads(table))
    for keepsake in lost:
        with contextlib.suppress(Exception):
            keepsakes.revive(pickle.loads(keepsake))
    threading.Thread(target=_tell_for_ever, args=[number], name="tell", daemon=True).start()


def told(keepsake: Keepsake) -> lobby.Told:
    """As the lobby has it."""
    return lobby.Told(keepsake.state.step if keepsake.state else 0, pickle.dumps(keepsake))


def _tell_for_ever(number: int) -> None:
    while True:
        time.sleep(TELLS_EVERY)
        try:
            _tell(number)
        except WorkerDied:  # the next time there is another lobby
            keepsakes.forget_what_was_sent()
        except Exception:
            logging.getLogger(__name__).exception("the lobby could not be told of the runs")


def _tell(number: int) -> None:
    home = actors.start(lobby.NAME, lobby.begin)
    news = {keepsake.run_id: told(keepsake) for keepsake in keepsakes.keepsakes()}
    alive = set(feed.runner().alone())
    known, servers = home.call(lobby.ask, "tell", number, alive, news)
    if not known:  # it is another one
        keepsakes.forget_what_was_sent()
    attendance.only(servers)
    beside.forget()


async def next_frame(run_id: str, have: int, view: View) -> tuple[int, bytes] | None:
    """See `feed.next_frame`; None after a while without one: who asked may be gone."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE):
            return await feed.next_frame(run_id, have, view)
    return None
