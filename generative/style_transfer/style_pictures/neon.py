"""Neon contours: glowing tubes along the heights of a dark, dreamt landscape."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from generative.style_transfer.style_pictures import colours, fields
from generative.style_transfer.style_pictures.fields import Field

NIGHT = colours.palette("05030f 120a2e 1b0b3f 0a1a3a")
TUBES = colours.palette("00f0ff 2d7dff a13dff ff2fb3 ff5a3c ffd23f 5cff8f 00f0ff")
LEVELS = 15


def paint(size: int, seed: int) -> NDArray[np.uint8]:
    """Return the picture: (size, size, 3) uint8."""
    rng = np.random.default_rng(seed)
    x, y = fields.grid(size)
    bend_x, bend_y = (0.03 * np.tanh(fields.noise(rng, size, 4)) for _ in range(2))
    # Bent within a margin, for the field is mirrored outside the square.
    hills = fields.sample(
        fields.noise(rng, size, 6), 0.1 + 0.8 * x + bend_x, 0.1 + 0.8 * y + bend_y
    )
    height = hills * 0.2 * LEVELS + 0.3 * fields.noise(rng, size, 8)
    hue = np.rint(height) / LEVELS * 1.7 + 0.35 * (x + y)
    tube = colours.ramp(TUBES, hue % 1)

    away = _away(height)
    core = fields.step(-away, -0.0045, 0.003)
    near = tube * np.exp(-((away / 0.008) ** 2))[..., None]
    halo = ndimage.gaussian_filter(near, (0.02 * size, 0.02 * size, 0)) * 1.5
    ground = colours.ramp(NIGHT, np.clip(0.5 + 0.25 * hills, 0, 1))
    # Between the tubes thin lines repeat their shape, as reflections on wet asphalt do.
    echoes = tube * (0.22 * fields.step(-_away(height * 4), -0.0013, 0.0016))[..., None]
    lights = 1 - (1 - ground) * np.prod(
        [1 - np.clip(c, 0, 1) for c in (halo, near, echoes)], axis=0
    )
    return colours.to_pixels(colours.blend(lights, 0.35 * tube + 0.65, 0.9 * core))


def _away(height: Field) -> Field:
    """Return the distance to the nearest whole height, in units of the picture's side."""
    slope = np.hypot(*np.gradient(height)) * height.shape[0]
    return np.asarray(np.abs(height - np.rint(height)) / np.maximum(slope, 1))
