from __future__ import annotations

import math
import threading

import numpy as np
import pytest
from painting import picture

from generative.backend import tf
from generative.style_transfer import optimizers
from generative.style_transfer.coordinates import PIXELS, PYRAMID
from generative.style_transfer.optimizers import lbfgs
from generative.style_transfer.procedures import Way

AVERAGING, LEARNING_RATE = 0.97, 0.01
WAY = Way(PIXELS, LEARNING_RATE, AVERAGING)


def one_pixel(*values: float):
    return tf.constant(np.float32(values).reshape(1, 1, 1, len(values)))


def adam(at: optimizers.OptimizerState, gradient: tf.Tensor) -> optimizers.OptimizerState:
    return optimizers.adam(at, gradient, tf.constant(LEARNING_RATE), WAY)


def averaged(at: optimizers.OptimizerState, picture: tf.Tensor) -> optimizers.OptimizerState:
    return optimizers.averaged(at, picture, AVERAGING)


def picture_of(at: optimizers.OptimizerState) -> np.ndarray:
    return at.picture.numpy().ravel()


def result_of(at: optimizers.OptimizerState) -> float:
    return optimizers.result(at).numpy().item()


# --- Adam ------------------------------------------------------------------------------------


def test_two_steps_of_adam_by_hand():
    at = adam(optimizers.start(one_pixel(0.5)), one_pixel(2))
    # Without bias both running means are those of one gradient: a step of one rate downhill.
    assert picture_of(at) == pytest.approx(0.5 - LEARNING_RATE, abs=1e-7)
    assert at.first.numpy().item() == pytest.approx(0.1 * 2)
    assert at.second.numpy().item() == pytest.approx(0.01 * 4, rel=1e-4)
    at = adam(at, one_pixel(-1))
    first = (0.9 * 0.2 + 0.1 * -1) / (1 - 0.9**2)
    second = (0.99 * 0.04 + 0.01 * 1) / (1 - 0.99**2)
    assert (first, second) == pytest.approx((0.08 / 0.19, 0.0496 / 0.0199))
    expected = 0.5 - LEARNING_RATE * (1 + first / math.sqrt(second))
    assert picture_of(at) == pytest.approx(expected, abs=1e-6)
    assert float(at.count) == 2


def test_a_step_does_not_depend_on_the_size_of_the_gradient():
    found = [
        picture_of(adam(optimizers.start(one_pixel(0.5)), one_pixel(g))) for g in (1e-3, 1, 1e3)
    ]
    np.testing.assert_allclose(found, 0.5 - LEARNING_RATE, atol=1e-6)


def test_pixels_stay_between_black_and_white():
    at = adam(optimizers.start(one_pixel(0, 1, 0.001)), one_pixel(1, -1, 1))
    np.testing.assert_array_equal(picture_of(at), [0, 1, 0])


def test_without_a_gradient_nothing_moves():
    at = adam(optimizers.start(one_pixel(0.25)), one_pixel(0))
    assert picture_of(at) == [0.25]


# --- The average -----------------------------------------------------------------------------


def test_before_the_first_step_the_result_is_the_start():
    np.testing.assert_array_equal(
        optimizers.result(optimizers.start(one_pixel(0.25, 0.5))), [[[[0.25, 0.5]]]]
    )


def test_after_one_step_the_result_is_the_picture():
    at = averaged(optimizers.start(one_pixel(0.9)), one_pixel(0.2))
    assert result_of(at) == pytest.approx(0.2)


def test_the_average_of_three_by_hand():
    at = optimizers.start(one_pixel(0.9))
    for value in (0.2, 0.6, 0.1):
        at = averaged(at, one_pixel(value))
    # The start is forgotten; the others count the less the longer ago they were.
    expected = (AVERAGING**2 * 0.2 + AVERAGING * 0.6 + 0.1) / (AVERAGING**2 + AVERAGING + 1)
    assert result_of(at) == pytest.approx(expected)


def test_the_average_is_calmer_than_what_it_averages():
    rng, at = np.random.default_rng(0), optimizers.start(one_pixel(0.5))
    results = []
    for _ in range(200):
        at = averaged(at, one_pixel(0.5 + 0.1 * rng.standard_normal()))
        results.append(result_of(at))
    assert np.std(results[100:]) < 0.03
    assert np.mean(results[100:]) == pytest.approx(0.5, abs=0.03)


# --- The next scale --------------------------------------------------------------------------


def test_an_enlarged_picture_looks_the_same():
    pixels = tf.constant(picture(40, 60)[None] / np.float32(255))
    soft = tf.image.resize(tf.image.resize(pixels, (10, 15), antialias=True), (40, 60))
    at = averaged(optimizers.start(tf.zeros_like(soft)), soft)
    larger = optimizers.enlarge(at, PIXELS, PIXELS, (40, 60), (80, 120))
    assert larger.picture.shape == (1, 80, 120, 3)
    again = tf.image.resize(larger.picture, (40, 60), antialias=True)
    np.testing.assert_allclose(again, soft, atol=0.03)
    assert float(tf.reduce_min(larger.picture)) >= 0
    assert float(tf.reduce_max(larger.picture)) <= 1


def test_running_means_come_along_and_the_average_begins_anew():
    rng = np.random.default_rng(0)
    at = optimizers.start(tf.constant(rng.random((1, 8, 8, 3), np.float32)))
    for _ in range(3):
        at = adam(at, tf.constant(rng.normal(size=(1, 8, 8, 3)).astype(np.float32)))
    larger = optimizers.enlarge(at, PIXELS, PIXELS, (8, 8), (16, 12))
    assert all(x.shape == (1, 16, 12, 3) for x in (larger.first, larger.second, larger.average))
    assert float(larger.count) == 3
    assert float(larger.weight) == 0
    assert float(tf.reduce_min(larger.second)) >= 0
    assert np.mean(larger.second) == pytest.approx(np.mean(at.second), rel=0.2)
    np.testing.assert_array_equal(optimizers.result(larger), larger.picture)


def test_in_other_coordinates_the_picture_stays_and_the_running_means_begin_anew():
    soft = tf.image.resize(tf.constant(picture(5, 8)[None] / np.float32(255)), (32, 48))
    at = averaged(optimizers.start(PYRAMID.encode(soft)), PYRAMID.encode(soft))
    larger = optimizers.enlarge(at, PYRAMID, PIXELS, (32, 48), (64, 96))
    expected = tf.clip_by_value(tf.image.resize(soft, (64, 96), "bicubic"), 0, 1)
    np.testing.assert_allclose(larger.picture, expected, atol=0.01)
    assert float(larger.count) == 0
    assert not np.any(larger.first)


# --- L-BFGS ----------------------------------------------------------------------------------

MATRIX = np.array([[3.0, 1, 0], [1, 2, 0.5], [0, 0.5, 1]])
MIDDLE = np.array([0.2, 0.9, 0.5])


def bowl(x: np.ndarray) -> tuple[float, np.ndarray]:
    """A quadratic whose lowest point is `MIDDLE`."""
    return float((x - MIDDLE) @ MATRIX @ (x - MIDDLE) / 2), MATRIX @ (x - MIDDLE)


def test_lbfgs_finds_the_bottom_of_a_bowl():
    found = list(lbfgs(bowl, np.zeros(3), 50, (0, 1)))
    np.testing.assert_allclose(found[-1], MIDDLE, atol=1e-5)
    heights = [bowl(x)[0] for x in found]
    assert heights == sorted(heights, reverse=True)


def test_lbfgs_stays_within_black_and_white():
    def away(x: np.ndarray) -> tuple[float, np.ndarray]:
        return float(np.square(x - [-1, 2, 0.5]).sum()), 2 * (x - [-1, 2, 0.5])

    found = list(lbfgs(away, np.full(3, 0.4), 20, (0, 1)))
    assert all(x.min() >= 0 and x.max() <= 1 for x in found)
    np.testing.assert_allclose(found[-1], [0, 1, 0.5], atol=1e-5)


def test_lbfgs_makes_no_more_steps_than_asked_for():
    def valley(x: np.ndarray) -> tuple[float, np.ndarray]:
        """Rosenbrock's."""
        a, b = 1 - x[0], x[1] - x[0] ** 2
        return float(a * a + 100 * b * b), np.array([-2 * a - 400 * x[0] * b, 200 * b])

    assert len(list(lbfgs(valley, np.zeros(2), 4, (0, 1)))) == 4


def test_lbfgs_computes_a_step_only_when_it_is_asked_for():
    seen: list[np.ndarray] = []

    def counted(x: np.ndarray) -> tuple[float, np.ndarray]:
        seen.append(x)
        return bowl(x)

    steps = lbfgs(counted, np.zeros(3), 50, (0, 1))
    assert seen == []
    next(steps)
    so_far = len(seen)
    threading.Event().wait(0.05)
    assert len(seen) == so_far
    steps.close()


@pytest.mark.parametrize("steps_before", [1, 3])
def test_closing_ends_the_thread(steps_before):
    before = set(threading.enumerate())
    steps = lbfgs(bowl, np.zeros(3), 50, (0, 1))
    for _ in range(steps_before):
        next(steps)
    assert len(set(threading.enumerate()) - before) == 1
    steps.close()
    assert set(threading.enumerate()) == before


def test_running_to_the_end_ends_the_thread():
    before = set(threading.enumerate())
    list(lbfgs(bowl, np.zeros(3), 50, (0, 1)))
    assert set(threading.enumerate()) == before


def test_what_goes_wrong_inside_reaches_the_caller():
    before = set(threading.enumerate())
    calls = iter(range(100))

    def fails(x: np.ndarray) -> tuple[float, np.ndarray]:
        if next(calls) == 3:
            raise ZeroDivisionError("inside")
        return bowl(x)

    with pytest.raises(ZeroDivisionError, match="inside"):
        list(lbfgs(fails, np.zeros(3), 50, (0, 1)))
    assert set(threading.enumerate()) == before
