"""What the layers should hold at one scale: the content's activations, the styles' statistics."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from generative.backend import tf
from generative.style_transfer.features import stride
from generative.style_transfer.losses import Moments, Statistics
from generative.style_transfer.objective import PADDING, Objective, Octave, Targets, blend, halved
from generative.style_transfer.options import STYLE_LAYERS
from generative.style_transfer.picture_checks import MIN_SIDE, Pixels
from generative.style_transfer.preparing import Prepared
from generative.style_transfer.resizing import fit, resize
from generative.style_transfer.tensors import as_tensor
from generative.style_transfer.tiles import whole_or_tiled

SMALLEST_OCTAVE = 40
"""Shortest side of a picture whose statistics mean something, pixels."""

DETAIL_LAYERS = ("block3_conv1",)
"""Where content is kept at a picture's own size if the layers that keep things see it halved."""


def compute_targets(
    prepared: Prepared, objective: Objective, height: int, width: int, octaves: int
) -> Callable[[tuple[float, ...]], Targets]:
    """Return the function: shares of the styles → targets of a picture at a size, pixels.

    The pictures are seen only once, so it costs little to blend the styles anew.

    Args:
        prepared: pictures and options.
        objective: to compute them for.
        height: of the picture, pixels.
        width: the same.
        octaves: at how many sizes the style is to count, if the pictures are large enough.
    """
    content = as_tensor(resize(prepared.content, height, width))
    longest = prepared.options.style_scale * max(height, width)
    styles = [_scaled(style, longest) for style in prepared.styles]
    smallest = min(height, width, *(min(style.shape[1:3]) for style in styles))
    seen = []
    for octave in range(max(octaves, len(objective.content_shares))):
        counts = octave == 0 or (octave < octaves and smallest >= SMALLEST_OCTAVE)
        seen.append(
            (
                _content(prepared, objective, content, octave),
                _moments(objective, styles, octave) if counts else [],
                _masks(prepared, height, width) if counts else {},
            )
        )
        smallest, height, width = smallest // 2, height // 2, width // 2
        content, styles = halved(content), [halved(style) for style in styles]

    @functools.lru_cache(maxsize=1)
    def targets(shares: tuple[float, ...]) -> Targets:
        return tuple(
            Octave(content, _statistics(moments, shares, bool(prepared.regions)), masks)
            for content, moments, masks in seen
        )

    return targets


def _content(
    prepared: Prepared, objective: Objective, picture: tf.Tensor, octave: int
) -> dict[str, tf.Tensor]:
    """Return what the content layers hold of the content picture at an octave."""
    octaves = len(objective.content_shares)
    if octave >= octaves:
        return {}
    last = octave == octaves - 1
    layers = tuple(prepared.options.content_layers) if last else DETAIL_LAYERS
    see = whole_or_tiled(objective, math.prod(picture.shape[1:3]))
    return see.content_targets(picture, layers)


def _moments(
    objective: Objective, styles: Sequence[tf.Tensor], octave: int
) -> list[dict[str, Moments]]:
    """Return the moments of the style layers, for each style, at an octave."""
    return [
        whole_or_tiled(objective, math.prod(style.shape[1:3])).style_moments(
            style, octave, STYLE_LAYERS
        )
        for style in styles
    ]


def _statistics(
    styles: Sequence[dict[str, Moments]], shares: Sequence[float], by_region: bool
) -> dict[str, Statistics]:
    """Return what the style layers should hold: of the styles' blend, or of each in its region."""
    if not styles:
        return {}
    if by_region:
        return stack_regions([blend([each], [1.0]) for each in styles])
    return blend(styles, [share / sum(shares) for share in shares])


def _masks(prepared: Prepared, height: int, width: int) -> dict[str, tf.Tensor]:
    """Return where each region's style belongs in a picture of a size, by layer."""
    if not prepared.regions:
        return {}
    masks = np.stack([resize(region, height, width) for region in prepared.regions])
    return masks_by_layer(masks, STYLE_LAYERS)


def stack_regions(styles: Sequence[dict[str, Statistics]]) -> dict[str, Statistics]:
    """Return the statistics of several styles, one region each, as those of as many regions."""
    return {
        layer: Statistics(
            tf.concat([style[layer].mean for style in styles], axis=0),
            tf.concat([style[layer].covariance for style in styles], axis=0),
        )
        for layer in styles[0]
    }


def masks_by_layer(masks: NDArray[np.uint8], layers: Sequence[str]) -> dict[str, tf.Tensor]:
    """Return how much every place of a layer counts in each region: (r, h, w) float32 in [0, 1].

    Reflected at the border like the picture, then averaged to each layer's resolution.

    Args:
        masks: (r, height, width).
        layers: names of layers.
    """
    around = ((0, 0), (PADDING, PADDING), (PADDING, PADDING))
    shares = np.pad(masks.astype(np.float32) / 255, around, mode="reflect")
    averaged = tf.constant(shares[..., None])
    by_stride = {1: averaged}
    for pixels in (2, 4, 8, 16):
        averaged = tf.nn.avg_pool2d(averaged, 2, 2, "VALID")
        by_stride[pixels] = averaged
    return {name: by_stride[stride(name)][..., 0] for name in layers}


def _scaled(picture: Pixels, longest: float) -> tf.Tensor:
    """Return a style picture, (1, h, w, 3), scaled to its longest side or up to `MIN_SIDE`."""
    height, width = fit(picture.shape[0], picture.shape[1], longest)
    grown = max(1.0, MIN_SIDE / min(height, width))
    height, width = round(height * grown), round(width * grown)
    return as_tensor(resize(picture, height, width))
