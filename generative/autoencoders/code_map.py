"""The codes of many pictures as points on a plane."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generative.data.gallery import Gallery
from generative.models import CodingModel
from generative.validation import Images

MARGIN = 0.04
SMALLEST_RANGE = 1e-12
"""Smallest range to divide by: equal codes all land on one point."""


@dataclass(frozen=True)
class CodeMap:
    """Pictures placed by their codes.

    Attributes:
        positions: (n, 2) float64 in [0, 1], the first two principal components of the codes.
        gallery: the pictures.
        reconstructions: (n, 28, 28, 1) float32 in [0, 1].
    """

    positions: NDArray[np.float64]
    gallery: Gallery
    reconstructions: Images


def code_map(model: CodingModel, gallery: Gallery) -> CodeMap:
    """Place the pictures of a gallery by the codes that a loaded autoencoder gives them."""
    codes = model.encode(gallery.images)
    positions = _principal_components(codes.reshape(len(codes), -1).astype(np.float64))
    low, high = positions.min(axis=0), positions.max(axis=0)
    return CodeMap(
        MARGIN + (1 - 2 * MARGIN) * (positions - low) / np.maximum(high - low, SMALLEST_RANGE),
        gallery,
        model.reconstruct(gallery.images),
    )


def _principal_components(codes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the first two principal components of codes: (n, d) → (n, 2)."""
    from sklearn.decomposition import PCA  # Imported where it is needed: it takes a second.

    if not np.ptp(codes, axis=0).any():
        return np.zeros((len(codes), 2))  # ARPACK has nowhere to start from.
    # ARPACK finds two components alone: of 12,544 numbers, in a fortieth of the time of all.
    found: NDArray[np.float64] = PCA(2, svd_solver="arpack", random_state=0).fit_transform(codes)
    return found
