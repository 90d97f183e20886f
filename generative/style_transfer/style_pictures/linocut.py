"""Linocut leaves: cut out of a dark block, veins and all, amid the echoing marks of the gouge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage

from generative.style_transfer.style_pictures import canvas, colours, fields
from generative.style_transfer.style_pictures.canvas import Points
from generative.style_transfer.style_pictures.fields import Field

BLOCK = colours.palette("14342b")[0]
PAPER = colours.palette("f3ead3")[0]
PRINTS = colours.palette("e0a526 d9583b 6fa35a f3ead3 2f8f83")
VEINS = ((0.075, 0.018), (0.1, 0.024), (0.05, 0.014))
"""The gap between veins and their width, as shares of the leaf's length, of three kinds."""
BRANCHED = 1
GOUGE = 0.018
"""Distance between the marks of the gouge."""


@dataclass(frozen=True)
class _Leaf:
    """A leaf from its stem to its tip.

    Attributes:
        stem, tip: (2,) each.
        bend: how far the middle is pushed aside, as a share of the length.
        plumpness: half the width, as a share of the length.
        kind: of veins, an index into `VEINS`.
    """

    stem: Points
    tip: Points
    bend: float
    plumpness: float
    kind: int

    def spot(self, along: Field, across: Field) -> Points:
        """Return points of the leaf: `along` from 0 to 1, `across` from -1 to 1 at its rims."""
        axis = self.tip - self.stem
        aside = axis[::-1] * [-1, 1]
        half = self.plumpness * np.sin(np.pi * along**0.8) * (1 - 0.25 * along)
        shift = self.bend * np.sin(np.pi * along) + across * half
        return np.asarray(self.stem + along[:, None] * axis + shift[:, None] * aside)

    def outline(self) -> Points:
        """Return the rim as a polygon."""
        there = np.linspace(0, 1, 40)
        along = np.concatenate([there, there[::-1]])
        return self.spot(along, np.repeat([1.0, -1.0], 40))

    def veins(self) -> Iterator[tuple[Points, float]]:
        """Yield lines and their widths as shares of the length: the midrib, then the rest."""
        reach = np.linspace(0, 1, 8)
        yield self.spot(0.97 * reach, np.zeros(8)), 0.034
        gap, width = VEINS[self.kind]
        for start in np.arange(0.1, 0.86, gap):
            for side in (-1, 1):
                yield self.spot(np.clip(start + 0.16 * reach, 0, 1), 0.86 * side * reach), width
                if self.kind == BRANCHED:
                    along = np.clip(start + 0.05 + 0.16 * reach, 0, 1)
                    yield self.spot(along, side * (0.35 + 0.5 * reach)), 0.013


def paint(size: int, seed: int) -> NDArray[np.uint8]:
    """Return the picture: (size, size, 3) uint8."""
    rng = np.random.default_rng(seed)
    leaves = _leaves(rng)
    marks = _marks(rng, size, leaves)
    picture = colours.blend(np.broadcast_to(BLOCK, (size, size, 3)), PAPER, marks)
    board = canvas.blank(size, (0, 0, 0, 0))
    for leaf in leaves:
        _print(rng, board, leaf)
    printed = canvas.finish(board, size)
    picture = picture * (1 - printed[..., 3:]) + printed[..., :3]
    # Ink from a roller is a little uneven, more so where it is dark.
    speck = fields.noise(rng, size, 140) + 0.8 * fields.noise(rng, size, 40)
    return colours.to_pixels(picture + (0.035 * np.clip(speck - 0.8, 0, 2))[..., None])


def _leaves(rng: Generator) -> list[_Leaf]:
    """Return leaves that hardly touch each other, the large ones first."""
    taken = np.zeros((fields.PLAN, fields.PLAN), bool)
    leaves = []
    for length in np.linspace(0.36, 0.1, 500):
        stem, turn = rng.uniform(-0.1, 1.1, 2), rng.uniform(0, 2 * np.pi)
        tip = stem + length * np.array([np.cos(turn), np.sin(turn)])
        plumpness = rng.uniform(0.2, 0.33)
        leaf = _Leaf(stem, tip, rng.uniform(-0.16, 0.16), plumpness, int(rng.integers(len(VEINS))))
        shape = Image.new("1", (fields.PLAN, fields.PLAN))
        ImageDraw.Draw(shape).polygon(canvas.place(leaf.outline(), shape), 1)
        mask = np.asarray(shape)
        if mask.sum() > 200 and not (taken & mask).any():
            leaves.append(leaf)
            taken |= ndimage.binary_dilation(mask, iterations=5)
    return leaves


def _marks(rng: Generator, size: int, leaves: list[_Leaf]) -> Field:
    """Return the marks around the leaves: short cuts in rows that echo the outlines."""
    board = canvas.blank(size, 255)
    for leaf in leaves:
        ImageDraw.Draw(board).polygon(canvas.place(leaf.outline(), board), 0)
    away = canvas.shrink(ndimage.distance_transform_edt(np.asarray(board)) / board.width)
    row = away / GOUGE + 0.12 * fields.noise(rng, size, 20)
    ridge = np.abs(row - np.rint(row)) * 2
    broken = 0.5 + 0.3 * fields.noise(rng, size, 34)
    return fields.step(broken - ridge, 0, 0.3) * fields.step(away, 0.5 * GOUGE, 0.003)


def _print(rng: Generator, board: Image.Image, leaf: _Leaf) -> None:
    """Print a leaf in its colour and cut its veins out again."""
    colour = (*colours.ink(PRINTS[rng.integers(len(PRINTS))]), 255)
    draw = ImageDraw.Draw(board)
    draw.polygon(canvas.place(leaf.outline(), board), colour)
    length = float(np.linalg.norm(leaf.tip - leaf.stem))
    for points, width in leaf.veins():
        line, pixels = canvas.place(points, board), canvas.thickness(width * length, board)
        draw.line(line, colours.ink(BLOCK), pixels)
