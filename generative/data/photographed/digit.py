"""Convert a photo of a digit to MNIST's form: only its ink, white on black, sized and centred."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generative.data.photographed.channels import Channel, box_of, fit, place, reduce
from generative.data.photographed.ink import read_ink
from generative.data.photographed.paper import cut_to_box, cut_to_sheet
from generative.errors import InputError
from generative.validation import SIDE

_BOX = 20  # pixels: MNIST's digits fit this square
_THINNEST = 1.5  # pixels: MNIST's finest strokes, in that square
_THICKEST = 0.5  # of the digit's longer side: anything wider is no stroke


def to_mnist_form(picture: NDArray[np.uint8]) -> Channel:
    """Return (28, 28): a digit in MNIST's form, white on black.

    The digit is scaled to fit a 20 by 20 box, with its proportions kept and grey levels from
    anti-aliasing, and its centre of mass is centred (LeCun et al., 1998, section III.A).

    Differs from the paper: strokes that would become thinner than `_THINNEST` pixels are thickened,
    because a ballpoint line on a large sheet would vanish.

    Args:
        picture: (h, w, 3) uint8.

    Raises:
        InputError: nothing stands out from the background, or what does is no stroke.
    """
    ink = read_ink(cut_to_box(cut_to_sheet(reduce(picture))))
    ink = ink[box_of(ink > 0)]
    width = _stroke_width(ink)
    if width > _THICKEST * max(ink.shape):
        raise InputError(
            "What stands out in the picture is one filled block: expected one digit written in "
            "strokes, so draw it, or take the photo from closer up with nothing beside it."
        )
    glyph = fit(_thicken(ink, width), _BOX)
    return _centre_mass(glyph / glyph.max())


def _stroke_width(ink: Channel) -> float:
    """Return the mean width of the strokes in pixels."""
    from scipy import ndimage

    # Across a stroke of width w, the mean distance to the background is w / 4.
    inside = ndimage.distance_transform_edt(np.pad(ink, 1) > 0.5)
    return float(4 * inside[inside > 0].mean())


def _thicken(ink: Channel, width: float) -> Channel:
    """Return (padded) ink whose strokes will be `_THINNEST` pixels wide or more once shrunk."""
    from scipy import ndimage
    from skimage.morphology import disk

    missing = int((_THINNEST * max(ink.shape) / _BOX - width) / 2)
    if missing <= 0:
        return ink
    wider: Channel = ndimage.grey_dilation(np.pad(ink, missing), footprint=disk(missing))
    return wider


def _centre_mass(glyph: Channel) -> Channel:
    """Place `glyph` on black, (28, 28), its centre of mass centred to the pixel."""
    from scipy import ndimage

    # In float64: rounding errors would decide when the centre lies between two pixels.
    centre = ndimage.center_of_mass(glyph.astype(np.float64))
    top, left = (round(SIDE / 2 - middle) for middle in centre)
    return place(glyph, top, left)
