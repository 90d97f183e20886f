"""What the layers should hold at one scale: the content's activations, the styles' statistics."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from generative.backend import tf
from generative.style_transfer.features import stride
from generative.style_transfer.losses import Moments, Statistics
from generative.style_transfer.objective import PADDING, Objective, Targets, blend
from generative.style_transfer.options import MIN_SIDE, STYLE_LAYERS, Pixels
from generative.style_transfer.preparing import Prepared
from generative.style_transfer.resizing import fit, resize
from generative.style_transfer.tensors import as_tensor
from generative.style_transfer.tiles import whole_or_tiled


def compute_targets(prepared: Prepared, objective: Objective, height: int, width: int) -> Targets:
    """Return the targets of a picture at a size, pixels."""
    content = resize(prepared.content, height, width)
    activations = whole_or_tiled(objective, height * width).content_targets(as_tensor(content))
    longest = prepared.options.style_scale * max(height, width)
    moments = [_style_moments(objective, style, longest) for style in prepared.styles]
    if not prepared.regions:
        shares = np.array(prepared.shares, float)
        return Targets(activations, blend(moments, list(shares / shares.sum())), {})
    style = stack_regions([blend([each], [1.0]) for each in moments])
    masks = np.stack([resize(region, height, width) for region in prepared.regions])
    return Targets(activations, style, masks_by_layer(masks, STYLE_LAYERS))


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


def _style_moments(objective: Objective, picture: Pixels, longest: float) -> dict[str, Moments]:
    """Return the moments of a style picture, scaled to its longest side or up to `MIN_SIDE`."""
    height, width = fit(picture.shape[0], picture.shape[1], longest)
    grown = max(1.0, MIN_SIDE / min(height, width))
    height, width = round(height * grown), round(width * grown)
    view = whole_or_tiled(objective, height * width)
    return view.style_moments(as_tensor(resize(picture, height, width)))
