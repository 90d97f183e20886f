"""What is done with the noise of a photograph once it is found: measured, and removed in part.

No network is needed for this, so importing it does not import TensorFlow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from generative.errors import InputError
from generative.validation import Range

Photo = NDArray[np.uint8] | NDArray[np.float32]
"""(h, w, 3): uint8, or float32 on the scale of [0, 1], beyond which noise may reach."""

P = TypeVar("P", bound=Photo)
"""A photograph of one of the two kinds."""

STRENGTH = Range(0, 1)
"""Of what is removed: 0 leaves the photograph as it is, 1 takes away all that looks like noise."""

LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)
"""How much red, green and blue count for the brightness of a pixel: ITU-R BT.601."""

BAND = 256
"""Rows that are computed at a time, which bounds the memory that it takes."""

BLOCK = 16
"""Side of the blocks in which the level of the noise is looked at, pixels."""

BLOCKS = 64
"""How many of them are looked at in each direction, about."""


@dataclass(frozen=True)
class NoiseLevel:
    """How much noise there is: standard deviations, of 255.

    Attributes:
        total: of the channels.
        luminance: of the brightness.
        colour: of the channels without what they have in common, the brightness.
    """

    total: float
    luminance: float
    colour: float


def without(
    noise: NDArray[np.floating],
    picture: P,
    strength: float = 1.0,
    luminance: float = 1.0,
    colour: float = 1.0,
) -> P:
    """Return a photograph without a share of the noise that `PhotoDenoiser.noise` found in it.

    Args:
        noise: (h, w, 3) float16 or float32.
        picture: as for `PhotoDenoiser.restore`.
        strength: likewise.
        luminance: likewise.
        colour: likewise.

    Raises:
        InputError: as `PhotoDenoiser.restore`.
    """
    shares = shares_of(strength, luminance, colour)
    if not any(shares):
        return cast("P", picture.copy())
    restored = np.empty_like(picture)
    for top in range(0, len(picture), BAND):
        rows = slice(top, top + BAND)
        found = as_floats(picture[rows]) - _weighted(noise[rows].astype(np.float32), *shares)
        restored[rows] = to_pixels(found) if picture.dtype == np.uint8 else found
    return restored


def level_of(noise: NDArray[np.float32]) -> NoiseLevel:
    """Return the level of the noise that `PhotoDenoiser.noise` found, in the median block.

    Most of the detail that is taken for noise by mistake lies in a few blocks, along edges.

    Args:
        noise: (h, w, 3) float32, on the scale of [0, 1].
    """
    side = min(BLOCK, *noise.shape[:2])
    rows, columns = (length // side for length in noise.shape[:2])
    whole = noise[: rows * side, : columns * side].reshape(rows, side, columns, side, 3)
    blocks = whole[:: math.ceil(rows / BLOCKS), :, :: math.ceil(columns / BLOCKS)]
    brightness = (blocks @ LUMINANCE)[..., None]
    parts = (blocks, brightness, blocks - brightness)
    variances = (np.median(np.square(part).mean(axis=(1, 3, 4))) for part in parts)
    return NoiseLevel(*(255 * float(np.sqrt(variance)) for variance in variances))


def check_photo(picture: object) -> Photo:
    """Return a photograph if the denoiser can take it.

    Raises:
        InputError: another type, dtype or shape, NaN or infinity.
    """
    if not isinstance(picture, np.ndarray) or picture.dtype not in (np.uint8, np.float32):
        received = picture.dtype if isinstance(picture, np.ndarray) else type(picture).__name__
        raise InputError(
            "Invalid photograph. Expected a NumPy array of dtype uint8 or float32. "
            f"Received: {received}."
        )
    if picture.ndim != 3 or picture.shape[2] != 3 or 0 in picture.shape:
        raise InputError(
            f"Invalid photograph. Expected shape (height, width, 3). Received: {picture.shape}."
        )
    if not np.isfinite(picture).all():
        raise InputError("Invalid photograph. Expected finite numbers. Received: NaN or infinity.")
    return picture


def shares_of(strength: float, luminance: float, colour: float) -> tuple[float, float]:
    """Return which share of the noise to remove: of that in brightness, and of that in colour."""
    strength = STRENGTH.check("strength", strength)
    return (
        strength * STRENGTH.check("strength for luminance", luminance),
        strength * STRENGTH.check("strength for colour", colour),
    )


def _weighted(noise: NDArray[np.float32], luminance: float, colour: float) -> NDArray[np.float32]:
    """Return a share of the noise in brightness, the same in all channels, and of the rest."""
    if luminance == colour:
        return np.asarray(np.float32(colour) * noise)
    brightness = (noise @ LUMINANCE)[..., None]
    return np.asarray(np.float32(luminance - colour) * brightness + np.float32(colour) * noise)


def as_floats(picture: Photo) -> NDArray[np.float32]:
    """Return a photograph as float32 on the scale of [0, 1]."""
    scale = np.float32(255 if picture.dtype == np.uint8 else 1)
    return np.asarray(picture, np.float32) / scale


def to_pixels(picture: Photo) -> NDArray[np.uint8]:
    """Return a photograph as uint8; what reaches beyond black and white becomes that."""
    return np.rint(np.clip(as_floats(picture), 0, 1) * 255).astype(np.uint8)
