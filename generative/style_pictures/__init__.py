"""Pictures to take a style from, painted by the program itself.

Every module but the shared ones (`fields`, `colours`, `canvas`, `relief`) paints one picture:
`paint(size, seed)` returns (size, size, 3) uint8, the same for the same arguments, and the same
composition at every size. The ones that come with the program, as JPEG files, are written by

    python -m generative.style_pictures
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from generative.style_pictures import (
    crayon,
    facets,
    halftone,
    linocut,
    marbling,
    mosaic,
    neon,
    oil,
    pointillism,
    stained_glass,
    watercolour,
    woodcut,
    woven,
)
from generative.validation import SEED, Range, check_choice

SIZE = Range(64, 1024, whole=True)
"""Side of a picture in pixels; below it the strokes are finer than a pixel."""

SHIPPED_SIZE = 512
FOLDER = Path(__file__).resolve().parent.parent / "made" / "styles"


@dataclass(frozen=True)
class Style:
    """A way to paint.

    Attributes:
        title: for people to read.
        paint: from size and seed to the picture, (size, size, 3) uint8.
        seed: of the picture that comes with the program, chosen for its looks.
    """

    title: str
    paint: Callable[[int, int], NDArray[np.uint8]]
    seed: int


STYLES: Mapping[str, Style] = {
    "oil": Style("Swirling oil", oil.paint, 5),
    "stained_glass": Style("Stained glass", stained_glass.paint, 4),
    "woodcut": Style("Woodcut waves", woodcut.paint, 4),
    "mosaic": Style("Mosaic pond", mosaic.paint, 4),
    "halftone": Style("Pop-art halftone", halftone.paint, 3),
    "watercolour": Style("Watercolour blossoms", watercolour.paint, 2),
    "woven": Style("Woven carpet", woven.paint, 7),
    "crayon": Style("Crayon rainbows", crayon.paint, 2),
    "marbling": Style("Ink marbling", marbling.paint, 5),
    "facets": Style("Cubist facets", facets.paint, 4),
    "pointillism": Style("Pointillist sails", pointillism.paint, 4),
    "linocut": Style("Linocut leaves", linocut.paint, 6),
    "neon": Style("Neon contours", neon.paint, 5),
}


def make(name: str, size: int = SHIPPED_SIZE, seed: int | None = None) -> NDArray[np.uint8]:
    """Paint a picture.

    Args:
        name: a key of `STYLES`.
        size: side of the picture in pixels, in `SIZE`.
        seed: of the random generator; without one, that of the picture that comes along.

    Returns:
        (size, size, 3) uint8.

    Raises:
        InputError: unknown style, size or seed out of range.
    """
    style = STYLES[check_choice("style picture", name, STYLES)]
    side = SIZE.check_whole("size", size)
    return style.paint(side, style.seed if seed is None else SEED.check_whole("seed", seed))


def path(name: str) -> Path:
    """Return the file of a picture that comes with the program.

    Raises:
        InputError: unknown style.
    """
    return FOLDER / f"{check_choice('style picture', name, STYLES)}.jpg"
