"""Load labelled colour photos for the feature network, from a folder or a TFDS data set."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import compress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generative import data, images
from generative.errors import DataError, GenerativeError
from generative.images import SUFFIXES
from generative.validation import Range

SIDE = 64
"""Side of the training pictures, pixels."""

LIMIT = Range(1, 10_000_000, whole=True)

SPLITS = {"train": ("train",), "validation": ("validation", "test")}
"""Names to look for, by split."""


@dataclass(frozen=True)
class LabelledPhotos:
    """One split of a labelled data set.

    Attributes:
        images: (n, side, side, 3) uint8.
        labels: (n,) int64, indices into `classes`.
        classes: sorted names.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]


def load(source: str, split: str, side: int, limit: int | None = None) -> LabelledPhotos:
    """Return labelled photos, each cropped to a square and scaled.

    Args:
        source: a folder with `train/<class>/<picture>` and `validation/<class>/<picture>`, or the
            name of a classification data set of TensorFlow Datasets.
        split: "train" or "validation".
        side: of the square, pixels.
        limit: how many pictures; all by default. Balanced over the classes as far as possible, and
            evenly spaced within each class.

    Raises:
        DataError: neither a usable folder nor an available data set.
    """
    classes, labels, files = _labelled(source, split)
    kept = spread(labels, limit)
    squares = [square(_read(file), side) for file in compress(files, kept)]
    return LabelledPhotos(np.stack(squares), labels[kept], classes)


Labelled = tuple[tuple[str, ...], NDArray[np.int64], Iterable[Path | bytes]]
"""Class names; the label of every picture; every picture's file, in the same order."""


def _labelled(source: str, split: str) -> Labelled:
    folder = Path(source).expanduser()
    if folder.is_dir():
        return _in_folder(folder, split)
    return data.labelled_picture_files(source, SPLITS[split])


def _in_folder(folder: Path, split: str) -> Labelled:
    folders = {name: _class_folders(folder, name) for name in SPLITS}
    # From both splits, so that a class has the same index in each.
    classes = sorted({path.name for paths in folders.values() for path in paths})
    labelled = [
        (classes.index(class_folder.name), path)
        for class_folder in folders[split]
        for path in sorted(class_folder.iterdir())
        if path.suffix.lower() in SUFFIXES
    ]
    if len(classes) < 2 or not labelled:
        raise DataError(
            f"There are no labelled pictures in {folder}. Expected folders {split}/CLASS with "
            "pictures in them, for two classes or more."
        )
    labels, paths = zip(*labelled, strict=True)
    return tuple(classes), np.array(labels, np.int64), paths


def _class_folders(folder: Path, split: str) -> list[Path]:
    """Return the class folders of one split, sorted; empty if the split is missing."""
    root = next((folder / name for name in SPLITS[split] if (folder / name).is_dir()), None)
    return sorted(path for path in root.iterdir() if path.is_dir()) if root else []


def spread(labels: NDArray[np.int64], limit: int | None) -> NDArray[np.bool_]:
    """Return which examples to keep, (n,) bool, balanced over the classes as far as possible.

    Args:
        labels: (n,) int64.
        limit: how many to keep; all by default.
    """
    counts = np.bincount(labels)
    quotas = _shares(counts, len(labels) if limit is None else min(limit, len(labels)))
    kept = np.zeros(len(labels), bool)
    for label, (count, quota) in enumerate(zip(counts, quotas, strict=True)):
        places = np.flatnonzero(labels == label)
        kept[places[np.arange(quota) * count // max(quota, 1)]] = True
    return kept


def _shares(counts: NDArray[np.int64], total: int) -> NDArray[np.int64]:
    """Deal out `total` places to the classes in turn, skipping classes with no examples left."""
    rounds = np.concatenate([np.arange(count) for count in counts])
    classes = np.repeat(np.arange(len(counts)), counts)
    first = np.lexsort((classes, rounds))[:total]
    return np.bincount(classes[first], minlength=len(counts))


def _read(file: Path | bytes) -> NDArray[np.uint8]:
    try:
        return images.decode(file)
    except GenerativeError as error:
        name = f"The picture {file}" if isinstance(file, Path) else "A picture of the data set"
        raise DataError(f"{name} cannot be used. {error}") from error


def square(picture: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Return a picture's central square, scaled: (side, side, 3) uint8.

    Args:
        picture: (height, width, 3) uint8.
        side: of the result, pixels.
    """
    height, width = picture.shape[:2]
    if (height, width) == (side, side):
        return picture
    shortest = min(height, width)
    left, top = (width - shortest) / 2, (height - shortest) / 2
    box = (left, top, left + shortest, top + shortest)
    scaled = Image.fromarray(picture).resize((side, side), Image.Resampling.LANCZOS, box)
    return np.asarray(scaled)
