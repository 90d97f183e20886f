"""Find the sheet, note or form box that a digit is on, when it does not fill the frame.

Each is a region of one brightness with straight edges: it fills most of its convex hull, and the
hull fills most of a rectangle, rotated or not.
"""

from __future__ import annotations

import numpy as np

from generative.data.photographed.channels import (
    Channel,
    Colours,
    Mask,
    box_of,
    noise_stddev,
    thumbnail,
    thumbnail_step,
)
from generative.data.photographed.ink import clearest_channel, contrasts, full_contrast, odd_width

_SOLID = 0.9  # of the convex hull
_STRAIGHT = 0.86  # of the hull's bounding rectangle; an ellipse fills 0.785
_SMALLEST, _LARGEST = 0.04, 0.95  # of the frame
_ROTATIONS = np.deg2rad(np.arange(0, 90, 3))
_STEP = 0.08  # of full light: the least change across a sheet's edge
_RIM = 3  # pixels of a sheet's edge that may be soft or in shadow
_STROKE, _LINE = 0.5, 0.2  # of full contrast; printed lines are fainter than strokes
_CUT = 0.2  # of the ink: the most that may cross the sheet's edge


def cut_to_sheet(colours: Colours) -> Colours:
    """Crop to the largest sheet or note, as if it filled the frame; unchanged if there is none.

    (h, w, 3) float32 in [0, 1] → the same, smaller.
    """
    from scipy import ndimage

    small, step = thumbnail(colours), thumbnail_step(colours)
    found = _sheets(ndimage.median_filter(small, size=(3, 3, 1)))
    if not found:
        return colours
    ink = _thin_ink(small, _STROKE)
    for sheet in found:
        if _holds_ink(sheet, ink):
            inside = ndimage.binary_erosion(sheet, iterations=_RIM, border_value=1)
            return _fill_outside(colours, inside.repeat(step, 0).repeat(step, 1))
    return colours


def cut_to_box(colours: Colours) -> Colours:
    """Crop to the inside of a printed box with ink in it; unchanged if there is none.

    (h, w, 3) float32 in [0, 1] → the same, smaller.
    """
    from scipy import ndimage

    ink = _thin_ink(colours, _LINE)
    for box in _rectangles(~ndimage.binary_dilation(ink)):
        inside = ndimage.binary_erosion(box, iterations=_RIM)
        if (ink & inside).any() and not _touches_frame(box):
            return _fill_outside(colours, inside)
    return colours


def _sheets(colours: Colours) -> list[Mask]:
    """Return regions that look like a sheet smaller than the frame, largest first."""
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
    """Return the hulls of the parts of `mask` that are rectangles, ignoring their holes."""
    from skimage.measure import label, regionprops

    hulls = []
    for region in regionprops(label(mask, connectivity=1)):
        if region.area_bbox < _SMALLEST * mask.size:
            continue  # Computing the hull is slow.
        whole = region.image_convex
        fits = _SMALLEST * mask.size < whole.sum() < _LARGEST * mask.size
        if fits and region.area_filled > _SOLID * whole.sum() and _is_straight(whole):
            hull = np.zeros_like(mask)
            hull[region.slice] = whole
            hulls.append(hull)
    return hulls


def _is_straight(hull: Mask) -> bool:
    """Tell whether a convex region fills its smallest bounding rectangle, rotated or not."""
    from scipy import ndimage

    points = np.argwhere(hull ^ ndimage.binary_erosion(hull))
    cosines, sines = np.cos(_ROTATIONS), np.sin(_ROTATIONS)
    sides = [
        np.ptp(points @ np.stack(axis), axis=0) + 1
        for axis in ((cosines, sines), (-sines, cosines))
    ]
    return bool(hull.sum() > _STRAIGHT * (sides[0] * sides[1]).min())


def _has_edge(region: Mask, channel: Channel) -> bool:
    """Tell whether the brightness jumps at the region's edge; shading does not."""
    from scipy import ndimage

    outer = ndimage.binary_dilation(region, iterations=_RIM) & ~region
    inner = region & ~ndimage.binary_erosion(region, iterations=_RIM, border_value=1)
    return bool(abs(np.median(channel[outer]) - np.median(channel[inner])) > _STEP)


def _thin_ink(colours: Colours, share: float) -> Mask:
    """Return a mask of thin things with at least a `share` of the full contrast.

    Dark or light: strokes, lines, a desk's grain.
    """
    channel = clearest_channel(colours)
    pair = contrasts(channel, odd_width(min(channel.shape) / 12))
    contrast = max(pair, key=full_contrast)
    return contrast > max(share * full_contrast(contrast), 5 * noise_stddev(contrast))


def _holds_ink(sheet: Mask, ink: Mask) -> bool:
    """Tell whether a sheet has ink on it, and hardly any that crosses its edge.

    The lit part of a paper is no sheet: strokes continue into the shadow.
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


def _fill_outside(colours: Colours, sheet: Mask) -> Colours:
    """Crop to a sheet's bounding box, filling what is outside it with its nearest colours."""
    from scipy import ndimage

    rows, columns = box_of(sheet[: colours.shape[0], : colours.shape[1]])
    cut, inside = colours[rows, columns], sheet[rows, columns]
    nearest = ndimage.distance_transform_edt(~inside, return_distances=False, return_indices=True)
    alone: Colours = cut[tuple(nearest)]
    return alone


def _touches_frame(mask: Mask) -> bool:
    return bool(mask[0].any() or mask[-1].any() or mask[:, 0].any() or mask[:, -1].any())
