"""A mosaic: small stones laid in rows that follow the outlines of fish in a pond."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage
from skimage.measure import find_contours

from generative.style_transfer.style_pictures import canvas, colours, fields, relief
from generative.style_transfer.style_pictures.canvas import Points
from generative.style_transfer.style_pictures.fields import Field

GROUT = colours.palette("3a2f2b")[0]
STONES = (
    colours.palette("0b3954 0f5c7d 1f8ba6 5cc0c4 b5e2d4 1f8ba6"),
    colours.palette("c1272d f15a24 fbb03b fff3d0"),
    colours.palette("8c1c3a d62839 ff8c61 ffe1c4"),
    colours.palette("d98300 ffc13b fff0b3 ffffff"),
    colours.palette("1b5e3a 4f9d3a a8cf45 e3ee9b"),
    colours.palette("f7f3e3 fbe3b5"),
    colours.palette("10131a 10131a"),
)
"""Of the water, three kinds of fish, lily pads, the rim of an eye and its pupil: edge to middle."""
WATER, FISH, PAD, RIM, PUPIL = 0, (1, 2, 3), 4, 5, 6
SHOAL = np.array([[0.66, 0.26, 0.45], [0.32, 0.5, 3.5], [0.68, 0.76, 0.0]])
"""x, y and heading of every fish."""
PADS = np.array([[0.16, 0.15], [0.93, 0.52], [0.2, 0.88]])
SQUARE = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
STONE = 0.024
"""Side of a stone, and distance from row to row."""
GAPS = (0.8, 0.6, 0.42, 0.3)
"""Scales of the stones that fill what the rows leave open."""
MARGIN = 24
"""Points of the plan by which rows go on outside the picture."""


def paint(size: int, seed: int) -> NDArray[np.uint8]:
    """Return the picture: (size, size, 3) uint8."""
    rng = np.random.default_rng(seed)
    parts = _parts(rng)
    depth = _depth(parts)
    board = canvas.blank(size, (*colours.ink(GROUT), 0))
    draw = ImageDraw.Draw(board)
    for corners in _stones(rng, depth):
        middle = corners.mean(axis=0) * fields.PLAN
        column, row = np.clip(middle, 0, fields.PLAN - 1).astype(int)
        stones = STONES[parts[row, column]]
        # Colours change from row to row, to the palette's end and back, so that rows show.
        turn = (depth[row, column] / STONE - 0.5 + rng.normal(0, 0.3)) / (len(stones) - 1)
        position = 1 - np.abs(np.clip(turn, 0, None) % 2 - 1)
        colour = colours.vary(rng, colours.ramp(stones, position)[None], 0.1, 0.02)[0]
        height = int(rng.integers(150, 256))
        draw.polygon(canvas.place(corners, board), (*colours.ink(colour), height))
    laid = canvas.finish(board, size)
    grain = 1 + 0.05 * fields.noise(rng, size, 130)
    shine = relief.light(laid[..., 3], depth=0.007, blur=0.0018)
    return colours.to_pixels(relief.lit(laid[..., :3] * grain[..., None], shine, 0.5))


def _parts(rng: Generator) -> NDArray[np.intp]:
    """Return which palette of `STONES` every point of the plan takes."""
    plan = Image.new("L", (fields.PLAN, fields.PLAN), WATER)
    draw = ImageDraw.Draw(plan)
    for place in PADS + rng.uniform(-0.03, 0.03, PADS.shape):
        rim = place + 0.1 * _circle(0.35 + rng.uniform(0, 6), 2 * np.pi - 0.7)
        draw.polygon(canvas.place(np.concatenate([rim, [place]]), plan), PAD)
    shoal = SHOAL + rng.uniform(-0.02, 0.02, SHOAL.shape)
    for kind, (x, y, heading) in zip(FISH, shoal, strict=True):
        turn = heading + rng.normal(0, 0.1)
        forward = np.array([np.cos(turn), np.sin(turn)])
        frame = np.array([forward, forward[::-1] * [-1, 1]])
        for shape, part in _fish(kind, bend=rng.choice([-1, 1]) * 0.05):
            draw.polygon(canvas.place(shape @ frame + np.array([x, y]), plan), part)
    return np.asarray(plan).astype(np.intp)


def _circle(start: float, length: float) -> Points:
    """Return points of an arc of the unit circle, (60, 2)."""
    angles = start + np.linspace(0, length, 60)
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1)


def _fish(kind: int, bend: float) -> list[tuple[Points, int]]:
    """Return the outlines of a fish that swims to the right, and the palette of each."""
    eye = _spine(np.array([0.16]), bend) - [0, 0.02]
    around = _circle(0, 2 * np.pi)
    fins = [(_fin(bend, side), kind % len(FISH) + 1) for side in (-1, 1)]
    rim, pupil = (eye + 0.024 * around, RIM), (eye + 0.0135 * around, PUPIL)
    return [*fins, (_body(bend), kind), rim, pupil]


def _spine(along: NDArray[np.float64], bend: float) -> Points:
    """Return points of the middle of a fish, from its head (0) to its tail (1)."""
    return np.stack([0.23 - 0.5 * along, bend * np.sin(2.4 * along)], axis=-1)


def _body(bend: float) -> Points:
    """Return the outline of a fish, its tail included."""
    along = np.linspace(0, 1, 60)
    tail = np.clip((along - 0.78) / 0.22, 0, 1)
    half = 0.016 + 0.098 * np.sin(np.pi * along**0.72) ** 0.9 + 0.09 * tail**1.2
    spine, aside = _spine(along, bend), half[:, None] * [0, 1]
    notch = spine[-1:] + np.array([0.05, 0])
    return np.concatenate([spine - aside, notch, (spine + aside)[::-1]])


def _fin(bend: float, side: int) -> Points:
    """Return the outline of a fin, whose root lies below the body."""
    corners = np.array([[0.3, 0.05], [0.4, 0.16], [0.62, 0.15], [0.58, 0.03]])
    return np.asarray(_spine(corners[:, 0], bend) + side * corners[:, 1:] * [0, 1])


def _depth(parts: NDArray[np.intp]) -> Field:
    """Return every point's distance to the nearest other part, in units of the picture's side."""
    padded = [np.pad(parts == part, 1, mode="edge") for part in np.unique(parts)]
    inside = [ndimage.distance_transform_edt(part)[1:-1, 1:-1] for part in padded]
    return np.asarray(np.maximum.reduce(inside) / fields.PLAN)


def _stones(rng: Generator, depth: Field) -> Iterator[Points]:
    """Yield the four corners of every stone, row by row, where none lies yet."""
    taken = Image.new("L", (fields.PLAN, fields.PLAN))
    draw = ImageDraw.Draw(taken)
    for middle, along, scale in _places(depth):
        if _is_taken(taken, *middle.tolist()):
            continue
        half = 0.5 * STONE * scale * rng.uniform(0.8, 0.92, 2)
        across = along[::-1] * [-1, 1]
        corners = middle + (half * SQUARE) @ np.array([along, across])
        # Looking inside the corners is quick, and spares most of the exact comparisons.
        if any(_is_taken(taken, x, y) for x, y in (0.4 * middle + 0.6 * corners).tolist()):
            continue
        pixels = corners * fields.PLAN
        low = np.floor(pixels.min(axis=0)).astype(int)
        high = np.ceil(pixels.max(axis=0)).astype(int) + 1
        stone = Image.new("1", tuple((high - low).tolist()))
        ImageDraw.Draw(stone).polygon((pixels - low).ravel().tolist(), 1)
        covered = np.asarray(taken.crop((*low.tolist(), *high.tolist())))[np.asarray(stone)]
        if covered.mean() / 255 < 0.15:
            draw.polygon(pixels.ravel().tolist(), 255)
            yield corners + rng.normal(0, 0.02 * STONE, (4, 2))


def _is_taken(taken: Image.Image, x: float, y: float) -> bool:
    """Return whether a stone already lies at a point, or at the nearest one of the plan."""
    column, row = (min(max(int(c * fields.PLAN), 0), fields.PLAN - 1) for c in (x, y))
    return bool(taken.getpixel((column, row)))


def _places(depth: Field) -> Iterator[tuple[Points, Points, float]]:
    """Yield where stones could lie: the middle, the direction of the row, and the stone's scale.

    First along the level lines of the depth, then smaller ones anywhere for the gaps.
    """
    padded = np.pad(depth, MARGIN, mode="reflect", reflect_type="odd")
    for level in np.arange(0.55 * STONE, depth.max(), STONE):
        for line in find_contours(padded, level):
            points = (line[:, ::-1] - MARGIN + 0.5) / fields.PLAN
            arc = np.cumsum(np.linalg.norm(np.diff(points, axis=0, prepend=points[:1]), axis=1))
            stops = np.arange(0.5 * STONE, arc[-1], STONE)
            middles, ends, starts = (
                np.stack([np.interp(stops + shift, arc, axis) for axis in points.T], axis=-1)
                for shift in (0, 0.4 * STONE, -0.4 * STONE)
            )
            for middle, along in zip(middles, _unit(ends - starts), strict=True):
                yield middle, along, 1.0
    spots = np.arange(0, 1, 0.25 * STONE)
    middles = np.stack(np.meshgrid(spots, spots), axis=-1).reshape(-1, 2)
    down, right = np.gradient(ndimage.gaussian_filter(depth, 2))
    alongs = _unit(np.stack([fields.sample(d, *middles.T) for d in (down, -right)], axis=-1))
    for scale in GAPS:
        for middle, along in zip(middles, alongs, strict=True):
            yield middle, along, scale


def _unit(directions: Points) -> Points:
    """Return directions at length 1; where there is none, any."""
    safe = directions + 1e-9
    return np.asarray(safe / np.linalg.norm(safe, axis=1, keepdims=True))
