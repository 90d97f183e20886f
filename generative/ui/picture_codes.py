"""How a 28×28 picture is written into a link: by its number in the gallery, or by its pixels.

mnist-5         the sixth of the pictures to pick from
p.<base64url>   784 grey levels, deflated
own             an uploaded photo: it does not travel
"""

from __future__ import annotations

import base64
import re
import zlib

import numpy as np
from numpy.typing import NDArray

from generative import data
from generative.data import gallery
from generative.errors import InputError
from generative.images import to_uint8
from generative.ui.links import OWN
from generative.validation import PIXELS, SIDE

PREFIX = "p."
OF_GALLERY = re.compile(r"([a-z_]+)-(\d{1,2})")
RAW = -15
"""For zlib: a deflated stream without a header."""

Picture = NDArray[np.uint8]
"""(28, 28)."""


def of_gallery(dataset: str, at: int) -> str:
    """Return the code of one of the pictures to pick from."""
    return f"{dataset}-{at}"


def of_pixels(picture: Picture) -> str:
    """Return the code of any picture: some 300 characters for a digit."""
    squeezer = zlib.compressobj(9, zlib.DEFLATED, RAW)
    deflated = squeezer.compress(picture.tobytes()) + squeezer.flush()
    return PREFIX + base64.urlsafe_b64encode(deflated).decode("ascii").rstrip("=")


def read(code: str) -> Picture:
    """Return the picture that a code stands for.

    Raises:
        InputError: it stands for none, or for a photo that was not sent.
    """
    if code == OWN:
        raise InputError("An uploaded photo stays with its owner.")
    if code.startswith(PREFIX):
        return _inflate(code.removeprefix(PREFIX))
    found = OF_GALLERY.fullmatch(code)
    if found and found[1] in data.DATASETS:
        pictures = gallery.pictures(found[1])
        at = int(found[2])
        if at < len(pictures.picked):
            chosen = pictures.images[pictures.picked[at]]
            return to_uint8(chosen[..., 0])
    raise InputError("Invalid picture code. Expected a number of the gallery, or pixels.")


def _inflate(text: str) -> Picture:
    try:
        deflated = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        pixels = zlib.decompressobj(RAW).decompress(deflated, PIXELS + 1)
    except (ValueError, zlib.error):
        pixels = b""
    if len(pixels) != PIXELS:
        raise InputError(f"Invalid picture code. Expected {PIXELS} deflated grey levels.")
    return np.frombuffer(pixels, np.uint8).reshape(SIDE, SIDE)
