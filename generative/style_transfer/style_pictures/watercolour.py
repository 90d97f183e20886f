"""Watercolour blossoms: washes with dark rims run into each other on grained paper."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from generative.style_transfer.style_pictures import colours, fields, relief
from generative.style_transfer.style_pictures.colours import Colours

PAPER = colours.palette("fbf7ec")[0]
BLOSSOMS = colours.palette("d81e5b e8477a 7a2fa0 3a49b8 f0803c f5b82e c2185b 4d7fd6")
LEAVES = colours.palette("2f7d4f 4f9d69 1d6b6b 7fa33a")
WASHES = colours.palette("6fb7e0 f49ab0 b79bea 93d3b0 ffc878 7ad0d0")
HEARTS = colours.palette("5a1a4a 7a3b0e")


def paint(size: int, seed: int) -> NDArray[np.uint8]:
    """Return the picture: (size, size, 3) uint8."""
    rng = np.random.default_rng(seed)
    sheet = _Sheet(rng, size)
    for centre, softness in zip(
        _scattered(rng, 24, 0.15), rng.uniform(0.05, 0.9, 24), strict=False
    ):
        radii = (rng.uniform(0.13, 0.24), rng.uniform(0.13, 0.24))
        turn = rng.uniform(0, 2 * np.pi)
        sheet.wash(rng, centre, radii, turn, WASHES[rng.integers(len(WASHES))], softness)
    for centre in _scattered(rng, 40, 0.1):
        turn, length = rng.uniform(0, 2 * np.pi), rng.uniform(0.06, 0.11)
        leaf = LEAVES[rng.integers(len(LEAVES))]
        sheet.wash(rng, centre, (length, 0.36 * length), turn, leaf, 0.06)
    for centre in _scattered(rng, 24, 0.17):
        _blossom(rng, sheet, centre, rng.uniform(0.085, 0.135))
    for centre in rng.random((70, 2)):
        drop = BLOSSOMS[rng.integers(len(BLOSSOMS))]
        radius = 0.002 + 0.007 * rng.random() ** 3
        sheet.wash(rng, centre, (radius, radius), 0, drop, 0.3)
    return colours.to_pixels(sheet.dry())


class _Sheet:
    """Paper that remembers how much light the paint on it takes away.

    Pigments lie over each other, so that what they let through is multiplied (Beer and Lambert):
    their optical densities add up.
    """

    def __init__(self, rng: Generator, size: int) -> None:
        self.density = np.zeros((size, size, 3))
        self.ragged = fields.fractal(rng, size, 6, 5)
        self.blooms = fields.fractal(rng, size, 9, 3)
        self.tooth = (fields.noise(rng, size, 110) + fields.noise(rng, size, 200)) / np.sqrt(2)

    def wash(
        self,
        rng: Generator,
        centre: NDArray[np.float64],
        radii: tuple[float, float],
        turn: float,
        colour: Colours,
        softness: float,
    ) -> None:
        """Let an oval of paint dry, dark at its rim unless the paper was wet (soft)."""
        size = len(self.density)
        shift = rng.random(2)
        reach = 1.6 * max(radii) * (1 + softness)
        low = np.clip(np.floor((centre - reach) * size), 0, size).astype(int)
        high = np.clip(np.ceil((centre + reach) * size), 0, size).astype(int)
        box = np.s_[low[1] : high[1], low[0] : high[0]]
        x, y = (axis[box] for axis in fields.grid(size))
        right, down = x - centre[0], y - centre[1]
        along = (right * np.cos(turn) + down * np.sin(turn)) / radii[0]
        across = (down * np.cos(turn) - right * np.sin(turn)) / radii[1]
        frayed = 0.13 * fields.sample(self.ragged, x + shift[0], y + shift[1])
        inside = 1 - np.hypot(along, across) + frayed
        bloom = fields.sample(self.blooms, x + shift[1], y + shift[0])
        body = fields.step(inside, 0.5 * softness, softness + 0.05)
        rim = np.exp(-(((inside - 0.04) / 0.07) ** 2)) * (1 - np.clip(2 * softness, 0, 1))
        amount = body * np.clip(0.5 - 0.28 * along + 0.22 * bloom, 0.08, 2) + 0.55 * rim * body
        settled = amount * (1 + 0.16 * self.tooth[box])
        # Fresh water loosens the paint below, and the brush takes some of it up.
        self.density[box] *= 1 - 0.5 * body[..., None]
        self.density[box] -= settled[..., None] * np.log(np.clip(colour, 0.02, 1))

    def dry(self) -> Colours:
        """Return the sheet as it looks when the paint has dried."""
        paper = PAPER * np.exp(-self.density)
        return relief.lit(paper, relief.light(self.tooth, 0.0004), 0.12)


def _blossom(rng: Generator, sheet: _Sheet, centre: NDArray[np.float64], radius: float) -> None:
    """Paint five to seven petals around a heart."""
    petals = int(rng.integers(5, 8))
    start = rng.uniform(0, 2 * np.pi)
    colour = BLOSSOMS[rng.integers(len(BLOSSOMS))]
    for petal in range(petals):
        turn = start + 2 * np.pi * petal / petals + rng.normal(0, 0.08)
        middle = centre + 0.62 * radius * np.array([np.cos(turn), np.sin(turn)])
        tint = colours.vary(rng, colour[None], 0.12, 0.03)[0]
        sheet.wash(rng, middle, (0.56 * radius, 1.9 * radius / petals), turn, tint, 0.04)
    heart = HEARTS[rng.integers(len(HEARTS))]
    sheet.wash(rng, centre, (0.2 * radius, 0.2 * radius), start, heart, 0.5)
    for angle in rng.uniform(0, 2 * np.pi, 9):
        spot = centre + rng.uniform(0.2, 0.36) * radius * np.array([np.cos(angle), np.sin(angle)])
        sheet.wash(rng, spot, (0.05 * radius, 0.05 * radius), 0, heart, 0.1)


def _scattered(rng: Generator, count: int, distance: float) -> NDArray[np.float64]:
    """Return up to `count` random points that keep their `distance`: (n, 2)."""
    chosen = rng.uniform(-0.02, 1.02, (1, 2))
    for point in rng.uniform(-0.02, 1.02, (400, 2)):
        if len(chosen) < count and np.linalg.norm(chosen - point, axis=1).min() > distance:
            chosen = np.concatenate([chosen, point[None]])
    return chosen
