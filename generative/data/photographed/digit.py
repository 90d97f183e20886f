"""A digit as in MNIST: its ink alone, white on black, as large and as central as there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generative.data.photographed.channels import Plane, box_of, fit, place, reduce
from generative.data.photographed.ink import read_ink
from generative.data.photographed.paper import cut_to_box, cut_to_sheet
from generative.errors import InputError
from generative.validation import SIDE

_BOX = 20  # pixels: MNIST's glyphs fit this square
_THINNEST = 1.5  # pixels: MNIST's finest strokes, in that square
_THICKEST = 0.5  # of the glyph's longer side: what is wider is no stroke


def like_mnist(picture: NDArray[np.uint8]) -> Plane:
    """Return (28, 28): a digit as in MNIST, white on black.

    The glyph fits a 20 by 20 box with its proportions kept and its grey levels from
    anti-aliasing, and its centre of mass is at the centre (LeCun et al., 1998, section III.A).

    Differs from the paper: strokes that would become thinner than `_THINNEST` pixels are made
    thicker, since a ballpoint line on a large sheet would otherwise vanish.

    Args:
        picture: (h, w, 3) uint8.

    Raises:
        InputError: nothing stands out from the ground, or what does is no stroke.
    """
    ink = read_ink(cut_to_box(cut_to_sheet(reduce(picture))))
    ink = ink[box_of(ink > 0)]
    width = _stroke_width(ink)
    if width > _THICKEST * max(ink.shape):
        raise InputError(
            "What stands out in the picture is one filled block: expected one digit written in "
            "strokes, so draw it, or take the photo from nearer and with nothing beside it."
        )
    glyph = fit(_thicken(ink, width), _BOX)
    return _centre_mass(glyph / glyph.max())


def _stroke_width(ink: Plane) -> float:
    """Return the mean width of the strokes in pixels."""
    from scipy import ndimage

    # Across a stroke of width w, the mean distance to the ground is w / 4.
    inside = ndimage.distance_transform_edt(np.pad(ink, 1) > 0.5)
    return float(4 * inside[inside > 0].mean())


def _thicken(ink: Plane, width: float) -> Plane:
    """Return (padded) ink whose strokes are at least `_THINNEST` pixels wide after shrinking."""
    from scipy import ndimage
    from skimage.morphology import disk

    missing = int((_THINNEST * max(ink.shape) / _BOX - width) / 2)
    if missing <= 0:
        return ink
    wider: Plane = ndimage.grey_dilation(np.pad(ink, missing), footprint=disk(missing))
    return wider


def _centre_mass(glyph: Plane) -> Plane:
    """Put `glyph` on a black 28 by 28 ground, centre of mass in the middle to the pixel."""
    from scipy import ndimage

    # In float64, as an error would decide where the centre lies just between two pixels.
    centre = ndimage.center_of_mass(glyph.astype(np.float64))
    top, left = (round(SIDE / 2 - middle) for middle in centre)
    return place(glyph, top, left)
