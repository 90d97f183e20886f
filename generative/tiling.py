"""Divide a picture that is too large to compute on at once into tiles that overlap."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tile:
    """A part of a picture; pixels, ends excluded.

    Attributes:
        outer: top, left, bottom, right of what is computed.
        core: the same of what counts, seen from the outer corner.
    """

    outer: tuple[int, int, int, int]
    core: tuple[int, int, int, int]


def tiles(height: int, width: int, core: int, halo: int) -> list[Tile]:
    """Return the tiles that a picture is divided into, row by row.

    All starts are multiples of a number of which `core` and `halo` are multiples.

    Args:
        height: of the picture, pixels.
        width: the same.
        core: side of a tile's core.
        halo: how far a tile reaches beyond that, where the picture goes on.
    """
    return [
        Tile(
            (top[0], left[0], top[3], left[3]),
            (top[1] - top[0], left[1] - left[0], top[2] - top[0], left[2] - left[0]),
        )
        for top in _spans(height, core, halo)
        for left in _spans(width, core, halo)
    ]


def _spans(length: int, core: int, halo: int) -> list[tuple[int, int, int, int]]:
    """Return outer start, core start, core end and outer end of each span of an axis."""
    # A last core of less than half a side would be mostly halo: the one before takes it in.
    starts = list(range(0, max(1, length - core // 2), core))
    ends = [*starts[1:], length]
    return [
        (max(0, first - halo), first, last, min(length, last + halo))
        for first, last in zip(starts, ends, strict=True)
    ]
