"""Pointillism: sails on an evening sea in dots of pure colour, next to their complements."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import ImageDraw

from generative.style_transfer.style_pictures import canvas, colours, fields
from generative.style_transfer.style_pictures.canvas import Points
from generative.style_transfer.style_pictures.colours import Colours
from generative.style_transfer.style_pictures.fields import Field

SKY = colours.palette("2f4bb5 4f7fd6 8a8fe0 d99ad6 ff9fa0 ffc27a ffe6a0")
SEA = colours.palette("ffe29a ffab73 d07fc0 5f7fe0 2a8fc9 1b63ad 173f8f")
HILLS = colours.palette("6a4fb3 8f5fc0 4a5fc0")
MEADOW = colours.palette("1f6b4f 3fa34d 9ccc3c f2d43c ff7a4a")
SAILS = colours.palette("ff6b3d c2185b fff1c4 ffb52e")
SUN = colours.palette("fffacc")[0]
HULL = colours.palette("2b1f5c")[0]
BOATS = np.array([[0.24, 0.66, 0.42], [0.66, 0.58, 0.27], [0.88, 0.53, 0.15], [0.47, 0.52, 0.12]])
"""x, waterline and height of every boat."""
HORIZON = 0.47
"""y of the far shore."""
PURE = colours.palette("ff4f2e ffb400 ffe85c 2fbf71 1ba7d9 2b4bd6 8a3fd1 ff5fa2")
"""Colours straight from the tube, towards which the dots' colours are drawn."""
GROUND = (247, 226, 184)
DOT = 0.0105
"""Radius of a middling dot."""


def paint(size: int, seed: int) -> NDArray[np.uint8]:
    """Return the picture: (size, size, 3) uint8."""
    rng = np.random.default_rng(seed)
    scene = _scene(rng)
    board = canvas.blank(size, GROUND)
    draw = ImageDraw.Draw(board)
    for scale in (1.3, 1.15, 1.0, 0.85):
        centres = _scatter(rng, 1.8 * DOT * scale)
        shades = _divide(rng, colours.at(scene, centres))
        radii = DOT * scale * rng.uniform(0.7, 1.0, len(centres))
        corners = np.concatenate([centres - radii[:, None], centres + radii[:, None]], axis=1)
        # Small dots leave gaps on purpose, for the layers below to shine through.
        kept = rng.random(len(centres)) < (1.0 if scale > 1.2 else 0.5)
        for box, shade in zip(corners[kept], shades[kept], strict=True):
            draw.ellipse(canvas.place(box, board), colours.ink(shade))
    return colours.to_pixels(canvas.finish(board, size))


def _scene(rng: Generator) -> Colours:
    """Return the scene in smooth colours, (PLAN, PLAN, 3)."""
    x, y = fields.grid(fields.PLAN)
    sun = rng.uniform(0.42, 0.56)
    scene = colours.blend(_sky(rng, sun), _sea(rng, sun), fields.step(y, HORIZON, 0.006))
    for boat, sail in zip(BOATS + rng.normal(0, 0.008, BOATS.shape), SAILS, strict=True):
        scene = _boat(rng, scene, boat, sail)
    bank = y - 0.93 + 0.05 * np.cos(np.pi * (1.3 * x - 0.9))
    bank += 0.012 * fields.noise(rng, fields.PLAN, 9)
    grass = np.clip(0.42 + 0.24 * fields.noise(rng, fields.PLAN, 26), 0, 1)
    return colours.blend(scene, colours.ramp(MEADOW, grass), fields.step(bank, 0, 0.01))


def _sky(rng: Generator, sun: float) -> Colours:
    """Return sky, sun and the hills below them."""
    x, y = fields.grid(fields.PLAN)
    clouds = 0.09 * fields.noise(rng, fields.PLAN, 3, 9)
    warm = 0.8 + 0.3 * np.exp(-(((x - sun) / 0.4) ** 2))
    sky = colours.ramp(SKY, np.clip(y / HORIZON * warm + clouds, 0, 1))
    away = np.hypot(x - sun, y - HORIZON + 0.15)
    sky = colours.blend(sky, SKY[-1], np.exp(-((away / 0.11) ** 2)))
    sky = colours.blend(sky, SUN, fields.step(-away, -0.07, 0.01))
    ridge = HORIZON - 0.035 - 0.03 * fields.noise(rng, fields.PLAN, 4, 1)
    hills = colours.ramp(HILLS, np.clip(0.5 + 0.3 * fields.noise(rng, fields.PLAN, 8), 0, 1))
    return colours.blend(sky, hills, fields.step(y - ridge, 0, 0.008))


def _sea(rng: Generator, sun: float) -> Colours:
    """Return rippled water with the glitter of the sun on it."""
    x, y = fields.grid(fields.PLAN)
    down = np.clip((y - HORIZON) / (1 - HORIZON), 0, 1)
    ripples = 0.13 * fields.noise(rng, fields.PLAN, 4, 36)
    glitter = 0.5 * np.exp(-(((x - sun) / (0.05 + 0.16 * down)) ** 2))
    return colours.ramp(SEA, np.clip(0.2 + 1.05 * down - glitter + ripples, 0, 1))


def _boat(rng: Generator, scene: Colours, boat: NDArray[np.float64], sail: Colours) -> Colours:
    """Lay a boat and its mirror image over the scene."""
    x, y = fields.grid(fields.PLAN)
    right, up = (x - boat[0]) / boat[2], (boat[1] - y) / boat[2]
    sway = 0.012 * fields.noise(rng, fields.PLAN, 3, 40) / boat[2]
    scene = colours.blend(scene, sail, 0.6 * _sails(right + sway, -1.5 * up) * (up < 0))
    scene = colours.blend(scene, sail, _sails(right, up))
    hull = 0.09 - np.maximum(np.abs(up - 0.02), 0.22 * np.abs(right) ** 1.5 + 0.9 * np.abs(up))
    return colours.blend(scene, HULL, fields.step(hull, 0.02, 0.02))


def _sails(right: Field, up: Field) -> Field:
    """Return a large and a small sail on a mast of height 1, which bulge to the right."""
    belly = 0.42 * np.clip(1 - up, 0, 1) ** 0.8
    main = np.minimum(np.minimum(right - 0.015, belly - right), up - 0.07)
    jib = np.minimum(np.minimum(-0.02 - right, right + 0.3 * np.clip(0.86 - up, 0, 1)), up - 0.07)
    return fields.step(np.maximum(main, jib), 0, 0.02)


def _scatter(rng: Generator, distance: float) -> Points:
    """Return the points of a shaken hexagonal grid in random order: (n, 2)."""
    rows = np.arange(-distance, 1 + distance, distance * np.sqrt(0.75))
    columns = np.arange(-distance, 1 + distance, distance)
    x, y = np.meshgrid(columns, rows)
    x[::2] += distance / 2
    points = np.stack([x.ravel(), y.ravel()], axis=-1)
    return rng.permutation(points + distance * rng.uniform(-0.28, 0.28, points.shape))


def _divide(rng: Generator, under: Colours) -> Colours:
    """Return colours pulled apart, which the eye mixes again: purer ones, and some opposites."""
    grey = under.mean(axis=1, keepdims=True)
    purer = np.clip(grey + 1.25 * (under - grey), 0, 1)
    apart = np.linalg.norm(purer[:, None] - PURE, axis=-1)
    nearest = PURE[np.argsort(apart, axis=1)[np.arange(len(under)), rng.integers(0, 2, len(under))]]
    share = rng.choice([0.05, 0.3, 0.6], len(under), p=[0.5, 0.32, 0.18])
    shades = colours.blend(purer, nearest, share)
    opposite = rng.random(len(under)) < 0.04
    shades[opposite] = np.clip(1.9 * grey[opposite] - purer[opposite], 0, 1)
    return colours.vary(rng, shades, 0.09, 0.02)
