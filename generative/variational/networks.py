"""The two halves of every variational autoencoder here, and the loss that trains them together.

Strided convolutions halve the picture twice, dense layers do the thinking, and sub-pixel
convolutions double it twice: on a CPU they are faster than transposed ones, for no worse a bound.
No batch normalisation: with it, training and test disagree about what a latent means. The dense
layers next to the latents are residual and smooth (SiLU): with two latents, the whole picture has
to be told from two numbers, and depth there is almost free.

A conditional network (Sohn et al. 2015) is told the class in both halves, as a one-hot vector
beside the other inputs of the dense layers, so that the latents are left with the handwriting.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from generative.backend import keras, tf
from generative.models import TrainingConfig
from generative.training.batches import compiled, in_chunks
from generative.validation import IMAGE_SHAPE
from generative.variational import mixture
from generative.variational.gaussian import kl_divergence, reparameterize

BETA = 1.0
"""Weight of the KL divergence. At 1 the loss is the negative evidence lower bound."""

ON_FASHION_MNIST = {"epochs": 20, "annealing": 0.4}
"""With the KL divergence at its full weight from the start, garments leave 10 of 16 latents unused:
they are silenced before the decoder has learned what to use them for, and stay silent. So it comes
in little by little (Bowman et al. 2016, arXiv 1511.06349). Digits need no such help, and two
latents are never silent."""

GRID = (7, 7)
LOG_VARIANCE_LIMIT = 14.0
"""Keeps the exponential finite whatever the picture; trained posteriors stay far inside."""


def build(latent_size: int, width: int, channels: int, depth: int, classes: int) -> keras.Model:
    """Return the network: pictures, (one-hot classes,) noise → [logits, mean, log-variance].

    Args:
        latent_size: numbers in a latent, z.
        width: of the dense layers.
        channels: of the convolutions; half as many at 14×14 in the encoder.
        depth: residual dense blocks in each half.
        classes: how many classes a conditional network is told apart; 0 for an unconditional one.
    """
    condition = [keras.Input((classes,), name="classes")] if classes else []
    pictures, noise = keras.Input(IMAGE_SHAPE), keras.Input((latent_size,), name="noise")
    encoder = _encoder(latent_size, width, channels, depth, classes)
    decoder = _decoder(latent_size, width, channels, depth, classes)
    mean, log_variance = encoder([pictures, *condition])
    logits = decoder([reparameterize(mean, log_variance, noise), *condition])
    return keras.Model([pictures, *condition, noise], [logits, mean, log_variance], name="vae")


def loss(
    network: keras.Model,
    inputs: Sequence[tf.Tensor],
    targets: object,
    annealed: float | tf.Tensor = 1.0,
) -> tf.Tensor:
    """Return an estimate of the negative evidence lower bound: (batch,) nats per picture.

    Kingma & Welling 2014, equation 10 with one sample: cross-entropy summed over pixels + β·KL
    summed over latents. While it is annealed it bounds nothing.

    Args:
        network: see `build`.
        inputs: pictures, (one-hot classes,) noise.
        targets: not used, as the pictures are the first of the inputs.
        annealed: what the KL divergence is multiplied by while training begins.
    """
    del targets
    logits, mean, log_variance = network(inputs, training=True)
    kl = tf.reduce_sum(kl_divergence(mean, log_variance), axis=-1)
    return reconstruction(inputs[0], logits) + annealed * BETA * kl


def reconstruction(pictures: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Return −log p(pictures | logits), the binary cross-entropy summed over pixels: (batch,) nats.

    Both are (batch, 28, 28, 1) float32, the pictures in [0, 1]. Grey pixels count as probabilities,
    so the least it can be is their entropy, not 0.
    """
    pixelwise = tf.nn.sigmoid_cross_entropy_with_logits(pictures, logits)
    return tf.reduce_sum(pixelwise, axis=[1, 2, 3])


def with_noise(
    pictures: NDArray[np.float32], rng: Generator, latent_size: int
) -> tuple[NDArray[np.float32], ...]:
    """Return the inputs of an unconditional network for a batch: pictures, and noise for each.

    Args:
        pictures: (n, 28, 28, 1) float32 in [0, 1].
        rng: of the noise.
        latent_size: z, numbers in a latent.

    Returns:
        The pictures, and standard normal noise, (n, z) float32.
    """
    return pictures, rng.standard_normal((len(pictures), latent_size), np.float32)


def with_classes_and_noise(
    batch: tuple[NDArray[np.float32], NDArray[np.int64]],
    rng: Generator,
    latent_size: int,
    classes: int,
) -> tuple[NDArray[np.float32], ...]:
    """Return the inputs of a conditional network for a batch of pictures with labels.

    Args:
        batch: pictures, (n, 28, 28, 1) float32 in [0, 1], and their classes, (n,) int64.
        rng: of the noise.
        latent_size: z, numbers in a latent.
        classes: how many there are.

    Returns:
        The pictures, their classes as rows of 0 and one 1, (n, classes) float32, and standard
        normal noise, (n, z) float32.
    """
    pictures, noise = with_noise(batch[0], rng, latent_size)
    return pictures, one_hot(batch[1], classes), noise


def one_hot(labels: NDArray[np.int64], classes: int) -> NDArray[np.float32]:
    """Return a row for every label, 1 at its place and 0 elsewhere: (n, classes) float32."""
    return np.eye(classes, dtype=np.float32)[labels]


def fit_density(network: keras.Model, inputs: tuple[NDArray[np.float32], ...], seed: int) -> None:
    """Fit a mixture to the network's latents, one posterior sample a picture, and keep it there.

    Args:
        network: trained.
        inputs: what `with_noise` or `with_classes_and_noise` made of the training pictures.
        seed: of the fit.
    """
    encoder = network.get_layer("encoder")

    def sample(*chunk: tf.Tensor) -> tf.Tensor:
        mean, log_variance = encoder(list(chunk[:-1]), training=False)
        return reparameterize(mean, log_variance, chunk[-1])

    latents = in_chunks(compiled(sample, *(array.shape[1:] for array in inputs)), *inputs)
    if len(latents) >= mixture.COMPONENTS:  # Fewer are a trial run, which has no mixture.
        encoder.get_layer("density").mixture = mixture.fit(latents, seed)


def training(
    latent_size: int, classes: int = 0, epochs: int = 8, learning_rate: float = 4e-3
) -> TrainingConfig:
    """Return how a network of a latent size is trained; see `build` for the arguments."""
    draw = partial(with_classes_and_noise, classes=classes) if classes else with_noise
    return TrainingConfig(
        epochs=epochs,
        batch_size=64,
        learning_rate=learning_rate,
        configuration={
            "latent_size": latent_size,
            "width": 256,
            "channels": 32,
            "depth": 2,
            "classes": classes,
        },
        labelled=classes > 0,
        per_dataset={"fashion_mnist": ON_FASHION_MNIST} if latent_size > 2 else {},
        inputs=partial(draw, latent_size=latent_size),
        finish=fit_density,
    )


def _encoder(latent_size: int, width: int, channels: int, depth: int, classes: int) -> keras.Model:
    pictures = keras.Input(IMAGE_SHAPE)
    condition = [keras.Input((classes,))] if classes else []
    x = _convolution(channels // 2, "down_14", strides=2)(pictures)
    x = _convolution(channels, "down_7", strides=2)(x)
    x = keras.layers.Add()([x, _convolution(channels, "at_7", activation=None)(x)])
    # TensorFlow's oneDNN kernels fuse addition and activation, and would forget another slope.
    x = keras.layers.LeakyReLU(negative_slope=0.2)(x)
    x = keras.layers.Concatenate()([keras.layers.Flatten()(x), *condition])
    x = _dense_blocks(keras.layers.Dense(width, name="gather")(x), depth, "encoder")
    mean = mixture.FittedDensity(name="density")(keras.layers.Dense(latent_size, name="mean")(x))
    log_variance = keras.layers.Dense(latent_size, name="log_variance")(x)
    limited = keras.ops.clip(log_variance, -LOG_VARIANCE_LIMIT, LOG_VARIANCE_LIMIT)
    return keras.Model([pictures, *condition], [mean, limited], name="encoder")


def _decoder(latent_size: int, width: int, channels: int, depth: int, classes: int) -> keras.Model:
    latent = keras.Input((latent_size,))
    condition = [keras.Input((classes,))] if classes else []
    x = keras.layers.Concatenate()([latent, *condition])
    x = _dense_blocks(keras.layers.Dense(width, name="latent")(x), depth, "decoder")
    x = keras.layers.Dense(GRID[0] * GRID[1] * channels, activation="leaky_relu", name="spread")(x)
    x = keras.layers.Reshape((*GRID, channels))(x)
    x = _double(_convolution(2 * channels, "at_7_up")(x))
    x = _convolution(channels, "at_14")(x)
    logits = _double(_convolution(4, "logits", activation=None)(x))
    return keras.Model([latent, *condition], logits, name="decoder")


def _dense_blocks(x: keras.KerasTensor, depth: int, half: str) -> keras.KerasTensor:
    for index in range(depth):
        y = keras.layers.Activation("silu")(x)
        y = keras.layers.Dense(x.shape[-1], activation="silu", name=f"{half}_{index + 1}_a")(y)
        y = keras.layers.Dense(x.shape[-1], name=f"{half}_{index + 1}_b")(y)
        x = keras.layers.Add()([x, y])
    return keras.layers.Activation("silu")(x)


def _convolution(filters: int, name: str, **options: int | str | None) -> keras.layers.Layer:
    options = {"activation": "leaky_relu", **options}
    return keras.layers.Conv2D(filters, 3, padding="same", name=name, **options)


def _double(x: keras.KerasTensor) -> keras.KerasTensor:
    """Unfold every four channels into 2×2 pixels (Shi et al. 2016, arXiv 1609.05158)."""
    height, width, channels = x.shape[1], x.shape[2], x.shape[3] // 4
    x = keras.layers.Reshape((height, width, 2, 2, channels))(x)
    x = keras.layers.Permute((1, 3, 2, 4, 5))(x)
    return keras.layers.Reshape((2 * height, 2 * width, channels))(x)
