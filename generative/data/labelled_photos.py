"""Labelled colour pictures for the feature network: a folder of them, or a TFDS data set."""

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
from generative.validation import Range

SIDE = 64
"""Pixels a side of the pictures that a network learns from."""

LIMIT = Range(1, 10_000_000, whole=True)

SPLITS = {"train": ("train",), "validation": ("validation", "test")}
"""Names under which each half is looked for."""

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif")


@dataclass(frozen=True)
class LabelledPhotos:
    """One half of a set of labelled pictures.

    Attributes:
        images: (n, side, side, 3) uint8.
        labels: (n,) int64, which index `classes`.
        classes: names, sorted.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]


def load(source: str, split: str, side: int, limit: int | None = None) -> LabelledPhotos:
    """Return labelled pictures, each cropped to a square and scaled.

    Args:
        source: a folder with `train/<class>/<picture>` and `validation/<class>/<picture>`, or the
            name of a classification data set of TensorFlow Datasets.
        split: "train" or "validation".
        side: of the square, pixels.
        limit: how many pictures; all by default. As many of each class as of any other, where there
            are so many, and evenly spread over the class.

    Raises:
        DataError: neither a usable folder nor a data set that can be had.
    """
    classes, labels, files = _labelled(source, split)
    kept = _spread(labels, limit)
    squares = [square(_read(file), side) for file in compress(files, kept)]
    return LabelledPhotos(np.stack(squares), labels[kept], classes)


Labelled = tuple[tuple[str, ...], NDArray[np.int64], Iterable[Path | bytes]]
"""The classes; of every picture, its class and its file, in a fixed order."""


def _labelled(source: str, split: str) -> Labelled:
    folder = Path(source).expanduser()
    if folder.is_dir():
        return _in_folder(folder, split)
    return data.labelled_picture_files(source, SPLITS[split])


def _in_folder(folder: Path, split: str) -> Labelled:
    halves = {name: _half(folder, name) for name in SPLITS}
    # Of both halves together, so that a class has the same number in each.
    classes = sorted({path.name for paths in halves.values() for path in paths})
    labelled = [
        (classes.index(of_a_class.name), path)
        for of_a_class in halves[split]
        for path in sorted(of_a_class.iterdir())
        if path.suffix.lower() in SUFFIXES
    ]
    if len(classes) < 2 or not labelled:
        raise DataError(
            f"There are no labelled pictures in {folder}. Expected folders {split}/CLASS with "
            "pictures in them, for two classes or more."
        )
    labels, paths = zip(*labelled, strict=True)
    return tuple(classes), np.array(labels, np.int64), paths


def _half(folder: Path, split: str) -> list[Path]:
    """Return the folders of the classes in one half, in order; none if it is not there."""
    root = next((folder / name for name in SPLITS[split] if (folder / name).is_dir()), None)
    return sorted(path for path in root.iterdir() if path.is_dir()) if root else []


def _spread(labels: NDArray[np.int64], limit: int | None) -> NDArray[np.bool_]:
    """Tell which examples to keep, (n,) bool: of every class as many as of any other, if it can be.

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
    """Deal out `total` places, one to each class in turn, none to a class that has no more."""
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
    """Return the middle square of a picture, scaled to `side` by `side` pixels."""
    height, width = picture.shape[:2]
    if (height, width) == (side, side):
        return picture
    shortest = min(height, width)
    left, top = (width - shortest) / 2, (height - shortest) / 2
    box = (left, top, left + shortest, top + shortest)
    scaled = Image.fromarray(picture).resize((side, side), Image.Resampling.LANCZOS, box)
    return np.asarray(scaled)
