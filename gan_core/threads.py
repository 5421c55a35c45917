"""One thread for small networks and small matrices."""

import functools

import torch
from threadpoolctl import threadpool_limits


def use_one() -> None:
    """Let PyTorch, NumPy and SciPy compute on one thread from now on, in this process.

    Networks of a few dozen neurons are slower on two threads than on one, and up to forty times slower on a busy
    machine, where every operation waits for a thread that has no core.
    """
    if torch.get_num_threads() != 1:
        torch.set_num_threads(1)
    _limit_blas()


@functools.cache
def _limit_blas() -> None:
    """NumPy and SciPy share their matrix products out by libraries that PyTorch's number does not reach."""
    threadpool_limits(1, user_api="blas")
