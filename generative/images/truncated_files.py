"""Decode files whose end is missing as far as they go, as a browser does.

Pillow can do this only for the whole process at once, and does not say how much it decoded. Here
the decoder fails where the file ends, and we find the rows it wrote before that.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops
from PIL.ImageFile import ImageFile

from generative.errors import InputError
from generative.images import jpeg_markers
from generative.images.input_files import MAX_FILE_BYTES

MIN_SHARE = 0.5
"""Share of the rows that must be present."""

NOTICE = "The end of the file is missing or damaged, so the picture is shown as far as it goes."

Rows = NDArray[np.bool_]
"""Which rows of a picture are present: (height,)."""

OpenImage = Callable[[bytes], ImageFile]
"""Opens a file's picture without loading its pixels."""

_END_OF_PNG = b"IEND\xaeB`\x82"
_HELD_BACK = 2  # rows that a JPEG's decoder blends with those below before it writes them
_WRITTEN = 0.75  # of a row's pixels; at half of them, more passes of interlacing are missing
_SPARE = 32  # bytes cut from the end of a WebP to see which rows they affect
_MAX_WEBP_GROWTH = 3  # declared size over present size; beyond it, half the rows must be missing


@dataclass(frozen=True)
class Loaded:
    """A picture as far as its file goes.

    Attributes:
        image: the picture, loaded.
        present: which rows hold the picture; all of them for a JPEG, whose decoder fills what is
            missing with grey.
        is_complete: whether nothing of the file is missing.
    """

    image: Image.Image
    present: Rows
    is_complete: bool = False


def load(data: bytes, open_image: OpenImage) -> Loaded:
    """Load a picture as far as its file goes.

    Zeros at the end count as missing: an interrupted download leaves them in place of the rest, and
    decoders would take them for pixels.

    Raises:
        InputError: less than `MIN_SHARE` of the picture is present.
        Exception: anything Pillow's decoders raise on a file that is not a picture.
    """
    if data.startswith(b"RIFF"):
        return _load_webp(data, open_image)
    if not data.startswith(b"BM"):  # Black pixels end a BMP in zeros.
        data = data.rstrip(b"\0")
    image = open_image(data)
    with suppress(Exception):  # However a decoder fails, what it wrote remains.
        image.load()
        is_complete = image.format != "PNG" or _END_OF_PNG in data
        return Loaded(image, _all_rows(image), is_complete)
    if data.startswith(jpeg_markers.SIGNATURE):
        return _load_jpeg(data, open_image)
    present = _written_rows(image := open_image(data))
    _check_share(present)
    if image.info.get("interlace"):  # Even rows are complete; copy them over missing odd ones.
        for row in map(int, np.flatnonzero(~present)):
            image.paste(image.crop((0, row - 1, image.width, row)), (0, row))
        present = _all_rows(image)
    return Loaded(image, present)


def _load_jpeg(data: bytes, open_image: OpenImage) -> Loaded:
    """Load a JPEG with an end marker put where it is cut off."""
    found = jpeg_markers.parse_structure(data)
    image = open_image(data[: found.end] + jpeg_markers.END)
    with suppress(Exception):
        image.load()
    image.tile = []  # Keeps Pillow from loading it again.
    if len(found.scans) > 1:  # The first scan is complete, and covers the whole picture coarsely.
        present = _all_rows(image)
    elif image.info.get("progressive"):  # Its decoder writes no row before the end.
        present = _rows_above_grey(image)
    else:
        present = _written_rows(open_image(data))
        present[: np.count_nonzero(present) + _HELD_BACK] = True
    _check_share(present)
    return Loaded(image, _all_rows(image))


def _load_webp(data: bytes, open_image: OpenImage) -> Loaded:
    """Load a WebP with zeros in place of what is missing, and find the rows they spoil.

    Its decoder does not say how far it got. But cutting a few more bytes changes the picture from
    the row where those bytes took effect.
    """
    if 8 + int.from_bytes(data[4:8], "little") <= len(data):
        image = open_image(data)
        image.load()
        return Loaded(image, _all_rows(image), is_complete=True)
    filled = _pad_webp(data)
    shorter = filled[: len(data) - _SPARE] + bytes(len(filled) - len(data) + _SPARE)
    image, other = open_image(filled), open_image(shorter)
    image.load()
    other.load()
    changed = ImageChops.difference(image, other).getbbox(alpha_only=False)
    present = np.arange(image.height) < (changed[1] if changed else image.height)
    _check_share(present)
    return Loaded(image, present)


def _pad_webp(data: bytes) -> bytes:
    """Return a WebP with its last chunk padded with zeros.

    Pads beyond the declared length, because a decoder may consume more zeros than real data.

    https://developers.google.com/speed/webp/docs/riff_container
    """
    at, length = 12, 0
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 + length > len(data):
            break
        at += 8 + length + length % 2
    if at + length > min(_MAX_WEBP_GROWTH * len(data), MAX_FILE_BYTES):
        raise _too_incomplete()
    length = 2 * (length // 2 + len(data) // 8 + 512)
    chunk = data[at : at + 4] + length.to_bytes(4, "little") + data[at + 8 :]
    size = at + 8 + length
    whole = data[:4] + (size - 8).to_bytes(4, "little") + data[8:at] + chunk
    return whole + bytes(size - len(whole))


def _written_rows(image: ImageFile) -> Rows:
    """Load a picture over noise, as far as its decoder gets; return which rows it wrote."""
    prepare, box = image.load_prepare, image.tile[0][1] or (0, 0, *image.size)
    marks: list[Image.Image] = []

    def prepare_and_mark() -> None:
        prepare()
        marks.append(_noise(image.mode, image.width))
        noise = marks[0].resize(image.size, Image.Resampling.NEAREST)  # Every row the same.
        image.im.paste(noise.im, (0, 0, *image.size))

    image.load_prepare = prepare_and_mark  # type: ignore[method-assign]
    with suppress(Exception):
        image.load()
    image.tile = []
    left, top, right, bottom = box
    pixels, mark = np.asarray(image), np.asarray(marks[0])[0]
    # Half of black-and-white noise matches the picture by chance.
    enough = _WRITTEN / 3 if image.mode == "1" else _WRITTEN
    present = _all_rows(image)
    written = pixels[top:bottom, left:right] != mark[left:right]
    present[top:bottom] = written.mean(axis=tuple(range(1, written.ndim))) > enough
    return present


def _noise(mode: str, width: int) -> Image.Image:
    """Return a row of random pixels, which no real picture contains."""
    row = Image.new(mode, (width, 1))
    return Image.frombytes(mode, row.size, np.random.default_rng(0).bytes(len(row.tobytes())))


def _rows_above_grey(image: Image.Image) -> Rows:
    """Return the rows above the uniform ones at the bottom, which the decoder filled with grey."""
    pixels = np.asarray(image)
    present = _all_rows(image)
    for row in reversed(range(image.height)):
        if (pixels[row] != pixels[-1, -1]).any():
            break
        present[row] = False
    return present


def _all_rows(image: Image.Image) -> Rows:
    return np.ones(image.height, bool)


def _check_share(present: Rows) -> None:
    if present.mean() < MIN_SHARE:
        raise _too_incomplete()


def _too_incomplete() -> InputError:
    return InputError(
        "The picture is damaged or incomplete: expected at least half of it in the file, so save "
        "or send the file again."
    )
