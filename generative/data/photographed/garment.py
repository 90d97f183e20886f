"""A garment as in Fashion-MNIST: cut out from its ground, in negative on black."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generative.data.photographed.channels import (
    FAINTEST,
    Colours,
    Mask,
    Plane,
    blank,
    border,
    box_of,
    clean,
    fit,
    main_parts,
    place,
    reduce,
    resize,
)
from generative.validation import SIDE

_WORK_SIDE = 256  # pixels: nine for each that is left
_PURE = 0.02  # distance from black or white that still counts as such
_PURE_SHARE = 1 / 3  # of the border, to make black or white the ground
_SAMPLES = 400  # colours of the ground
_TOLERANCE = 0.05  # from the ground's colours, as the makers of Fashion-MNIST trim
_MARGIN = 1.5  # times as far from the ground's colours as these from each other
_SURE = 0.4  # of the greatest distance: cloth for sure
_SHADOW = 0.3  # of the sure cloth's distance; what is nearer to the ground is its shadow
_SMALLEST = 0.0005  # of the frame; less is a speck
_WHOLE = 0.25  # of the cloth, in its largest part: noise has many
_SMALL = 0.5  # of the frame: a garment that is smaller is looked at closely
_AROUND = 0.25  # of the garment's size, kept of its ground then
_LIGHTER = 0.9  # of the cloth, to take it as light on dark
_FULL_FRAME = 0.9  # of a square's side: the garment fills it already
_SHARPENING = 0.5  # strength of the unsharp mask
_LOSSLESS = 0.01  # mean error, when shrinking lost no detail
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601


def like_fashion_mnist(picture: NDArray[np.uint8]) -> Plane:
    """Return (28, 28): a garment as in Fashion-MNIST, in negative on black.

    Trimmed, longest edge scaled to 28, sharpened, extended to a square, negated and made grey
    (Xiao et al., 2017, arXiv 1708.07747, figure 1).

    Differs from the paper: scaled by area and not by skipping rows, which needs less sharpening;
    not negated if it is lighter than its ground; a square picture that is full already is not
    trimmed.

    Args:
        picture: (h, w, 3) uint8.

    Raises:
        InputError: nothing stands out from the ground.
    """
    colours = reduce(picture, _WORK_SIDE)
    cloth = _cloth(colours)
    if max(cloth[box_of(cloth)].shape) < _SMALL * max(cloth.shape):
        colours = reduce(_around(picture, cloth), _WORK_SIDE)
        cloth = _cloth(colours)
    shades = np.where(cloth, _shades(colours, cloth), 0).astype(np.float32)
    small = _shrink(shades if _fills_frame(cloth) else shades[box_of(cloth)])
    return place(small, (SIDE - small.shape[0]) // 2, (SIDE - small.shape[1]) // 2)


def _cloth(colours: Colours) -> Mask:
    """Return where the garment is, holes included: what has none of the ground's colours.

    Those are the colours at the border, whatever pattern they make.
    """
    from scipy import ndimage

    seen = clean(colours)
    ground = _ground(border(seen))
    distance = _away(seen, ground)
    # How far the ground's colours are from each other: of one half from the other half.
    between = np.percentile(_away(ground[1::2], ground[::2]), 98)
    floor = max(_TOLERANCE, _MARGIN * float(between))
    if distance.max() < max(FAINTEST, floor):
        raise blank()
    # A glow on the ground is nowhere as different as cloth is somewhere.
    sure = distance > max(floor, _SURE * distance.max())
    # A ground of one colour was not photographed, and has no shadow on it.
    shadow = _SHADOW * float(np.median(distance[sure])) if between else 0
    cloth = ndimage.binary_propagation(sure, mask=distance > max(floor, shadow))
    filled: Mask = ndimage.binary_fill_holes(main_parts(np.where(cloth, distance, 0)) > 0)
    if filled.mean() < _SMALLEST or _largest_part(filled) < _WHOLE * filled.sum():
        raise blank()
    return filled


def _largest_part(mask: Mask) -> int:
    from scipy import ndimage

    labels, _ = ndimage.label(mask, structure=np.ones((3, 3)))
    return int(np.bincount(labels[mask]).max())


def _away(colours: NDArray[np.float32], ground: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how far each of (..., 3) is from the nearest of (n, 3), in its worst channel."""
    from scipy.spatial import KDTree

    # Many equal points would make the tree slow.
    tree = KDTree(np.unique(ground, axis=0))
    return np.asarray(tree.query(colours, p=np.inf)[0], np.float32)


def _around(picture: NDArray[np.uint8], cloth: Mask) -> NDArray[np.uint8]:
    """Return the part of the picture that holds the cloth and some of the ground about it."""
    factor = picture.shape[0] / cloth.shape[0]
    box = box_of(cloth)
    margin = _AROUND * max(cloth[box].shape)
    rows, columns = (
        slice(int(max(0, part.start - margin) * factor), int((part.stop + margin) * factor))
        for part in box
    )
    return picture[rows, columns]


def _ground(colours: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the ground's colours (n, 3) of those at the border.

    Where much of the border is pure black or white, that is the ground: a shirt may fill the rest.
    """
    for pure in (0, 1):
        near = np.abs(colours - pure).max(axis=1) < _PURE
        if near.mean() > _PURE_SHARE:
            colours = colours[near]
            break
    return colours[:: max(1, len(colours) // _SAMPLES)]


def _shades(colours: Colours, cloth: Mask) -> Plane:
    """Return the grey levels of a negative, in which white light is 0.

    A garment that is lighter than its ground all over stays light; then its ground becomes 0.
    """
    ground = _ground(border(colours))
    grey: Plane = colours @ _LUMA
    level = float(np.median(ground @ _LUMA))
    shades: Plane
    if np.mean(grey[cloth] >= level) > _LIGHTER:
        shades = (grey - level) / max(1 - level, 0.1)
    else:
        # White sends back at least as much light as the brightest channel in sight.
        white = max(_brightest(ground), _brightest(colours[cloth]))
        shades = 1 - grey / white
    return shades.clip(0, 1)


def _brightest(colours: NDArray[np.float32]) -> float:
    """Return the level that hardly a channel of (n, 3) exceeds."""
    return float(np.percentile(colours.max(axis=1), 95))


def _fills_frame(cloth: Mask) -> bool:
    height, width = cloth.shape
    longest = max(cloth[box_of(cloth)].shape)
    return height == width and bool(longest >= _FULL_FRAME * height)


def _shrink(shades: Plane) -> Plane:
    """Scale the longest edge to 28 and sharpen, unless the picture had no more detail to lose."""
    from skimage.filters import unsharp_mask

    small = fit(shades, SIDE)
    again = resize(small, shades.shape, Image.Resampling.NEAREST)
    if np.abs(again - shades).mean() < _LOSSLESS:
        return small
    sharp: Plane = unsharp_mask(small, radius=1, amount=_SHARPENING)
    return sharp
