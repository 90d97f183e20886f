"""A photo or drawing of a digit or garment, brought into the form of its data set.

`prepare` repeats on a photo what the makers of MNIST and Fashion-MNIST did with theirs, so that a
model meets pictures like those that it was trained on.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generative.data import DATASETS
from generative.errors import InputError
from generative.images.pixels import check_picture
from generative.photographed.garment import garment
from generative.photographed.ink import read_ink
from generative.photographed.paper import cut_to_box, cut_to_sheet
from generative.validation import SIDE, Images, check_choice

Plane = NDArray[np.float32]
"""One channel: (height, width) float32 in [0, 1]."""

_WORK_SIDE = 512  # pixels: more detail than 28 pixels can use
_BOX = 20  # pixels: MNIST's glyphs fit this square
_THINNEST = 1.5  # pixels: MNIST's finest strokes, in that square
_FAINTEST = 0.08  # contrast below which a picture is blank
_PURE = 0.02  # distance from black or white that still counts as such
_PURE_SHARE = 1 / 3  # of the border, to make black or white the ground
_ROUNDS = 10  # enough for the fit of the ground to settle
_NOISELESS = 0.001  # standard deviation: below any camera's
_SHADOW = 0.25  # of full contrast: what shadows may leave behind
_TOLERANCE = 0.05  # of full contrast: as the makers of Fashion-MNIST trim
_SMALLEST_PART = 0.03  # of the heaviest part; less is a speck
_FULL_FRAME = 0.9  # of a square's side: the garment fills it already
_SHARPENING = 0.5  # strength of the unsharp mask
_LOSSLESS = 0.01  # mean error, when shrinking lost no detail
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601


def prepare(picture: NDArray[np.uint8], dataset: str) -> Images:
    """Bring a photo or drawing of a digit or garment into the form of a data set.

    Works for one thing, on a ground that fills the frame and is lighter or darker than it. A
    picture of the data set itself, enlarged or negated, comes out nearly as it was.

    Args:
        picture: (h, w, 3) uint8, as `decode` returns it.
        dataset: "mnist" or "fashion_mnist".

    Returns:
        (1, 28, 28, 1) float32 in [0, 1], light on black.

    Raises:
        InputError: wrong picture, unknown data set, or a blank picture.
    """
    check_choice("data set", dataset, DATASETS)
    if check_picture(picture).dtype != np.uint8 or picture.shape[2:] != (3,):
        raise InputError(
            "Invalid picture. Expected shape (h, w, 3) and dtype uint8. "
            f"Received: {picture.shape} and {picture.dtype}."
        )
    colours = _reduce(picture)
    made = _digit(colours) if dataset == "mnist" else garment(picture)
    return made.reshape(1, SIDE, SIDE, 1)


def _reduce(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return (h, w, 3) in [0, 1], shrunk by a whole factor to at most `_WORK_SIDE` a side.

    A whole factor, because it leaves the pixels of an enlarged picture sharp.
    """
    factor = -(-max(picture.shape) // _WORK_SIDE)
    return np.asarray(Image.fromarray(picture).reduce(factor), np.float32) / np.float32(255)


def _digit(colours: NDArray[np.float32]) -> Plane:
    """Return (28, 28): a digit as in MNIST, white on black.

    The glyph fits a 20 by 20 box with its proportions kept and its grey levels from
    anti-aliasing, and its centre of mass is at the centre (LeCun et al., 1998, section III.A).

    Differs from the paper: strokes that would become thinner than `_THINNEST` pixels are made
    thicker, since a ballpoint line on a large sheet would otherwise vanish.
    """
    ink = read_ink(cut_to_box(cut_to_sheet(colours)))
    glyph = _fit(_thicken(_crop(ink, ink > 0)), _BOX)
    return _centre_mass(glyph / glyph.max())


def _thicken(ink: Plane) -> Plane:
    """Return (padded) ink whose strokes are at least `_THINNEST` pixels wide after shrinking."""
    from scipy import ndimage

    # Across a stroke of width w, the mean distance to the ground is w / 4.
    inside = ndimage.distance_transform_edt(np.pad(ink, 1) > 0.5)
    width = 4 * inside[inside > 0].mean()
    missing = int((_THINNEST * max(ink.shape) / _BOX - width) / 2)
    if missing <= 0:
        return ink
    wider: Plane = ndimage.grey_dilation(np.pad(ink, missing), footprint=_disc(missing))
    return wider


def _disc(radius: int) -> NDArray[np.bool_]:
    y, x = np.ogrid[-radius : radius + 1, -radius : radius + 1]
    disc: NDArray[np.bool_] = x**2 + y**2 <= radius**2
    return disc


def _centre_mass(glyph: Plane) -> Plane:
    """Put `glyph` on a black 28 by 28 ground, centre of mass in the middle to the pixel."""
    total = glyph.sum()
    top = SIDE / 2 - glyph.sum(axis=1) @ np.arange(glyph.shape[0]) / total
    left = SIDE / 2 - glyph.sum(axis=0) @ np.arange(glyph.shape[1]) / total
    return _place(glyph, round(top), round(left))


def _garment(colours: NDArray[np.float32]) -> Plane:
    """Return (28, 28): a garment as in Fashion-MNIST, in negative on black.

    Trimmed, longest edge scaled to 28, sharpened, extended to a square, negated and made grey
    (Xiao et al., 2017, arXiv 1708.07747, figure 1).

    Differs from the paper: scaled by area and not by skipping rows, which needs less sharpening;
    negated only from a light ground; a square picture that is full already is not trimmed.
    """
    ground = np.stack([_ground(channel) for channel in np.moveaxis(colours, -1, 0)], axis=-1)
    cloth = _cloth(np.abs(colours - ground).max(axis=-1))
    shades = np.where(cloth, _from_ground(colours @ _LUMA, ground @ _LUMA, cloth), 0)
    small = _shrink(shades if _fills_frame(cloth) else _crop(shades, cloth))
    return _place(small, (SIDE - small.shape[0]) // 2, (SIDE - small.shape[1]) // 2)


def _ground(plane: Plane) -> Plane:
    """Return the ground under the whole picture: a quadratic surface through the border.

    A surface, so that a lamp at one side or dark corners do not count as ink; through the border
    as a median is (the least absolute deviation), so that what touches it is passed over. Where
    much of the border is pure black or white, that is the ground: a shirt may fill the rest.
    """
    y, x = np.meshgrid(*(np.linspace(-1, 1, side) for side in plane.shape), indexing="ij")
    terms = np.stack([np.ones_like(x), x, y, x * y, x**2, y**2], axis=-1)
    places, levels = _border(terms), _border(plane)
    for pure in (0, 1):
        if np.mean(np.abs(levels - pure) < _PURE) > _PURE_SHARE:
            return np.full_like(plane, pure)
    surface = np.array([np.median(levels), 0, 0, 0, 0, 0])
    for _ in range(_ROUNDS):  # Reweighted least squares approach the least absolute deviation.
        weights = 1 / np.maximum(np.abs(levels - places @ surface), 1e-3)
        weighted = (places * weights[:, None]).T
        surface = np.linalg.lstsq(weighted @ places, weighted @ levels, rcond=None)[0]
    ground: Plane = np.clip(terms @ surface, 0, 1).astype(np.float32)
    return ground


def _main_parts(weights: Plane) -> Plane:
    """Return `weights` without the specks: parts far lighter in total than the heaviest one."""
    from scipy import ndimage

    labels, count = ndimage.label(weights > 0, structure=np.ones((3, 3)))
    totals = ndimage.sum_labels(weights, labels, np.arange(count + 1))
    kept = totals >= _SMALLEST_PART * totals.max()
    parts: Plane = np.where(kept[labels], weights, 0).astype(np.float32)
    return parts


def _cloth(distance: Plane) -> NDArray[np.bool_]:
    """Return where the garment is, holes included, from how far each pixel is from the ground."""
    from scipy import ndimage

    floor = min(max(_TOLERANCE, 3 * _spread(_border(distance))), _SHADOW)
    if distance.max() < max(_FAINTEST, floor):
        raise _blank()
    parts = _main_parts(np.where(distance < floor, 0, distance))
    filled: NDArray[np.bool_] = ndimage.binary_fill_holes(parts > 0)
    return filled


def _from_ground(grey: Plane, ground: Plane, cloth: NDArray[np.bool_]) -> Plane:
    """Stretch grey levels from the ground, which becomes 0, to the end that the cloth is at."""
    if grey[cloth].mean() < ground[cloth].mean():
        grey, ground = 1 - grey, 1 - ground
    stretched: Plane = np.clip((grey - ground) / np.maximum(1 - ground, 0.1), 0, 1)
    return stretched


def _fills_frame(cloth: NDArray[np.bool_]) -> bool:
    height, width = cloth.shape
    longest = max(_crop(cloth, cloth).shape)
    return height == width and bool(longest >= _FULL_FRAME * height)


def _shrink(shades: Plane) -> Plane:
    """Scale the longest edge to 28 and sharpen, unless the picture had no more detail to lose."""
    from scipy import ndimage

    small = _fit(shades, SIDE)
    again = _resize(small, shades.shape, Image.Resampling.NEAREST)
    if np.abs(again - shades).mean() < _LOSSLESS:
        return small
    sharp: Plane = small + _SHARPENING * (small - ndimage.gaussian_filter(small, 1))
    return np.clip(sharp, 0, 1)


def _fit(plane: Plane, longest: int) -> Plane:
    """Scale the longest edge to `longest` pixels, proportions kept, with anti-aliasing."""
    scale = longest / max(plane.shape)
    height, width = (max(1, round(side * scale)) for side in plane.shape)
    # Averaging areas gives back the pixels of an enlarged picture exactly.
    method = Image.Resampling.BOX if scale <= 1 else Image.Resampling.BICUBIC
    return _resize(plane, (height, width), method)


def _resize(plane: Plane, shape: tuple[int, ...], method: Image.Resampling) -> Plane:
    resized = Image.fromarray(plane.astype(np.float32)).resize((shape[1], shape[0]), method)
    return np.clip(np.asarray(resized, np.float32), 0, 1)


def _crop(plane: NDArray[Any], mask: NDArray[np.bool_]) -> NDArray[Any]:
    """Return the smallest rectangle of `plane` that holds all of `mask`."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return plane[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _place(plane: Plane, top: int, left: int) -> Plane:
    """Return black (28, 28) with `plane` on it, moved inward where it would stick out."""
    height, width = plane.shape
    top, left = min(max(top, 0), SIDE - height), min(max(left, 0), SIDE - width)
    ground = np.zeros((SIDE, SIDE), np.float32)
    ground[top : top + height, left : left + width] = plane
    return ground


def _blank() -> InputError:
    return InputError(
        "Nothing stands out in the picture: expected one digit or garment on a plain background, "
        "so choose or draw another."
    )


def _border(array: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the outermost pixels of (h, w, ...) as (n, ...): 1 pixel in 28 on every side."""
    width = max(1, min(array.shape[:2]) // SIDE)
    outer = np.ones(array.shape[:2], bool)
    outer[width:-width, width:-width] = False
    return array[outer]


def _spread(values: NDArray[np.floating]) -> float:
    """Return the standard deviation of the noise, hardly moved by outliers (1.4826 MAD)."""
    return float(1.4826 * np.median(np.abs(values - np.median(values))))
