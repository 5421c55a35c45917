"""Memory that nobody uses any more, see `pages.ui.tidying`."""

import os
import subprocess
import sys

import pytest

from pages.ui import tidying

_ARENAS_OF_MANY_THREADS = """
import ctypes, os, sys, threading
from pages.ui import tidying

if sys.argv[1] == "few":
    tidying.few_arenas()
libc = ctypes.CDLL(None)
libc.malloc.restype = libc.fdopen.restype = ctypes.c_void_p
together = threading.Barrier(12)

def work():
    libc.malloc(1000)
    together.wait()

threads = [threading.Thread(target=work) for _ in range(12)]
for thread in threads: thread.start()
for thread in threads: thread.join()
there, here = os.pipe()
file = ctypes.c_void_p(libc.fdopen(here, b"w"))
libc.malloc_info(0, file)
libc.fclose(file)
print(open(there).read().count("<heap nr="))
"""
_needs_glibc = pytest.mark.skipif(sys.platform != "linux" or not os.confstr("CS_GNU_LIBC_VERSION"), reason="of glibc")


def _arenas(how: str, **environment: str) -> int:
    """How many glibc has for a process with a dozen threads."""
    ours = {name: value for name, value in os.environ.items() if name not in tidying.ARENAS}
    command = [sys.executable, "-c", _ARENAS_OF_MANY_THREADS, how]
    return int(subprocess.check_output(command, env=ours | environment, text=True))


@_needs_glibc
def test_the_threads_of_a_server_share_two_arenas():
    assert _arenas("many") > 2
    assert _arenas("few") == 2


@_needs_glibc
def test_whoever_runs_the_server_may_have_said_how_many():
    assert _arenas("few", MALLOC_ARENA_MAX="4") == 4


@_needs_glibc
def test_so_do_those_of_a_process_that_it_starts():
    assert _arenas("many", **tidying.ARENAS) == 2
