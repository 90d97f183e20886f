"""The coordinates that a picture is painted in: what the descent moves.

A step of Adam moves every coordinate by about the same amount. Of pixels that makes fine grain: a
large form needs thousands of them to move together. In the pyramid, a picture is the sum of levels,
each half as large as the one before and enlarged to the size of the picture: a coefficient of a
coarse level moves a whole form, and a step changes every octave by the same amount. The colours are
decorrelated: the first axis is lightness, so all three can move apart. A sigmoid keeps them in
range without a clamp, at which descents stick.

Mordvintsev, Pezzotti, Schubert, Olah 2018, *Differentiable image parameterizations* (Distill,
10.23915/distill.00012), with a Fourier spectrum; Burt & Adelson 1983 for the pyramid. Differs from
the former: a spectrum wraps around at the borders, and one coefficient of it moves the whole
picture, where a pyramid's moves one place of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generative.backend import tf

LEVELS = 6
"""The coarsest level of a picture of 512 pixels has 16. Always as many, so that one compiled
function serves pictures of all sizes."""

SLACK = 0.02
"""How far the sigmoid goes beyond [0, 1]: without it black and white would be infinitely far."""

FARTHEST = 16.0
"""No coefficient goes farther from grey than this: all of them together, black is at -4."""

COLOUR_AXES = np.array([[0.26, 0.09, 0.02], [0.27, 0.0, -0.05], [0.27, -0.09, 0.03]], np.float32)
"""Columns: lightness, blue to red and purple to green, as long as the colours of photographs
vary along them (Distill 2018, from ImageNet)."""

COLOUR_AXES /= np.linalg.norm(COLOUR_AXES, axis=0).max()

Size = tuple[int, int]
"""Height and width of a picture, pixels."""


@dataclass(frozen=True)
class Coordinates:
    """A way to write a picture as numbers.

    Attributes:
        encode: the coordinates of a picture, (1, h, w, 3) float32 in [0, 1].
        decode: the picture at coordinates, given its height and width as an int32 tensor (2,).
        shape: of the coordinates of a picture of a height and a width.
        enlarge: running means of coordinates, resized from one height and width to another by a
            method of `tf.image.resize`.
        bounds: between which every coordinate stays.
    """

    encode: Callable[[tf.Tensor], tf.Tensor]
    decode: Callable[[tf.Tensor, tf.Tensor], tf.Tensor]
    shape: Callable[[int, int], tuple[int, ...]]
    enlarge: Callable[[tf.Tensor, Size, Size, str], tf.Tensor]
    bounds: tuple[float, float]

    def pull_back(self, at: tf.Tensor, size: tf.Tensor, gradient: tf.Tensor) -> tf.Tensor:
        """Return the gradient by the coordinates of what has `gradient` by the picture."""
        with tf.GradientTape() as tape:
            tape.watch(at)
            picture = self.decode(at, size)
        return tape.gradient(picture, at, output_gradients=gradient)


def sizes(height: int, width: int) -> list[Size]:
    """Return height and width of every level of a picture's pyramid, finest first."""
    found = [(height, width)]
    while len(found) < LEVELS:
        height, width = -(-height // 2), -(-width // 2)
        found.append((height, width))
    return found


def to_coefficients(picture: tf.Tensor) -> tf.Tensor:
    """Return the coefficients of a picture, (1, h, w, 3) float32 in [0, 1].

    Every level holds what the coarser ones, enlarged, leave of the picture.

    Returns:
        (1, n, 3) float32: all levels one after the other, finest first.
    """
    inside = (tf.clip_by_value(picture, 0.0, 1.0) + SLACK) / (1 + 2 * SLACK)
    rest = _turned(tf.math.log(inside) - tf.math.log1p(-inside), np.linalg.inv(COLOUR_AXES))
    levels = []
    for size in sizes(*picture.shape[1:3])[1:]:
        coarse = tf.image.resize(rest, size, antialias=True)
        levels.append(rest - _enlarged(coarse, rest))
        rest = coarse
    return _in_a_row([*levels, rest])


def to_picture(coefficients: tf.Tensor, size: tf.Tensor) -> tf.Tensor:
    """Return the picture that coefficients stand for, (1, h, w, 3) float32 in [0, 1].

    Args:
        coefficients: (1, n, 3) float32, see `to_coefficients`.
        size: (2,) int32, the picture's height and width.
    """
    *finer, total = _levels(coefficients, size)
    for level in reversed(finer):
        total = level + _enlarged(total, level)
    colours = tf.sigmoid(_turned(total, COLOUR_AXES)) * (1 + 2 * SLACK) - SLACK
    return tf.clip_by_value(colours, 0.0, 1.0)


def enlarge_coefficients(
    coefficients: tf.Tensor, size: Size, larger: Size, method: str
) -> tf.Tensor:
    """Return coefficients of a picture of one size as those of one about twice as large.

    What was the finest level is the second finest; the new finest begins like it.

    Args:
        coefficients: (1, n, 3) float32, see `to_coefficients`.
        size: height and width of their picture.
        larger: the same of the larger one.
        method: of `tf.image.resize`.
    """
    finest, *coarser = _levels(coefficients, tf.constant(size))
    moved = zip((finest, finest, *coarser[:-1]), sizes(*larger), strict=True)
    return _in_a_row([tf.image.resize(level, shape, method) for level, shape in moved])


def _levels(coefficients: tf.Tensor, size: tf.Tensor) -> list[tf.Tensor]:
    """Return the levels, (1, h, w, 3) each, of the coefficients of a picture of a size."""
    shapes = [size]
    while len(shapes) < LEVELS:
        shapes.append((shapes[-1] + 1) // 2)
    places = tf.stack([tf.reduce_prod(shape) for shape in shapes])
    levels = tf.split(coefficients, places, axis=1, num=LEVELS)
    return [
        tf.reshape(level, (1, shape[0], shape[1], 3))
        for level, shape in zip(levels, shapes, strict=True)
    ]


def _in_a_row(levels: Sequence[tf.Tensor]) -> tf.Tensor:
    return tf.concat([tf.reshape(level, (1, -1, 3)) for level in levels], axis=1)


def _enlarged(level: tf.Tensor, like: tf.Tensor) -> tf.Tensor:
    return tf.image.resize(level, tf.shape(like)[1:3])


def _turned(colours: tf.Tensor, axes: NDArray[np.float32]) -> tf.Tensor:
    """Return colours, (1, h, w, 3), each multiplied by a matrix."""
    turned = tf.matmul(tf.reshape(colours, (-1, 3)), axes.astype(np.float32), transpose_b=True)
    return tf.reshape(turned, tf.shape(colours))


PIXELS = Coordinates(
    encode=lambda picture: picture,
    decode=lambda pixels, _: pixels,
    shape=lambda height, width: (1, height, width, 3),
    enlarge=lambda pixels, _, larger, method: tf.image.resize(pixels, larger, method),
    bounds=(0.0, 1.0),
)

PYRAMID = Coordinates(
    encode=to_coefficients,
    # Compiled: the picture is shown after every step, and op by op it takes longer to decode.
    decode=tf.function(to_picture, reduce_retracing=True),
    shape=lambda height, width: (1, sum(math.prod(size) for size in sizes(height, width)), 3),
    enlarge=enlarge_coefficients,
    bounds=(-FARTHEST, FARTHEST),
)
