"""Pictures to try things on: real held-out ones where the data set is here, else ones we made.

Pictures of the data sets do not come with the program. What does is a sheet of pictures for each,
sampled class by class from the conditional variational autoencoder. The app says which it shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from generative import data, images
from generative.errors import DataError
from generative.files import write_atomically
from generative.validation import SIDE, Images, check_choice

if TYPE_CHECKING:
    from generative.variational.latent_model import LatentModel

COUNT = 1000
COLUMNS = 40
CLASSES = 10
TEMPERATURE = 0.9
"""A little below 1: fewer of the odd ones."""

SHEETS = Path(__file__).resolve().parent.parent / "made"


@dataclass(frozen=True)
class Gallery:
    """Pictures with their classes.

    Attributes:
        images: (n, 28, 28, 1) float32 in [0, 1].
        labels: (n,) int64, indices into `data.CLASSES`.
        origin: where they come from, for people to read.
    """

    images: Images
    labels: NDArray[np.int64]
    origin: str


def pictures(dataset: str) -> Gallery:
    """Return a thousand pictures of a data set: held-out ones if it is here, made ones if not.

    Raises:
        InputError: unknown data set.
    """
    check_choice("data set", dataset, data.DATASETS)
    if data.is_available(dataset):
        try:
            return held_out(dataset)
        except DataError:
            pass  # A folder that only looks like a data set: the made pictures do as well.
    return made(dataset)


def held_out(dataset: str) -> Gallery:
    """Return the first thousand pictures of the test set.

    Raises:
        DataError: the data set is not here.
    """
    test_images, labels = data.load(dataset, "test")
    return Gallery(test_images[:COUNT], labels[:COUNT], "Real test pictures, held out of training")


def made(dataset: str) -> Gallery:
    """Return the pictures that come with the program."""
    sheet = images.decode(SHEETS / f"{dataset}.png")[..., 0].astype(np.float32) / 255
    rows = sheet.reshape(COUNT // COLUMNS, SIDE, COLUMNS, SIDE).swapaxes(1, 2)
    labels = np.arange(COUNT) % CLASSES
    return Gallery(
        np.ascontiguousarray(rows.reshape(COUNT, SIDE, SIDE, 1)),
        labels,
        "Pictures sampled from our own model (smoother than real ones, so ours has it easy)",
    )


def make(model: LatentModel, dataset: str, seed: int = 0) -> Path:
    """Make the sheet of a data set and return its path; picture i is of class i mod 10.

    Args:
        model: a loaded conditional variational autoencoder.
        dataset: which it was trained on.
        seed: of the latents, drawn from the mixture that was fitted to the training codes.
    """
    labels = np.arange(COUNT) % CLASSES
    pictures = model.sample(COUNT, TEMPERATURE, seed, "mixture", labels)
    path = SHEETS / f"{dataset}.png"
    path.parent.mkdir(exist_ok=True)
    write_atomically(path, images.encode_png(images.grid(pictures, columns=COLUMNS, gap=0)))
    return path
