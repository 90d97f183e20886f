"""Drawing with Pillow in unit coordinates: at twice the size, then shrunk, for smooth edges."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

OVERSAMPLING = 2

Points = NDArray[np.float64]
"""Corners of a shape or of a line: (n, 2) float64, x and y in units of the picture's side."""


def blank(size: int, colour: int | tuple[int, ...]) -> Image.Image:
    """Return a canvas for a picture of `size`: grey for one number, else one channel a number."""
    side = size * OVERSAMPLING
    mode = "L" if isinstance(colour, int) else {3: "RGB", 4: "RGBA"}[len(colour)]
    return Image.new(mode, (side, side), colour)


def place(points: Points, canvas: Image.Image) -> Sequence[float]:
    """Return points as the flat x, y, x, y, ... in pixels that Pillow draws fastest."""
    flat: list[float] = (points * canvas.width).ravel().tolist()
    return flat


def thickness(width: float, canvas: Image.Image) -> int:
    """Return the width of a line in pixels, at least one."""
    return max(1, round(width * canvas.width))


def finish(canvas: Image.Image, size: int) -> NDArray[np.float64]:
    """Shrink a canvas: (size, size) or (size, size, channels) float64 in [0, 1].

    The channels are shrunk one by one: Pillow would take a fourth for transparency.
    """
    channels = [
        np.asarray(channel.resize((size, size), Image.Resampling.BOX), np.float64) / 255
        for channel in canvas.split()
    ]
    return channels[0] if len(channels) == 1 else np.stack(channels, axis=-1)


def shrink(picture: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a picture that was computed at twice the size, channels last, at its own size."""
    size = len(picture) // OVERSAMPLING
    blocks = picture.reshape(size, OVERSAMPLING, size, OVERSAMPLING, *picture.shape[2:])
    return np.asarray(blocks.mean(axis=(1, 3)))
