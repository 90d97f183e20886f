"""Crayon hatching: waxy strokes over each other, caught by the tooth of the paper."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from generative.style_transfer.style_pictures import canvas, colours, fields
from generative.style_transfer.style_pictures.canvas import Points
from generative.style_transfer.style_pictures.fields import Field

PAPER = colours.palette("f6efe0")[0]
STICKS = colours.palette(
    "1f5fd0 3f8fe8 6fc0ee 7a6cc8 "
    "ffd23f ffb81c ff8c00 ffe57a "
    "e4373e f0605a c21f4a ff8a5c "
    "178a7a 2bae86 0f6f73 7fd0a0 "
    "6a3c98 8e5ec2 b873c0 452b86 "
    "5fa52e 8cc63f 2f7d3f c9d93a "
    "f4729e ff9fb5 d9488a f7b267"
).reshape(7, 4, 3)
"""Four crayons for each kind of ring."""
FAN = 0.25
"""Radius of a fan."""
RIMS = np.array([0.26, 0.52, 0.78, 1.0])
"""Where the rings of a fan end."""
WIDTH = 0.0095
STEPS = 9
LAYERS = 5
"""Of strokes; each is caught by the paper anew."""


def paint(size: int, seed: int) -> NDArray[np.uint8]:
    """Return the picture: (size, size, 3) uint8."""
    rng = np.random.default_rng(seed)
    parts, slants = _scene(rng)
    tooth = (fields.noise(rng, size, 100) + fields.noise(rng, size, 190)) / np.sqrt(2)
    picture = np.broadcast_to(PAPER, (size, size, 3))
    for layer in range(LAYERS):
        board = canvas.blank(size, (*colours.ink(PAPER), 0))
        _hatch(rng, board, layer, parts, slants)
        wax = canvas.finish(board, size)
        # Light pressure reaches only the paper's peaks.
        cover = np.clip(2.4 * wax[..., 3] - 0.5 - 0.45 * tooth, 0, 1) * (wax[..., 3] > 0.1)
        picture = colours.blend(picture, wax[..., :3], 0.92 * cover)
    return colours.to_pixels(picture * (1 + 0.025 * tooth)[..., None])


def _scene(rng: Generator) -> tuple[NDArray[np.intp], Field]:
    """Return which crayons every point of the plan takes, and the slant of the strokes there.

    Fans lie like the scales of a fish, each of rings, and the strokes run around its middle.
    """
    x, y = fields.grid(fields.PLAN)
    parts = np.zeros((fields.PLAN, fields.PLAN), np.intp)
    slants = np.zeros_like(x)
    for row, middle_y in enumerate(np.arange(0.02, 1.3, 0.5 * FAN)):
        for middle_x in np.arange(-0.5 * (row % 2), 1 / FAN + 1) * 2 * FAN:
            spot = np.array([middle_x, middle_y]) + rng.normal(0, 0.008, 2)
            right, down = x - spot[0], y - spot[1]
            wobble = 0.03 * np.sin(3 * np.arctan2(down, right) + rng.uniform(0, 6))
            away = np.hypot(right, down) * (1 + wobble) / (FAN * rng.uniform(1.02, 1.1))
            inside = away < 1
            rings = rng.permutation(len(STICKS))[: len(RIMS)]
            parts[inside] = rings[np.searchsorted(RIMS, away[inside])]
            slants[inside] = np.arctan2(down, right)[inside] + np.pi / 2
    return parts, slants


def _starts(rng: Generator) -> Points:
    """Return where the strokes of a layer begin: everywhere, in random order, (n, 2)."""
    spots = np.linspace(-0.04, 1.02, 56)
    x, y = np.meshgrid(spots, spots)
    points = np.stack([x.ravel(), y.ravel()], axis=-1)
    return rng.permutation(points + rng.normal(0, 0.01, points.shape))


def _hatch(
    rng: Generator, board: Image.Image, layer: int, parts: NDArray[np.intp], slants: Field
) -> None:
    """Draw a layer of strokes, each of which ends where its part of the scene does."""
    starts = _starts(rng)
    # Every second layer crosses the one before.
    turns = 0.4 * (layer % 2) + rng.normal(0, 0.07, len(starts))
    lines = _follow(slants, starts, turns, rng.uniform(0.055, 0.11, len(starts)))
    under = parts[_cells(lines)]
    lengths = np.logical_and.accumulate(under == under[:, :1], axis=1).sum(axis=1)
    sticks = (layer + rng.integers(0, 2, len(starts))) % STICKS.shape[1]
    shades = colours.vary(rng, STICKS[under[:, 0], sticks], 0.08, 0.02)
    pressures = rng.integers(110, 256, len(starts)).tolist()
    widths = WIDTH * rng.uniform(0.7, 1.3, len(starts))
    draw = ImageDraw.Draw(board)
    for line, length, shade, pressure, width in zip(
        lines, lengths, shades, pressures, widths, strict=True
    ):
        if length > 1:
            inside = canvas.place(line[:length], board)
            draw.line(inside, (*colours.ink(shade), pressure), canvas.thickness(width, board))


def _follow(
    slants: Field, starts: Points, turns: NDArray[np.float64], lengths: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return lines from `starts` along the slants, turned away from them: (n, STEPS, 2)."""
    lines = [starts]
    for _ in range(STEPS - 1):
        slant = slants[_cells(lines[-1])] + turns
        ahead = np.stack([np.cos(slant), np.sin(slant)], axis=-1)
        lines.append(lines[-1] + ahead * lengths[:, None] / STEPS)
    return np.stack(lines, axis=1)


def _cells(points: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the rows and columns of points on the plan, the nearest ones if they are outside."""
    cells = np.clip(points * fields.PLAN, 0, fields.PLAN - 1).astype(np.intp)
    return cells[..., 1], cells[..., 0]
