"""What the one-pass network is taught with: crops of photos, styles, and a loss for both.

Perceptual losses as in Johnson et al. 2016 (arXiv 1603.08155), of the same terms that style
transfer by optimisation makes small (`objective.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from generative.backend import keras, tf
from generative.style_transfer.classifier import random_crop
from generative.style_transfer.colours import Matrix, moments, towards
from generative.style_transfer.described import Seen, describe, mixed, see
from generative.style_transfer.losses import total_variation
from generative.style_transfer.objective import (
    VARIATION_SHARE,
    Objective,
    content_distance,
    region_distances,
)
from generative.style_transfer.options import CONTENT_LAYERS
from generative.style_transfer.picture_checks import Pixels
from generative.style_transfer.resizing import resize
from generative.style_transfer.targets import DETAIL_LAYERS
from generative.style_transfer.tensors import as_tensor

STYLE, DETAIL, RANGE, CONTRAST = 12.0, 0.1, 10.0, 0.02
"""What style, detail, colours out of range and mistaken styles weigh beside content."""

OCTAVE_WEIGHT = 0.5
"""Of the style at half a size beside the style at the size."""

SATURATION = 2.0
"""Style error from which on errors count less; photos have about 1."""

TEMPERATURE = 0.2
"""Of the choice between styles: how alike codes must be to be mistaken for each other."""

SIDES = (192, 272, 384)
"""Shortest sides of a style picture as it is seen, pixels: from fine strokes to broad ones."""


class Style(NamedTuple):
    """A style as one of `SIDES` shows it, and the moments of its colours."""

    seen: Seen
    description: NDArray[np.float32]
    colours: tuple[Matrix, Matrix]


class Lesson(NamedTuple):
    """What one batch teaches.

    Attributes:
        contents: (n, h, w, 3) float32 in [0, 1].
        recoloured: the same on their way to the styles' colours.
        descriptions: (n, d) float32, of the styles.
        strength: (n,) float32 in [0, 1].
        wanted: what the networks see in the styles.
    """

    contents: NDArray[np.float32]
    recoloured: NDArray[np.float32]
    descriptions: NDArray[np.float32]
    strength: NDArray[np.float32]
    wanted: Seen


def styles_of(objective: Objective, pictures: Sequence[Pixels]) -> list[Style]:
    """Return what the networks see in style pictures, each at all of `SIDES`."""
    looked = tf.function(lambda picture: see(objective, picture)[1], reduce_retracing=True)
    found = []
    for picture in pictures:
        for side in SIDES:
            scale = side / min(picture.shape[:2])
            height, width = (round(scale * length) for length in picture.shape[:2])
            seen = looked(as_tensor(resize(picture, height, width)))
            seen = keras.tree.map_structure(lambda x: x.numpy(), seen)
            found.append(Style(seen, describe(seen).numpy(), moments([picture], [1.0])))
    return found


def lesson(photos: NDArray[np.uint8], styles: Sequence[Style], rng: Generator) -> Lesson:
    """Return a batch: crops of photos, each with a style drawn at random, the first one weaker.

    Args:
        photos: (n, side, side, 3) uint8.
        styles: to draw from.
        rng: of all that is random.
    """
    crops = np.stack([random_crop(photo, rng) for photo in photos])
    mirrored = rng.random(len(crops)) < 0.5
    crops[mirrored] = crops[mirrored, :, ::-1]
    strength = np.ones(len(crops), np.float32)
    strength[0] = rng.random()
    drawn = [styles[index] for index in rng.integers(len(styles), size=len(crops))]
    contents = crops.astype(np.float32) / np.float32(255)
    return Lesson(
        contents,
        np.stack(
            [
                towards(content, style.colours, share)
                for content, style, share in zip(contents, drawn, strength, strict=True)
            ]
        ),
        np.concatenate([each.description for each in drawn]),
        strength,
        keras.tree.map_structure(lambda *x: np.concatenate(x), *[each.seen for each in drawn]),
    )


@dataclass(frozen=True)
class PerceptualLoss:
    """How far paintings are from what they should be, in the eyes of the feature networks.

    Attributes:
        objective: whose networks look.
    """

    objective: Objective

    def __call__(self, network: keras.Model, inputs: Lesson, targets: tf.Tensor) -> tf.Tensor:
        """Return content, style, variation, range and contrast, weighed: (n,), all the same."""
        layers = (*CONTENT_LAYERS, *DETAIL_LAYERS)
        codes = network.coder(inputs.descriptions)
        painted = network.paint(inputs.recoloured, codes, inputs.strength)
        wanted_content, of_content = see(self.objective, inputs.contents, layers)
        content, seen = see(self.objective, painted, layers)
        wanted = mixed(of_content, inputs.wanted, inputs.strength)
        total = (
            content_distance(content[CONTENT_LAYERS[0]], wanted_content[CONTENT_LAYERS[0]])
            + DETAIL * content_distance(content[DETAIL_LAYERS[0]], wanted_content[DETAIL_LAYERS[0]])
            + STYLE * tf.reduce_mean(saturated(style_errors(seen, wanted)))
            + VARIATION_SHARE * total_variation(painted)
            + RANGE * tf.reduce_mean(tf.square(painted - tf.clip_by_value(painted, 0, 1)))
            + CONTRAST * mistaken(network.coder(describe(seen)), codes)
        )
        return tf.fill((tf.shape(targets)[0],), total)


def style_errors(seen: Seen, wanted: Seen) -> tf.Tensor:
    """Return the style distance of each picture, a weighted mean over layers and octaves: (n,)."""
    errors, weights = [], []
    for octave, (found, goal) in enumerate(zip(seen, wanted, strict=True)):
        for layer in found:
            weights.append(OCTAVE_WEIGHT**octave)
            errors.append(weights[-1] * region_distances(found[layer], goal[layer]))
    return tf.add_n(errors) / sum(weights)


def saturated(errors: tf.Tensor) -> tf.Tensor:
    """Return errors of which the large ones count less: a nearly plain style can make it hundreds.

    e at 0, where the slope is 1; `SATURATION`·log(1 + e / `SATURATION`).
    """
    return SATURATION * tf.math.log1p(errors / SATURATION)


def mistaken(found: tf.Tensor, codes: tf.Tensor) -> tf.Tensor:
    """Return how easily paintings are mistaken for those of other styles of the batch, nats.

    The contrast of style codes of MicroAST (Wang et al. 2023, arXiv 2211.15313), as a cross-entropy
    of cosines.

    Args:
        found: (n, c), codes of the paintings.
        codes: (n, c), those of their styles.
    """
    found, codes = tf.math.l2_normalize(found, axis=1), tf.math.l2_normalize(codes, axis=1)
    alike = tf.matmul(found, codes, transpose_b=True) / TEMPERATURE
    right = tf.range(tf.shape(codes)[0])
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(right, alike))
