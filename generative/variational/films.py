"""The way from one picture to another, and films of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from generative import images
from generative.validation import Images, Range
from generative.variational.interface import Posterior

if TYPE_CHECKING:
    from generative.variational.latent_model import LatentModel

FILM_STEPS = Range(2, 32, whole=True)
"""Steps from one end to the other."""

FRAME_MILLISECONDS = 90
ZOOM = 5


def way(model: LatentModel, posterior: Posterior, steps: int, path: str) -> Images:
    """Return the pictures from the first of two latents to the second.

    A class, where there is one, changes half-way.

    Args:
        model: whose posterior it is.
        posterior: of two pictures.
        steps: how many, both ends included.
        path: "slerp" or "linear".

    Returns:
        (steps, 28, 28, 1) float32 in [0, 1].

    Raises:
        InputError: as `LatentModel.interpolate`.
    """
    a, b = posterior.mean
    labels = None
    if posterior.labels is not None:
        labels = np.where(np.arange(steps) < steps / 2, posterior.labels[0], posterior.labels[1])
    return model.interpolate(a, b, steps, path, labels)


def there_and_back(pictures: Images, milliseconds: int = FRAME_MILLISECONDS) -> bytes:
    """Return a GIF that goes through pictures and back again to the first, enlarged.

    Neither end is shown twice, so that the film repeats evenly.

    Args:
        pictures: (n, 28, 28, 1) float32 in [0, 1].
        milliseconds: for which each is shown.

    Raises:
        InputError: wrong pictures.
    """
    frames = np.concatenate([pictures, pictures[-2:0:-1]])
    enlarged = frames.repeat(ZOOM, axis=1).repeat(ZOOM, axis=2)
    return images.encode_gif(enlarged, milliseconds)
