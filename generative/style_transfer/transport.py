"""A painting in the colours of its style: optimal transport of colours, in slices.

Matching statistics of layers leaves tints between a style's colours: violet and green in a woodcut
of navy and cream. Here the whole distribution of colours becomes the style's. Along one axis after
another of randomly turned ones, the sorted colours of the picture move to the sorted ones of the
style (Pitié, Kokaram, Dahyot 2007, *Automated colour grading using colour distribution transfer*).

Differs from the paper: the moves are found on a sample of the pixels and applied through a table of
colours, which takes hundredths of a second and keeps neighbouring colours neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from scipy.spatial.transform import Rotation

from generative.images import to_uint8
from generative.style_transfer.picture_checks import Mask, Pixels

Floats: TypeAlias = NDArray[np.float64]

Quantiles: TypeAlias = NDArray[np.float64]
"""How colours are distributed: (turns, 3, ranks), values along the three axes of each turn."""

SAMPLES = 2304
"""Places at which colours are sampled."""

RANKS = np.linspace(0, 1, 128)
"""At which distributions along an axis are compared: 0 is the lowest value, 1 the highest."""

_OPPONENT = np.array([[1, 1, 1], [1, -1, 0], [1, 1, -2]]).T / np.sqrt([3, 2, 6])
"""Axes, in columns: light from dark, red from green, yellow from blue."""

TURNS = np.stack([_OPPONENT, *Rotation.random(6, rng=0).as_matrix(), _OPPONENT])
"""Axes to compare colours along, three at a time; with thirty turns, colours end 2% elsewhere.

Light goes first, so that light and dark keep their order, and last, with the two axes of chroma, so
that the picture is as grey as a grey style.
"""

TABLE_SIZE = 17
"""Entries of the table of colours along each channel, from the lowest to the highest found."""


def distribution(pictures: Sequence[Pixels], shares: Sequence[float]) -> Quantiles:
    """Return how colours are distributed in a picture whose area others share.

    Args:
        pictures: (h, w, 3) uint8, of any size.
        shares: how much of the area each of them gets, in any unit.
    """
    # Every picture is sampled on as many places.
    colours = np.concatenate([_sample(each) for each in pictures])
    weights = np.repeat(np.asarray(shares, float), len(colours) // len(pictures))
    return np.stack(
        [
            np.quantile(colours @ turn, RANKS, axis=0, weights=weights, method="inverted_cdf").T
            for turn in TURNS
        ]
    )


def transported(
    picture: Pixels, wanted: Quantiles, share: float, mask: Mask | None = None
) -> Pixels:
    """Return a picture whose colours are distributed as wanted: (h, w, 3) uint8.

    Args:
        picture: (h, w, 3) uint8.
        wanted: colours of the style.
        share: how far every colour goes, from 0 to 1.
        mask: (h, w) uint8, where the colours count that become those of the style; all of them,
            if none is given or nothing is marked.
    """
    sampled = _sample(picture, mask)
    stretched, lowest, highest = _stretch(picture)
    colours = lowest + (highest - lowest) * _ENTRIES
    table = colours + share * (_moved(colours, sampled, wanted) - colours)
    entries = np.clip(table, 0, 1).astype(np.float32).ravel()
    return np.asarray(stretched.filter(ImageFilter.Color3DLUT(TABLE_SIZE, entries)))


def _stretch(picture: Pixels) -> tuple[Image.Image, Floats, Floats]:
    """Return a picture whose channels span all levels, and what 0 and 1 stand for: (3,) in [0, 1].

    A picture of little contrast would fall between two entries of a table of all colours.
    """
    image = Image.fromarray(picture)
    lowest, highest = np.array(image.getextrema()).T
    highest = np.maximum(highest, lowest + 1)
    levels = np.clip((np.arange(256)[:, None] - lowest) / (highest - lowest), 0, 1)
    return image.point(to_uint8(levels).T.ravel().tolist()), lowest / 255, highest / 255


def _moved(colours: Floats, sampled: Floats, wanted: Quantiles) -> Floats:
    """Return where colours, (n, 3), go as the sampled ones, (m, 3), become distributed as wanted.

    Colours beyond the sampled ones go as far as the outermost of those.
    """
    for turn, goals in zip(TURNS, wanted, strict=True):
        sampled, colours = sampled @ turn, colours @ turn
        found = np.sort(sampled, axis=0)[(RANKS * (len(sampled) - 1)).astype(int)].T
        for axis in range(3):
            move = goals[axis] - found[axis]
            for each in (sampled, colours):
                each[:, axis] += np.interp(each[:, axis], found[axis], move)
        sampled, colours = sampled @ turn.T, colours @ turn.T
    return colours


def _sample(picture: Pixels, mask: Mask | None = None) -> Floats:
    """Return colours from all over what is marked, (n, 3) in [0, 1].

    Every colour is spread over what was rounded to its level.
    """
    colours = picture.reshape(-1, 3)
    if mask is not None and (marked := mask.ravel() > 127).any():
        colours = colours[marked]
    rng = np.random.default_rng(0)
    # One from each of so many equal parts; from regular places, a chequered cloth would be plain.
    places = (np.arange(SAMPLES) + rng.random(SAMPLES)) * len(colours) / SAMPLES
    sampled: Floats = colours[places.astype(int)] + rng.uniform(-0.5, 0.5, (SAMPLES, 3))
    return sampled / 255


def _grid_of_entries() -> Floats:
    """Return the places of a table's entries, (n, 3) in [0, 1]: red changes fastest."""
    blue, green, red = np.meshgrid(*[np.linspace(0, 1, TABLE_SIZE)] * 3, indexing="ij")
    return np.stack([red, green, blue], axis=-1).reshape(-1, 3)


_ENTRIES = _grid_of_entries()
