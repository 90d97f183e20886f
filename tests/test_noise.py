"""Statistics are those of 200 pictures, 156,800 pixels; tolerances are five standard errors."""

from __future__ import annotations

import math

import numpy as np
import pytest

from generative.data import noise
from generative.errors import InputError

PIXELS = 200 * 784
GREY = np.full((200, 28, 28, 1), 0.5, np.float32)
RANDOM = np.random.default_rng(5).random((6, 28, 28, 1), np.float32)
every_kind = pytest.mark.parametrize("kind", noise.KINDS)


def near(share: float) -> object:
    """Return what equals a share of the pixels up to chance."""
    return pytest.approx(share, abs=5 * math.sqrt(share * (1 - share) / PIXELS))


@every_kind
def test_pictures_stay_float32_pictures(kind):
    noisy = noise.add_noise(RANDOM, kind, 1.0)
    assert noisy.dtype == np.float32
    assert noisy.shape == RANDOM.shape
    assert noisy.min() >= 0
    assert noisy.max() <= 1
    assert not np.array_equal(noisy, RANDOM)


@every_kind
def test_level_0_changes_nothing(kind):
    np.testing.assert_array_equal(noise.add_noise(RANDOM, kind, 0), RANDOM)


@every_kind
def test_the_callers_pictures_are_left_alone(kind):
    clean = RANDOM.copy()
    noise.add_noise(clean, kind, 1.0)
    np.testing.assert_array_equal(clean, RANDOM)


@every_kind
def test_the_seed_decides(kind):
    first, again = (noise.add_noise(RANDOM, kind, 0.5, seed=7) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, noise.add_noise(RANDOM, kind, 0.5, seed=8))


@every_kind
def test_every_picture_may_have_a_level_of_its_own(kind):
    levels = np.array([0, 1, 0, 1, 0, 1], np.float32)
    noisy = noise.KINDS[kind](RANDOM, np.random.default_rng(0), levels)
    changed = (noisy != RANDOM).any(axis=(1, 2, 3))
    assert changed.tolist() == [False, True, False, True, False, True]


@every_kind
def test_pictures_get_different_noise(kind):
    noisy = noise.add_noise(GREY[:2], kind, 0.5)
    assert not np.array_equal(noisy[0], noisy[1])


def test_gaussian_noise_has_the_level_as_standard_deviation():
    noisy = noise.add_noise(GREY, "gaussian", 0.1)  # 0 and 1 are five deviations away
    assert noisy.mean() == pytest.approx(0.5, abs=5 * 0.1 / math.sqrt(PIXELS))
    assert noisy.std() == pytest.approx(0.1, abs=5 * 0.1 / math.sqrt(2 * PIXELS))


def test_gaussian_noise_is_clipped_as_often_as_the_normal_law_says():
    noisy = noise.add_noise(GREY, "gaussian", 0.5)
    beyond_one_deviation = 0.158655
    assert np.mean(noisy == 0) == near(beyond_one_deviation)
    assert np.mean(noisy == 1) == near(beyond_one_deviation)


def test_salt_and_pepper_are_equally_frequent():
    noisy = noise.add_noise(GREY, "salt_and_pepper", 0.3)
    assert np.mean(noisy == 0) == near(0.15)
    assert np.mean(noisy == 1) == near(0.15)
    assert set(np.unique(noisy)) == {0, 0.5, 1}


def test_salt_and_pepper_at_level_1_leave_no_pixel():
    assert set(np.unique(noise.add_noise(GREY, "salt_and_pepper", 1))) == {0, 1}


def test_masked_pixels_are_0_and_the_rest_untouched():
    noisy = noise.add_noise(GREY, "masked", 0.3)
    assert np.mean(noisy == 0) == near(0.3)
    assert set(np.unique(noisy)) == {0, 0.5}
    assert not noise.add_noise(GREY, "masked", 1).any()


def test_speckle_grows_with_brightness():
    # The deviation is 2 · level · brightness: 0.1 at brightness 0.5 and 0.05 at 0.25.
    bright, dark = (noise.add_noise(GREY * factor, "speckle", 0.1) for factor in (1.0, 0.5))
    assert bright.mean() == pytest.approx(0.5, abs=5 * 0.1 / math.sqrt(PIXELS))
    assert bright.std() == pytest.approx(0.1, abs=5 * 0.1 / math.sqrt(2 * PIXELS))
    assert dark.std() == pytest.approx(0.05, abs=5 * 0.05 / math.sqrt(2 * PIXELS))


def test_speckle_leaves_black_black():
    assert not noise.add_noise(np.zeros_like(RANDOM), "speckle", 1).any()


@pytest.mark.parametrize("level", [-0.1, 1.1, math.nan, math.inf, "0.5", None, True])
def test_a_wrong_level_is_refused(level):
    with pytest.raises(InputError, match="Invalid noise level"):
        noise.add_noise(RANDOM, "gaussian", level)


@pytest.mark.parametrize("seed", [-1, 0.5, 2**31, math.nan, "1", None])
def test_a_wrong_seed_is_refused(seed):
    with pytest.raises(InputError, match="Invalid seed"):
        noise.add_noise(RANDOM, "gaussian", 0.5, seed)


@pytest.mark.parametrize("kind", ["", "Gaussian", "poisson", None, 3])
def test_an_unknown_kind_is_refused(kind):
    with pytest.raises(InputError, match=r"Unknown kind of noise\. Expected one of: gaussian, "):
        noise.add_noise(RANDOM, kind)


@pytest.mark.parametrize("images", [RANDOM * 255, RANDOM[0], RANDOM.astype(float), RANDOM * np.nan])
def test_wrong_pictures_are_refused(images):
    with pytest.raises(InputError, match="Invalid images"):
        noise.add_noise(images)
