"""What the one-pass network can learn from: styles, or pairs of an original and its painting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.random import Generator

from generative import images
from generative.backend import keras, tf
from generative.models import Loss
from generative.style_transfer import lessons
from generative.style_transfer.colours import towards
from generative.style_transfer.lessons import Lesson, Style
from generative.style_transfer.objective import Objective
from generative.style_transfer.picture_checks import Pixels
from generative.style_transfer.resizing import resize
from generative.style_transfer.seeing import see

HELD_OUT = 20
"""Every so many-th picture is kept for looking at, not for learning."""

SHOWN = 6
"""Photos, and styles, on a sheet."""


class Curriculum(NamedTuple):
    """What a run of the training is made of.

    Attributes:
        examples: (n, ...) arrays, of which each batch takes some.
        inputs: a batch of them, and what is random → the batch's lesson.
        loss: of a network on a lesson.
        look: a network → a sheet of held-out photos as it paints them, and its error on them.
    """

    examples: Any
    inputs: Callable[[Any, Generator], Lesson]
    loss: Loss
    look: Callable[[keras.Model], tuple[Pixels, float]]


def of_styles(
    objective: Objective, photos: Sequence[Pixels], pictures: Sequence[Pixels]
) -> Curriculum:
    """Return the curriculum of any style: photos, (side, side, 3) uint8, in styles of any size."""
    known = lessons.styles_of(objective, learned_from(pictures))
    sides = len(lessons.SIDES)
    unseen = lessons.styles_of(objective, pictures[::HELD_OUT][:SHOWN])[sides // 2 :: sides]
    shown = photos[::HELD_OUT][:SHOWN]

    def look(network: keras.Model) -> tuple[Pixels, float]:
        rows, errors = [[np.full_like(shown[0], 255), *pictures[::HELD_OUT][:SHOWN]]], []
        wanted = lessons.together([style.seen for style in unseen])
        for photo in shown:
            painted = _paint(network, [photo] * len(unseen), unseen)
            errors.append(lessons.style_errors(see(objective, painted)[1], wanted))
            rows.append([photo, *_pixels(painted)])
        return _sheet(rows, len(photos[0])), float(np.mean(errors))

    return Curriculum(
        np.stack(learned_from(photos)),
        lambda batch, rng: lessons.lesson(batch, known, rng),
        lessons.PerceptualLoss(objective),
        look,
    )


def of_pairs(
    objective: Objective, originals: Sequence[Pixels], paintings: Sequence[Pixels], picture: Pixels
) -> Curriculum:
    """Return the curriculum of one style: originals and their paintings, (side, side, 3) uint8.

    Its error is the mean absolute difference from the paintings, of 255. Where there are fewer
    pairs than `HELD_OUT`, all are learned from, and looked at.
    """
    style = lessons.styles_of(objective, [picture])[len(lessons.SIDES) // 2]
    pairs = [*zip(originals, paintings, strict=True)]
    enough = len(pairs) > HELD_OUT
    learned, shown = (learned_from(pairs) if enough else pairs), pairs[::HELD_OUT][:SHOWN]

    def look(network: keras.Model) -> tuple[Pixels, float]:
        found = _pixels(_paint(network, [original for original, _ in shown], [style] * len(shown)))
        errors = [
            np.abs(each - pair[1].astype(float)) for each, pair in zip(found, shown, strict=True)
        ]
        rows = [[*pair, each] for each, pair in zip(found, shown, strict=True)]
        return _sheet(rows, len(originals[0])), float(np.mean(errors))

    return Curriculum(
        tuple(np.stack(each) for each in zip(*learned, strict=True)),
        lambda batch, rng: lessons.lesson_of_pairs(batch[0], batch[1], style, rng),
        lessons.pair_loss,
        look,
    )


def learned_from(pictures: Sequence[Any]) -> list[Any]:
    """Return all but the held-out ones."""
    return [each for index, each in enumerate(pictures) if index % HELD_OUT]


def _paint(network: keras.Model, photos: Sequence[Pixels], styles: Sequence[Style]) -> tf.Tensor:
    """Return photos, each in its style: (n, h, w, 3) float32, not clipped."""
    contents = [
        towards(photo.astype(np.float32) / np.float32(255), style.colours, np.float32(1))
        for photo, style in zip(photos, styles, strict=True)
    ]
    known = lessons.together([style.statistics for style in styles])
    return network((np.stack(contents), known, tf.ones(len(styles))))


def _pixels(painted: tf.Tensor) -> list[Pixels]:
    return [images.to_uint8(np.clip(each, 0, 1)) for each in painted]


def _sheet(rows: Sequence[Sequence[Pixels]], side: int) -> Pixels:
    """Return rows of pictures side by side, each as high and wide as the others."""
    return np.concatenate(
        [np.concatenate([resize(each, side, side) for each in row], axis=1) for row in rows]
    )
