"""One thread for small networks."""

import torch


def use_one() -> None:
    """Let PyTorch compute on one thread from now on, in this process.

    Networks of a few dozen neurons are slower on two threads than on one, and up to forty times slower on a busy
    machine, where every operation waits for a thread that has no core.
    """
    if torch.get_num_threads() != 1:
        torch.set_num_threads(1)
