"""Colour profiles, PNG's gAMA and cHRM, and the background of transparent pictures."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageDraw
from talk import chunk, encoded

from generative import images
from generative.data import photographed
from generative.errors import InputError
from generative.images.icc_profiles import make_profile

RAMP = np.arange(256, dtype=np.uint8).reshape(16, 16)
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
ADOBE_RGB = np.array([[0.6097, 0.2053, 0.1492], [0.3111, 0.6257, 0.0632], [0.0195, 0.0609, 0.7446]])
"""Its primaries in CIE XYZ under D50."""

ADOBE_CHRM = (0.3127, 0.3290, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)


def with_chunks(content: bytes, **chunks: bytes) -> bytes:
    """Return a PNG with chunks after its header."""
    more = b"".join(chunk(name.encode(), body) for name, body in chunks.items())
    return content[:33] + more + content[33:]


def in_srgb(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return light, 0 to 1, as sRGB values, 0 to 255 (IEC 61966-2-1)."""
    return 255 * np.where(
        light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055
    )


def littlecms(image: Image.Image, profile: bytes) -> NDArray[np.int64]:
    """Return (h, w, 3) as Little CMS converts it to sRGB."""
    source = ImageCms.getOpenProfile(io.BytesIO(profile))
    target = ImageCms.createProfile("sRGB")
    flags = ImageCms.Flags.NOOPTIMIZE
    converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB", flags=flags)
    return np.asarray(converted, np.int64)


@pytest.mark.parametrize("exponent", [1.0, 1.8, 2.2, 3.0])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "LA", "WEBP"])
def test_grey_is_converted_from_its_profile(kind: str, exponent: float) -> None:
    profile = make_profile(exponent)
    image = Image.fromarray(RAMP).convert("LA" if kind == "LA" else "L")
    options: dict[str, Any] = {"JPEG": {"quality": 100}, "WEBP": {"lossless": True}}.get(kind, {})
    file = encoded(image, "PNG" if kind == "LA" else kind, icc_profile=profile, **options)
    stored = np.asarray(Image.open(io.BytesIO(file)).convert("L"))
    found = images.decode(file).astype(int)
    assert np.abs(found - in_srgb((stored / 255) ** exponent)[..., None]).max() <= 1
    assert np.abs(found - littlecms(Image.fromarray(stored), profile)).max() <= 1


def test_16_bit_grey_keeps_its_precision_through_its_profile() -> None:
    levels = np.arange(0, 65536, 16, dtype=np.uint16).reshape(64, 64)
    for exponent in (1.0, 2.2):
        file = encoded(Image.fromarray(levels), icc_profile=make_profile(exponent))
        found = images.decode(file)[..., 0]
        assert np.abs(found - in_srgb((levels / 65535) ** exponent)).max() <= 1
    assert len(np.unique(found)) == 256


def test_16_bit_grey_with_alpha_is_converted_too() -> None:
    rows = b""
    for row in RAMP.astype(np.uint16) * 257:
        rows += b"\0" + np.stack([row, np.full_like(row, 65535)], axis=1).astype(">u2").tobytes()
    header = struct.pack(">IIBBBBB", 16, 16, 16, 4, 0, 0, 0)
    profile = b"grey\0\0" + zlib.compress(make_profile(1.0))
    start = encoded(Image.new("L", (1, 1)))[:8]
    parts = {"IHDR": header, "iCCP": profile, "IDAT": zlib.compress(rows), "IEND": b""}
    file = with_chunks(start + bytes(25), **parts)
    found = images.decode(start + file[33:])
    assert np.abs(found - in_srgb(RAMP / 255)[..., None]).max() <= 1


def test_an_rgb_profile_applies_to_grey_too() -> None:
    profile = make_profile(1.0, ADOBE_RGB)
    found = images.decode(encoded(Image.fromarray(RAMP), icc_profile=profile))
    assert np.abs(found - in_srgb(RAMP / 255)[..., None]).max() <= 2


@pytest.mark.parametrize("mode", ["RGB", "CMYK"])
def test_a_grey_profile_is_ignored_for_colours(mode: str) -> None:
    image = Image.merge("RGB", [Image.fromarray(np.rot90(RAMP, turn)) for turn in range(3)])
    kind = "JPEG" if mode == "CMYK" else "PNG"
    plain = images.decode(encoded(image.convert(mode), kind))
    profiled = images.decode(encoded(image.convert(mode), kind, icc_profile=make_profile(1.0)))
    np.testing.assert_array_equal(profiled, plain)


def test_colours_are_converted_from_their_profile() -> None:
    image = Image.merge("RGB", [Image.fromarray(np.rot90(RAMP, turn)) for turn in range(3)])
    profile = make_profile(563 / 256, ADOBE_RGB)
    found = images.decode(encoded(image, icc_profile=profile))
    assert np.abs(found.astype(int) - littlecms(image, profile)).max() <= 1


# --- gAMA and cHRM ---------------------------------------------------------------------------


def gama(gamma: float) -> bytes:
    return struct.pack(">I", round(gamma * 100_000))


@pytest.mark.parametrize("mode", ["L", "RGB", "P", "LA", "RGBA"])
@pytest.mark.parametrize("gamma", [1.0, 1 / 1.8, 0.3])
def test_gama_is_honoured(gamma: float, mode: str) -> None:
    image = Image.fromarray(RAMP).convert(mode)
    found = images.decode(with_chunks(encoded(image), gAMA=gama(gamma)))
    assert np.abs(found - in_srgb((RAMP / 255) ** (1 / gamma))[..., None]).max() <= 1


def test_gama_is_honoured_in_16_bits() -> None:
    levels = np.arange(0, 65536, 16, dtype=np.uint16).reshape(64, 64)
    found = images.decode(with_chunks(encoded(Image.fromarray(levels)), gAMA=gama(1.0)))
    assert np.abs(found - in_srgb(levels / 65535)[..., None]).max() <= 1


@pytest.mark.parametrize(
    "chunks",
    [
        {"gAMA": gama(1 / 2.2)},
        {"gAMA": gama(1.0), "sRGB": b"\0"},
        {"gAMA": gama(1.0), "iCCP": b"sRGB\0\0" + zlib.compress(SRGB)},
        {"gAMA": gama(0)},
        {"gAMA": gama(0.00001)},
        {"cHRM": struct.pack(">8I", *(round(x * 100_000) for x in ADOBE_CHRM))},
        {"gAMA": gama(0.7), "cHRM": bytes(32)},
    ],
    ids=["as sRGB", "sRGB", "profile", "zero", "tiny", "no gamma", "black primaries"],
)
def test_srgb_and_nonsense_chunks_change_nothing(chunks: dict[str, bytes]) -> None:
    image = Image.merge("RGB", [Image.fromarray(np.rot90(RAMP, turn)) for turn in range(3)])
    found = images.decode(with_chunks(encoded(image), **chunks))
    assert np.abs(found.astype(int) - np.asarray(image)).max() <= 1


def test_gama_and_chrm_equal_the_corresponding_profile() -> None:
    image = Image.merge("RGB", [Image.fromarray(np.rot90(RAMP, turn)) for turn in range(3)])
    chrm = struct.pack(">8I", *(round(x * 100_000) for x in ADOBE_CHRM))
    found = images.decode(with_chunks(encoded(image), gAMA=gama(1 / 2.2), cHRM=chrm))
    wanted = littlecms(image, make_profile(2.2, ADOBE_RGB))
    assert np.abs(found.astype(int) - wanted).max() <= 2


# --- The background --------------------------------------------------------------------------


def logo(colour: Any, width: int = 12) -> Image.Image:
    """A ring and a stroke on transparent."""
    image = Image.new("RGBA", (120, 100), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.ellipse((20, 20, 80, 80), outline=colour, width=width)
    draw.line((90, 15, 90, 85), fill=colour, width=width)
    return image.resize((240, 200), Image.Resampling.BICUBIC)


@pytest.mark.parametrize(
    ("colour", "ground"),
    [
        ("white", 0),
        ("#fff3b0", 0),
        ("#ffc0cb", 0),
        ("#f0f0f0", 0),
        ("black", 255),
        ("#444444", 255),
        ("red", 255),
        ("#2040ff", 255),
        ("#808080", 255),
    ],
)
@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_drawing_on_transparent_stands_out_from_its_background(
    colour: str, ground: int, kind: str
) -> None:
    found = images.decode(
        encoded(logo(colour), kind, **({"lossless": True} if kind != "PNG" else {}))
    )
    assert (found[0, 0] == ground).all()
    luma = np.asarray(Image.fromarray(found).convert("L"), int)
    assert np.ptp(luma) > 60


def test_white_paint_with_a_hole_shows_the_hole() -> None:
    image = Image.new("RGBA", (100, 100), "white")
    image.paste((0, 0, 0, 0), (45, 20, 55, 80))
    assert images.decode(encoded(image)).std() > 40


@pytest.mark.parametrize("light", [120, 170, 205])
def test_a_photo_with_soft_edges_gets_a_white_background(light: int) -> None:
    rng = np.random.default_rng(0)
    patches = Image.fromarray(rng.integers(0, 255, (6, 6, 3), np.uint8))
    scene = np.asarray(patches.resize((200, 200), Image.Resampling.BICUBIC), float)
    photo = Image.fromarray((scene * 0.5 + light - 64).clip(0, 255).astype(np.uint8))
    edge = np.minimum(np.arange(200), np.arange(200)[::-1])
    alpha = (np.minimum.outer(edge, edge) * 12).clip(0, 255)
    photo.putalpha(Image.fromarray(alpha.astype(np.uint8)))
    assert (images.decode(encoded(photo))[0, 0] == 255).all()


def test_a_page_with_round_corners_gets_a_white_background() -> None:
    page = Image.new("RGBA", (200, 200), (0, 0, 0, 0))
    draw = ImageDraw.Draw(page)
    draw.rounded_rectangle((0, 0, 199, 199), radius=20, fill="white")
    draw.line((60, 60, 140, 140), fill="black", width=6)
    assert (images.decode(encoded(page))[0, 0] == 255).all()


def test_a_fully_transparent_picture_becomes_white() -> None:
    assert (images.decode(encoded(Image.new("RGBA", (20, 20), (0, 0, 0, 0)))) == 255).all()


def test_a_digit_in_white_on_transparent_is_read_like_one_in_black() -> None:
    black, white = (
        photographed.prepare(images.decode(encoded(logo(colour))), "mnist")
        for colour in ("black", "white")
    )
    assert np.abs(black - white).mean() < 0.01


# --- Left in their own colours ---------------------------------------------------------------

WIDE = make_profile(2.2, ADOBE_RGB)
COLOURS = np.random.default_rng(0).integers(0, 256, (12, 20, 3)).astype(np.uint8)


@pytest.mark.parametrize("orientation", [1, 6])
def test_rgb_with_a_profile_is_left_as_it_is_stored_but_upright(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = encoded(Image.fromarray(COLOURS), "PNG", icc_profile=WIDE, exif=exif)
    found = images.read_in_own_colours(file)
    np.testing.assert_array_equal(found.pixels, np.rot90(COLOURS, -1 if orientation == 6 else 0))
    assert found.profile == WIDE
    assert found.size == found.pixels.shape[1::-1]
    assert not np.array_equal(images.decode(file), found.pixels)


def test_what_is_stored_with_its_profile_looks_as_before() -> None:
    file = encoded(Image.fromarray(COLOURS), "PNG", icc_profile=WIDE)
    found = images.read_in_own_colours(file)
    again = images.encode_png(found.pixels, profile=found.profile)
    np.testing.assert_array_equal(images.decode(again), images.decode(file))
    jpeg = Image.open(io.BytesIO(images.encode_jpeg(found.pixels, 95, found.profile)))
    assert jpeg.info["icc_profile"] == WIDE
    plain = Image.open(io.BytesIO(images.encode_jpeg(found.pixels)))
    assert "icc_profile" not in plain.info


@pytest.mark.parametrize(
    ("image", "profile"),
    [
        (Image.fromarray(COLOURS), None),
        (Image.fromarray(COLOURS), b"broken"),
        (Image.fromarray(COLOURS), make_profile(1.8)),
        (Image.fromarray(COLOURS).convert("RGBA"), WIDE),
        (Image.fromarray(RAMP), make_profile(1.8)),
    ],
    ids=["none", "broken", "for grey", "transparency", "grey"],
)
def test_any_other_picture_is_converted(image: Image.Image, profile: bytes | None) -> None:
    file = encoded(image, "PNG", icc_profile=profile)
    found = images.read_in_own_colours(file)
    assert found.profile is None
    np.testing.assert_array_equal(found.pixels, images.decode(file))


def test_a_huge_profile_is_not_passed_on() -> None:
    file = encoded(Image.fromarray(COLOURS), "JPEG", icc_profile=WIDE + bytes(2**20))
    assert images.read_in_own_colours(file).profile is None


def test_a_quality_out_of_range_is_refused() -> None:
    for wrong in (0, 96, 50.5, None):
        with pytest.raises(InputError, match=r"^Invalid quality\. Expected a whole number"):
            images.encode_jpeg(COLOURS, wrong)  # type: ignore[arg-type]
