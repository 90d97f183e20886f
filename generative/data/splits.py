"""Both halves of whatever a model learns from: the one it is trained on, the one it is measured on.

A model names its data set in the registry and is handed its halves from here: the pictures of
MNIST and Fashion-MNIST, the points of the plane, or labelled pictures of the user's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generative.data import datasets, labelled_photos, plane
from generative.validation import Range

PLANE = "plane"
PICTURES = "pictures"
"""What stands for a data set where the user names the pictures to train on: `--images`."""

PLANE_SEEDS = {"train": 0, "test": 1}
LIMIT = Range(1, 60_000, whole=True)


@dataclass(frozen=True)
class Split:
    """One half of a data set.

    Attributes:
        examples: (n, ...), all pictures or all points; the data set says of which shape and range.
        labels: (n,) int64, which index `classes`.
        classes: their names; of points there is one.
    """

    examples: NDArray[Any]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]


def load(dataset: str, half: str, limit: int | None = None, images: str | None = None) -> Split:
    """Return one half of a data set.

    Args:
        dataset: "mnist" or "fashion_mnist", (n, 28, 28, 1) float32 in [0, 1]; `PLANE`, (n, 3)
            float32; or `PICTURES`, (n, 64, 64, 3) uint8.
        half: "train" or "test".
        limit: how many examples; all by default. Held-out points are always all there: they cost
            nothing.
        images: where `PICTURES` are, a folder or the name of a data set of TensorFlow Datasets.

    Raises:
        InputError: unknown data set.
        DataError: it is not here, or cannot be used.
    """
    if dataset == PLANE:
        points = plane.sample(seed=PLANE_SEEDS[half])[: limit if half == "train" else None]
        return Split(points, np.zeros(len(points), np.int64), ("point",))
    if dataset == PICTURES and images is not None:
        name = "validation" if half == "test" else half
        found = labelled_photos.load(images, name, labelled_photos.SIDE, limit)
        return Split(found.images, found.labels, found.classes)
    pictures, labels = datasets.load(dataset, half)
    return Split(pictures[:limit], labels[:limit], datasets.CLASSES[dataset])


def check_limit(dataset: str, limit: int | None) -> None:
    """Refuse a limit that no half of the data set can have.

    Raises:
        InputError: not a whole number in range.
    """
    if limit is not None:
        (labelled_photos.LIMIT if dataset == PICTURES else LIMIT).check("limit", limit)
