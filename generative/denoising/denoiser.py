"""Our best denoiser: a residual U-Net that is told neither the kind of noise nor its level."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from generative.autoencoders.reconstructor import Reconstructor as Model
from generative.autoencoders.reconstructor import cross_entropy, pictures_input
from generative.backend import keras, tf
from generative.data import noise
from generative.denoising.figures import on_every_noise as figures
from generative.denoising.u_net import u_net
from generative.models import TrainingConfig
from generative.validation import Images

SHARES = {"gaussian": 0.55, "salt_and_pepper": 0.15, "speckle": 0.15, "masked": 0.15}
"""How often each kind of noise comes up in training."""

USUAL = (0.1, 0.6)
"""Levels of Gaussian noise that half of the pictures with such noise get: most of what is asked of
a denoiser lies here. The other half get any level, as all pictures with other noise do."""

SSIM_WEIGHT = 0.1
WINDOW = 7
C1, C2 = 0.01**2, 0.03**2

__all__ = ["TRAINING", "Model", "build", "figures", "loss"]


def corrupt(images: Images, rng: Generator) -> Images:
    """Return noisy copies: each gets a kind of noise drawn from `SHARES`, at a level of its own.

    Levels are uniform in [0, 1]; those of half the Gaussian noise in `USUAL`.

    Args:
        images: (n, 28, 28, 1) float32 in [0, 1], as the result.
        rng: of all that is drawn.
    """
    levels = rng.random(len(images), np.float32)
    kinds = rng.choice(list(SHARES), len(images), p=list(SHARES.values()))
    usual = (kinds == "gaussian") & (rng.random(len(images)) < 0.5)
    levels[usual] = rng.uniform(*USUAL, len(images)).astype(np.float32)[usual]
    noisy = images.copy()
    for kind, add in noise.KINDS.items():
        chosen = kinds == kind
        noisy[chosen] = add(images[chosen], rng, levels[chosen])
    return noisy


TRAINING = {
    "": TrainingConfig(
        epochs=8,
        batch_size=32,
        learning_rate=1e-3,
        half_precision=True,
        configuration={"width": 32, "deep_width": 144, "deep_blocks": 3},
        per_dataset={"mnist": {"epochs": 2}},  # Strokes are learned sooner than fabrics.
        inputs=corrupt,
    )
}


def build(width: int, deep_width: int, deep_blocks: int) -> keras.Model:
    """Return the network, noisy pictures → logits of the clean ones.

    Args:
        width: channels at 28×28; twice as many at 14×14.
        deep_width: channels at 7×7.
        deep_blocks: residual blocks at 7×7.
    """
    pictures = pictures_input()
    logits = u_net(pictures, width, deep_width, deep_blocks, output="logits")
    return keras.Model(pictures, logits, name="denoiser")


def loss(network: keras.Model, inputs: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
    """Return cross-entropy + `SSIM_WEIGHT`·(1 − SSIM): (batch,).

    Cross-entropy alone gives pictures that are right on average and blurred; the similarity term
    asks for the contrast of small neighbourhoods too, and raised PSNR as well as SSIM.
    """
    logits = network(inputs, training=True)
    similarity = structural_similarity(targets, tf.sigmoid(logits))
    return cross_entropy(targets, logits) + SSIM_WEIGHT * (1 - similarity)


def structural_similarity(a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    """Return the SSIM of pictures in [0, 1], as `metrics.ssim` but differentiable: (batch,).

    Wang et al. 2004, equation 13, with scikit-image's 7×7 uniform window and sample covariance.
    """
    mean_a, mean_b = _window_mean(a), _window_mean(b)
    bessel = WINDOW**2 / (WINDOW**2 - 1)
    variances = bessel * (_window_mean(a * a + b * b) - mean_a**2 - mean_b**2)
    covariance = bessel * (_window_mean(a * b) - mean_a * mean_b)
    luminance = (2 * mean_a * mean_b + C1) / (mean_a**2 + mean_b**2 + C1)
    return tf.reduce_mean(luminance * (2 * covariance + C2) / (variances + C2), axis=[1, 2, 3])


def _window_mean(x: tf.Tensor) -> tf.Tensor:
    return tf.nn.avg_pool2d(x, WINDOW, strides=1, padding="VALID")
