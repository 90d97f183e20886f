"""Which class a conditional model is told, by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from generative import data
from generative.errors import InputError
from generative.models import with_role
from generative.validation import check_choice
from generative.variational.interface import Labels

if TYPE_CHECKING:
    from generative.variational.latent_model import LatentModel

EVERY = "every"
"""Stands for the classes 0 to 9 in turn."""


def labels_for(name: str, count: int, dataset: str, model: LatentModel) -> Labels | None:
    """Return the classes to decode `count` latents as: all one class, or `EVERY` class in turn.

    Raises:
        InputError: unknown class, or a class for a model that takes none.
    """
    classes = data.CLASSES[dataset]
    check_choice("class", name, (EVERY, *classes))
    if not model.classes:
        if name != EVERY:
            raise InputError(
                "This model takes no class: leave the class at every, or use "
                f"{with_role('told the class').name}."
            )
        return None
    return (
        np.arange(count) % model.classes if name == EVERY else np.full(count, classes.index(name))
    )
