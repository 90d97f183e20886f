"""Reading masks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw
from talk import encoded, is_a_sentence

from generative import images
from generative.errors import InputError

SIZE = (60, 40)
LEFT = np.zeros(SIZE[::-1], np.uint8)
LEFT[:, :30] = 255


def strokes(colour: Any, ground: Any = (0, 0, 0, 0)) -> Image.Image:
    """The left half in one colour, the rest in another."""
    image = Image.new("RGBA", SIZE, ground)
    ImageDraw.Draw(image).rectangle((0, 0, 29, 39), fill=colour)
    return image


def photo_with_a_hole() -> Image.Image:
    rng = np.random.default_rng(0)
    image = Image.fromarray(rng.integers(0, 256, (*LEFT.shape, 3), np.uint8))
    image.putalpha(Image.fromarray(LEFT))
    return image


LEFT_HALF = {
    "white on transparent": strokes("white"),
    "white on transparent white": strokes("white", (255, 255, 255, 0)),
    "red on transparent": strokes("red"),
    "dark blue on transparent": strokes("#101060"),
    "white on black": strokes("white", "black").convert("RGB"),
    "white on opaque black": strokes("white", "black"),
    "white and black with something transparent": strokes("white", "black"),
    "grey levels": Image.fromarray(LEFT),
    "grey with alpha": Image.merge("LA", [Image.new("L", SIZE, 255), Image.fromarray(LEFT)]),
    "one bit": Image.fromarray(LEFT).convert("1"),
    "palette": strokes("white", "black").convert("RGB").quantize(2),
    "16 bits": Image.fromarray(LEFT.astype(np.uint16) * 257),
    "a photo with a hole": photo_with_a_hole(),
}
LEFT_HALF["white and black with something transparent"].paste((0, 0, 0, 0), (40, 10, 50, 20))


@pytest.mark.parametrize("kind", LEFT_HALF)
def test_a_mask_says_where_to_paint(kind: str) -> None:
    opened = images.read_mask(encoded(LEFT_HALF[kind]))
    assert opened.pixels.dtype == np.uint8
    np.testing.assert_array_equal(opened.pixels, LEFT)
    assert opened.size == SIZE
    assert opened.notices == ()


def test_soft_strokes_stay_soft() -> None:
    soft = Image.linear_gradient("L").resize(SIZE)
    for mode, alpha in (("LA", soft), ("L", None)):
        image = Image.new("LA", SIZE, (255, 255)) if mode == "LA" else soft
        if alpha is not None:
            image.putalpha(alpha)
        found = images.read_mask(encoded(image)).pixels
        np.testing.assert_array_equal(found, np.asarray(soft))


@pytest.mark.parametrize(
    "image",
    [Image.new("L", SIZE, 255), Image.new("RGBA", SIZE, "white")],
)
def test_a_mask_that_is_white_all_over_says_so(image: Image.Image) -> None:
    for kind in ("PNG", "WEBP"):
        opened = images.read_mask(encoded(image, kind))
        (notice,) = opened.notices
        assert "white all over" in notice
        assert is_a_sentence(notice)
        assert opened.pixels.min() > 250


@pytest.mark.parametrize(
    "image",
    [
        Image.new("L", SIZE),
        Image.new("L", SIZE, 4),
        Image.new("RGBA", SIZE, (255, 255, 255, 0)),
        strokes("black"),
    ],
    ids=["black", "black but for compression", "transparent", "black on transparent"],
)
def test_a_mask_that_selects_nothing_is_refused_in_a_sentence(image: Image.Image) -> None:
    with pytest.raises(InputError, match="black all over, or transparent") as caught:
        images.read_mask(encoded(image))
    assert is_a_sentence(str(caught.value))


def test_a_mask_is_rotated_shrunk_and_truncated_like_a_picture() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    opened = images.read_mask(encoded(Image.fromarray(LEFT), exif=exif), longest=30)
    assert opened.size == (40, 60)
    assert opened.pixels.shape == (30, 20)
    assert (opened.pixels[:11] == 255).all()
    assert (opened.pixels[19:] == 0).all()
    noise = np.random.default_rng(0).integers(128, 256, (40, 60), np.uint8)
    content = encoded(Image.fromarray(noise))
    cut = images.read_mask(content[: len(content) * 3 // 4])
    assert "end of the file is missing" in cut.notices[0]
    assert (cut.pixels[-4:] == 0).all()  # Missing rows select nothing.
