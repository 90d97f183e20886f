"""Convert a photo of a garment to Fashion-MNIST's form: cut out, negated, on black."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generative.data.photographed.channels import (
    FAINTEST,
    Channel,
    Colours,
    Mask,
    blank_picture_error,
    border_pixels,
    box_of,
    clean,
    fit,
    main_parts,
    place,
    reduce,
    resize,
)
from generative.validation import SIDE

_WORK_SIDE = 256  # pixels: about nine a side for each of the 28 that remain
_PURE = 0.02  # greatest distance from black or white that still counts as such
_PURE_SHARE = 1 / 3  # of the border; with more pure black or white, that is the background
_SAMPLES = 400  # colours of the background
_TOLERANCE = 0.05  # from the background's colours, as the makers of Fashion-MNIST trim
_MARGIN = 1.5  # cloth is this many times as far from the background as its colours are apart
_SURE = 0.4  # of the greatest distance: certainly cloth
_SHADOW = 0.3  # of the certain cloth's distance; anything closer to the background is a shadow
_SMALLEST = 0.0005  # of the frame; less is a speck
_WHOLE = 0.25  # of the cloth is in its largest part at least; noise has many small ones
_SMALL = 0.5  # of the frame; a smaller garment is cropped, then cut out again
_AROUND = 0.25  # of the garment's size: background kept around the crop
_LIGHTER = 0.9  # of the cloth is lighter than the background if it is light on dark
_FULL_FRAME = 0.9  # of a square's side: the garment already fills it
_SHARPENING = 0.5  # strength of the unsharp mask
_LOSSLESS = 0.01  # mean error below which shrinking lost no detail
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601


def to_fashion_mnist_form(picture: NDArray[np.uint8]) -> Channel:
    """Return (28, 28): a garment in Fashion-MNIST's form, negated on black.

    Trims, scales the longest edge to 28, sharpens, pads to a square, negates and converts to grey
    (Xiao et al., 2017, arXiv 1708.07747, figure 1).

    Differs from the paper: scales by area instead of skipping rows, which needs less sharpening;
    does not negate a garment lighter than its background; does not trim a square picture that the
    garment already fills.

    Args:
        picture: (h, w, 3) uint8.

    Raises:
        InputError: nothing stands out from the background.
    """
    colours = reduce(picture, _WORK_SIDE)
    cloth = _cloth(colours)
    if max(cloth[box_of(cloth)].shape) < _SMALL * max(cloth.shape):
        colours = reduce(_crop_around(picture, cloth), _WORK_SIDE)
        cloth = _cloth(colours)
    shades = np.where(cloth, _shades(colours, cloth), 0).astype(np.float32)
    small = _shrink(shades if _fills_frame(cloth) else shades[box_of(cloth)])
    return place(small, (SIDE - small.shape[0]) // 2, (SIDE - small.shape[1]) // 2)


def _cloth(colours: Colours) -> Mask:
    """Return the garment's mask, holes filled: all that has none of the background's colours.

    The background's colours are those at the border, in whatever pattern.
    """
    from scipy import ndimage

    seen = clean(colours)
    background = _background(border_pixels(seen))
    distance = _distance_to_nearest(seen, background)
    # How far apart the background's colours are: one half's distance from the other half.
    between = np.percentile(_distance_to_nearest(background[1::2], background[::2]), 98)
    floor = max(_TOLERANCE, _MARGIN * float(between))
    if distance.max() < max(FAINTEST, floor):
        raise blank_picture_error()
    # No glow on the background differs as much as the cloth does somewhere.
    sure = distance > max(floor, _SURE * distance.max())
    # A background of a single colour is no photograph, so it has no shadow.
    shadow = _SHADOW * float(np.median(distance[sure])) if between else 0
    cloth = ndimage.binary_propagation(sure, mask=distance > max(floor, shadow))
    filled: Mask = ndimage.binary_fill_holes(main_parts(np.where(cloth, distance, 0)) > 0)
    if filled.mean() < _SMALLEST or _largest_part(filled) < _WHOLE * filled.sum():
        raise blank_picture_error()
    return filled


def _largest_part(mask: Mask) -> int:
    from scipy import ndimage

    labels, _ = ndimage.label(mask, structure=np.ones((3, 3)))
    return int(np.bincount(labels[mask]).max())


def _distance_to_nearest(
    colours: NDArray[np.float32], background: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the distance of each of (..., 3) to the nearest of (n, 3), by the worst channel."""
    from scipy.spatial import KDTree

    # Duplicates would make the tree slow.
    tree = KDTree(np.unique(background, axis=0))
    return np.asarray(tree.query(colours, p=np.inf)[0], np.float32)


def _crop_around(picture: NDArray[np.uint8], cloth: Mask) -> NDArray[np.uint8]:
    """Crop the picture to the cloth and some background around it."""
    factor = picture.shape[0] / cloth.shape[0]
    box = box_of(cloth)
    margin = _AROUND * max(cloth[box].shape)
    rows, columns = (
        slice(int(max(0, part.start - margin) * factor), int((part.stop + margin) * factor))
        for part in box
    )
    return picture[rows, columns]


def _background(colours: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the background's colours, (n, 3), from those at the border.

    If much of the border is pure black or white, that is the background; a shirt may fill the rest.
    """
    for pure in (0, 1):
        near = np.abs(colours - pure).max(axis=1) < _PURE
        if near.mean() > _PURE_SHARE:
            colours = colours[near]
            break
    return colours[:: max(1, len(colours) // _SAMPLES)]


def _shades(colours: Colours, cloth: Mask) -> Channel:
    """Return grey levels negated, so that white becomes 0.

    A garment lighter than its background all over stays light; then the background becomes 0.
    """
    background = _background(border_pixels(colours))
    grey: Channel = colours @ _LUMA
    level = float(np.median(background @ _LUMA))
    shades: Channel
    if np.mean(grey[cloth] >= level) > _LIGHTER:
        shades = (grey - level) / max(1 - level, 0.1)
    else:
        # White is at least as bright as the brightest channel in the picture.
        white = max(_brightest(background), _brightest(colours[cloth]))
        shades = 1 - grey / white
    return shades.clip(0, 1)


def _brightest(colours: NDArray[np.float32]) -> float:
    """Return the level that hardly any channel of (n, 3) exceeds."""
    return float(np.percentile(colours.max(axis=1), 95))


def _fills_frame(cloth: Mask) -> bool:
    height, width = cloth.shape
    longest = max(cloth[box_of(cloth)].shape)
    return height == width and bool(longest >= _FULL_FRAME * height)


def _shrink(shades: Channel) -> Channel:
    """Scale the longest edge to 28, and sharpen unless scaling lost no detail."""
    from skimage.filters import unsharp_mask

    small = fit(shades, SIDE)
    again = resize(small, shades.shape, Image.Resampling.NEAREST)
    if np.abs(again - shades).mean() < _LOSSLESS:
        return small
    sharp: Channel = unsharp_mask(small, radius=1, amount=_SHARPENING)
    return sharp
