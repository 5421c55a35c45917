"""The Fréchet distance between two sets of samples, by the features that a network has of them (Heusel et al., 2017)."""

import numpy as np
import torch
from numpy.typing import NDArray

Array = NDArray[np.float64]
Moments = tuple[Array, Array]  # mean (d,) and covariance (d, d)


def moments(features: NDArray[np.floating]) -> Moments:
    """Mean (d,) and covariance (d, d) of features (n, d)."""
    x = torch.from_numpy(features).double()
    return x.mean(0).numpy(), x.T.cov().numpy()


def frechet_distance(mean1: Array, cov1: Array, mean2: Array, cov2: Array) -> float:
    """|m1 - m2|² + tr(S1 + S2 - 2 (S1 S2)^½), range [0, inf), in squared units of the features.

    The squared 2-Wasserstein distance of the two Gaussians (Heusel et al., 2017, eq. 6). The trace of the root is
    taken from the eigenvalues of S1^½ S2 S1^½, which are real and not negative where those of S1 S2 only should be.

    Args:
        mean1, mean2: (d,). cov1, cov2: (d, d), symmetric; may be singular.
    """
    # PyTorch's linear algebra stays on one thread where NumPy's takes all and waits for them
    s1, s2 = torch.from_numpy(cov1), torch.from_numpy(cov2)
    values, vectors = torch.linalg.eigh(s1)
    root = vectors * values.clamp_min(0).sqrt() @ vectors.T
    overlap = torch.linalg.eigvalsh(root @ s2 @ root).clamp_min(0).sqrt().sum()
    return max(float(np.sum((mean1 - mean2) ** 2)) + float(s1.trace() + s2.trace() - 2 * overlap), 0.0)
