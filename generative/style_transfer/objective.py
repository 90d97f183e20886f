"""What style transfer minimises: content, style and total variation, each on a scale of its own.

    total = α·content + β·style + weight·variation

Every term is divided by what it is compared with, so that α = β = 1 means the same at every size
and with every network:

    content    mean (F − P)² / variance of P
    style      mean over layers and octaves of ‖μ − μ*‖² / tr Σ* + ‖Σ − Σ*‖² / ‖Σ*‖²
    variation  mean squared difference of neighbouring pixels

F are the activations of the picture and P those of the content, μ and Σ the means and covariances
of channels over places, starred those of the style. An octave is the picture at 1, 1/2, 1/4 ... of
its size: the coarser ones make forms, the finest makes strokes.

Differs from Gatys et al. 2015, who compare Gram matrices, Σ + μμᵀ: the means of channels dominate
those, and the brush strokes, which are in the covariances, come out weak. Dividing channel by
channel would blow up on quiet channels.

The picture is padded with its own reflection, since zeros beyond the border would be painted as a
dark frame.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from generative.backend import tf
from generative.style_transfer.features import FeatureNetwork, Features, Networks
from generative.style_transfer.losses import (
    Moments,
    Statistics,
    moments,
    statistics,
    total_variation,
    widened,
)
from generative.training import precision

PADDING = 8
"""Pixels; twice as many cost a tenth more time and look no better."""

STYLE_SHARE = 8.0
"""β = 1 stands for this much style beside one of content."""

VARIATION_SHARE = 6.0
"""The same for total variation."""

TINY = 1e-8


class Octave(NamedTuple):
    """What the layers should hold of the finished picture, at one of its sizes.

    Attributes:
        content: layer → activations of the content picture; empty where it doesn't count.
        style: layer → statistics of the style picture.
        masks: layer → (r, h, w), where each region's style belongs; empty without regions.
    """

    content: Features
    style: dict[str, Statistics]
    masks: Features


Targets: TypeAlias = tuple[Octave, ...]
"""Of the picture at its size, at 1/2, 1/4 ... of it."""


class Weights(NamedTuple):
    """α, β and the weight of total variation, scalar tensors, and what the style's terms weigh.

    Attributes:
        layers: by style layer.
        forms: of an octave, beside the one twice as large.
    """

    content: tf.Tensor
    style: tf.Tensor
    total_variation: tf.Tensor
    layers: dict[str, tf.Tensor]
    forms: tf.Tensor


class Distances(NamedTuple):
    """How far the picture is at one octave: from the content, by style layer from the style."""

    content: Features
    style: Features


class Losses(NamedTuple):
    """The terms before their weights, and the style's by layer; scalars."""

    total: tf.Tensor
    content: tf.Tensor
    style: tf.Tensor
    total_variation: tf.Tensor
    layers: dict[str, tf.Tensor]


@dataclass(frozen=True)
class Objective:
    """The objective through a pair of networks, computed in a chosen precision.

    The fine network sees the content, and the style at the picture's own size, where it makes the
    strokes. The coarse network sees the style at the coarser octaves, where it makes the forms.

    Attributes:
        networks: through which content and style are seen.
        content_shares: how much content at each octave α = 1 stands for.
        dtype: of the convolutions.
    """

    networks: Networks
    content_shares: tuple[float, ...]
    dtype: tf.DType

    def losses(self, picture: tf.Tensor, targets: Targets, weights: Weights) -> Losses:
        """Return the losses of a picture, (1, h, w, 3) in [0, 1]."""
        return self.weigh(self.distances(picture, targets), total_variation(picture), weights)

    def distances(self, picture: tf.Tensor, targets: Targets, first: int = 0) -> list[Distances]:
        """Return how far a picture, (1, h, w, 3) in [0, 1], is from its targets at each octave.

        Args:
            picture: at its size.
            targets: of this octave and the coarser ones.
            first: 0 for the picture's size, 1 for half of it.
        """
        found = []
        for octave, wanted in enumerate(targets, start=first):
            picture = halved(picture) if octave else picture
            content, style = self.features(pad(picture), octave, wanted.content, wanted.style)
            distances = {
                layer: content_distance(content[layer], target)
                for layer, target in wanted.content.items()
            }
            found.append(Distances(distances, style_distances(style, wanted)))
        return found

    def style_network(self, octave: int) -> FeatureNetwork:
        """Return the network that sees the style at an octave, 0 being the picture's own size."""
        return self.networks.coarse if octave else self.networks.fine

    def features(
        self, padded: tf.Tensor, octave: int, content: Collection[str], style: Collection[str]
    ) -> tuple[Features, Features]:
        """Return the activations of content and style layers, of a padded picture at an octave."""
        see_content, see_style = self.networks.fine, self.style_network(octave)
        if see_content is see_style:
            found = see_style(padded, {*content, *style}, self.dtype)
            return found, found
        return see_content(padded, content, self.dtype), see_style(padded, style, self.dtype)

    def weigh(
        self, distances: Sequence[Distances], variation: tf.Tensor, weights: Weights
    ) -> Losses:
        """Return all losses, given the distances at each octave."""
        contents = [
            share * tf.add_n(list(octave.content.values())) / len(octave.content)
            for octave, share in zip(distances, self.content_shares, strict=False)
            if octave.content
        ]
        content = tf.add_n(contents)
        sums: Features = {}
        counts: Features = {}
        octave_weight = tf.ones(())
        for octave in distances:
            for layer, distance in octave.style.items():
                sums[layer] = sums.get(layer, 0.0) + octave_weight * distance
                counts[layer] = counts.get(layer, 0.0) + octave_weight
            octave_weight = octave_weight * weights.forms
        norm = tf.add_n([weights.layers[layer] * counts[layer] for layer in sums])
        style = tf.add_n([weights.layers[layer] * sums[layer] for layer in sums]) / norm
        total = (
            weights.content * content
            + STYLE_SHARE * weights.style * style
            + VARIATION_SHARE * weights.total_variation * variation
        )
        layers = {layer: sums[layer] / counts[layer] for layer in sums}
        return Losses(total, content, style, variation, layers)

    def differentiate(
        self, picture: tf.Tensor, targets: Targets, weights: Weights
    ) -> tuple[Losses, tf.Tensor]:
        """Return the losses of a picture, (1, h, w, 3) in [0, 1], and their total's gradient."""
        with tf.GradientTape() as tape:
            tape.watch(picture)
            losses = self.losses(picture, targets, weights)
        return losses, tape.gradient(losses.total, picture)

    @functools.cached_property
    def value_and_gradient(
        self,
    ) -> Callable[[tf.Tensor, Targets, Weights], tuple[Losses, tf.Tensor]]:
        """`differentiate`, compiled."""

        @tf.function(reduce_retracing=True)  # type: ignore[untyped-decorator]
        def compiled(
            picture: tf.Tensor, targets: Targets, weights: Weights
        ) -> tuple[Losses, tf.Tensor]:
            return self.differentiate(picture, targets, weights)

        return compiled  # type: ignore[no-any-return]

    @functools.cached_property
    def content_targets(self) -> Callable[[tf.Tensor, tuple[str, ...]], Features]:
        """The compiled function (picture, layers) → `Octave.content`."""

        @tf.function(reduce_retracing=True)  # type: ignore[untyped-decorator]
        def targets(picture: tf.Tensor, layers: tuple[str, ...]) -> Features:
            return self.networks.fine(pad(picture), layers, self.dtype)

        return targets  # type: ignore[no-any-return]

    @functools.cached_property
    def style_moments(self) -> Callable[[tf.Tensor, int, tuple[str, ...]], dict[str, Moments]]:
        """The compiled function (picture, octave, layers) → moments of these layers."""

        @tf.function(reduce_retracing=True)  # type: ignore[untyped-decorator]
        def targets(picture: tf.Tensor, octave: int, layers: tuple[str, ...]) -> dict[str, Moments]:
            features = self.style_network(octave)(pad(picture), layers, self.dtype)
            return {layer: moments(features[layer]) for layer in layers}

        return targets  # type: ignore[no-any-return]


@functools.lru_cache(maxsize=32)
def objective_for(
    networks: Networks, content_shares: tuple[float, ...], computed_in: str
) -> Objective:
    """Return the objective; the same one for the same arguments, with what it has compiled.

    Args:
        networks: through which content and style are seen.
        content_shares: how much content at each octave α = 1 stands for.
        computed_in: `precision.FLOAT32` or `precision.BFLOAT16`, of the convolutions.
    """
    dtype = tf.bfloat16 if computed_in == precision.BFLOAT16 else tf.float32
    return Objective(networks, content_shares, dtype)


def pad(picture: tf.Tensor) -> tf.Tensor:
    """Return a picture with its own reflection around it: `PADDING` pixels on every side.

    (1, h, w, 3) → (1, h + 2·`PADDING`, w + 2·`PADDING`, 3).
    """
    around = [PADDING, PADDING]
    return tf.pad(picture, [[0, 0], around, around, [0, 0]], mode="REFLECT")


def halved(picture: tf.Tensor) -> tf.Tensor:
    """Return a picture averaged over squares of 2×2 pixels: (1, h, w, 3) → (1, ⌊h/2⌋, ⌊w/2⌋, 3).

    A last odd row or column is left out.
    """
    return tf.nn.avg_pool2d(picture, 2, 2, "VALID")


def variance(features: tf.Tensor) -> tf.Tensor:
    """Return the variance of activations around their channels' means, averaged over channels.

    A scalar, at least `TINY`, of activations (1, h, w, c).
    """
    return tf.reduce_mean(tf.math.reduce_variance(widened(features), axis=[0, 1, 2])) + TINY


def content_distance(found: tf.Tensor, wanted: tf.Tensor) -> tf.Tensor:
    """Return mean (F − P)² / variance of P: a scalar, 0 where both are equal.

    It is 1 where F is the mean of P's channels everywhere. Gatys et al. 2015 (arXiv 1508.06576),
    equation 1, with a mean in place of the halved sum, and divided by the variance.

    Args:
        found: F, activations of the painting, (1, h, w, c).
        wanted: P, those of the content at the same layer, of the same shape.
    """
    return tf.reduce_mean(tf.square(widened(found) - widened(wanted))) / variance(wanted)


def style_distances(features: Features, wanted: Octave) -> Features:
    """Return the distance of each style layer's statistics from those that are wanted.

    Args:
        features: layer → activations of the painting, (1, h, w, c).
        wanted: the statistics, and the masks of their regions.

    Returns:
        Layer → scalar: see `style_distance`.
    """
    return {
        layer: style_distance(statistics(*moments(features[layer], wanted.masks.get(layer))), each)
        for layer, each in wanted.style.items()
    }


def style_distance(found: Statistics, wanted: Statistics) -> tf.Tensor:
    """Return `region_distances`, averaged over regions: a scalar."""
    return tf.reduce_mean(region_distances(found, wanted))


def region_distances(found: Statistics, wanted: Statistics) -> tf.Tensor:
    """Return ‖μ − μ*‖² / tr Σ* + ‖Σ − Σ*‖² / ‖Σ*‖² of each of r regions: (r,).

    0 where both are equal, whatever the layer's width and contrast.

    Args:
        found: μ, (r, c), and Σ, (r, c, c), of the painting.
        wanted: μ* and Σ* of the styles, of the same shapes.
    """
    means = tf.reduce_sum(tf.square(found.mean - wanted.mean), axis=1)
    covariances = tf.reduce_sum(tf.square(found.covariance - wanted.covariance), axis=[1, 2])
    return means / (tf.linalg.trace(wanted.covariance) + TINY) + covariances / (
        tf.reduce_sum(tf.square(wanted.covariance), axis=[1, 2]) + TINY
    )


def blend(styles: Sequence[dict[str, Moments]], shares: Sequence[float]) -> dict[str, Statistics]:
    """Return the statistics of a picture whose area the styles share.

    Args:
        styles: `Objective.style_moments` of each style.
        shares: how much of the area each gets; they add up to 1.
    """
    blended = {}
    for layer in styles[0]:
        means = [
            [share * part / style[layer][0] for part in (style[layer][1][0], style[layer][2][0])]
            for share, style in zip(shares, styles, strict=True)
        ]
        first, second = (tf.add_n([pair[i] for pair in means]) for i in (0, 1))
        blended[layer] = statistics(tf.ones((1,)), first[None], second[None])
    return blended
