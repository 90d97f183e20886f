"""Diagonal Gaussians: the posterior of a variational autoencoder, and its distance to the prior.

Written with Keras operations, so that the training step, the evaluation and the tests share them.
"""

from __future__ import annotations

import math

from generative.backend import keras, tf

LOG_TWO_PI = math.log(2 * math.pi)


def reparameterize(mean: tf.Tensor, log_variance: tf.Tensor, noise: tf.Tensor) -> tf.Tensor:
    """Return mean + σ·noise, a sample of N(mean, σ²) with a gradient to both, of noise's shape.

    Kingma & Welling 2014 (arXiv 1312.6114), section 2.4.

    Args:
        mean: (..., z) float32.
        log_variance: (..., z) float32, log σ².
        noise: (..., z) float32, standard normal; the caller draws it, so the caller's seed counts.
    """
    return mean + keras.ops.exp(0.5 * log_variance) * noise


def kl_divergence(mean: tf.Tensor, log_variance: tf.Tensor) -> tf.Tensor:
    """Return KL(N(mean, σ²) ‖ N(0, 1)) of each latent dimension: (..., z) nats.

    Kingma & Welling 2014, appendix B.
    """
    return 0.5 * (keras.ops.square(mean) + keras.ops.exp(log_variance) - 1 - log_variance)


def log_density(value: tf.Tensor, mean: tf.Tensor | float, log_variance: tf.Tensor) -> tf.Tensor:
    """Return log N(value; mean, σ²) summed over the last axis: (...) nats."""
    scaled = keras.ops.square(value - mean) * keras.ops.exp(-log_variance)
    return -0.5 * keras.ops.sum(LOG_TWO_PI + log_variance + scaled, axis=-1)
