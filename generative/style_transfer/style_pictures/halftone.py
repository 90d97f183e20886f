"""Pop-art halftone: a comic burst printed in dots of cyan, magenta and yellow, with black lines."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from generative.style_transfer.style_pictures import colours, fields
from generative.style_transfer.style_pictures.colours import Colours
from generative.style_transfer.style_pictures.fields import Field

PAPER = colours.palette("fdf6e3")[0]
BLACK = colours.palette("16121a")[0]
INKS = colours.palette("00a3e0 e6127d ffd900")
"""Cyan, magenta and yellow, as they look on white paper."""
ANGLES = np.radians([15, 75, 0])
PITCH = 0.0165
"""Distance between dots."""
MISPRINT = np.array([[0.002, -0.001], [-0.002, 0.001], [0.0, 0.002]])
"""How far each ink landed from its place."""
STARS = (
    (0.44, 13, (0.0, 0.3, 1.0), (0.0, 0.9, 1.0)),
    (0.32, 11, (0.0, 0.0, 1.0), (0.0, 0.55, 1.0)),
    (0.2, 9, (0.0, 0.9, 0.15), (0.1, 0.25, 0.0)),
    (0.1, 7, (0.0, 0.0, 0.0), (0.9, 0.1, 0.0)),
)
"""Radius, number of spikes, and the share of the inks in the middle and at the tips."""
CORNERS = np.array([[0.1, 0.12], [0.9, 0.1], [0.88, 0.9], [0.1, 0.88]])
RING, CORE = np.array([[0.0, 0.95, 0.35], [0.75, 0.25, 0.0]])
"""Shares of the inks on the discs in the corners."""
SOFT = 0.003
"""Width of an edge, in units of the picture's side."""


def paint(size: int, seed: int) -> NDArray[np.uint8]:
    """Return the picture: (size, size, 3) uint8."""
    rng = np.random.default_rng(seed)
    amounts, lines = _drawing(rng, size)
    picture = np.broadcast_to(PAPER, (size, size, 3))
    for amount, ink, angle, shift in zip(
        np.moveaxis(amounts, -1, 0), INKS, ANGLES, MISPRINT, strict=True
    ):
        # Inks are transparent: each takes its part of the light that the others left.
        picture = picture * (1 - _dots(amount, angle, shift)[..., None] * (1 - ink))
    return colours.to_pixels(colours.blend(picture, BLACK, lines))


def _dots(amount: Field, angle: float, shift: NDArray[np.float64]) -> Field:
    """Return dots on a turned grid that cover the share `amount` of the paper."""
    x, y = fields.grid(amount.shape[0])
    x, y = x + shift[0], y + shift[1]
    across = (x * np.cos(angle) + y * np.sin(angle)) / PITCH
    down = (y * np.cos(angle) - x * np.sin(angle)) / PITCH
    distance = np.hypot(across - np.rint(across), down - np.rint(down))
    radius = np.where(amount > 0.97, 1, np.sqrt(np.clip(amount, 0, 1) / np.pi) * 1.08)
    return fields.step(radius - distance, 0, 0.16) * (amount > 0.02)


def _drawing(rng: Generator, size: int) -> tuple[Colours, Field]:
    """Return how much of each ink is wanted at every point, (size, size, 3), and the lines."""
    x, y = fields.grid(size)
    centre = rng.uniform(0.42, 0.58, 2)
    angle = np.arctan2(y - centre[1], x - centre[0])
    radius = np.hypot(x - centre[0], y - centre[1])
    rays = np.cos(angle * 12 + rng.uniform(0, 6))
    light = np.stack([0.12 + 0.85 * radius, 0 * radius, 0 * radius], axis=-1)
    dark = np.stack([0.95 + 0 * radius, 0.1 + 0.5 * radius, 0 * radius], axis=-1)
    amounts = np.where(rays[..., None] > 0, light, dark)
    lines = fields.step(-np.abs(rays) / 12 * radius, -0.0035, SOFT)
    for reach, points, *ends in STARS:
        star = _star(rng, angle, radius, reach, points)
        inside = fields.step(star, 0, SOFT)
        amounts = colours.blend(amounts, colours.ramp(np.array(ends), radius / reach), inside)
        lines = np.maximum(lines * (1 - inside), fields.step(-np.abs(star), -0.0065, SOFT))
    for corner in CORNERS:
        disc_x, disc_y = corner + rng.uniform(-0.04, 0.04, 2)
        reach = rng.uniform(0.07, 0.13)
        disc = reach - np.hypot(x - disc_x, y - disc_y)
        inside = fields.step(disc, 0, SOFT)
        amounts = colours.blend(amounts, RING, inside)
        amounts = colours.blend(amounts, CORE, fields.step(disc, 0.5 * reach, SOFT))
        rim = np.minimum(np.abs(disc), np.abs(disc - 0.5 * reach))
        lines = np.maximum(lines * (1 - inside), fields.step(-rim, -0.005, SOFT))
    return amounts, lines


def _star(rng: Generator, angle: Field, radius: Field, reach: float, points: int) -> Field:
    """Return a spiky star, above 0 inside, about in units of the distance to its edge."""
    turn = (angle / (2 * np.pi) + rng.random()) * points
    tips = reach * rng.uniform(0.88, 1.12, points + 1)
    tips[-1] = tips[0]
    here = np.floor(turn).astype(int) % points
    spike = np.abs(turn % 1 - 0.5) * 2
    tip = np.where(turn % 1 < 0.5, tips[here], tips[here + 1])
    edge = 0.66 * reach + (tip - 0.66 * reach) * spike
    return np.asarray((edge - radius) * 0.6)
