from __future__ import annotations

import math

import numpy as np
import pytest
from skimage.metrics import structural_similarity

from generative import metrics

SHAPE = (2, 28, 28, 1)
RANDOM = np.random.default_rng(3).random(SHAPE, np.float32)
BLACK = np.zeros(SHAPE, np.float32)
GREY = np.full(SHAPE, 0.5, np.float32)


def one(value: float) -> np.ndarray:
    """Return one picture of one brightness."""
    return np.full((1, 28, 28, 1), value, np.float32)


def test_mse_by_hand():
    truth = np.array([[0, 1], [0.5, 0.5]], np.float32).reshape(2, 1, 2, 1)
    images = np.array([[0.5, 1], [0.5, 0]], np.float32).reshape(2, 1, 2, 1)
    np.testing.assert_array_equal(metrics.mse(truth, images), [0.125, 0.125])


def test_mse_of_black_and_white_is_1_for_every_picture():
    error = metrics.mse(BLACK, BLACK + 1)
    np.testing.assert_array_equal(error, [1, 1])
    assert error.dtype == np.float64


def test_an_error_of_a_tenth_everywhere_is_20_db():
    # 10 · log10(1 / 0.1²) = 20
    np.testing.assert_allclose(metrics.psnr(BLACK, BLACK + np.float32(0.1)), 20, atol=1e-5)


def test_half_the_error_is_six_decibels_better():
    np.testing.assert_allclose(metrics.psnr(BLACK, BLACK + np.float32(0.05)), 26.0206, atol=1e-4)


def test_psnr_of_equal_pictures_is_infinite():
    np.testing.assert_array_equal(metrics.psnr(RANDOM, RANDOM), [math.inf, math.inf])


def test_every_picture_has_a_psnr_of_its_own():
    images = np.concatenate([one(0), one(0.1)])
    np.testing.assert_allclose(metrics.psnr(BLACK, images), [math.inf, 20], atol=1e-5)


def test_ssim_of_equal_pictures_is_1():
    np.testing.assert_allclose(metrics.ssim(RANDOM, RANDOM), [1, 1], rtol=1e-6)


def test_ssim_of_flat_pictures_by_hand():
    # Without variance only the luminance term is left: (2·a·b + c) / (a² + b² + c), c = 0.01².
    expected = (2 * 0.5 * 0.25 + 1e-4) / (0.5**2 + 0.25**2 + 1e-4)
    np.testing.assert_allclose(metrics.ssim(one(0.5), one(0.25)), [expected], rtol=1e-5)


def test_ssim_is_scikit_images():
    noisy = np.clip(RANDOM + np.float32(0.3) * RANDOM[::-1], 0, 1)
    expected = [
        structural_similarity(RANDOM[i, :, :, 0], noisy[i, :, :, 0], data_range=1) for i in range(2)
    ]
    np.testing.assert_allclose(metrics.ssim(RANDOM, noisy), expected)
    assert max(expected) < 0.99


@pytest.mark.parametrize("truth", [0, 0.3, 1])
def test_cross_entropy_of_a_half_is_ln_2(truth):
    np.testing.assert_allclose(metrics.binary_cross_entropy(one(truth), one(0.5)), math.log(2))


def test_cross_entropy_by_hand():
    # Truth 0.25, prediction 0.8: −0.25·ln 0.8 − 0.75·ln 0.2
    expected = -0.25 * math.log(0.8) - 0.75 * math.log(0.2)
    np.testing.assert_allclose(
        metrics.binary_cross_entropy(one(0.25), one(0.8)), expected, rtol=1e-6
    )


def test_cross_entropy_of_a_certain_mistake_is_finite():
    # Clipped at 1e-7: −ln 1e-7 = 7·ln 10
    np.testing.assert_allclose(metrics.binary_cross_entropy(one(1), one(0)), 7 * math.log(10))


def test_the_entropy_floor_of_grey_is_ln_2_and_of_black_and_white_0():
    assert metrics.entropy_floor(GREY) == pytest.approx(math.log(2))
    assert metrics.entropy_floor(np.concatenate([one(0), one(1)])) == pytest.approx(0, abs=1e-5)
    assert metrics.entropy_floor(np.concatenate([one(0), one(0.5)])) == pytest.approx(
        math.log(2) / 2, abs=1e-5
    )


def test_nothing_is_below_the_floor():
    floor = metrics.entropy_floor(RANDOM)
    for shift in (-0.1, 0.1):
        shifted = np.clip(RANDOM + np.float32(shift), 0, 1)
        assert metrics.binary_cross_entropy(RANDOM, shifted).mean() > floor
