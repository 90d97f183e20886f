"""Decode picture files.

The content decides what a file is, never its name. A picture that is too large is refused before
any pixel is decoded.

Memory is bounded: at most `MAX_PIXELS` are decoded, at 4 bytes each and in a few copies, so some
400 MB at worst. A JPEG may have more pixels, because its decoder shrinks as it goes; a JPEG in
several scans keeps all its coefficients until the end, at most `MAX_COEFFICIENT_BYTES`. Time is
bounded too: no decoder passes over more than `MAX_SCANNED_PIXELS`.
"""

from __future__ import annotations

import io
import math
import os
from collections.abc import Callable, Iterator
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
from generative.images import input_files, jpeg_markers, truncated_files
from generative.images.colour_management import OWN_PROFILE, in_own_colours, to_srgb
from generative.images.hostile_files import is_safe_to_decode
from generative.images.transparency import flatten

MAX_PIXELS = 25_000_000
"""Pixels of a decoded picture."""

MAX_JPEG_PIXELS = 250_000_000
"""Pixels of a JPEG file; phones take up to 200 megapixels."""

MAX_COEFFICIENT_BYTES = 300_000_000
"""Coefficients of a JPEG in several scans: 50 megapixels at full colour resolution, 100 at half."""

MAX_SCANNED_PIXELS = 1_000_000_000
"""Pixels times scans of a JPEG: its decoder passes over the whole picture once per scan."""

MIN_SIDE = 8
"""Pixels."""

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF")
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif")
"""Of files in these formats, in lower case."""


_SHRINK_FACTORS = (1, 2, 4, 8)  # by which a JPEG's decoder can divide both sides

NOTE_KEYWORD = "generative-playground"
"""Keyword of the PNG text chunk that holds a note."""

Notices = tuple[str, ...]

_FILE_SIZE = "size in the file"  # key in `Image.info`
_SIDEWAYS = (5, 6, 7, 8)  # EXIF orientations
_BLACK, _WHITE = 5, 250  # of 255; lossy compression changes both a little
_MIN_CHROMA = 16  # of 255, between a pixel's channels; lossy compression gives grey less
_MIN_COLOURED_SHARE = 0.01  # of the opaque area


@dataclass(frozen=True)
class DecodedPicture:
    """The picture in a file.

    Attributes:
        pixels: (h, w, 3) uint8; (h, w) for a mask.
        size: (width, height) in the file, after EXIF rotation; larger than `pixels` if the picture
            was shrunk.
        notices: sentences for the user who chose the file.
        profile: ICC profile of the pixels' colours; None for sRGB.
    """

    pixels: NDArray[np.uint8]
    size: tuple[int, int]
    notices: tuple[str, ...] = ()
    profile: bytes | None = None


def decode(source: str | os.PathLike[str] | bytes | None) -> NDArray[np.uint8]:
    """Return only the pixels that `read` returns."""
    return read(source).pixels


def read(
    source: str | os.PathLike[str] | bytes | None, longest: int | None = None
) -> DecodedPicture:
    """Read a picture file the way a browser would show it.

    Applies the EXIF rotation, converts to sRGB (see `to_srgb`), flattens transparency onto white,
    or onto black if the picture would vanish on white (see `flatten`), scales 16 bits to 8, and
    takes the first frame of an animation. A file whose end is missing is read as far as it goes,
    with a notice.

    Args:
        source: a path, or the bytes of a file: PNG, JPEG, WebP, BMP or GIF, whatever its name; at
            most `input_files.MAX_FILE_BYTES`, at least `MIN_SIDE` pixels a side, at most
            `MAX_PIXELS`. A JPEG may have up to `MAX_JPEG_PIXELS`; above `MAX_PIXELS` its sides are
            divided by 2, 4 or 8.
        longest: pixels; a picture with a longer side is shrunk to it.

    Raises:
        InputError: no picture, unreadable, another format, damaged, too large or too small.
    """
    picture, size, notices = _load(source, longest)
    return DecodedPicture(np.array(flatten(picture)), size, notices)


def read_in_own_colours(source: str | os.PathLike[str] | bytes | None) -> DecodedPicture:
    """Read a picture file as `read` does, but leave RGB that has a profile in its own colours.

    What is made of it can then be stored with the same profile, without rounding any colour.

    Args:
        source: as for `read`.

    Raises:
        InputError: as `read`.
    """
    picture, size, notices = _load(source, None, in_own_colours)
    profile = picture.info.get(OWN_PROFILE)
    return DecodedPicture(np.array(flatten(picture)), size, notices, profile)


def read_mask(
    source: str | os.PathLike[str] | bytes | None, longest: int | None = None
) -> DecodedPicture:
    """Read a mask: white selects, black does not, grey selects in part.

    Transparent pixels count as black. In a picture with both transparency and colour, whatever is
    opaque counts as white, be it a red stroke or a photo with holes.

    Args:
        source: as for `read`.
        longest: as for `read`.

    Returns:
        The mask, (h, w) uint8; with a notice if it is all white.

    Raises:
        InputError: as `read`, or the mask is all black or transparent.
    """
    picture, size, notices = _load(source, longest)
    mask = _mask_levels(picture)
    if mask.max() <= _BLACK:
        raise InputError(
            "The mask is black all over, or transparent: make the area to paint white."
        )
    if mask.min() >= _WHITE:
        notices += ("The mask is white all over, so the whole picture is painted.",)
    return DecodedPicture(mask, size, notices)


def read_note(source: str | os.PathLike[str] | bytes | None) -> str:
    """Return the note that `encode_png` stored in a PNG file.

    Raises:
        InputError: no file, not a PNG, damaged, or without a note.
    """
    data = input_files.read(source)
    with _readable(data):
        loaded = truncated_files.load(data, _open)
    is_intact_png = loaded.image.format == "PNG" and loaded.is_complete
    note = loaded.image.info.get(NOTE_KEYWORD) if is_intact_png else None
    if note is None:
        raise InputError(
            "The file holds no settings: expected an unedited PNG downloaded from this app."
        )
    return str(note)


def _load(
    source: object,
    longest: int | None,
    convert: Callable[[Image.Image], Image.Image] = to_srgb,
) -> tuple[Image.Image, tuple[int, int], Notices]:
    """Return an upright RGB or RGBA picture, its size in the file, and notices."""
    data = input_files.read(source)
    with _readable(data):
        loaded = truncated_files.load(data, lambda part: _open(part, longest))
        size, orientation = loaded.image.info[_FILE_SIZE], _orientation(loaded.image)
        picture = convert(loaded.image)
        if not loaded.present.all():
            picture.putalpha(_alpha_of_rows(loaded.present, picture))
        picture = _rotate(_shrink(picture, longest), orientation)
        notices = () if loaded.is_complete else (truncated_files.NOTICE,)
        return picture, size[::-1] if orientation in _SIDEWAYS else size, notices


@contextmanager
def _readable(data: bytes) -> Iterator[None]:
    """Turn anything a decoder raises into a one-sentence `InputError`."""
    try:
        yield
    except InputError:
        raise
    except UnidentifiedImageError:
        raise input_files.refusal(data) from None
    except Exception:  # Pillow's decoders raise almost anything on a damaged file.
        raise InputError(input_files.DAMAGED) from None


def _open(data: bytes, longest: int | None = None) -> ImageFile:
    """Open a file without loading its pixels, set to shrink as far as `longest` allows.

    Avoids `Image.open`, whose own size limit ignores the format and names no numbers.
    """
    if not is_safe_to_decode(data):
        raise InputError(input_files.DAMAGED)
    Image.init()
    for name in FORMATS:
        factory, accept = Image.OPEN[name]
        if accept is None or accept(data[:16]):
            image = factory(io.BytesIO(data), "")
            image.info[_FILE_SIZE] = image.size
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
    limit = MAX_PIXELS
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        limit = _max_jpeg_pixels(image, data)
    if width * height > limit:
        advice = f", or save it as a plain JPEG, which may have {_mega(MAX_JPEG_PIXELS)}"
        if width * height > MAX_JPEG_PIXELS:
            advice = ""
        raise InputError(
            f"The picture is too large: expected at most {_mega(limit)} megapixels, received "
            f"{width} by {height}, which are {math.ceil(width * height / 1e5) / 10:g}, so make it "
            f"smaller first{advice}."
        )


def _check_decoder(image: ImageFile) -> None:
    """Refuse run-length BMPs: Pillow decodes them run by run in Python, even past the last row."""
    if any(decoder == "bmp_rle" for decoder, *_ in image.tile):
        raise InputError(
            "The picture is a compressed BMP, which takes too long to decode: expected an "
            "uncompressed one, so save it as PNG."
        )


def _mega(pixels: int) -> int:
    return pixels // 10**6


def _max_jpeg_pixels(image: JpegImagePlugin.JpegImageFile, data: bytes) -> int:
    """Return how many pixels a JPEG may have; fewer the more scans it takes."""
    scans = jpeg_markers.parse_structure(data).scans
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
    """Let a JPEG's decoder shrink the picture to fit `MAX_PIXELS`, but not below `longest`."""
    width, height = image.size
    factor = next(s for s in _SHRINK_FACTORS if width * height <= MAX_PIXELS * s**2)
    if longest is not None:
        factor = max(factor, *(s for s in _SHRINK_FACTORS if max(width, height) >= longest * s), 1)
    if factor > 1:
        image.draft(None, (width // factor, height // factor))


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation; 1, upright, if the EXIF data is broken."""
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # Like the decoders, the EXIF reader raises almost anything.
        return 1


def _rotate(image: Image.Image, orientation: int) -> Image.Image:
    image.getexif()[ExifTags.Base.Orientation] = orientation
    return ImageOps.exif_transpose(image)


def _alpha_of_rows(rows: NDArray[np.bool_], picture: Image.Image) -> Image.Image:
    """Return the picture's alpha channel, made transparent outside `rows`."""
    alpha = np.array(picture.convert("RGBA").getchannel("A"))
    alpha[~rows] = 0
    return Image.fromarray(alpha)


def _shrink(picture: Image.Image, longest: int | None) -> Image.Image:
    if longest is None or max(picture.size) <= longest:
        return picture
    scale = longest / max(picture.size)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.LANCZOS)


def _mask_levels(picture: Image.Image) -> NDArray[np.uint8]:
    """Return the mask, (h, w) uint8, that `read_mask` describes."""
    grey = picture.convert("RGB").convert("L")
    if picture.mode == "RGB":
        return np.array(grey)
    alpha = picture.getchannel("A")
    opacity = np.array(alpha)
    if opacity.min() == 255:
        return np.array(grey)
    chroma = np.ptp(np.asarray(picture)[..., :3], axis=2)
    is_coloured = opacity[chroma > _MIN_CHROMA].sum() > _MIN_COLOURED_SHARE * opacity.sum()
    return opacity if is_coloured else np.array(ImageChops.multiply(grey, alpha))
