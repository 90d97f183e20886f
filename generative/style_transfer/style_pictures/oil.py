"""Swirling oil: thick strokes, every bristle a line, flow around cool whirls in a hot sky."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from generative.style_transfer.style_pictures import canvas, colours, fields, relief
from generative.style_transfer.style_pictures.canvas import Points
from generative.style_transfer.style_pictures.colours import Colours
from generative.style_transfer.style_pictures.fields import Field

SKY = colours.palette("3b0f3f 6d1a4b a3274f d9483b f07a3a f7b267 9c2350 4a1347")
WHIRL = colours.palette("f4fff0 b8f2dc 4fd0c0 1a8fa8 245a8f e8884f")
SEA = colours.palette("0d2a4a 14506b 1f8a8a 7fcfae 2f4f9a 2a1d5c")
STEPS = 12
LAYERS = ((1300, 0.036, 0.17), (2000, 0.024, 0.12), (2200, 0.014, 0.09))
"""Strokes of a layer, their width and their length, from the broad brush to the fine one."""


def paint(size: int, seed: int) -> NDArray[np.uint8]:
    """Return the picture: (size, size, 3) uint8."""
    rng = np.random.default_rng(seed)
    stream, scene = _scene(rng)
    # The ground shows where by chance no stroke comes.
    ground = Image.fromarray(colours.to_pixels(scene))
    board = ground.resize((size * canvas.OVERSAMPLING, size * canvas.OVERSAMPLING))
    board.putalpha(128)
    for count, width, length in LAYERS:
        paths = _follow(stream, rng.uniform(-0.05, 1.05, (count, 2)), length)
        paints = colours.vary(rng, colours.at(scene, paths[:, STEPS // 2]), 0.1, 0.025)
        for path, colour in zip(paths, paints, strict=True):
            _stroke(rng, board, path, width, colour)
    painted = canvas.finish(board, size)
    shine = relief.light(painted[..., 3], depth=0.006, blur=0.0008)
    return colours.to_pixels(relief.lit(painted[..., :3], shine, 0.55))


def _scene(rng: Generator) -> tuple[Field, Colours]:
    """Return a stream function, whose level lines the strokes follow, and the colours to paint."""
    x, y = fields.grid(fields.PLAN)
    horizon = 0.78 + 0.05 * fields.noise(rng, fields.PLAN, 3, 1)
    stream = 0.55 * y + 0.045 * fields.noise(rng, fields.PLAN, 4)
    glow = np.full_like(x, 9.0)
    for radius, near_x, near_y in ((0.16, 0.72, 0.24), (0.12, 0.25, 0.36), (0.075, 0.45, 0.1)):
        centre_x, centre_y = np.array([near_x, near_y]) + rng.uniform(-0.06, 0.06, 2)
        distance = np.hypot(x - centre_x, y - centre_y) / radius
        stream += rng.choice([-1, 1]) * 3 * radius * np.exp(-0.5 * (distance / 1.1) ** 2)
        glow = np.minimum(glow, distance)
    # Narrow bands of the stream function give neighbouring strokes different reds.
    bands = 0.5 + 0.5 * np.sin(42 * stream + fields.noise(rng, fields.PLAN, 6))
    sky = colours.ramp(SKY, np.clip(0.12 + 0.6 * bands + 0.12 * (1 - y), 0, 1))
    rings = np.clip(glow / 1.7 + 0.06 * np.sin(14 * glow), 0, 1)
    sky = colours.blend(sky, colours.ramp(WHIRL, rings), fields.step(-glow, -1.5, 0.5))
    waves = 0.5 + 0.5 * np.sin(70 * (y - horizon) + 1.5 * fields.noise(rng, fields.PLAN, 5))
    sea = colours.ramp(SEA, np.clip(0.15 + 0.75 * waves - 0.1 * (y - horizon), 0, 1))
    return stream, colours.blend(sky, sea, fields.step(y - horizon, 0, 0.02))


def _follow(stream: Field, starts: Points, length: float) -> NDArray[np.float64]:
    """Return the paths of strokes from `starts` along the level lines: (n, STEPS, 2)."""
    down, right = np.gradient(stream)
    norm = np.hypot(down, right) + 1e-9
    paths = [starts]
    for _ in range(STEPS - 1):
        x, y = paths[-1].T
        move = np.stack(
            [fields.sample(down / norm, x, y), fields.sample(-right / norm, x, y)], axis=-1
        )
        paths.append(paths[-1] + move * length / STEPS)
    return np.stack(paths, axis=1)


def _stroke(
    rng: Generator, board: Image.Image, path: Points, width: float, colour: Colours
) -> None:
    """Draw one stroke as bristles side by side; the fourth channel takes the paint's height."""
    along = np.gradient(path, axis=0)
    across = along[:, ::-1] * [-1, 1] / (np.linalg.norm(along, axis=1, keepdims=True) + 1e-9)
    bristles = max(5, round(width * 350))
    offsets = np.linspace(-0.5, 0.5, bristles) * width
    light = np.exp(0.16 * rng.standard_normal(bristles) - 0.25 * np.abs(offsets / width))
    heights = rng.integers(90, 256, bristles)
    # The outer bristles touch down later and lift earlier, which rounds the stroke's ends.
    rounding = np.rint(8 * (offsets / width) ** 2).astype(int)
    trim = rng.integers(0, 2, (bristles, 2)) + rounding[:, None]
    draw, thickness = ImageDraw.Draw(board), canvas.thickness(1.7 * width / bristles, board)
    for offset, bright, height, (start, end) in zip(offsets, light, heights, trim, strict=True):
        line = (path + across * offset)[start : STEPS - end]
        draw.line(
            canvas.place(line, board), (*colours.ink(colour * bright), int(height)), thickness
        )
