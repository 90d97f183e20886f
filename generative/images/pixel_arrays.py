"""Pictures as arrays: check them, tile them into one, enlarge them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generative.errors import InputError
from generative.validation import Range

Picture = NDArray[np.uint8] | NDArray[np.float32]
"""(height, width), (height, width, 1) or (height, width, 3); uint8, or float32 in [0, 1]."""

COLUMNS = Range(1, 100, whole=True)
GAP = Range(0, 100, whole=True)
FACTOR = Range(1, 64, whole=True)


def grid(pictures: Picture, columns: int, gap: int = 2) -> Picture:
    """Tile pictures of one size into one picture, on grey, row by row from the top left.

    Args:
        pictures: (n, h, w), (n, h, w, 1) or (n, h, w, 3); uint8, or float32 in [0, 1]; n ≥ 1.
        columns: pictures per row; fewer pictures make a shorter row.
        gap: pixels between neighbours.

    Returns:
        One picture of the same dtype and channels.

    Raises:
        InputError: invalid pictures, or a number out of range.
    """
    tiles = check_pixels(pictures, "(n, h, w), (n, h, w, 1) or (n, h, w, 3)", dimensions=3)
    count, height, width = tiles.shape[:3]
    columns, gap = COLUMNS.check_whole("columns", columns), GAP.check_whole("gap", gap)
    columns = min(columns, count)
    rows = -(-count // columns)
    shape = (rows * (height + gap) - gap, columns * (width + gap) - gap, *tiles.shape[3:])
    sheet = np.full(shape, 127 if tiles.dtype == np.uint8 else 0.5, tiles.dtype)
    for index, tile in enumerate(tiles):
        top, left = (height + gap) * (index // columns), (width + gap) * (index % columns)
        sheet[top : top + height, left : left + width] = tile
    return sheet


def enlarge(picture: Picture, factor: int) -> Picture:
    """Return `picture` with each pixel repeated as a square of `factor` by `factor` pixels.

    Args:
        picture: (h, w), (h, w, 1) or (h, w, 3); uint8, or float32 in [0, 1].
        factor: a whole number from 1 to 64.

    Raises:
        InputError: invalid picture, or a factor out of range.
    """
    times = FACTOR.check_whole("factor", factor)
    return check_picture(picture).repeat(times, axis=0).repeat(times, axis=1)


def check_picture(picture: object) -> Picture:
    """Return `picture` if it is a `Picture`; raise `InputError` if not."""
    return check_pixels(picture, "(h, w), (h, w, 1) or (h, w, 3)", dimensions=2)


def check_pixels(array: object, expected: str, dimensions: int) -> Picture:
    """Return `array` if its dtype, values and shape are those of pictures.

    Args:
        array: what to check.
        expected: the shapes allowed, in words for the message.
        dimensions: how many come before the channels.

    Raises:
        InputError: another dtype or shape, a NaN, or a value out of range.
    """
    if not isinstance(array, np.ndarray) or array.dtype not in (np.uint8, np.float32):
        received = array.dtype if isinstance(array, np.ndarray) else type(array).__name__
        raise InputError(
            "Invalid picture. Expected a NumPy array of dtype uint8 or float32. "
            f"Received: {received}."
        )
    sizes, channels = array.shape[:dimensions], array.shape[dimensions:]
    if len(sizes) < dimensions or 0 in sizes or channels not in ((), (1,), (3,)):
        raise InputError(f"Invalid picture. Expected shape {expected}. Received: {array.shape}.")
    # `not` refuses NaN too, which compares as false.
    if array.dtype == np.float32 and not (array.min() >= 0 and array.max() <= 1):
        raise InputError(
            "Invalid picture. Expected float32 values from 0 to 1. "
            f"Received: values from {array.min():g} to {array.max():g}."
        )
    return array


def to_uint8(picture: NDArray[np.uint8] | NDArray[np.floating]) -> NDArray[np.uint8]:
    """Return pixels as uint8, of any shape: floats in [0, 1] scaled to 0–255, uint8 as it is."""
    scale = 1 if picture.dtype == np.uint8 else 255
    return np.asarray(np.rint(picture * scale), np.uint8)
