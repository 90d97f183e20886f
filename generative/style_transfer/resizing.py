"""Pictures and masks at other sizes, without TensorFlow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def fit(height: int, width: int, longest: float) -> tuple[int, int]:
    """Return the height and width with these proportions whose longest side is `longest`."""
    scale = longest / max(height, width)
    return max(1, round(height * scale)), max(1, round(width * scale))


def resize(picture: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Return a picture, (h, w, 3), or a mask, (h, w), scaled to a size with anti-aliasing."""
    if picture.shape[:2] == (height, width):
        return picture
    scaled = Image.fromarray(picture).resize((width, height), Image.Resampling.LANCZOS)
    return np.asarray(scaled)


def shrink(picture: NDArray[np.uint8], longest: float) -> NDArray[np.uint8]:
    """Return a picture scaled down until its longest side is at most `longest` pixels."""
    height, width = picture.shape[:2]
    if max(height, width) <= longest:
        return picture
    return resize(picture, *fit(height, width, longest))
