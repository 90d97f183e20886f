"""PCA of pictures: the best that a linear autoencoder can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from generative.validation import Images, Range

if TYPE_CHECKING:
    from sklearn.decomposition import PCA

MOST = 128
KEPT = Range(0, MOST, whole=True)
"""Components."""


def fit(pictures: Images) -> PCA:
    """Return the mean and the first `MOST` components of pictures: (n, 28, 28, 1) in [0, 1]."""
    from sklearn.decomposition import PCA  # Imported where it is needed: it takes a second.

    return PCA(MOST, svd_solver="full").fit(pictures.reshape(len(pictures), -1))


def rebuild(fitted: PCA, pictures: Images, kept: int) -> Images:
    """Return pictures rebuilt from their first components: (n, 28, 28, 1) float32 in [0, 1].

    Args:
        fitted: see `fit`.
        pictures: (n, 28, 28, 1) float32 in [0, 1].
        kept: how many components, in `KEPT`; 0 gives the mean picture.
    """
    basis = fitted.components_[:kept]
    flat = pictures.reshape(len(pictures), -1) - fitted.mean_
    rebuilt = (flat @ basis.T) @ basis + fitted.mean_
    restored: Images = np.clip(rebuilt, 0, 1).astype(np.float32)
    return restored.reshape(pictures.shape)
