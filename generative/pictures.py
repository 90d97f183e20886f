"""Labelled colour pictures for the feature network: a folder of them, or a TFDS data set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generative import data, images
from generative.errors import DataError, GenerativeError

SIDE = 64
"""Pixels a side of the pictures that a network learns from."""

SPLITS = {"train": ("train",), "validation": ("validation", "test")}
"""Names under which each half is looked for."""

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif")


@dataclass(frozen=True)
class Pictures:
    """One half of a set of labelled pictures.

    Attributes:
        images: (n, side, side, 3) uint8.
        labels: (n,) int64, which index `classes`.
        classes: names, sorted.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]


def load(source: str, split: str, side: int, limit: int | None = None) -> Pictures:
    """Return labelled pictures, each cropped to a square and scaled.

    Args:
        source: a folder with `train/<class>/<picture>` and `validation/<class>/<picture>`, or the
            name of a classification data set of TensorFlow Datasets.
        split: "train" or "validation".
        side: of the square, pixels.
        limit: how many pictures, evenly spread over the classes; all by default.

    Raises:
        DataError: neither a usable folder nor a data set that can be had.
    """
    folder = Path(source).expanduser()
    if folder.is_dir():
        classes, labelled = _in_folder(folder, split)
        kept = [labelled[i] for i in _spread(len(labelled), limit)]
        decoded: Iterator[tuple[NDArray[np.uint8], int]] = ((_read(path), i) for path, i in kept)
    else:
        classes, decoded = data.labelled_pictures(source, SPLITS[split], limit)
    squares, labels = [], []
    for picture, label in decoded:
        squares.append(square(picture, side))
        labels.append(label)
    return Pictures(np.stack(squares), np.array(labels, np.int64), classes)


def _in_folder(folder: Path, split: str) -> tuple[tuple[str, ...], list[tuple[Path, int]]]:
    """Return the classes, and every picture's path with its class, in a fixed order."""
    halves = {name: _half(folder, name) for name in SPLITS}
    # Of both halves together, so that a class has the same number in each.
    classes = sorted({path.name for paths in halves.values() for path in paths})
    labelled = [
        (path, classes.index(of_a_class.name))
        for of_a_class in halves[split]
        for path in sorted(of_a_class.iterdir())
        if path.suffix.lower() in SUFFIXES
    ]
    if len(classes) < 2 or not labelled:
        raise DataError(
            f"There are no labelled pictures in {folder}. Expected folders {split}/CLASS with "
            "pictures in them, for two classes or more."
        )
    return tuple(classes), labelled


def _half(folder: Path, split: str) -> list[Path]:
    """Return the folders of the classes in one half, in order; none if it is not there."""
    root = next((folder / name for name in SPLITS[split] if (folder / name).is_dir()), None)
    return sorted(path for path in root.iterdir() if path.is_dir()) if root else []


def _spread(count: int, limit: int | None) -> NDArray[np.int64]:
    kept = count if limit is None else min(limit, count)
    return np.arange(kept) * count // kept


def _read(path: Path) -> NDArray[np.uint8]:
    try:
        return images.decode(path)
    except GenerativeError as error:
        raise DataError(f"The picture {path} cannot be used. {error}") from error


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
