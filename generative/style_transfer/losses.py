"""The statistics that the losses of `objective.py` are made of: one small function each.

After Gatys, Ecker, Bethge 2015, *A neural algorithm of artistic style* (arXiv 1508.06576).
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from generative.backend import tf

Moments: TypeAlias = tuple[tf.Tensor, tf.Tensor, tf.Tensor]
"""Weight, sum and sum of products of a layer's activations: (r,), (r, c), (r, c, c)."""


class Statistics(NamedTuple):
    """What is kept of a layer for style: of r regions, (r, c) means and (r, c, c) covariances."""

    mean: tf.Tensor
    covariance: tf.Tensor


def gram_matrix(features: tf.Tensor) -> tf.Tensor:
    """Return Σ_k F_ik F_jk / (number of places k): equation 3 of the paper, (channels, channels).

    Differs from the paper: divided by the number of places, so that pictures of different sizes
    can be compared.

    Args:
        features: (..., channels), all axes before the last being places.
    """
    places = _places(features)
    count = tf.cast(tf.shape(places)[0], places.dtype)
    return tf.matmul(places, places, transpose_a=True) / count


def total_variation(pictures: tf.Tensor) -> tf.Tensor:
    """Return the mean squared difference of neighbouring pixels, along x plus along y.

    Mahendran & Vedaldi 2015 (arXiv 1412.0035), equation 4 with exponent 2, per pixel and channel.

    Args:
        pictures: (batch, h, w, channels).
    """
    down = pictures[:, 1:] - pictures[:, :-1]
    across = pictures[:, :, 1:] - pictures[:, :, :-1]
    return tf.reduce_mean(tf.square(down)) + tf.reduce_mean(tf.square(across))


def moments(features: tf.Tensor, masks: tf.Tensor | None = None) -> Moments:
    """Return the moments of a layer's activations in each of r regions.

    Sums, not means, so that those of the tiles of a picture add up to those of the whole.

    Args:
        features: (1, h, w, c).
        masks: (r, h, w) in [0, 1], how much a place counts in each of r regions; one region, the
            whole picture, by default.
    """
    places = _places(features)
    if masks is None:
        total, products = _sums(places)
        count = tf.cast(tf.shape(places)[0], total.dtype)
        return count[None], total[None], products[None]
    places = widened(places)
    weights = tf.reshape(masks, (tf.shape(masks)[0], -1))
    weighted = weights[:, :, None] * places
    products = tf.matmul(weighted, tf.broadcast_to(places, tf.shape(weighted)), transpose_a=True)
    return tf.reduce_sum(weights, axis=1), tf.matmul(weights, places), products


def statistics(weight: tf.Tensor, total: tf.Tensor, products: tf.Tensor) -> Statistics:
    """Return means, (r, c), and covariances, (r, c, c), of r regions, from their `moments`.

    Args:
        weight: (r,), how many places a region has; those that it holds in part count in part.
        total: (r, c), sums of activations over them.
        products: (r, c, c), sums of products of activations.
    """
    weight = tf.maximum(weight, 1e-6)  # A region can be smaller than a place of a deep layer.
    mean = total / weight[:, None]
    return Statistics(mean, products / weight[:, None, None] - mean[:, :, None] * mean[:, None, :])


def widened(features: tf.Tensor) -> tf.Tensor:
    """Return activations in the precision that their sums need, float32 at least."""
    return tf.cast(features, tf.float32) if features.dtype == tf.bfloat16 else features


@tf.custom_gradient  # type: ignore[untyped-decorator]
def _sums(places: tf.Tensor) -> tf.Tensor:
    """Return Σ_k F_k and Σ_k F_k F_kᵀ of activations, (places, channels).

    Its own gradient halves the time that automatic differentiation takes: one product does for
    both factors, in the precision of the activations, while the sums are widened.
    """
    wide = widened(places)
    ones = tf.ones((1, tf.shape(wide)[0]), wide.dtype)
    total = tf.matmul(ones, wide)[0]  # On a CPU, three times as fast as reduce_sum.

    def gradient(by_total: tf.Tensor, by_products: tf.Tensor) -> tf.Tensor:
        both = tf.cast(by_products + tf.transpose(by_products), places.dtype)
        return tf.nn.bias_add(tf.matmul(places, both), tf.cast(by_total, places.dtype))

    return (total, tf.matmul(wide, wide, transpose_a=True)), gradient


def _places(features: tf.Tensor) -> tf.Tensor:
    return tf.reshape(features, (-1, tf.shape(features)[-1]))
