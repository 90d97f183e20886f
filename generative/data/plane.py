"""3-D points near a tilted plane, on which the linear autoencoder is trained."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generative.validation import SEED, Range

POINTS = Range(10, 10_000, whole=True)
TILT = np.array([[0.8, 0.1, 0.3], [-0.2, 0.6, 0.4]])
"""Two vectors that span the plane, as rows."""

NOISE_STDDEV = 0.1


def sample(count: int = 1000, seed: int = 0) -> NDArray[np.float32]:
    """Return `count` centred points scattered around the plane: (count, 3) float32.

    Within the plane they form three quarters of a ring, so that the 2-D codes have a recognisable
    shape; Gaussian noise of 0.1 lifts them off the plane.

    Raises:
        InputError: count or seed out of range.
    """
    count = POINTS.check_whole("number of points", count)
    rng = np.random.default_rng(SEED.check_whole("seed", seed))
    angles = rng.uniform(0, 1.5 * np.pi, count)
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    points = ring @ TILT + NOISE_STDDEV * rng.standard_normal((count, 3))
    return np.asarray(points - points.mean(axis=0), np.float32)
