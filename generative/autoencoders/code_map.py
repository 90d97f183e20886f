"""The codes of many pictures as points on a plane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from generative.data.gallery import Gallery
from generative.validation import Images

if TYPE_CHECKING:
    from generative.autoencoders.reconstructor import Reconstructor

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


def code_map(model: Reconstructor, gallery: Gallery) -> CodeMap:
    """Place the pictures of a gallery by the codes that a loaded autoencoder gives them."""
    from sklearn.decomposition import PCA  # Imported where it is needed: it takes a second.

    codes = model.encode(gallery.images)
    flat = codes.reshape(len(codes), -1).astype(np.float64)
    # Of codes wider than there are pictures, two components are found far sooner than all.
    positions = PCA(2, svd_solver="arpack", random_state=0).fit_transform(flat)
    low, high = positions.min(axis=0), positions.max(axis=0)
    return CodeMap(
        MARGIN + (1 - 2 * MARGIN) * (positions - low) / np.maximum(high - low, TINY),
        gallery,
        model.reconstruct(gallery.images),
    )
