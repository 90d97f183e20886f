"""The training and test split of every data set, in one form.

A model names its data set in the registry: MNIST or Fashion-MNIST, points near a plane, or the
user's own pictures: labelled ones, or photographs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generative.data import datasets, labelled_photos, plane, unlabelled_photos
from generative.validation import Range

PLANE = "plane"
PICTURES = "pictures"
"""Name of a data set that `--images` gives: the user's own labelled pictures."""

PHOTOS = "photos"
"""Name of another: photographs of any size."""

FROM_A_FOLDER = (PICTURES, PHOTOS)
"""Those that `--images` gives."""

PLANE_SEEDS = {"train": 0, "test": 1}
LIMIT = Range(1, 60_000, whole=True)


@dataclass(frozen=True)
class Split:
    """One split of a data set.

    Attributes:
        examples: (n, ...), pictures or points; see `load` for shape and range.
        labels: (n,) int64, indices into `classes`.
        classes: names of the classes; points and photographs have one.
    """

    examples: NDArray[Any]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]


def load(dataset: str, split: str, limit: int | None = None, images: str | None = None) -> Split:
    """Return one split of a data set.

    Args:
        dataset: "mnist" or "fashion_mnist", (n, 28, 28, 1) float32 in [0, 1]; `PLANE`, (n, 3)
            float32; `PICTURES`, (n, 64, 64, 3) uint8; or `PHOTOS`, (n,) arrays of (h, w, 3) uint8.
        split: "train" or "test"; of `PHOTOS` also "validation", photographs kept out of "train".
        limit: how many examples; all by default. Never limits test points, which cost nothing.
        images: where to find `PICTURES`, a folder or the name of a TFDS data set, or `PHOTOS`, a
            folder.

    Raises:
        InputError: unknown data set, or one of `FROM_A_FOLDER` without `images`.
        DataError: the data set is not on this machine, or cannot be used.
    """
    if dataset == PLANE:
        points = plane.sample(seed=PLANE_SEEDS[split])[: limit if split == "train" else None]
        return Split(points, np.zeros(len(points), np.int64), ("point",))
    if dataset == PICTURES and images is not None:
        name = "validation" if split == "test" else split
        found = labelled_photos.load(images, name, labelled_photos.SIDE, limit)
        return Split(found.images, found.labels, found.classes)
    if dataset == PHOTOS and images is not None:
        photos = unlabelled_photos.load(images, split, limit)
        return Split(photos, np.zeros(len(photos), np.int64), ("photograph",))
    pictures, labels = datasets.load(dataset, split)
    return Split(pictures[:limit], labels[:limit], datasets.CLASSES[dataset])


def kind_of(images: str, split: str) -> str:
    """Return which of `FROM_A_FOLDER` a folder holds: `PHOTOS` if pictures lie there unsorted."""
    return PHOTOS if unlabelled_photos.files(images, split) else PICTURES


def check_limit(dataset: str, limit: int | None) -> None:
    """Refuse a limit that no split of the data set can have.

    Raises:
        InputError: not a whole number in range.
    """
    if limit is not None:
        within = labelled_photos.LIMIT if dataset in FROM_A_FOLDER else LIMIT
        within.check("limit", limit)
