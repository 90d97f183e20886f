"""The pyramid that a picture is painted in, against numerical gradients and the picture itself."""

import itertools

import numpy as np
import pytest

from generative.backend import tf
from generative.style_transfer import coordinates
from generative.style_transfer.coordinates import PIXELS, PYRAMID


def picture_of(height: int, width: int) -> np.ndarray:
    """A picture with black, white and pure colours in it."""
    rng = np.random.default_rng(3)
    picture = rng.uniform(size=(1, height, width, 3)).astype(np.float32)
    picture[:, : height // 4] = 0
    picture[:, -height // 4 :] = 1
    picture[:, height // 2, :, 0] = 1
    return picture


@pytest.mark.parametrize("size", [(64, 64), (37, 61), (20, 160)])
def test_a_picture_survives_the_change_of_coordinates(size: tuple[int, int]) -> None:
    picture = picture_of(*size)
    coefficients = coordinates.to_coefficients(tf.constant(picture))
    assert tuple(coefficients.shape) == PYRAMID.shape(*size)
    back = coordinates.to_picture(coefficients, tf.constant(size)).numpy()
    assert -10 * np.log10(np.mean((back - picture) ** 2)) >= 50


def test_pixels_are_their_own_coordinates() -> None:
    picture = tf.constant(picture_of(20, 30))
    at = PIXELS.encode(picture)
    assert tuple(at.shape) == PIXELS.shape(20, 30)
    np.testing.assert_array_equal(PIXELS.decode(at, tf.constant((20, 30))), picture)


def test_coefficients_far_away_still_make_a_picture() -> None:
    coefficients = tf.fill(PYRAMID.shape(24, 24), coordinates.FARTHEST)
    picture = coordinates.to_picture(coefficients, tf.constant((24, 24))).numpy()
    assert np.isfinite(picture).all()
    assert picture.min() >= 0
    assert picture.max() <= 1


def test_gradients_agree_with_numerical_ones() -> None:
    rng, size = np.random.default_rng(0), tf.constant((22, 35))
    picture = tf.constant(rng.uniform(0.2, 0.8, (1, 22, 35, 3)), tf.float32)
    at = coordinates.to_coefficients(picture)
    weights = tf.constant(rng.standard_normal((1, 22, 35, 3)), tf.float32)
    gradient = PYRAMID.pull_back(at, size, 2 * picture * weights)

    def function(position: tf.Tensor) -> float:
        picture = coordinates.to_picture(position, size)
        return float(tf.reduce_sum(tf.square(picture) * weights))

    begin = 0
    for height, width in coordinates.sizes(22, 35):
        direction = np.zeros(at.shape, np.float32)
        end = begin + height * width
        direction[:, begin:end] = rng.standard_normal((1, end - begin, 3))
        direction /= np.linalg.norm(direction)
        numerical = (function(at + 0.05 * direction) - function(at - 0.05 * direction)) / 0.1
        exact = float(tf.reduce_sum(gradient * direction))
        assert numerical == pytest.approx(exact, rel=0.02, abs=2e-3)
        begin = end


def moved_by(level: int, row: int | slice, column: int) -> np.ndarray:
    """Return where a grey picture of 64 pixels changes, (64, 64), if a place of a level does."""
    grey = coordinates.to_coefficients(tf.fill((1, 64, 64, 3), 0.5)).numpy()
    sizes = coordinates.sizes(64, 64)
    begin = sum(height * width for height, width in sizes[:level])
    height, width = sizes[level]
    changed = grey.copy()
    places = changed[:, begin : begin + height * width].reshape(height, width, 3)
    places[row if isinstance(row, slice) else row * height // 64, column * width // 64, 0] += 1
    size = tf.constant((64, 64))
    difference = coordinates.to_picture(changed, size) - coordinates.to_picture(grey, size)
    return np.abs(difference).max(axis=(0, -1))


def test_no_border_reaches_around_to_the_other_side() -> None:
    for level in range(4):
        difference = moved_by(level, slice(None), 63)
        assert difference[:, -1].min() > 0.01
        assert difference[:, :32].max() < 1e-6


def test_a_coefficient_of_a_coarse_level_moves_a_whole_form() -> None:
    moved = [(moved_by(level, 32, 32) > 1e-3).sum() for level in range(coordinates.LEVELS)]
    assert moved[0] == 1
    assert all(finer < coarser for finer, coarser in itertools.pairwise(moved))


def test_enlarged_running_means_stay_at_their_level() -> None:
    sizes, larger = coordinates.sizes(20, 33), coordinates.sizes(40, 66)
    levels = [np.full((1, height * width, 3), i) for i, (height, width) in enumerate(sizes)]
    at = tf.constant(np.concatenate(levels, axis=1), tf.float32)
    found = PYRAMID.enlarge(at, (20, 33), (40, 66), "bilinear").numpy()
    assert found.shape == PYRAMID.shape(40, 66)
    begin = 0
    for expected, (height, width) in zip((0, 0, 1, 2, 3, 4), larger, strict=True):
        end = begin + height * width
        np.testing.assert_array_equal(found[:, begin:end], expected)
        begin = end
