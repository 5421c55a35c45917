"""Memory that nobody uses any more goes back to the system: of runs and sessions that are gone.

They hold each other in circles, which Python finds in its own time: of the hundred thousands of objects of PyTorch it looks at
all only after a quarter as many new ones. And glibc keeps what was freed, for as long as something lies behind it.
"""

import ctypes
import gc
import sys

_trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None


def settle_down() -> None:
    """What is there now stays: `tidy` need not look at it."""
    gc.collect()
    gc.freeze()


def tidy() -> None:
    """Give back what nobody uses."""
    gc.collect()
    if _trim:
        _trim(0)
