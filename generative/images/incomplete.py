"""Files whose end is missing: what is there is shown, as a browser shows it.

Pillow can be told to do so for the whole process only, and does not say how much is there. Here a
decoder fails where the file ends, and what it wrote until then is found.
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
from generative.images import jpeg
from generative.images.sources import MAX_FILE_BYTES

FEWEST = 0.5
"""Of a picture's rows: with less, it is refused."""

NOTICE = "The end of the file is missing or damaged, so the picture is shown as far as it goes."

Rows = NDArray[np.bool_]
"""Which rows of a picture are there: (height,)."""

Opening = Callable[[bytes], ImageFile]
"""Returns the picture of a file, not loaded yet."""

_END_OF_PNG = b"IEND\xaeB`\x82"
_WRITTEN = 0.75  # of a row's pixels: with half of them, more passes of interlacing are missing
_SPARE = 32  # bytes: the last of a WebP file, to see which rows they decide
_MOST_OF_WEBP = 3  # times what is there: with even less, half of the picture cannot be there


@dataclass(frozen=True)
class Loaded:
    """A picture as far as its file goes.

    Attributes:
        image: loaded.
        there: which rows are; of a JPEG all, as its decoder makes grey what is missing.
        is_whole: whether the file is.
    """

    image: Image.Image
    there: Rows
    is_whole: bool = False


def load(data: bytes, opening: Opening) -> Loaded:
    """Load a picture as far as its file goes.

    Raises:
        InputError: less than `FEWEST` of the picture is there.
        Exception: whatever Pillow's decoders let out of a file that is no picture.
    """
    if data.startswith(b"RIFF"):
        return _load_webp(data, opening)
    image = opening(data)
    with suppress(Exception):  # A decoder can fail in many ways, and each leaves what it wrote.
        image.load()
        is_whole = image.format != "PNG" or _END_OF_PNG in data
        return Loaded(image, _every_row(image), is_whole)
    if data.startswith(jpeg.SIGNATURE):
        return _load_jpeg(data, opening)
    there = _rows_written(image := opening(data))
    _check(there)
    if image.info.get("interlace"):  # With all even rows, and some of those between.
        for row in map(int, np.flatnonzero(~there)):
            image.paste(image.crop((0, row - 1, image.width, row)), (0, row))
        there = _every_row(image)
    return Loaded(image, there)


def _load_jpeg(data: bytes, opening: Opening) -> Loaded:
    """Load a JPEG with an end marker where it is cut off."""
    found = jpeg.structure(data)
    image = opening(data[: found.end] + jpeg.END)
    with suppress(Exception):
        image.load()
    image.tile = []  # Loaded, as far as it can be.
    if len(found.scans) > 1:  # The first one is whole, and has all of the picture, coarsely.
        there = _every_row(image)
    elif image.info.get("progressive"):  # Nothing is written before the end.
        there = _rows_above_grey(image)
    else:
        there = _rows_written(opening(data))
    _check(there)
    return Loaded(image, _every_row(image))


def _load_webp(data: bytes, opening: Opening) -> Loaded:
    """Load a WebP with zeros for what is missing; what follows from them is not there.

    Its decoder says nothing about how far it got. But what changes if the last bytes are missing
    too begins where these bytes had their say.
    """
    if 8 + int.from_bytes(data[4:8], "little") <= len(data):
        image = opening(data)
        image.load()
        return Loaded(image, _every_row(image), is_whole=True)
    filled = _fill(data)
    shorter = filled[: len(data) - _SPARE] + bytes(len(filled) - len(data) + _SPARE)
    image, other = opening(filled), opening(shorter)
    image.load()
    other.load()
    changed = ImageChops.difference(image, other).getbbox(alpha_only=False)
    there = np.arange(image.height) < (changed[1] if changed else image.height)
    _check(there)
    return Loaded(image, there)


def _fill(data: bytes) -> bytes:
    """Return a WebP with its last chunk filled up with zeros.

    And a few more: what a decoder makes of zeros may take more of them than what was there.

    https://developers.google.com/speed/webp/docs/riff_container
    """
    at, length = 12, 0
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 + length > len(data):
            break
        at += 8 + length + length % 2
    if at + length > min(_MOST_OF_WEBP * len(data), MAX_FILE_BYTES):
        raise _too_little()
    length = 2 * (length // 2 + len(data) // 8 + 512)
    chunk = data[at : at + 4] + length.to_bytes(4, "little") + data[at + 8 :]
    size = at + 8 + length
    whole = data[:4] + (size - 8).to_bytes(4, "little") + data[8:at] + chunk
    return whole + bytes(size - len(whole))


def _rows_written(image: ImageFile) -> Rows:
    """Load a picture as far as its decoder gets, over noise; return which rows it wrote."""
    prepare, box = image.load_prepare, image.tile[0][1] or (0, 0, *image.size)
    marks: list[Image.Image] = []

    def prepare_and_mark() -> None:
        prepare()
        marks.append(_noise(image.mode, image.width))
        noise = marks[0].resize(image.size, Image.Resampling.NEAREST)  # The same row all over.
        image.im.paste(noise.im, (0, 0, *image.size))

    image.load_prepare = prepare_and_mark  # type: ignore[method-assign]
    with suppress(Exception):
        image.load()
    image.tile = []
    left, top, right, bottom = box
    pixels, mark = np.asarray(image), np.asarray(marks[0])[0]
    enough = _WRITTEN / 3 if image.mode == "1" else _WRITTEN  # Half of the noise is right there.
    there = _every_row(image)
    written = pixels[top:bottom, left:right] != mark[left:right]
    there[top:bottom] = written.mean(axis=tuple(range(1, written.ndim))) > enough
    return there


def _noise(mode: str, width: int) -> Image.Image:
    """Return a row that no picture has."""
    row = Image.new(mode, (width, 1))
    return Image.frombytes(mode, row.size, np.random.default_rng(0).bytes(len(row.tobytes())))


def _rows_above_grey(image: Image.Image) -> Rows:
    """Return the rows above those at the bottom that are of one colour, which is the grey."""
    pixels = np.asarray(image)
    there = _every_row(image)
    for row in reversed(range(image.height)):
        if (pixels[row] != pixels[-1, -1]).any():
            break
        there[row] = False
    return there


def _every_row(image: Image.Image) -> Rows:
    return np.ones(image.height, bool)


def _check(there: Rows) -> None:
    if there.mean() < FEWEST:
        raise _too_little()


def _too_little() -> InputError:
    return InputError(
        "The picture is damaged or incomplete: expected at least half of it in the file, so save "
        "or send the file again."
    )
