"""Ink marbling: drops on water, drawn out with a comb, and taken off with a sheet of paper.

Every pixel is traced back, through what was done to the ink, to the drop that it came from. A drop
pushes the ink around it as in "Mathematical Marbling" (Lu, Jaffer, Jin, Zhao, Mao 2012).
Differs from the paper: comb and stick drag the ink by profiles of our own.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from generative.style_transfer.style_pictures import canvas, colours, fields
from generative.style_transfer.style_pictures.fields import Field

INKS = colours.palette("0f2a4a 1f6f8b f4ead5 c8372d e8a33d 2a9d8f 173f6b 7a2e4d f2c6a0 e0614a")
BARE = 2
"""Which of the inks looks like paper without any."""
SPOTS, RINGS = 121, 4
"""Where ink was dropped, and how many drops fell there, each into the middle of the last."""


def paint(size: int, seed: int) -> NDArray[np.uint8]:
    """Return the picture: (size, size, 3) uint8."""
    rng = np.random.default_rng(seed)
    side = size * canvas.OVERSAMPLING
    x, y = fields.grid(side)
    x, y = _swirls(rng, x, y)
    y = y - 0.012 * np.sin(2 * np.pi * (3 * x + rng.random()))
    y, x = _comb(y, x, pitch=0.1, pull=0.07, phase=rng.random())
    x, y = _comb(x, y, pitch=0.125, pull=0.085, phase=rng.random())
    picture = INKS[_drops(rng, x, y)]
    paper = 1 + 0.025 * fields.noise(rng, size, 120) + 0.012 * fields.fractal(rng, size, 5, 3)
    return colours.to_pixels(canvas.shrink(picture) * paper[..., None])


def _comb(
    along: Field, across: Field, pitch: float, pull: float, phase: float
) -> tuple[Field, Field]:
    """Undo a comb drawn along one axis, its neighbouring teeth in opposite directions."""
    teeth = np.cos(np.pi * (across / pitch + phase))
    # Steep at the teeth, as the ink there moves with them.
    return along - pull * np.sign(teeth) * np.sqrt(np.abs(teeth)) * np.abs(teeth), across


def _swirls(rng: Generator, x: Field, y: Field) -> tuple[Field, Field]:
    """Undo a few turns of a stick, which fade with the distance."""
    for centre in rng.uniform(0.1, 0.9, (5, 2)):
        right, down = x - centre[0], y - centre[1]
        turn = rng.choice([-1, 1]) * 2.2 * np.exp(-np.hypot(right, down) / 0.07)
        x = centre[0] + right * np.cos(turn) - down * np.sin(turn)
        y = centre[1] + right * np.sin(turn) + down * np.cos(turn)
    return x, y


def _drops(rng: Generator, x: Field, y: Field) -> NDArray[np.intp]:
    """Return which ink every point has; a new drop pushes the older ones away from it."""
    flat_x, flat_y = x.ravel().copy(), y.ravel().copy()
    found = np.full(flat_x.shape, BARE, np.intp)
    left = np.arange(flat_x.size)
    # One spot in each cell of a shaken grid, so that no part of the water stays bare.
    cells = np.stack(np.divmod(rng.permutation(SPOTS), np.sqrt(SPOTS)), axis=-1)
    spots = (cells + rng.random((SPOTS, 2))) / np.sqrt(SPOTS) * 1.5 - 0.25
    centres = spots.repeat(RINGS, axis=0)
    radii = rng.uniform(0.02, 0.08, SPOTS * RINGS)
    inks = np.cumsum(rng.integers(1, len(INKS) - 1, SPOTS * RINGS)) % len(INKS)
    for ink, centre, radius in zip(inks, centres, radii, strict=True):
        right, down = flat_x - centre[0], flat_y - centre[1]
        squared = right**2 + down**2
        outside = squared > radius**2
        found[left[~outside]] = ink
        shrink = np.sqrt(1 - radius**2 / squared[outside])
        left = left[outside]
        flat_x = centre[0] + right[outside] * shrink
        flat_y = centre[1] + down[outside] * shrink
    return found.reshape(x.shape)
