"""Turns of many actors in a few worker threads, fair by time: next is whoever has had the least of it, and whoever has just
been asked for something comes first.

A turn may be a hundred times as long as another one, since a step of a large network is. So each actor has an account of
the seconds of its turns (start-time fair queueing: Goyal, Vin and Cheng, 1996). Who comes back after a rest begins where
those are who were served meanwhile: time that was not asked for is not saved up.
"""

import math
import sys
import threading
import time
from collections.abc import Callable

from gan_core import threads

Turn = Callable[[], None]


class Turns:
    """Worker threads, and the turns that wait for them.

    Args:
        workers: number of threads.
        clock: seconds of the thread that asks: of its work, not of its waiting for the machine's other work.
    """

    def __init__(self, workers: int, clock: Callable[[], float] = time.thread_time):
        self._clock = clock
        self._waiting: dict[Turn, float] = {}  # turn -> its account; of equal ones the one that came first is next
        self._accounts: dict[Turn, float] = {}  # of those who have had more than whoever comes now
        self._now = 0.0  # the account of the last one served
        self._at_work = 0
        self._closed = False
        self._changed = threading.Condition()
        self._threads = [threading.Thread(target=self._serve, name=f"trainer_{i}", daemon=True) for i in range(workers)]
        for thread in self._threads:
            thread.start()

    def put(self, turn: Turn) -> None:
        """Take this turn once all who wait have had as much time as it.

        Raises:
            RuntimeError: the threads have ended.
        """
        with self._changed:
            if self._closed:
                raise RuntimeError("no more turns are taken")
            self._waiting.setdefault(turn, max(self._accounts.get(turn, 0.0), self._now))
            self._changed.notify()

    def hurry(self, turn: Turn) -> None:
        """Take this turn next, if it waits."""
        with self._changed:
            if turn in self._waiting:
                self._waiting[turn] = -math.inf

    def share(self) -> float:
        """The part of a worker's time that each of those has who want some now, range (0, 1]."""
        return min(len(self._threads) / max(len(self._waiting) + self._at_work, 1), 1.0)

    def shutdown(self) -> None:
        """Drop what waits, and end the threads when their turns are over."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        threads.use_one()
        while served := self._next():
            turn, account = served
            begun = self._clock()
            try:
                turn()
            except Exception:  # whose turn it was is lost; the others are not
                threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread())))
            finally:
                with self._changed:
                    self._at_work -= 1
                    self._charge(turn, account + self._clock() - begun)

    def _next(self) -> tuple[Turn, float] | None:
        """The turn to take, and its account before that."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            if self._closed:
                return None
            self._at_work += 1
            turn = min(self._waiting, key=self._waiting.__getitem__)
            self._now = max(self._now, self._waiting.pop(turn))
            return turn, max(self._accounts.get(turn, 0.0), self._now)

    def _charge(self, turn: Turn, account: float) -> None:
        """This is its account from now on; it may wait again already."""
        self._accounts = {other: had for other, had in self._accounts.items() if had > self._now}
        self._accounts[turn] = account
        if self._waiting.get(turn, -math.inf) > -math.inf:
            self._waiting[turn] = account
