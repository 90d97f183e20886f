"""What the feature networks see in pictures: several at once, at several sizes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from generative.backend import tf
from generative.style_transfer.features import Features
from generative.style_transfer.losses import Statistics, statistics, widened
from generative.style_transfer.objective import Objective, halved, pad
from generative.style_transfer.options import STYLE_LAYERS

OCTAVES = 3
"""Sizes at which a style is seen: its own, 1/2 and 1/4 of it."""

Seen: TypeAlias = tuple[dict[str, Statistics], ...]
"""Of n pictures, at each octave: style layer → (n, c) means and (n, c, c) covariances."""


def see(
    objective: Objective, pictures: tf.Tensor, content_layers: Sequence[str] = ()
) -> tuple[Features, Seen]:
    """Return what the networks see in pictures: content at their own size, style at each octave.

    Args:
        objective: whose networks look.
        pictures: (n, h, w, 3) in [0, 1].
        content_layers: whose activations are wanted too.
    """
    found = []
    content: Features = {}
    for octave in range(OCTAVES):
        pictures = halved(pictures) if octave else pictures
        wanted = () if octave else content_layers
        activations, style = objective.features(pad(pictures), octave, wanted, STYLE_LAYERS)
        content = content or {layer: activations[layer] for layer in wanted}
        found.append({layer: _statistics(style[layer]) for layer in STYLE_LAYERS})
    return content, tuple(found)


def mixed(first: Seen, second: Seen, share: tf.Tensor) -> Seen:
    """Return the statistics of pictures of whose area the second have a share, (n,)."""
    part = share[:, None]

    def mix(one: Statistics, other: Statistics) -> Statistics:
        mean = one.mean + part * (other.mean - one.mean)
        apart = other.mean - one.mean
        between = (part * (1 - part))[..., None] * apart[:, :, None] * apart[:, None, :]
        within = one.covariance + part[..., None] * (other.covariance - one.covariance)
        return Statistics(mean, within + between)

    return tuple(
        {layer: mix(one[layer], other[layer]) for layer in one}
        for one, other in zip(first, second, strict=True)
    )


def _statistics(features: tf.Tensor) -> Statistics:
    """Return those of each of n pictures, of activations (n, h, w, c)."""
    count, height, width = tf.unstack(tf.shape(features)[:3])
    places = tf.reshape(features, (count, height * width, features.shape[-1]))
    return statistics(tf.fill([count], tf.cast(height * width, tf.float32)), *_sums(places))


@tf.custom_gradient  # type: ignore[untyped-decorator]
def _sums(places: tf.Tensor) -> tf.Tensor:
    """Return Σ_k F_k and Σ_k F_k F_kᵀ of activations (n, places, channels): as in `losses`."""
    wide = widened(places)
    total = tf.matmul(tf.ones_like(wide[:, :1, :1]) * tf.ones((1, 1, tf.shape(wide)[1])), wide)

    def gradient(by_total: tf.Tensor, by_products: tf.Tensor) -> tf.Tensor:
        both = tf.cast(by_products + tf.transpose(by_products, (0, 2, 1)), places.dtype)
        return tf.matmul(places, both) + tf.cast(by_total, places.dtype)[:, None]

    return (total[:, 0], tf.matmul(wide, wide, transpose_a=True)), gradient
