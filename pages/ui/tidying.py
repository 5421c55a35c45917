"""Memory that nobody uses any more goes back to the system: of runs and sessions that are gone.

They hold each other in circles, which Python finds in its own time: of the hundred thousands of objects of PyTorch it looks at
all only after a quarter as many new ones. And glibc keeps what was freed, for as long as something lies behind it, in an arena
for every few threads, up to eight per core.
"""

import ctypes
import gc
import os
import sys

_N_ARENAS = 2  # what one thread frees, others use
_VARIABLE = "MALLOC_ARENA_MAX"
ARENAS = {_VARIABLE: str(_N_ARENAS)}  # for the environment of a process that we start
_M_ARENA_MAX = -8  # of malloc.h
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None
_trim, _set = getattr(_libc, "malloc_trim", None), getattr(_libc, "mallopt", None)


def few_arenas() -> None:
    """As ARENAS, for this process itself, if whoever started it has not said how many; before it has many threads."""
    if _set and _VARIABLE not in os.environ:
        _set(_M_ARENA_MAX, _N_ARENAS)


def settle_down() -> None:
    """What is there now stays: `tidy` need not look at it."""
    gc.collect()
    gc.freeze()


def tidy() -> None:
    """Give back what nobody uses."""
    gc.collect()
    if _trim:
        _trim(0)
