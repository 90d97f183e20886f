"""Held-out figures: what a trained model reaches on examples that it was not trained on.

What is measured is the model's own business: its module's `figures`.
"""

from __future__ import annotations

import os

from generative import checkpoints, models
from generative.card import Card, Figures
from generative.data import splits
from generative.loading import load
from generative.models import TrainedModel


def evaluate(model: TrainedModel, limit: int | None = None, images: str | None = None) -> Figures:
    """Return the held-out figures of a loaded model, by the metric's name.

    Args:
        model: what `generative.load` returned.
        limit: how many of the test pictures to use; all by default.
        images: the folder of pictures, for a model that was trained on such.

    Raises:
        InputError: no `images` for a model that needs them.
        DataError: the data set is not here, or has other classes than the model.
    """
    held_out = splits.load(model.card["dataset"], "test", limit, images)
    return models.module(model.card["model"]).figures(model, held_out)


def measure(
    checkpoint: str,
    directory: str | os.PathLike[str] = checkpoints.SHIPPED,
    limit: int | None = None,
    images: str | None = None,
) -> Card:
    """Return the card of a checkpoint with figures measured just now.

    Args:
        checkpoint: its id.
        directory: folder of checkpoints.
        limit: see `evaluate`.
        images: likewise; without them a model that needs them keeps the figures that it has.

    Raises:
        InputError: a limit out of range.
        CheckpointError, DataError: it cannot be read or measured.
    """
    card = checkpoints.read_card(checkpoint, directory)
    splits.check_limit(card["dataset"], limit)
    if card["dataset"] in splits.FROM_A_FOLDER and images is None:
        return card
    card["metrics"] = evaluate(load(checkpoint, directory), limit, images)
    return card
