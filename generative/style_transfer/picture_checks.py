"""Pictures and masks that style transfer takes, and what it says about others."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from generative.errors import InputError
from generative.style_transfer.resizing import fit

Pixels = NDArray[np.uint8]
"""A picture: (height, width, 3) uint8."""

Mask = NDArray[np.uint8]
"""Where something applies, 0 to 255: (height, width) uint8."""

MIN_SIDE = 32
"""Shortest side of a picture, pixels: less has no room for a brush stroke."""

MAX_ASPECT = 8.0
"""Longest side over shortest: at 512 pixels, a panorama still has four places of the deepest layer
from top to bottom."""


def no_picture(name: str) -> InputError:
    """Return the error for a missing picture."""
    return InputError(f"There is no {name} picture yet: choose or upload one.")


def check_picture(name: str, picture: object, size: tuple[int, int] | None = None) -> Pixels:
    """Return a picture if style transfer can take it.

    Args:
        name: what it is for.
        picture: (height, width, 3) uint8.
        size: (width, height) of the picture that it is a smaller copy of, if it is one.

    Raises:
        InputError: missing, not (height, width, 3) uint8, too small, too large or too oblong.
    """
    if picture is None:
        raise no_picture(name)
    if not isinstance(picture, np.ndarray) or picture.dtype != np.uint8:
        received = getattr(picture, "dtype", type(picture).__name__)
        raise InputError(
            f"Invalid {name} picture. Expected a NumPy array of dtype uint8. Received: {received}."
        )
    if picture.ndim != 3 or picture.shape[2] != 3:
        raise InputError(
            f"Invalid {name} picture. Expected shape (height, width, 3). Received: {picture.shape}."
        )
    width, height = size or (picture.shape[1], picture.shape[0])
    if min(height, width) < MIN_SIDE:
        raise InputError(
            f"The {name} picture is too small: expected at least {MIN_SIDE} by {MIN_SIDE} pixels, "
            f"received {width} by {height}, so choose a larger one."
        )
    if max(height, width) > MAX_ASPECT * min(height, width):
        raise InputError(
            f"The {name} picture is too long and narrow: expected sides of at most "
            f"{MAX_ASPECT:g} to 1, received {width} by {height}, so crop it first."
        )
    return picture


def check_result(width: int, height: int, longest: int) -> None:
    """Raise `InputError` if a picture, scaled to a longest side, has no room for a stroke."""
    result = fit(height, width, longest)
    if min(result) < MIN_SIDE:
        raise InputError(
            f"The result would be {result[1]} by {result[0]} pixels: expected at least {MIN_SIDE} "
            f"a side, so choose a size of at least {smallest_size(width, height)} for a picture "
            f"of {width} by {height}."
        )


def smallest_size(width: int, height: int) -> int:
    """Return the longest side at which a picture still has room for a stroke, pixels."""
    return math.ceil(MIN_SIDE * max(width, height) / min(width, height))


def check_mask(name: str, mask: object, content: Pixels) -> Mask:
    """Return a mask if it can be scaled to the content picture.

    Raises:
        InputError: not (height, width) uint8, of other proportions, or black all over.
    """
    if not isinstance(mask, np.ndarray) or mask.dtype != np.uint8 or mask.ndim != 2:
        received = type(mask).__name__
        if isinstance(mask, np.ndarray):
            received = f"{mask.shape} and {mask.dtype}"
        raise InputError(
            f"Invalid {name}. Expected shape (height, width) and dtype uint8. Received: {received}."
        )
    check_proportions(name, mask.shape[::-1], content.shape[1::-1])
    if not mask.any():
        raise InputError(f"The {name} is black all over: make white what is to be painted.")
    return mask


def check_proportions(name: str, mask: tuple[int, ...], content: tuple[int, ...]) -> None:
    """Raise `InputError` unless a mask is the content picture's size at some scale.

    Args:
        name: of the mask.
        mask: its (width, height).
        content: the same of the content picture.
    """
    if 0 in mask or not _is_scaled(mask, content):
        raise InputError(
            f"The {name} has other proportions than the content picture: expected {content[0]} by "
            f"{content[1]} pixels, received {mask[0]} by {mask[1]}, so crop or scale it to match."
        )


def _is_scaled(mask: tuple[int, ...], content: tuple[int, ...]) -> bool:
    """Tell whether one scale makes each side of the larger one the side of the smaller one.

    Up to less than a pixel of rounding. If one side is equal and the other is not, it was cropped.
    """
    small, large = sorted((mask, content))
    least, most = (
        [(side + rounding) / other for side, other in zip(small, large, strict=True)]
        for rounding in (-1, 1)
    )
    is_cropped = mask != content and any(a == b for a, b in zip(mask, content, strict=True))
    return not is_cropped and max(least) < min(most)
