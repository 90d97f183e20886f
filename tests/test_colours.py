from __future__ import annotations

import numpy as np
import pytest
from painting import flat, picture
from PIL import Image

from generative.style_transfer.colours import (
    NOISE,
    add_wash,
    match_colours,
    recolouring,
    with_colours_of,
)

CONTENT, PAINTED = picture(60, 80, 1), picture(60, 80, 2)


def muted(pixels: np.ndarray) -> np.ndarray:
    """Return a picture of middling colours, where any luminance goes with any chroma."""
    return np.rint(128 + (pixels.astype(float) - 128) * 0.3).astype(np.uint8)


def in_ycbcr(pixels: np.ndarray) -> np.ndarray:
    """Return luma and chroma by the definition of ITU-R BT.601."""
    red, green, blue = np.moveaxis(pixels.astype(float), -1, 0)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    return np.stack([luma, (blue - luma) / 1.772 + 128, (red - luma) / 1.402 + 128])


# --- Luminance -------------------------------------------------------------------------------


def test_the_luminance_is_the_paintings_and_the_chroma_the_contents():
    content, painted = muted(CONTENT), muted(PAINTED)
    found = in_ycbcr(with_colours_of(painted, content))
    np.testing.assert_allclose(found[0], in_ycbcr(painted)[0], atol=2)
    np.testing.assert_allclose(found[1:], in_ycbcr(content)[1:], atol=2)


def test_a_grey_content_makes_the_painting_grey():
    grey = np.repeat(CONTENT[..., :1], 3, axis=2)
    found = with_colours_of(PAINTED, grey)
    np.testing.assert_array_equal(found[..., 0], found[..., 1])
    np.testing.assert_array_equal(found[..., 0], found[..., 2])
    np.testing.assert_allclose(found[..., 0], in_ycbcr(PAINTED)[0], atol=1)


def test_a_picture_with_its_own_colours_stays_as_it_is():
    found = with_colours_of(CONTENT, CONTENT).astype(int)
    np.testing.assert_allclose(found, CONTENT, atol=3)


def test_the_pictures_given_are_left_alone():
    content, painted = CONTENT.copy(), PAINTED.copy()
    found = with_colours_of(painted, content)
    assert (found.shape, found.dtype) == (CONTENT.shape, np.uint8)
    match_colours(painted, [content])
    np.testing.assert_array_equal(content, CONTENT)
    np.testing.assert_array_equal(painted, PAINTED)


# --- Statistics ------------------------------------------------------------------------------


def moments(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    colours = pixels.reshape(-1, 3) / 255
    return colours.mean(axis=0), np.cov(colours.T)


def test_the_style_gets_the_mean_and_the_covariance_of_the_content():
    content, style = muted(CONTENT), picture(50, 90, 3)
    found = match_colours(style, [content])
    assert (found.shape, found.dtype) == (style.shape, np.uint8)
    for of_the_style, of_the_content in zip(moments(found), moments(content), strict=True):
        np.testing.assert_allclose(of_the_style, of_the_content, rtol=0.02, atol=1e-4)


def test_a_picture_matched_to_itself_stays_as_it_is():
    found = match_colours(CONTENT, [CONTENT]).astype(int)
    np.testing.assert_allclose(found, CONTENT, atol=1)


def test_the_order_of_the_channels_does_not_matter():
    content = muted(CONTENT)
    found = match_colours(PAINTED, [content])
    turned = match_colours(PAINTED[..., ::-1], [content[..., ::-1]])[..., ::-1]
    np.testing.assert_allclose(turned.astype(int), found, atol=1)


def covariance(rng: np.random.Generator, deviations: np.ndarray) -> np.ndarray:
    """Return a covariance with these standard deviations along random axes."""
    axes, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    return (axes * deviations**2) @ axes.T


def test_the_amplification_is_bounded_and_what_has_colour_is_matched():
    rng = np.random.default_rng(0)
    for _ in range(300):
        here, wanted = (covariance(rng, 10 ** rng.uniform(-6, -0.5, 3)) for _ in range(2))
        largest = np.linalg.norm(recolouring(here, wanted), 2)
        deviation = np.sqrt(np.linalg.norm(wanted, 2))
        assert largest <= deviation / (2 * NOISE) * (1 + 1e-9)
        here = covariance(rng, rng.uniform(2 * NOISE, 0.4, 3))
        found = recolouring(here, wanted)
        np.testing.assert_allclose(found @ here @ found.T, wanted, atol=1e-9)


def grey_photo_as_colour_jpeg(noise: float = 3) -> np.ndarray:
    """Return a grey picture whose chroma is off by a few levels in squares, as JPEG leaves it."""
    rng = np.random.default_rng(4)
    grey = np.repeat(PAINTED.mean(axis=2, keepdims=True), 3, axis=2)
    squares = rng.normal(0, noise, (60 // 8 + 1, 80 // 8, 3)).repeat(8, 0).repeat(8, 1)[:60]
    squares *= rng.random((60 // 8 + 1, 80 // 8, 1)).repeat(8, 0).repeat(8, 1)[:60] < 0.1
    return np.rint(np.clip(grey + squares, 0, 255)).astype(np.uint8)


def off_one_line(pixels: np.ndarray) -> float:
    """Return the standard deviation of colours, in levels, off the line that fits them best."""
    deviations = np.sqrt(np.linalg.eigvalsh(np.cov(pixels.reshape(-1, 3).T.astype(float))))
    return float(deviations[:2].max())


@pytest.mark.parametrize("like", [picture(60, 80, 5), muted(picture(60, 80, 6))])
def test_the_noise_of_a_grey_picture_is_not_made_colours(like):
    grey = grey_photo_as_colour_jpeg()
    assert 1 < off_one_line(grey) < 1.5
    found = match_colours(grey, [like])
    assert off_one_line(found) < 1
    np.testing.assert_allclose(found.mean(axis=(0, 1)), like.mean(axis=(0, 1)), atol=3)


def test_a_grey_style_in_the_colours_of_a_grey_content_stays_grey():
    grey = grey_photo_as_colour_jpeg()
    shown = match_colours(grey, [np.repeat(CONTENT[..., :1], 3, axis=2)]).astype(int)
    assert np.ptp(shown, axis=2).max() <= 2


# --- The wash --------------------------------------------------------------------------------


def washed(pixels: np.ndarray, like: np.ndarray, seed: int = 0) -> np.ndarray:
    return add_wash(pixels, [like], [1.0], np.random.default_rng(seed))


def test_a_flat_picture_gets_the_covariance_that_is_wanted():
    like = muted(PAINTED)
    tone = flat(60, 80, tuple(np.rint(like.mean(axis=(0, 1))).astype(int)))
    for found, wanted in zip(moments(washed(tone, like)), moments(like), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=0.05, atol=1e-3)


def test_a_grey_picture_gets_chroma_alone():
    like = muted(PAINTED)
    grey = match_colours(grey_photo_as_colour_jpeg(), [like])
    found = washed(grey, like)
    assert off_one_line(found) > 3 * off_one_line(grey)
    added = found.astype(float) - grey
    axis = np.linalg.eigh(np.cov(grey.reshape(-1, 3).T.astype(float)))[1][:, 2]
    assert (added @ axis).std() < 0.5 * added.std()


def test_a_picture_in_the_wanted_colours_is_left_alone():
    for like in (CONTENT, muted(PAINTED)):
        matched = match_colours(PAINTED, [like])
        np.testing.assert_array_equal(washed(matched, like), matched)


def test_a_style_of_one_colour_becomes_the_contents_mean():
    found = match_colours(flat(40, 40, (200, 10, 90)), [CONTENT])
    assert len(np.unique(found.reshape(-1, 3), axis=0)) == 1
    np.testing.assert_allclose(found[0, 0], CONTENT.mean(axis=(0, 1)), atol=1)


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_a_content_of_one_shade_takes_nearly_all_contrast_away(shade):
    found = match_colours(PAINTED, [flat(40, 40, (shade,) * 3)]).astype(int)
    np.testing.assert_allclose(found, shade, atol=2)


def test_a_grey_style_does_not_blow_up():
    grey = np.asarray(Image.fromarray(PAINTED).convert("L").convert("RGB"))
    found = match_colours(grey, [CONTENT]).astype(float)
    np.testing.assert_allclose(found.mean(axis=(0, 1)), CONTENT.mean(axis=(0, 1)), atol=3)
    assert found.reshape(-1, 3).std(axis=0).max() <= 1.1 * CONTENT.reshape(-1, 3).std(axis=0).max()
    # One number a pixel went in, and one comes out: the order of the shades is kept.
    order = np.argsort(grey[..., 0], axis=None, kind="stable")
    assert (np.diff(found.sum(axis=2).ravel()[order]) >= -3).all()
