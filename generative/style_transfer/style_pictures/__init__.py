"""Pictures to take a style from, painted by the program itself.

Every module but the shared ones (`fields`, `colours`, `canvas`, `relief`) paints one picture:
`paint(size, seed)` returns (size, size, 3) uint8, the same for the same arguments, and the same
composition at every size. The ones that come with the program, as JPEG files, are written by

    python -m generative.style_transfer.style_pictures
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from generative.validation import SEED, Range, check_choice

SIZE = Range(64, 1024, whole=True)
"""Side of a picture in pixels; below it the strokes are finer than a pixel."""

SHIPPED_SIZE = 512
FOLDER = Path(__file__).resolve().parents[2] / "assets" / "styles"


@dataclass(frozen=True)
class Style:
    """A way to paint: the module of its name has `paint(size, seed)`.

    Attributes:
        title: for people to read.
        seed: of the picture that comes with the program, chosen for its looks.
    """

    title: str
    seed: int


STYLES: Mapping[str, Style] = {
    "oil": Style("Swirling oil", 5),
    "stained_glass": Style("Stained glass", 4),
    "woodcut": Style("Woodcut waves", 4),
    "mosaic": Style("Mosaic pond", 4),
    "halftone": Style("Pop-art halftone", 3),
    "watercolour": Style("Watercolour blossoms", 2),
    "woven": Style("Woven carpet", 7),
    "crayon": Style("Crayon rainbows", 2),
    "marbling": Style("Ink marbling", 5),
    "facets": Style("Cubist facets", 4),
    "pointillism": Style("Pointillist sails", 4),
    "linocut": Style("Linocut leaves", 6),
    "neon": Style("Neon contours", 5),
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
    chosen = STYLES[check_choice("style picture", name, STYLES)].seed
    side = SIZE.check_whole("size", size)
    # Imported with the first picture: the app shows names and files, and has no use for SciPy then.
    module = importlib.import_module(f"{__name__}.{name}")
    painted: NDArray[np.uint8] = module.paint(
        side, chosen if seed is None else SEED.check_whole("seed", seed)
    )
    return painted


def path(name: str) -> Path:
    """Return the file of a picture that comes with the program.

    Raises:
        InputError: unknown style.
    """
    return FOLDER / f"{check_choice('style picture', name, STYLES)}.jpg"
