"""Load photographs of any size, decoded and kept in memory, for a model that learns from crops."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from generative import images
from generative.errors import DataError, GenerativeError
from generative.images import SUFFIXES

KEPT_OUT = 40
"""One training photograph in so many is kept out, to watch the training on."""

SIDE = 96
"""Side of the crops that are learned from, pixels; no photograph may be smaller."""

FOLDERS = {"train": "train", "validation": "train", "test": "test"}
"""Where the photographs of a split are."""


def load(folder: str, split: str, limit: int | None = None) -> NDArray[np.object_]:
    """Return photographs: (n,) arrays, each (h, w, 3) uint8.

    In "train" a photograph comes as many times as it has room for crops side by side, so that an
    epoch goes over every pixel about once.

    Args:
        folder: with `train/<photograph>` and `test/<photograph>`.
        split: "train"; "validation", those of the training photographs that are kept out of
            "train"; or "test".
        limit: how many photographs of the folder, spread evenly over them; all by default.

    Raises:
        DataError: there are none in the folder, or one is unreadable or too small.
    """
    place = _place(folder, split)
    found = files(folder, split)
    fewest = 1 if split == "test" else 2
    if len(found) < fewest:
        raise DataError(
            f"There are no photographs in {place}: expected {fewest} or more in "
            f"{', '.join(images.FORMATS)}, so add some or name another folder."
        )
    count = len(found) if limit is None else min(max(limit, fewest), len(found))
    chosen = [found[at * len(found) // count] for at in range(count)]
    if split != "test":
        is_validation = split == "validation"
        chosen = [each for at, each in enumerate(chosen) if (at % KEPT_OUT == 0) == is_validation]
    photos = np.empty(len(chosen), object)
    for at, path in enumerate(chosen):
        photos[at] = _read(path)
    return photos.repeat([_crops(photo) for photo in photos]) if split == "train" else photos


def files(folder: str, split: str) -> list[Path]:
    """Return the files of a folder's photographs of a split, sorted; those kept out as well."""
    place = _place(folder, split)
    paths = sorted(place.iterdir()) if place.is_dir() else []
    return [path for path in paths if path.suffix.lower() in SUFFIXES]


def _place(folder: str, split: str) -> Path:
    return Path(folder).expanduser() / FOLDERS[split]


def _crops(photo: NDArray[np.uint8]) -> int:
    """Return how many crops a photograph has room for, side by side."""
    height, width = photo.shape[:2]
    crops: int = round(height * width / SIDE**2)
    return crops


def _read(path: Path) -> NDArray[np.uint8]:
    try:
        photo = images.decode(path)
    except GenerativeError as error:
        raise DataError(f"The photograph {path} cannot be used. {error}") from error
    if min(photo.shape[:2]) < SIDE:
        raise DataError(
            f"The photograph {path} is too small: expected at least {SIDE} by {SIDE} pixels, so "
            "leave it out."
        )
    return photo
