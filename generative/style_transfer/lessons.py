"""What the one-pass network is taught with: crops of photos, styles, and a loss for both.

Perceptual losses as in Johnson et al. 2016 (arXiv 1603.08155), of the same terms that style
transfer by optimisation makes small (`objective.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from generative.backend import keras, tf
from generative.style_transfer.classifier import random_crop
from generative.style_transfer.colours import Matrix, moments, towards
from generative.style_transfer.losses import Statistics, total_variation
from generative.style_transfer.objective import (
    VARIATION_SHARE,
    Objective,
    content_distance,
    region_distances,
)
from generative.style_transfer.options import CONTENT_LAYERS
from generative.style_transfer.picture_checks import Pixels
from generative.style_transfer.resizing import resize
from generative.style_transfer.seeing import Seen, mixed, see
from generative.style_transfer.stylizer_network import LAYERS
from generative.style_transfer.targets import DETAIL_LAYERS
from generative.style_transfer.tensors import as_tensor

STYLE, DETAIL, RANGE = 12.0, 0.1, 10.0
"""What style, detail and colours out of range weigh beside content."""

OCTAVE_WEIGHT = 0.5
"""Of the style at half a size beside the style at the size."""

SATURATION = 2.0
"""Style error from which on errors count less; photos have about 1."""

SIDES = (192, 272, 384)
"""Shortest sides of a style picture as it is seen, pixels: from fine strokes to broad ones."""


class Style(NamedTuple):
    """A style as one of `SIDES` shows it, and the moments of its colours."""

    seen: Seen
    colours: tuple[Matrix, Matrix]

    @property
    def statistics(self) -> dict[str, Statistics]:
        """What the network that paints is told of it."""
        return {layer: self.seen[0][layer] for layer in LAYERS}


class Lesson(NamedTuple):
    """What one batch teaches, in one of two ways.

    Attributes:
        contents: (n, h, w, 3) float32 in [0, 1].
        recoloured: the same on their way to the styles' colours.
        styles: what the network is told of the styles, by layer.
        strength: (n,) float32 in [0, 1].
        wanted: what the networks see in the styles; or the paintings, (n, h, w, 3) float32.
    """

    contents: NDArray[np.float32]
    recoloured: NDArray[np.float32]
    styles: dict[str, Statistics]
    strength: NDArray[np.float32]
    wanted: Seen | NDArray[np.float32]


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
            found.append(Style(seen, moments([picture], [1.0])))
    return found


def together(styles: Sequence[Any]) -> Any:
    """Return what is known of several styles, one after the other along the first axis."""
    return keras.tree.map_structure(lambda *each: np.concatenate(each), *styles)


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
        together([each.statistics for each in drawn]),
        strength,
        together([each.seen for each in drawn]),
    )


def lesson_of_pairs(
    originals: NDArray[np.uint8], paintings: NDArray[np.uint8], style: Style, rng: Generator
) -> Lesson:
    """Return a batch of originals, (n, h, w, 3) uint8, and what to make of them in one style.

    Half of them are mirrored; strokes would not stay the same in anything else.
    """
    mirrored = rng.random(len(originals)) < 0.5
    contents, wanted = (
        np.where(mirrored[:, None, None, None], each[:, :, ::-1], each).astype(np.float32)
        / np.float32(255)
        for each in (originals, paintings)
    )
    return Lesson(
        contents,
        np.stack([towards(content, style.colours, np.float32(1)) for content in contents]),
        together([style.statistics] * len(contents)),
        np.ones(len(contents), np.float32),
        wanted,
    )


def pair_loss(network: keras.Model, inputs: Lesson, targets: tf.Tensor) -> tf.Tensor:
    """Return the mean absolute difference from the paintings: (n,)."""
    painted = network((inputs.recoloured, inputs.styles, inputs.strength))
    return tf.reduce_mean(tf.abs(painted - inputs.wanted), axis=[1, 2, 3])


@dataclass(frozen=True)
class PerceptualLoss:
    """How far paintings are from what they should be, in the eyes of the feature networks.

    Attributes:
        objective: whose networks look.
    """

    objective: Objective

    def __call__(self, network: keras.Model, inputs: Lesson, targets: tf.Tensor) -> tf.Tensor:
        """Return content, style, variation and range, weighed: (n,), all the same."""
        layers = (*CONTENT_LAYERS, *DETAIL_LAYERS)
        painted = network((inputs.recoloured, inputs.styles, inputs.strength))
        wanted_content, of_content = see(self.objective, inputs.contents, layers)
        content, seen = see(self.objective, painted, layers)
        wanted = mixed(of_content, cast("Seen", inputs.wanted), inputs.strength)
        total = (
            content_distance(content[CONTENT_LAYERS[0]], wanted_content[CONTENT_LAYERS[0]])
            + DETAIL * content_distance(content[DETAIL_LAYERS[0]], wanted_content[DETAIL_LAYERS[0]])
            + STYLE * tf.reduce_mean(saturated(style_errors(seen, wanted)))
            + VARIATION_SHARE * total_variation(painted)
            + RANGE * tf.reduce_mean(tf.square(painted - tf.clip_by_value(painted, 0, 1)))
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
