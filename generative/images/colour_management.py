"""Convert a picture's colours to sRGB, which screens show.

A file defines its colours by an ICC profile or, in PNG, by a gamma (gAMA) and primaries (cHRM).
"""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from generative.images.icc_profiles import D50, make_profile

SRGB_GAMMA = 1 / 2.2
"""The gAMA that stands for sRGB, whose real curve is not quite a power."""

OWN_PROFILE = "own profile"
"""Key, in a picture's `info`, of the profile that its colours were left in."""

MAX_PROFILE_BYTES = 2**20
"""A profile of a camera or a screen has a few kB, of a printer up to a few hundred."""

_SRGB_PRIMARIES = (0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
_MODE_OF_PROFILE = {"GRAY": "L", "RGB ": "RGB", "CMYK": "CMYK"}


def to_srgb(image: Image.Image) -> Image.Image:
    """Return a loaded picture in 8-bit sRGB: mode RGB, or RGBA if it has transparency.

    Grey, RGB and CMYK are converted from the embedded ICC profile if it matches the picture's mode.
    A PNG without a profile is converted from its gAMA and cHRM, unless it declares sRGB. A gAMA of
    1/2.2 counts as sRGB, because programs write it to mean sRGB. 16-bit grey is converted before it
    is reduced to 8 bits.
    """
    alpha, colours = _alpha(image), _without_alpha(image)
    profile = image.info.get("icc_profile") or _profile_of_png(image.info, colours.mode != "RGB")
    converted = (profile and _apply_profile(colours, profile)) or _to_rgb(colours)
    if alpha is not None:
        converted = Image.merge("RGBA", (*converted.split(), alpha))
    return converted


def in_own_colours(image: Image.Image) -> Image.Image:
    """Return a loaded picture in the colours it is stored in, if it is RGB with a profile.

    That profile is then `info[OWN_PROFILE]`. Any other picture, also one with transparency or whose
    profile is broken, is converted as by `to_srgb`.
    """
    profile = image.info.get("icc_profile")
    if image.mode != "RGB" or image.has_transparency_data or not _is_for_rgb(profile):
        return to_srgb(image)
    kept = image.copy()
    kept.info[OWN_PROFILE] = profile
    return kept


def _is_for_rgb(profile: bytes | None) -> bool:
    if not profile or len(profile) > MAX_PROFILE_BYTES:
        return False
    try:
        opened = ImageCms.getOpenProfile(io.BytesIO(profile))
        return bool(_MODE_OF_PROFILE.get(opened.profile.xcolor_space) == "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return False


def _without_alpha(image: Image.Image) -> Image.Image:
    """Return a picture without its alpha: 8- or 16-bit grey, RGB or CMYK."""
    if image.mode.startswith("I") or image.mode in ("L", "RGB", "CMYK"):
        return image
    return image.convert("L" if image.mode in ("1", "LA", "La") else "RGB")


def _alpha(image: Image.Image) -> Image.Image | None:
    if not image.has_transparency_data:
        return None
    if image.mode.startswith("I"):
        opaque = np.asarray(image, np.int64) != image.info.get("transparency", -1)
        return Image.fromarray(np.where(opaque, np.uint8(255), np.uint8(0)))
    return image.convert("RGBA").getchannel("A")


def _to_rgb(colours: Image.Image) -> Image.Image:
    """Return RGB as it stands, without a profile."""
    if not colours.mode.startswith("I"):
        return colours if colours.mode == "RGB" else colours.convert("RGB")
    # Pillow's own conversion would clip nearly all 16-bit levels to white.
    levels = np.asarray(colours, dtype=np.int64)
    grey = np.rint(levels / 257).clip(0, 255).astype(np.uint8)
    return Image.fromarray(grey).convert("RGB")


def _apply_profile(colours: Image.Image, profile: bytes) -> Image.Image | None:
    """Return RGB through a profile; None if it is broken or made for another mode."""
    try:
        source = ImageCms.getOpenProfile(io.BytesIO(profile))
        mode = _MODE_OF_PROFILE.get(source.profile.xcolor_space)
        if mode == "L":
            grey = _single_band(colours)
            return None if grey is None else _apply_grey_curve(grey, source)
        if mode == "RGB" and colours.mode != "CMYK":
            colours = _to_rgb(colours)
        if mode != colours.mode:
            return None
        target = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(colours, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


def _single_band(colours: Image.Image) -> Image.Image | None:
    """Return a grey picture as one band; Pillow reads 16-bit grey with alpha as RGBA."""
    if colours.mode != "RGB":
        return None if colours.mode == "CMYK" else colours
    red, green, blue = (np.asarray(band) for band in colours.split())
    is_grey = np.array_equal(red, green) and np.array_equal(red, blue)
    return Image.fromarray(red) if is_grey else None


def _apply_grey_curve(grey: Image.Image, source: ImageCms.ImageCmsProfile) -> Image.Image:
    """Return RGB from 8- or 16-bit grey through the curve of a grey profile.

    Looks each level up in the exact curve of all 65536: the optimised transform is off by up to ten
    levels where the curve is steep.
    """
    levels_image = Image.fromarray(np.arange(65536, dtype=np.uint16).reshape(256, 256))
    transform = ImageCms.buildTransform(
        source,
        ImageCms.createProfile("sRGB"),
        levels_image.mode,
        "RGB",
        flags=ImageCms.Flags.NOOPTIMIZE,
    )
    curve = np.asarray(transform.apply(levels_image))[..., 1].ravel()
    if grey.mode == "L":
        return grey.point(curve[::257].tolist()).convert("RGB")
    return Image.fromarray(curve[np.asarray(grey, np.int64).clip(0, 65535)]).convert("RGB")


def _profile_of_png(info: dict[Any, Any], is_grey: bool) -> bytes | None:
    """Return the profile that a PNG's gAMA and cHRM chunks describe; None for sRGB.

    https://www.w3.org/TR/png-3/#11gAMA: light is the stored number to the power 1 / gAMA.
    """
    gamma, primaries = info.get("gamma"), info.get("chromaticity", _SRGB_PRIMARIES)
    if "srgb" in info or not gamma:
        return None
    is_srgb = np.allclose(primaries, _SRGB_PRIMARIES, atol=2e-3)
    if is_srgb and abs(gamma - SRGB_GAMMA) < 1e-3:
        return None
    try:
        return make_profile(1 / gamma, None if is_grey else _to_d50(primaries))
    except (struct.error, np.linalg.LinAlgError, ValueError, OverflowError):
        return None  # The chunks describe no possible colours.


def _to_d50(primaries: Sequence[float]) -> NDArray[np.float64]:
    """Return the matrix (3, 3) from linear RGB to CIE XYZ under D50, adapted by Bradford's method.

    Args:
        primaries: xy chromaticities of white, red, green and blue.
    """
    x, y = np.reshape(primaries, (4, 2)).T
    white, *colours = np.stack([x, y, 1 - x - y], axis=1) / np.maximum(y, 1e-9)[:, None]
    matrix = np.stack(colours, axis=1)
    matrix = matrix * np.linalg.solve(matrix, white)
    cones = (_BRADFORD @ D50) / (_BRADFORD @ white)
    adapted: NDArray[np.float64] = np.linalg.inv(_BRADFORD) @ (cones[:, None] * _BRADFORD) @ matrix
    return adapted
