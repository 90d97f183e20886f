"""Facets: a still life broken into planes, each lit from one edge, in the manner of cubism."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage

from generative.style_transfer.style_pictures import canvas, colours, fields
from generative.style_transfer.style_pictures.canvas import Points
from generative.style_transfer.style_pictures.colours import Colours
from generative.style_transfer.style_pictures.fields import Field

COOL = colours.palette("1d3a6b 2f6690 3a9ca6 8fc1b5 274b6d 5b4b8a")
WARM = colours.palette("a8322d e0562f f08a24 f5b83d d1495b 8c2f39")
PALE = colours.palette("f2e6c4")[0]
DARK = colours.palette("15100d")[0]
SLANTS = np.radians([18, 74, 118, 163])
"""Of the cuts: a few directions that return give the planes their order."""
LARGEST = 0.02
"""Area of the largest plane."""
ROUNDS = np.array([[0.5, 0.67, 0.27], [0.54, 0.3, 0.19], [0.5, 0.64, 0.1], [0.12, 0.14, 0.2]])
"""x, y and radius of the circles that cut through all planes; the first two are the body."""


def paint(size: int, seed: int) -> NDArray[np.uint8]:
    """Return the picture: (size, size, 3) uint8."""
    rng = np.random.default_rng(seed)
    planes = _break(rng, np.array([[0, 0], [1, 0], [1, 1], [0, 1]], float))
    which, planes = _cut_round(_numbered(planes, size * canvas.OVERSAMPLING), planes)
    lit = _light(rng, planes, which) + 0.045 * _brush(rng, which, len(planes))[..., None]
    inked = colours.blend(lit, DARK, _edges(rng, which))
    weave = fields.noise(rng, size, 160, 90) + fields.noise(rng, size, 90, 160)
    return colours.to_pixels(canvas.shrink(inked) * (1 + 0.025 * weave)[..., None])


def _break(rng: Generator, plane: Points) -> list[Points]:
    """Cut a convex plane again and again until every piece is small enough."""
    x, y = plane.T
    area = 0.5 * abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))
    if area < LARGEST * rng.uniform(0.15, 1):
        return [plane]
    slant = rng.choice(SLANTS) + rng.normal(0, 0.09)
    normal = np.array([-np.sin(slant), np.cos(slant)])
    middle = rng.dirichlet(np.full(len(plane), 4.0)) @ plane
    halves = (_clip(plane, normal, middle), _clip(plane, -normal, middle))
    return [piece for half in halves for piece in _break(rng, half)]


def _clip(plane: Points, normal: Points, point: Points) -> Points:
    """Return the part of a convex plane on the side of a line that `normal` points to."""
    heights = (plane - point) @ normal
    kept = []
    for i, height in enumerate(heights):
        before, corner = heights[i - 1], plane[i]
        if (before < 0) != (height < 0):
            kept.append(corner + (plane[i - 1] - corner) * height / (height - before))
        if height >= 0:
            kept.append(corner)
    return np.array(kept)


def _numbered(planes: list[Points], side: int) -> NDArray[np.intp]:
    """Return the number of the plane at every pixel: (side, side)."""
    board = Image.new("I", (side, side))
    draw = ImageDraw.Draw(board)
    for number, plane in enumerate(planes):
        draw.polygon(canvas.place(plane, board), number)
    return np.asarray(board).astype(np.intp)


def _cut_round(
    which: NDArray[np.intp], planes: list[Points]
) -> tuple[NDArray[np.intp], list[Points]]:
    """Cut the planes along `ROUNDS`; every piece gets a number, and keeps the plane's corners."""
    x, y = fields.grid(len(which))
    for circle_x, circle_y, radius in ROUNDS:
        which = 2 * which + (np.hypot(x - circle_x, y - circle_y) < radius)
    return which, [plane for plane in planes for _ in range(2 ** len(ROUNDS))]


def _light(rng: Generator, planes: list[Points], which: NDArray[np.intp]) -> Colours:
    """Return the planes' colours, from dark at one edge to pale at the other."""
    x, y = fields.grid(len(which))
    # A warm body, a round one on a tall one, stands before a cool ground.
    cuts = np.arange(len(planes)) // 2 ** (len(ROUNDS) - 2) % 4
    warm = (cuts > 0) ^ (rng.random(len(planes)) < 0.16)
    picks = rng.integers(0, len(COOL), len(planes))
    hues = colours.vary(rng, np.where(warm[:, None], WARM[picks], COOL[picks]), 0.1, 0.015)
    slants = rng.choice(SLANTS, len(planes)) + rng.choice([0, np.pi], len(planes))
    directions = np.stack([np.cos(slants), np.sin(slants)], axis=-1)
    spans = [plane @ direction for plane, direction in zip(planes, directions, strict=True)]
    low = np.array([span.min() for span in spans])
    high = np.array([span.max() for span in spans])
    along = x * directions[which, 0] + y * directions[which, 1]
    share = np.clip((along - low[which]) / (high - low)[which], 0, 1)
    strength = rng.uniform(0.3, 0.95, len(planes))[which]
    dark = colours.blend(hues[which], DARK, 0.72 * (1 - share) ** 2.2)
    return colours.blend(dark, PALE, strength * share**1.8)


def _brush(rng: Generator, which: NDArray[np.intp], count: int) -> Field:
    """Return the marks of a brush that went over every plane in a direction of its own."""
    side = len(which)
    x, y = fields.grid(side)
    slants = rng.choice(SLANTS, count)[which]
    marks = fields.noise(rng, side, 14, 120)
    along, across = x * np.cos(slants) + y * np.sin(slants), y * np.cos(slants) - x * np.sin(slants)
    return fields.sample(marks, np.abs(along) % 1, np.abs(across) % 1)


def _edges(rng: Generator, which: NDArray[np.intp]) -> Field:
    """Return the lines between planes, which swell and get lost as charcoal does."""
    side = len(which)
    same = np.ones((side, side), bool)
    same[1:] &= which[1:] == which[:-1]
    same[:, 1:] &= which[:, 1:] == which[:, :-1]
    away = ndimage.distance_transform_edt(same) / side
    width = 0.0012 + 0.0016 * fields.noise(rng, side, 7)
    return fields.step(width - away, 0, 0.0025)
