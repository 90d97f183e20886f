"""The decoder, the encoder and the way from a photo to the form of a data set."""

from __future__ import annotations

import base64
import io
import os
import struct
import subprocess
import sys
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageDraw, ImageFilter

from generative import images
from generative.errors import InputError

RED, GREEN, BLUE, WHITE = (200, 30, 40), (20, 180, 60), (30, 60, 220), (255, 255, 255)


def quadrants(mode: str = "RGB") -> Image.Image:
    """32 by 24 pixels in four flat colours: every turn and mirroring shows."""
    image = Image.new("RGB", (32, 24))
    for (left, top), colour in {
        (0, 0): RED,
        (16, 0): GREEN,
        (0, 12): BLUE,
        (16, 12): WHITE,
    }.items():
        image.paste(colour, (left, top, left + 16, top + 12))
    return image.convert(mode)


def to_bytes(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, depth: int, colour: int, rows: bytes, *extra: bytes) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(rows)) if rows else b""
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(extra) + pixels + chunk(b"IEND", b"")


def refusal(source: Any) -> str:
    """Return why `decode` refuses, after checking that the message is fit to be shown."""
    with pytest.raises(InputError) as caught:
        images.decode(source)
    message = str(caught.value)
    assert message.endswith(".")
    assert message.count(". ") == 0
    assert "\n" not in message
    for leak in ("/", "Traceback", "PIL", "Error", "0x"):
        assert leak not in message
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    return message


# --- decode: formats and modes --------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "options", "tolerance"),
    [
        ("PNG", {}, 0),
        ("BMP", {}, 0),
        ("WEBP", {"lossless": True}, 0),
        ("WEBP", {"quality": 95}, 4),
        ("JPEG", {"quality": 95, "subsampling": 0}, 2),
        ("JPEG", {"quality": 95, "progressive": True, "subsampling": 0}, 2),
        ("GIF", {}, 0),
        ("MPO", {"quality": 95, "subsampling": 0}, 2),
    ],
)
def test_decodes_every_format(kind: str, options: dict[str, Any], tolerance: int) -> None:
    picture = images.decode(to_bytes(quadrants(), kind, **options))
    assert picture.shape == (24, 32, 3)
    assert picture.dtype == np.uint8
    assert np.abs(picture.astype(int) - np.asarray(quadrants(), int)).mean() <= tolerance


@pytest.mark.parametrize("mode", ["L", "P", "1", "LA", "RGBA", "RGB", "CMYK"])
def test_decodes_every_mode(mode: str) -> None:
    image = quadrants(mode)
    kind = "JPEG" if mode == "CMYK" else "PNG"
    options = {"quality": 100, "subsampling": 0} if mode == "CMYK" else {}
    picture = images.decode(to_bytes(image, kind, **options))
    assert np.abs(picture.astype(int) - np.asarray(image.convert("RGB"), int)).max() <= 4


def test_reads_a_path_and_a_name(tmp_path: Path) -> None:
    file = tmp_path / "picture.png"
    quadrants().save(file)
    assert np.array_equal(images.decode(file), images.decode(str(file)))


def test_goes_by_content_and_not_by_name(tmp_path: Path) -> None:
    file = tmp_path / "picture.jpg"
    file.write_bytes(to_bytes(quadrants(), "PNG"))
    assert np.array_equal(images.decode(file), np.asarray(quadrants()))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_applies_exif_orientation(orientation: int) -> None:
    upright = np.asarray(quadrants())
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright, 1),
        7: upright[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    for kind, options, tolerance in (("PNG", {}, 0), ("JPEG", {"quality": 100}, 60)):
        file = to_bytes(Image.fromarray(np.ascontiguousarray(stored)), kind, exif=exif, **options)
        picture = images.decode(file)
        assert picture.shape == upright.shape
        assert np.abs(picture[6::12, 8::16].astype(int) - upright[6::12, 8::16]).max() <= tolerance


def test_passes_over_broken_exif() -> None:
    file = to_bytes(quadrants(), "JPEG", exif=b"Exif\0\0not a header at all")
    assert images.decode(file).shape == (24, 32, 3)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_lays_transparency_on_white(mode: str) -> None:
    image = Image.new("RGB", (16, 16), "black").convert(mode)
    image.putalpha(Image.linear_gradient("L").resize((16, 16)))
    alpha = np.asarray(image.getchannel("A"), int)
    picture = images.decode(to_bytes(image))
    assert np.abs(picture - (255 - alpha)[..., None]).max() <= 1


def test_lays_transparent_palette_and_colour_keys_on_white() -> None:
    palette = quadrants().quantize(4)
    keyed = palette.getpixel((0, 0))
    assert (images.decode(to_bytes(palette, transparency=keyed))[:12, :16] == 255).all()
    assert (images.decode(to_bytes(quadrants(), transparency=RED))[:12, :16] == 255).all()
    assert (images.decode(to_bytes(palette, "GIF", transparency=keyed))[:12, :16] == 255).all()


def test_scales_16_bit_grey() -> None:
    levels = np.linspace(0, 65535, 256).reshape(16, 16).astype(np.uint16)
    picture = images.decode(to_bytes(Image.fromarray(levels)))
    assert np.array_equal(picture[..., 0].ravel(), np.arange(256))
    assert (picture == picture[..., :1]).all()


def test_scales_16_bit_grey_with_a_transparent_level() -> None:
    levels = np.full((8, 8), 1000, ">u2")
    levels[0] = 0
    rows = b"".join(b"\0" + row.tobytes() for row in levels)
    picture = images.decode(png(8, 8, 16, 0, rows, chunk(b"tRNS", struct.pack(">H", 1000))))
    assert (picture[0] == 0).all()
    assert (picture[1:] == 255).all()


def test_scales_16_bit_colour() -> None:
    row = struct.pack(">3H", 65535, 32768, 0) * 8
    assert images.decode(png(8, 8, 16, 2, (b"\0" + row) * 8))[0, 0].tolist() == [255, 128, 0]


def test_takes_the_first_frame_of_an_animation() -> None:
    frames = [Image.new("RGB", (16, 16), colour) for colour in (RED, GREEN, BLUE)]
    for kind, options in (("GIF", {}), ("WEBP", {"lossless": True}), ("PNG", {})):
        file = to_bytes(frames[0], kind, save_all=True, append_images=frames[1:], **options)
        assert images.decode(file)[5, 5].tolist() == list(RED)


def test_converts_from_the_embedded_profile_and_survives_a_broken_one() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for profile in (srgb, b"no profile"):
        picture = images.decode(to_bytes(quadrants(), icc_profile=profile))
        assert np.abs(picture.astype(int) - np.asarray(quadrants(), int)).max() <= 2
    # With the red and green primaries exchanged the colours have to change.
    swapped = srgb.replace(b"rXYZ", b"tmp!").replace(b"gXYZ", b"rXYZ").replace(b"tmp!", b"gXYZ")
    red = images.decode(to_bytes(quadrants(), icc_profile=swapped))[0, 0]
    assert red[1] > red[0]


# --- decode: refusals -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "word"),
    [
        (None, "no picture"),
        (b"", "empty"),
        (b"hello, this is a text", "not a picture"),
        (b"BM and some more text that is no bitmap", ""),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"></svg>', "SVG"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "EPS"),
        (b"%PDF-1.7", "PDF"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (to_bytes(quadrants(), "TIFF"), "TIFF"),
        (to_bytes(Image.new("RGB", (1, 1))), "too small"),
        (to_bytes(Image.new("RGB", (100, images.MIN_SIDE - 1))), "too small"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (b"GIF89a", "damaged"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "damaged"),
        (np.zeros((8, 8, 3), np.uint8), "could not be read"),
        (5, "could not be read"),
        ("data:image/png;base64,AAAA", "could not be read"),
        ("a\0b", "could not be read"),
        ("x" * 5000, "could not be read"),
    ],
)
def test_refuses(source: object, word: str) -> None:
    assert word in refusal(source)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_refuses_truncated_files(kind: str, share: float) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    whole = to_bytes(Image.fromarray(noise), kind)
    assert "damaged" in refusal(whole[: int(len(whole) * share)])


def test_never_lets_another_error_out_of_damaged_files() -> None:
    rng = np.random.default_rng(0)
    for kind in ("PNG", "JPEG", "WEBP", "BMP", "GIF"):
        whole = np.frombuffer(to_bytes(quadrants(), kind), np.uint8)
        for _ in range(60):
            spoilt = whole.copy()
            spoilt[rng.integers(0, min(len(whole), 200), 4)] = rng.integers(0, 255, 4)
            try:
                images.decode(spoilt.tobytes())
            except InputError:
                continue


@pytest.mark.parametrize(("width", "height"), [(5001, 5000), (12_000, 8_000), (60_000, 60_000)])
def test_refuses_too_many_pixels_from_the_header(width: int, height: int) -> None:
    # There are no pixels behind the header: only a decoder that stops there says "too large".
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        assert "too large" in refusal(png(width, height, 8, 2, b""))


def test_refuses_too_many_pixels_when_warnings_are_errors() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "too large" in refusal(png(12_000, 8_000, 8, 2, b""))


def test_refuses_large_files(tmp_path: Path) -> None:
    file = tmp_path / "large.png"
    with open(file, "wb") as handle:
        handle.truncate(images.MAX_FILE_BYTES + 1)
    assert "20 MB" in refusal(file)
    assert "20 MB" in refusal(bytes(images.MAX_FILE_BYTES + 1))


def test_refuses_what_is_no_file(tmp_path: Path) -> None:
    assert "could not be read" in refusal(tmp_path)
    assert "could not be read" in refusal(tmp_path / "secret-name.png")
    os.mkfifo(tmp_path / "pipe")
    assert "could not be read" in refusal(tmp_path / "pipe")


# --- encode, grid, enlarge ------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(9, 11), (9, 11, 1), (9, 11, 3)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_encoded_pictures_decode_to_themselves(shape: tuple[int, ...], dtype: type) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    picture: images.Picture = pixels if dtype is np.uint8 else pixels.astype(np.float32) / 255
    decoded = images.decode(images.encode_png(picture))
    expected = pixels[..., None] if pixels.ndim == 2 else pixels
    assert np.array_equal(decoded, np.broadcast_to(expected, (9, 11, 3)))
    prefix, _, code = images.data_uri(picture).partition(",")
    assert prefix == "data:image/png;base64"
    assert base64.b64decode(code) == images.encode_png(picture)


@pytest.mark.parametrize("function", [images.encode_png, lambda wrong: images.enlarge(wrong, 2)])
@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [[0.0, 1.0]],
        np.zeros((4, 4)),
        np.zeros((4, 4), np.int32),
        np.zeros((4, 4, 2), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((2, 4, 4, 1), np.uint8),
        np.zeros(4, np.uint8),
        np.zeros((0, 4), np.uint8),
        np.full((4, 4), 1.01, np.float32),
        np.full((4, 4), -0.01, np.float32),
        np.full((4, 4), np.nan, np.float32),
        np.full((4, 4), np.inf, np.float32),
    ],
)
def test_refuses_wrong_pictures(function: Callable[[Any], object], wrong: object) -> None:
    with pytest.raises(InputError, match="Invalid picture"):
        function(wrong)


def gif_frames(blob: bytes) -> tuple[NDArray[np.uint8], list[int]]:
    """Return the frames of a GIF, (n, h, w, 3), and how long each is shown."""
    shown, durations = [], []
    with Image.open(io.BytesIO(blob)) as image:
        assert image.format == "GIF"
        for index in range(getattr(image, "n_frames", 1)):
            image.seek(index)
            shown.append(np.array(image.convert("RGB")))
            durations.append(image.info["duration"])
    return np.stack(shown), durations


@pytest.mark.parametrize("shape", [(5, 9, 11), (5, 9, 11, 1)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_a_gif_of_grey_frames_decodes_to_them(shape: tuple[int, ...], dtype: type) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    frames: images.Picture = pixels if dtype is np.uint8 else pixels.astype(np.float32) / 255
    shown, durations = gif_frames(images.encode_gif(frames, 80))
    assert np.array_equal(shown, np.broadcast_to(pixels.reshape(5, 9, 11, 1), (5, 9, 11, 3)))
    assert durations == [80] * 5


def test_a_gif_of_a_few_colours_decodes_to_them() -> None:
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 256, (100, 3), np.uint8)[rng.integers(0, 100, (4, 9, 11))]
    shown, _ = gif_frames(images.encode_gif(frames, 80))
    assert np.array_equal(shown, frames)


def test_a_gif_whose_frames_differ_in_one_pixel_decodes_to_them() -> None:
    frames = np.random.default_rng(0).integers(0, 256, (1, 28, 28), np.uint8).repeat(6, axis=0)
    for index in range(6):
        frames[index, index, 3] ^= 255
    shown, _ = gif_frames(images.encode_gif(frames, 80))
    assert np.array_equal(shown, frames[..., None].repeat(3, axis=3))


def test_a_gif_repeats_for_ever() -> None:
    frames = np.random.default_rng(0).random((3, 8, 8), np.float32)
    blob = images.encode_gif(frames, 100)
    assert blob[blob.index(b"NETSCAPE2.0") + 11 :].startswith(b"\x03\x01\x00\x00\x00")
    with Image.open(io.BytesIO(blob)) as image:
        assert image.info["loop"] == 0


def test_equal_neighbours_in_a_gif_are_shown_for_longer() -> None:
    dark, light = np.zeros((1, 8, 8), np.float32), np.ones((1, 8, 8), np.float32)
    frames = np.concatenate([dark, dark, dark, light, dark, dark])
    shown, durations = gif_frames(images.encode_gif(frames, 100))
    assert shown[:, 0, 0, 0].tolist() == [0, 255, 0]
    assert durations == [300, 100, 200]
    assert gif_frames(images.encode_gif(dark.repeat(4, axis=0), 100))[1] == [400]
    assert gif_frames(images.encode_gif(light, 100))[1] == [100]


@pytest.mark.parametrize("milliseconds", [19, 10_001, 0, -50, 50.5, True, "80", None, float("nan")])
def test_a_gif_refuses_wrong_durations(milliseconds: Any) -> None:
    with pytest.raises(InputError, match=r"Invalid duration of a frame\. Expected a whole number"):
        images.encode_gif(np.zeros((2, 8, 8), np.uint8), milliseconds)


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [[[0.0]]],
        np.zeros((8, 8), np.uint8),
        np.zeros((2, 8, 8)),
        np.zeros((2, 8, 8, 2), np.uint8),
        np.zeros((1, 2, 8, 8, 1), np.uint8),
        np.zeros((0, 8, 8), np.uint8),
        np.full((2, 8, 8), 1.01, np.float32),
        np.full((2, 8, 8), np.nan, np.float32),
    ],
)
def test_a_gif_refuses_wrong_frames(wrong: Any) -> None:
    with pytest.raises(InputError, match=r"Invalid picture\. Expected "):
        images.encode_gif(wrong, 80)


def test_grid_places_row_by_row() -> None:
    pictures = np.stack([np.full((2, 3), level, np.uint8) for level in (10, 20, 30)])
    sheet = images.grid(pictures, columns=2, gap=1, background=1)
    assert sheet.tolist() == [
        [10, 10, 10, 255, 20, 20, 20],
        [10, 10, 10, 255, 20, 20, 20],
        [255] * 7,
        [30, 30, 30, 255, 255, 255, 255],
        [30, 30, 30, 255, 255, 255, 255],
    ]


@pytest.mark.parametrize("channels", [(), (1,), (3,)])
def test_grid_keeps_channels_and_dtype(channels: tuple[int, ...]) -> None:
    sheet = images.grid(np.zeros((5, 4, 4, *channels), np.float32), 10, gap=2, background=0.5)
    assert sheet.shape == (4, 28, *channels)
    assert sheet.dtype == np.float32
    assert sheet.max() == 0.5


@pytest.mark.parametrize(
    "options",
    [{"columns": 0}, {"columns": 1.5}, {"gap": -1}, {"background": 1.1}, {"background": "red"}],
)
def test_grid_refuses_wrong_numbers(options: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=next(iter(options))):
        images.grid(np.zeros((2, 4, 4), np.uint8), **{"columns": 2, **options})


def test_grid_refuses_no_pictures() -> None:
    with pytest.raises(InputError, match="Invalid picture"):
        images.grid(np.zeros((0, 4, 4), np.uint8), 2)


def test_enlarge_repeats_pixels() -> None:
    picture = np.array([[1, 2]], np.uint8)
    assert images.enlarge(picture, 2).tolist() == [[1, 1, 2, 2], [1, 1, 2, 2]]
    assert images.enlarge(np.zeros((2, 3, 3), np.float32), 4).shape == (8, 12, 3)
    for factor in (0, 65, 1.5, True):
        with pytest.raises(InputError, match="factor"):
            images.enlarge(picture, factor)


def test_importing_needs_neither_scipy_nor_tensorflow() -> None:
    heavy = "{'scipy', 'skimage', 'tensorflow', 'gradio'}"
    code = f"import sys, generative.images; assert not {heavy} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


# --- prepare --------------------------------------------------------------------------------

STROKES = {
    2: [(0.3, 0.3), (0.4, 0.16), (0.6, 0.16), (0.68, 0.32), (0.55, 0.55), (0.3, 0.85), (0.7, 0.85)],
    5: [
        (0.68, 0.15),
        (0.36, 0.15),
        (0.34, 0.45),
        (0.55, 0.42),
        (0.7, 0.6),
        (0.6, 0.82),
        (0.3, 0.8),
    ],
    7: [(0.3, 0.17), (0.7, 0.17), (0.45, 0.87)],
}


def drawing(digit: int, ink: Any = 0, paper: Any = 255, width: int = 20) -> NDArray[np.uint8]:
    """A digit of about 200 pixels, off the centre of 360 by 480 pixels."""
    image = Image.new("RGB", (360, 480), (paper,) * 3 if isinstance(paper, int) else paper)
    points = [(20 + 280 * x, 60 + 280 * y) for x, y in STROKES[digit]]
    ink = (ink,) * 3 if isinstance(ink, int) else ink
    ImageDraw.Draw(image).line(points, fill=ink, width=width, joint="curve")
    return np.array(image)


def photographed(picture: NDArray[np.uint8], shade: float = 0.5) -> NDArray[np.uint8]:
    """The picture under a lamp at one side, by a poor camera: shaded, soft, noisy, specked."""
    rng = np.random.default_rng(0)
    soft = np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(1)), float)
    y, x = np.mgrid[0 : soft.shape[0], 0 : soft.shape[1]]
    light = 1 - shade * (0.6 * x / x.max() + 0.4 * (y / y.max()) ** 2)
    noisy = soft * light[..., None] + rng.normal(0, 8, soft.shape)
    for top, left in rng.integers(0, 350, (10, 2)):
        noisy[top : top + 4, left : left + 4] = 60
    return noisy.clip(0, 255).astype(np.uint8)


def box(plane: NDArray[np.float32], level: float = 0.0) -> tuple[int, int]:
    rows = np.flatnonzero((plane > level).any(axis=1))
    columns = np.flatnonzero((plane > level).any(axis=0))
    return int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1


def assert_like_mnist(prepared: NDArray[np.float32]) -> None:
    assert prepared.shape == (1, 28, 28, 1)
    assert prepared.dtype == np.float32
    assert prepared.min() == 0
    assert prepared.max() == 1
    plane = prepared[0, ..., 0]
    assert max(box(plane)) == 20
    for axis in (0, 1):
        centre = plane.sum(axis=1 - axis) @ (np.arange(28) + 0.5) / plane.sum()
        assert abs(centre - 14) <= 1


def distance(one: NDArray[Any], other: NDArray[Any]) -> float:
    """Mean absolute error of two pictures in [0, 1]."""
    return float(np.abs(one.squeeze() - other.squeeze()).mean())


@pytest.mark.parametrize("digit", STROKES)
def test_digits_of_either_polarity_come_out_alike(digit: int) -> None:
    clean = images.prepare(drawing(digit), "mnist")
    assert_like_mnist(clean)
    assert distance(images.prepare(drawing(digit, ink=255, paper=0), "mnist"), clean) < 1e-3


@pytest.mark.parametrize("digit", STROKES)
@pytest.mark.parametrize(
    ("ink", "paper"), [(30, 220), (90, 140), ((230, 210, 40), 245), (230, 40)], ids=str
)
def test_photos_of_digits_come_out_like_drawings(digit: int, ink: Any, paper: Any) -> None:
    photo = images.prepare(photographed(drawing(digit, ink, paper)), "mnist")
    assert_like_mnist(photo)
    # Half a pixel's rounding of the centre to the other side costs up to 0.05.
    assert distance(photo, images.prepare(drawing(digit), "mnist")) < 0.05


def test_a_sharp_shadow_is_no_ink() -> None:
    picture = drawing(2, 40, 215).astype(float)
    picture[280:] *= 0.6
    shadowed = images.prepare(photographed(picture.astype(np.uint8), shade=0.1), "mnist")
    assert_like_mnist(shadowed)
    assert distance(shadowed, images.prepare(drawing(2), "mnist")) < 0.04


def test_thin_lines_on_a_large_sheet_stay_visible() -> None:
    plane = images.prepare(drawing(7, width=2), "mnist")[0, ..., 0]
    assert (plane > 0.5).sum() > 20


def shirt(cloth: int, ground: int, noise: float = 0.0) -> NDArray[np.uint8]:
    """A shirt of 560 by 620 pixels off the centre of 800 by 1000."""
    image = Image.new("RGB", (800, 1000), (ground,) * 3)
    outline = [(280, 180), (520, 180), (680, 330), (610, 430), (540, 370), (540, 800)]
    outline += [(260, 800), (260, 370), (190, 430), (120, 330)]
    ImageDraw.Draw(image).polygon(outline, fill=(cloth,) * 3)
    spoilt = np.asarray(image, float) + np.random.default_rng(0).normal(0, noise, (1000, 800, 3))
    return spoilt.clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("cloth", "ground", "level"),
    [(60, 240, 0.75), (180, 20, 0.68), (230, 128, 0.8), (20, 128, 0.84)],
)
def test_garments_are_trimmed_centred_and_stand_out_from_black(
    cloth: int, ground: int, level: float
) -> None:
    prepared = images.prepare(shirt(cloth, ground, noise=4), "fashion_mnist")
    assert prepared.shape == (1, 28, 28, 1)
    assert prepared.dtype == np.float32
    assert prepared.min() == 0
    assert prepared.max() <= 1
    plane = prepared[0, ..., 0]
    assert box(plane)[0] == 28
    assert 24 <= box(plane)[1] <= 27
    assert plane[14, 14] == pytest.approx(level, abs=0.1)
    assert (plane[20:, :7] == 0).all()
    assert (plane[20:, -7:] == 0).all()


def test_shading_behind_a_garment_is_no_garment() -> None:
    shades = np.linspace(1, 0.6, 800)[None, :, None]
    shaded = (shirt(40, 235, noise=4) * shades).astype(np.uint8)
    plane = images.prepare(shaded, "fashion_mnist")[0, ..., 0]
    assert distance(plane, images.prepare(shirt(40, 235), "fashion_mnist")) < 0.05


@pytest.mark.parametrize("dataset", images.DATASETS)
@pytest.mark.parametrize("level", [0, 128, 255])
@pytest.mark.parametrize("noise", [0, 3])
def test_refuses_blank_pictures(dataset: str, level: int, noise: float) -> None:
    paper = np.random.default_rng(0).normal(level, noise, (300, 200, 3))
    with pytest.raises(InputError, match="Nothing stands out"):
        images.prepare(paper.clip(0, 255).astype(np.uint8), dataset)


@pytest.mark.parametrize("dataset", images.DATASETS)
@pytest.mark.parametrize("shape", [(8, 8), (8, 2000), (2000, 8), (9, 300_000), (30, 31)])
def test_survives_any_picture(dataset: str, shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    for picture in (
        rng.integers(0, 256, (*shape, 3), np.uint8),
        np.linspace(0, 255, 3 * shape[0] * shape[1]).reshape(*shape, 3).astype(np.uint8),
    ):
        try:
            prepared = images.prepare(picture, dataset)
        except InputError:
            continue
        assert 0 <= prepared.min() <= prepared.max() <= 1


@pytest.mark.parametrize(
    "wrong",
    [None, np.zeros((28, 28), np.uint8), np.zeros((28, 28, 3), np.float32)],
)
def test_prepare_refuses_wrong_pictures(wrong: Any) -> None:
    with pytest.raises(InputError, match="Invalid picture"):
        images.prepare(wrong, "mnist")


def test_prepare_refuses_unknown_data_sets() -> None:
    with pytest.raises(InputError, match="Unknown data set"):
        images.prepare(drawing(2), "cifar10")


def real_pictures(dataset: str) -> NDArray[np.uint8]:
    if "TFDS_DATA_DIR" not in os.environ:
        pytest.skip("TFDS_DATA_DIR is not set")
    import tensorflow_datasets as tfds

    split = tfds.load(
        dataset, split="test[:50]", data_dir=os.environ["TFDS_DATA_DIR"], batch_size=-1
    )
    pixels: NDArray[np.uint8] = np.asarray(split["image"])
    return pixels


@pytest.mark.data
@pytest.mark.parametrize("dataset", images.DATASETS)
@pytest.mark.parametrize("negate", [False, True])
@pytest.mark.parametrize("factor", [1, 8])
def test_pictures_of_the_data_set_stay_as_they_are(dataset: str, negate: bool, factor: int) -> None:
    errors = []
    for picture in real_pictures(dataset):
        shown = images.enlarge(255 - picture if negate else picture, factor).repeat(3, axis=-1)
        errors.append(distance(images.prepare(shown, dataset), picture / 255))
    assert np.mean(errors) < 0.005
    assert max(errors) < 0.06
