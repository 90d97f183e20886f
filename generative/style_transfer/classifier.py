"""The network that style transfer looks through: a small VGG, trained here as a classifier.

Plain 3×3 convolutions in five blocks, as in VGG-19 (Simonyan & Zisserman 2014, arXiv 1409.1556),
at about a tenth of its cost. What it learns in order to tell objects apart, edges, strokes,
textures and their arrangement, is what a style is measured in; the answer itself is thrown away.

Differs from VGG: batch normalisation while it learns, folded into the convolutions afterwards
(`features.py`); average pooling, as Gatys et al. use for painting; and one dense layer on the mean
of the last block instead of three.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image

from generative.backend import keras, tf
from generative.card import Figures
from generative.data.splits import Split
from generative.errors import DataError
from generative.models import TrainingConfig
from generative.style_transfer.features import Classifier as Model

DEPTHS = (2, 2, 3, 3, 2)
"""Convolutions in each block."""

SCALE, OFFSET = 4.0, -2.0
"""Pixels in [0, 1] are multiplied by the one, then the other is added."""

SMOOTHING = 0.1
SMALLEST_AREA = 0.3
"""Share of a picture that a random crop keeps at least."""

FLATTEST, TALLEST = 3 / 4, 4 / 3
"""Width over height of a random crop."""

CONTRAST, BRIGHTNESS, TINT = 0.3, 0.2, 0.08
"""How far colours are moved in training, of full scale."""

TRAINING = {
    "": TrainingConfig(
        epochs=12,
        batch_size=64,
        learning_rate=5e-3,
        configuration={
            "block1": 24,
            "block2": 48,
            "block3": 96,
            "block4": 160,
            "block5": 160,
            "classes": 200,
        },
        optimizer="muon",
        half_precision=True,
        labelled=True,
        classes_from_data=True,
        inputs=lambda batch, rng: augment(batch[0], rng),
    )
}

__all__ = ["TRAINING", "Model", "build", "figures", "loss"]


def build(classes: int, **channels: int) -> keras.Model:
    """Return the network, pictures (batch, h, w, 3) in [0, 1] → logits of the classes.

    Args:
        classes: how many it tells apart.
        channels: of each block, by its name, "block1" to "block5".
    """
    x = pictures = keras.Input((None, None, 3))
    x = keras.layers.Rescaling(SCALE, OFFSET)(x)
    for (block, width), depth in zip(channels.items(), DEPTHS, strict=True):
        if block != "block1":
            x = keras.layers.AveragePooling2D(2)(x)
        for index in range(1, depth + 1):
            name = f"{block}_conv{index}"
            x = keras.layers.Conv2D(width, 3, padding="same", use_bias=False, name=name)(x)
            x = keras.layers.BatchNormalization(epsilon=1e-3, name=f"{name}_norm")(x)
            x = keras.layers.ReLU(name=f"{name}_relu")(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    logits = keras.layers.Dense(classes, dtype="float32", name="logits")(x)
    return keras.Model(pictures, logits, name="features")


def loss(
    network: keras.Model, inputs: tf.Tensor, targets: tuple[tf.Tensor, tf.Tensor]
) -> tf.Tensor:
    """Return the cross-entropy with smoothed labels: (batch,) nats.

    Szegedy et al. 2016 (arXiv 1512.00567), section 7.
    """
    logits = network(inputs, training=True)
    classes = logits.shape[-1]
    wanted = tf.one_hot(targets[1], classes) * (1 - SMOOTHING) + SMOOTHING / classes
    return tf.nn.softmax_cross_entropy_with_logits(wanted, logits)


def figures(model: Model, held_out: Split) -> Figures:
    """Return how often the model is right, and how often one of its first five guesses is.

    Raises:
        DataError: the pictures are of other classes than those that it knows.
    """
    known = model.card["configuration"]["classes"]
    if len(held_out.classes) != known:
        raise DataError(
            f"The pictures are of {len(held_out.classes)} classes and the model knows {known}: "
            "expected pictures of the classes that it was trained on."
        )
    best = np.argsort(-model.classify(held_out.examples), axis=1)
    hits = best == held_out.labels[:, None]
    return {
        "test_images": len(hits),
        "accuracy": round(float(hits[:, 0].mean()), 4),
        "accuracy_top_5": round(float(hits[:, :5].any(axis=1).mean()), 4),
    }


def augment(pictures: NDArray[np.uint8], rng: Generator) -> NDArray[np.float32]:
    """Return pictures cropped, mirrored and tinted at random: (n, h, w, 3) float32 in [0, 1].

    Crops as in Szegedy et al. 2015 (arXiv 1409.4842), section 6.

    Args:
        pictures: (n, h, w, 3) uint8.
        rng: of all that is random.
    """
    count = len(pictures)
    crops = np.stack([random_crop(picture, rng) for picture in pictures])
    mirrored = rng.random(count) < 0.5
    crops[mirrored] = crops[mirrored, :, ::-1]
    colours = crops.astype(np.float32) / np.float32(255)
    shape = (count, 1, 1, 1)
    gain = 1 + CONTRAST * rng.uniform(-1, 1, shape)
    shift = BRIGHTNESS * rng.uniform(-1, 1, shape) + TINT * rng.uniform(-1, 1, (count, 1, 1, 3))
    return np.clip((colours - 0.5) * gain + 0.5 + shift, 0, 1).astype(np.float32)


def random_crop(picture: NDArray[np.uint8], rng: Generator) -> NDArray[np.uint8]:
    """Return a part of a picture, scaled to its size: (h, w, 3) uint8, as the picture.

    Its area is `SMALLEST_AREA` of the picture's or more, its width over its height from `FLATTEST`
    to `TALLEST` as far as the picture has room, if that is a square.

    Args:
        picture: (h, w, 3) uint8.
        rng: of place and form.
    """
    height, width = picture.shape[:2]
    area = rng.uniform(SMALLEST_AREA, 1)
    ratio = np.exp(rng.uniform(np.log(FLATTEST), np.log(TALLEST)))
    across, down = (min(1.0, np.sqrt(area * each)) for each in (ratio, 1 / ratio))
    left, top = rng.random() * (1 - across) * width, rng.random() * (1 - down) * height
    box = (left, top, left + across * width, top + down * height)
    crop = Image.fromarray(picture).resize((width, height), Image.Resampling.BILINEAR, box)
    return np.asarray(crop)
