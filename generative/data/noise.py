"""Kinds of noise, used for both training and the app.

Every function returns pictures clipped to [0, 1], as a camera clips, and takes

    images: clean pictures, (n, 28, 28, 1) float32 in [0, 1];
    rng: the random generator;
    level: in [0, 1]: a number for all pictures, or one for each, (n,) float32. 0 changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from generative.validation import SEED, Images, Range, check_choice, check_images

Levels = float | NDArray[np.float32]
"""One for all pictures, or one for each: (n,)."""

LEVEL = Range(0, 1)


def gaussian(images: Images, rng: Generator, level: Levels) -> Images:
    """Return pictures, (n, 28, 28, 1) float32 in [0, 1], with Gaussian noise added to each pixel.

    Its standard deviation is `level`, of the full range from black to white.
    """
    return _clip(images + _per_picture(level) * rng.standard_normal(images.shape, np.float32))


def salt_and_pepper(images: Images, rng: Generator, level: Levels) -> Images:
    """Return pictures, (n, 28, 28, 1) float32 in [0, 1], with a share `level` of pixels replaced.

    They become black, 0, or white, 1, with equal probability.
    """
    hit = rng.random(images.shape, np.float32) < _per_picture(level)
    return np.where(hit, rng.random(images.shape, np.float32) < 0.5, images).astype(np.float32)


def speckle(images: Images, rng: Generator, level: Levels) -> Images:
    """Return pictures, (n, 28, 28, 1) float32 in [0, 1], times 1 + noise, as radar sees them.

    The noise is Gaussian, of a standard deviation of 2·`level`.

    Differs from the usual definition by the factor 2: speckle leaves black unchanged, so at a
    standard deviation of 1 there would be hardly anything to remove.
    """
    return _clip(
        images + 2 * _per_picture(level) * images * rng.standard_normal(images.shape, np.float32)
    )


def masked(images: Images, rng: Generator, level: Levels) -> Images:
    """Return pictures, (n, 28, 28, 1) float32 in [0, 1], with a share `level` of pixels at 0.

    So they come from a sensor some of whose pixels are dead.
    """
    return np.where(rng.random(images.shape, np.float32) < _per_picture(level), 0, images).astype(
        np.float32
    )


KINDS: Mapping[str, Callable[[Images, Generator, Levels], Images]] = {
    "gaussian": gaussian,
    "salt_and_pepper": salt_and_pepper,
    "speckle": speckle,
    "masked": masked,
}


def add_noise(images: Images, kind: str = "gaussian", level: float = 0.5, seed: int = 0) -> Images:
    """Return noisy copies of `images`; the same arguments give the same noise.

    Args:
        images: (n, 28, 28, 1) float32 in [0, 1].
        kind: a key of `KINDS`.
        level: from 0 (none) to 1.
        seed: of the random generator.

    Raises:
        InputError: invalid images, unknown kind, or a level or seed out of range.
    """
    rng = np.random.default_rng(SEED.check_whole("seed", seed))
    level = LEVEL.check("noise level", level)
    return KINDS[check_choice("kind of noise", kind, KINDS)](check_images(images), rng, level)


def _per_picture(level: Levels) -> Levels:
    return level if isinstance(level, float | int) else level.reshape(-1, 1, 1, 1)


def _clip(images: NDArray[np.floating]) -> Images:
    return np.asarray(np.clip(images, 0, 1), np.float32)
