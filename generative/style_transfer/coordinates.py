"""The coordinates that a picture is painted in: what the descent moves instead of pixels.

A step of Adam moves every coordinate by about the same amount. Of pixels that makes fine grain: a
large form needs thousands of them to move together. So the picture is the sum of the levels of a
pyramid, each half as large as the one before and enlarged to the size of the picture: a coefficient
of a coarse level moves a whole form, and a step changes every octave by the same amount. Its
colours are decorrelated: the first axis is lightness, so all three can move apart. A sigmoid keeps
them in range without a clamp, at which descents stick.

Mordvintsev, Pezzotti, Schubert, Olah 2018, *Differentiable image parameterizations* (Distill,
10.23915/distill.00012), with a Fourier spectrum; Burt & Adelson 1983 for the pyramid. Differs from
the former: a spectrum wraps around at the borders, and one coefficient of it moves the whole
picture, where a pyramid's moves one place of it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from generative.backend import tf

Coefficients = tuple[Any, ...]
"""Of a picture: `LEVELS` levels, (1, h, w, 3) float32 each, finest first."""

LEVELS = 6
"""The coarsest level of a picture of 512 pixels has 16. Always as many, so that one compiled
function serves pictures of all sizes."""

SLACK = 0.02
"""How far the sigmoid goes beyond [0, 1]: without it black and white would be infinitely far."""

FARTHEST = math.log(1 / SLACK + 1)
"""Coordinate of white, and minus that of black."""

COLOUR_AXES = np.array([[0.26, 0.09, 0.02], [0.27, 0.0, -0.05], [0.27, -0.09, 0.03]], np.float32)
"""Columns: lightness, blue to red and purple to green, as long as the colours of photographs
vary along them (Distill 2018, from ImageNet)."""

COLOUR_AXES /= np.linalg.norm(COLOUR_AXES, axis=0).max()


def sizes(height: int, width: int) -> list[tuple[int, int]]:
    """Return height and width of every level of a picture's pyramid, finest first."""
    found = [(height, width)]
    while len(found) < LEVELS:
        height, width = -(-height // 2), -(-width // 2)
        found.append((height, width))
    return found


def to_coefficients(picture: Any) -> Coefficients:
    """Return the coefficients of a picture, (1, h, w, 3) float32 in [0, 1].

    Every level holds what the coarser ones, enlarged, leave of the picture.
    """
    inside = (tf.clip_by_value(picture, 0.0, 1.0) + SLACK) / (1 + 2 * SLACK)
    rest = _turned(tf.math.log(inside) - tf.math.log1p(-inside), np.linalg.inv(COLOUR_AXES))
    levels = []
    for size in sizes(*picture.shape[1:3])[1:]:
        coarse = tf.image.resize(rest, size, antialias=True)
        levels.append(rest - _enlarged(coarse, rest))
        rest = coarse
    return (*levels, rest)


def to_picture(coefficients: Coefficients) -> Any:
    """Return the picture that coefficients stand for, (1, h, w, 3) float32 in [0, 1]."""
    *finer, total = coefficients
    for level in reversed(finer):
        total = level + _enlarged(total, level)
    colours = tf.sigmoid(_turned(total, COLOUR_AXES)) * (1 + 2 * SLACK) - SLACK
    return tf.clip_by_value(colours, 0.0, 1.0)


def _enlarged(level: Any, like: Any) -> Any:
    return tf.image.resize(level, tf.shape(like)[1:3])


def _turned(colours: Any, axes: Any) -> Any:
    """Return colours, (1, h, w, 3), each multiplied by a matrix."""
    return tf.reshape(
        tf.matmul(tf.reshape(colours, (-1, 3)), axes.astype(np.float32), transpose_b=True),
        tf.shape(colours),
    )
