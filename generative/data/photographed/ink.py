"""Find ink on paper: what is narrow, and darker or lighter than its surroundings.

A morphological closing (for dark ink) or opening (for light ink) with a square wider than a stroke
yields the paper without the stroke. Anything wider than the square stays in the paper, so shading,
hard shadows and the edge of a sheet don't count as ink.
"""

from __future__ import annotations

import itertools

import numpy as np

from generative.data.photographed.channels import (
    FAINTEST,
    Channel,
    Colours,
    Mask,
    blank_picture_error,
    clean,
    main_parts,
    noise_stddev,
    thumbnail,
)

_WIDTHS = (1 / 12, 1 / 6, 1 / 3, 2 / 3)  # of squares, as shares of the picture's shorter side
_GROWTH = 1.2  # of the strokes under a wider square; less counts as no growth
_NOISELESS = 0.001  # standard deviation, below any camera's
_SHADOW = 0.25  # of full contrast: the most that shadows leave behind
_TOLERANCE = 0.05  # of full contrast, in a drawing
_DIM = 0.25  # darker paper counts as this bright, so that its noise is not amplified
_MOST = 0.5  # of the picture: ink never covers more
_WEIGHTY = 0.25  # of the ink: the largest part has at least this much
_SURE = 0.5  # of full contrast: certainly a stroke


def read_ink(colours: Colours) -> Channel:
    """Return how much ink each pixel has, (h, w) float32: 0 on paper, 1 in a full stroke.

    Args:
        colours: (h, w, 3) float32 in [0, 1].

    Raises:
        InputError: nothing stands out from the noise.
    """
    raised, strokes = _strokes(clean(clearest_channel(colours)))
    noise, strongest = noise_stddev(raised), raised.max()
    full = full_contrast(raised)
    if strongest < max(FAINTEST, 5 * noise) or _is_noise(raised > _SURE * full):
        raise blank_picture_error()
    # A drawing program adds no noise, and its faint grey is the edge of a stroke; a camera's faint
    # grey is what remains of a shadow.
    faint = _TOLERANCE if noise < _NOISELESS else _SHADOW
    raised[raised < max(4 * noise, full * faint)] = 0
    return main_parts(np.clip(_connected_to(raised, strokes) / full, 0, 1))


def contrasts(channel: Channel, width: int) -> tuple[Channel, Channel]:
    """Return how much darker, and how much lighter, each pixel is than the paper around it.

    Darkness is relative to the paper's light, so that a stroke is as dark in a shadow as beside it;
    lightness is absolute. Edge padding keeps a slope at the frame from looking like ink.

    Args:
        channel: of the picture, (h, w) float32 in [0, 1].
        width: of the square that removes strokes, pixels, odd.

    Returns:
        Two of (h, w) float32 in [0, 1].
    """
    from scipy import ndimage

    padded = np.pad(channel, width, mode="edge")
    inner = (slice(width, -width),) * 2
    light = ndimage.grey_closing(padded, size=width, mode="nearest")[inner]
    dark = ndimage.grey_opening(padded, size=width, mode="nearest")[inner]
    return (light - channel) / np.maximum(light, _DIM), channel - dark


def clearest_channel(colours: Colours) -> Channel:
    """Return the channel in which ink stands out most: blue for orange on cream.

    (h, w, 3) float32 in [0, 1] → (h, w).
    """
    small = thumbnail(thumbnail(colours))
    width = odd_width(_WIDTHS[1] * min(small.shape[:2]))
    clarity = []
    for channel in np.moveaxis(small, -1, 0):
        pair = contrasts(channel, width)
        clarity.append(
            max(full_contrast(contrast) - 3 * noise_stddev(contrast) for contrast in pair)
        )
    chosen: Channel = colours[..., int(np.argmax(clarity))]
    return chosen


def full_contrast(contrast: Channel) -> float:
    """Return the contrast of a full stroke, in [0, 1], robust to outliers.

    Args:
        contrast: of every pixel, (h, w) float32: one of `contrasts`.
    """
    return float(np.percentile(contrast[contrast >= contrast.max() / 2], 90))


def _strokes(channel: Channel) -> tuple[Channel, Mask]:
    """Return the ink's contrast, and a mask of what is certainly strokes.

    Uses the narrowest squares that catch whole strokes: under wider ones, shadows and the corners
    of a desk would be ink too.
    """
    widths, side = _narrowest_widths(thumbnail(channel))
    narrow, wide = (contrasts(channel, odd_width(w * min(channel.shape)))[side] for w in widths)
    return wide, _certain_parts(narrow, full_contrast(wide))


def _narrowest_widths(channel: Channel) -> tuple[tuple[float, ...], int]:
    """Return two widths that give the same strokes, and 0 for dark ink, 1 for light."""
    pairs = [contrasts(channel, odd_width(share * min(channel.shape))) for share in _WIDTHS]
    full = max(full_contrast(contrast) for pair in pairs for contrast in pair)
    steps = zip(itertools.pairwise(_WIDTHS), itertools.pairwise(pairs), strict=True)
    for widths, (narrow, wide) in steps:
        side = _ink_polarity(narrow, full)
        strokes = _certain_parts(narrow[side], full)
        if strokes.any() and _growth(strokes, wide[side] > _SURE * full) < _GROWTH:
            return widths, side
    return _WIDTHS[-1:] * 2, _ink_polarity(pairs[-1], full)


def _is_noise(mask: Mask) -> bool:
    """Tell whether a mask covers most of the picture, or has no dominant part."""
    from scipy import ndimage

    labels, _ = ndimage.label(mask, structure=np.ones((3, 3)))
    largest = np.bincount(labels.ravel())[1:].max()
    return bool(mask.mean() > _MOST or largest < _WEIGHTY * mask.sum())


def _connected_to(raised: Channel, strokes: Mask) -> Channel:
    """Return `raised` where it is connected to strokes, 0 elsewhere."""
    from scipy import ndimage

    whole = ndimage.binary_propagation(strokes, np.ones((3, 3)), mask=raised > 0)
    joined: Channel = np.where(whole, raised, 0).astype(np.float32)
    return joined


def _certain_parts(contrast: Channel, full: float) -> Mask:
    """Return the main parts of what has at least half the full contrast."""
    return main_parts(np.where(contrast > _SURE * full, contrast, 0)) > 0


def _ink_polarity(pair: tuple[Channel, Channel], full: float) -> int:
    """Return 0 for dark ink, 1 for light: the ink's hull is larger than that of enclosed paper."""
    return int(np.argmax([_hull_area(_certain_parts(contrast, full)) for contrast in pair]))


def _hull_area(mask: Mask) -> int:
    """Return the area of a mask's convex hull."""
    from skimage.morphology import convex_hull_image

    return int(convex_hull_image(mask).sum()) if mask.any() else 0


def _growth(strokes: Mask, wider: Mask) -> float:
    """Return the factor by which strokes grow when extended through `wider`."""
    from scipy import ndimage

    grown = ndimage.binary_propagation(strokes, np.ones((3, 3)), mask=wider)
    return float(grown.sum() / strokes.sum())


def odd_width(length: float) -> int:
    """Return an odd number of pixels near `length`, at least 3, so that a window has a centre."""
    return 2 * max(1, round(length / 2)) + 1
