"""One channel of a picture, and what both kinds of photographs need: edges, sizes, noise."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generative.errors import InputError
from generative.validation import SIDE

Plane = NDArray[np.float32]
"""One channel: (height, width) float32 in [0, 1]."""

Colours = NDArray[np.float32]
"""(height, width, 3) float32 in [0, 1]."""

Mask = NDArray[np.bool_]
"""(height, width): which pixels belong to something."""

WORK_SIDE = 512  # pixels: more detail than 28 pixels can use
FAINTEST = 0.08  # contrast below which a picture is blank
_LARGE = 100  # pixels: details of one pixel are noise
_DETAILED = 128  # pixels: half of these are enough to tell what is where
_SMALLEST_PART = 0.03  # of the heaviest part; less is a speck


def reduce(picture: NDArray[np.uint8], side: int = WORK_SIDE) -> Colours:
    """Return (h, w, 3) in [0, 1], shrunk by a whole factor to at most `side` pixels a side.

    A whole factor, because it leaves the pixels of an enlarged picture sharp.
    """
    factor = -(-max(picture.shape) // side)
    return np.asarray(Image.fromarray(picture).reduce(factor), np.float32) / np.float32(255)


def thumb(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return every other pixel of a picture that has enough of them to tell what is where."""
    step = thumb_step(picture)
    return picture[::step, ::step]


def thumb_step(picture: NDArray[np.float32]) -> int:
    """Return how many pixels of a picture are one of its thumb."""
    return 2 if min(picture.shape[:2]) >= _DETAILED else 1


def clean(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """Median-filter camera noise, at a size that leaves the pixels of a small picture alone.

    Takes and returns a plane (h, w) or colours (h, w, 3), whose channels are filtered apart.
    """
    from scipy import ndimage

    size = 3 if max(picture.shape) >= _LARGE else 1
    filtered: NDArray[np.float32] = ndimage.median_filter(
        picture, size=(size, size, 1)[: picture.ndim]
    )
    return filtered


def main_parts(weights: Plane) -> Plane:
    """Return `weights` without the specks: parts far lighter in total than the heaviest one."""
    from scipy import ndimage

    labels, count = ndimage.label(weights > 0, structure=np.ones((3, 3)))
    totals = ndimage.sum_labels(weights, labels, np.arange(count + 1))
    kept = totals >= _SMALLEST_PART * totals.max()
    parts: Plane = np.where(kept[labels], weights, 0).astype(np.float32)
    return parts


def fit(plane: Plane, longest: int) -> Plane:
    """Scale the longest edge to `longest` pixels, proportions kept, with anti-aliasing."""
    scale = longest / max(plane.shape)
    height, width = (max(1, round(side * scale)) for side in plane.shape)
    # Averaging areas gives back the pixels of an enlarged picture exactly.
    method = Image.Resampling.BOX if scale <= 1 else Image.Resampling.BICUBIC
    return resize(plane, (height, width), method)


def resize(plane: Plane, shape: tuple[int, ...], method: Image.Resampling) -> Plane:
    """Return `plane` at another size: (height, width) of `shape`."""
    resized = Image.fromarray(plane.astype(np.float32)).resize((shape[1], shape[0]), method)
    return np.clip(np.asarray(resized, np.float32), 0, 1)


def box_of(mask: Mask) -> tuple[slice, slice]:
    """Return the rows and columns of the smallest rectangle that holds all of `mask`."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def place(plane: Plane, top: int, left: int) -> Plane:
    """Return black (28, 28) with `plane` on it, moved inward where it would stick out."""
    height, width = plane.shape
    top, left = min(max(top, 0), SIDE - height), min(max(left, 0), SIDE - width)
    ground = np.zeros((SIDE, SIDE), np.float32)
    ground[top : top + height, left : left + width] = plane
    return ground


def border(array: NDArray[Any]) -> NDArray[Any]:
    """Return the outermost pixels of (h, w, ...) as (n, ...): 1 pixel in 28 on every side."""
    width = max(1, min(array.shape[:2]) // SIDE)
    outer = np.ones(array.shape[:2], bool)
    outer[width:-width, width:-width] = False
    return array[outer]


def spread(values: NDArray[np.floating]) -> float:
    """Return the standard deviation of the noise, hardly moved by outliers (1.4826 MAD)."""
    from scipy.stats import median_abs_deviation

    return float(median_abs_deviation(values, axis=None, scale="normal"))


def blank() -> InputError:
    """Say that there is nothing to see."""
    return InputError(
        "Nothing stands out in the picture: expected one digit or garment on a plain background, "
        "so choose or draw another."
    )
