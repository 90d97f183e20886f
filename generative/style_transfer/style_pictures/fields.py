"""Smooth random fields over the unit square, the same at every size.

Points are (x, y) in [0, 1], x to the right and y down. Nothing random depends on the number of
pixels, so that a picture has one composition, however large it is painted.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy import ndimage

Field = NDArray[np.float64]
"""One number a pixel: (size, size) float64."""

PLAN = 512
"""Side of the raster on which compositions are laid out, whatever size they are painted in."""


def grid(size: int) -> tuple[Field, Field]:
    """Return x and y of every pixel's centre, each (size, size) float64 in (0, 1)."""
    centres = (np.arange(size) + 0.5) / size
    x, y = np.meshgrid(centres, centres)
    return x, y


def noise(rng: Generator, size: int, columns: int, rows: int | None = None) -> Field:
    """Return smooth noise of mean 0 and deviation 1: a cubic B-spline over a random lattice.

    Args:
        rng: draws the lattice.
        size: of the field.
        columns: lattice cells across; a blob is about two cells wide.
        rows: lattice cells down, as many as across if not given.
    """
    across, down = _splines(size, columns), _splines(size, rows or columns)
    lattice = rng.standard_normal((down.shape[1], across.shape[1]))
    return np.asarray(down @ lattice @ across.T)


def fractal(rng: Generator, size: int, columns: int, octaves: int) -> Field:
    """Return noise at scales that halve, each half as strong: (size, size), deviation 1."""
    strengths = 0.5 ** np.arange(octaves)
    layers = (s * noise(rng, size, columns * 2**o) for o, s in enumerate(strengths))
    return np.asarray(sum(layers) / np.linalg.norm(strengths))


def sample(field: NDArray[np.float64], x: Field, y: Field) -> NDArray[np.float64]:
    """Return a field's values at points of any shape, linear between pixels, mirrored outside."""
    side = field.shape[0]
    where = [y * side - 0.5, x * side - 0.5]
    return np.asarray(ndimage.map_coordinates(field, where, order=1, mode="mirror"))


def step(field: Field, edge: float, softness: float) -> Field:
    """Rise smoothly from 0 to 1 as the field passes `edge`, over `softness` in all."""
    t = np.clip((field - edge) / softness + 0.5, 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


def _splines(size: int, cells: int) -> Field:
    """Return the weights of `cells` + 3 lattice points at every pixel, of mean square 1."""
    position = (np.arange(size) + 0.5) / size * cells
    distance = np.abs(position[:, None] - (np.arange(cells + 3) - 1))
    near = 2 / 3 - distance**2 + distance**3 / 2
    far = np.clip(2 - distance, 0, None) ** 3 / 6
    weights = np.where(distance < 1, near, far)
    return np.asarray(weights / np.linalg.norm(weights, axis=1, keepdims=True))
