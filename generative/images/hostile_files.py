"""Detect files made of countless tiny chunks, which would keep a decoder busy for minutes.

Pillow reads a file's metadata chunk by chunk, and copies a GIF's whole comment again for each of
its blocks.
"""

from __future__ import annotations

from generative.images import jpeg_markers

MIN_MEAN_CHUNK_BYTES = 256
"""A PNG's chunks must average at least this many bytes; real encoders write 8192 or more."""

SPARE_CHUNKS = 1000
"""Chunks allowed in a PNG of any size, for texts, a palette and the like."""

MAX_GIF_HEADER_BYTES = 256 * 1024
"""Bytes allowed before a GIF's first frame: a colour profile, comments."""


def is_safe_to_decode(data: bytes) -> bool:
    """Tell whether a decoder can finish a file in reasonable time, if it is in our formats."""
    if data.startswith(jpeg_markers.SIGNATURE):
        return jpeg_markers.parse_structure(data).is_safe
    if data.startswith(b"\x89PNG"):
        return _is_safe_png(data)
    return not data.startswith(b"GIF8") or _is_safe_gif(data)


def _is_safe_png(data: bytes) -> bool:
    at = 8
    for _ in range(SPARE_CHUNKS + len(data) // MIN_MEAN_CHUNK_BYTES):
        at += 12 + int.from_bytes(data[at : at + 4], "big")
        if at >= len(data):
            return True
    return False


def _is_safe_gif(data: bytes) -> bool:
    flags = data[10] if len(data) > 10 else 0  # Whether there is a palette, and its size.
    begin = at = 13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
    while data[at : at + 1] == b"!" and at - begin <= MAX_GIF_HEADER_BYTES:  # An extension.
        at += 2
        while data[at : at + 1] > b"\0" and at - begin <= MAX_GIF_HEADER_BYTES:  # Its blocks.
            at += 1 + data[at]
        at += 1
    return at - begin <= MAX_GIF_HEADER_BYTES
