"""The training images that resemble an image most: does G only repeat what it has seen?"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Array = NDArray[np.float64]

_BLOCK = 4000  # images of the pool at once


def nearest(images: NDArray, pool: NDArray[np.uint8], count: int) -> tuple[NDArray[np.int64], Array]:
    """The images of a pool that resemble others most.

    Distances count a pixel from black to white as 1. Up to 64 images need less than 60 MB beside the arguments.

    Args:
        images: (k, d), uint8, or floats in [-1, 1]. pool: (n, d). count: how many to find for each image, <= n.
    Returns:
        (k, count) indices into the pool, nearest first, and their L2 distances. Where the last places are decided by
        less than 1e-5 of an image's norm, either of two may be left out.
    """
    given = torch.from_numpy(images).float()
    query = given if images.dtype == np.uint8 else (given + 1) * 127.5
    starts = range(0, len(pool), _BLOCK)
    by_block = [start + _nearest_in(torch.from_numpy(pool[start : start + _BLOCK]), query, count) for start in starts]
    candidates = torch.cat(by_block, 1).numpy()  # (k, count per block)
    exact = [np.linalg.norm((pool[i] - q) / 255, axis=1) for i, q in zip(candidates, query.numpy(), strict=True)]
    distance = np.stack(exact).astype(np.float64)
    order = distance.argsort(1, kind="stable")[:, :count]
    return np.take_along_axis(candidates, order, 1), np.take_along_axis(distance, order, 1)


def _nearest_in(block: Tensor, query: Tensor, count: int) -> Tensor:
    """Indices of the images of a block (b, d) that are nearest to each of (k, d); (k, at most count).

    |q - x|² = |q|² - 2 q·x + |x|²: one matrix product; |q|² is the same for the whole block and left out.
    """
    x = block.float()
    squared = x.square().sum(1) - 2 * (query @ x.T)  # (k, b)
    return squared.topk(min(count, len(block)), largest=False).indices
