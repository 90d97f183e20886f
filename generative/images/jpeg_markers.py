"""What a JPEG's markers tell before decoding: its scans, and where the file is cut off.

https://www.w3.org/Graphics/JPEG/itu-t81.pdf, annex B.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

SIGNATURE = b"\xff\xd8\xff"
END = b"\xff\xd9"

MAX_SCANS = 32
"""The decoder passes over the whole picture once per scan; real encoders write at most a dozen."""

_MARKER = re.compile(rb"\xff[\x01-\xcf\xd9-\xfe]", re.DOTALL)
_SCAN_START, _IMAGE_END = 0xDA, 0xD9
_MAX_MARKERS = 4096


@dataclass(frozen=True)
class JpegStructure:
    """The parts of a JPEG file.

    Attributes:
        scans: the number of colour components in each scan.
        end: where the last complete segment ends, or would end if the file went on.
        is_safe: whether a decoder can finish the file in reasonable time.
    """

    scans: tuple[int, ...]
    end: int
    is_safe: bool


def parse_structure(data: bytes) -> JpegStructure:
    """Return the parts of a JPEG file, up to its end marker or the point where it is cut off."""
    scans: list[int] = []
    at = len(SIGNATURE) - 1
    for _ in range(_MAX_MARKERS):
        marker = _MARKER.search(data, at)
        if marker is None:
            return JpegStructure(tuple(scans), len(data), True)
        start, kind = marker.start(), data[marker.start() + 1]
        at = start + 2 + int.from_bytes(data[start + 2 : start + 4], "big")
        if kind == _IMAGE_END or at > len(data) or start + 4 > len(data):
            return JpegStructure(tuple(scans), start, True)
        if kind == _SCAN_START:
            scans.append(data[start + 4])
            if len(scans) > MAX_SCANS:
                break
    return JpegStructure(tuple(scans), at, False)
