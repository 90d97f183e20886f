"""Woodcut waves: rows of breakers that curl over, carved in lines and printed in few colours."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from generative.style_transfer.style_pictures import colours, fields
from generative.style_transfer.style_pictures.colours import Colours
from generative.style_transfer.style_pictures.fields import Field

INK, DEEP, BLUE, PALE, PAPER, SUN = colours.palette("10203f 24558c 4a93ba a9cfd0 f5ecd7 d9482b")
SOFT = 0.0035
"""Width of an edge, in units of the picture's side."""


def paint(size: int, seed: int) -> NDArray[np.uint8]:
    """Return the picture: (size, size, 3) uint8."""
    rng = np.random.default_rng(seed)
    picture = _sky(rng, size)
    for row, level in enumerate((0.36, 0.52, 0.7, 0.9)):
        picture = _wave(rng, picture, level, reach=0.085 + 0.02 * row)
    fibres = fields.noise(rng, size, 12, 160) + fields.noise(rng, size, 150)
    return colours.to_pixels(picture * (1 - 0.02 * np.abs(fibres))[..., None])


def _sky(rng: Generator, size: int) -> Colours:
    """Return a red sun and drifting lines."""
    x, y = fields.grid(size)
    sun_x, sun_y = rng.uniform(0.25, 0.75), rng.uniform(0.13, 0.2)
    drift = y + 0.012 * fields.noise(rng, size, 4) + 0.008 * np.sin(9 * x)
    lines = _lines(drift * 34, 0.16 + 0.12 * fields.noise(rng, size, 6, 4))
    picture = colours.blend(
        np.broadcast_to(PAPER, (size, size, 3)), PALE, fields.step(-y, -0.12, 0.2)
    )
    picture = colours.blend(picture, DEEP, lines)
    disc = 0.105 - np.hypot(x - sun_x, y - sun_y)
    picture = colours.blend(picture, SUN, fields.step(disc, 0, SOFT))
    return colours.blend(picture, INK, fields.step(-np.abs(disc), -0.003, SOFT))


def _wave(rng: Generator, picture: Colours, level: float, reach: float) -> Colours:
    """Lay one row of breakers over the picture."""
    size = picture.shape[0]
    x, y = fields.grid(size)
    for centre in np.arange(-0.1 + rng.uniform(0, 0.2), 1.2, 3.4 * reach):
        x, y = _curl(x, y, centre, level, reach * rng.uniform(0.85, 1.2))
    swell = 0.02 * np.sin(2 * np.pi * (1.5 * x + rng.random()))
    depth = y - level + swell + 0.004 * fields.noise(rng, size, 10)
    water = fields.step(depth, 0, SOFT)
    tone = np.clip(depth / 0.2, 0, 1)
    lines = _lines(depth * 40, 0.2 + 0.28 * tone + 0.12 * fields.noise(rng, size, 8))
    body = colours.blend(
        np.broadcast_to(BLUE, (size, size, 3)), DEEP, fields.step(depth, 0.09, 0.02)
    )
    body = colours.blend(body, PALE, fields.step(-depth, -0.045, SOFT))
    body = colours.blend(body, INK, lines)
    # Foam: the rim of the wave stays paper, with a ragged lower edge.
    ragged = depth + 0.009 * np.sin(150 * x) + 0.004 * fields.noise(rng, size, 40)
    body = colours.blend(body, PAPER, fields.step(-ragged, -0.02, SOFT))
    body = colours.blend(body, INK, fields.step(-np.abs(depth - 0.003), -0.003, SOFT))
    return colours.blend(picture, body, water)


def _curl(
    x: Field, y: Field, centre_x: float, centre_y: float, reach: float
) -> tuple[Field, Field]:
    """Turn the plane around a point, the more the nearer: a straight edge rolls up."""
    right, down = x - centre_x, y - centre_y
    angle = 5.2 * np.exp(-((right**2 + down**2) / reach**2))
    cosine, sine = np.cos(angle), np.sin(angle)
    return centre_x + right * cosine - down * sine, centre_y + right * sine + down * cosine


def _lines(phase: Field, share: Field) -> Field:
    """Return lines at whole phases that take a `share` of the space."""
    rate = np.maximum(np.hypot(*np.gradient(phase)), 1e-6)
    ridge = np.abs(phase - np.rint(phase)) * 2
    # Softness of one pixel, whatever the spacing is after the plane was turned.
    return np.asarray(np.clip((np.clip(share, 0, 0.9) - ridge) / (2 * rate) + 0.5, 0, 1))
