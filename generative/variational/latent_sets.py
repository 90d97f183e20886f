"""Sets of latents to look at: a grid of the plane, a path, a direction between two classes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from generative.validation import Range
from generative.variational.paths import Latents

EXTENT = Range(-3, 3)
"""Of the map along both axes: 99.5% of the prior lies inside."""

MAP_TILES = 30
"""Along a side of the map, a picture each."""


def plane_grid(side: int = MAP_TILES) -> Latents:
    """Return the points of a square grid over `EXTENT`, row by row from the top left.

    Returns:
        (side·side, 2) float32, each the middle of its tile; the second coordinate falls from row
        to row, as on a map.
    """
    edges = np.linspace(EXTENT.low, EXTENT.high, side + 1, dtype=np.float32)
    middles = (edges[:-1] + edges[1:]) / 2
    x, y = np.meshgrid(middles, middles[::-1])
    return np.stack([x.ravel(), y.ravel()], axis=1)


def traversals(latent: Latents, dimensions: Sequence[int], values: NDArray[np.float32]) -> Latents:
    """Return a latent with one coordinate after the other set to each of `values`.

    Args:
        latent: (z,) float32.
        dimensions: d coordinates, from 0.
        values: (n,) float32.

    Returns:
        (d·n, z) float32: n points for the first dimension, then n for the second, and so on.
    """
    points = np.tile(latent, (len(dimensions), len(values), 1))
    for row, dimension in enumerate(dimensions):
        points[row, :, dimension] = values
    return points.reshape(-1, len(latent))


def resample(points: NDArray[np.float32], count: int) -> Latents:
    """Return `count` points evenly spaced along the way through `points`: (count, z) float32."""
    lengths = np.linalg.norm(np.diff(points, axis=0), axis=1)
    travelled = np.concatenate([[0.0], np.cumsum(lengths)])
    at = np.linspace(0, travelled[-1], count)
    columns = [np.interp(at, travelled, column) for column in points.T]
    return np.stack(columns, axis=1).astype(np.float32)


def attribute_vector(
    means: Latents, labels: NDArray[np.int64], source: int, target: int
) -> Latents:
    """Return the direction from the mean latent of one class to that of another: (z,) float32.

    White 2016 (arXiv 1609.04468), section 2.

    Args:
        means: (n, z) float32, latents of pictures.
        labels: (n,) int64, their classes.
        source: the class to leave.
        target: the class to go to.
    """
    ends = [means[labels == label].mean(axis=0) for label in (source, target)]
    return np.asarray(ends[1] - ends[0])
