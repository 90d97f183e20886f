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
from PIL import BmpImagePlugin, Image, ImageCms
from talk import chunk, encoded

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


def png(width: int, height: int, depth: int, colour: int, rows: bytes, *extra: bytes) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(rows)) if rows else b""
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(extra) + pixels + chunk(b"IEND", b"")


def iso(*brands: bytes) -> bytes:
    """The start of an ISO media file: major and compatible brands."""
    body = b"ftyp" + brands[0] + bytes(4) + b"".join(brands[1:])
    return struct.pack(">I", 4 + len(body)) + body + b"\0\0\0\x08mdat"


def refusal(source: Any) -> str:
    """Return why `decode` refuses, after checking that the message is fit for users."""
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
    picture = images.decode(encoded(quadrants(), kind, **options))
    assert picture.shape == (24, 32, 3)
    assert picture.dtype == np.uint8
    assert np.abs(picture.astype(int) - np.asarray(quadrants(), int)).mean() <= tolerance


@pytest.mark.parametrize("mode", ["L", "P", "1", "LA", "RGBA", "RGB", "CMYK"])
def test_decodes_every_mode(mode: str) -> None:
    image = quadrants(mode)
    kind = "JPEG" if mode == "CMYK" else "PNG"
    options = {"quality": 100, "subsampling": 0} if mode == "CMYK" else {}
    picture = images.decode(encoded(image, kind, **options))
    assert np.abs(picture.astype(int) - np.asarray(image.convert("RGB"), int)).max() <= 4


def test_reads_a_path_and_a_name(tmp_path: Path) -> None:
    file = tmp_path / "picture.png"
    quadrants().save(file)
    assert np.array_equal(images.decode(file), images.decode(str(file)))


def test_the_content_decides_and_not_the_name(tmp_path: Path) -> None:
    file = tmp_path / "picture.jpg"
    file.write_bytes(encoded(quadrants(), "PNG"))
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
        file = encoded(Image.fromarray(np.ascontiguousarray(stored)), kind, exif=exif, **options)
        picture = images.decode(file)
        assert picture.shape == upright.shape
        assert np.abs(picture[6::12, 8::16].astype(int) - upright[6::12, 8::16]).max() <= tolerance


def test_ignores_broken_exif() -> None:
    file = encoded(quadrants(), "JPEG", exif=b"Exif\0\0not a header at all")
    assert images.decode(file).shape == (24, 32, 3)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_lays_transparency_on_white(mode: str) -> None:
    image = Image.new("RGB", (16, 16), "black").convert(mode)
    image.putalpha(Image.linear_gradient("L").resize((16, 16)))
    alpha = np.asarray(image.getchannel("A"), int)
    picture = images.decode(encoded(image))
    assert np.abs(picture - (255 - alpha)[..., None]).max() <= 1


def test_lays_transparent_palette_and_colour_keys_on_white() -> None:
    palette = quadrants().quantize(4)
    keyed = palette.getpixel((0, 0))
    assert (images.decode(encoded(palette, transparency=keyed))[:12, :16] == 255).all()
    assert (images.decode(encoded(quadrants(), transparency=RED))[:12, :16] == 255).all()
    assert (images.decode(encoded(palette, "GIF", transparency=keyed))[:12, :16] == 255).all()


def test_scales_16_bit_grey() -> None:
    levels = np.linspace(0, 65535, 256).reshape(16, 16).astype(np.uint16)
    picture = images.decode(encoded(Image.fromarray(levels)))
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
        file = encoded(frames[0], kind, save_all=True, append_images=frames[1:], **options)
        assert images.decode(file)[5, 5].tolist() == list(RED)


def test_converts_from_the_embedded_profile_and_survives_a_broken_one() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for profile in (srgb, b"no profile"):
        picture = images.decode(encoded(quadrants(), icc_profile=profile))
        assert np.abs(picture.astype(int) - np.asarray(quadrants(), int)).max() <= 2
    # Swapping the red and green primaries must change the colours.
    swapped = srgb.replace(b"rXYZ", b"tmp!").replace(b"gXYZ", b"rXYZ").replace(b"tmp!", b"gXYZ")
    red = images.decode(encoded(quadrants(), icc_profile=swapped))[0, 0]
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
        *((iso(brand), "HEIC") for brand in (b"heic", b"heix", b"hevc", b"hevx", b"msf1", b"mif1")),
        (iso(b"mif1", b"heic", b"miaf"), "HEIC"),
        *((iso(brand), "AVIF") for brand in (b"avif", b"avis")),
        (iso(b"mif1", b"miaf", b"avif"), "AVIF"),
        (iso(b"isom", b"mp42"), "a video"),
        (b"\xff\x0a\xff\x07\x08\x83\x04\x0c\x00K", "JPEG XL"),
        (b"\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl \0\0\0\0jxl ", "JPEG XL"),
        (b"\xff\x4f\xff\x51\0\x2f\0\0", "JPEG 2000"),
        (encoded(quadrants(), "JPEG2000"), "JPEG 2000"),
        (encoded(quadrants(), "AVIF"), "AVIF"),
        (encoded(quadrants(), "TIFF"), "TIFF"),
        (encoded(Image.new("RGB", (1, 1))), "too small"),
        (encoded(Image.new("RGB", (100, images.MIN_SIDE - 1))), "too small"),
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
@pytest.mark.parametrize("share", [0.1, 0.3, 0.45])
def test_refuses_files_with_less_than_half_of_the_picture(kind: str, share: float) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    whole = encoded(Image.fromarray(noise), kind)
    assert "damaged" in refusal(whole[: int(len(whole) * share)])


def test_damaged_files_raise_no_other_error() -> None:
    rng = np.random.default_rng(0)
    for kind in ("PNG", "JPEG", "WEBP", "BMP", "GIF"):
        whole = np.frombuffer(encoded(quadrants(), kind), np.uint8)
        for _ in range(60):
            spoilt = whole.copy()
            spoilt[rng.integers(0, min(len(whole), 200), 4)] = rng.integers(0, 255, 4)
            try:
                images.decode(spoilt.tobytes())
            except InputError:
                continue


@pytest.mark.parametrize(
    ("width", "height", "megapixels"),
    [(5001, 5000, "25.1"), (12_000, 8_000, "96"), (60_000, 60_000, "3600")],
)
def test_refuses_too_many_pixels_from_the_header(width: int, height: int, megapixels: str) -> None:
    # No pixels follow the header: only a decoder that stops there says "too large".
    for action in ("error", "default"):
        with warnings.catch_warnings():
            warnings.simplefilter(action)
            said = refusal(png(width, height, 8, 2, b""))
        assert "too large: expected at most 25 megapixels" in said
        assert f"received {width} by {height}, which are {megapixels}" in said
        assert ("250" in said) == (width < 60_000)


def scene(width: int, height: int) -> Image.Image:
    """A large picture in few bytes, light at the right and the bottom."""
    down = Image.linear_gradient("L").resize((width, height))
    across = Image.linear_gradient("L").rotate(90).resize((width, height))
    return Image.merge("RGB", (across, down, Image.new("L", (width, height), 90)))


@pytest.mark.parametrize("options", [{}, {"progressive": True, "subsampling": 0}], ids=str)
def test_a_large_photo_is_shrunk_while_it_is_decoded(options: dict[str, Any]) -> None:
    content = encoded(scene(6400, 4800), "JPEG", **options)
    for longest, shape in ((None, (2400, 3200, 3)), (2048, (1536, 2048, 3)), (100, (75, 100, 3))):
        opened = images.read(content, longest)
        assert opened.size == (6400, 4800)
        assert opened.pixels.shape == shape
        assert opened.notices == ()
        wanted = np.asarray(scene(shape[1], shape[0]), int)
        assert np.abs(opened.pixels - wanted).mean() < 3


@pytest.mark.parametrize(("width", "height", "factor"), [(12_000, 9_000, 4), (16_320, 12_240, 4)])
def test_photos_of_108_and_200_megapixels_are_read(width: int, height: int, factor: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        opened = images.read(encoded(Image.new("RGB", (width, height), RED), "JPEG", exif=exif))
    assert opened.size == (height, width)
    assert opened.pixels.shape == (width // factor, height // factor, 3)
    assert np.abs(opened.pixels[::500, ::500].astype(int) - RED).max() <= 3


def large_jpeg(width: int, height: int, start: int, components: int = 3) -> bytes:
    """The header of a JPEG that claims another size than its pixels have."""
    content = bytearray(encoded(quadrants("L" if components == 1 else "RGB"), "JPEG"))
    at = content.index(b"\xff\xc0")
    content[at + 1] = start
    content[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(content)


def test_refuses_jpegs_that_nothing_shrinks_enough() -> None:
    assert "at most 250 megapixels, received 20000 by 20000" in refusal(
        large_jpeg(20_000, 20_000, 0xC0)
    )
    # In several scans all coefficients are kept: here 1.5 per pixel, 2 bytes each.
    assert "at most 100 megapixels, received 12000 by 9000" in refusal(
        large_jpeg(12_000, 9_000, 0xC2)
    )


PEAK = """
import sys
from generative import images
def peak():
    with open("/proc/self/status") as status:
        return int(next(line for line in status if line.startswith("VmHWM")).split()[1]) // 1024
with open(sys.argv[1], "rb") as file:
    content = file.read()
images.decode(images.encode_png(images.decode(sys.argv[2])))
before = peak()
images.read(content, longest=2048)
print(peak() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peaks are read from Linux")
@pytest.mark.parametrize(
    ("options", "megabytes"),
    [({}, 200), ({"progressive": True, "subsampling": 0}, 420)],
    ids=["in one scan", "progressive in full colour"],
)
def test_memory_is_bounded(options: dict[str, Any], megabytes: int, tmp_path: Path) -> None:
    small, large = tmp_path / "small.jpg", tmp_path / "large.jpg"
    small.write_bytes(encoded(quadrants(), "JPEG"))
    large.write_bytes(encoded(Image.new("RGB", (8064, 6048), RED), "JPEG", **options))
    command = [sys.executable, "-c", PEAK, str(large), str(small)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < megabytes


def run_lengths(compression: int, width: int = 8, height: int = 8) -> bytes:
    """A run-length BMP of grey levels, with a run that skips 255 rows."""
    levels = bytes(level for grey in range(256) for level in (grey, grey, grey, 0))
    sizes = (40, width, height, 1, 8 if compression == 1 else 4, compression, 4, 0, 0, 256, 0)
    return b"BM" + struct.pack("<IIIIiiHHIIiiII", 0, 0, 1078, *sizes) + levels + b"\0\2\0\xff"


@pytest.mark.parametrize("compression", [1, 2], ids=["8 bits", "4 bits"])
def test_refuses_run_lengths_before_decoding(
    compression: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BmpImagePlugin.BmpRleDecoder, "decode", lambda *_: pytest.fail("unpacked"))
    for width in (8, 3_125_000):
        content = run_lengths(compression, width)
        assert "a compressed BMP" in refusal(content)
        assert "save it as PNG" in refusal(content)


def test_refuses_large_files(tmp_path: Path) -> None:
    file = tmp_path / "large.png"
    with open(file, "wb") as handle:
        handle.truncate(images.MAX_FILE_BYTES + 1)
    assert "40 MB" in refusal(file)
    assert "40 MB" in refusal(bytes(images.MAX_FILE_BYTES + 1))


def test_refuses_anything_but_a_file(tmp_path: Path) -> None:
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


def test_a_gif_loops_for_ever() -> None:
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
    sheet = images.grid(pictures, columns=2, gap=1)
    assert sheet.tolist() == [
        [10, 10, 10, 127, 20, 20, 20],
        [10, 10, 10, 127, 20, 20, 20],
        [127] * 7,
        [30, 30, 30, 127, 127, 127, 127],
        [30, 30, 30, 127, 127, 127, 127],
    ]


@pytest.mark.parametrize("channels", [(), (1,), (3,)])
def test_grid_keeps_channels_and_dtype(channels: tuple[int, ...]) -> None:
    sheet = images.grid(np.zeros((5, 4, 4, *channels), np.float32), 10, gap=2)
    assert sheet.shape == (4, 28, *channels)
    assert sheet.dtype == np.float32
    assert sheet.max() == 0.5


@pytest.mark.parametrize(
    "options",
    [{"columns": 0}, {"columns": 1.5}, {"gap": -1}],
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
