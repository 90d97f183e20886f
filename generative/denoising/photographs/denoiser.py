"""The photo denoiser's training: crops of photographs in, noise of every level, nothing told."""

from __future__ import annotations

import math

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from generative.backend import keras, tf
from generative.data.unlabelled_photos import SIDE
from generative.denoising.photographs.figures import figures, watch
from generative.denoising.photographs.network import build
from generative.denoising.photographs.restorer import PhotoDenoiser as Model
from generative.denoising.photographs.spoiling import spoil
from generative.models import TrainingConfig
from generative.validation import Images

__all__ = ["TRAINING", "Model", "build", "figures", "loss"]


def crop(photos: NDArray[np.object_], rng: Generator) -> Images:
    """Return a crop of each photograph, turned and mirrored at random.

    Args:
        photos: (n,) arrays of (h, w, 3) uint8, sides at least `SIDE`.
        rng: of place and turn.

    Returns:
        (n, SIDE, SIDE, 3) float32 in [0, 1].
    """
    crops = [_random_crop(photo, rng) for photo in photos]
    return np.stack(crops).astype(np.float32) / np.float32(255)


TRAINING = {
    "": TrainingConfig(
        epochs=100,
        batch_size=16,
        learning_rate=2e-3,
        configuration={
            "width": 64,
            "blocks": 3,
            "middle_width": 96,
            "middle_blocks": 2,
            "deep_width": 128,
            "deep_blocks": 2,
        },
        optimizer="muon",
        half_precision=True,
        targets=crop,
        inputs=spoil,
        validate=watch,
    )
}


def loss(network: keras.Model, inputs: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
    """Return how far PSNR is below that of an error of one level of 255: (batch,) dB, ≥ 0.

    The mean of this is what is measured in the end: a crop counts the same under much noise and
    under little, while squared errors would hardly ask for the latter.
    """
    errors = tf.reduce_mean(tf.square(network(inputs, training=True) - targets), axis=[1, 2, 3])
    return 10 / math.log(10) * tf.math.log1p(255.0**2 * errors)


def _random_crop(photo: NDArray[np.uint8], rng: Generator) -> NDArray[np.uint8]:
    top, left = (int(rng.integers(side - SIDE + 1)) for side in photo.shape[:2])
    turned = np.rot90(photo[top : top + SIDE, left : left + SIDE], int(rng.integers(4)))
    return turned[:, ::-1] if rng.random() < 0.5 else turned
