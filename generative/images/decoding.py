"""From a file to pixels.

Neither the name of a file nor its header is trusted: the content decides, and the size is refused
before a pixel is unpacked.

Memory is bounded by what is unpacked, whatever the file says. At most `MAX_PIXELS` are, of 4 bytes
each in a few copies: some 400 MB at the worst. A JPEG may have more, as its decoder shrinks on the
way; one in several scans keeps all of its coefficients meanwhile, at most `MAX_COEFFICIENT_BYTES`.
Time is bounded likewise: no decoder goes over more than `MAX_SCANNED_PIXELS`.
"""

from __future__ import annotations

import io
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import (
    ExifTags,
    Image,
    ImageChops,
    ImageOps,
    JpegImagePlugin,
    UnidentifiedImageError,
)
from PIL.ImageFile import ImageFile

from generative.errors import InputError
from generative.images import incomplete, jpeg, sources
from generative.images.colour import to_srgb
from generative.images.ground import lay_on_ground
from generative.images.pieces import is_sane

MAX_PIXELS = 25_000_000
"""Of a picture in memory."""

MAX_JPEG_PIXELS = 250_000_000
"""Of a JPEG in its file: phones have up to 200 megapixels."""

MAX_COEFFICIENT_BYTES = 300_000_000
"""Of a JPEG in several scans: 50 megapixels in full colour, 100 with colours at half the size."""

MAX_SCANNED_PIXELS = 1_000_000_000
"""Of a JPEG, each counted once a scan, since its decoder goes over all of them for each."""

MIN_SIDE = 8

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF")

_SHRINKING = (1, 2, 4, 8)  # how much a JPEG's decoder can shrink either side

NOTE = "generative-playground"
"""Name of the text chunk that holds a note."""

Notices = tuple[str, ...]

_SIZE = "size in the file"
_ON_ITS_SIDE = (5, 6, 7, 8)  # EXIF orientations
_WHITE = 250  # of 255: a lossy white
_COLOURED = 16  # of 255, between the channels of a pixel: more than lossy grey has
_SOME = 0.01  # of what is opaque


@dataclass(frozen=True)
class Opened:
    """What a file holds.

    Attributes:
        pixels: (h, w, 3) uint8; of a mask (h, w).
        size: (width, height) of the picture in its file, turned as its EXIF orientation says; more
            than the pixels have if it was shrunk.
        notices: sentences that whoever chose the file should read.
    """

    pixels: NDArray[np.uint8]
    size: tuple[int, int]
    notices: tuple[str, ...] = ()


def decode(source: str | os.PathLike[str] | bytes | None) -> NDArray[np.uint8]:
    """Return the pixels alone of what `read` returns."""
    return read(source).pixels


def read(source: str | os.PathLike[str] | bytes | None, longest: int | None = None) -> Opened:
    """Read a picture file as its owner means it.

    Turned as its EXIF orientation says, in sRGB (see `to_srgb`), what is transparent laid on white
    or, if it vanishes there, on black (see `lay_on_ground`), 16 bits scaled to 8; of an animation
    the first frame. A file whose end is missing is shown as far as it goes, with a notice.

    Args:
        source: a file, or its bytes: PNG, JPEG, WebP, BMP or GIF, whatever its name says, of at
            most `sources.MAX_FILE_BYTES`, at least `MIN_SIDE` pixels a side and at most
            `MAX_PIXELS`; as JPEG at most `MAX_JPEG_PIXELS`, of which more than `MAX_PIXELS` are
            shrunk to a half, a quarter or an eighth a side.
        longest: the longest side wanted, pixels; a larger picture is shrunk to it.

    Raises:
        InputError: no picture, unreadable, of another format, damaged, too large or too small.
    """
    picture, size, notices = _load(source, longest)
    return Opened(np.array(lay_on_ground(picture)), size, notices)


def read_mask(source: str | os.PathLike[str] | bytes | None, longest: int | None = None) -> Opened:
    """Read a file that says where something applies: white where it does.

    What is transparent is left alone, like black. Where something is transparent, colours only
    say that it is painted there: a red stroke, or a photo with holes, is white. Greys keep their
    levels.

    Args:
        source: as for `read`.
        longest: as for `read`.

    Returns:
        What is there, (h, w) uint8; with a notice if it is white all over.

    Raises:
        InputError: as `read`, or black or transparent all over.
    """
    picture, size, notices = _load(source, longest)
    mask = _levels(picture)
    if not mask.any():
        raise InputError(
            "The mask is black all over, or transparent: make white what is to be painted."
        )
    if mask.min() >= _WHITE:
        notices += ("The mask is white all over, so everything is painted.",)
    return Opened(mask, size, notices)


def read_note(source: str | os.PathLike[str] | bytes | None) -> str:
    """Return the text that `encode_png` kept inside a PNG file.

    Raises:
        InputError: no file, not a PNG, damaged, or one without such a text.
    """
    data = sources.read(source)
    try:
        loaded = incomplete.load(data, _open)
        is_as_saved = loaded.image.format == "PNG" and loaded.is_whole
        note = loaded.image.info.get(NOTE) if is_as_saved else None
    except InputError:
        raise
    except Exception:  # As in `_readable`.
        note = None
    if note is None:
        raise InputError(
            "The file holds no settings: expected a PNG that was downloaded here, as it was saved."
        )
    return str(note)


def _load(source: object, longest: int | None) -> tuple[Image.Image, tuple[int, int], Notices]:
    """Return a picture, RGB or RGBA and upright, its size in the file, and notices."""
    data = sources.read(source)
    with _readable(data):
        loaded = incomplete.load(data, lambda part: _open(part, longest))
        size, orientation = loaded.image.info[_SIZE], _orientation(loaded.image)
        picture = to_srgb(loaded.image)
        if not loaded.there.all():
            picture.putalpha(_only(loaded.there, picture))
        picture = _turn(_shrink(picture, longest), orientation)
        notices = () if loaded.is_whole else (incomplete.NOTICE,)
        return picture, size[::-1] if orientation in _ON_ITS_SIDE else size, notices


@contextmanager
def _readable(data: bytes) -> Iterator[None]:
    """Turn whatever a decoder raises into one sentence."""
    try:
        yield
    except InputError:
        raise
    except UnidentifiedImageError:
        raise sources.refuse(data) from None
    except Exception:  # Pillow's decoders let almost any error out of a damaged file.
        raise InputError(sources.DAMAGED) from None


def _open(data: bytes, longest: int | None = None) -> ImageFile:
    """Return the picture of a file, not loaded yet, and set to be shrunk as far as possible.

    Not by `Image.open`, which has a bound of its own, for all formats and without its numbers.
    """
    if not is_sane(data):
        raise InputError(sources.DAMAGED)
    Image.init()
    for name in FORMATS:
        factory, accept = Image.OPEN[name]
        if accept is None or accept(data[:16]):
            image = factory(io.BytesIO(data), "")
            image.info[_SIZE] = image.size
            _check_size(image, data)
            _check_decoder(image)
            _set_to_shrink(image, longest)
            return image
    raise UnidentifiedImageError


def _check_size(image: ImageFile, data: bytes) -> None:
    width, height = image.size
    if min(width, height) < MIN_SIDE:
        raise InputError(
            f"The picture is too small: expected at least {MIN_SIDE} by {MIN_SIDE} pixels, "
            f"received {width} by {height}, so choose a larger one."
        )
    most = MAX_PIXELS
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        most = _most_of_jpeg(image, data)
    if width * height > most:
        advice = f", or save it as a plain JPEG, of which {_mega(MAX_JPEG_PIXELS)} are taken"
        if width * height > MAX_JPEG_PIXELS:
            advice = ""
        raise InputError(
            f"The picture is too large: expected at most {_mega(most)} megapixels, received "
            f"{width} by {height}, which are {math.ceil(width * height / 1e5) / 10:g}, so make it "
            f"smaller first{advice}."
        )


def _check_decoder(image: ImageFile) -> None:
    """Refuse run lengths: Pillow unpacks them in Python, one by one, and past the last row."""
    if any(decoder == "bmp_rle" for decoder, *_ in image.tile):
        raise InputError(
            "The picture is a compressed BMP, which takes too long to unpack: expected a plain "
            "one, so save it as PNG."
        )


def _mega(pixels: int) -> int:
    return pixels // 10**6


def _most_of_jpeg(image: JpegImagePlugin.JpegImageFile, data: bytes) -> int:
    """Return how many pixels a JPEG may have; fewer where each scan goes over all of them."""
    scans = jpeg.structure(data).scans
    if scans[:1] == (image.layers,) and not image.info.get("progressive"):
        return MAX_JPEG_PIXELS
    areas = [horizontal * vertical for _, horizontal, vertical, _ in image.layer]
    largest = max(h for _, h, _, _ in image.layer) * max(v for _, _, v, _ in image.layer)
    return min(
        MAX_JPEG_PIXELS,
        MAX_COEFFICIENT_BYTES * largest // (2 * sum(areas)),
        MAX_SCANNED_PIXELS // max(1, len(scans)),
    )


def _set_to_shrink(image: ImageFile, longest: int | None) -> None:
    """Let a JPEG's decoder shrink so that the picture fits, but stays as large as is wanted."""
    width, height = image.size
    factor = next(s for s in _SHRINKING if width * height <= MAX_PIXELS * s**2)
    if longest is not None:
        factor = max(factor, *(s for s in _SHRINKING if max(width, height) >= longest * s), 1)
    if factor > 1:
        image.draft(None, (width // factor, height // factor))


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation; broken EXIF data is no reason to refuse the picture."""
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # Like the decoders, the EXIF reader lets almost any error out.
        return 1


def _turn(image: Image.Image, orientation: int) -> Image.Image:
    image.getexif()[ExifTags.Base.Orientation] = orientation
    return ImageOps.exif_transpose(image)


def _only(rows: NDArray[np.bool_], picture: Image.Image) -> Image.Image:
    """Return the alpha channel of a picture, transparent in all other rows."""
    alpha = np.array(picture.convert("RGBA").getchannel("A"))
    alpha[~rows] = 0
    return Image.fromarray(alpha)


def _shrink(picture: Image.Image, longest: int | None) -> Image.Image:
    if longest is None or max(picture.size) <= longest:
        return picture
    scale = longest / max(picture.size)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.LANCZOS)


def _levels(picture: Image.Image) -> NDArray[np.uint8]:
    """Return how much of a mask each pixel is."""
    grey = picture.convert("RGB").convert("L")
    if picture.mode == "RGB":
        return np.array(grey)
    alpha = picture.getchannel("A")
    opacity = np.array(alpha)
    if opacity.min() == 255:
        return np.array(grey)
    chroma = np.ptp(np.asarray(picture)[..., :3], axis=2)
    is_coloured = opacity[chroma > _COLOURED].sum() > _SOME * opacity.sum()
    return opacity if is_coloured else np.array(ImageChops.multiply(grey, alpha))
