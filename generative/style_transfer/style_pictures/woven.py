"""A woven carpet: stepped diamonds in dyed yarn, every thread over two and under two."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from generative.style_transfer.style_pictures import colours, fields
from generative.style_transfer.style_pictures.colours import Colours

YARN = colours.palette("8c1c2b c8452f e9a23b f3e3c3 1d3f6e 2f7f86 16202e 7a3b5e")
THREADS = 58
"""Threads across the picture, and down."""
REPEAT = 29
"""Threads from one diamond to the next."""
SHADE = colours.palette("1a100c")[0]


def paint(size: int, seed: int) -> NDArray[np.uint8]:
    """Return the picture: (size, size, 3) uint8."""
    rng = np.random.default_rng(seed)
    design = _design(rng)
    x, y = fields.grid(size)
    # Threads are never quite straight.
    x = x + 0.0022 * fields.noise(rng, size, 12, 20)
    y = y + 0.0022 * fields.noise(rng, size, 20, 12)
    columns, rows = x * THREADS, y * THREADS
    column, row = (np.clip(np.floor(c), 0, THREADS - 1).astype(int) for c in (columns, rows))
    # Twill: a weft passes over two warps and under two, one further to the left in every row.
    place = (column + row) % 4
    over = place < 2
    # Along and across the thread on top, from -1 to 1 between where it dives and its edges.
    along = np.where(over, columns - column + place, rows - row + place - 2) - 1
    across = np.where(over, rows - row, columns - column) * 2 - 1
    bulge = np.sqrt(np.clip(1 - (across / 1.02) ** 2, 0, 1) * np.clip(1 - 0.85 * along**4, 0, 1))

    dyes = colours.vary(rng, design.reshape(-1, 3), 0.1, 0.015).reshape(design.shape)
    thread_light = np.exp(0.09 * rng.standard_normal((2, THREADS)))
    light = np.where(over, thread_light[0][row], thread_light[1][column])
    twist = np.sin(np.pi * (3 * along + 1.2 * across + 0.4 * fields.noise(rng, size, 40)))
    fibre = fields.noise(rng, size, 160)
    shade = light * (0.3 + 0.85 * bulge) * (1 + 0.17 * twist + 0.07 * fibre)
    # The light comes from the top left: the lower right side of a yarn lies in shadow.
    shade = shade * (1 - 0.22 * (across + 0.4 * along))
    # A yarn keeps one colour from where it comes up to where it dives again.
    start_row = np.clip(np.where(over, row, row - place + 2), 0, None)
    start_column = np.clip(np.where(over, column - place, column), 0, None)
    yarn = dyes[start_row, start_column] * shade[..., None]
    return colours.to_pixels(colours.blend(SHADE, yarn, fields.step(bulge, 0.3, 0.4)))


def _design(rng: Generator) -> Colours:
    """Return the colour of every crossing of two threads: (THREADS, THREADS, 3)."""
    across, down = np.meshgrid(np.arange(THREADS), np.arange(THREADS))
    middle = (REPEAT - 1) / 2
    right = np.abs(across % REPEAT - middle).astype(int)
    below = np.abs(down % REPEAT - middle).astype(int)
    order = rng.permutation(len(YARN))
    # Equal sums give diamonds; halving one first makes their edges stepped.
    ring = (right + below // 2 * 2) // 2
    diamonds = order[_turns(rng, 20)[ring]]
    other = (np.abs(right - below) + 1) // 3
    corners = order[::-1][_turns(rng, 20)[other]]
    chosen = np.where(right + below > middle + 1, corners, diamonds)
    return np.asarray(YARN[chosen])


def _turns(rng: Generator, count: int) -> NDArray[np.intp]:
    """Return `count` palette places of which no two neighbours are the same."""
    return np.asarray(np.cumsum(rng.integers(1, len(YARN), count)) % len(YARN))
