"""The codes of many pictures as points on a plane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generative import pca
from generative.data.gallery import Gallery
from generative.validation import Images

MARGIN = 0.04
TINY = 1e-12
"""Spread of codes that are all the same: a collapsed model still has a map, of one point."""


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

    def nearest(self, x: float, y: float) -> int:
        """Return the index of the picture whose point is nearest to (x, y)."""
        return int(np.square(self.positions - [x, y]).sum(axis=1).argmin())


def code_map(model: Any, gallery: Gallery) -> CodeMap:
    """Place the pictures of a gallery by the codes that a loaded autoencoder gives them."""
    codes = model.encode(gallery.images)
    flat = codes.reshape(len(codes), -1)
    positions = pca.fit(flat, width=2).encode(flat)
    low, high = positions.min(axis=0), positions.max(axis=0)
    return CodeMap(
        MARGIN + (1 - 2 * MARGIN) * (positions - low) / np.maximum(high - low, TINY),
        gallery,
        model.reconstruct(gallery.images),
    )
