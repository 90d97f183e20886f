"""Pairs of an original and its painting, made by optimisation: what supervised learning needs.

A folder of pairs holds `style.png`, and files of the same names in `originals/` and `paintings/`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from pathlib import Path

from generative import files, images
from generative.data.labelled_photos import square
from generative.errors import DataError, GenerativeError
from generative.images import SUFFIXES
from generative.style_transfer.engine import stylize
from generative.style_transfer.picture_checks import Pixels
from generative.validation import Range

STYLE, ORIGINALS, PAINTINGS = "style.png", "originals", "paintings"
NUMBER = Range(1, 100_000, whole=True)
SIDE = Range(64, 1024, whole=True)


def make(style: Pixels, contents: Path, folder: Path, number: int, side: int) -> Iterator[None]:
    """Paint the first photos of a folder, yielding after each; those that are there are kept.

    Args:
        style: (h, w, 3) uint8.
        contents: folder of photos.
        folder: of the pairs.
        number: of pairs.
        side: of each picture, a square, pixels.

    Raises:
        InputError: a number out of range.
        DataError: there are fewer photos, or one cannot be read.
    """
    count = NUMBER.check_whole("number of pairs", number)
    side = SIDE.check_whole("side", side)
    photos = _paths(contents)
    if len(photos) < count:
        raise DataError(
            f"There are {len(photos)} pictures in {contents}: expected at least {count}, so add "
            "some or ask for fewer pairs."
        )
    for name in (ORIGINALS, PAINTINGS):
        (folder / name).mkdir(parents=True, exist_ok=True)
    files.write_atomically(folder / STYLE, images.encode_png(style))
    for path in photos[:count]:
        painting = folder / PAINTINGS / f"{path.stem}.png"
        if not painting.exists():
            original = square(_read(path), side)
            painted = deque(stylize(original, style, size=side), maxlen=1).pop().image
            files.write_atomically(
                folder / ORIGINALS / f"{path.stem}.png", images.encode_png(original)
            )
            files.write_atomically(painting, images.encode_png(painted))
        yield


def load(
    folder: Path, side: int, limit: int | None = None
) -> tuple[list[Pixels], list[Pixels], Pixels]:
    """Return originals and paintings, (side, side, 3) uint8, and the style picture.

    Raises:
        DataError: there are none, one is missing or cannot be read.
    """
    names = [path.name for path in _paths(folder / ORIGINALS)][:limit]
    if not names:
        raise DataError(
            f"There are no pairs in {folder}: expected pictures in {ORIGINALS} and, by the same "
            f"names, in {PAINTINGS}, as python train.py pairs makes them."
        )
    originals, paintings = (
        [square(_read(folder / part / name), side) for name in names]
        for part in (ORIGINALS, PAINTINGS)
    )
    return originals, paintings, _read(folder / STYLE)


def pictures_in(folder: Path, limit: int | None = None) -> list[Pixels]:
    """Return the pictures of a folder by name, each (h, w, 3) uint8.

    Raises:
        DataError: one cannot be read.
    """
    return [_read(path) for path in _paths(folder)[:limit]]


def _paths(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if path.suffix.lower() in SUFFIXES)


def _read(path: Path) -> Pixels:
    try:
        return images.decode(path)
    except GenerativeError as error:
        raise DataError(f"The picture {path} cannot be used. {error}") from error
