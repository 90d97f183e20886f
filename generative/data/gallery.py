"""Example pictures for the page: held-out test pictures if the data set is here, else our samples.

The program does not include the data sets' pictures. For each data set it includes a contact sheet
of pictures sampled, class by class, from the conditional variational autoencoder. The app says
which it shows.
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
"""Pictures."""

COLUMNS = 40
"""Of the sheet."""

TEMPERATURE = 0.9
"""Slightly below 1, for fewer odd samples."""

PICKED_HELD_OUT = {
    "mnist": (251, 14, 45, 51, 90, 119, 72, 55, 118, 92, 172, 168, 40, 165, 121, 144),
    "fashion_mnist": (16, 46, 6, 151, 104, 36, 78, 7, 49, 11, 113, 61, 128, 205, 350, 97),
}
PICKED_SAMPLED = {
    "mnist": (93, 18, 192, 177, 39, 34, 65, 46, 140, 41, 12, 69, 95, 77, 106, 138),
    "fashion_mnist": (147, 149, 50, 51, 142, 43, 94, 115, 86, 118, 127, 199, 150, 143, 178, 132),
}
"""Chosen by hand: every class is there, and every picture is plain to read at a glance."""

SHEETS = Path(__file__).resolve().parent.parent / "assets"


@dataclass(frozen=True)
class Gallery:
    """Pictures with their classes.

    Attributes:
        images: (n, 28, 28, 1) float32 in [0, 1].
        labels: (n,) int64, indices into `data.CLASSES`.
        origin: where they come from, in words for the user.
        picked: indices of those to show first.
    """

    images: Images
    labels: NDArray[np.int64]
    origin: str
    picked: tuple[int, ...]


def pictures(dataset: str) -> Gallery:
    """Return a thousand pictures of a data set: held-out ones if it is here, else sampled ones.

    Raises:
        InputError: unknown data set.
    """
    check_choice("data set", dataset, data.DATASETS)
    if data.is_available(dataset):
        try:
            return held_out(dataset)
        except DataError:
            pass  # The folder only looks like a data set: fall back on samples.
    return sampled(dataset)


def held_out(dataset: str) -> Gallery:
    """Return the first thousand pictures of the test set.

    Raises:
        DataError: the data set is not here.
    """
    test_images, labels = data.load(dataset, "test")
    return Gallery(
        test_images[:COUNT],
        labels[:COUNT],
        "Real test pictures, held out of training",
        PICKED_HELD_OUT[dataset],
    )


def sampled(dataset: str) -> Gallery:
    """Return the sampled pictures that the program includes."""
    sheet = images.decode(SHEETS / f"{dataset}.png")[..., 0].astype(np.float32) / 255
    rows = sheet.reshape(COUNT // COLUMNS, SIDE, COLUMNS, SIDE).swapaxes(1, 2)
    labels = np.arange(COUNT) % data.CLASS_COUNT
    return Gallery(
        np.ascontiguousarray(rows.reshape(COUNT, SIDE, SIDE, 1)),
        labels,
        "Sampled from our own model, so smoother and easier than real pictures",
        PICKED_SAMPLED[dataset],
    )


def sample_sheet(model: LatentModel, dataset: str, seed: int = 0) -> Path:
    """Sample a data set's contact sheet, save it and return its path; picture i has class i mod 10.

    Args:
        model: a loaded conditional variational autoencoder.
        dataset: the data set it was trained on.
        seed: of the latents, drawn from the mixture fitted to the training latents.
    """
    labels = np.arange(COUNT) % data.CLASS_COUNT
    pictures = model.sample(COUNT, TEMPERATURE, seed, "mixture", labels)
    path = SHEETS / f"{dataset}.png"
    path.parent.mkdir(exist_ok=True)
    write_atomically(path, images.encode_png(images.grid(pictures, columns=COLUMNS, gap=0)))
    return path
