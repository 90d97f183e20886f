"""The noise that the photo denoiser learns from.

Most of it is white and Gaussian, at a level that the network is not told, and is not clipped: that
is what denoisers are compared on. The rest is nearer to what cameras write into files: stronger
where there is more light, smoothed by what guesses the missing two colours of each pixel
(demosaicing), clipped, and often compressed as JPEG.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy import ndimage

from generative import images
from generative.validation import Images

MOST = 75 / 255
"""Standard deviation of the strongest white noise; levels are uniform from 0 to this."""

CAMERA_SHARE = 0.25
"""Share of the crops whose noise is as from a camera; its levels go up to `CAMERA_MOST`."""

CAMERA_MOST = 50 / 255
SMOOTHED_SHARE, SMOOTHING = 0.5, (0.3, 1.0)
"""How often a camera's noise is smoothed, and by Gaussians of what standard deviations, pixels."""

JPEG_SHARE, JPEG_QUALITIES = 0.5, (40, 95)
BLOCK = 8
"""Side of the blocks that JPEG compresses, pixels."""


def spoil(photos: Images, rng: Generator) -> Images:
    """Return noisy copies of photographs, each with noise of its own kind and level.

    Args:
        photos: (n, h, w, 3) float32 in [0, 1].
        rng: of all that is drawn.

    Returns:
        (n, h, w, 3) float32; white noise reaches beyond [0, 1].
    """
    count = len(photos)
    levels = rng.uniform(0, MOST, count).astype(np.float32)
    noise = levels[:, None, None, None] * rng.standard_normal(photos.shape, np.float32)
    noisy = photos + noise
    for at in np.flatnonzero(rng.random(count) < CAMERA_SHARE):
        noisy[at] = as_from_a_camera(photos[at], rng, rng.uniform(0, CAMERA_MOST))
    return noisy


def as_from_a_camera(
    photo: NDArray[np.float32], rng: Generator, level: float
) -> NDArray[np.float32]:
    """Return a photograph, (h, w, 3) float32 in [0, 1], with noise that a camera's files have.

    A share of the noise's variance, drawn from [0, 1], grows with the light (Foi et al. 2008, IEEE
    TIP 17(10)); at a middle grey its standard deviation is `level`.
    """
    share = rng.random()
    stddev = level * np.sqrt(1 - share + 2 * share * photo)
    noise = stddev * rng.standard_normal(photo.shape, np.float32)
    if rng.random() < SMOOTHED_SHARE:
        noise = _smoothed(noise, rng.uniform(*SMOOTHING))
    noisy: NDArray[np.float32] = np.clip(photo + noise, 0, 1).astype(np.float32)
    if rng.random() < JPEG_SHARE:
        low, high = JPEG_QUALITIES
        quality, *offset = rng.integers((low, 0, 0), (high + 1, BLOCK, BLOCK)).tolist()
        noisy = _through_jpeg(noisy, quality, *offset)
    return noisy


def _smoothed(noise: NDArray[np.floating], width: float) -> NDArray[np.floating]:
    """Return noise smoothed by a Gaussian, as strong as before."""
    steps = np.arange(-4, 5)
    weights = np.exp(-0.5 * np.square(steps / width))
    weights /= weights.sum()
    for axis in (0, 1):
        noise = ndimage.correlate1d(noise, weights, axis, mode="reflect")
    return np.asarray(noise / np.square(weights).sum())


def _through_jpeg(
    photo: NDArray[np.float32], quality: int, top: int, left: int
) -> NDArray[np.float32]:
    """Return a photograph after JPEG, whose blocks begin so many pixels above and left of it."""
    padded = np.pad(photo, ((top, 0), (left, 0), (0, 0)), mode="reflect")
    decoded = images.decode(images.encode_jpeg(padded, quality))[top:, left:]
    return decoded.astype(np.float32) / np.float32(255)
