"""Whoever asks for one thread gets it from everything that computes with matrices."""

import json
import os
import subprocess
import sys

import pytest

CODE = """
import json, numpy, scipy.linalg, torch
from threading import Event
from threadpoolctl import threadpool_info
from gan_core import counts, threads
from gan_core.turns import Turns

def numbers():
    return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]

def a_turn():
    turns, done = Turns(1), Event()
    turns.put(done.set)
    done.wait()
    turns.shutdown()

before = numbers()
{}()
print(json.dumps([before, numbers()]))
"""


@pytest.mark.skipif(os.cpu_count() == 1, reason="there is but one core")
@pytest.mark.parametrize("who", ["threads.use_one", "a_turn", "counts._corrections"])
def test_numpy_and_scipy_compute_on_one_thread(who):
    """In a process of its own: whoever asked before would have got it for all."""
    command = [sys.executable, "-c", CODE.format(who)]
    output = subprocess.run(command, env=os.environ | {"OPENBLAS_NUM_THREADS": "2"}, capture_output=True, check=True)
    before, after = json.loads(output.stdout)
    assert 2 in before
    assert set(after) == {1}
