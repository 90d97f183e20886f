"""What the markers of a JPEG file say before a decoder begins: its scans, and where it is cut off.

https://www.w3.org/Graphics/JPEG/itu-t81.pdf, annex B.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

SIGNATURE = b"\xff\xd8\xff"
END = b"\xff\xd9"

MAX_SCANS = 32
"""A decoder goes over the whole picture for each; programs write at most a dozen."""

_MARKER = re.compile(rb"\xff[\x01-\xcf\xd9-\xfe]", re.DOTALL)
_SCAN, _END = 0xDA, 0xD9
_MOST_MARKERS = 4096


@dataclass(frozen=True)
class Structure:
    """What a JPEG file consists of.

    Attributes:
        scans: of each, how many of the colour components it holds.
        end: where the last whole piece of the file ends, or would end if more followed.
        is_sane: whether a decoder can be expected to be done with it.
    """

    scans: tuple[int, ...]
    end: int
    is_sane: bool


def structure(data: bytes) -> Structure:
    """Return what a JPEG file consists of, up to its end marker or to where it is cut off."""
    scans: list[int] = []
    at = len(SIGNATURE) - 1
    for _ in range(_MOST_MARKERS):
        marker = _MARKER.search(data, at)
        if marker is None:
            return Structure(tuple(scans), len(data), True)
        start, kind = marker.start(), data[marker.start() + 1]
        at = start + 2 + int.from_bytes(data[start + 2 : start + 4], "big")
        if kind == _END or at > len(data) or start + 4 > len(data):
            return Structure(tuple(scans), start, True)
        if kind == _SCAN:
            scans.append(data[start + 4])
            if len(scans) > MAX_SCANS:
                break
    return Structure(tuple(scans), at, False)
