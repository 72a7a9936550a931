"""Distances between two sets of clips, by what a network sees in them.

``fvd``, the Frechet video distance (Unterthiner et al. 2018), takes each set for a Gaussian.
It needs thousands of clips: with few it is far too large, by an amount that depends on how
many. ``kvd``, the kernel video distance of the same paper (for images: KID, Binkowski et
al. 2018), has no such bias and suits small sets, though it scatters.

Plain NumPy, in double precision.
"""

import numpy as np
from jaxtyping import Float

from ssagan_jax.metrics.pretrained.kinds import SetDistance

# StyleGAN-V and most papers since compare 2,048 clips.
ENOUGH_CLIPS = 2048


def frechet_distance(
    mean_a: Float[np.ndarray, " d"],
    covariance_a: Float[np.ndarray, "d d"],
    mean_b: Float[np.ndarray, " d"],
    covariance_b: Float[np.ndarray, "d d"],
) -> float:
    """Squared Frechet distance of two Gaussians (Dowson & Landau 1982).

    ``|m_a - m_b|^2 + tr(C_a + C_b - 2 (C_a C_b)^(1/2))``. The trace of the root is the sum
    of the singular values of ``C_a^(1/2) C_b^(1/2)``, which stays exact where covariances
    of few clips are singular and a general matrix root does not.
    """
    product = _root(covariance_a) @ _root(covariance_b)
    overlap = np.linalg.svd(product, compute_uv=False).sum()
    shift = np.sum(np.square(mean_a - mean_b))
    return float(shift + np.trace(covariance_a) + np.trace(covariance_b) - 2 * overlap)


def fvd(a: Float[np.ndarray, "n d"], b: Float[np.ndarray, "m d"]) -> float | None:
    """Frechet distance of the Gaussians with the sets' means and sample covariances.

    None for a set of one clip, which has no covariance.
    """
    if min(len(a), len(b)) < 2:
        return None
    gaussians = ((np.mean(x, axis=0), np.atleast_2d(np.cov(x, rowvar=False))) for x in (a, b))
    return frechet_distance(*next(gaussians), *next(gaussians))


def kvd(a: Float[np.ndarray, "n d"], b: Float[np.ndarray, "m d"]) -> float | None:
    """Squared maximum mean discrepancy with the kernel ``(x.y / d + 1)^3``, without bias.

    All pairs are used, none is drawn. Values below 0 are chance: the sets are as alike as
    two samples of one distribution. None for a set of one clip, which has no pairs.
    """
    if min(len(a), len(b)) < 2:
        return None
    return float(_mean_of_pairs(a) + _mean_of_pairs(b) - 2 * np.mean(_kernel(a, b)))


def _root(covariance: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(covariance)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T


def _kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (a @ b.T / a.shape[1] + 1) ** 3


def _mean_of_pairs(x: np.ndarray) -> float:
    """Of the kernel over pairs of two different clips of one set."""
    kernel = _kernel(x, x)
    return (kernel.sum() - np.trace(kernel)) / (len(x) * (len(x) - 1))


SET_DISTANCES = {
    "fvd": SetDistance(embedding="i3d", distance=fvd, enough_clips=ENOUGH_CLIPS),
    "kvd": SetDistance(embedding="i3d", distance=kvd),
}
