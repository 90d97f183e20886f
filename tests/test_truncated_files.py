"""Files whose end is missing are decoded as far as they go, in every format."""

from __future__ import annotations

import re
import struct
import threading
import zlib
from contextlib import suppress

import numpy as np
import pytest
from PIL import Image, ImageFile
from talk import chunk, encoded, is_a_sentence

from generative import images
from generative.errors import InputError
from generative.images import DecodedPicture, jpeg_markers, truncated_files


def drawn(width: int = 200, height: int = 160) -> Image.Image:
    """A picture of soft, grainy patches in which no two rows are equal."""
    rng = np.random.default_rng(0)
    patches = Image.fromarray(rng.integers(0, 255, (8, 10, 3), np.uint8))
    soft = np.asarray(patches.resize((width, height), Image.Resampling.BICUBIC), float)
    noisy = soft + rng.normal(0, 6, (height, width, 1))
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))


PICTURE = drawn()
GREY = np.asarray(PICTURE.convert("L"))


def adam7() -> bytes:
    """`PICTURE` as an interlaced PNG, which Pillow cannot write."""
    pixels, rows = np.asarray(PICTURE), b""
    passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2)]
    for top, left, down, right in [*passes, (1, 0, 2, 1)]:
        rows += b"".join(b"\0" + row.tobytes() for row in pixels[top::down, left::right])

    header = struct.pack(">IIBBBBB", *PICTURE.size, 8, 2, 0, 0, 1)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


FILES = {
    "baseline": encoded(PICTURE, "JPEG", quality=90),
    "progressive": encoded(PICTURE, "JPEG", quality=90, progressive=True),
    "grey progressive": encoded(PICTURE.convert("L"), "JPEG", progressive=True),
    "restarts": encoded(PICTURE, "JPEG", quality=90, restart_marker_blocks=4),
    "CMYK": encoded(PICTURE.convert("CMYK"), "JPEG", quality=90),
    "MPO": encoded(PICTURE, "MPO", quality=90),
    "PNG": encoded(PICTURE, "PNG"),
    "grey PNG": encoded(PICTURE.convert("L"), "PNG"),
    "1-bit PNG": encoded(PICTURE.convert("1"), "PNG"),
    "palette PNG": encoded(PICTURE.quantize(200), "PNG"),
    "PNG with alpha": encoded(PICTURE.convert("RGBA"), "PNG"),
    "16-bit PNG": encoded(
        Image.fromarray(np.asarray(PICTURE.convert("L"), np.uint16) * 257), "PNG"
    ),
    "interlaced PNG": adam7(),
    "GIF": encoded(PICTURE, "GIF"),
    "plain GIF": encoded(PICTURE, "GIF", interlace=0),
    "BMP": encoded(PICTURE, "BMP"),
    "WebP": encoded(PICTURE, "WEBP", quality=90),
    "lossless WebP": encoded(PICTURE, "WEBP", lossless=True),
}
every_file = pytest.mark.parametrize("kind", FILES)


def same_rows(opened: DecodedPicture, whole: DecodedPicture) -> np.ndarray:
    """Return which rows equal the complete picture's, up to lossy neighbours."""
    difference = np.abs(opened.pixels.astype(int) - whole.pixels)
    return difference.mean(axis=(1, 2)) < 4


@every_file
def test_a_complete_file_has_no_notice(kind: str) -> None:
    assert images.read(FILES[kind]).notices == ()


@every_file
@pytest.mark.parametrize("cut", [2, 10])
def test_without_its_last_bytes_a_file_is_shown_with_a_notice(kind: str, cut: int) -> None:
    if "GIF" in kind and cut == 2:
        pytest.skip("nothing of the picture is in the last two bytes of a GIF")
    whole, opened = images.read(FILES[kind]), images.read(FILES[kind][:-cut])
    assert opened.notices == (truncated_files.NOTICE,)
    assert is_a_sentence(opened.notices[0])
    assert "end of the file is missing" in opened.notices[0]
    assert opened.size == whole.size
    assert same_rows(opened, whole).mean() > 0.85
    if cut == 2 and kind != "BMP" and "WebP" not in kind:
        np.testing.assert_array_equal(opened.pixels, whole.pixels)


@every_file
def test_without_a_tenth_of_its_bytes_a_file_is_shown(kind: str) -> None:
    whole, opened = images.read(FILES[kind]), images.read(FILES[kind][: len(FILES[kind]) * 9 // 10])
    assert opened.notices == (truncated_files.NOTICE,)
    if "progressive" in kind:  # The whole picture, slightly coarser.
        assert np.abs(opened.pixels.astype(int) - whole.pixels).mean() < 4
    else:
        assert same_rows(opened, whole).mean() > 0.7


@every_file
def test_with_less_than_half_of_the_picture_a_file_is_refused(kind: str) -> None:
    share = 0.03 if "progressive" in kind else 0.35
    content = FILES[kind]
    with pytest.raises(InputError, match="damaged or incomplete") as caught:
        images.read(content[: int(len(content) * share)])
    assert is_a_sentence(str(caught.value))


def test_exactly_half_of_a_jpeg_is_shown_and_less_is_not() -> None:
    content = encoded(PICTURE, "JPEG", quality=90, restart_marker_rows=1)
    ends = [match.end() for match in re.finditer(rb"\xff[\xd0-\xd7]", content)]
    assert len(ends) == 9  # 10 rows of blocks, each of 16 rows of pixels.
    opened, whole = images.read(content[: ends[4]]), images.read(content)
    assert opened.notices == (truncated_files.NOTICE,)
    assert same_rows(opened, whole)[:78].all()
    with pytest.raises(InputError, match="at least half"):
        images.read(content[: ends[4] - 2])


@pytest.mark.parametrize("kind", [kind for kind in FILES if kind != "BMP" and "WebP" not in kind])
def test_zeros_at_the_end_count_as_missing(kind: str) -> None:
    content = FILES[kind]
    cut = content[: len(content) * 8 // 10]
    filled, missing = (images.read(file) for file in (cut.ljust(len(content), b"\0"), cut))
    assert filled.notices == (truncated_files.NOTICE,)
    np.testing.assert_array_equal(filled.pixels, missing.pixels)
    assert images.read(content + bytes(100)).notices == ()
    if "progressive" not in kind:  # Its first scan covers the whole picture.
        with pytest.raises(InputError, match="at least half"):
            images.read(content[: len(content) // 5].ljust(len(content), b"\0"))


@pytest.mark.parametrize("kind", ["PNG", "grey PNG", "palette PNG", "GIF", "BMP", "16-bit PNG"])
def test_missing_rows_are_white(kind: str) -> None:
    opened = images.read(FILES[kind][: len(FILES[kind]) * 3 // 4])
    white = (opened.pixels == 255).all(axis=(1, 2))
    assert 0.1 < white.mean() < 0.5
    edge = opened.pixels[::-1] if kind == "BMP" else opened.pixels  # A BMP starts at the bottom.
    assert (edge[-8:] == 255).all() or kind == "GIF"
    assert not (edge[:60] == 255).all(axis=(1, 2)).any()


def test_missing_rows_of_an_interlaced_picture_are_copied_from_their_neighbours() -> None:
    whole = images.read(FILES["interlaced PNG"]).pixels
    np.testing.assert_array_equal(whole, np.asarray(PICTURE))
    content = FILES["interlaced PNG"]
    opened = images.read(content[: len(content) * 6 // 10]).pixels
    np.testing.assert_array_equal(opened[::2], whole[::2])
    np.testing.assert_array_equal(opened[-1], whole[-2])


def test_a_coarse_scan_of_the_whole_picture_counts_as_complete() -> None:
    content = FILES["progressive"]
    second = [match.start() for match in re.finditer(rb"\xff\xda", content)][1]
    opened = images.read(content[:second])
    shown, wanted = (
        np.asarray(image.convert("L").resize((12, 10), Image.Resampling.BOX), int)
        for image in (Image.fromarray(opened.pixels), PICTURE)
    )
    assert np.abs(shown - wanted).mean() < 6
    assert opened.notices == (truncated_files.NOTICE,)


def test_flat_grey_at_the_bottom_of_a_jpeg_does_not_count_as_missing() -> None:
    pixels = np.full((160, 200, 3), 128, np.uint8)
    pixels[:40] = np.asarray(PICTURE)[:40]
    content = encoded(Image.fromarray(pixels), "JPEG", quality=90)
    assert images.read(content[:-2]).notices == (truncated_files.NOTICE,)


def test_a_truncated_photo_is_rotated_by_its_exif() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    content = encoded(PICTURE, "JPEG", quality=90, exif=exif)
    opened = images.read(content[:-10])
    assert opened.size == PICTURE.size[::-1]
    upright = np.rot90(np.asarray(PICTURE, int), -1)
    assert np.abs(opened.pixels - upright)[:, 40:].mean() < 6  # Its last rows are now at the left.


def test_reading_truncated_files_leaves_pillows_settings_unchanged() -> None:
    seen: list[bool] = []
    kinds = ("baseline", "PNG", "WebP", "GIF")

    def read(kind: str) -> None:
        for _ in range(5):
            images.read(FILES[kind][:-20])
            seen.append(ImageFile.LOAD_TRUNCATED_IMAGES)

    threads = [threading.Thread(target=read, args=(kind,)) for kind in kinds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [False] * 5 * len(kinds)


# --- Damage and attacks ----------------------------------------------------------------------


@every_file
def test_a_file_cut_anywhere_gives_a_picture_or_a_sentence(kind: str) -> None:
    content = FILES[kind]
    ends = np.unique(np.linspace(1, len(content) - 1, 60).astype(int))
    shown = [is_shown(content[:end]) for end in ends]
    assert shown[-1]
    assert not shown[0]


@every_file
def test_changed_bytes_give_a_picture_or_a_sentence(kind: str) -> None:
    rng = np.random.default_rng(0)
    for index in range(30):
        spoilt = np.frombuffer(FILES[kind], np.uint8).copy()
        within = len(spoilt) if index % 2 else min(len(spoilt), 300)
        spoilt[rng.integers(0, within, 4)] = rng.integers(0, 256, 4)
        end = len(spoilt) if index % 3 else rng.integers(len(spoilt) // 2, len(spoilt))
        is_shown(spoilt.tobytes()[:end])


def is_shown(content: bytes) -> bool:
    """Return whether a file is a picture, after checking that all readers agree."""
    try:
        opened = images.read(content, longest=64)
    except InputError as error:
        said = str(error)
    else:
        said = ""
    if said:
        assert is_a_sentence(said), said
        with pytest.raises(InputError):
            images.read_note(content)
        return False
    assert opened.pixels.dtype == np.uint8
    assert max(opened.pixels.shape[:2]) <= 64
    with suppress(InputError):  # It may be black all over.
        images.read_mask(content, longest=64)
    return True


def test_a_webp_that_claims_to_be_huge_is_not_padded() -> None:
    content = FILES["WebP"]
    with pytest.raises(InputError, match="incomplete"):
        images.read(
            content[:4] + b"\xf0\xff\xff\xff" + content[8:16] + b"\xe0\xff\xff\xff" + content[20:]
        )


def repeated_scans(times: int) -> bytes:
    """A progressive JPEG whose last scan is repeated."""
    content = FILES["grey progressive"]
    last = content[content.rindex(b"\xff\xda") : -2]
    return content[:-2] + last * times + content[-2:]


def with_size(content: bytes, width: int, height: int) -> bytes:
    """A progressive JPEG whose header claims another size."""
    at = content.index(b"\xff\xc2") + 5
    return content[:at] + struct.pack(">HH", height, width) + content[at + 4 :]


def test_a_large_jpeg_of_many_scans_is_refused_before_decoding() -> None:
    many = repeated_scans(
        jpeg_markers.MAX_SCANS - len(jpeg_markers.parse_structure(FILES["grey progressive"]).scans)
    )
    assert is_shown(many)
    with pytest.raises(
        InputError, match="at most 31 megapixels, received 12000 by 12000"
    ) as caught:
        images.read(with_size(many, 12_000, 12_000))
    assert is_a_sentence(str(caught.value))


def test_a_jpeg_of_countless_scans_is_refused_before_decoding() -> None:
    assert is_shown(repeated_scans(10))
    with pytest.raises(InputError, match="damaged"):
        images.read(repeated_scans(jpeg_markers.MAX_SCANS))


@pytest.mark.parametrize("where", [2, -2])
def test_a_jpeg_of_countless_segments_is_refused(where: int) -> None:
    content = FILES["grey progressive"]
    with pytest.raises(InputError, match="damaged"):
        images.read(content[:where] + b"\xff\xfe\0\2" * 100_000 + content[where:])


def test_a_gif_of_endless_comments_is_refused_and_a_long_one_is_not() -> None:
    content = FILES["GIF"]
    begin = 13 + 3 * 2 ** ((content[10] & 7) + 1)
    block = b"\xff" + b"x" * 255
    for blocks, is_taken in ((400, True), (40_000, False)):
        comment = b"!\xfe" + block * blocks + b"\0"
        assert is_shown(content[:begin] + comment + content[begin:]) == is_taken
    assert not is_shown(content[:begin] + b"!\xfe\1x\0" * 500_000 + content[begin:])


def test_a_png_of_countless_chunks_is_refused() -> None:
    content, body = FILES["PNG"], b"\0\0\0\0prVt"
    piece = body + struct.pack(">I", zlib.crc32(b"prVt"))
    assert is_shown(content[:33] + piece * 500 + content[33:])
    assert not is_shown(content[:33] + piece * 500_000 + content[33:])
