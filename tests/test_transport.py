"""Colours moved to those of a style."""

from __future__ import annotations

import numpy as np
import pytest
from painting import flat
from scipy.stats import wasserstein_distance

from generative.style_transfer.transport import distribution, transported

NAVY, CREAM, RED = (20, 30, 90), (240, 230, 205), (200, 60, 40)


def palette(*colours: tuple[int, int, int], side: int = 64) -> np.ndarray:
    """Return a picture of stripes."""
    stripes = np.repeat(np.array(colours, np.uint8), side // len(colours) + 1, axis=0)[:side]
    return np.repeat(stripes[:, None], side, axis=1)


def photo(seed: int = 0) -> np.ndarray:
    """Return a picture of all kinds of colours, each about as often."""
    return np.random.default_rng(seed).integers(256, size=(96, 80, 3), dtype=np.uint8)


def farthest(found: np.ndarray, wanted: np.ndarray) -> float:
    """Return how far apart colours are along the worst of many axes, levels."""
    axes = np.random.default_rng(1).standard_normal((20, 3))
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    return max(
        wasserstein_distance(found.reshape(-1, 3) @ axis, wanted.reshape(-1, 3) @ axis)
        for axis in axes
    )


def test_colours_become_the_styles_and_no_others():
    style = palette(NAVY, CREAM, CREAM, RED)
    found = transported(photo(), distribution([style], [1.0]), 1.0)
    assert farthest(photo(), style) > 40
    assert farthest(found, style) < 8
    nearest = np.min([np.abs(found.astype(int) - c).sum(-1) for c in (NAVY, CREAM, RED)], axis=0)
    assert np.mean(nearest < 60) > 0.75


def test_they_go_as_far_as_asked():
    wanted = distribution([palette(NAVY, CREAM)], [1.0])
    whole, half, none = (transported(photo(), wanted, share) for share in (1.0, 0.5, 0.0))
    np.testing.assert_allclose(none, photo(), atol=1)
    np.testing.assert_allclose(half, (whole.astype(float) + photo()) / 2, atol=2)


def test_styles_share_the_area():
    wanted = distribution([flat(64, 64, NAVY), flat(64, 64, CREAM)], [3.0, 1.0])
    found = transported(photo(), wanted, 1.0)
    cream = np.abs(found.astype(int) - CREAM).sum(-1) < np.abs(found.astype(int) - NAVY).sum(-1)
    assert np.mean(cream) == pytest.approx(0.25, abs=0.05)


def test_light_stays_lighter_than_dark():
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2).repeat(64, axis=0)
    grey = np.repeat(photo()[..., :1], 3, axis=2) // 2
    found = transported(ramp, distribution([grey], [1.0]), 1.0)[0].astype(int)
    assert (np.diff(found, axis=0) >= -1).all()
    assert found.max() == pytest.approx(127, abs=3)


def test_the_order_of_light_survives_rare_colours_of_the_style():
    ramp = np.linspace((70, 110, 190), (235, 215, 200), 256).round().astype(np.uint8)
    sky = ramp[:, None].repeat(64, axis=1)
    style = palette(*[NAVY] * 14, *[CREAM] * 17, RED, side=96)
    found = transported(sky, distribution([style], [1.0]), 1.0)[:, 0].astype(int)
    assert (np.diff(found.sum(axis=-1)) >= -12).all()
    assert farthest(found, style) < 12


def test_a_picture_of_little_contrast_gets_all_of_the_styles():
    faint = (120 + photo() // 32).astype(np.uint8)
    style = palette(NAVY, CREAM, CREAM, RED)
    assert farthest(transported(faint, distribution([style], [1.0]), 1.0), style) < 12


@pytest.mark.parametrize("level", [0, 128, 255, None])
def test_a_grey_style_leaves_no_chroma(level):
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    style = ramp if level is None else flat(64, 64, (level, level, level))
    found = transported(photo(), distribution([style], [1.0]), 1.0).astype(int)
    assert np.ptp(found, axis=-1).mean() < 4
    assert farthest(found, style) < 4


def test_a_picture_of_one_colour_gets_one_in_the_middle_of_the_styles():
    grey = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2).repeat(64, axis=0)
    found = transported(flat(64, 64, (10, 10, 10)), distribution([grey], [1.0]), 1.0)
    assert np.ptp(found.astype(int), axis=(0, 1)).max() == 0
    np.testing.assert_allclose(found[0, 0], 128, atol=64)


@pytest.mark.parametrize("width", [1, 4, 5, 8, 16])
def test_a_regular_pattern_is_seen_as_it_is(width):
    checks = sum(np.indices((480, 480)) // width)
    style = np.where((checks % 2)[..., None], CREAM, NAVY).astype(np.uint8)
    found = transported(photo(), distribution([style], [1.0]), 1.0)
    assert farthest(found, style[::3, ::3]) < 12


def test_a_small_mask_counts_as_a_large_one_does():
    picture, style = np.concatenate([photo(), photo(1) // 4]), palette(NAVY, CREAM)
    mask = np.zeros(picture.shape[:2], np.uint8)
    mask[10:30, 10:30] = 255
    found = transported(picture, distribution([style], [1.0]), 1.0, mask)
    assert farthest(found[10:30, 10:30], style) < 12


def test_only_what_is_marked_counts():
    picture = np.concatenate([photo(), photo(1) // 4])
    mask = np.repeat([255, 0], 96).astype(np.uint8)[:, None].repeat(80, axis=1)
    style = palette(NAVY, CREAM)
    found = transported(picture, distribution([style], [1.0]), 1.0, mask)
    assert farthest(found[:96], style) < 8
    nothing = np.zeros_like(mask)
    everywhere = transported(picture, distribution([style], [1.0]), 1.0)
    np.testing.assert_array_equal(
        transported(picture, distribution([style], [1.0]), 1.0, nothing), everywhere
    )
