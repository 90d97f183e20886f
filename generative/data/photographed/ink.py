"""Ink on paper: what is narrow, and darker or lighter than what lies beside it.

The paper beside a stroke is the morphological closing (for dark ink) or opening (for light ink)
with a square that is wider than the stroke. What is wider than the square stays as it is, so
shading, shadows with a hard edge, and the edge of a sheet leave no ink.
"""

from __future__ import annotations

import itertools

import numpy as np

from generative.data.photographed.channels import (
    FAINTEST,
    Colours,
    Mask,
    Plane,
    blank,
    clean,
    main_parts,
    spread,
    thumb,
)

_WIDTHS = (1 / 12, 1 / 6, 1 / 3, 2 / 3)  # of the picture's shorter side
_GROWTH = 1.2  # of the strokes under a wider square, which still counts as none
_NOISELESS = 0.001  # standard deviation: below any camera's
_SHADOW = 0.25  # of full contrast: what shadows may leave behind
_TOLERANCE = 0.05  # of full contrast, in a drawing
_DIM = 0.25  # ground without more light: its noise must not be enlarged
_MOST = 0.5  # of the picture, which ink does not cover
_WEIGHTY = 0.25  # of the ink, which the heaviest part has at least
_SURE = 0.5  # of full contrast: in a stroke for sure


def read_ink(colours: Colours) -> Plane:
    """Return how much ink there is at each pixel: 0 on the ground, 1 in a full stroke.

    Raises:
        InputError: nothing stands out from the noise.
    """
    raised, strokes = _strokes(clean(clearest_channel(colours)))
    noise, strongest = spread(raised), raised.max()
    full = full_contrast(raised)
    if strongest < max(FAINTEST, 5 * noise) or _is_noise(raised > _SURE * full):
        raise blank()
    # A drawing program leaves no noise, and its faint grey is the edge of a stroke; the faint
    # grey of a camera is the rest of a shadow.
    faint = _TOLERANCE if noise < _NOISELESS else _SHADOW
    raised[raised < max(4 * noise, full * faint)] = 0
    return main_parts(np.clip(_joined(raised, strokes) / full, 0, 1))


def contrasts(plane: Plane, width: int) -> tuple[Plane, Plane]:
    """Return how much darker, and how much lighter, each pixel is than a ground `width` wide.

    Darker in shares of the light that the ground gives off, so that a stroke is as dark in a
    shadow as beside it; lighter in shares of white. Repeating the outermost pixels lets a slope
    run on past the frame, where it would look like ink.
    """
    from scipy import ndimage

    padded = np.pad(plane, width, mode="edge")
    inner = (slice(width, -width),) * 2
    light = ndimage.grey_closing(padded, size=width, mode="nearest")[inner]
    dark = ndimage.grey_opening(padded, size=width, mode="nearest")[inner]
    return (light - plane) / np.maximum(light, _DIM), plane - dark


def clearest_channel(colours: Colours) -> Plane:
    """Return red, green or blue, where the ink stands out most: orange on cream does in blue."""
    small = thumb(thumb(colours))
    width = odd(_WIDTHS[1] * min(small.shape[:2]))
    clarity = []
    for channel in np.moveaxis(small, -1, 0):
        pair = contrasts(channel, width)
        clarity.append(max(full_contrast(contrast) - 3 * spread(contrast) for contrast in pair))
    chosen: Plane = colours[..., int(np.argmax(clarity))]
    return chosen


def full_contrast(contrast: Plane) -> float:
    """Return the contrast of a full stroke."""
    return float(np.percentile(contrast[contrast >= contrast.max() / 2], 90))


def _strokes(plane: Plane) -> tuple[Plane, Mask]:
    """Return the contrast of the ink, and where it is strokes for sure.

    Both under squares of the least width that takes the strokes in whole: under a wider one,
    shadows and the corners of a desk are ink too.
    """
    widths, side = _least_widths(thumb(plane))
    narrow, wide = (contrasts(plane, odd(w * min(plane.shape)))[side] for w in widths)
    return wide, _sure(narrow, full_contrast(wide))


def _least_widths(plane: Plane) -> tuple[tuple[float, ...], int]:
    """Return two widths under which the strokes are the same, and 0 for dark ink, 1 for light."""
    pairs = [contrasts(plane, odd(share * min(plane.shape))) for share in _WIDTHS]
    full = max(full_contrast(contrast) for pair in pairs for contrast in pair)
    steps = zip(itertools.pairwise(_WIDTHS), itertools.pairwise(pairs), strict=True)
    for widths, (narrow, wide) in steps:
        side = _side_of_ink(narrow, full)
        strokes = _sure(narrow[side], full)
        if strokes.any() and _grown(strokes, wide[side] > _SURE * full) < _GROWTH:
            return widths, side
    return _WIDTHS[-1:] * 2, _side_of_ink(pairs[-1], full)


def _is_noise(mask: Mask) -> bool:
    """Tell whether a mask covers most of the picture, or has no part that outweighs the others."""
    from scipy import ndimage

    labels, _ = ndimage.label(mask, structure=np.ones((3, 3)))
    largest = np.bincount(labels.ravel())[1:].max()
    return bool(mask.mean() > _MOST or largest < _WEIGHTY * mask.sum())


def _joined(raised: Plane, strokes: Mask) -> Plane:
    """Return `raised` where it is of one piece with strokes."""
    from scipy import ndimage

    whole = ndimage.binary_propagation(strokes, np.ones((3, 3)), mask=raised > 0)
    joined: Plane = np.where(whole, raised, 0).astype(np.float32)
    return joined


def _sure(contrast: Plane, full: float) -> Mask:
    """Return the main parts of what has at least half of the full contrast."""
    return main_parts(np.where(contrast > _SURE * full, contrast, 0)) > 0


def _side_of_ink(pair: tuple[Plane, Plane], full: float) -> int:
    """Return 0 for dark ink, 1 for light: ink encloses the ground inside it, never the reverse."""
    return int(np.argmax([_extent(_sure(contrast, full)) for contrast in pair]))


def _extent(mask: Mask) -> int:
    """Return the area of a mask's convex hull."""
    from skimage.morphology import convex_hull_image

    return int(convex_hull_image(mask).sum()) if mask.any() else 0


def _grown(strokes: Mask, wider: Mask) -> float:
    """Return how many times as large the strokes become if they go on wherever `wider` does."""
    from scipy import ndimage

    grown = ndimage.binary_propagation(strokes, np.ones((3, 3)), mask=wider)
    return float(grown.sum() / strokes.sum())


def odd(length: float) -> int:
    """Return an odd number of pixels near `length`, at least 3: a window has a middle."""
    return 2 * max(1, round(length / 2)) + 1
