"""Files of countless tiny pieces, which keep a decoder busy for minutes: they are found first.

Pillow reads what lies between a file's pixels piece by piece, and joins a GIF's comments anew for
each of their blocks.
"""

from __future__ import annotations

from generative.images import jpeg

FEWEST_BYTES = 256
"""Of a piece of a PNG, on average; programs write at least 8192."""

SPARE_PIECES = 1000
"""Of these, a file of any size may have so many: its texts, its palette and the like."""

MOST_BEFORE = 256 * 1024
"""Bytes before the first picture of a GIF: a colour profile, comments."""


def is_sane(data: bytes) -> bool:
    """Tell whether a decoder can be expected to be done with a file, if it is one of ours."""
    if data.startswith(jpeg.SIGNATURE):
        return jpeg.structure(data).is_sane
    if data.startswith(b"\x89PNG"):
        return _is_sane_png(data)
    return not data.startswith(b"GIF8") or _is_sane_gif(data)


def _is_sane_png(data: bytes) -> bool:
    at = 8
    for _ in range(SPARE_PIECES + len(data) // FEWEST_BYTES):
        at += 12 + int.from_bytes(data[at : at + 4], "big")
        if at >= len(data):
            return True
    return False


def _is_sane_gif(data: bytes) -> bool:
    palette = data[10] if len(data) > 10 else 0  # Whether there is one, and how large.
    begin = at = 13 + (3 << (palette & 7) + 1 if palette & 0x80 else 0)
    while data[at : at + 1] == b"!" and at - begin <= MOST_BEFORE:  # An extension and its blocks.
        at += 2
        while data[at : at + 1] > b"\0" and at - begin <= MOST_BEFORE:
            at += 1 + data[at]
        at += 1
    return at - begin <= MOST_BEFORE
