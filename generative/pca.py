"""Exact principal component analysis, the yardstick of every autoencoder (Eckart & Young 1936)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class PCA:
    """The best linear autoencoder for squared error.

    Attributes:
        mean: (d,) float64.
        components: (k, d) float64, orthonormal rows, the largest variance first.
    """

    mean: NDArray[np.float64]
    components: NDArray[np.float64]

    def encode(self, examples: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the codes (n, k) of examples (n, d)."""
        return (examples - self.mean) @ self.components.T

    def reconstruct(self, examples: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the examples' projections on the components, (n, d)."""
        return self.encode(examples) @ self.components + self.mean


def fit(examples: NDArray[np.floating], width: int) -> PCA:
    """Return the PCA of examples (n, d) with `width` components.

    Computed from the d×d covariance where there are more examples than numbers in each, else from
    the examples themselves: both exact, and each far quicker in its place.
    """
    mean = examples.mean(axis=0, dtype=np.float64)
    centred = examples - mean
    tall = len(examples) >= examples.shape[1]
    _, _, axes = np.linalg.svd(centred.T @ centred if tall else centred, full_matrices=False)
    return PCA(mean, axes[:width])
