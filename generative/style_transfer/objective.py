"""What style transfer minimises: content, style and total variation, each on a scale of its own.

    total = α·content + β·style + weight·variation

Every term is divided by what it is compared with, so that α = β = 1 means the same at every size
and with every network:

    content    mean (F − P)² / variance of P
    style      mean over layers of ‖μ − μ*‖² / tr Σ* + ‖Σ − Σ*‖² / ‖Σ*‖²
    variation  mean squared difference of neighbouring pixels

F are the activations of the picture and P those of the content, μ and Σ the means and covariances
of channels over places, starred those of the style. Differs from Gatys et al. 2015, who compare
Gram matrices, Σ + μμᵀ: the means of channels dominate those, and the brush strokes, which are in
the covariances, come out weak. Dividing channel by channel would blow up on quiet channels.

The picture is padded with its own reflection, since zeros beyond the border would be painted as a
dark frame.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from generative.backend import tf
from generative.style_transfer.features import FeatureNetwork, Features
from generative.style_transfer.losses import (
    Moments,
    Statistics,
    moments,
    statistics,
    total_variation,
    widened,
)
from generative.style_transfer.options import STYLE_LAYERS
from generative.training import precision

PADDING = 8
"""Pixels; twice as many cost a tenth more time and look no better."""

STYLE_SHARE = 8.0
"""β = 1 stands for this much style beside one of content."""

VARIATION_SHARE = 6.0
"""The same for total variation."""

TINY = 1e-8


class Octave(NamedTuple):
    """Statistics and masks by layer, as in `Targets`, of the picture at a fraction of its size."""

    style: dict[str, Statistics]
    masks: dict[str, tf.Tensor]


class Targets(NamedTuple):
    """What the layers of the finished picture should hold.

    Attributes:
        content: layer → activations of the content picture.
        style: layer → statistics of the style picture.
        masks: layer → (r, h, w), where each region's style belongs; empty without regions.
        coarser: the same of style, for the picture at 1/2, 1/4 ... of its size.
    """

    content: dict[str, tf.Tensor]
    style: dict[str, Statistics]
    masks: dict[str, tf.Tensor]
    coarser: tuple[Octave, ...] = ()


class Weights(NamedTuple):
    """α, β and the weight of total variation as scalar tensors, and one weight a style layer."""

    content: tf.Tensor
    style: tf.Tensor
    total_variation: tf.Tensor
    layers: dict[str, tf.Tensor]


class Losses(NamedTuple):
    """The terms before their weights, and the style's by layer; scalars."""

    total: tf.Tensor
    content: tf.Tensor
    style: tf.Tensor
    total_variation: tf.Tensor
    layers: dict[str, tf.Tensor]


@dataclass(frozen=True)
class Objective:
    """The objective over chosen layers of a network, computed in a chosen precision.

    Attributes:
        network: through which pictures are seen.
        content_layers, style_layers: names of its layers.
        dtype: of the convolutions.
    """

    network: FeatureNetwork
    content_layers: tuple[str, ...]
    style_layers: tuple[str, ...]
    dtype: tf.DType

    def features(self, padded: tf.Tensor) -> Features:
        """Return the activations of all layers that matter, of a padded picture."""
        return self.network(padded, {*self.content_layers, *self.style_layers}, self.dtype)

    def losses(self, picture: tf.Tensor, targets: Targets, weights: Weights) -> Losses:
        """Return the losses of a picture, (1, h, w, 3) in [0, 1]."""
        features = self.features(pad(picture))
        own = self.style_distances(features, Octave(targets.style, targets.masks))
        return self.weigh(
            self.content_distance(features, targets.content),
            self.mean_over_octaves(own, picture, targets.coarser),
            total_variation(picture),
            weights,
        )

    def style_distances(self, features: Features, wanted: Octave) -> dict[str, tf.Tensor]:
        """Return the distance of each style layer's statistics from those that are wanted."""
        return {
            layer: style_distance(
                statistics(*moments(features[layer], wanted.masks.get(layer))), wanted.style[layer]
            )
            for layer in self.style_layers
        }

    def mean_over_octaves(
        self, own: Features, picture: tf.Tensor, coarser: Sequence[Octave]
    ) -> dict[str, tf.Tensor]:
        """Return the style layers' distances, averaged over octaves.

        Args:
            own: the distances of the picture at its size.
            picture: (1, h, w, 3) in [0, 1].
            coarser: what is wanted of it at 1/2, 1/4 ... of its size.
        """
        total = dict(own)
        for wanted in coarser:
            picture = halved(picture)
            features = self.network(pad(picture), self.style_layers, self.dtype)
            found = self.style_distances(features, wanted)
            total = {layer: total[layer] + found[layer] for layer in total}
        return {layer: distance / (1 + len(coarser)) for layer, distance in total.items()}

    def content_distance(self, features: Features, targets: Mapping[str, tf.Tensor]) -> tf.Tensor:
        """Return the mean over content layers of mean (F − P)² / variance of P."""
        distances = [
            tf.reduce_mean(tf.square(widened(features[layer]) - widened(targets[layer])))
            / variance(targets[layer])
            for layer in self.content_layers
        ]
        return tf.add_n(distances) / len(distances)

    def weigh(
        self,
        content: tf.Tensor,
        layers: Mapping[str, tf.Tensor],
        variation: tf.Tensor,
        weights: Weights,
    ) -> Losses:
        """Return all losses from the terms."""
        norm = tf.add_n(list(weights.layers.values()))
        style = tf.add_n([weights.layers[name] * layers[name] for name in layers]) / norm
        total = (
            weights.content * content
            + STYLE_SHARE * weights.style * style
            + VARIATION_SHARE * weights.total_variation * variation
        )
        return Losses(total, content, style, variation, dict(layers))

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
    def content_targets(self) -> Callable[[tf.Tensor], Features]:
        """The compiled function of a picture that returns `Targets.content`."""

        @tf.function(input_signature=[PICTURE])  # type: ignore[untyped-decorator]
        def targets(picture: tf.Tensor) -> Features:
            return self.network(pad(picture), self.content_layers, self.dtype)

        return targets  # type: ignore[no-any-return]

    @functools.cached_property
    def style_moments(self) -> Callable[[tf.Tensor], dict[str, Moments]]:
        """The compiled function of a picture that returns the moments of its style layers."""

        @tf.function(input_signature=[PICTURE])  # type: ignore[untyped-decorator]
        def targets(picture: tf.Tensor) -> dict[str, Moments]:
            features = self.network(pad(picture), self.style_layers, self.dtype)
            return {layer: moments(features[layer]) for layer in self.style_layers}

        return targets  # type: ignore[no-any-return]


PICTURE = tf.TensorSpec((1, None, None, 3), tf.float32)


@functools.lru_cache(maxsize=32)
def objective_for(
    network: FeatureNetwork, content_layers: tuple[str, ...], computed_in: str
) -> Objective:
    """Return the objective; the same one for the same arguments, with what it has compiled.

    Args:
        network: through which pictures are seen.
        content_layers: names of its layers.
        computed_in: `precision.FLOAT32` or `precision.BFLOAT16`, of the convolutions.
    """
    dtype = tf.bfloat16 if computed_in == precision.BFLOAT16 else tf.float32
    return Objective(network, content_layers, STYLE_LAYERS, dtype)


def pad(picture: tf.Tensor) -> tf.Tensor:
    """Return a picture with its own reflection around it."""
    around = [PADDING, PADDING]
    return tf.pad(picture, [[0, 0], around, around, [0, 0]], mode="REFLECT")


def halved(picture: tf.Tensor) -> tf.Tensor:
    """Return a picture averaged over squares of 2×2 pixels; a last odd row or column is left."""
    return tf.nn.avg_pool2d(picture, 2, 2, "VALID")


def variance(features: tf.Tensor) -> tf.Tensor:
    """Return the variance of activations around their channels' means, averaged over channels."""
    return tf.reduce_mean(tf.math.reduce_variance(widened(features), axis=[0, 1, 2])) + TINY


def style_distance(found: Statistics, wanted: Statistics) -> tf.Tensor:
    """Return ‖μ − μ*‖² / tr Σ* + ‖Σ − Σ*‖² / ‖Σ*‖², averaged over regions."""
    means = tf.reduce_sum(tf.square(found.mean - wanted.mean), axis=1)
    covariances = tf.reduce_sum(tf.square(found.covariance - wanted.covariance), axis=[1, 2])
    return tf.reduce_mean(
        means / (tf.linalg.trace(wanted.covariance) + TINY)
        + covariances / (tf.reduce_sum(tf.square(wanted.covariance), axis=[1, 2]) + TINY)
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
