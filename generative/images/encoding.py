"""Encode pixels as PNG, JPEG or animated GIF, or as a data URI for a page."""

from __future__ import annotations

import base64
import io

from PIL import Image, PngImagePlugin

from generative.images.decoding import NOTE_KEYWORD
from generative.images.pixel_arrays import Picture, check_picture, check_pixels, to_uint8
from generative.validation import Range, check_choice

DURATION = Range(20, 1000, whole=True)
"""Milliseconds that a GIF shows each frame."""

FRAMES = Range(1, 600, whole=True)

JPEG_QUALITY = Range(1, 95, whole=True)
"""libjpeg's scale; Pillow advises against more, which makes files larger and hardly better."""

_PREVIEW_QUALITY = 88

KEPT_AS = ("png", "jpeg")
"""Formats of pictures that are made to be kept."""

SUFFIX_OF = {"png": ".png", "jpeg": ".jpg"}

_KEPT_QUALITY = 92


def encode_png(picture: Picture, note: str | None = None, profile: bytes | None = None) -> bytes:
    """Return `picture` as the bytes of a PNG file, grey or RGB.

    Args:
        picture: (h, w), (h, w, 1) or (h, w, 3); uint8, or float32 in [0, 1].
        note: text to store in the file; `read_note` returns it.
        profile: ICC profile to store in it; none means sRGB.

    Raises:
        InputError: another type, dtype or shape, a NaN, or a value outside [0, 1].
    """
    about = PngImagePlugin.PngInfo()
    if note is not None:
        about.add_itxt(NOTE_KEYWORD, note)
    file = io.BytesIO()
    _to_image(picture).save(file, "PNG", pnginfo=about, icc_profile=profile)
    return file.getvalue()


def encode_jpeg(
    picture: Picture, quality: int = _PREVIEW_QUALITY, profile: bytes | None = None
) -> bytes:
    """Return `picture` as the bytes of a JPEG file.

    Args:
        picture: as for `encode_png`.
        quality: a whole number in `JPEG_QUALITY`; by default that of previews, which are soon
            replaced.
        profile: as for `encode_png`.

    Raises:
        InputError: as `encode_png`, or a quality out of range.
    """
    file = io.BytesIO()
    kept = JPEG_QUALITY.check_whole("quality", quality)
    _to_image(picture).save(file, "JPEG", quality=kept, icc_profile=profile)
    return file.getvalue()


def encode_to_keep(picture: Picture, kind: str, profile: bytes | None = None) -> bytes:
    """Return `picture` as the bytes of a file to keep.

    Args:
        picture: as for `encode_png`.
        kind: one of `KEPT_AS`.
        profile: as for `encode_png`.

    Raises:
        InputError: as `encode_png`, or another kind.
    """
    if check_choice("format", kind, KEPT_AS) == "png":
        return encode_png(picture, profile=profile)
    return encode_jpeg(picture, _KEPT_QUALITY, profile)


def encode_gif(frames: Picture, milliseconds: int) -> bytes:
    """Return frames as the bytes of an animated GIF that loops for ever.

    Identical neighbours become one frame shown for longer. GIF stores hundredths of a second, so
    the duration is rounded down, and at most 256 colours per frame.

    Args:
        frames: (n, h, w), (n, h, w, 1) or (n, h, w, 3); uint8, or float32 in [0, 1]; n in `FRAMES`.
        milliseconds: how long each frame is shown; a whole number in `DURATION`.

    Raises:
        InputError: invalid frames or duration.
    """
    shown = DURATION.check_whole("duration of a frame", milliseconds)
    tiles = to_uint8(check_pixels(frames, "(n, h, w), (n, h, w, 1) or (n, h, w, 3)", 3))
    FRAMES.check("number of frames", len(tiles))
    first, *others = (Image.fromarray(t[..., 0] if t.shape[2:] == (1,) else t) for t in tiles)
    file = io.BytesIO()
    first.save(file, "GIF", save_all=True, append_images=others, duration=shown, loop=0)
    return file.getvalue()


def data_uri(picture: Picture, note: str | None = None) -> str:
    """Return `picture` (as in `encode_png`) as a PNG data URI, for the `src` of an HTML image."""
    return f"data:image/png;base64,{base64.b64encode(encode_png(picture, note)).decode('ascii')}"


def jpeg_data_uri(picture: Picture) -> str:
    """Return `picture` (as in `encode_jpeg`) as a JPEG data URI."""
    return f"data:image/jpeg;base64,{base64.b64encode(encode_jpeg(picture)).decode('ascii')}"


def _to_image(picture: Picture) -> Image.Image:
    pixels = to_uint8(check_picture(picture))
    return Image.fromarray(pixels[..., 0] if pixels.shape[2:] == (1,) else pixels)
