"""Read an uploaded file's bytes, and name the format of a file we cannot decode."""

from __future__ import annotations

import os
from pathlib import Path

from generative import files
from generative.errors import InputError

MAX_FILE_BYTES = 40 * 1024 * 1024
"""A 48-megapixel phone writes up to 30 MB."""

ACCEPTED = "PNG, JPEG, WebP, BMP or GIF"

_OTHER_FORMATS = {
    b"\xff\x0a": "a JPEG XL picture",
    b"\0\0\0\x0cJXL ": "a JPEG XL picture",
    b"\xff\x4f\xff\x51": "a JPEG 2000 picture",
    b"\0\0\0\x0cjP  ": "a JPEG 2000 picture",
    b"%!PS": "an EPS drawing",
    b"\xc5\xd0\xd3\xc6": "an EPS drawing",
    b"%PDF": "a PDF document",
    b"II*\0": "a TIFF picture",
    b"MM\0*": "a TIFF picture",
    b"8BPS": "a Photoshop picture",
}
_BRANDS = {
    "an AVIF picture": (b"avif", b"avis"),
    "a HEIC photo": (
        *(b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"),
        *(b"mif1", b"msf1"),
    ),
    "a camera's raw photo": (b"crx ",),
    "a video": (b"isom", b"iso2", b"mp41", b"mp42", b"qt  ", b"M4V "),
}
_SIGNATURES = (b"\x89PNG", b"\xff\xd8\xff", b"RIFF", b"GIF8")

DAMAGED = (
    f"The picture is damaged or incomplete: expected a whole {ACCEPTED} file, so save or send it "
    "again."
)


def read(source: object) -> bytes:
    """Return the bytes of a file.

    Args:
        source: a path, or the bytes themselves; at most `MAX_FILE_BYTES`.

    Raises:
        InputError: no file, or one that is unreadable, empty or too large.
    """
    if source is None:
        raise InputError("There is no picture yet: choose, drop or draw one first.")
    data = source if isinstance(source, bytes) else _read_file(source)
    if not data:
        raise InputError(f"The file is empty: expected a {ACCEPTED} picture, so choose another.")
    if len(data) > MAX_FILE_BYTES:
        raise _too_large()
    return data


def _read_file(source: object) -> bytes:
    try:
        if isinstance(source, str | os.PathLike):
            return files.read(Path(source), MAX_FILE_BYTES)
    except files.TooLarge:
        raise _too_large() from None
    except (OSError, ValueError):
        pass  # The system's message would reveal the path.
    raise InputError(f"The file could not be read: choose the {ACCEPTED} picture again.")


def _too_large() -> InputError:
    return InputError(
        f"The file is too large: expected at most {MAX_FILE_BYTES // 2**20} MB, so make the "
        "picture smaller or save it as JPEG."
    )


def refusal(data: bytes) -> InputError:
    """Return the error for a file that no decoder accepts: damaged, or another format."""
    if data.startswith(_SIGNATURES):
        return InputError(DAMAGED)
    return InputError(
        f"The file is {_format_name(data)}: expected {ACCEPTED}, so save it in one of these "
        "formats."
    )


def _format_name(data: bytes) -> str:
    if data[4:8] == b"ftyp":  # ISO media: major brand, version, compatible brands.
        length = min(int.from_bytes(data[:4], "big"), 1024)
        brands = [data[8:12], *(data[at : at + 4] for at in range(16, length - 3, 4))]
        for name, known in _BRANDS.items():
            if any(brand in known for brand in brands):
                return name
    for signature, name in _OTHER_FORMATS.items():
        if data.startswith(signature):
            return name
    return "an SVG drawing" if b"<svg" in data[:1024] else "not a picture"
