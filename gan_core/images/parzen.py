"""The log-likelihood under a Parzen window by which Goodfellow et al. (2014), Table 1, compared their GAN.

A Gaussian of width sigma is put around every sample of a model, and the mean log-density of unseen images under this
mixture stands for that of the model. In 784 dimensions 10,000 samples are far too few for that: blurry averages score
better than real images (Theis et al., 2016, A note on the evaluation of generative models).
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

Array = NDArray[np.float64]

FILE = Path(__file__).parent / "weights" / "parzen.json"
SIGMAS = tuple(float(s) for s in np.logspace(-1, 0, 10))  # the widths that the authors' program tries
_CHUNK = 250  # points at once: 20 MB for 10,000 samples


@dataclass(frozen=True)
class Score:
    """What a table shows.

    Attributes:
        log_likelihood, standard_error: mean over the unseen images and its error, nats.
        sigma: width of the window, in units of the pixels. n: number of samples.
    """

    log_likelihood: float
    standard_error: float
    sigma: float
    n: int


def log_densities(points: Array, samples: Array, sigmas: Sequence[float]) -> Array:
    """log (1/m) sum_j N(x; s_j, sigma² I) for every width and point, in nats; (len(sigmas), n).

    Args:
        points: (n, d). samples: (m, d). sigmas: > 0.
    """
    x, s = (torch.from_numpy(np.asarray(a, dtype=np.float64)) for a in (points, samples))
    m, d = s.shape
    center = s.mean(0)  # shorter vectors leave the differences of their squares more digits
    x, s = x - center, s - center
    found = []
    for block in x.split(_CHUNK):
        squared = torch.addmm(s.square().sum(1), block, s.T, alpha=-2) + block.square().sum(1, keepdim=True)  # (n, m)
        found.append(torch.stack([torch.logsumexp(squared / (-2 * sigma**2), 1) for sigma in sigmas]))
    constant = [math.log(m) + d / 2 * math.log(2 * math.pi * sigma**2) for sigma in sigmas]
    return torch.cat(found, 1).numpy() - np.array(constant)[:, None]


def score(samples: Array, validation: Array, test: Array, sigmas: Sequence[float] = SIGMAS) -> Score:
    """Choose the width that suits some images best, and score others with it.

    Args:
        samples: (m, d) of the model. validation, test: (n, d), (k, d) images that the model has not seen. Pixels in
            [0, 1].
    """
    sigma = sigmas[int(log_densities(validation, samples, sigmas).mean(1).argmax())]
    (values,) = log_densities(test, samples, [sigma])
    return Score(float(values.mean()), float(values.std() / math.sqrt(len(values))), sigma, len(samples))


@lru_cache(maxsize=1)
def load() -> dict[str, Any]:
    """The shipped table, made by `python -m scripts.parzen`.

    Returns:
        "measured": name -> fields of a Score; "published": name -> log_likelihood and standard_error; "source".
    """
    return json.loads(FILE.read_text("utf-8"))
