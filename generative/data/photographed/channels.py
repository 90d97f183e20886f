"""Helpers for one channel of a picture: size, noise, masks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generative.errors import InputError
from generative.validation import SIDE

Channel = NDArray[np.float32]
"""One channel: (height, width) float32 in [0, 1]."""

Colours = NDArray[np.float32]
"""(height, width, 3) float32 in [0, 1]."""

Mask = NDArray[np.bool_]
"""(height, width): which pixels are selected."""

WORK_SIDE = 512
"""Pixels: more detail than 28 pixels can show."""

FAINTEST = 0.08
"""Contrast; with less, a picture is blank."""

_LARGE = 100  # pixels; in a larger picture, details of one pixel are noise
_DETAILED = 128  # pixels; every other one of these is enough to locate things
_SMALLEST_PART = 0.03  # of the heaviest part; less is a speck


def reduce(picture: NDArray[np.uint8], side: int = WORK_SIDE) -> Colours:
    """Return (h, w, 3) in [0, 1], shrunk by a whole factor to at most `side` pixels a side.

    A whole factor keeps the pixels of an enlarged picture sharp.
    """
    factor = -(-max(picture.shape) // side)
    return np.asarray(Image.fromarray(picture).reduce(factor), np.float32) / np.float32(255)


def thumbnail(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return every other pixel of a picture, or all if it has few."""
    step = thumbnail_step(picture)
    return picture[::step, ::step]


def thumbnail_step(picture: NDArray[np.float32]) -> int:
    """Return the step between the pixels that `thumbnail` keeps."""
    return 2 if min(picture.shape[:2]) >= _DETAILED else 1


def clean(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """Median-filter camera noise; leave a small picture unchanged.

    Takes and returns a channel (h, w), or colours (h, w, 3), filtered per channel.
    """
    from scipy import ndimage

    size = 3 if max(picture.shape) >= _LARGE else 1
    filtered: NDArray[np.float32] = ndimage.median_filter(
        picture, size=(size, size, 1)[: picture.ndim]
    )
    return filtered


def main_parts(weights: Channel) -> Channel:
    """Return `weights` without specks: parts whose total is far below the heaviest part's."""
    from scipy import ndimage

    labels, count = ndimage.label(weights > 0, structure=np.ones((3, 3)))
    totals = ndimage.sum_labels(weights, labels, np.arange(count + 1))
    kept = totals >= _SMALLEST_PART * totals.max()
    parts: Channel = np.where(kept[labels], weights, 0).astype(np.float32)
    return parts


def fit(channel: Channel, longest: int) -> Channel:
    """Scale the longest edge to `longest` pixels, keeping proportions, with anti-aliasing."""
    scale = longest / max(channel.shape)
    height, width = (max(1, round(side * scale)) for side in channel.shape)
    # Averaging areas restores the pixels of an enlarged picture exactly.
    method = Image.Resampling.BOX if scale <= 1 else Image.Resampling.BICUBIC
    return resize(channel, (height, width), method)


def resize(channel: Channel, shape: tuple[int, ...], method: Image.Resampling) -> Channel:
    """Return `channel` resized to `shape`: (height, width)."""
    resized = Image.fromarray(channel.astype(np.float32)).resize((shape[1], shape[0]), method)
    return np.clip(np.asarray(resized, np.float32), 0, 1)


def box_of(mask: Mask) -> tuple[slice, slice]:
    """Return the bounding box of `mask`: its rows and columns."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def place(channel: Channel, top: int, left: int) -> Channel:
    """Return `channel` placed on black, (28, 28), moved inward where it would stick out."""
    height, width = channel.shape
    top, left = min(max(top, 0), SIDE - height), min(max(left, 0), SIDE - width)
    canvas = np.zeros((SIDE, SIDE), np.float32)
    canvas[top : top + height, left : left + width] = channel
    return canvas


def border_pixels(array: NDArray[Any]) -> NDArray[Any]:
    """Return the outermost 1/28 of (h, w, ...) on every side, as (n, ...)."""
    width = max(1, min(array.shape[:2]) // SIDE)
    outer = np.ones(array.shape[:2], bool)
    outer[width:-width, width:-width] = False
    return array[outer]


def noise_stddev(values: NDArray[np.floating]) -> float:
    """Return the noise's standard deviation, robust to outliers (1.4826 MAD)."""
    from scipy.stats import median_abs_deviation

    return float(median_abs_deviation(values, axis=None, scale="normal"))


def blank_picture_error() -> InputError:
    """Return the error for a picture in which nothing stands out."""
    return InputError(
        "Nothing stands out in the picture: expected one digit or garment on a plain background, "
        "so choose or draw another."
    )
