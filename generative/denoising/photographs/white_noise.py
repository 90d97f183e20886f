"""White Gaussian noise, added on request."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generative.validation import SEED, Range

LEVEL = Range(0, 75)
"""Standard deviation of the noise, of 255; what the denoiser was trained on."""

MEASURED = (15, 25, 50)
"""Levels at which denoisers of colour photographs are usually compared."""


def add(photo: NDArray[np.float32], level: float, seed: int) -> NDArray[np.float32]:
    """Return a photograph with noise, which is not clipped; the same arguments give the same.

    Args:
        photo: (h, w, 3) float32 in [0, 1].
        level: in `LEVEL`.
        seed: of the noise.

    Raises:
        InputError: a level or seed out of range.
    """
    stddev = LEVEL.check("noise level", level) / 255
    rng = np.random.default_rng(SEED.check_whole("seed", seed))
    return photo + np.float32(stddev) * rng.standard_normal(photo.shape, np.float32)
