"""Ways from one latent to another."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

Latents = NDArray[np.float32]
"""Points of a latent space: (n, z) float32; one of them: (z,)."""

NEARLY_PARALLEL = 1e-4
"""Sine of the angle below which a great circle cannot be told from a line, or not be chosen."""


def linear(a: Latents, b: Latents, steps: int) -> Latents:
    """Return `steps` points of the straight line from a to b, both included: (steps, z) float32."""
    share = np.linspace(0, 1, steps)[:, None]
    return np.asarray((1 - share) * a + share * b, np.float32)


def slerp(a: Latents, b: Latents, steps: int) -> Latents:
    """Return points of the great circle from a to b, both included: (steps, z) float32.

    Shoemake 1985. A line between two latents passes nearer to the origin than typical latents lie;
    this way keeps the distance. Differs from the source: ends of different length are allowed, and
    the length then changes evenly along the way. Where the ends are parallel, opposite, or one is
    the origin, there is no one great circle, and the straight line is returned.
    """
    end_a, end_b = a.astype(np.float64), b.astype(np.float64)
    length_a, length_b = float(np.linalg.norm(end_a)), float(np.linalg.norm(end_b))
    if min(length_a, length_b) == 0:
        return linear(a, b, steps)
    unit_a, unit_b = end_a / length_a, end_b / length_b
    angle = np.arccos(np.clip(np.dot(unit_a, unit_b), -1, 1))
    if np.sin(angle) < NEARLY_PARALLEL:
        return linear(a, b, steps)
    share = np.linspace(0, 1, steps)[:, None]
    along = (np.sin((1 - share) * angle) * unit_a + np.sin(share * angle) * unit_b) / np.sin(angle)
    return np.asarray(along * ((1 - share) * length_a + share * length_b), np.float32)


PATHS: Mapping[str, Callable[[Latents, Latents, int], Latents]] = {
    "slerp": slerp,
    "linear": linear,
}
