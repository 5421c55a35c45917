"""Turns of many actors in a few worker threads: a queue, in which whoever has just been asked for something comes first."""

import sys
import threading
from collections import OrderedDict
from collections.abc import Callable

import torch

Turn = Callable[[], None]


class Turns:
    """Worker threads, and the turns that wait for them.

    Args:
        workers: number of threads.
    """

    def __init__(self, workers: int):
        self._waiting: OrderedDict[Turn, None] = OrderedDict()
        self._at_work = 0
        self._closed = False
        self._changed = threading.Condition()
        self._threads = [threading.Thread(target=self._serve, name=f"trainer_{i}", daemon=True) for i in range(workers)]
        for thread in self._threads:
            thread.start()

    def put(self, turn: Turn) -> None:
        """Take this turn after all others that wait.

        Raises:
            RuntimeError: the threads have ended.
        """
        with self._changed:
            if self._closed:
                raise RuntimeError("no more turns are taken")
            self._waiting[turn] = None
            self._changed.notify()

    def hurry(self, turn: Turn) -> None:
        """Take this turn next, if it waits."""
        with self._changed:
            if turn in self._waiting:
                self._waiting.move_to_end(turn, last=False)

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
        torch.set_num_threads(1)  # nets this small are slower on two threads than on one
        while turn := self._next():
            try:
                turn()
            except Exception:  # whose turn it was is lost; the others are not
                threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread())))
            finally:
                with self._changed:
                    self._at_work -= 1

    def _next(self) -> Turn | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            if self._closed:
                return None
            self._at_work += 1
            return self._waiting.popitem(last=False)[0]
