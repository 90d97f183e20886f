"""PCA of pictures: the best that a linear autoencoder can do."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generative.validation import Images, Range

MOST = 128
KEPT = Range(0, MOST, whole=True)
"""Components."""

Components = tuple[NDArray[np.float32], NDArray[np.float32]]
"""The mean picture, (pixels,), and the components by falling variance, (MOST, pixels)."""


def fit(pictures: Images) -> Components:
    """Return the mean and the first components of pictures: (n, 28, 28, 1) in [0, 1]."""
    flat = pictures.reshape(len(pictures), -1)
    mean = flat.mean(axis=0)
    _, _, directions = np.linalg.svd(flat - mean, full_matrices=False)
    return mean, directions[:MOST]


def rebuild(components: Components, pictures: Images, kept: int) -> Images:
    """Return pictures rebuilt from their first components: (n, 28, 28, 1) float32 in [0, 1].

    Args:
        components: see `fit`.
        pictures: (n, 28, 28, 1) float32 in [0, 1].
        kept: how many components, in `KEPT`; 0 gives the mean picture.
    """
    mean, directions = components
    basis = directions[:kept]
    flat = pictures.reshape(len(pictures), -1) - mean
    rebuilt = (flat @ basis.T) @ basis + mean
    return np.clip(rebuilt, 0, 1).astype(np.float32).reshape(pictures.shape)
