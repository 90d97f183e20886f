"""From a file to pixels.

`decode` trusts neither the name of a file nor its header: the content decides, and the size is
refused before a pixel is unpacked.
"""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from generative.errors import InputError

MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 25_000_000
MIN_SIDE = 8

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF")

_ACCEPTED = "PNG, JPEG, WebP, BMP or GIF"
_FOREIGN = {
    b"<svg": "an SVG drawing",
    b"%!PS": "an EPS drawing",
    b"\xc5\xd0\xd3\xc6": "an EPS drawing",
    b"%PDF": "a PDF document",
    b"II*\0": "a TIFF picture",
    b"MM\0*": "a TIFF picture",
    b"ftypheic": "a HEIC photo",
    b"ftypmif1": "a HEIC photo",
    b"ftypavif": "an AVIF picture",
}
_SIGNATURES = (b"\x89PNG", b"\xff\xd8\xff", b"RIFF", b"GIF8")

NOTE = "generative-playground"
"""Name of the text chunk that holds a note."""


def decode(source: str | os.PathLike[str] | bytes | None) -> NDArray[np.uint8]:
    """Return the pixels of a picture file as a browser would show them on a white page.

    Turned as its EXIF orientation says, in sRGB, transparency laid on white, 16 bits scaled to
    8; of an animation the first frame.

    Args:
        source: a file, or its bytes: PNG, JPEG, WebP, BMP or GIF, whatever its name says, of at
            most `MAX_FILE_BYTES`, at most `MAX_PIXELS` and at least `MIN_SIDE` pixels a side.

    Returns:
        (height, width, 3) uint8.

    Raises:
        InputError: no picture, unreadable, of another format, damaged, too large or too small.
    """
    data = _read(source)
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _check_size(*image.size)
            image.load()
            return np.array(_to_srgb(_flatten(_turn(image))), dtype=np.uint8)
    except InputError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large() from None
    except UnidentifiedImageError:
        raise InputError(_name_the_problem(data)) from None
    except Exception:  # Pillow's decoders let almost any error out of a damaged file.
        raise InputError(_DAMAGED) from None


_DAMAGED = (
    "The picture is damaged or incomplete: expected a whole "
    f"{_ACCEPTED} file, so save or send it again."
)


def _read(source: object) -> bytes:
    if source is None:
        raise InputError("There is no picture yet: choose, drop or draw one first.")
    data = source if isinstance(source, bytes) else _read_file(source)
    if not data:
        raise InputError(f"The file is empty: expected a {_ACCEPTED} picture, so choose another.")
    if len(data) > MAX_FILE_BYTES:
        raise InputError(
            f"The file is too large: expected at most {MAX_FILE_BYTES // 2**20} MB, so make the "
            "picture smaller or save it as JPEG."
        )
    return data


def _read_file(source: object) -> bytes:
    """Return the file's content, cut off one byte past the limit."""
    try:
        if isinstance(source, str | os.PathLike) and Path(source).is_file():
            with open(source, "rb") as file:
                return file.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError, TypeError):
        pass  # The system's own message would show the path.
    raise InputError(f"The file could not be read: choose the {_ACCEPTED} picture again.")


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise _too_large()
    if min(width, height) < MIN_SIDE:
        raise InputError(
            f"The picture is too small: expected at least {MIN_SIDE} by {MIN_SIDE} pixels, "
            f"received {width} by {height}, so choose a larger one."
        )


def _too_large() -> InputError:
    return InputError(
        f"The picture is too large: expected at most {MAX_PIXELS // 10**6} megapixels, "
        "so make it smaller first."
    )


def _name_the_problem(data: bytes) -> str:
    if data.startswith(_SIGNATURES):
        return _DAMAGED
    head = data[:1024]
    names = (name for signature, name in _FOREIGN.items() if signature in head)
    found = next(names, "not a picture")
    return f"The file is {found}: expected {_ACCEPTED}, so save it in one of these formats."


def _turn(image: Image.Image) -> Image.Image:
    """Apply the EXIF orientation; broken EXIF data is no reason to refuse the picture."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # Like the decoders, the EXIF reader lets almost any error out.
        return image


def _flatten(image: Image.Image) -> Image.Image:
    """Return an 8-bit picture without transparency, laid on white."""
    if image.mode.startswith("I"):
        return _narrow(image)
    if not image.has_transparency_data:
        return image if image.mode == "CMYK" else image.convert("RGB")
    colours = image.convert("RGBA")
    white = Image.new("RGBA", colours.size, "white")
    flat = Image.alpha_composite(white, colours).convert("RGB")
    flat.info["icc_profile"] = image.info.get("icc_profile")
    return flat


def _narrow(image: Image.Image) -> Image.Image:
    """Scale 16-bit grey to 8 bits: Pillow's own conversion would clip it to white."""
    levels = np.asarray(image, dtype=np.int64)
    grey = np.where(levels == image.info.get("transparency", -1), 65535, levels)
    return Image.fromarray(np.rint(grey / 257).clip(0, 255).astype(np.uint8)).convert("RGB")


def _to_srgb(image: Image.Image) -> Image.Image:
    """Convert from the embedded colour profile, if there is a usable one: phones use Display P3."""
    profile = image.info.get("icc_profile")
    if not profile:
        return image.convert("RGB")
    try:
        source, target = (
            ImageCms.getOpenProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
        )
        converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        converted = None
    return converted or image.convert("RGB")


def read_note(source: str | os.PathLike[str] | bytes | None) -> str:
    """Return the text that `encode_png` kept inside a PNG file.

    Raises:
        InputError: no file, not a PNG, damaged, or one without such a text.
    """
    data = _read(source)
    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
            _check_size(*image.size)
            image.load()
            note = image.info.get(NOTE)
    except InputError:
        raise
    except Exception:  # As in `decode`.
        note = None
    if note is None:
        raise InputError(
            "The file holds no settings: expected a PNG that was downloaded here, as it was saved."
        )
    return str(note)
