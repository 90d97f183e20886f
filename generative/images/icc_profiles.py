"""Build ICC colour profiles (ICC.1:2022)."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

D50 = np.array([0.9642, 1.0, 0.8249])
"""White point of the profile connection space, CIE XYZ."""


def make_profile(exponent: float, primaries: NDArray[np.float64] | None = None) -> bytes:
    """Return the profile of a grey or RGB space whose tone curve is a power.

    Args:
        exponent: linear light is the stored value to this power.
        primaries: (3, 3), from linear red, green and blue to CIE XYZ under D50; None for grey.

    Raises:
        struct.error: a number does not fit a profile's fixed-point fields.
    """
    curve = b"para" + struct.pack(">4xHHi", 0, 0, round(exponent * 65536))
    tags = {b"wtpt": _xyz(D50)}
    if primaries is None:
        tags[b"kTRC"] = curve
    else:
        for colour, column in zip("rgb", primaries.T, strict=True):
            tags |= {f"{colour}XYZ".encode(): _xyz(column), f"{colour}TRC".encode(): curve}
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, value in tags.items():
        table += struct.pack(">4sII", name, start + len(body), len(value))
        body += value
    size = start + len(body)
    space = b"GRAY" if primaries is None else b"RGB "
    head = struct.pack(">I4xI4s4s4s12x4s28x", size, 0x04200000, b"mntr", space, b"XYZ ", b"acsp")
    return head + _fixed(D50) + bytes(48) + table + body


def _xyz(values: Sequence[float] | NDArray[np.float64]) -> bytes:
    return b"XYZ " + bytes(4) + _fixed(values)


def _fixed(values: Sequence[float] | NDArray[np.float64]) -> bytes:
    return struct.pack(">3i", *(round(float(value) * 65536) for value in values))
