"""The sheet, the note or the box of a form that holds a digit, when it does not fill the frame.

Each is a region of one brightness with straight edges: it fills most of its convex hull, and the
hull most of a (turned) rectangle.
"""

from __future__ import annotations

import numpy as np

from generative.data.photographed.channels import (
    Colours,
    Mask,
    Plane,
    box_of,
    spread,
    thumb,
    thumb_step,
)
from generative.data.photographed.ink import clearest_channel, contrasts, full_contrast, odd

_SOLID = 0.9  # of the convex hull
_STRAIGHT = 0.86  # of the rectangle about the hull: an ellipse has 0.785
_SMALLEST, _LARGEST = 0.04, 0.95  # of the frame
_TURNS = np.deg2rad(np.arange(0, 90, 3))
_STEP = 0.08  # of full light, across the edge of a sheet
_RIM = 3  # pixels: what of a sheet's edge is soft or in shadow
_STROKE, _LINE = 0.5, 0.2  # of full contrast: printed lines are fainter than strokes
_CUT = 0.2  # of the ink, that may run across the edge


def cut_to_sheet(colours: Colours) -> Colours:
    """Return the largest sheet or note alone, as if it filled the frame; all if there is none."""
    from scipy import ndimage

    small, step = thumb(colours), thumb_step(colours)
    found = _sheets(ndimage.median_filter(small, size=(3, 3, 1)))
    if not found:
        return colours
    ink = _thin_ink(small, _STROKE)
    for sheet in found:
        if _holds(sheet, ink):
            inside = ndimage.binary_erosion(sheet, iterations=_RIM, border_value=1)
            return _alone(colours, inside.repeat(step, 0).repeat(step, 1))
    return colours


def cut_to_box(colours: Colours) -> Colours:
    """Return what is inside a printed box with ink in it, as if it filled the frame."""
    from scipy import ndimage

    ink = _thin_ink(colours, _LINE)
    for box in _rectangles(~ndimage.binary_dilation(ink)):
        inside = ndimage.binary_erosion(box, iterations=_RIM)
        if (ink & inside).any() and not _reaches_frame(box):
            return _alone(colours, inside)
    return colours


def _sheets(colours: Colours) -> list[Mask]:
    """Return regions that look like a sheet which does not fill the frame, the largest first."""
    from scipy import ndimage
    from skimage.filters import threshold_otsu

    found: list[Mask] = []
    for channel in np.moveaxis(colours, -1, 0):
        light = channel > threshold_otsu(channel)
        for side in (light, ~light):
            regions = _rectangles(ndimage.binary_opening(side, np.ones((3, 3))))
            found += [region for region in regions if _has_edge(region, channel)]
    return sorted(found, key=np.count_nonzero, reverse=True)


def _rectangles(mask: Mask) -> list[Mask]:
    """Return the hulls of the parts of `mask` that are rectangles but for what is in them."""
    from skimage.measure import label, regionprops

    hulls = []
    for region in regionprops(label(mask, connectivity=1)):
        if region.area_bbox < _SMALLEST * mask.size:
            continue  # The hull takes time.
        whole = region.image_convex
        fits = _SMALLEST * mask.size < whole.sum() < _LARGEST * mask.size
        if fits and region.area_filled > _SOLID * whole.sum() and _is_straight(whole):
            hull = np.zeros_like(mask)
            hull[region.slice] = whole
            hulls.append(hull)
    return hulls


def _is_straight(hull: Mask) -> bool:
    """Tell whether a convex region fills the smallest rectangle about it, turned or not."""
    from scipy import ndimage

    points = np.argwhere(hull ^ ndimage.binary_erosion(hull))
    sides = [
        np.ptp(points @ np.stack(axis), axis=0) + 1
        for axis in ((np.cos(_TURNS), np.sin(_TURNS)), (-np.sin(_TURNS), np.cos(_TURNS)))
    ]
    return bool(hull.sum() > _STRAIGHT * (sides[0] * sides[1]).min())


def _has_edge(region: Mask, plane: Plane) -> bool:
    """Tell whether the brightness takes a step at the region's edge; shading takes none."""
    from scipy import ndimage

    outer = ndimage.binary_dilation(region, iterations=_RIM) & ~region
    inner = region & ~ndimage.binary_erosion(region, iterations=_RIM, border_value=1)
    return bool(abs(np.median(plane[outer]) - np.median(plane[inner])) > _STEP)


def _thin_ink(colours: Colours, share: float) -> Mask:
    """Return where there is something thin, of at least a `share` of the full contrast.

    Dark or light: strokes, lines, the desk's grain.
    """
    plane = clearest_channel(colours)
    pair = contrasts(plane, odd(min(plane.shape) / 12))
    contrast = max(pair, key=full_contrast)
    return contrast > max(share * full_contrast(contrast), 5 * spread(contrast))


def _holds(sheet: Mask, ink: Mask) -> bool:
    """Tell whether there is ink on the sheet, and hardly any that runs across its edge.

    The light part of a paper is no sheet: strokes run on into the shadow.
    """
    from scipy import ndimage

    inside = ndimage.binary_erosion(sheet, iterations=2 * _RIM, border_value=1)
    outside = ~ndimage.binary_dilation(sheet, iterations=2 * _RIM)
    labels, count = ndimage.label(ink, structure=np.ones((3, 3)))
    numbers = np.arange(count + 1)
    within = ndimage.sum_labels(ink & inside, labels, numbers)
    without = ndimage.sum_labels(ink & outside, labels, numbers)
    crossing = within[without > 0].sum()
    return bool(within.sum() > 0 and crossing <= _CUT * within.sum())


def _alone(colours: Colours, sheet: Mask) -> Colours:
    """Return the rectangle about a sheet; what is not sheet takes the colour of its edge."""
    from scipy import ndimage

    rows, columns = box_of(sheet[: colours.shape[0], : colours.shape[1]])
    cut, inside = colours[rows, columns], sheet[rows, columns]
    nearest = ndimage.distance_transform_edt(~inside, return_distances=False, return_indices=True)
    alone: Colours = cut[tuple(nearest)]
    return alone


def _reaches_frame(mask: Mask) -> bool:
    return bool(mask[0].any() or mask[-1].any() or mask[:, 0].any() or mask[:, -1].any())
