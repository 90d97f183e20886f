"""Colours as numbers: palettes, ramps between their colours, and the last step to pixels."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from generative.images import to_uint8
from generative.style_transfer.style_pictures import fields

Colours = NDArray[np.float64]
"""(..., 3) float64, red, green and blue in [0, 1]."""


def palette(codes: str) -> Colours:
    """Return colours written as hexadecimal codes, "1d3557 f1faee": (n, 3)."""
    return np.array([list(bytes.fromhex(code)) for code in codes.split()], np.float64) / 255


def ramp(colours: Colours, position: NDArray[np.float64]) -> Colours:
    """Return the colour at `position`, from 0 (the first of the palette) to 1 (the last)."""
    stops = np.linspace(0, 1, len(colours))
    channels = [np.interp(position, stops, channel) for channel in colours.T]
    return np.stack(channels, axis=-1)


def vary(rng: Generator, colours: Colours, lightness: float, tint: float) -> Colours:
    """Return (n, 3) colours, each made lighter or darker and tinted, by these deviations."""
    light = np.exp(lightness * rng.standard_normal((len(colours), 1)))
    return np.clip(colours * light + tint * rng.standard_normal(colours.shape), 0, 1)


def blend(below: Colours, above: Colours, share: NDArray[np.float64]) -> Colours:
    """Lay colours over others; `share`, (...) in [0, 1], says how well they cover."""
    return np.asarray(below + (above - below) * share[..., None])


def at(picture: Colours, points: NDArray[np.float64]) -> Colours:
    """Return the colours of a picture, (size, size, 3), at points, (n, 2): (n, 3)."""
    channels = [fields.sample(channel, *points.T) for channel in np.moveaxis(picture, -1, 0)]
    return np.stack(channels, axis=-1)


def ink(colour: Colours) -> tuple[int, int, int]:
    """Return one colour as Pillow wants it."""
    red, green, blue = np.rint(np.clip(colour, 0, 1) * 255).astype(int).tolist()
    return red, green, blue


def to_pixels(picture: Colours) -> NDArray[np.uint8]:
    """Return the picture in 8 bits; what is too bright or too dark is clipped."""
    return to_uint8(np.clip(picture, 0, 1))
