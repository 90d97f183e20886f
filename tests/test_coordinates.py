"""The pyramid that a picture is painted in, against numerical gradients and the picture itself."""

import itertools

import numpy as np
import pytest

from generative.backend import tf
from generative.style_transfer import coordinates


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
    assert [tuple(level.shape[1:3]) for level in coefficients] == coordinates.sizes(*size)
    back = coordinates.to_picture(coefficients).numpy()
    assert -10 * np.log10(np.mean((back - picture) ** 2)) >= 50


def test_coefficients_far_away_still_make_a_picture() -> None:
    coefficients = tuple(tf.fill((1, *size, 3), 100.0) for size in coordinates.sizes(24, 24))
    picture = coordinates.to_picture(coefficients).numpy()
    assert np.isfinite(picture).all()
    assert picture.min() >= 0
    assert picture.max() <= 1


def test_gradients_agree_with_numerical_ones() -> None:
    rng = np.random.default_rng(0)
    at = coordinates.to_coefficients(tf.constant(rng.uniform(0.2, 0.8, (1, 22, 35, 3)), tf.float32))
    weights = tf.constant(rng.standard_normal((1, 22, 35, 3)), tf.float32)

    def function(levels: coordinates.Coefficients) -> tf.Tensor:
        return tf.reduce_sum(tf.square(coordinates.to_picture(levels)) * weights)

    with tf.GradientTape() as tape:
        tape.watch(at)
        value = function(at)
    gradients = tape.gradient(value, at)
    for index, gradient in enumerate(gradients):
        direction = tf.constant(rng.standard_normal(gradient.shape), tf.float32)
        direction /= tf.norm(direction)

        def moved(by: float, index: int = index, way: tf.Tensor = direction) -> tf.Tensor:
            return function((*at[:index], at[index] + by * way, *at[index + 1 :]))

        numerical = (moved(0.05) - moved(-0.05)) / 0.1
        exact = tf.reduce_sum(gradient * direction)
        assert float(numerical) == pytest.approx(float(exact), rel=0.02, abs=2e-3)


def test_no_border_reaches_around_to_the_other_side() -> None:
    coefficients = coordinates.to_coefficients(tf.fill((1, 64, 64, 3), 0.5))
    before = coordinates.to_picture(coefficients).numpy()
    for index, level in enumerate(coefficients[:4]):
        edge = np.zeros(level.shape, np.float32)
        edge[:, :, -1] = 1
        changed = (*coefficients[:index], level + edge, *coefficients[index + 1 :])
        difference = np.abs(coordinates.to_picture(changed).numpy() - before)
        assert difference[:, :, -1].min() > 0.01
        assert difference[:, :, :32].max() < 1e-6


def test_a_step_of_a_coarse_level_moves_a_whole_form() -> None:
    coefficients = coordinates.to_coefficients(tf.fill((1, 64, 64, 3), 0.5))
    before = coordinates.to_picture(coefficients).numpy()
    moved = []
    for index, level in enumerate(coefficients):
        place = np.zeros(level.shape, np.float32)
        place[0, level.shape[1] // 2, level.shape[2] // 2, 0] = 0.1
        changed = (*coefficients[:index], level + place, *coefficients[index + 1 :])
        difference = np.abs(coordinates.to_picture(changed).numpy() - before).max(axis=-1)
        moved.append(int((difference > 1e-4).sum()))
    assert moved[0] == 1
    assert all(finer < coarser for finer, coarser in itertools.pairwise(moved))
