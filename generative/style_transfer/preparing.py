"""From what a user asks for to what is painted: pictures checked, scaled and recoloured."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from generative.backend import tf
from generative.errors import InputError
from generative.images import to_uint8
from generative.style_transfer import colours, networks
from generative.style_transfer.features import FeatureNetwork, Networks
from generative.style_transfer.options import Options
from generative.style_transfer.picture_checks import (
    Mask,
    Pixels,
    check_mask,
    check_picture,
    check_result,
    no_picture,
)
from generative.style_transfer.resizing import fit, resize, shrink
from generative.style_transfer.tensors import as_tensor
from generative.style_transfer.transport import Quantiles, distribution, transported

NOISE_STDDEV = 0.06
"""Of the noise to start from, around grey: what deep layers do not see stays in the result."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """What a picture is painted from.

    Attributes:
        options: as the user chose them.
        networks: through which content and style are seen.
        content: (h, w, 3) uint8, as large as the result.
        styles: pictures, their longest side at most `style_scale` times the result's.
        shares: of each style beside the others.
        mask: (h, w) uint8, where to paint; None for everywhere.
        regions: (h, w) uint8 each, where each style belongs; none for everywhere.
    """

    options: Options
    networks: Networks
    content: Pixels
    styles: Sequence[Pixels]
    shares: tuple[float, ...]
    mask: Mask | None
    regions: Sequence[Mask]

    @functools.cached_property
    def colours(self) -> list[Quantiles]:
        """Colours of all styles together; with regions, of each."""
        if self.regions:
            return [distribution([style], [1.0]) for style in self.styles]
        return [distribution(self.styles, self.shares)]

    def blended(self, shares: tuple[float, ...]) -> Prepared:
        """Return the same with other shares of the styles; itself if they are none or the same.

        Raises:
            InputError: they are not as many as the styles.
        """
        if not shares or shares == self.shares:
            return self
        if len(shares) != len(self.styles):
            raise InputError(
                f"Wrong number of weights of styles. Expected {len(self.styles)}, one a style. "
                f"Received: {len(shares)}."
            )
        return replace(self, shares=shares)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the result, pixels."""
        return self.content.shape[0], self.content.shape[1]


def prepare(content: Pixels, style: Pixels | None, options: Options) -> Prepared:
    """Return what a picture is painted from.

    Args:
        content: (height, width, 3) uint8.
        style: the same; None if `options.styles` names the styles.
        options: how to paint.

    Raises:
        InputError: a picture, a mask or a layer that cannot be used.
        CheckpointError, DataError: the network's weights are missing.
    """
    content = check_picture("content", content)
    styles, shares = _styles(style, options)
    check_result(content.shape[1], content.shape[0], options.size)
    size = fit(content.shape[0], content.shape[1], options.size)
    scaled = resize(content, *size)
    mask = options.content_mask
    if mask is not None:
        mask = resize(check_mask("mask", mask, content), *size)
    regions = [
        resize(check_mask("region of a style", region, content), *size)
        for region in options.style_regions
    ]
    if regions and len(regions) != len(styles):
        raise InputError("Style regions need all styles among `styles`, and no other.")
    if not isinstance(options.initial, str):
        _check_initial(options.initial, options.size, *size)
    styles = [shrink(each, options.style_scale * options.size) for each in styles]
    if options.preserve_color == "statistics":
        styles = [colours.match_colours(each, [scaled]) for each in styles]
    return Prepared(options, _networks(options), scaled, styles, shares, mask, regions)


def first_picture(
    prepared: Prepared, height: int, width: int, style_share: float = 1.0
) -> tf.Tensor:
    """Return the picture that the descent starts from: (1, height, width, 3) float32 in [0, 1].

    Args:
        prepared: what is painted.
        height: of the first scale, pixels.
        width: the same.
        style_share: how far the colours of the content, where it is the start, go to those of the
            styles, from 0 to 1. The shallowest layers set colours, which wander slowly over a whole
            picture; starting with the style's saves the steps for its strokes.
    """
    options, size = prepared.options, (height, width)
    if not isinstance(options.initial, str):
        return as_tensor(resize(options.initial, *size))
    if options.initial == "noise":
        rng = np.random.default_rng(int(options.seed))
        noise = rng.standard_normal((1, height, width, 3), np.float32)
        return tf.constant(np.clip(0.5 + NOISE_STDDEV * noise, 0, 1))
    content = resize(prepared.content, *size)
    if options.preserve_color or not style_share:
        return as_tensor(content)
    return as_tensor(content + style_share * (_recoloured(prepared, content) - content))


def render(prepared: Prepared, painted: Pixels, transport_share: float) -> Pixels:
    """Return a painted picture of any scale in the colours of its styles or, if asked, its content.

    What no mask marks is the content's.

    Args:
        prepared: what is painted.
        painted: (h, w, 3) uint8.
        transport_share: how far its colours move to those of the styles, from 0 to 1.
    """
    height, width = painted.shape[:2]
    if prepared.options.preserve_color == "luminance":
        painted = colours.with_colours_of(painted, resize(prepared.content, height, width))
    elif transport_share > 0:
        painted = _in_style_colours(prepared, painted, transport_share)
    if prepared.mask is not None:
        share = resize(prepared.mask, height, width)[..., None] / 255
        content = resize(prepared.content, height, width)
        painted = np.rint(share * painted + (1 - share) * content).astype(np.uint8)
    return painted


def _in_style_colours(prepared: Prepared, painted: Pixels, share: float) -> Pixels:
    """Return a painted picture whose colours go so far to its styles', each in its region."""
    mask = None if prepared.mask is None else resize(prepared.mask, *painted.shape[:2])
    if not prepared.regions:
        return transported(painted, prepared.colours[0], share, mask)
    regions = _region_shares(prepared, *painted.shape[:2])
    picture = (1 - regions.sum(axis=0)) * painted
    for region, wanted in zip(regions, prepared.colours, strict=True):
        there = to_uint8(region[..., 0] if mask is None else region[..., 0] * mask / 255)
        picture += region * transported(painted, wanted, share, there)
    return to_uint8(picture / 255)


def _region_shares(prepared: Prepared, height: int, width: int) -> NDArray[np.float64]:
    """Return how much of every place each region has, (regions, height, width, 1): 1 at most."""
    masks = np.stack([resize(region, height, width) / 255 for region in prepared.regions])
    shares: NDArray[np.float64] = masks / np.maximum(1, masks.sum(axis=0))
    return shares[..., None]


def _styles(style: Pixels | None, options: Options) -> tuple[list[Pixels], tuple[float, ...]]:
    """Return the checked style pictures and the share of each."""
    styles = [*options.styles] if style is None else [(style, 1.0), *options.styles]
    if not styles:
        raise no_picture("style")
    if not any(share > 0 for _, share in styles):
        raise InputError("Every style has weight 0: give at least one of them more.")
    pictures = [check_picture("style", picture) for picture, _ in styles]
    return pictures, tuple(share for _, share in styles)


def _networks(options: Options) -> Networks:
    chosen = options.network
    if isinstance(chosen, str):
        single = options.procedure == "pixels"
        chosen = networks.load(chosen) if single else networks.load_pair(chosen)
    if isinstance(chosen, FeatureNetwork):
        chosen = Networks(chosen, chosen)
    if not isinstance(chosen, Networks):
        raise InputError("Invalid network. Expected a FeatureNetwork, a pair, or a name.")
    options.check_layers(chosen.fine)
    return chosen


def _check_initial(picture: object, longest: int, height: int, width: int) -> None:
    given = check_picture("initial", picture)
    fitted = fit(given.shape[0], given.shape[1], longest)
    if max(abs(fitted[0] - height), abs(fitted[1] - width)) > 1:  # A pixel may be rounding.
        raise InputError(
            "The initial picture has other proportions than the content: expected "
            f"{width} to {height}, received {given.shape[1]} by {given.shape[0]} pixels."
        )


def _recoloured(prepared: Prepared, content: Pixels) -> NDArray[np.float64]:
    """Return the content of a scale with the moments of its styles' colours, each in its region.

    It is nowhere barer than they are: (h, w, 3) from 0 to 255.
    """

    def like(styles: Sequence[Pixels], shares: Sequence[float]) -> Pixels:
        # The moments are those of the content at the size of the result.
        whole = colours.match_colours(prepared.content, styles, shares)
        rng = np.random.default_rng(int(prepared.options.seed))
        return colours.add_wash(resize(whole, *content.shape[:2]), styles, shares, rng)

    if not prepared.regions:
        return like(prepared.styles, prepared.shares).astype(float)
    shares = _region_shares(prepared, *content.shape[:2])
    picture: NDArray[np.float64] = (1 - shares.sum(axis=0)) * content
    for share, style in zip(shares, prepared.styles, strict=True):
        picture += share * like([style], [1.0])
    return picture
